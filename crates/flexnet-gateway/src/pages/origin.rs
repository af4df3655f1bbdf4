//! Forms of other sites are refused before anything of them is read. Browsers say where a form comes from (Fetch Metadata, Origin); who says neither is refused.

use axum::http::{HeaderMap, HeaderValue, header};

/// Whether a request that changes something comes from our own page.
pub(super) fn is_own(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    match text("sec-fetch-site") {
        // Our own pages send `Origin: null`, because their policy is no-referrer (Fetch, "serializing a request origin").
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
    use axum::http::HeaderName;

    use super::*;

    fn own(pairs: &[(&'static str, &'static str)]) -> bool {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        is_own(&pairs.iter().map(pair).collect())
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
        assert!(!own(&[host]), "who says nothing is no browser of today");
        assert!(!own(&[("origin", "https://flexnet.example")]));
    }
}
