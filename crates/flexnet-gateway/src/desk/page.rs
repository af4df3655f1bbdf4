//! The frame around every page: head, navigation, notes; and the pages for what is not there, not allowed or not possible. Everything is escaped by maud.

use axum::{
    http::StatusCode,
    response::{Html, IntoResponse as _, Response},
};
use flexnet_protocol::text::Language;
use maud::{DOCTYPE, Markup, html};

use super::view::View;
use crate::error::Error;

/// The pages of the navigation, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Find,
    Report,
    Tokens,
    Audit,
}

impl Place {
    const ALL: [Self; 4] = [Self::Find, Self::Report, Self::Tokens, Self::Audit];

    const fn path(self) -> &'static str {
        match self {
            Self::Find => "/",
            Self::Report => "/reports",
            Self::Tokens => "/tokens",
            Self::Audit => "/audit",
        }
    }

    const fn key(self) -> &'static str {
        match self {
            Self::Find => "console-nav-find",
            Self::Report => "console-nav-report",
            Self::Tokens => "console-nav-tokens",
            Self::Audit => "console-nav-audit",
        }
    }
}

/// A page.
pub(super) fn page(view: &View, place: Option<Place>, title: &str, content: &Markup) -> Html<String> {
    let console = view.t("console-title");
    let page = html! {
        (DOCTYPE)
        html lang=(view.language.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " – " (console.replace('\u{2011}', "-")) }
                link rel="stylesheet" href="/desk.css";
            }
            body {
                a.skip href="#content" { (view.t("console-skip")) }
                (head(view, &console))
                (navigation(view, place))
                main.wide id="content" tabindex="-1" { (content) }
                footer { div.wide { p { (view.t("console-foot")) } } }
            }
        }
    };
    Html(page.into_string())
}

fn head(view: &View, console: &str) -> Markup {
    let (tag, name) = match view.language {
        Language::German => ("en", "English"),
        Language::English => ("de", "Deutsch"),
    };
    html! {
        header.top { div.wide {
            p.brand { strong { (console) } span { (view.console.gateway.config.organisation) } }
            @if let Some(staff) = &view.staff {
                p.who { strong { (staff.display_name) } " · " (view.t(&format!("console-role-{}", staff.role.name()))) }
            }
            form method="post" action="/language" {
                input type="hidden" name="back" value=(view.back);
                button.quiet name="to" value=(tag) lang=(tag) { (name) }
            }
            @if view.staff.is_some() {
                form method="post" action="/sign-out" { button.quiet { (view.t("console-sign-out")) } }
            }
        } }
    }
}

fn navigation(view: &View, place: Option<Place>) -> Markup {
    html! {
        @if view.staff.is_some() {
            nav aria-label=(view.t("console-nav")) { ul {
                @for other in Place::ALL {
                    @if view.may("GET", other.path()) {
                        li { a href=(other.path()) aria-current=[(Some(other) == place).then_some("page")] { (view.t(other.key())) } }
                    }
                }
            } }
        }
    }
}

/// A table under the heading of this id: columns by their texts' ids, with one for what may be done at the end if there is any.
pub(super) fn table(view: &View, labelled_by: &str, columns: &[&str], acts: bool, rows: &Markup) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-labelledby=(labelled_by) { table {
            thead { tr {
                @for column in columns { th scope="col" { (view.t(column)) } }
                @if acts { th scope="col" { (view.t("console-act")) } }
            } }
            tbody { (rows) }
        } }
    }
}

/// How something ended, as a note above the content: its key is `console-note-` and the word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Note(&'static str, Tone);

/// How a note looks. Beside the colour stands a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tone {
    Good,
    Care,
}

