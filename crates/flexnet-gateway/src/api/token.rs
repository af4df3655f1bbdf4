//! `POST /v1/session/report-token-lost` and `POST /v1/session/resync-token`: what a member does about a token from a running session.

use std::sync::Arc;

use axum::{
    Extension,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use flexnet_protocol::{FaultCode, gateway::Resync};

use super::{
    From, body,
    problem::Refusal,
    renew::within_budget,
    session::{bearer, live, unknown},
    sessions::is_tan,
};
use crate::{
    attempts::Outcome,
    budgets,
    gateway::Gateway,
    lost,
    resync::{self, Resynced, Step},
    sign_in::{NoOutcome, OTHER_BODY},
};

pub(super) async fn report_lost(
    State(gateway): State<Arc<Gateway>>,
    Extension(From(from)): Extension<From>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    let token = bearer(&headers)?;
    live(&gateway, &token).await?;
    let network = budgets::of_network(from).to_string();
    // A task of its own: what is reported is written down, and the peers go, even if the connection breaks.
    let run = gateway.tasks.spawn({
        let gateway = Arc::clone(&gateway);
        async move {
            let reported = lost::report(&gateway, &token, &network).await;
            gateway.settled().await;
            reported
        }
    });
    match run.await.unwrap_or(Ok(false)) {
        Ok(true) => Ok(StatusCode::NO_CONTENT),
        Ok(false) => Err(unknown()),
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn resync(
    State(gateway): State<Arc<Gateway>>,
    Extension(From(from)): Extension<From>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Refusal> {
    let token = bearer(&headers)?;
    let body = body::read(body).await?;
    live(&gateway, &token).await?;
    let request = two_tans(&body)?;
    let network = within_budget(&gateway, from)?;
    let Resynced::Ended(outcome) = resync::resync(&gateway, &token, network, &body, request).await? else {
        // It has ended meanwhile; this says why.
        return Err(live(&gateway, &token).await.err().unwrap_or_else(unknown));
    };
    let refused = |fault, title| Refusal::new(StatusCode::FORBIDDEN, fault, title);
    match outcome {
        Outcome::Resync(Step::In) => Ok(StatusCode::NO_CONTENT),
        Outcome::Resync(Step::Out { attempts_left }) => {
            Err(refused(FaultCode::TokenOutOfStep, "no token shows these two").attempts_left(attempts_left))
        }
        Outcome::Resync(Step::Lost { attempts_left }) => {
            Err(refused(FaultCode::TokenLost, "the token was reported lost").attempts_left(attempts_left))
        }
        // The gateway died over it.
        Outcome::Refused { attempts_left } => {
            Err(refused(FaultCode::TokenOutOfStep, "not decided").attempts_left(attempts_left))
        }
        Outcome::Locked => Err(refused(FaultCode::Locked, "the access is locked").attempts_left(0)),
        Outcome::Granted(_) | Outcome::HandedOff(_) | Outcome::Disabled { .. } | Outcome::Undecided(_) => {
            Err(NoOutcome::Conflict(OTHER_BODY).into())
        }
    }
}

/// The two TANs of a body that has its shape.
pub(super) fn two_tans(body: &[u8]) -> Result<Resync, Refusal> {
    let request: Resync = serde_json::from_slice(body)
        // The parser's words may quote a TAN.
        .map_err(|_| Refusal::new(StatusCode::BAD_REQUEST, FaultCode::BadRequest, "not the JSON of a resync"))?;
    if !is_tan(&request.first) || !is_tan(&request.second) {
        return Err(Refusal::new(StatusCode::BAD_REQUEST, FaultCode::EntryShape, "a TAN does not have its shape"));
    }
    Ok(request)
}
