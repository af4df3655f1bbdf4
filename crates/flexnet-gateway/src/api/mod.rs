//! The sign-in API from outside: JSON under `/v1`, every error a problem (RFC 9457).
//! Reads at most 8 KiB of a body (a report: 512), within ten seconds. Decides nothing: `sign_in`, `sessions` and `resume` do.

pub mod body;
mod connect_udp;
pub mod fuzz;
mod info;
mod problem;
mod redeem;
mod renew;
mod reports;
mod session;
mod sessions;
mod token;

use std::{net::IpAddr, sync::Arc};

use axum::{
    Router,
    extract::Request,
    http::StatusCode,
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::{get, post},
};
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
        .route("/v1/sessions/redeem/refuse", post(redeem::refuse))
        .route("/v1/reports", post(reports::post))
        .route("/v1/session", get(session::get).delete(session::delete))
        .route("/v1/session/extend", post(renew::extend))
        .route("/v1/session/resume", post(renew::resume))
        .route("/v1/session/report-token-lost", post(token::report_lost))
        .route("/v1/session/resync-token", post(token::resync))
        .route(CONNECT_UDP_PATH, get(connect_udp::get))
        .method_not_allowed_fallback(async || {
            Refusal::new(StatusCode::METHOD_NOT_ALLOWED, FaultCode::BadRequest, "not a method of this resource")
        })
        .layer(from_fn(no_web_page))
        .with_state(gateway)
}

/// A browser marks what a page sends (Fetch Metadata, `Origin`), an application has no such mark. Without this any page on the internet could
/// spend its visitors' networks on wrong entries for names of its choice.
async fn no_web_page(request: Request, next: Next) -> Response {
    let marked = ["origin", "sec-fetch-site"].iter().any(|mark| request.headers().contains_key(*mark));
    if marked && !request.method().is_safe() {
        return Refusal::new(StatusCode::FORBIDDEN, FaultCode::BadRequest, "not for web pages").into_response();
    }
    next.run(request).await
}

/// The answer to an address under which there is nothing.
pub fn no_such_resource() -> impl IntoResponse {
    Refusal::new(StatusCode::NOT_FOUND, FaultCode::BadRequest, "no such resource")
}
