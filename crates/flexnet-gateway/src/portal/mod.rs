//! The example portal: what a KV's member portal looks like from inside the tunnel. A separate web server with its own second login.
//! Knows nothing of the sign-in, its database or the tunnel; everything a member leaves here lives in memory and ends with the process.
//! One module a page; `visit` holds logins and guards forms, `page` is the frame around every page.

mod billing;
mod directory;
mod duty;
mod fees;
mod login;
mod page;
mod pdf;
mod services;
mod start;
mod users;
mod visit;

use std::{io, net::SocketAddr, path::PathBuf, sync::Arc};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{StatusCode, header},
    middleware::{from_fn, map_response},
    response::{IntoResponse, Response},
    routing::get,
};
use jiff::{Zoned, civil::Date, tz::TimeZone};
use tokio::net::TcpListener;

use crate::{browser, passwords::Passwords};
use users::Users;

/// Largest request, an uploaded billing file included.
const MAX_REQUEST: usize = 8 * 1024 * 1024;

/// How the portal is started.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// Address and port inside the tunnel
    #[arg(long)]
    pub listen: SocketAddr,
    /// Accounts of the second login (TOML: [[user]] with name, display_name, password_hash); without it muster / portal
    #[arg(long)]
    pub users: Option<PathBuf>,
}

/// Why the portal does not run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file with the accounts cannot be read.
    #[error("cannot read {0}")]
    ReadUsers(PathBuf, #[source] io::Error),
    /// The file with the accounts cannot be understood.
    #[error("{0} cannot be understood")]
    ParseUsers(PathBuf, #[source] Box<toml::de::Error>),
    /// The accounts could not be prepared.
    #[error("the portal's accounts")]
    Accounts(#[source] crate::error::Error),
    /// The address is taken or not ours.
    #[error("cannot listen on {0}")]
    Listen(SocketAddr, #[source] io::Error),
    /// The server ended.
    #[error("the portal's web server")]
    Serve(#[source] io::Error),
}

/// Serves the portal until `stop` is ready.
///
/// # Errors
/// The phase that failed.
pub async fn serve(options: Options, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), Error> {
    let users = match &options.users {
        Some(path) => Users::read(path)?,
        None => Users::example()?,
    };
    let portal = Portal::new(users)?;
    let listener = TcpListener::bind(options.listen).await.map_err(|error| Error::Listen(options.listen, error))?;
    tracing::info!(listen = %options.listen, "the example portal is open");
    axum::serve(listener, router(portal)).with_graceful_shutdown(stop).await.map_err(Error::Serve)
}

/// Everything the portal remembers.
#[derive(Debug)]
struct Portal {
    users: Users,
    passwords: Passwords,
    visits: visit::Visits,
    submissions: billing::Submissions,
    exchange: duty::Exchange,
    courses: services::Courses,
}

impl Portal {
    fn new(users: Users) -> Result<Arc<Self>, Error> {
        let today = today();
        Ok(Arc::new(Self {
            users,
            passwords: Passwords::new(2, 16).map_err(Error::Accounts)?,
            visits: visit::Visits::default(),
            submissions: billing::Submissions::default(),
            exchange: duty::Exchange::example(today),
            courses: services::Courses::example(today),
        }))
    }
}

fn router(portal: Arc<Portal>) -> Router {
    Router::new()
        .merge(login::routes())
        .merge(start::routes())
        .merge(billing::routes())
        .merge(fees::routes())
        .merge(directory::routes())
        .merge(duty::routes())
        .merge(services::routes())
        .route("/portal.css", get(style))
        .fallback(async || page::lost(StatusCode::NOT_FOUND))
        .method_not_allowed_fallback(async || page::lost(StatusCode::METHOD_NOT_ALLOWED))
        .with_state(portal)
        .layer(DefaultBodyLimit::max(MAX_REQUEST))
        .layer(from_fn(visit::own_forms_only))
        .layer(map_response(with_headers))
}

async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("portal.css"))
}

async fn with_headers(mut response: Response) -> Response {
    browser::fence(response.headers_mut(), browser::NO_SCRIPT, "same-origin");
    response
}

/// The day in Germany.
fn today() -> Date {
    Zoned::now().with_time_zone(TimeZone::get("Europe/Berlin").unwrap_or(TimeZone::UTC)).date()
}

#[cfg(test)]
mod tests;
