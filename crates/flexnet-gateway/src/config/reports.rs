//! `[reports]`: how many reports of diagnoses are taken and kept. For how long is no setting: the member is told thirty days.

use serde::Deserialize;

use super::{Budget, wrong};
use crate::error::Error;

/// Numbers have five digits, and finding a free one by chance must stay quick.
const MOST: u32 = 45_000;

/// `[reports]`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reports {
    /// Kept at once; 0 takes none. When all places are taken a new one is refused.
    pub kept: u32,
    /// Megabytes (10^6 bytes) of them.
    pub megabytes: u32,
    /// Reports a minute from one address (/32 or /56), and how many at once.
    pub address: Budget,
    /// The same for its network (/24 or /48).
    pub network: Budget,
}

impl Default for Reports {
    fn default() -> Self {
        Self {
            kept: 2_000,
            megabytes: 200,
            address: Budget { per_minute: 2, burst: 10 },
            network: Budget { per_minute: 6, burst: 30 },
        }
    }
}

impl Reports {
    pub(super) fn check(self) -> Result<Self, Error> {
        if self.kept > MOST {
            return Err(wrong("reports.kept", "must be at most 45000: their numbers have five digits"));
        }
        Ok(self)
    }

    /// Bytes that may be kept.
    pub fn bytes(&self) -> i64 {
        i64::from(self.megabytes) * 1_000_000
    }
}
