//! What the KV's network operations see of a gateway: `/metrics`, `/healthz` and `/readyz` in clear text on a listener of their own, by default on loopback.
//! Holds nothing of members and takes no orders. `pulse` is what it knows of itself, `drain` its leave, `maintenance` the note, `check` the look before the start.

mod backup;
mod certificate;
mod check;
mod drain;
mod log;
mod maintenance;
mod pulse;
mod reload;

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use sqlx::Row as _;
use tokio::{net::TcpListener, sync::Semaphore, time::timeout};

pub use backup::backup;
pub use check::check;
pub use drain::drain;
pub use log::begin as begin_log;
pub use maintenance::{Note, announce, announced, describe};
#[cfg(test)]
pub use pulse::look;
pub use pulse::{Pulse, follow, readiness};
pub use reload::{note_certificate, reload_when_asked};

use crate::{gateway::Gateway, metrics::Levels};

/// Connections at once: a few machines that ask every few seconds.
const CONNECTIONS: usize = 32;
/// How long one may take to send its request.
const HEAD_LIMIT: Duration = Duration::from_secs(10);
/// How long a whole connection may last.
const CONNECTION_LIMIT: Duration = Duration::from_secs(300);
/// How long the database may take to say what is counted there.
const DATABASE_LIMIT: Duration = Duration::from_secs(2);

/// Answers until dropped; never, where nothing listens. Holds no gateway: one that has stopped is not there.
pub async fn serve(gateway: Weak<Gateway>, listener: Option<TcpListener>) {
    let Some(listener) = listener else { return std::future::pending().await };
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let service = TowerToHyperService::new(router(gateway));
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_LIMIT)
            .serve_connection(TokioIo::new(stream), service.clone());
        tokio::spawn(async move {
            // Whoever watches asks again; a broken connection of his is no news.
            let _ = timeout(CONNECTION_LIMIT, connection).await;
            drop(place);
        });
    }
}

fn router(gateway: Weak<Gateway>) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .with_state(gateway)
}

async fn metrics(State(gateway): State<Weak<Gateway>>) -> Response {
    let Some(gateway) = gateway.upgrade() else { return gone() };
    let levels = levels(&gateway).await;
    let peers = gateway.network.activity();
    match gateway.metrics.text(levels, peers.values()) {
        Ok(text) => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(header::CONTENT_TYPE, kind)], text).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Whether the process lives and its loop turns: if not, it should be started anew. Says nothing about database or network, which a new start would not mend.
async fn healthz(State(gateway): State<Weak<Gateway>>) -> Response {
    let Some(gateway) = gateway.upgrade() else { return gone() };
    if gateway.pulse.beats() {
        (StatusCode::OK, format!("alive\ngateway {}\n", gateway.config.name)).into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the loop does not turn\n").into_response()
    }
}

/// Whether new sign-ins should come here; if not, why.
async fn readyz(State(gateway): State<Weak<Gateway>>) -> Response {
    let Some(gateway) = gateway.upgrade() else { return gone() };
    let hindrances = pulse::hindrances(&gateway);
    if hindrances.is_empty() {
        return (StatusCode::OK, "ready\n").into_response();
    }
    let reasons: String = hindrances.iter().map(|hindrance| format!("{}\n", hindrance.word())).collect();
    (StatusCode::SERVICE_UNAVAILABLE, reasons).into_response()
}

fn gone() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, "stopped\n").into_response()
}

async fn levels(gateway: &Gateway) -> Levels {
    let (running, waiting) = gateway.admission.levels();
    let note = gateway.note.now();
    Levels {
        sessions: number(gateway, "SELECT count(*) FROM session WHERE ended IS NULL").await,
        audit_rows: number(gateway, "SELECT coalesce(max(number), 0) FROM audit").await,
        carriers: gateway.carriers.count(),
        running,
        waiting,
        audit_intact: gateway.pulse.audit_stands().is_ok(),
        maintenance: note.is_some(),
        maintenance_until: note.and_then(|note| note.until).unwrap_or(0),
        ready: pulse::hindrances(gateway).is_empty(),
        certificate_end: gateway.pulse.certificate_end(),
    }
}

async fn number(gateway: &Gateway, select: &'static str) -> Option<i64> {
    let row = timeout(DATABASE_LIMIT, sqlx::query(select).fetch_one(gateway.database.read())).await.ok()?.ok()?;
    row.try_get(0).ok()
}