impl Note {
    pub const UNLOCKED: Self = Self("unlocked", Tone::Good);
    pub const WAS_OPEN: Self = Self("was-open", Tone::Care);
    pub const REASON_MISSING: Self = Self("reason-missing", Tone::Care);
    pub const SESSION_ENDED: Self = Self("session-ended", Tone::Good);
    pub const NO_SESSION: Self = Self("no-session", Tone::Care);
    pub const TOKEN_LOST: Self = Self("token-lost", Tone::Good);
    pub const NO_TOKEN: Self = Self("no-token", Tone::Care);
    pub const TOKEN_ASSIGNED: Self = Self("token-assigned", Tone::Good);
    pub const NOT_IN_STOCK: Self = Self("not-in-stock", Tone::Care);
    pub const IN_STEP: Self = Self("in-step", Tone::Good);
    pub const NOT_IN_STEP: Self = Self("not-in-step", Tone::Care);
    pub const RESYNC_LOCKED: Self = Self("resync-locked", Tone::Care);
    pub const TAN_SHAPE: Self = Self("tan-shape", Tone::Care);
    pub const ACCEPTED: Self = Self("accepted", Tone::Good);
    pub const REFUSED: Self = Self("refused", Tone::Good);
    pub const OWN_IMPORT: Self = Self("own-import", Tone::Care);
    pub const NO_IMPORT: Self = Self("no-import", Tone::Care);
    pub const TAKEN: Self = Self("taken", Tone::Care);

    const ALL: [Self; 18] = [
        Self::UNLOCKED,
        Self::WAS_OPEN,
        Self::REASON_MISSING,
        Self::SESSION_ENDED,
        Self::NO_SESSION,
        Self::TOKEN_LOST,
        Self::NO_TOKEN,
        Self::TOKEN_ASSIGNED,
        Self::NOT_IN_STOCK,
        Self::IN_STEP,
        Self::NOT_IN_STEP,
        Self::RESYNC_LOCKED,
        Self::TAN_SHAPE,
        Self::ACCEPTED,
        Self::REFUSED,
        Self::OWN_IMPORT,
        Self::NO_IMPORT,
        Self::TAKEN,
    ];

    /// A page's address with the note on it.
    pub fn at(self, path: &str) -> String {
        format!("{path}?note={}", self.0)
    }

    /// The note of an address; nothing else comes from there into a page.
    pub fn of(word: Option<&str>) -> Option<Self> {
        Self::ALL.into_iter().find(|note| Some(note.0) == word)
    }

    pub fn show(self, view: &View) -> Markup {
        let (class, word) = match self.1 {
            Tone::Good => ("note good", "console-done"),
            Tone::Care => ("note care", "console-care"),
        };
        html! { p class=(class) role="status" { strong { (view.t(word)) } " " (view.t(&format!("console-note-{}", self.0))) } }
    }
}

/// A page for what is not there, not allowed or not possible. `key` names other words than those of the status.
pub(super) fn lost(view: &View, status: StatusCode, key: Option<&str>) -> Response {
    let key = key.unwrap_or(match status {
        StatusCode::NOT_FOUND => "console-not-found",
        StatusCode::SERVICE_UNAVAILABLE => "console-unavailable",
        _ => "console-bad",
    });
    let title = view.t(key);
    let content = html! {
        h1 { (title) }
        p { (view.t(&format!("{key}-text"))) }
        p { a href="/" { (view.t("console-back")) } }
    };
    (status, page(view, None, &title, &content)).into_response()
}

/// A page for a failure of the gateway, which the log tells.
pub(super) fn failed(view: &View, error: &Error) -> Response {
    tracing::error!(error = error as &dyn std::error::Error, "a request of the console failed");
    lost(view, StatusCode::SERVICE_UNAVAILABLE, None)
}

/// A word in a coloured frame.
pub(super) fn tag(tone: &str, word: &str) -> Markup {
    html! { span class=(format!("tag {tone}")) { (word) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_come_back_from_addresses_and_nothing_else_does() {
        for note in Note::ALL {
            assert_eq!(Note::of(note.at("/x").strip_prefix("/x?note=")), Some(note));
        }
        assert_eq!(Note::of(Some("<script>")), None);
    }
}
