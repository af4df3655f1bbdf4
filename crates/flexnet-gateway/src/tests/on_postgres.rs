//! The tests of exactness over PostgreSQL; word for word the same as over the other database.

use super::*;

/// Where each of these tests begins.
const STORE: Store = Store::Postgres;

#[path = "lockout.rs"]
mod lockout;
#[path = "once.rs"]
mod once;
#[path = "renewals.rs"]
mod renewals;
#[path = "sessions.rs"]
mod sessions;
#[path = "undecided.rs"]
mod undecided;
