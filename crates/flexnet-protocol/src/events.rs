//! What happened last in a program of ours: short lines without a secret or a personal value, redacted before they are written anywhere.

use serde::{Deserialize, Serialize};

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Counts up from 1, over restarts of the program as well.
    pub number: u64,
    /// Unix time in milliseconds, by the PC's clock.
    pub at_ms: i64,
    /// How much it matters.
    pub level: Level,
    /// The module that tells it, such as `flexnet_service::service`.
    pub place: String,
    /// What happened, in technical English, with its fields behind it.
    pub text: String,
}

/// How much an event matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Of no matter but to whoever looks for something.
    Debug,
    /// As it should be.
    Info,
    /// Something went another way than it should.
    Warn,
    /// Something did not work.
    Error,
    /// The program ended by a panic here.
    Panic,
}
