//! What a token officer sees: the stock, and imports that wait for a second person. Who brought the tokens cannot let them in.

use axum::{
    Extension,
    extract::{Path, Query},
    response::{IntoResponse as _, Redirect, Response},
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    page::{self, Note, Place},
    sign_in::hand,
    view::View,
};
use crate::{
    db::retry,
    error::Error,
    members,
    provision::{Waiting, import},
};

/// Serial numbers that are shown.
const SHOWN: i64 = 200;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    note: Option<String>,
}

pub(super) async fn show(Extension(view): Extension<View>, Query(asked): Query<Asked>) -> Response {
    let gateway = &view.console.gateway;
    let read = gateway.database.read();
    let found =
        async { Ok::<_, Error>((import::waiting(read, &gateway.keys).await?, members::stock(read, SHOWN).await?)) };
    let (waiting, (serials, count)) = match found.await {
        Ok(found) => found,
        Err(error) => return page::failed(&view, &error),
    };
    let title = view.t("console-tokens-title");
    let content = html! {
        @if let Some(note) = Note::of(asked.note.as_deref()) { (note.show(&view)) }
        h1 { (title) }
        (imports(&view, &waiting))
        section aria-labelledby="stock" {
            h2 id="stock" { (view.count("console-stock", u32::try_from(count).unwrap_or(u32::MAX))) }
            p.small { (view.t("console-stock-hint")) }
            @if !serials.is_empty() { ul.serials { @for serial in &serials { li.mono { (serial) } } } }
        }
    };
    page::page(&view, Some(Place::Tokens), &title, &content).into_response()
}

fn imports(view: &View, waiting: &[Waiting]) -> Markup {
    html! {
        section aria-labelledby="imports" {
            h2 id="imports" { (view.t("console-imports")) }
            p.small { (view.t("console-imports-hint")) }
            @if waiting.is_empty() { p { (view.t("console-no-imports")) } }
            @else { ul.rows { @for import in waiting { li { (waiting_import(view, import)) } } } }
        }
    }
}

fn waiting_import(view: &View, import: &Waiting) -> Markup {
    let own = view.staff.as_ref().is_some_and(|staff| staff.username == import.brought_by);
    html! {
        div {
            p { strong { (view.count("console-import-count", import.tokens.len())) } }
            p { (view.with("console-import-by", &[("name", &import.brought_by), ("time", &view.time(import.brought))])) }
            p.small { (view.t("console-import-hash")) " " span.mono { (import.file_hash) } }
            details {
                summary { (view.t("console-serials")) }
                ul.serials { @for token in &import.tokens { li.mono { (token.serial) } } }
            }
        }
        @if own { p { (view.t("console-import-own")) } }
        @else {
            div.actions {
                form method="post" action=(format!("/imports/{}/accept", import.id)) { button.main { (view.t("console-accept")) } }
                form method="post" action=(format!("/imports/{}/refuse", import.id)) { button.stop { (view.t("console-refuse")) } }
            }
        }
    }
}

pub(super) async fn accept(Extension(view): Extension<View>, Path(id): Path<i64>) -> Response {
    judge(&view, id, true).await
}

pub(super) async fn refuse(Extension(view): Extension<View>, Path(id): Path<i64>) -> Response {
    judge(&view, id, false).await
}

async fn judge(view: &View, id: i64, accept: bool) -> Response {
    let gateway = &view.console.gateway;
    let actor = view.staff.as_ref().map_or("", |staff| staff.username.as_str());
    let hand = hand(gateway, actor, &view.network);
    let judge = async || {
        let mut write = gateway.database.write().await?;
        match accept {
            true => import::accept(&mut write, hand, id).await?,
            false => import::refuse(&mut write, hand, id).await?,
        };
        write.commit().await
    };
    let note = match retry(judge).await {
        Ok(()) if accept => Note::ACCEPTED,
        Ok(()) => Note::REFUSED,
        Err(Error::SamePerson { .. }) => Note::OWN_IMPORT,
        Err(Error::Unknown(_)) => Note::NO_IMPORT,
        Err(Error::Taken(_)) => Note::TAKEN,
        Err(error) => return page::failed(view, &error),
    };
    Redirect::to(&note.at("/tokens")).into_response()
}
