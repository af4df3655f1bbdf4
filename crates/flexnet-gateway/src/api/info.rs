//! `GET /v1/info`: what a client shows before anybody signs in. The same for everybody.

use std::sync::Arc;

use axum::{Json, extract::State};
use flexnet_protocol::gateway::{Info, TunnelHint};

use crate::{gateway::Gateway, operations};

pub(super) async fn get(State(gateway): State<Arc<Gateway>>) -> Json<Info> {
    let config = &gateway.config;
    Json(Info {
        name: config.organisation.clone(),
        version: flexnet_protocol::VERSION.to_owned(),
        min_client_version: config.min_client_version.to_string(),
        server_time: gateway.clock.now(),
        policy: config.policy,
        desk: config.desk.clone(),
        portal_url: config.portal.url.clone(),
        // Without it a client begins its handshake after the sign-in.
        tunnel: gateway
            .network
            .takes_early()
            .then(|| TunnelHint { public_key: gateway.public_key.clone(), endpoints: config.tunnel.endpoints.clone() }),
        maintenance: gateway.note.now(),
        readiness: operations::readiness(&gateway),
    })
}
