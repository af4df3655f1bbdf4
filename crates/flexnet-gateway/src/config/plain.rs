//! `[plain]`: where plain HTTP says that the gateway is there, for members' diagnosis. Nowhere, unless it is said.

use std::net::SocketAddr;

use serde::Deserialize;

use super::wrong;
use crate::error::Error;

/// `[plain]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Plain {
    /// Port 80 of the gateway's addresses, as members reach them.
    pub listen: Vec<SocketAddr>,
}

impl Plain {
    pub(super) fn check(self) -> Result<Self, Error> {
        if self.listen.len() > 16 {
            return Err(wrong("plain.listen", "must be at most 16 addresses"));
        }
        Ok(self)
    }
}
