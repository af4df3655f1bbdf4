//! The first page after the login: what there is to do, and the way to every service.

use std::sync::Arc;

use axum::{Router, extract::State, response::Html, routing::get};
use maud::html;

use super::{
    Portal, billing, fees,
    page::{self, Place},
    today,
    visit::Member,
};

pub(super) fn routes() -> Router<Arc<Portal>> {
    Router::new().route("/start", get(show))
}

async fn show(State(portal): State<Arc<Portal>>, member: Member) -> Html<String> {
    let today = today();
    let quarter = billing::Quarter::of(today).before();
    let duties = portal.exchange.of_user(&member.user.name);
    let content = html! {
        h1 { "Guten Tag, " (member.user.display_name) }
        div.cards {
            section.card {
                h2 { a href="/abrechnung" { "Online-Abrechnung" } }
                p { "Abgabe für das " (quarter) ": Prüfen Sie Ihre Abrechnungsdatei vorab mit einer Testeinreichung." }
            }
            section.card {
                h2 { a href="/honorar" { "Honorarunterlagen" } }
                p { "Neu: Honorarbescheid für das " (fees::newest(today)) "." }
            }
            section.card {
                h2 { a href="/notfalldienst" { "Notfalldienst-Tausch" } }
                @match duties.first() {
                    Some(next) => p { "Ihr nächster Dienst: " strong { (next.when()) } ", " (next.place) "." },
                    None => p { "Sie haben zurzeit keinen Dienst." },
                }
            }
            section.card {
                h2 { a href="/verzeichnis" { "BSNR/LANR-Suche" } }
                p { "Betriebsstätten- und Arztnummern nachschlagen und prüfen." }
            }
            section.card {
                h2 { a href="/dienste" { "Dienste" } }
                p { "KV-übergreifende Anwendungen, darunter das Fortbildungsportal." }
            }
        }
    };
    page::members(&member, Place::Start, "Start", &content)
}
