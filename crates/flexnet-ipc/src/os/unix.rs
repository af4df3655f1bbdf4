//! Unix.
use std::path::{Path, PathBuf};

use crate::{Connection, Error, Peer};

/// Who may talk to the service besides root and the service's own user.
#[derive(Debug, Clone)]
pub struct Access;

impl Access {
    /// Members of the group `kv-flexnet` and the user of the active local session.
    pub fn installed() -> Self {
        Self
    }
}

/// The service's socket.
pub struct Listener;

impl Listener {
    /// Binds, or adopts the socket that the service manager passed.
    ///
    /// # Errors
    /// [`Error`], by phase.
    pub fn bind(_socket: &Path, _access: Access) -> Result<Self, Error> {
        Err(Error::NotOnThisSystem)
    }

    /// The next permitted client. Others are refused and logged here.
    ///
    /// # Errors
    /// [`Error::Accept`] if no client can come any more.
    pub async fn accept(&self) -> Result<(Peer, Connection), Error> {
        Err(Error::NotOnThisSystem)
    }
}

/// Where the installed service listens.
pub fn default_socket() -> PathBuf {
    PathBuf::from("/run/kv-flexnet/service.sock")
}
