//! The portal's own login: the second one, after meine KVid. The answer to a wrong name and to a wrong password is the same, and takes as long.
//! It does not lock: the example stands inside the tunnel, behind a sign-in that does. A KV's real portal keeps its own rules.

use std::{sync::Arc, time::Instant};

use axum::{
    Form, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use flexnet_protocol::Secret;
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    Portal, page,
    visit::{ForeignForm, Member},
};

pub(super) fn routes() -> Router<Arc<Portal>> {
    Router::new().route("/", get(show)).route("/anmelden", post(log_in)).route("/abmelden", post(log_out))
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "benutzername")]
    name: String,
    #[serde(rename = "passwort")]
    password: Secret,
}

#[derive(Deserialize)]
struct LogOut {
    #[serde(rename = "marke")]
    token: String,
}

async fn show(State(portal): State<Arc<Portal>>, headers: HeaderMap) -> Response {
    match portal.visits.member(&headers, Instant::now()) {
        Some(_) => Redirect::to("/start").into_response(),
        None => login_page("", None).into_response(),
    }
}

async fn log_in(State(portal): State<Arc<Portal>>, Form(entry): Form<Entry>) -> Response {
    let Some(room) = portal.passwords.room() else {
        let busy = "Im Augenblick melden sich sehr viele Personen an. Bitte versuchen Sie es gleich noch einmal.";
        return (StatusCode::SERVICE_UNAVAILABLE, login_page(&entry.name, Some(busy))).into_response();
    };
    let user = portal.users.find(&entry.name);
    let fits = room.verify(user.as_ref().map(|user| user.password_hash().to_owned()), entry.password).await;
    if let Some(user) = user.filter(|_| fits)
        && let Some(cookie) = portal.visits.begin(user, Instant::now())
    {
        return ([(header::SET_COOKIE, cookie)], Redirect::to("/start")).into_response();
    }
    let wrong =
        "Benutzername oder Passwort stimmt nicht. Gemeint sind die Zugangsdaten des Portals, nicht die von meine KVid.";
    (StatusCode::UNAUTHORIZED, login_page(&entry.name, Some(wrong))).into_response()
}

async fn log_out(
    State(portal): State<Arc<Portal>>,
    member: Member,
    headers: HeaderMap,
    Form(form): Form<LogOut>,
) -> Result<Response, ForeignForm> {
    member.approve(&form.token)?;
    Ok(([(header::SET_COOKIE, portal.visits.end(&headers))], Redirect::to("/")).into_response())
}

fn login_page(name: &str, trouble: Option<&str>) -> Html<String> {
    let content: Markup = html! {
        div.narrow.card {
            h1 { "Anmeldung" }
            p { "Willkommen im Mitgliederportal. Melden Sie sich mit den Zugangsdaten des Portals an." }
            @if let Some(text) = trouble { p.note.stop id="fehler" role="alert" { strong { "Nicht angemeldet:" } " " (text) } }
            form method="post" action="/anmelden" {
                label for="benutzername" { "Benutzername" }
                input id="benutzername" name="benutzername" value=(name) autocomplete="username" autocapitalize="none"
                    spellcheck="false" required maxlength="100" autofocus aria-describedby=[trouble.map(|_| "fehler")];
                label for="passwort" { "Passwort" }
                input id="passwort" name="passwort" type="password" autocomplete="current-password" required maxlength="200";
                button.main { "Anmelden" }
            }
            p.small { "Zugangsdaten vergessen? Die Mitgliederberatung Ihrer KV hilft weiter." }
        }
    };
    page::public("Anmeldung", &content)
}
