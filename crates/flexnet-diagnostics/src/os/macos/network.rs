//! Adapters, addresses and routes. Not told on this system yet.

use std::{io, net::IpAddr};

use crate::collect::network::{Lead, Seen};

/// Everything at once.
#[expect(clippy::unused_async, reason = "other systems wait here")]
pub(crate) async fn see() -> io::Result<Seen> {
    Err(io::ErrorKind::Unsupported.into())
}

/// What leads to `ip`.
#[expect(clippy::unused_async, reason = "other systems wait here")]
pub(crate) async fn lead(_ip: IpAddr) -> io::Result<Lead> {
    Err(io::ErrorKind::Unsupported.into())
}
