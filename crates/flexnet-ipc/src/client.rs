//! The client's side.
use std::path::Path;

use flexnet_protocol::{
    Fault, FaultCode,
    local::{Reply, Request},
    snapshot::Snapshot,
};

/// A connection that has not said `Hello` yet.
pub struct ClientEnd;

/// A typed connection to the service.
pub struct Client;

/// The snapshots of one connection.
pub struct Snapshots;

impl Client {
    /// Connects, checks who serves, and agrees on the version.
    ///
    /// # Errors
    /// `ServiceDown`, `ServiceHangs`, `ServiceImpostor`, `VersionsDiffer`, `NotPermitted`, `Busy`, `NotOnThisSystem`.
    pub async fn connect(_socket: &Path) -> Result<(Self, Snapshots), Fault> {
        Err(FaultCode::NotOnThisSystem.into())
    }

    /// The same over a connection that stands, such as one of [`crate::memory`].
    ///
    /// # Errors
    /// As [`Client::connect`].
    pub async fn over(_end: ClientEnd) -> Result<(Self, Snapshots), Fault> {
        Err(FaultCode::NotOnThisSystem.into())
    }

    /// Asks and waits for the reply. A refusal is a reply, no error.
    ///
    /// # Errors
    /// `ServiceDown` when the connection ends, `ServiceHangs` when no reply comes.
    pub async fn request(&self, _request: Request) -> Result<Reply, Fault> {
        Err(FaultCode::NotOnThisSystem.into())
    }
}

impl Snapshots {
    /// The latest snapshot that was not seen yet, waiting for one; `None` when the connection has ended.
    pub async fn next(&mut self) -> Option<Snapshot> {
        None
    }
}
