//! How tokens come in by the hundred: files of the makers, PSKC (RFC 6030) or CSV, brought by one person and let in by another.
//! The parsers know no database, no file and no clock; a file is taken whole or not at all. Next: `pskc`, `csv`, then `import`.

mod cipher;
mod csv;
pub mod import;
mod pskc;

use std::collections::HashMap;

use data_encoding::{BASE64, HEXLOWER};
use flexnet_protocol::Secret;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::tokens::{Hash, Kind, NewToken};
pub use import::{Import, Waiting};

/// Bytes of the largest file.
pub const LARGEST: usize = 16 * 1024 * 1024;
/// Tokens in one file.
const MOST: usize = 100_000;

/// Why a file is not taken. Nothing of it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Something is wrong at a place.
    #[error("line {line}: {what}")]
    At {
        /// From 1.
        line: u32,
        /// In English; never a value that may be secret.
        what: String,
    },
    /// A serial number comes twice.
    #[error("line {line}: serial number {serial} stands in line {first} already")]
    Twice {
        /// Where it comes again.
        line: u32,
        /// Where it came first.
        first: u32,
        /// The number.
        serial: String,
    },
    /// The file is encrypted, and its key was not given.
    #[error("the file is encrypted: {} is needed", .0.name())]
    Secret(Needed),
    /// The file as a whole.
    #[error("the file {0}")]
    Whole(&'static str),
}

/// What opens an encrypted file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needed {
    /// The maker's key, in hexadecimal.
    Key,
    /// The maker's passphrase.
    Passphrase,
}

impl Needed {
    /// For the prompt.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Key => "its key (hexadecimal)",
            Self::Passphrase => "its passphrase",
        }
    }
}

/// A token of a file. Debug tells its serial number only.
#[derive(Clone, PartialEq, Eq)]
pub struct Provisioned {
    /// As printed on the device.
    pub serial: String,
    /// By what its TANs follow each other.
    pub kind: Kind,
    /// Its hash function.
    pub hash: Hash,
    /// 6 to 8.
    pub digits: u8,
    /// Seconds of a step; TOTP only.
    pub period: u32,
    /// At least 16 bytes.
    pub seed: Zeroizing<Vec<u8>>,
    /// HOTP: the counter of its next TAN.
    pub counter: i64,
    /// TOTP: steps by which its clock is ahead.
    pub drift: i64,
}

impl std::fmt::Debug for Provisioned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Provisioned({})", self.serial)
    }
}

impl Provisioned {
    /// For the table of tokens; the counter and the drift are set beside it.
    pub fn token(&self) -> NewToken {
        NewToken {
            serial: self.serial.clone(),
            kind: self.kind,
            hash: self.hash,
            digits: self.digits,
            period: self.period,
            seed: self.seed.clone(),
        }
    }

    /// Checks what both formats have in common.
    fn checked(self, line: u32) -> Result<Self, Error> {
        let bad = |what: String| Err(Error::At { line, what });
        let printable = |serial: &str| serial.chars().all(|c| c.is_ascii_graphic() || c == ' ');
        if self.serial.is_empty() || self.serial.len() > 64 || !printable(&self.serial) {
            return bad("the serial number must have 1 to 64 printable ASCII characters".into());
        }
        let serial = &self.serial;
        if !(16..=128).contains(&self.seed.len()) {
            return bad(format!("{serial}: the seed has {} bytes; it must have 16 to 128", self.seed.len()));
        }
        if !(6..=8).contains(&self.digits) {
            return bad(format!("{serial}: a TAN has 6 to 8 digits, not {}", self.digits));
        }
        if !(10..=300).contains(&self.period) {
            return bad(format!("{serial}: a step has 10 to 300 seconds, not {}", self.period));
        }
        // Far below what an 8-byte counter holds, so that no sum of ours overflows.
        if !(0..1 << 48).contains(&self.counter) {
            return bad(format!("{serial}: the counter {} cannot be right", self.counter));
        }
        if !(-100..=100).contains(&self.drift) {
            return bad(format!(
                "{serial}: its clock is {} steps off; such a token is to be set or replaced",
                self.drift
            ));
        }
        Ok(self)
    }
}

/// Reads a file of either format, at `now` in seconds since 1970 UTC: a token whose time is over is refused.
///
/// # Errors
/// [`Error`]; [`Error::Secret`] says what to come back with.
pub fn read(file: &[u8], secret: Option<&str>, now: i64) -> Result<Vec<Provisioned>, Error> {
    if file.len() > LARGEST {
        return Err(Error::Whole("is larger than 16 MiB"));
    }
    let text = std::str::from_utf8(file).map_err(|_| Error::Whole("is not UTF-8"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let tokens = if text.trim_start().starts_with('<') { pskc::read(text, secret, now) } else { csv::read(text) }?;
    if tokens.is_empty() {
        return Err(Error::Whole("holds no token"));
    }
    if tokens.len() > MOST {
        return Err(Error::Whole("holds more than 100,000 tokens"));
    }
    let mut seen = HashMap::new();
    for (line, token) in &tokens {
        if let Some(first) = seen.insert(token.serial.as_str(), *line) {
            return Err(Error::Twice { line: *line, first, serial: token.serial.clone() });
        }
    }
    Ok(tokens.into_iter().map(|(_, token)| token).collect())
}

/// Where the sealed tokens of an import belong.
pub fn place(file_hash: &[u8]) -> String {
    format!("import {}", HEXLOWER.encode(file_hash))
}

/// A token as it waits, sealed, to be let in.
#[derive(Serialize, Deserialize)]
struct Kept {
    serial: String,
    kind: String,
    hash: String,
    digits: u8,
    period: u32,
    seed: Secret,
    counter: i64,
    drift: i64,
}

impl Kept {
    fn of(token: &Provisioned) -> Self {
        Self {
            serial: token.serial.clone(),
            kind: token.kind.name().into(),
            hash: token.hash.name().into(),
            digits: token.digits,
            period: token.period,
            seed: Secret::new(BASE64.encode(&token.seed)),
            counter: token.counter,
            drift: token.drift,
        }
    }

    fn token(self) -> Option<Provisioned> {
        let Self { serial, digits, period, seed, counter, drift, .. } = self;
        let kind = self.kind.parse().ok()?;
        let seed = BASE64.decode(seed.expose().as_bytes()).map(Zeroizing::new).ok()?;
        Some(Provisioned { serial, kind, hash: self.hash.parse().ok()?, digits, period, seed, counter, drift })
    }
}

/// A hash function by any of the names that makers use: `SHA1`, `HMAC-SHA256`, `sha-512`.
fn hash(name: &str) -> Option<Hash> {
    let name = name.trim().to_ascii_lowercase().replace(['-', '_'], "");
    name.strip_prefix("hmac").unwrap_or(&name).parse().ok()
}
