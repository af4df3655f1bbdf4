//! `POST /v1/reports`: a report of a diagnosis, without a sign-in, also during maintenance. Counted and measured before anything of it is looked at.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Json,
    body::Body,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use flexnet_protocol::{FaultCode, gateway::Readiness, report::MAX_REPORT};
use tokio::time::timeout;

use super::{From, body, problem::Refusal};
use crate::{
    gateway::Gateway,
    operations,
    reports::{self, Keeping, Opened, Refused, Room},
    sign_in::NoOutcome,
};

/// How long the database may take. The client waits ten seconds for everything.
const DATABASE_LIMIT: Duration = Duration::from_secs(5);
/// When to come again if all places to read one are taken.
const BUSY: Duration = Duration::from_secs(5);

pub(super) async fn post(
    State(gateway): State<Arc<Gateway>>,
    Extension(From(from)): Extension<From>,
    body: Body,
) -> Result<Response, Refusal> {
    let (busy, unavailable) = (FaultCode::GatewayBusy, StatusCode::SERVICE_UNAVAILABLE);
    gateway.reports.count(from).map_err(|wait| {
        Refusal::new(StatusCode::TOO_MANY_REQUESTS, busy, "too many reports from this network").retry_after(wait)
    })?;
    let place = gateway.reports.place();
    let _place = place.ok_or_else(|| Refusal::new(unavailable, busy, "too many reports at once").retry_after(BUSY))?;
    let body = body::read_up_to(body, MAX_REPORT).await?;
    let report = request(&body)?;
    let now = gateway.clock.sane().ok_or(NoOutcome::Clock)?;
    let silent = || Refusal::new(unavailable, FaultCode::GatewayDatabase, "the gateway's database does not answer");
    if operations::readiness(&gateway) == Readiness::Database {
        return Err(silent());
    }
    let limits = gateway.config.reports;
    let room = Room { reports: limits.kept.into(), bytes: limits.bytes() };
    let keeping = reports::keep(&gateway.database, &gateway.keys, room, &report, now);
    match timeout(DATABASE_LIMIT, keeping).await.map_err(|_| silent())?? {
        Keeping::Kept(kept) => {
            Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], Json(kept)).into_response())
        }
        Keeping::Full => Err(Refusal::new(unavailable, busy, "there is no room for more reports")),
        Keeping::OtherKey => {
            Err(refused(StatusCode::CONFLICT, "this report is kept with another installation's signature"))
        }
    }
}

/// The report of a body that has its shape and its signature.
pub(super) fn request(body: &[u8]) -> Result<Opened, Refusal> {
    let report = reports::open(body).and_then(|report| match report.is_genuine() {
        true => Ok(report),
        false => Err(Refused::Signature),
    });
    report.map_err(|reason| match reason {
        Refused::Length => refused(StatusCode::PAYLOAD_TOO_LARGE, "the report is longer than 512 KiB"),
        Refused::Envelope => refused(StatusCode::BAD_REQUEST, "not the JSON of a sealed report"),
        Refused::Format => refused(StatusCode::UNPROCESSABLE_ENTITY, "a format that this gateway does not know"),
        Refused::Head => refused(StatusCode::UNPROCESSABLE_ENTITY, "what is sealed is not a report"),
        Refused::Signature => refused(StatusCode::UNPROCESSABLE_ENTITY, "the signature does not fit"),
    })
}

fn refused(status: StatusCode, title: &'static str) -> Refusal {
    Refusal::new(status, FaultCode::BadRequest, title)
}
