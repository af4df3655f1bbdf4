//! Why the service cannot offer its socket. What a client meets is a [`flexnet_protocol::Fault`].

use std::{io, path::PathBuf};

/// The phase that failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The folder of the socket could not be made or looked at.
    #[error("folder {path} of the socket")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Somebody else could replace the socket.
    #[error("folder {path} of the socket can be written by others")]
    OpenFolder {
        /// The folder.
        path: PathBuf,
    },
    /// Another service answers there.
    #[error("another service listens on {path}")]
    InUse {
        /// The socket.
        path: PathBuf,
    },
    /// Something that is no socket lies there.
    #[error("{path} is there and is no socket")]
    NotASocket {
        /// The file.
        path: PathBuf,
    },
    /// The socket could not be made.
    #[error("socket {path}")]
    Bind {
        /// The socket.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What the service manager passed is not our socket.
    #[error("the socket from the service manager")]
    Adopt {
        /// Why.
        source: io::Error,
    },
    /// The socket takes no connections any more.
    #[error("taking a connection")]
    Accept {
        /// Why.
        source: io::Error,
    },
    /// Not built for this operating system yet.
    #[error("the local socket is not built for this operating system yet")]
    NotOnThisSystem,
}
