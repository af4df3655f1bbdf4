//! `GET /v1/session` and `DELETE /v1/session`: the own session, by its bearer token. An ended session tells why.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
};
use flexnet_protocol::{
    FaultCode, Secret,
    gateway::{EndReason, SessionState},
};
use tokio::time::timeout;

use super::problem::Refusal;
use crate::{
    error::Error,
    gateway::Gateway,
    sessions::{self, Found, Which},
};

/// How long the answer to a sign-out waits until the peer is gone.
const PEER_LIMIT: Duration = Duration::from_secs(3);

pub(super) async fn get(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
) -> Result<Json<SessionState>, Refusal> {
    own_session(&gateway, &headers).await.map(Json)
}

pub(super) async fn delete(State(gateway): State<Arc<Gateway>>, headers: HeaderMap) -> Result<StatusCode, Refusal> {
    let session = own_session(&gateway, &headers).await?;
    let now = gateway.clock.now();
    let mut write = gateway.database.write().await?;
    let which = Which::Named(&session.session_id);
    sessions::end(&mut write, &gateway.config.name, which, EndReason::SignedOut, "member", now).await?;
    write.commit().await.map_err(Error::from)?;
    match timeout(PEER_LIMIT, gateway.network.settled()).await {
        Ok(Ok(())) => {}
        // It is tried again every second; the session is over either way.
        Ok(Err(error)) => tracing::error!(%error, "the peer of an ended session is still installed"),
        Err(_) => tracing::error!("the network is slow: the peer of an ended session may still be installed"),
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn own_session(gateway: &Gateway, headers: &HeaderMap) -> Result<SessionState, Refusal> {
    let unknown = || Refusal::new(StatusCode::UNAUTHORIZED, FaultCode::SessionEnded, "no session has this token");
    let token = bearer(headers).ok_or_else(unknown)?;
    let (policy, now) = (gateway.config.policy, gateway.clock.now());
    match sessions::find(gateway.database.read(), &token, policy, now).await? {
        Some(Found::Live(state)) => Ok(state),
        Some(Found::Ended(reason)) => Err(Refusal::ended(reason)),
        None => Err(unknown()),
    }
}

/// The token of `Authorization: Bearer` (RFC 6750 §2.1).
fn bearer(headers: &HeaderMap) -> Option<Secret> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Secret::new(token))
}
