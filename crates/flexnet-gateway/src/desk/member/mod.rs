//! A member's page (`sections`), and what the desk does there: each act is a form of its own, and touches the member of the page and nobody else.

mod sections;

use axum::{
    Extension, Form,
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use flexnet_protocol::{Secret, gateway::EndReason};
use serde::Deserialize;

use super::{
    page::{self, Note},
    sign_in::hand,
    view::View,
};
use crate::{
    accounts::{self, Account},
    acts::{Hand, Reason, Resync},
    db::retry,
    error::Error,
    gateway::Gateway,
    members,
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
        Ok((Some(member), stock)) => sections::page(&view, &member, &stock, Note::of(asked.note.as_deref())),
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
