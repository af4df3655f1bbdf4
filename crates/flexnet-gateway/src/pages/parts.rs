//! What several pages are made of: notes, the service desk's card, faults of the catalogue in the window's words, and what is not there.

use axum::{http::StatusCode, response::Response};
use flexnet_protocol::{FaultCode, desk::DeskStatus};
use maud::{Markup, html};

use super::{
    art::{self, Icon},
    frame::{Page, Place, View},
    times,
};

/// How a note is meant.
#[derive(Debug, Clone, Copy)]
pub(super) enum Tone {
    Plain,
    Care,
}

/// A note above or in the content.
pub(super) fn note(tone: Tone, content: &Markup) -> Markup {
    let (class, icon) = match tone {
        Tone::Plain => ("note", Icon::Info),
        Tone::Care => ("note note--care", Icon::Care),
    };
    html! { div class=(class) { (art::icon(icon)) div { (content) } } }
}

/// Five rings, used ones struck through. The sentence beside them says it.
pub(super) fn tries(left: u8) -> Markup {
    html! { span.tries aria-hidden="true" { @for ring in (0..5u8).rev() { i.used[ring >= left] {} } } }
}

impl View<'_> {
    /// Whom to call, and whether somebody is there. `main` where the call is the next step.
    pub(super) fn desk(self, main: bool) -> Markup {
        let (words, now) = (self.words, self.gateway.clock.now());
        let desk = self.gateway.config.desk.at(now);
        let (contact, zone) = (&desk.contact, desk.contact.time_zone.as_str());
        let title = words.with("desk-title", &[("desk", &contact.name)]);
        html! {
            section.card.desk.desk--main[main] aria-label=(title) {
                h2 { (art::icon(Icon::Phone)) " " (title) }
                p.line { a.nr href={ "tel:" (contact.phone_uri) } { (contact.phone) } }
                @match desk.status {
                    DeskStatus::Open { until } => p.open."open--yes" { (words.with("desk-open", &[("time", &times::clock(words, until, zone))])) },
                    DeskStatus::Closed { opens: Some(at) } => p.open."open--no" { (words.with("desk-opens", &[("time", &times::opening(words, at, now, zone))])) },
                    DeskStatus::Closed { opens: None } => p.open."open--no" { (words.t("desk-closed")) },
                }
                @if !contact.hours.is_empty() {
                    p.small.dim {
                        span aria-hidden="true" { (times::hours(words, contact, "short")) }
                        span.vh { (times::hours(words, contact, "long")) }
                    }
                }
            }
        }
    }

    /// A fault as the window says it: what, what to do, the code, the desk. `counted` says whether an attempt was used.
    pub(super) fn fault(self, status: StatusCode, code: FaultCode, counted: &str) -> Response {
        let words = self.words;
        let text = |part: &str| words.t(&format!("{}-{part}", code.key()));
        let title = text("title");
        let content = html! {
            div.narrow {
                div.head role="alert" { h1 { (title) } p.lead { (text("what")) } }
                (note(Tone::Plain, &html! { p { (counted) } }))
                section.stack {
                    h2 { (words.t("what-to-do")) }
                    (self.steps(&format!("{}-do", code.key())))
                }
                (self.code(code))
                (self.desk(false))
                p { a.btn href="/" { (words.t("back-to-sign-in")) } }
            }
        };
        self.answer(status, &Page::new(Place::Beside, title), &content)
    }

    /// The code that is read out on the telephone.
    pub(super) fn code(self, code: FaultCode) -> Markup {
        html! { p.code { span.k { (self.words.t("code")) } span.v { (code) } } }
    }

    /// A text of several lines as numbered steps.
    pub(super) fn steps(self, key: &str) -> Markup {
        html! { ol.num { @for line in self.words.lines(key) { li { span { (line) } } } } }
    }

    /// The page for what is not there, not allowed or not possible.
    pub(super) fn lost(self, status: StatusCode) -> Response {
        let words = self.words;
        let key = match status {
            StatusCode::NOT_FOUND => "lost",
            StatusCode::FORBIDDEN => "foreign",
            _ => "bad",
        };
        let title = words.t(&format!("page-{key}-title"));
        let content = html! {
            div.narrow {
                h1 { (title) }
                p.lead { (words.t(&format!("page-{key}-what"))) }
                p { a.btn href="/" { (words.t("page-home")) } }
            }
        };
        self.answer(status, &Page::new(Place::Beside, title), &content)
    }
}
