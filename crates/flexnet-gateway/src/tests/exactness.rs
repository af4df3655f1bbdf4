//! The tests that run over either database, word for word the same; whoever writes one more names it here.

use super::*;

mod aged;
mod foreign;
mod handoff;
mod lockout;
mod once;
mod own_token;
mod provisioned;
mod readiness;
mod renewals;
mod reports;
mod restored;
mod sessions;
mod undecided;
