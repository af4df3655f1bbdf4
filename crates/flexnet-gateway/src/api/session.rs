//! The own session, by its bearer token: its state, its end, and waiting for it to change. An ended session tells why.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Json,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use flexnet_protocol::{
    FaultCode, Secret,
    gateway::{EndReason, SessionState},
};
use tokio::time::Instant;

use super::problem::Refusal;
use crate::{
    connections::{self, Seat},
    gateway::Gateway,
    sessions::{self, Found, Which},
    steps::{Step, reached},
    waits::Woken,
};

/// The longest wait for a change, in seconds.
const LONGEST_WAIT: u64 = 30;

pub(super) async fn get(
    State(gateway): State<Arc<Gateway>>,
    Extension(seat): Extension<Seat>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let token = bearer(&headers)?;
    let known = live(&gateway, &token).await?;
    let Some(seconds) = wait(&headers, longest_wait(&gateway)) else { return Ok(Json(known).into_response()) };
    // Whoever waits for a session of his own, one at a time, takes nobody's place who wants to sign in.
    let lent = seat.lend();
    let state = changed(&gateway, &token, known, Instant::now() + Duration::from_secs(seconds)).await?;
    drop(lent);
    let mut response = Json(state).into_response();
    applied(&mut response, seconds);
    Ok(response)
}

pub(super) async fn delete(State(gateway): State<Arc<Gateway>>, headers: HeaderMap) -> Result<StatusCode, Refusal> {
    let session = own_session(&gateway, &headers).await?;
    let now = gateway.clock.now();
    let mut write = gateway.database.write().await?;
    let which = Which::Named(&session.session_id);
    sessions::end(&mut write, &gateway.config.id, which, EndReason::SignedOut, "member", now).await?;
    reached(Step::Ending);
    write.commit().await?;
    reached(Step::Ended);
    gateway.settled().await;
    Ok(StatusCode::NO_CONTENT)
}

/// The live session of a request's token.
pub(super) async fn own_session(gateway: &Gateway, headers: &HeaderMap) -> Result<SessionState, Refusal> {
    live(gateway, &bearer(headers)?).await
}

/// The live session of a token.
pub(super) async fn live(gateway: &Gateway, token: &Secret) -> Result<SessionState, Refusal> {
    let (policy, now) = (gateway.config.policy, gateway.clock.now());
    let quiet = |key: &[u8; 32]| gateway.network.quiet(key);
    match sessions::find(gateway.database.read(), token, policy, now, quiet).await? {
        Some(Found::Live(state)) => Ok(state),
        Some(Found::Ended(reason)) => Err(Refusal::ended(reason)),
        None => Err(unknown()),
    }
}

/// No session has this token.
pub(super) fn unknown() -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, FaultCode::SessionEnded, "no session has this token")
}

/// The token of `Authorization: Bearer` (RFC 6750 §2.1).
pub(super) fn bearer(headers: &HeaderMap) -> Result<Secret, Refusal> {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.split_once(' '));
    match token {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Secret::new(token)),
        Some(_) | None => Err(unknown()),
    }
}

/// The session as soon as it is another than `known`, or as it is at the deadline.
async fn changed(
    gateway: &Gateway,
    token: &Secret,
    known: SessionState,
    deadline: Instant,
) -> Result<SessionState, Refusal> {
    let wait = gateway.waits.enter(&known.session_id);
    loop {
        let state = live(gateway, token).await?;
        if is_news(&known, &state, gateway.clock.now()) || wait.woken(deadline).await == Woken::GoHome {
            return Ok(state);
        }
    }
}

fn is_news(known: &SessionState, state: &SessionState, now: i64) -> bool {
    state.absolute_end != known.absolute_end || sessions::matters(known.idle_end, state.idle_end, now)
}

/// The longest wait that is granted: a longer one would be cut with its connection.
pub(super) fn longest_wait(gateway: &Gateway) -> u64 {
    let lifetime = Duration::from_secs(gateway.config.limits.connection_seconds.into());
    LONGEST_WAIT.min(connections::grace(lifetime).as_secs())
}

/// Says how long the wait was that was granted (RFC 7240 §3).
pub(super) fn applied(response: &mut Response, seconds: u64) {
    if let Ok(applied) = HeaderValue::try_from(format!("wait={seconds}")) {
        response.headers_mut().insert(HeaderName::from_static("preference-applied"), applied);
    }
}

/// Seconds of `Prefer: wait=N` (RFC 7240 §4.3), as far as they are granted. What cannot be read is no preference (§2).
pub(super) fn wait(headers: &HeaderMap, longest: u64) -> Option<u64> {
    let preferences = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    let seconds = preferences.flat_map(|value| value.split(',')).find_map(|preference| {
        let (name, value) = preference.split(';').next()?.split_once('=')?;
        name.trim().eq_ignore_ascii_case("wait").then(|| value.trim().parse::<u64>().ok())?
    })?;
    (seconds > 0).then_some(seconds.min(longest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preference_is_read_as_the_rfc_writes_it() {
        let wait = |texts: &[&'static str]| {
            let value = |text: &&'static str| (HeaderName::from_static("prefer"), HeaderValue::from_static(text));
            wait(&texts.iter().map(value).collect(), LONGEST_WAIT)
        };
        assert_eq!(wait(&["wait=10"]), Some(10));
        assert_eq!(wait(&["respond-async, Wait = 25; foo=bar"]), Some(25));
        assert_eq!(wait(&["return=minimal", "wait=7"]), Some(7));
        assert_eq!(wait(&["wait=86400"]), Some(LONGEST_WAIT));
        for none in ["wait=0", "wait=-1", "wait=soon", "wait", "waiting=3", ""] {
            assert_eq!(wait(&[none]), None, "{none}");
        }
        assert_eq!(wait(&[]), None);
    }

    #[test]
    fn an_idle_end_is_news_when_it_matters() {
        let at = |idle_end| SessionState {
            session_id: "s".into(),
            started: 0,
            absolute_end: 36_000,
            idle_end,
            failures_before: 0,
            last_sign_in: None,
            open_sessions: Vec::new(),
        };
        assert!(!is_news(&at(1800), &at(1830), 0), "half a minute of use, half an hour left");
        assert!(is_news(&at(1800), &at(2100), 0));
        assert!(!is_news(&at(60), &at(65), 0));
        assert!(is_news(&at(60), &at(67), 0), "a minute left: it is used again");
        assert!(is_news(&at(1800), &SessionState { absolute_end: 1, ..at(1800) }, 0));
    }
}
