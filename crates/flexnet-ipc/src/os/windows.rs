//! Windows: the named pipe is not built yet; every call says so.

use std::path::{Path, PathBuf};

use flexnet_protocol::{Fault, FaultCode};

use crate::{Connection, Error, Peer, frame::Stream};

/// Who may talk to the service.
#[derive(Debug, Clone)]
pub struct Access;

impl Access {
    /// The user of the active session and administrators.
    pub fn installed() -> Self {
        Self
    }
}

/// The service's pipe.
#[derive(Debug)]
pub struct Listener;

impl Listener {
    /// Makes the pipe.
    ///
    /// # Errors
    /// [`Error::NotOnThisSystem`].
    pub fn bind(_pipe: &Path, _access: Access) -> Result<Self, Error> {
        Err(Error::NotOnThisSystem)
    }

    /// The next permitted client.
    ///
    /// # Errors
    /// [`Error::NotOnThisSystem`].
    pub async fn accept(&self) -> Result<(Peer, Connection), Error> {
        Err(Error::NotOnThisSystem)
    }
}

/// Where the installed service listens.
pub fn default_socket() -> PathBuf {
    PathBuf::from(r"\\.\pipe\kv-flexnet")
}

pub(crate) async fn connect(_pipe: &Path) -> Result<Stream, Fault> {
    Err(FaultCode::NotOnThisSystem.into())
}
