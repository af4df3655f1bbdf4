//! `POST /v1/session/extend` and `POST /v1/session/resume`: what a live session may ask for, by its bearer token alone.
//! Both cost a row of the audit, so they are bounded by the same budgets as a sign-in.

use std::{net::IpAddr, sync::Arc, time::Instant};

use axum::{
    Extension, Json,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use flexnet_protocol::{
    FaultCode, Key,
    gateway::{Resume, SessionState},
};

use super::{
    From, body,
    problem::Refusal,
    session::{bearer, live, unknown},
};
use crate::{
    budgets,
    gateway::Gateway,
    resume::{self, Resumed},
    sign_in::{KEY_TAKEN, NoOutcome},
};

pub(super) async fn extend(
    State(gateway): State<Arc<Gateway>>,
    Extension(From(from)): Extension<From>,
    headers: HeaderMap,
) -> Result<Json<SessionState>, Refusal> {
    let token = bearer(&headers)?;
    // Whoever has no session takes nothing from the budget of those who share the address.
    let known = live(&gateway, &token).await?;
    let network = within_budget(&gateway, from)?;
    // Nothing to put off: asked for a second time in this second, or held by the absolute end.
    let furthest = gateway.clock.now() + i64::from(gateway.config.policy.idle_seconds);
    if known.idle_end >= furthest.min(known.absolute_end) {
        return Ok(Json(known));
    }
    resume::extend(&gateway, &token, &network).await?;
    // Also if it ended meanwhile: then this says why.
    live(&gateway, &token).await.map(Json)
}

pub(super) async fn resume(
    State(gateway): State<Arc<Gateway>>,
    Extension(From(from)): Extension<From>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let token = bearer(&headers)?;
    let body = body::read(body).await?;
    live(&gateway, &token).await?;
    let keys = keys(&body)?;
    let network = within_budget(&gateway, from)?;
    // A task of its own: once the keys are exchanged, the peers follow at once even if the connection breaks.
    let run = gateway.tasks.spawn({
        let gateway = Arc::clone(&gateway);
        async move {
            let resumed = resume::resume(&gateway, &token, &keys, &network).await;
            if matches!(resumed, Ok(Resumed::Live(_))) {
                gateway.settled().await;
            }
            resumed
        }
    });
    let failed = |_| Refusal::new(StatusCode::SERVICE_UNAVAILABLE, FaultCode::GatewayDatabase, "the request failed");
    match run.await.map_err(failed)?? {
        Resumed::Live(grant) => Ok(([(header::CACHE_CONTROL, "no-store")], Json(grant)).into_response()),
        Resumed::Ended(reason) => Err(Refusal::ended(reason)),
        Resumed::KeyTaken => Err(NoOutcome::Conflict(KEY_TAKEN).into()),
        Resumed::Unknown => Err(unknown()),
    }
}

/// The keys of a body that has its shape.
pub(super) fn keys(body: &[u8]) -> Result<Resume, Refusal> {
    let keys: Resume = serde_json::from_slice(body)
        // The parser's words may quote a key.
        .map_err(|_| Refusal::new(StatusCode::BAD_REQUEST, FaultCode::BadRequest, "not the JSON of a resume"))?;
    if !is_key(&keys.client_public_key) || !keys.preshared_key.as_ref().is_none_or(is_key) {
        return Err(Refusal::new(StatusCode::BAD_REQUEST, FaultCode::EntryShape, "a key does not have its shape"));
    }
    Ok(keys)
}

/// All zero is no key, but the mark of a client that made none.
pub(super) fn is_key(key: &Key) -> bool {
    key.bytes() != &[0; 32]
}

/// The network prefix of the request, as the audit has it.
pub(super) fn within_budget(gateway: &Gateway, from: IpAddr) -> Result<String, Refusal> {
    gateway.budgets.take(from, Instant::now()).map_err(NoOutcome::Budget)?;
    Ok(budgets::of_network(from).to_string())
}
