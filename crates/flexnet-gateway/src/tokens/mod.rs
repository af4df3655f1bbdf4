//! TAN generators: HOTP (RFC 4226) and TOTP (RFC 6238). `generator` computes and has no memory; `store` is the memory, in the database.
//! A TAN is spent by compare-and-set on the column `last`, so one step or counter opens at most one session, ever. No TAN or seed is ever logged.

mod generator;
mod store;
#[cfg(test)]
mod tests;

use std::str::FromStr;

use serde::Serialize;

pub use generator::{MAX_DRIFT, Match, Token};
#[cfg(test)]
pub use store::back_in_step;
pub use store::{Learn, NewToken, add, assign, lose, lose_all, lost_shows, place, resync, spend_all, usable, withdraw};

use crate::error::Error;

/// By what a token's TANs follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Each press of the button.
    Hotp,
    /// The clock.
    Totp,
}

impl Kind {
    /// As in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hotp => "hotp",
            Self::Totp => "totp",
        }
    }
}

impl FromStr for Kind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        [Self::Hotp, Self::Totp].into_iter().find(|kind| kind.name() == text).ok_or(Error::Row("kind of token"))
    }
}

/// The hash function of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Hash {
    /// HMAC-SHA-1.
    Sha1,
    /// HMAC-SHA-256.
    Sha256,
    /// HMAC-SHA-512.
    Sha512,
}

impl Hash {
    /// As in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }
}

impl FromStr for Hash {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        [Self::Sha1, Self::Sha256, Self::Sha512]
            .into_iter()
            .find(|hash| hash.name() == text)
            .ok_or(Error::Row("token algorithm"))
    }
}

/// Whose token it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// A member's account, by its row.
    Account(i64),
    /// Somebody of the staff, by his row.
    Staff(i64),
}
