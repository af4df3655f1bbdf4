//! The service desk's web console on a listener of its own. Plain pages and forms: no script, nothing from elsewhere, every act in the audit.
//! No page holds a password, a seed or a TAN. `gate` stands before every page and knows by `access` who may; one module a page; the acts are `crate::acts`.

mod access;
mod advice;
mod audit;
mod detail;
mod find;
pub mod fuzz;
mod gate;
mod member;
mod page;
mod report;
mod reports;
mod sign_in;
mod tokens;
mod view;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{StatusCode, header},
    middleware::{from_fn_with_state, map_response},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use flexnet_protocol::text::{Language, Texts};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::{
    browser,
    config::{self, Limits},
    connections::{self, Guest},
    error::Error,
    gateway::Gateway,
    os,
    tls::{self, Certificate},
};

/// Largest request.
const MAX_REQUEST: usize = 256 * 1024;
/// Largest file of a report: what is sealed, and the page around it that shows the same again.
const MAX_REPORT_FILE: usize = 4 * 1024 * 1024;
/// A desk has fewer people than the internet.
const CONNECTIONS: usize = 64;
/// Connections that may wait to be accepted.
const BACKLOG: u32 = 64;

/// The console's open listener.
#[derive(Debug)]
pub struct Listener {
    listener: TcpListener,
    tls: Arc<rustls::ServerConfig>,
}

impl Listener {
    /// Takes the console's address. `shared` is the certificate of the sign-in API, for a console without its own.
    ///
    /// # Errors
    /// [`Error::Pem`], [`Error::Tls`], [`Error::Listen`].
    pub fn open(config: &config::Console, shared: &Arc<Certificate>) -> Result<Self, Error> {
        let certificate = match &config.certificate {
            None => Arc::clone(shared),
            Some((certificate, key)) => Certificate::load(certificate, key)?,
        };
        let tls = match &config.client_authority {
            None => tls::serving(certificate)?,
            Some(authority) => tls::mutual(certificate, authority)?,
        };
        let listen = |error| Error::Listen(config.listen, error);
        let listener = os::hold(config.listen).and_then(|socket| socket.listen(BACKLOG)).map_err(listen)?;
        Ok(Self { listener, tls })
    }
}

/// The console at work.
#[derive(Debug)]
pub struct Open {
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

/// Serves the console beside everything else.
pub fn spawn(gateway: Arc<Gateway>, listener: Listener) -> Open {
    let (stop, stopped) = oneshot::channel();
    let limits = Limits {
        connections: CONNECTIONS,
        connections_per_address: CONNECTIONS,
        connections_per_network: CONNECTIONS,
        ..gateway.config.limits
    };
    let router = router(Arc::new(Console::new(gateway)));
    let stopped = async { drop(stopped.await) };
    let served =
        tokio::spawn(connections::serve(listener.listener, listener.tls, router, limits, |_| Guest::Known, stopped));
    Open { stop, served }
}

impl Open {
    /// Lets the running requests end; after it nothing of the gateway is in use here.
    pub async fn close(self) {
        drop(self.stop);
        if let Err(error) = self.served.await {
            tracing::error!(%error, "the console did not end by itself");
        }
    }
}

/// What every page needs.
struct Console {
    gateway: Arc<Gateway>,
    german: Texts,
    english: Texts,
}

impl Console {
    fn new(gateway: Arc<Gateway>) -> Self {
        Self { gateway, german: Texts::desk(Language::German), english: Texts::desk(Language::English) }
    }
}

fn router(console: Arc<Console>) -> Router {
    Router::new()
        .route("/desk.css", get(style))
        .route("/sign-in", get(sign_in::show).post(sign_in::enter))
        .route("/sign-out", post(sign_in::leave))
        .route("/language", post(gate::set_language))
        .route("/", get(find::show))
        .route("/members/{id}", get(member::show))
        .route("/members/{id}/unlock", post(member::unlock))
        .route("/members/{id}/end-session", post(member::end_session))
        .route("/members/{id}/token-lost", post(member::lose_token))
        .route("/members/{id}/assign-token", post(member::assign_token))
        .route("/members/{id}/resync-token", post(member::resync_token))
        .route("/report", get(report::show).post(report::read).layer(DefaultBodyLimit::max(MAX_REPORT_FILE)))
        .route("/reports", get(reports::show))
        .route("/reports/{number}", get(reports::open))
        .route("/tokens", get(tokens::show))
        .route("/imports/{id}/accept", post(tokens::accept))
        .route("/imports/{id}/refuse", post(tokens::refuse))
        .route("/audit", get(audit::show))
        .route("/audit/verify", get(audit::verify))
        .fallback(async || StatusCode::NOT_FOUND)
        .method_not_allowed_fallback(async || StatusCode::METHOD_NOT_ALLOWED)
        .with_state(Arc::clone(&console))
        .layer(DefaultBodyLimit::max(MAX_REQUEST))
        .layer(from_fn_with_state(console, gate::stand))
        .layer(map_response(with_headers))
}

async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("desk.css"))
}

async fn with_headers(mut response: Response) -> Response {
    browser::fence(response.headers_mut(), browser::NO_SCRIPT, "same-origin");
    response
}
