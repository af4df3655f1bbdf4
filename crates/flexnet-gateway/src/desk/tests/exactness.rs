//! The console's tests that run over either database, word for word the same.

use super::*;

mod acts;
mod entries;
mod reports;
mod views;
