//! The frame around every page: head, navigation, footer; and the pages for what is not there. Everything is escaped by maud.

use axum::{
    http::StatusCode,
    response::{Html, IntoResponse as _, Response},
};
use maud::{DOCTYPE, Markup, html};

use super::visit::Member;

/// The pages of the navigation, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Start,
    Billing,
    Fees,
    Directory,
    Duty,
    Services,
}

impl Place {
    const ALL: [Self; 6] = [Self::Start, Self::Billing, Self::Fees, Self::Directory, Self::Duty, Self::Services];

    const fn path(self) -> &'static str {
        match self {
            Self::Start => "/start",
            Self::Billing => "/abrechnung",
            Self::Fees => "/honorar",
            Self::Directory => "/verzeichnis",
            Self::Duty => "/notfalldienst",
            Self::Services => "/dienste",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Start => "Start",
            Self::Billing => "Online-Abrechnung",
            Self::Fees => "Honorarunterlagen",
            Self::Directory => "BSNR/LANR-Suche",
            Self::Duty => "Notfalldienst-Tausch",
            Self::Services => "Dienste",
        }
    }
}

/// A page for a logged-in member.
pub(super) fn members(member: &Member, place: Place, title: &str, content: &Markup) -> Html<String> {
    let head = html! {
        p.who { "Angemeldet: " strong { (member.user.display_name) } }
        form method="post" action="/abmelden" { (form_token(member)) button.quiet { "Abmelden" } }
    };
    let navigation = html! {
        nav aria-label="Bereiche" { ul {
            @for other in Place::ALL {
                li { a href=(other.path()) aria-current=[(other == place).then_some("page")] { (other.name()) } }
            }
        } }
    };
    frame(title, &head, &navigation, content)
}

/// A page for everybody.
pub(super) fn public(title: &str, content: &Markup) -> Html<String> {
    frame(title, &html! {}, &html! {}, content)
}

/// The hidden field that [`Member::approve`] asks for.
pub(super) fn form_token(member: &Member) -> Markup {
    html! { input type="hidden" name="marke" value=(member.form_token); }
}

/// What has just happened, as a note above the content. `good` is a word beside the colour.
pub(super) fn note(good: bool, text: &str) -> Markup {
    html! { p.note.good[good].stop[!good] role="status" { strong { (if good { "Erledigt:" } else { "Hinweis:" }) } " " (text) } }
}

/// The page for what is not there, not allowed or not possible.
pub(super) fn lost(status: StatusCode) -> Response {
    let (title, text) = match status {
        StatusCode::NOT_FOUND => ("Seite nicht gefunden", "Unter dieser Adresse gibt es im Mitgliederportal nichts."),
        StatusCode::FORBIDDEN => (
            "Formular abgelaufen",
            "Dieses Formular gehört nicht zu Ihrer jetzigen Anmeldung. Es wurde nichts gespeichert. Öffnen Sie die Seite bitte neu.",
        ),
        _ => ("Das geht so nicht", "Ihre Anfrage konnte nicht verarbeitet werden. Es wurde nichts gespeichert."),
    };
    let content = html! { h1 { (title) } p { (text) } p { a href="/start" { "Zur Startseite des Portals" } } };
    (status, public(title, &content)).into_response()
}

fn frame(title: &str, head: &Markup, navigation: &Markup, content: &Markup) -> Html<String> {
    let page = html! {
        (DOCTYPE)
        html lang="de" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " – Mitgliederportal" }
                link rel="stylesheet" href="/portal.css";
            }
            body {
                a.skip href="#inhalt" { "Zum Inhalt" }
                header.top { div.wide {
                    p.brand { strong { "Mitgliederportal" } span { "Muster-KV" } }
                    (head)
                } }
                (navigation)
                main.wide id="inhalt" { (content) }
                footer { div.wide {
                    p { "Beispielportal von KV-FlexNet. Alle Personen, Zahlen und Unterlagen sind erfunden." }
                    p { "Erreichbar nur im Sicheren Netz der KVen." }
                } }
            }
        }
    };
    Html(page.into_string())
}
