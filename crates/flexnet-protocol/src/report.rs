//! A report of a diagnosis as it travels and is kept: its text, the key of the installation that made it, and that key's signature.
//! Who signs and who verifies do so in their own crates; the words, the limits and the code that is read aloud are here.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::diagnosis::Verdict;

/// The largest envelope that anybody takes, bytes of JSON.
pub const MAX_REPORT: usize = 512 * 1024;
/// Days for which a gateway keeps a report.
pub const DAYS_KEPT: u32 = 30;
/// What is signed is this and the bytes of [`Envelope::report`] behind it, so that the signature means nothing anywhere else.
pub const SIGNED_AS: &[u8] = b"kv-flexnet report 1\n";

/// A report, sealed. `POST /v1/reports` takes exactly this, and the file holds the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// Canonical JSON (RFC 8785) of the report, whose members `format`, `made_at`, `version` and `verdict` are those of [`Head`].
    pub report: String,
    /// Ed25519 public key (RFC 8032), 32 bytes in standard base64.
    pub key: String,
    /// Ed25519 signature over [`SIGNED_AS`] and `report`, 64 bytes in standard base64.
    pub signature: String,
}

/// What every reader of a report must understand; what else stands in it is shown as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// 1.
    pub format: u32,
    /// By the PC's clock, seconds since 1970 UTC.
    pub made_at: i64,
    /// Version of the program that made it.
    pub version: String,
    /// What it says.
    pub verdict: Verdict,
}

/// The gateway's answer to a report that it keeps (201).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Five digits to read aloud.
    pub number: String,
    /// Kept until, seconds since 1970 UTC.
    pub until: i64,
}

/// Letters and digits of a check code: none that looks or sounds like another of them. Their number is a prime.
const ALPHABET: [char; 23] =
    ['A', 'C', 'E', 'F', 'H', 'J', 'K', 'L', 'M', 'P', 'R', 'T', 'U', 'W', 'X', 'Y', '2', '3', '4', '6', '7', '8', '9'];
const BASE: u64 = ALPHABET.len() as u64;

/// The Prüfcode: names a report over the telephone. Seven characters are the hash, the eighth finds every single wrong character and every swap of two.
/// It proves nothing: thirty-one bits are found again by trying. What proves is the whole hash and the signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CheckCode([u8; 8]);

impl CheckCode {
    /// Of the SHA-256 of [`Envelope::report`]: its first eight bytes, big endian, modulo 23^7, least digit first.
    pub fn of(sha256: &[u8; 32]) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = *sha256;
        let mut rest = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
        let mut digits = [0; 8];
        for digit in digits.iter_mut().take(7) {
            *digit = u8::try_from(rest % BASE).unwrap_or_default();
            rest /= BASE;
        }
        Self::closed(digits)
    }

    /// The eighth is -3 times the weighted sum of the seven, so that with weight 8 all of them add to 0 (8 times -3 is -1 modulo 23).
    fn closed(mut digits: [u8; 8]) -> Self {
        let sum = weighted(&digits[..7]);
        let last = (BASE - 3 * sum % BASE) % BASE;
        digits[7] = u8::try_from(last).unwrap_or_default();
        Self(digits)
    }
}

fn weighted(digits: &[u8]) -> u64 {
    (1_u64..).zip(digits).map(|(weight, digit)| weight * u64::from(*digit)).sum::<u64>() % BASE
}

/// `HW77-C9CC`.
impl fmt::Display for CheckCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, digit) in self.0.iter().enumerate() {
            if place == 4 {
                f.write_str("-")?;
            }
            write!(f, "{}", ALPHABET.get(usize::from(*digit)).copied().unwrap_or('?'))?;
        }
        Ok(())
    }
}

/// Why a Prüfcode is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadCheckCode {
    /// Not eight of the characters that there are.
    #[error("a Prüfcode has eight characters")]
    Shape,
    /// They do not fit together: misheard or mistyped.
    #[error("the characters do not fit together")]
    Misheard,
}

/// Takes lower case, blanks and hyphens.
impl FromStr for CheckCode {
    type Err = BadCheckCode;

    fn from_str(text: &str) -> Result<Self, BadCheckCode> {
        let heard = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2011}'));
        let digits: Vec<u8> = heard
            .map(|c| ALPHABET.iter().position(|a| *a == c.to_ascii_uppercase()).and_then(|p| u8::try_from(p).ok()))
            .collect::<Option<_>>()
            .ok_or(BadCheckCode::Shape)?;
        let digits: [u8; 8] = digits.try_into().map_err(|_| BadCheckCode::Shape)?;
        if weighted(&digits) != 0 {
            return Err(BadCheckCode::Misheard);
        }
        Ok(Self(digits))
    }
}

impl Serialize for CheckCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CheckCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SHA-256("abc") begins so (FIPS 180-4, example).
    fn abc() -> [u8; 32] {
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&[0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea]);
        hash
    }

    #[test]
    fn a_known_hash_has_a_known_code() {
        assert_eq!(CheckCode::of(&abc()).to_string(), "HW77-C9CC");
        assert_eq!("hw77 c9cc".parse(), Ok(CheckCode::of(&abc())));
        assert_eq!("HW77C9C".parse::<CheckCode>(), Err(BadCheckCode::Shape));
        assert_eq!("HW77C9C0".parse::<CheckCode>(), Err(BadCheckCode::Shape));
    }

    #[test]
    fn every_wrong_character_and_every_swap_is_heard() {
        let right = CheckCode::of(&abc());
        let text = |digits: [u8; 8]| CheckCode(digits).to_string();
        for place in 0..8 {
            for digit in (0..23).filter(|d| *d != right.0[place]) {
                let mut wrong = right.0;
                wrong[place] = digit;
                assert_eq!(text(wrong).parse::<CheckCode>(), Err(BadCheckCode::Misheard), "{}", text(wrong));
            }
            for other in 0..place {
                let mut swapped = right.0;
                swapped.swap(place, other);
                let heard = text(swapped).parse::<CheckCode>();
                assert!(swapped == right.0 || heard == Err(BadCheckCode::Misheard), "{}", text(swapped));
            }
        }
    }
}
