//! A member's page, and what the desk does there. Each act is a form of its own; what cannot be taken back says so beside its button.

use axum::{
    Extension, Form,
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use flexnet_protocol::{Secret, gateway::EndReason};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    audit::told,
    page::{self, Note, Place, tag},
    sign_in::hand,
    view::View,
};
use crate::{
    accounts::{self, Account},
    acts::{Hand, Reason, Resync},
    config::ATTEMPTS,
    db::retry,
    error::Error,
    gateway::Gateway,
    members::{self, LastUse, Member},
    sessions::{self, Which},
    tokens::Owner,
};

/// Serial numbers that the field for a new token suggests.
const SUGGESTED: i64 = 100;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    note: Option<String>,
}

pub(super) async fn show(
    Extension(view): Extension<View>,
    Path(id): Path<i64>,
    Query(asked): Query<Asked>,
) -> Response {
    let gateway = &view.console.gateway;
    let read = gateway.database.read();
    let found = async {
        let member = members::member(read, &gateway.keys, id, gateway.clock.now()).await?;
        Ok::<_, Error>((member, members::stock(read, SUGGESTED).await?.0))
    };
    match found.await {
        Ok((Some(member), stock)) => member_page(&view, &member, &stock, Note::of(asked.note.as_deref())),
        Ok((None, _)) => page::lost(&view, StatusCode::NOT_FOUND, None),
        Err(error) => page::failed(&view, &error),
    }
}

#[derive(Deserialize)]
pub(super) struct Unlock {
    #[serde(default)]
    reason: String,
    /// Absent unless ticked.
    verified: Option<String>,
}

/// Opens a locked access. Without a reason, or without the caller being verified, nothing is done.
pub(super) async fn unlock(
    Extension(view): Extension<View>,
    Path(id): Path<i64>,
    Form(form): Form<Unlock>,
) -> Response {
    let (Ok(reason), Some(_)) = (Reason::parse(&form.reason), form.verified) else {
        return back(id, Note::REASON_MISSING);
    };
    let done = async {
        let act = begin(&view, id).await?;
        let key = act.gateway.keys.guard(&act.account.username);
        retry(async || {
            let mut write = act.gateway.database.write().await?;
            let was_locked = act.hand.unlock(&mut write, &key, &act.account.username, true, Some(&reason)).await?;
            write.commit().await?;
            Ok(if was_locked { Note::UNLOCKED } else { Note::WAS_OPEN })
        })
        .await
    };
    end(&view, id, done.await)
}

#[derive(Deserialize)]
pub(super) struct EndSession {
    session: String,
}

pub(super) async fn end_session(
    Extension(view): Extension<View>,
    Path(id): Path<i64>,
    Form(form): Form<EndSession>,
) -> Response {
    let done = async {
        let act = begin(&view, id).await?;
        let live = sessions::live(act.gateway.database.read(), act.hand.now).await?;
        // A session of this member, whatever the form says.
        let own =
            |listed: &sessions::Listed| listed.session_id == form.session && listed.username == act.account.username;
        if !live.iter().any(own) {
            return Ok(Note::NO_SESSION);
        }
        retry(async || {
            let mut write = act.gateway.database.write().await?;
            let which = Which::Named(&form.session);
            let ended = act.hand.end_sessions(&mut write, &act.account.username, which, EndReason::Desk).await?;
            write.commit().await?;
            Ok(if ended.is_empty() { Note::NO_SESSION } else { Note::SESSION_ENDED })
        })
        .await
    };
    end(&view, id, done.await)
}

#[derive(Deserialize)]
pub(super) struct OfToken {
    serial: String,
}

pub(super) async fn lose_token(
    Extension(view): Extension<View>,
    Path(id): Path<i64>,
    Form(form): Form<OfToken>,
) -> Response {
    let done = async {
        let act = begin(&view, id).await?;
        retry(async || {
            let mut write = act.gateway.database.write().await?;
            let owner = match act.hand.lose_token(&mut write, form.serial.trim()).await {
                Err(Error::Unknown(_)) => None,
                owner => Some(owner?.0),
            };
            // A token of this member, whatever the form says.
            if owner != Some(Owner::Account(act.account.id)) {
                write.rollback().await?;
                return Ok(Note::NO_TOKEN);
            }
            write.commit().await?;
            Ok(Note::TOKEN_LOST)
        })
        .await
    };
    end(&view, id, done.await)
}

pub(super) async fn assign_token(
    Extension(view): Extension<View>,
    Path(id): Path<i64>,
    Form(form): Form<OfToken>,
) -> Response {
    let done = async {
        let act = begin(&view, id).await?;
        let owner = Owner::Account(act.account.id);
        retry(async || {
            let mut write = act.gateway.database.write().await?;
            match act.hand.assign_token(&mut write, owner, &act.account.username, form.serial.trim()).await {
                Ok(()) => write.commit().await.map(|()| Note::TOKEN_ASSIGNED),
                Err(Error::Unknown(_)) => write.rollback().await.map(|()| Note::NOT_IN_STOCK),
                Err(error) => Err(error),
            }
        })
        .await
    };
    end(&view, id, done.await)
}

