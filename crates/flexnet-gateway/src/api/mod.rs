//! The sign-in API from outside: JSON under `/v1`, every error a problem (RFC 9457).
//! Reads at most 8 KiB of a body, within ten seconds. Decides nothing: `sign_in`, `sessions` and `resume` do.

pub mod body;
mod connect_udp;
mod info;
mod problem;
mod redeem;
mod renew;
mod session;
mod sessions;
mod token;

use std::{net::IpAddr, sync::Arc};

use axum::{Router, http::StatusCode, response::IntoResponse, routing::get, routing::post};
use flexnet_protocol::{FaultCode, gateway::CONNECT_UDP_PATH};

use self::problem::Refusal;
use crate::gateway::Gateway;

/// Who sent a request: the other end of its connection.
#[derive(Debug, Clone, Copy)]
pub struct From(pub IpAddr);

/// All routes. What none of them takes is answered by the `pages`, with [`no_such_resource`] below `/v1`.
pub fn router(gateway: Arc<Gateway>) -> Router {
    Router::new()
        .route("/v1/info", get(info::get))
        .route("/v1/sessions", post(sessions::post))
        .route("/v1/sessions/redeem", post(redeem::post))
        .route("/v1/session", get(session::get).delete(session::delete))
        .route("/v1/session/extend", post(renew::extend))
        .route("/v1/session/resume", post(renew::resume))
        .route("/v1/session/report-token-lost", post(token::report_lost))
        .route("/v1/session/resync-token", post(token::resync))
        .route(CONNECT_UDP_PATH, get(connect_udp::get))
        .method_not_allowed_fallback(async || {
            Refusal::new(StatusCode::METHOD_NOT_ALLOWED, FaultCode::BadRequest, "not a method of this resource")
        })
        .with_state(gateway)
}

/// The answer to an address under which there is nothing.
pub fn no_such_resource() -> impl IntoResponse {
    Refusal::new(StatusCode::NOT_FOUND, FaultCode::BadRequest, "no such resource")
}
