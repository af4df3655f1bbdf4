//! The seam to what moves the packets. The real ones are in `os`, a fake one is in the tests of [`crate::device`].

use std::time::SystemTime;

use flexnet_protocol::Key;

use crate::{Backend, Changes, Error, Peer};

/// A device that can be read and changed. Callers do one thing at a time.
pub(crate) trait System: Sized {
    /// Who moves the packets.
    fn backend(&self) -> Backend;
    /// UDP port it listens on, 0 if that is not known yet.
    fn listen_port(&self) -> u16;
    /// An invited peer agrees on a new session although one stands, and the old one goes on until then.
    fn keeps_sessions(&self) -> bool;
    /// The peers that the device has.
    async fn read(&self) -> Result<Vec<Found>, Error>;
    /// Takes out, changes, puts in, in this order.
    async fn change(&self, changes: &Changes) -> Result<(), Error>;
    /// Asks these peers for a handshake. Whether one answers is seen by [`System::read`].
    async fn invite(&self, peers: &[Peer]) -> Result<(), Error>;
    /// Takes the device away; when this returns, it is gone.
    async fn remove(self) -> Result<(), Error>;
}

/// A peer in the device.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// Its configuration; the endpoint is where it was last heard from.
    pub peer: Peer,
    /// When the present session was agreed.
    pub last_handshake: Option<SystemTime>,
    /// Bytes received since it was put in.
    pub received: u64,
    /// Bytes sent since it was put in.
    pub sent: u64,
}

/// The key as a map wants it.
pub(crate) fn id(key: &Key) -> [u8; 32] {
    *key.bytes()
}
