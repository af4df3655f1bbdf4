//! `[operations]`: where the machines that watch a gateway ask it, and how it takes its leave. Nothing of it is for members.

use std::net::SocketAddr;

use serde::Deserialize;

use super::wrong;
use crate::error::Error;

/// `[operations]`.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Operations {
    /// Where `/metrics`, `/healthz` and `/readyz` are answered, in clear text; nowhere if absent.
    pub listen: Option<SocketAddr>,
    /// Seconds for which a gateway that is to stop still takes sign-ins while `/readyz` says 503: as long as a load balancer needs to see it.
    pub drain_seconds: u32,
}

impl Operations {
    pub(super) fn check(self) -> Result<Self, Error> {
        if self.drain_seconds > 60 {
            return Err(wrong("operations.drain_seconds", "must be at most 60: the service manager waits no longer"));
        }
        Ok(self)
    }
}
