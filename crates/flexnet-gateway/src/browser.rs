//! What every page of ours owes a browser, whoever reads it: whose form it is, which cookie came with it, and the headers that fence it.
//! Knows nothing of what the pages are: `pages`, `desk` and `portal` do.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// Nothing is loaded from elsewhere, nothing is executed, nothing is framed. The policy of a page without a script.
pub const NO_SCRIPT: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Fences a page: `policy` says what it may load (Content Security Policy), `referrer` whom it tells where it is. It is not kept unless it says so itself.
pub fn fence(headers: &mut HeaderMap, policy: &'static str, referrer: &'static str) {
    let same_origin = HeaderValue::from_static("same-origin");
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static(referrer));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(HeaderName::from_static("cross-origin-opener-policy"), same_origin.clone());
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), same_origin);
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

/// The value of a cookie in a request.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(other, _)| *other == name).map(|(_, value)| value)
}

/// Whether a request that changes something comes from our own page. Browsers say where a form comes from (Fetch Metadata, Origin); who says neither is refused.
pub fn is_own_form(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    match text("sec-fetch-site") {
        // Pages send `Origin: null`, where their policy is no-referrer (Fetch, "serializing a request origin").
        Some(site) => site == "same-origin",
        None => {
            match (text("origin").and_then(|origin| origin.strip_prefix("https://")), text(header::HOST.as_str())) {
                (Some(origin), Some(host)) => origin.eq_ignore_ascii_case(host),
                (None, _) | (_, None) => false,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(pairs: &[(&'static str, &'static str)]) -> bool {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        is_own_form(&pairs.iter().map(pair).collect())
    }

    #[test]
    fn only_our_own_page_sends_our_forms() {
        let host = ("host", "flexnet.example");
        assert!(own(&[host, ("sec-fetch-site", "same-origin"), ("origin", "null")]));
        assert!(own(&[host, ("origin", "https://flexnet.example")]));
        for site in ["cross-site", "same-site", "none"] {
            assert!(!own(&[host, ("sec-fetch-site", site), ("origin", "https://flexnet.example")]), "{site}");
        }
        for origin in ["https://evil.example", "http://flexnet.example", "https://flexnet.example.evil.example", "null"]
        {
            assert!(!own(&[host, ("origin", origin)]), "{origin}");
        }
        let console = ("host", "gw.example:9443");
        assert!(own(&[console, ("origin", "https://gw.example:9443")]));
        for origin in ["https://gw.example", "http://gw.example:9443", ""] {
            assert!(!own(&[console, ("origin", origin)]), "{origin}");
        }
        assert!(!own(&[host]), "who says nothing is no browser of today");
        assert!(!own(&[("origin", "https://flexnet.example")]));
    }
}
