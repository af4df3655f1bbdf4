//! `GET /hilfe`: what to do about a locked access, a lost token and the like, in the words of the window's help.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use maud::html;

use super::{
    Site,
    frame::{Page, Place},
    language::Words,
};

/// Anchor, key, and key of the steps of each topic: the window's own, but where it offers more than a page can.
const TOPICS: [(&str, &str, &str); 7] = [
    ("gesperrt", "help-locked", "help-locked-steps"),
    ("verloren", "help-lost", "page-help-lost-steps"),
    ("token", "help-token", "help-token-steps"),
    ("tan", "help-tan", "page-help-tan-steps"),
    ("versuche", "help-attempts", "help-attempts-steps"),
    ("portal", "help-portal-login", "help-portal-login-steps"),
    ("zugang", "help-access", "help-access-steps"),
];

pub(super) async fn get(State(site): State<Arc<Site>>, words: Words) -> Response {
    let view = site.view(words);
    let title = words.t("page-help-title");
    let content = html! {
        div.columns {
            div.stack-5 {
                h1 { (title) }
                ul.links { @for (anchor, topic, _) in TOPICS { li { a href={ "#" (anchor) } { (words.t(&format!("{topic}-title"))) } } } }
                @for (anchor, topic, steps) in TOPICS {
                    section.stack id=(anchor) tabindex="-1" {
                        h2 { (words.t(&format!("{topic}-title"))) }
                        p { (words.t(&format!("{topic}-text"))) }
                        (view.steps(steps))
                    }
                }
            }
            aside.stack-3 { (view.desk(true)) }
        }
    };
    view.answer(StatusCode::OK, &Page::new(Place::Help, title), &content)
}
