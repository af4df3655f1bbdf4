//! A peer as it is wanted, and what the device says of it.

use std::{net::SocketAddr, time::SystemTime};

use flexnet_protocol::Key;
use ipnet::IpNet;

/// A peer as it should be in the device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Who it is.
    pub public_key: Key,
    /// The secret shared beforehand, mixed into every handshake.
    pub preshared_key: Option<Key>,
    /// Where it is first looked for; `None` leaves whatever the device has learned.
    pub endpoint: Option<SocketAddr>,
    /// Networks behind it: what may come from it and is sent to it.
    pub allowed_ips: Vec<IpNet>,
    /// Seconds between persistent keepalives; 0 for none.
    pub keepalive_seconds: u16,
}

/// What the device says of a peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerStatus {
    /// Who it is.
    pub public_key: Key,
    /// Where it was last heard from, or is looked for.
    pub endpoint: Option<SocketAddr>,
    /// When the present session was agreed; `None` if there is none.
    pub last_handshake: Option<SystemTime>,
    /// Bytes received from it and authenticated, since it was first added to this [`crate::Device`].
    pub received: u64,
    /// Bytes sent to it, since it was first added to this [`crate::Device`].
    pub sent: u64,
}
