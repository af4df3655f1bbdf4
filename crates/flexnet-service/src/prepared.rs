//! A connection that is opened while the member types, and dropped when nobody signs in.
//! Carries one question, where the tunnel will be; the entry goes over it only after a sign-in was asked for.

use std::time::Duration;

use flexnet_protocol::{Fault, FaultCode};
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep_until},
};

use crate::gateway::{Connection, Gateway};

/// Kept for so long after the last key stroke that was told.
const IDLE: Duration = Duration::from_secs(60);

/// At most one connection that nobody uses yet.
#[derive(Default)]
pub(crate) struct Prepared(Option<(Opening, Instant)>);

/// A connection that stands or is being opened; dropping it closes it.
pub(crate) struct Opening(JoinHandle<Result<Connection, Fault>>);

impl Prepared {
    /// Opens a connection if there is none, and keeps it for a while longer.
    pub(crate) fn begin(&mut self, gateway: &Gateway) {
        let until = Instant::now() + IDLE;
        if let Some((_, old)) = &mut self.0 {
            *old = until;
            return;
        }
        let gateway = gateway.clone();
        self.0 = Some((Opening(tokio::spawn(async move { gateway.prepare().await })), until));
    }

    /// Hands it over to a sign-in.
    pub(crate) fn take(&mut self) -> Option<Opening> {
        self.0.take().map(|(opening, _)| opening)
    }

    /// Waits until nobody has typed for a while; for ever without a connection.
    pub(crate) async fn idle(&self) {
        match &self.0 {
            Some((_, until)) => sleep_until(*until).await,
            None => std::future::pending().await,
        }
    }

    /// Closes it.
    pub(crate) fn drop_it(&mut self) {
        self.0 = None;
    }
}

impl Opening {
    /// The connection, if it can still be used. A failure while it was awaited is an answer; an older one is asked again.
    pub(crate) async fn finish(mut self, gateway: &Gateway) -> Result<Connection, Fault> {
        let was_open = self.0.is_finished();
        match (&mut self.0).await {
            Ok(Ok(connection)) if connection.usable() => Ok(connection),
            Ok(Err(fault)) if !was_open => Err(fault),
            Ok(Ok(_) | Err(_)) => gateway.connect().await,
            Err(error) => Err(Fault::new(FaultCode::Internal, error.to_string())),
        }
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        self.0.abort();
    }
}
