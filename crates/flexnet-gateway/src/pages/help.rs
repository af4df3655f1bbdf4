//! `GET /hilfe`: what to do about a locked access, a lost token and the like, in the words of the window's help.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use maud::html;

use super::{
    Site,
    frame::{Page, Place},
    language::Words,
};

/// Anchor and key of each topic.
const TOPICS: [(&str, &str); 7] = [
    ("gesperrt", "locked"),
    ("verloren", "lost"),
    ("token", "token"),
    ("tan", "tan"),
    ("versuche", "attempts"),
    ("portal", "portal-login"),
    ("zugang", "access"),
];

pub(super) async fn get(State(site): State<Arc<Site>>, words: Words) -> Response {
    let view = site.view(words);
    let title = words.t("page-help-title");
    let content = html! {
        div.columns {
            div.stack-5 {
                h1 { (title) }
                ul.links { @for (anchor, topic) in TOPICS { li { a href={ "#" (anchor) } { (words.t(&format!("help-{topic}-title"))) } } } }
                @for (anchor, topic) in TOPICS {
                    section.stack id=(anchor) tabindex="-1" {
                        h2 { (words.t(&format!("help-{topic}-title"))) }
                        p { (words.t(&format!("help-{topic}-text"))) }
                        (view.steps(&format!("help-{topic}-steps")))
                    }
                }
            }
            aside.stack-3 { (view.desk(true)) }
        }
    };
    view.answer(StatusCode::OK, &Page::new(Place::Help, title), &content)
}
