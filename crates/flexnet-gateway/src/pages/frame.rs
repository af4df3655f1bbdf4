//! The frame around every page: head, navigation, language switch, footer. Everything is escaped by maud.

use axum::{
    http::StatusCode,
    response::{Html, IntoResponse as _, Response},
};
use flexnet_protocol::{VERSION, text::Language};
use maud::{DOCTYPE, Markup, html};

use super::{art, language::Words};
use crate::gateway::Gateway;

/// Where in the navigation a page stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    SignIn,
    Download,
    Help,
    /// In none of them.
    Beside,
}

/// One answer in the making.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    /// Its words.
    pub words: Words,
    /// Whose page it is.
    pub gateway: &'a Gateway,
}

/// A page without its content.
#[derive(Debug, Clone)]
pub(super) struct Page {
    /// Where it stands.
    pub place: Place,
    /// Its title.
    pub title: String,
    /// What of a hand-off it shows: looked at again, with the script at once, without it every two seconds.
    pub watches: Option<&'static str>,
}

impl Page {
    /// A page that stays as it is.
    pub(super) fn new(place: Place, title: impl Into<String>) -> Self {
        Self { place, title: title.into(), watches: None }
    }
}

impl View<'_> {
    /// The whole page.
    pub(super) fn answer(self, status: StatusCode, page: &Page, content: &Markup) -> Response {
        (status, self.html(page, content)).into_response()
    }

    fn html(self, page: &Page, content: &Markup) -> Html<String> {
        let words = self.words;
        let other = match words.language {
            Language::German => Language::English,
            Language::English => Language::German,
        };
        let link = |place: Place, path: &str, text: String| {
            html! { li { a href=(path) aria-current=[(page.place == place).then_some("page")] { (text) } } }
        };
        let whole = html! {
            (DOCTYPE)
            html lang=(words.language.tag()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (words.with("page-title", &[("title", &page.title)]).replace('\u{2011}', "-")) }
                    link rel="icon" type="image/svg+xml" href=(super::asset("flexnet.svg"));
                    link rel="stylesheet" href=(super::asset("flexnet.css"));
                    script src=(super::asset("flexnet.js")) defer {}
                    @if page.watches.is_some() { noscript { meta http-equiv="refresh" content="2"; } }
                }
                body {
                    a.skip href="#inhalt" { (words.t("page-skip")) }
                    header.top { div.wide {
                        p.brand { (art::mark()) span { strong { "KV-FlexNet" } " " span.dim { (self.gateway.config.organisation) } } }
                        p.switch {
                            a href={ "?lang=" (other.tag()) } hreflang=(other.tag()) lang=(other.tag()) {
                                (words.t(&format!("choice-language-{}", other.tag())))
                            }
                        }
                    } }
                    nav aria-label=(words.t("page-areas")) { ul.wide {
                        (link(Place::SignIn, "/", words.t("sign-in-title")))
                        (link(Place::Download, "/herunterladen", words.t("page-download")))
                        (link(Place::Help, "/hilfe", words.t("help")))
                    } }
                    main.wide id="inhalt" data-state=[page.watches] { (content) }
                    footer { div.wide {
                        p { (words.with("page-of", &[("organisation", &self.gateway.config.organisation)])) }
                        p { "KV-FlexNet " (VERSION) }
                    } }
                }
            }
        };
        Html(whole.into_string())
    }
}
