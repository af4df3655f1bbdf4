//! The tests of exactness over SQLite; word for word the same as over the other database.

use super::*;

/// Where each of these tests begins.
const STORE: Store = Store::Sqlite;

#[path = "aged.rs"]
mod aged;
#[path = "foreign.rs"]
mod foreign;
#[path = "handoff.rs"]
mod handoff;
#[path = "lockout.rs"]
mod lockout;
#[path = "once.rs"]
mod once;
#[path = "own_token.rs"]
mod own_token;
#[path = "provisioned.rs"]
mod provisioned;
#[path = "renewals.rs"]
mod renewals;
#[path = "restored.rs"]
mod restored;
#[path = "sessions.rs"]
mod sessions;
#[path = "undecided.rs"]
mod undecided;
