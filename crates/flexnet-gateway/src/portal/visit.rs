//! Who is logged in: a random cookie that scripts cannot read and other sites do not send, and a token in every form.
//! Never keeps the cookie itself, only its hash.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    extract::{FromRequestParts, Request},
    http::{HeaderMap, HeaderValue, Method, StatusCode, request::Parts},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::{Portal, page, users::User};
use crate::browser;

const COOKIE: &str = "portal_anmeldung";
/// A login without a click ends.
const IDLE: Duration = Duration::from_secs(30 * 60);
/// More logins at once than any portal's demo has; the oldest goes.
const MOST: usize = 2000;

/// All logins, by the hash of their cookie.
#[derive(Debug, Default)]
pub(super) struct Visits(Mutex<HashMap<[u8; 32], Visit>>);

#[derive(Debug)]
struct Visit {
    user: Arc<User>,
    form_token: String,
    last_click: Instant,
}

/// Who asks. A page that has it among its arguments is for members only; everybody else is sent to the login page.
#[derive(Debug, Clone)]
pub(super) struct Member {
    /// The account.
    pub user: Arc<User>,
    /// Stands in every form of this login.
    pub form_token: String,
}

impl Visits {
    /// Logs in; the header that gives the browser its cookie.
    pub(super) fn begin(&self, user: Arc<User>, now: Instant) -> Option<HeaderValue> {
        let (cookie, form_token) = (random()?, random()?);
        let mut visits = self.lock();
        visits.retain(|_, visit| now.saturating_duration_since(visit.last_click) < IDLE);
        if visits.len() >= MOST {
            let oldest = visits.iter().min_by_key(|(_, visit)| visit.last_click).map(|(key, _)| *key);
            oldest.and_then(|key| visits.remove(&key));
        }
        visits.insert(hash(&cookie), Visit { user, form_token, last_click: now });
        HeaderValue::from_str(&format!("{COOKIE}={cookie}; HttpOnly; SameSite=Strict; Path=/")).ok()
    }

    /// Logs out; the header that takes the cookie from the browser.
    pub(super) fn end(&self, headers: &HeaderMap) -> HeaderValue {
        if let Some(cookie) = browser::cookie(headers, COOKIE) {
            self.lock().remove(&hash(cookie));
        }
        HeaderValue::from_static("portal_anmeldung=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0")
    }

    /// Who sends this cookie; counts as a click.
    pub(super) fn member(&self, headers: &HeaderMap, now: Instant) -> Option<Member> {
        let key = hash(browser::cookie(headers, COOKIE)?);
        let mut visits = self.lock();
        let visit = visits.get_mut(&key)?;
        if now.saturating_duration_since(visit.last_click) >= IDLE {
            visits.remove(&key);
            return None;
        }
        visit.last_click = now;
        Some(Member { user: Arc::clone(&visit.user), form_token: visit.form_token.clone() })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<[u8; 32], Visit>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Member {
    /// Only a form that this login's own page has shown carries its token.
    ///
    /// # Errors
    /// The form is not ours; nothing may be changed.
    pub(super) fn approve(&self, token: &str) -> Result<(), ForeignForm> {
        if bool::from(self.form_token.as_bytes().ct_eq(token.as_bytes())) { Ok(()) } else { Err(ForeignForm) }
    }
}

/// A form that does not belong to this login; it is answered with a page that says so.
#[derive(Debug)]
pub(super) struct ForeignForm;

impl IntoResponse for ForeignForm {
    fn into_response(self) -> Response {
        page::lost(StatusCode::FORBIDDEN)
    }
}

impl FromRequestParts<Arc<Portal>> for Member {
    type Rejection = Redirect;

    async fn from_request_parts(parts: &mut Parts, portal: &Arc<Portal>) -> Result<Self, Redirect> {
        portal.visits.member(&parts.headers, Instant::now()).ok_or_else(|| Redirect::to("/"))
    }
}

/// Refuses a form that another site sends, the login form included: browsers say where a form comes from (Fetch Metadata, Origin).
pub(super) async fn own_forms_only(request: Request, next: Next) -> Response {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    if changes && is_foreign(request.headers()) {
        return page::lost(StatusCode::FORBIDDEN);
    }
    next.run(request).await
}

fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let elsewhere = |site: &str| !matches!(site, "same-origin" | "none");
    if text("sec-fetch-site").is_some_and(elsewhere) {
        return true;
    }
    let here = text("host").unwrap_or_default();
    text("origin").is_some_and(|origin| origin.split_once("://").is_none_or(|(_, host)| host != here))
}

fn hash(cookie: &str) -> [u8; 32] {
    Sha256::digest(cookie.as_bytes()).into()
}

fn random() -> Option<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(BASE64URL_NOPAD.encode(&bytes))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;
    use crate::portal::users::Users;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.extend(pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())));
        headers
    }

    #[test]
    fn a_login_lasts_from_click_to_click_and_ends_after_half_an_hour_of_none() {
        let (visits, user, start) =
            (Visits::default(), Users::example().unwrap().find("muster").unwrap(), Instant::now());
        let set = visits.begin(user, start).unwrap();
        assert!(set.to_str().unwrap().contains("HttpOnly; SameSite=Strict"));
        let cookie = set.to_str().unwrap().split(';').next().unwrap().to_owned();
        let asks = headers(&[("cookie", &format!("other=1; {cookie}"))]);
        assert!(visits.member(&asks, start + IDLE - Duration::from_secs(1)).is_some());
        assert!(visits.member(&asks, start + IDLE + Duration::from_secs(60)).is_some());
        assert!(visits.member(&asks, start + IDLE * 3).is_none());
        assert!(visits.member(&headers(&[("cookie", "portal_anmeldung=geraten")]), start).is_none());
    }

    #[test]
    fn forms_of_other_sites_are_foreign() {
        assert!(is_foreign(&headers(&[("host", "portal.snk.example"), ("origin", "http://evil.example")])));
        assert!(is_foreign(&headers(&[("sec-fetch-site", "cross-site")])));
        assert!(is_foreign(&headers(&[("sec-fetch-site", "same-site")])));
        assert!(is_foreign(&headers(&[("host", "portal.snk.example"), ("origin", "null")])));
        assert!(!is_foreign(&headers(&[("host", "portal.snk.example"), ("origin", "http://portal.snk.example")])));
        assert!(!is_foreign(&headers(&[("sec-fetch-site", "same-origin")])));
        assert!(!is_foreign(&headers(&[])), "no browser sends neither; the form's token is asked for all the same");
    }
}
