//! `[maintenance]`: while it is on, nobody can sign in; sessions go on.

use serde::Deserialize;

/// `[maintenance]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Maintenance {
    /// Whether it is on.
    pub on: bool,
    /// Should be over at, seconds since 1970 UTC.
    pub until: Option<i64>,
}
