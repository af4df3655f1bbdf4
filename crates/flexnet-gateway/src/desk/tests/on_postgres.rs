//! The console over PostgreSQL.

use super::*;

/// Where each of these tests begins.
const STORE: Store = Store::Postgres;

#[path = "exactness.rs"]
mod exactness;
