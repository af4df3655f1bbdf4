//! In which language a page speaks: what the visitor chose by the switch, else what the browser prefers, else German.

use std::sync::LazyLock;

use axum::{
    extract::{FromRequestParts, Query, Request},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use flexnet_protocol::text::{Language, Texts};
use serde::Deserialize;

use super::cookies;

static GERMAN: LazyLock<Texts> = LazyLock::new(|| Texts::pages(Language::German));
static ENGLISH: LazyLock<Texts> = LazyLock::new(|| Texts::pages(Language::English));

/// The words of one request.
#[derive(Clone, Copy)]
pub(super) struct Words {
    /// Their language.
    pub language: Language,
    texts: &'static Texts,
}

impl Words {
    /// The words of a language.
    pub(super) fn of(language: Language) -> Self {
        let texts = match language {
            Language::German => &*GERMAN,
            Language::English => &*ENGLISH,
        };
        Self { language, texts }
    }

    /// The words for who sent these headers.
    pub(super) fn wanted(headers: &HeaderMap) -> Self {
        let chosen = cookies::LANGUAGE.read(headers).and_then(named);
        Self::of(chosen.unwrap_or_else(|| preferred(headers)))
    }

    /// The text of a key.
    pub(super) fn t(self, key: &str) -> String {
        self.texts.get(key, &[])
    }

    /// The text of a key with values in it.
    pub(super) fn with(self, key: &str, values: &[(&str, &str)]) -> String {
        self.texts.get(key, values)
    }

    /// The text of a key in the plural form that fits.
    pub(super) fn count(self, key: &str, count: u32) -> String {
        self.texts.count(key, count)
    }

    /// A text of several lines, one thought each.
    pub(super) fn lines(self, key: &str) -> Vec<String> {
        self.t(key).lines().filter(|line| !line.is_empty()).map(String::from).collect()
    }
}

impl<S: Sync> FromRequestParts<S> for Words {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::wanted(&parts.headers))
    }
}

#[derive(Deserialize)]
struct Switch {
    lang: String,
}

/// The switch: `?lang=en` on any page gives the cookie and leads to the page without it.
pub(super) async fn switch(request: Request, next: Next) -> Response {
    if request.method() != Method::GET {
        return next.run(request).await;
    }
    let chosen = Query::<Switch>::try_from_uri(request.uri()).ok().and_then(|Query(switch)| named(&switch.lang));
    let Some(language) = chosen else { return next.run(request).await };
    let Ok(path) = HeaderValue::try_from(of_this_host(request.uri().path())) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    (StatusCode::SEE_OTHER, [cookies::LANGUAGE.give(language.tag()), (header::LOCATION, path)]).into_response()
}

/// The path as a redirect may name it: where two slashes begin it, of either kind, a browser would go to another host.
pub(super) fn of_this_host(path: &str) -> String {
    format!("/{}", path.trim_start_matches(['/', '\\']))
}

fn named(tag: &str) -> Option<Language> {
    [Language::German, Language::English].into_iter().find(|language| language.tag() == tag)
}

/// Of the two, the one with the greater weight in `Accept-Language` (RFC 9110 §12.5.4).
fn preferred(headers: &HeaderMap) -> Language {
    let ranges = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let weight = |tag: &str| {
        let ranges = ranges.split(',').filter_map(|range| {
            let mut parts = range.split(';');
            let name = parts.next()?.trim();
            let fits = name.eq_ignore_ascii_case(tag)
                || name.get(..3).is_some_and(|n| n.eq_ignore_ascii_case(&format!("{tag}-")));
            let weight = parts.find_map(|part| part.trim().strip_prefix("q=")?.trim().parse::<f32>().ok());
            fits.then_some(weight.unwrap_or(1.0))
        });
        ranges.fold(0.0, f32::max)
    };
    // Equal weights: whichever stands first would be English for many a German browser; German is what members read.
    if weight("en") > weight("de") { Language::English } else { Language::German }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(accepted: &str, cookie: &str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, accepted.parse().unwrap());
        headers.insert(header::COOKIE, cookie.parse().unwrap());
        Words::wanted(&headers).language
    }

    #[test]
    fn no_path_leads_to_another_host() {
        for path in ["//evil.example/x", "/\\evil.example/x", "\\/evil.example/x", "///\\\\/evil.example/x"] {
            assert_eq!(of_this_host(path), "/evil.example/x");
        }
        assert_eq!(of_this_host("/hilfe"), "/hilfe");
        assert_eq!(of_this_host("/"), "/");
    }

    #[test]
    fn the_browser_is_heard_and_the_choice_counts_more() {
        assert_eq!(language("de-DE,de;q=0.9,en;q=0.8", ""), Language::German);
        assert_eq!(language("en-GB,en;q=0.9,de;q=0.8", ""), Language::English);
        assert_eq!(language("fr,en;q=0.5", ""), Language::English);
        assert_eq!(language("fr", ""), Language::German);
        assert_eq!(language("", ""), Language::German);
        assert_eq!(language("en;q=0", ""), Language::German);
        assert_eq!(language("ende,deny", ""), Language::German);
        assert_eq!(language("en", "__Host-flexnet-language=de"), Language::German);
        assert_eq!(language("de", "__Host-flexnet-language=en"), Language::English);
        assert_eq!(language("en", "__Host-flexnet-language=xx"), Language::English);
    }
}
