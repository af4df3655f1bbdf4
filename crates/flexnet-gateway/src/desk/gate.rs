//! Stands before every page: forms of other sites are refused, the cookie is looked up, and nobody passes whom `access` does not name.
//! The cookie is the only proof; the database has its hash.

use std::sync::Arc;

use axum::{
    Extension, Form,
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use flexnet_protocol::{Secret, text::Language};
use serde::Deserialize;

use super::{
    Console,
    access::{self, Access},
    page,
    view::View,
};
use crate::{api::From, browser, budgets, staff};

// The prefix makes browsers refuse the cookie unless it is Secure, has no Domain and belongs to all paths (RFC 6265bis).
const COOKIE: &str = "__Host-desk";
const LANGUAGE: &str = "__Host-lang";

/// The middleware.
pub(super) async fn stand(State(console): State<Arc<Console>>, mut request: Request, next: Next) -> Response {
    let Some(From(from)) = request.extensions().get::<From>().copied() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    let method = if *request.method() == Method::HEAD { "GET" } else { request.method().as_str() }.to_owned();
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let back = request.uri().path_and_query().filter(|_| !changes).map_or("/", |uri| uri.as_str()).to_owned();
    let network = budgets::of_network(from).to_string();
    let language = language(request.headers());
    let mut view = View { console: Arc::clone(&console), language, staff: None, network, back };
    if changes && !browser::is_own_form(request.headers()) {
        return page::lost(&view, StatusCode::FORBIDDEN, Some("console-foreign"));
    }
    if let Some(cookie) = browser::cookie(request.headers(), COOKIE) {
        match staff::in_session(&console.gateway.database, cookie, console.gateway.clock.now()).await {
            Ok(staff) => view.staff = staff,
            Err(error) => return page::failed(&view, &error),
        }
    }
    let access = path.as_deref().and_then(|path| access::of(&method, path));
    match (access, &view.staff) {
        (Some(Access::Everybody), _) => {}
        (Some(Access::Roles(_)), None) => return Redirect::to("/sign-in").into_response(),
        (Some(Access::Roles(roles)), Some(staff)) if !roles.contains(&staff.role) => {
            return page::lost(&view, StatusCode::FORBIDDEN, Some("console-role"));
        }
        (Some(Access::Roles(_)), Some(_)) => {}
        (None, _) => {
            let status = if path.is_some() { StatusCode::METHOD_NOT_ALLOWED } else { StatusCode::NOT_FOUND };
            return page::lost(&view, status, None);
        }
    }
    request.extensions_mut().insert(view.clone());
    let response = next.run(request).await;
    let is_plain =
        response.headers().get(header::CONTENT_TYPE).is_none_or(|kind| !kind.as_bytes().starts_with(b"text/html"));
    let is_error = response.status().is_client_error() || response.status().is_server_error();
    // What the framework refuses it refuses in English and without a way back.
    if is_error && is_plain { page::lost(&view, response.status(), None) } else { response }
}

/// The header that gives the browser its cookie.
pub(super) fn begin(cookie: &Secret) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(&set(COOKIE, cookie.expose(), "")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The header that takes it away again.
pub(super) fn end() -> Option<HeaderValue> {
    HeaderValue::from_str(&set(COOKIE, "", "; Max-Age=0")).ok()
}

#[derive(Deserialize)]
pub(super) struct Switch {
    to: String,
    back: String,
}

/// Changes the language.
pub(super) async fn set_language(Extension(view): Extension<View>, Form(switch): Form<Switch>) -> Response {
    let to = if switch.to == "en" { "en" } else { "de" };
    let Ok(cookie) = HeaderValue::from_str(&set(LANGUAGE, to, "; Max-Age=31536000")) else {
        return page::lost(&view, StatusCode::BAD_REQUEST, None);
    };
    // A path of ours: two slashes would be another host.
    let own = switch.back.starts_with('/') && !switch.back.starts_with("//") && !switch.back.contains('\\');
    let back = if own && switch.back.bytes().all(|byte| byte.is_ascii_graphic()) { &*switch.back } else { "/" };
    ([(header::SET_COOKIE, cookie)], Redirect::to(back)).into_response()
}

fn set(name: &str, value: &str, more: &str) -> String {
    format!("{name}={value}; Secure; HttpOnly; SameSite=Strict; Path=/{more}")
}

fn language(headers: &HeaderMap) -> Language {
    match browser::cookie(headers, LANGUAGE) {
        Some("en") => Language::English,
        Some(_) | None => Language::German,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.extend(pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())));
        headers
    }

    #[test]
    fn the_cookie_stays_in_this_browser_and_out_of_scripts() {
        let cookie = begin(&Secret::new("abc")).unwrap();
        assert!(cookie.is_sensitive());
        assert_eq!(cookie, "__Host-desk=abc; Secure; HttpOnly; SameSite=Strict; Path=/");
    }

    #[test]
    fn german_unless_asked_otherwise() {
        assert_eq!(language(&headers(&[("accept-language", "en")])), Language::German);
        assert_eq!(language(&headers(&[("cookie", "x=1; __Host-lang=en")])), Language::English);
    }
}
