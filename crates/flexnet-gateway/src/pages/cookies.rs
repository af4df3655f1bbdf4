//! Cookies with the prefix `__Host-`: only this name, only TLS, no script, no other site. Each lives for minutes, the language for a year.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::browser;

/// A cookie of ours.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cookie {
    name: &'static str,
    lifetime: Duration,
}

/// Which language the visitor chose.
pub(super) const LANGUAGE: Cookie =
    Cookie { name: "__Host-flexnet-language", lifetime: Duration::from_secs(365 * 24 * 3600) };
/// What became of the last entry, for the page that shows it.
pub(super) const NOTE: Cookie = Cookie { name: "__Host-flexnet-note", lifetime: Duration::from_secs(10 * 60) };
/// The sign-in on this page that an application is to continue, and its ticket.
pub(super) const HAND_OFF: Cookie = Cookie { name: "__Host-flexnet-hand-off", lifetime: Duration::from_secs(10 * 60) };

impl Cookie {
    /// Its value in a request.
    pub(super) fn read(self, headers: &HeaderMap) -> Option<&str> {
        browser::cookie(headers, self.name)
    }

    /// Header that gives it to the browser. Values are ours: base64url, dots and letters.
    pub(super) fn give(self, value: &str) -> (HeaderName, HeaderValue) {
        self.header(value, self.lifetime)
    }

    /// Header that takes it away.
    pub(super) fn take(self) -> (HeaderName, HeaderValue) {
        self.header("", Duration::ZERO)
    }

    fn header(self, value: &str, lifetime: Duration) -> (HeaderName, HeaderValue) {
        let seconds = lifetime.as_secs();
        let text = format!("{}={value}; Max-Age={seconds}; Path=/; Secure; HttpOnly; SameSite=Strict", self.name);
        let mut value = HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""));
        value.set_sensitive(true);
        (header::SET_COOKIE, value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_for_this_name_alone() {
        let (_, given) = NOTE.give("abc");
        assert_eq!(
            given.to_str().unwrap(),
            "__Host-flexnet-note=abc; Max-Age=600; Path=/; Secure; HttpOnly; SameSite=Strict"
        );
        assert!(NOTE.take().1.to_str().unwrap().contains("=; Max-Age=0;"));
        assert!(!format!("{given:?}").contains("abc"), "Debug shows a credential");
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; flexnet-note=forged"));
        headers.append(header::COOKIE, HeaderValue::from_static("__Host-flexnet-language=en;__Host-flexnet-note=x.y"));
        assert_eq!(NOTE.read(&headers), Some("x.y"));
        assert_eq!(LANGUAGE.read(&headers), Some("en"));
        assert_eq!(HAND_OFF.read(&headers), None);
    }
}
