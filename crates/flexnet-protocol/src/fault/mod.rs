//! What can go wrong, as one table. A code is read aloud over the telephone, so it carries a check digit.
//! Texts live in `locales/`, keyed by the three digits; this module knows no language.

mod catalogue;
mod damm;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use catalogue::{FaultCode, Severity};

/// One thing that went wrong: the code that everybody sees, and a detail for the log and the fold of the service desk.
/// The detail is technical English and never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Fault {
    /// The entry of the catalogue.
    pub code: FaultCode,
    /// What exactly was seen, for the desk. May be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

impl Fault {
    /// A fault with what was seen.
    pub fn new(code: FaultCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
}

impl From<FaultCode> for Fault {
    fn from(code: FaultCode) -> Self {
        Self::new(code, "")
    }
}

impl FaultCode {
    /// `true` if `later` need not be told while `self` stands: mending `self` mends it, at once or by what it makes in turn.
    pub fn explains(self, later: Self) -> bool {
        self.explained().iter().any(|&near| near == later || near.explains(later))
    }

    /// Key of its texts: `fault-214` for KVF-214-5.
    pub fn key(self) -> String {
        format!("fault-{:03}", self.number())
    }
}

/// `KVF-214-5`: area digit and two digits, then Damm's check digit over the three.
impl fmt::Display for FaultCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.number();
        write!(f, "KVF-{number:03}-{}", damm::check_digit(number))
    }
}

/// Why a spoken or typed code is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadCode {
    /// Not four digits, with or without `KVF`.
    #[error("a code has three digits and a check digit")]
    Shape,
    /// The four digits do not fit together: misheard or mistyped.
    #[error("the check digit does not fit")]
    CheckDigit,
    /// Well formed, but no entry has this number.
    #[error("no fault has this number")]
    Unknown,
}

/// Takes `KVF-214-5`, `214-5`, `2145`, lower case and blanks.
impl FromStr for FaultCode {
    type Err = BadCode;

    fn from_str(text: &str) -> Result<Self, BadCode> {
        let compact: String =
            text.chars().filter(|c| !matches!(c, '-' | '\u{2011}' | ' ' | '\u{a0}')).collect::<String>().to_uppercase();
        let digits = compact.strip_prefix("KVF").unwrap_or(&compact);
        if digits.len() != 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(BadCode::Shape);
        }
        let four: u16 = digits.parse().map_err(|_| BadCode::Shape)?;
        if u16::from(damm::check_digit(four / 10)) != four % 10 {
            return Err(BadCode::CheckDigit);
        }
        Self::from_number(four / 10).ok_or(BadCode::Unknown)
    }
}

impl Serialize for FaultCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FaultCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_written_and_read_in_every_spoken_form() {
        let code = FaultCode::Locked;
        assert_eq!(code.to_string(), "KVF-700-3");
        for form in ["KVF-700-3", "kvf 700 3", "700-3", "7003", "KVF\u{2011}700\u{2011}3"] {
            assert_eq!(form.parse(), Ok(code), "{form}");
        }
        assert_eq!("KVF-700-4".parse::<FaultCode>(), Err(BadCode::CheckDigit));
        assert_eq!("hello".parse::<FaultCode>(), Err(BadCode::Shape));
    }

    #[test]
    fn numbers_are_unique_and_survive_json() {
        for &code in FaultCode::ALL {
            assert_eq!(FaultCode::from_number(code.number()), Some(code));
            let json = serde_json::to_string(&code).unwrap();
            assert_eq!(serde_json::from_str::<FaultCode>(&json).unwrap(), code);
        }
    }

    /// Takes away what leads nowhere, again and again, until nothing is left.
    #[test]
    fn nothing_explains_itself_by_whatever_round() {
        let mut open: Vec<FaultCode> = FaultCode::ALL.to_vec();
        while !open.is_empty() {
            let before = open.len();
            let left = open.clone();
            open.retain(|code| code.explained().iter().any(|near| left.contains(near)));
            assert!(open.len() < before, "in a circle: {open:?}");
        }
    }

    #[test]
    fn a_cause_explains_what_its_effects_make() {
        assert!(FaultCode::LinkDown.explains(FaultCode::NoAddress));
        assert!(FaultCode::NoAdapter.explains(FaultCode::GatewaySilent));
        assert!(!FaultCode::GatewaySilent.explains(FaultCode::NoAdapter));
        assert!(!FaultCode::LinkDown.explains(FaultCode::ServiceDown));
    }
}