#[derive(Deserialize)]
pub(super) struct TwoTans {
    first: Secret,
    second: Secret,
}

pub(super) async fn resync_token(
    Extension(view): Extension<View>,
    Path(id): Path<i64>,
    Form(form): Form<TwoTans>,
) -> Response {
    let digits = |tan: &Secret| {
        let tan = tan.expose().replace(' ', "");
        let fits = (6..=8).contains(&tan.len()) && tan.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| Secret::new(tan))
    };
    let (Some(first), Some(second)) = (digits(&form.first), digits(&form.second)) else {
        return back(id, Note::TAN_SHAPE);
    };
    let done = async {
        let act = begin(&view, id).await?;
        let done = act.hand.resync(&act.gateway.database, &act.account, first.expose(), second.expose()).await?;
        Ok(match done {
            Resync::Done => Note::IN_STEP,
            Resync::Refused { .. } => Note::NOT_IN_STEP,
            Resync::Locked => Note::RESYNC_LOCKED,
        })
    };
    end(&view, id, done.await)
}

/// What is done, to whom and by whom.
struct Act<'a> {
    gateway: &'a Gateway,
    hand: Hand<'a>,
    account: Account,
}

async fn begin(view: &View, id: i64) -> Result<Act<'_>, Error> {
    let gateway = &view.console.gateway;
    let name = sqlx::query_scalar::<_, String>("SELECT username FROM account WHERE id = $1").bind(id);
    let name = name.fetch_optional(gateway.database.read()).await?;
    let mut write = gateway.database.write().await?;
    let account = accounts::named(&mut write, &name.unwrap_or_default()).await?;
    write.rollback().await?;
    let actor = view.staff.as_ref().map_or("", |staff| staff.username.as_str());
    Ok(Act { gateway, hand: hand(gateway, actor, &view.network), account })
}

/// Back to the page, with a note of what was done.
fn end(view: &View, id: i64, done: Result<Note, Error>) -> Response {
    match done {
        Ok(note) => back(id, note),
        Err(Error::Unknown(_)) => page::lost(view, StatusCode::NOT_FOUND, None),
        Err(error) => page::failed(view, &error),
    }
}

fn back(id: i64, note: Note) -> Response {
    Redirect::to(&note.at(&format!("/members/{id}"))).into_response()
}

fn member_page(view: &View, member: &Member, stock: &[String], note: Option<Note>) -> Response {
    let content = html! {
        @if let Some(note) = note { (note.show(view)) }
        h1 { (member.display_name) }
        (standing(view, member))
        @if member.standing.locked && view.may("POST", "/members/{id}/unlock") { (unlock_form(view, member)) }
        (open_sessions(view, member))
        (tokens(view, member))
        @if view.may("POST", "/members/{id}/assign-token") { (assign_form(view, member, stock)) }
        @if view.may("POST", "/members/{id}/resync-token") { (resync_form(view, member)) }
        (history(view, member))
    };
    page::page(view, Some(Place::Find), &member.display_name, &content).into_response()
}

fn standing(view: &View, member: &Member) -> Markup {
    let left = member.standing.attempts_left;
    html! {
        section.card aria-labelledby="standing" {
            h2 id="standing" { (view.t("console-standing")) }
            dl.facts {
                dt { (view.t("console-username")) } dd { (member.username) }
                dt { (view.t("console-account")) }
                dd { @if member.active { (tag("good", &view.t("console-on"))) } @else { (tag("stop", &view.t("console-off"))) } }
                dt { (view.t("console-access")) }
                dd {
                    @if member.standing.locked { (tag("stop", &view.t("console-locked"))) }
                    @else if left < ATTEMPTS { (tag("care", &view.count("console-left", left))) }
                    @else { (tag("good", &view.t("console-open"))) }
                }
                dt { (view.t("console-last-sign-in")) }
                dd {
                    @match &member.last_sign_in {
                        Some((at, network)) => { (view.time(*at)) " · " (view.with("console-from", &[("network", network)])) }
                        None => { (view.t("console-never")) }
                    }
                }
                dt { (view.t("console-created")) } dd { (view.time(member.created)) }
            }
        }
    }
}

fn unlock_form(view: &View, member: &Member) -> Markup {
    html! {
        section aria-labelledby="unlock" {
            form.card method="post" action=(format!("/members/{}/unlock", member.id)) {
                h2 id="unlock" { (view.t("console-unlock-title")) }
                p { (view.t("console-unlock-text")) }
                label for="reason" { (view.t("console-reason")) }
                input id="reason" name="reason" required maxlength="200" autocomplete="off" aria-describedby="reason-hint";
                p.small id="reason-hint" { (view.t("console-reason-hint")) }
                label.check { input type="checkbox" name="verified" value="yes" required; span { (view.t("console-verified")) } }
                button.main { (view.t("console-unlock")) }
            }
        }
    }
}

