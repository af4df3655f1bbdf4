//! `[tunnel]`: the way in, as members are told and as the device is made.

use std::net::SocketAddr;

use flexnet_protocol::gateway::TrafficPolicy;
use ipnet::IpNet;
use serde::Deserialize;

use super::wrong;
use crate::{error::Error, network::own_address};

/// `[tunnel]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tunnel {
    /// Name of the WireGuard device.
    pub device: String,
    /// Its UDP port.
    pub listen_port: u16,
    /// Its UDP addresses as seen from outside, best first.
    pub endpoints: Vec<SocketAddr>,
    /// Networks from which members get addresses.
    pub pools: Vec<IpNet>,
    /// Bytes of the largest inner packet.
    pub mtu: u16,
    /// Seconds between the client's keepalives; 0 for none.
    pub keepalive_seconds: u16,
    /// What the rest of the member's traffic may do.
    pub traffic: TrafficPolicy,
}

impl Tunnel {
    pub(super) fn check(self) -> Result<Self, Error> {
        if self.endpoints.is_empty() {
            return Err(wrong("tunnel.endpoints", "needs at least one address"));
        }
        if self.pools.is_empty() || self.pools.iter().any(|pool| own_address(*pool).is_none()) {
            return Err(wrong("tunnel.pools", "needs networks with host addresses"));
        }
        let later = |at| self.pools.iter().skip(at + 1);
        if self.pools.iter().enumerate().any(|(at, pool)| later(at).any(|other| super::overlap(pool, other))) {
            return Err(wrong("tunnel.pools", "must not overlap with each other"));
        }
        if !(1280..=1500).contains(&self.mtu) {
            return Err(wrong("tunnel.mtu", "must be between 1280 and 1500"));
        }
        Ok(self)
    }
}
