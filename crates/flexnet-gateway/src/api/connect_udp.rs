//! The carrier through TLS 443: an upgrade (RFC 9298) to the gateway's own WireGuard port, for the bearer token of a live session.
//! Another target is no resource here.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use flexnet_masque::upgrade;
use flexnet_protocol::FaultCode;

use super::{problem::Refusal, session::own_session};
use crate::gateway::Gateway;

pub(super) async fn get(State(gateway): State<Arc<Gateway>>, mut request: Request) -> Result<Response, Refusal> {
    let refused = |status, fault, title| Refusal::new(status, fault, title);
    let ready = hyper::upgrade::on(&mut request);
    let (request, _no_body) = request.into_parts();
    if !upgrade::is_asked_for(&request) {
        return Err(refused(StatusCode::BAD_REQUEST, FaultCode::BadRequest, "not an upgrade to connect-udp"));
    }
    let session = own_session(&gateway, &request.headers).await?;
    let busy = || refused(StatusCode::SERVICE_UNAVAILABLE, FaultCode::GatewayBusy, "no carrier is left");
    let ticket = gateway.carriers.take(&session.session_id).ok_or_else(busy)?;
    let answer = upgrade::accepted().body(Body::empty());
    let answer = answer
        .map_err(|_| refused(StatusCode::INTERNAL_SERVER_ERROR, FaultCode::Internal, "the answer cannot be made"))?;
    ticket.carry(ready);
    Ok(answer)
}