fn open_sessions(view: &View, member: &Member) -> Markup {
    let may = view.may("POST", "/members/{id}/end-session");
    html! {
        section {
            h2 id="sessions" { (view.t("console-sessions")) }
            @if member.sessions.is_empty() { p { (view.t("console-no-sessions")) } }
            @else {
                (page::table(view, "sessions", &["console-since", "console-network", "console-addresses", "console-active", "console-until"], may, &html! {
                    @for session in &member.sessions { tr {
                        td { (view.time(session.started)) }
                        td { (session.network) }
                        td { @for address in &session.addresses { span.line { (address) } } }
                        td { (view.time(session.last_active)) }
                        td { (view.time(session.absolute_end)) }
                        @if may { td {
                            form method="post" action=(format!("/members/{}/end-session", member.id)) {
                                input type="hidden" name="session" value=(session.session_id);
                                button.stop { (view.t("console-end-session")) }
                            }
                        } }
                    } }
                }))
            }
        }
    }
}

fn tokens(view: &View, member: &Member) -> Markup {
    let may = view.may("POST", "/members/{id}/token-lost");
    html! {
        section {
            h2 id="tokens" { (view.t("console-tokens")) }
            @if member.tokens.is_empty() { p { (view.t("console-no-tokens")) } }
            @else {
                (page::table(view, "tokens", &["console-serial", "console-kind", "console-state", "console-last-use"], may, &html! {
                    @for token in &member.tokens { tr {
                        th scope="row" { (token.serial) }
                        td { (view.t(&format!("console-kind-{}", token.kind.name()))) }
                        td { (tag(if token.state == "active" { "good" } else { "stop" }, &view.t(&format!("console-token-{}", token.state)))) }
                        td {
                            @match token.last_use {
                                LastUse::Never => { (view.t("console-never")) }
                                LastUse::At(at) => { (view.time(at)) }
                                LastUse::Counter(count) => { (view.count("console-counter", count)) }
                            }
                        }
                        @if may { td { @if token.state == "active" { (lost_form(view, member, &token.serial)) } } }
                    } }
                }))
            }
        }
    }
}

/// Two steps, because it cannot be taken back.
fn lost_form(view: &View, member: &Member, serial: &str) -> Markup {
    html! {
        details {
            summary { (view.t("console-lost")) span.hidden { " " (serial) } }
            form method="post" action=(format!("/members/{}/token-lost", member.id)) {
                p { (view.t("console-lost-text")) }
                input type="hidden" name="serial" value=(serial);
                button.stop { (view.t("console-lost-now")) }
            }
        }
    }
}

fn assign_form(view: &View, member: &Member, stock: &[String]) -> Markup {
    html! {
        section aria-labelledby="assign" {
            form.card method="post" action=(format!("/members/{}/assign-token", member.id)) {
                h2 id="assign" { (view.t("console-assign-title")) }
                label for="serial" { (view.t("console-serial")) }
                input id="serial" name="serial" list="stock" required maxlength="64" autocomplete="off" autocapitalize="characters"
                    spellcheck="false" aria-describedby="serial-hint";
                datalist id="stock" { @for serial in stock { option value=(serial) {} } }
                p.small id="serial-hint" { (view.t("console-serial-hint")) }
                button { (view.t("console-assign")) }
            }
        }
    }
}

fn resync_form(view: &View, member: &Member) -> Markup {
    let field = |id: &str, label: &str| {
        html! {
            label for=(id) { (view.t(label)) }
            input.tan id=(id) name=(id) inputmode="numeric" autocomplete="off" required pattern="[0-9 ]{6,12}" title=(view.t("console-tan-hint"));
        }
    };
    html! {
        section aria-labelledby="resync" {
            form.card method="post" action=(format!("/members/{}/resync-token", member.id)) {
                h2 id="resync" { (view.t("console-resync-title")) }
                p { (view.t("console-resync-text")) }
                (field("first", "console-first"))
                (field("second", "console-second"))
                button { (view.t("console-resync")) }
            }
        }
    }
}

fn history(view: &View, member: &Member) -> Markup {
    html! {
        section {
            h2 id="history" { (view.t("console-history")) }
            @if member.history.is_empty() { p { (view.t("console-no-history")) } }
            @else {
                (page::table(view, "history", &["console-when", "console-what", "console-network", "console-who"], false, &html! {
                    @for row in &member.history { tr {
                        td.nowrap { (view.time(row.at)) }
                        td { (told(view, row)) }
                        td { (row.network.as_deref().unwrap_or("–")) }
                        td { (super::audit::actor(view, &row.actor)) }
                    } }
                }))
            }
        }
    }
}
