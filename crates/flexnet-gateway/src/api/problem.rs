//! Every error as a problem (RFC 9457) with its fault code. Titles are fixed phrases: nothing that a client sent comes back in one.

use std::time::Duration;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use flexnet_protocol::{
    FaultCode,
    gateway::{EndReason, Problem},
};

use crate::{
    attempts::Cause,
    error::Error,
    sign_in::{KEY_TAKEN, NoOutcome},
};

const DATABASE: &str = "the gateway's database does not answer";

/// An error on its way to the client.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    problem: Problem,
    retry_after: Option<Duration>,
}

impl Refusal {
    /// A problem with a title.
    pub fn new(status: StatusCode, fault: FaultCode, title: &'static str) -> Self {
        let problem = Problem {
            kind: "about:blank".into(),
            title: title.into(),
            status: status.as_u16(),
            fault,
            attempts_left: None,
            end_reason: None,
            until: None,
        };
        Self { status, problem, retry_after: None }
    }

    /// The access is being worked on.
    pub fn maintenance(until: Option<i64>) -> Self {
        let mut refusal = Self::new(StatusCode::SERVICE_UNAVAILABLE, FaultCode::Maintenance, "maintenance");
        refusal.problem.until = until;
        refusal
    }

    /// The session is over.
    pub fn ended(reason: EndReason) -> Self {
        let mut refusal = Self::new(StatusCode::GONE, FaultCode::SessionEnded, "the session has ended");
        refusal.problem.end_reason = Some(reason);
        refusal
    }

    /// Everything was right but the gateway. Not counted.
    pub fn undecided(cause: Cause) -> Self {
        let unavailable = StatusCode::SERVICE_UNAVAILABLE;
        match cause {
            Cause::NoAddress => Self::new(unavailable, FaultCode::GatewayBusy, "no address is left"),
            Cause::KeyTaken => Self::from(NoOutcome::Conflict(KEY_TAKEN)),
            Cause::Failed => Self::new(unavailable, FaultCode::GatewayDatabase, DATABASE),
            Cause::NoVerdict => {
                Self::new(unavailable, FaultCode::VerifierSilent, "nobody can check password or TAN just now")
            }
        }
    }

    /// With the entries left before the lock.
    pub fn attempts_left(mut self, left: u8) -> Self {
        self.problem.attempts_left = Some(left);
        self
    }

    /// With the time after which it is worth to come again.
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(wait) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs_f64().ceil() as u64));
        }
        response
    }
}

impl From<NoOutcome> for Refusal {
    fn from(reason: NoOutcome) -> Self {
        let (busy, unavailable) = (FaultCode::GatewayBusy, StatusCode::SERVICE_UNAVAILABLE);
        match reason {
            NoOutcome::Busy => {
                Self::new(unavailable, busy, "more sign-ins than can be checked").retry_after(Duration::from_secs(2))
            }
            NoOutcome::Full => Self::undecided(Cause::NoAddress),
            NoOutcome::NoJudge => Self::undecided(Cause::NoVerdict),
            NoOutcome::Clock => {
                tracing::error!("the clock lies before the last audit row: nobody can sign in until it is right");
                Self::new(unavailable, FaultCode::GatewayDatabase, "the gateway's clock cannot be believed")
            }
            NoOutcome::Budget(wait) => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, busy, "too many sign-ins from this network").retry_after(wait)
            }
            NoOutcome::Conflict(title) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, FaultCode::BadRequest, title),
            NoOutcome::Failed(error) => Self::from(error),
            // The fault that a client knows from its own wait for an answer: counted or not, nobody can say.
            NoOutcome::Unknown => Self::new(
                StatusCode::GATEWAY_TIMEOUT,
                FaultCode::GatewayHangs,
                "the attempt may be counted and has no outcome yet",
            ),
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "a request failed");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, FaultCode::GatewayDatabase, DATABASE)
    }
}
