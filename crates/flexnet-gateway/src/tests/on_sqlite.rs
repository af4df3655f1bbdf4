//! Exactness over SQLite.

use super::*;

/// Where each of these tests begins.
const STORE: Store = Store::Sqlite;

#[path = "exactness.rs"]
mod exactness;
