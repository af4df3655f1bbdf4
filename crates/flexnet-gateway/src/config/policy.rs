//! `[policy]`: the rules of sign-in and session. How many wrong entries lock is none of them.

use flexnet_protocol::gateway::Policy;
use serde::Deserialize;

use super::{Version, wrong};
use crate::error::Error;

/// Wrong entries in a row that lock an access. A rule of the field, not a setting.
pub const ATTEMPTS: u8 = 5;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyFile {
    idle_seconds: u32,
    absolute_seconds: u32,
    min_client_version: String,
}

impl PolicyFile {
    /// The rules, and the oldest client that may sign in.
    pub(super) fn resolve(self) -> Result<(Policy, Version), Error> {
        let Self { idle_seconds, absolute_seconds, min_client_version } = self;
        if idle_seconds < 60 || absolute_seconds < idle_seconds {
            let reason = "idle_seconds must be at least 60, absolute_seconds at least idle_seconds";
            return Err(wrong("policy", reason));
        }
        let Some(version) = Version::parse(&min_client_version) else {
            return Err(wrong("policy.min_client_version", "must look like 1.2.3"));
        };
        Ok((Policy { attempts: ATTEMPTS, idle_seconds, absolute_seconds }, version))
    }
}
