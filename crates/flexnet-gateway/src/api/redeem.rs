//! `POST /v1/sessions/redeem`: a sign-in in the browser goes on in the application. 202 until the member has confirmed, 201 with the session then.
//! `POST /v1/sessions/redeem/refuse`: the application's member has given it up.
//! Who has no ticket takes nothing from the budget of those who share the address, and nobody's place.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    Extension, Json,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use flexnet_protocol::{FaultCode, gateway::Redeem};
use tokio::time::{Instant, timeout};

use super::{
    From, body,
    problem::Refusal,
    renew::is_key,
    session::{applied, longest_wait, wait},
    sessions::check_open,
};
use crate::{
    budgets,
    connections::Seat,
    gateway::Gateway,
    handoff::{self, Redeemed},
    sign_in::NoOutcome,
    waits::Woken,
};

/// Between two looks at the database, should the word that a ticket has changed be lost.
const LOOK: Duration = Duration::from_secs(1);

pub(super) async fn post(
    State(gateway): State<Arc<Gateway>>,
    Extension(From(from)): Extension<From>,
    Extension(seat): Extension<Seat>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let (body, request) = read(body).await?;
    check_open(&gateway, &request.client)?;
    let ask = Ask { gateway: Arc::clone(&gateway), from, body, request };
    let first = ask.once().await?;
    let (answer, waited) = match (first, wait(&headers, longest_wait(&gateway))) {
        (Redeemed::Waiting { wait, .. }, Some(seconds)) => {
            // One at a time for each ticket: whoever waits takes nobody's place who wants to sign in.
            let lent = seat.lend();
            let answer = ask.until(&wait, Instant::now() + Duration::from_secs(seconds)).await?;
            drop(lent);
            (answer, Some(seconds))
        }
        (answer, _) => (answer, None),
    };
    let mut response = respond(answer)?;
    if let Some(seconds) = waited {
        applied(&mut response, seconds);
    }
    Ok(response)
}

/// Whatever became of the ticket, the answer is the same: nobody learns by it whether there is one.
pub(super) async fn refuse(
    State(gateway): State<Arc<Gateway>>,
    Extension(From(from)): Extension<From>,
    body: Body,
) -> Result<StatusCode, Refusal> {
    let (body, request) = read(body).await?;
    let network = budgets::of_network(from).to_string();
    let budget = || gateway.budgets.take(from, std::time::Instant::now()).map_err(NoOutcome::Budget);
    handoff::give_up(&gateway, &body, &request, &network, budget).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn read(body: Body) -> Result<(Vec<u8>, Redeem), Refusal> {
    let body = body::read(body).await?;
    let request = request(&body)?;
    Ok((body.to_vec(), request))
}

/// 128 bits, base64url without padding.
const TICKET: usize = 22;

/// The redeem of a body that has its shape.
pub(super) fn request(body: &[u8]) -> Result<Redeem, Refusal> {
    let request: Redeem = serde_json::from_slice(body)
        // The parser's words may quote the ticket.
        .map_err(|_| Refusal::new(StatusCode::BAD_REQUEST, FaultCode::BadRequest, "not the JSON of a redeem"))?;
    let keys = is_key(&request.client_public_key) && request.preshared_key.as_ref().is_none_or(is_key);
    if !keys || request.ticket.expose().len() != TICKET {
        return Err(Refusal::new(StatusCode::BAD_REQUEST, FaultCode::EntryShape, "a part does not have its shape"));
    }
    Ok(request)
}

struct Ask {
    gateway: Arc<Gateway>,
    from: IpAddr,
    body: Vec<u8>,
    request: Redeem,
}

impl Ask {
    /// In a task of its own: a session that begins comes to its peer even if the connection breaks.
    async fn once(&self) -> Result<Redeemed, Refusal> {
        let (gateway, from) = (Arc::clone(&self.gateway), self.from);
        let (body, request) = (self.body.clone(), self.request.clone());
        let run = self.gateway.tasks.spawn(async move {
            let network = budgets::of_network(from).to_string();
            let budget = || gateway.budgets.take(from, std::time::Instant::now()).map_err(NoOutcome::Budget);
            let redeemed = handoff::redeem(&gateway, &body, &request, &network, budget).await;
            if matches!(redeemed, Ok(Redeemed::Granted(_))) {
                gateway.settled().await;
            }
            redeemed
        });
        Ok(run.await.unwrap_or(Err(NoOutcome::Unknown))?)
    }

    /// As soon as the member has said something, or as it is at the deadline.
    async fn until(&self, wait: &str, deadline: Instant) -> Result<Redeemed, Refusal> {
        let bells = self.gateway.waits.enter(wait);
        loop {
            let woken = timeout(LOOK, bells.woken(deadline)).await;
            let answer = self.once().await?;
            if !matches!(answer, Redeemed::Waiting { .. }) || woken == Ok(Woken::GoHome) {
                return Ok(answer);
            }
        }
    }
}

fn respond(answer: Redeemed) -> Result<Response, Refusal> {
    let refused = |fault, title| Refusal::new(StatusCode::FORBIDDEN, fault, title);
    let no_store = [(header::CACHE_CONTROL, "no-store")];
    match answer {
        Redeemed::Waiting { handoff, .. } => Ok((StatusCode::ACCEPTED, no_store, Json(handoff)).into_response()),
        Redeemed::Granted(grant) => Ok((StatusCode::CREATED, no_store, Json(grant)).into_response()),
        Redeemed::Over => {
            Err(Refusal::new(StatusCode::GONE, FaultCode::HandoffOver, "the ticket is expired, unknown or used"))
        }
        Redeemed::Refused => Err(refused(FaultCode::HandoffRefused, "the hand-off was refused")),
        Redeemed::Locked => Err(refused(FaultCode::Locked, "the access is locked").attempts_left(0)),
        Redeemed::Disabled => Err(refused(FaultCode::AccountDisabled, "the account is switched off")),
    }
}
