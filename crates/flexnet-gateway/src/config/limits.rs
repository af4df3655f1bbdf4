//! `[limits]`: how much of the outside world is served at once. They bound load; the lockout bounds guessing.

use serde::Deserialize;

use super::wrong;
use crate::error::Error;

/// `[limits]`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Sign-ins a minute from one address (/32 or /56), and how many at once.
    pub address: Budget,
    /// The same for its network (/24 or /48).
    pub network: Budget,
    /// Argon2id computations at the same time, 19 MiB each; 0 for one a processor.
    pub hashes: usize,
    /// Sign-ins that may wait for one of them; more are refused as busy.
    pub waiting: usize,
    /// Open connections. A quarter of them is for networks from which somebody has signed in.
    pub connections: usize,
    /// Open connections from one address (/32 or /56).
    pub connections_per_address: usize,
    /// Open connections from one network (/24 or /48): no network fills all places.
    pub connections_per_network: usize,
    /// Connections that carry WireGuard, beside those; 0 for none.
    pub carriers: usize,
    /// Seconds after which a connection takes no further request; a quarter later it is cut.
    pub connection_seconds: u32,
}

/// A token bucket.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Refilled so many a minute.
    pub per_minute: u32,
    /// At most so many at once.
    pub burst: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            address: Budget { per_minute: 600, burst: 5_000 },
            network: Budget { per_minute: 3_000, burst: 20_000 },
            hashes: 0,
            waiting: 200,
            connections: 800,
            connections_per_address: 250,
            connections_per_network: 400,
            carriers: 1_000,
            connection_seconds: 120,
        }
    }
}

impl Limits {
    pub(super) fn check(self) -> Result<Self, Error> {
        if self.waiting == 0
            || self.connections == 0
            || self.connections_per_address == 0
            || self.connections_per_network == 0
        {
            return Err(wrong("limits", "waiting and connections must not be 0"));
        }
        if self.connection_seconds < 60 {
            let reason = "must be at least 60: clients open one while the member types";
            return Err(wrong("limits.connection_seconds", reason));
        }
        Ok(self)
    }
}
