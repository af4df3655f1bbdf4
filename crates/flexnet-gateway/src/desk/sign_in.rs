//! Staff sign in as members do: counted before anything is compared, Argon2id on the same pool, a TAN that opens once, five wrong entries lock.
//! Only `admin staff unlock` opens again. What was wrong is written in the audit and told to nobody.

use std::{net::IpAddr, sync::Arc, time::Instant};

use axum::{
    Extension, Form,
    http::{StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use flexnet_protocol::{
    Secret,
    gateway::{MAX_PASSWORD, MAX_USERNAME},
};
use maud::html;
use serde::Deserialize;

use super::{gate, page, view::View};
use crate::{
    accounts::normalise,
    acts::Hand,
    api::From,
    audit::{self, Event},
    counted::{self, Counted},
    db::retry,
    error::Error,
    gateway::Gateway,
    guard,
    passwords::Room,
    staff::{self, Staff},
    tokens::{self, Learn, Match, Owner, Token},
};

pub(super) async fn show(Extension(view): Extension<View>) -> Response {
    if view.staff.is_some() {
        return Redirect::to("/").into_response();
    }
    entry_page(&view, "", None).into_response()
}

/// What somebody has typed.
#[derive(Deserialize)]
pub(super) struct Entry {
    username: String,
    password: Secret,
    tan: Secret,
}

pub(super) async fn enter(
    Extension(mut view): Extension<View>,
    Extension(From(from)): Extension<From>,
    Form(entry): Form<Entry>,
) -> Response {
    view.back = "/sign-in".into();
    let username = entry.username.clone();
    let told = match sign_in(&view, from, entry).await {
        Ok(Outcome::Entered(cookie)) => match gate::begin(&cookie) {
            Some(cookie) => return ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response(),
            None => return page::lost(&view, StatusCode::SERVICE_UNAVAILABLE, None),
        },
        Ok(Outcome::Refused { attempts_left }) => {
            let left = view.count("console-left", attempts_left);
            (StatusCode::FORBIDDEN, format!("{} {left}.", view.t("console-entry-wrong")))
        }
        Ok(Outcome::Locked) => (StatusCode::FORBIDDEN, view.t("console-entry-locked")),
        Err(Uncounted::Shape) => (StatusCode::BAD_REQUEST, view.t("console-entry-shape")),
        Err(Uncounted::Busy) => (StatusCode::SERVICE_UNAVAILABLE, view.t("console-entry-busy")),
        Err(Uncounted::Failed(error)) => return page::failed(&view, &error),
    };
    (told.0, entry_page(&view, &username, Some(&told.1))).into_response()
}

pub(super) async fn leave(Extension(view): Extension<View>) -> Response {
    let Some(person) = &view.staff else { return Redirect::to("/sign-in").into_response() };
    let gateway = &view.console.gateway;
    let leave = async || {
        let mut write = gateway.database.write().await?;
        staff::end_session(&mut write, person.id, gateway.clock.now()).await?;
        let hand = hand(gateway, &person.username, &view.network);
        hand.note(&mut write, Event::StaffSignedOut, &person.username, "").await?;
        write.commit().await
    };
    match (retry(leave).await, gate::end()) {
        (Ok(()), Some(cookie)) => ([(header::SET_COOKIE, cookie)], Redirect::to("/sign-in")).into_response(),
        (Ok(()), None) => Redirect::to("/sign-in").into_response(),
        (Err(error), _) => page::failed(&view, &error),
    }
}

fn entry_page(view: &View, username: &str, trouble: Option<&str>) -> axum::response::Html<String> {
    let title = view.t("console-entry-title");
    let content = html! {
        div.narrow.card {
            h1 { (title) }
            p { (view.t("console-entry-lead")) }
            @if let Some(text) = trouble { p.note.stop id="trouble" role="alert" { strong { (view.t("console-entry-failed")) } " " (text) } }
            form method="post" action="/sign-in" {
                label for="username" { (view.t("console-username")) }
                input id="username" name="username" value=(username) autocomplete="username" autocapitalize="none" spellcheck="false"
                    required maxlength=(MAX_USERNAME) autofocus[username.is_empty()] aria-describedby=[trouble.map(|_| "trouble")];
                label for="password" { (view.t("console-password")) }
                input id="password" name="password" type="password" autocomplete="current-password" required
                    maxlength=(MAX_PASSWORD) autofocus[!username.is_empty()];
                label for="tan" { (view.t("console-tan")) }
                input.tan id="tan" name="tan" inputmode="numeric" autocomplete="one-time-code" required
                    pattern="[0-9 ]{6,12}" title=(view.t("console-tan-hint")) aria-describedby="tan-hint";
                p.small id="tan-hint" { (view.t("console-tan-hint")) }
                button.main { (view.t("console-entry")) }
            }
        }
    };
    page::page(view, None, &title, &content)
}

/// How a counted attempt ended.
enum Outcome {
    /// All right: the session's cookie.
    Entered(Secret),
    Refused {
        attempts_left: u8,
    },
    Locked,
}

/// Why nothing was counted.
enum Uncounted {
    Shape,
    Busy,
    Failed(Error),
}

impl std::convert::From<Error> for Uncounted {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// An attempt on its way.
struct Attempt {
    name: String,
    password: Secret,
    tan: Secret,
    network: String,
    now: i64,
}

async fn sign_in(view: &View, from: IpAddr, entry: Entry) -> Result<Outcome, Uncounted> {
    let gateway = &view.console.gateway;
    let name = normalise(&entry.username);
    let tan = Secret::new(entry.tan.expose().replace(' ', ""));
    let digits = (6..=8).contains(&tan.expose().len()) && tan.expose().bytes().all(|byte| byte.is_ascii_digit());
    let fits = |text: &str, most| !text.is_empty() && text.len() <= most;
    let is_name = fits(&name, MAX_USERNAME) && !name.chars().any(char::is_control);
    if !digits || !is_name || !fits(entry.password.expose(), MAX_PASSWORD) {
        return Err(Uncounted::Shape);
    }
    let room = gateway.passwords.room().ok_or(Uncounted::Busy)?;
    let now = gateway.clock.sane().ok_or(Uncounted::Busy)?;
    gateway.pulse.audit_stands()?;
    gateway.budgets.take(from, Instant::now()).map_err(|_| Uncounted::Busy)?;
    let attempt = Attempt { name, password: entry.password, tan, network: view.network.clone(), now };
    // A task of its own: once counted, an attempt comes to its end even if the connection breaks.
    let run = gateway.tasks.spawn(run(Arc::clone(gateway), attempt, room));
    run.await.unwrap_or(Err(Uncounted::Busy))
}

async fn run(gateway: Arc<Gateway>, attempt: Attempt, room: Room) -> Result<Outcome, Uncounted> {
    let Some((counted, person, tokens)) = retry(|| count(&gateway, &attempt)).await? else {
        return Ok(Outcome::Locked);
    };
    let hash = person.as_ref().map(|person| person.password.clone());
    let password = room.verify(hash, attempt.password.clone()).await;
    drop(room);
    let dummy = Token::dummy();
    let found: Vec<Match> =
        tokens.iter().chain([&dummy]).filter_map(|token| token.find(attempt.tan.expose(), attempt.now)).collect();
    if let Some(person) = person.as_ref().filter(|_| password)
        && let Some(cookie) = retry(|| succeed(&gateway, &attempt, &counted, person, &found)).await?
    {
        return Ok(Outcome::Entered(cookie));
    }
    Ok(retry(|| fail(&gateway, &attempt, &counted, person.as_ref(), password, &found)).await?)
}

/// Counts, committed before anything is compared. Nothing if the name is locked.
async fn count(gateway: &Gateway, attempt: &Attempt) -> Result<Option<(Counted, Option<Staff>, Vec<Token>)>, Error> {
    let key = gateway.keys.guard(&staff::guard_name(&attempt.name));
    let mut write = gateway.database.write().await?;
    let counted = counted::count(&mut write, &gateway.config.id, key, attempt.now).await?;
    let person = staff::find(&mut write, &attempt.name).await?;
    let owner = Owner::Staff(person.as_ref().map_or(-1, |person| person.id));
    let tokens = tokens::usable(&mut write, &gateway.keys, owner).await?;
    write.commit().await?;
    Ok(counted.map(|counted| (counted, person, tokens)))
}

/// Everything that follows from an entry that was right, or nothing: the TAN was spent, the name locked or the account changed meanwhile.
async fn succeed(
    gateway: &Gateway,
    attempt: &Attempt,
    counted: &Counted,
    person: &Staff,
    found: &[Match],
) -> Result<Option<Secret>, Error> {
    let mut write = gateway.database.write().await?;
    let right = guard::succeed(&mut write, &counted.key, counted.seq).await?.is_some()
        && tokens::spend_all(&mut write, found, Learn::Drift).await?
        && staff::signed_in(&mut write, person, attempt.now).await?;
    if !right {
        write.rollback().await?;
        return Ok(None);
    }
    counted.close(&mut write).await?;
    let cookie = staff::begin_session(&mut write, person.id, &attempt.network, attempt.now).await?;
    let hand = hand(gateway, &person.username, &attempt.network);
    hand.note(&mut write, Event::StaffAttempt, &person.username, "accepted").await?;
    write.commit().await?;
    Ok(Some(cookie))
}

async fn fail(
    gateway: &Gateway,
    attempt: &Attempt,
    counted: &Counted,
    person: Option<&Staff>,
    password: bool,
    found: &[Match],
) -> Result<Outcome, Error> {
    let mut write = gateway.database.write().await?;
    let failed = guard::fail(&mut write, &counted.key, counted.seq).await?;
    counted.close(&mut write).await?;
    // A TAN that was shown to us is spent, whatever else was wrong: who watched cannot use it again.
    let fresh = tokens::spend_all(&mut write, found, Learn::Nothing).await?;
    let nobody = audit::nobody(&counted.key);
    let subject = person.map_or(nobody.as_str(), |person| person.username.as_str());
    let detail = match (person, password, fresh) {
        (None, _, _) => "refused: no such name",
        (Some(person), true, true) if !person.active => "refused: account disabled",
        (Some(_), true, true) => "refused: locked or changed meanwhile",
        (Some(_), true, false) => "refused: TAN",
        (Some(_), false, true) => "refused: password",
        (Some(_), false, false) => "refused: password and TAN",
    };
    let hand = hand(gateway, "staff", &attempt.network);
    hand.note(&mut write, Event::StaffAttempt, subject, detail).await?;
    if failed.just_locked {
        hand.note(&mut write, Event::StaffLock, subject, "").await?;
    }
    write.commit().await?;
    Ok(if failed.locked { Outcome::Locked } else { Outcome::Refused { attempts_left: failed.attempts_left } })
}

/// Somebody at work in a request of the console.
pub(super) fn hand<'a>(gateway: &'a Gateway, actor: &'a str, network: &'a str) -> Hand<'a> {
    let (gateway, keys, now) = (gateway.config.id.as_str(), &*gateway.keys, gateway.clock.now());
    Hand { gateway, keys, actor, network: Some(network), now }
}
