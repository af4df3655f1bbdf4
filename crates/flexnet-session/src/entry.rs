//! What is checked about an entry before it is sent, at no cost: its shape, and that its TAN was not sent before.
//! Keeps no entry, only salted hashes of the last TANs.

use flexnet_protocol::{
    Fault, FaultCode, Secret,
    gateway::{MAX_PASSWORD, MAX_USERNAME},
    local::Credentials,
};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// TANs that are remembered. One would do if none ever were typed in between that was not sent after all.
const REMEMBERED: usize = 8;

/// The last TANs that were sent, as hashes that are of no use elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TanMemory {
    salt: [u8; 16],
    /// Oldest first.
    last: Vec<[u8; 32]>,
}

impl TanMemory {
    pub(crate) const fn new(salt: [u8; 16]) -> Self {
        Self { salt, last: Vec::new() }
    }

    /// Refuses a TAN that was sent and remembers every other.
    pub(crate) fn take(&mut self, tan: &Secret) -> Result<(), Fault> {
        if self.knows(tan) {
            return Err(FaultCode::TanUsed.into());
        }
        if self.last.len() == REMEMBERED {
            self.last.remove(0);
        }
        self.last.push(self.hash(tan));
        Ok(())
    }

    pub(crate) fn knows(&self, tan: &Secret) -> bool {
        let hash = self.hash(tan);
        self.last.iter().any(|last| last.ct_eq(&hash).into())
    }

    fn hash(&self, tan: &Secret) -> [u8; 32] {
        Sha256::new().chain_update(self.salt).chain_update(tan.expose()).finalize().into()
    }

    /// The last TAN was not sent after all.
    pub(crate) fn forget(&mut self) {
        self.last.pop();
    }
}

/// The entry as it is sent: blanks are taken out of the TAN, the rest stays as typed.
///
/// # Errors
/// `EntryShape`, naming the field.
pub(crate) fn shaped(entry: Credentials) -> Result<Credentials, Fault> {
    let wrong = |detail: &str| Err(Fault::new(FaultCode::EntryShape, detail));
    let Credentials { username, password, tan } = entry;
    if username.trim().is_empty() {
        return wrong("user name: empty");
    }
    if username.trim().len() > MAX_USERNAME || username.chars().any(char::is_control) {
        return wrong("user name: too long, or not a text");
    }
    if password.expose().is_empty() {
        return wrong("password: empty");
    }
    if password.expose().len() > MAX_PASSWORD {
        return wrong("password: too long");
    }
    Ok(Credentials { username, password, tan: self::tan(&tan)? })
}

/// A TAN as it is sent.
///
/// # Errors
/// `EntryShape`.
pub(crate) fn tan(typed: &Secret) -> Result<Secret, Fault> {
    let tan = without_blanks(typed);
    let digits = tan.expose().bytes().all(|b| b.is_ascii_digit());
    if digits && (6..=8).contains(&tan.expose().len()) {
        Ok(tan)
    } else {
        Err(Fault::new(FaultCode::EntryShape, "TAN: not 6 to 8 digits"))
    }
}

fn without_blanks(text: &Secret) -> Secret {
    // Never grows, so no copy is left behind.
    let mut digits = String::with_capacity(text.expose().len());
    digits.extend(text.expose().chars().filter(|c| !c.is_whitespace()));
    Secret::new(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(username: &str, password: &str, tan: &str) -> Credentials {
        Credentials { username: username.into(), password: Secret::new(password), tan: Secret::new(tan) }
    }

    #[test]
    fn blanks_leave_the_tan_and_zeros_stay() {
        for typed in ["012 345", "012345", " 01 23\u{a0}45 ", "0\t12345\n"] {
            assert_eq!(shaped(entry("m.muster", " geheim ", typed)).unwrap(), entry("m.muster", " geheim ", "012345"));
        }
        assert!(shaped(entry("m", "p", "12345678")).is_ok());
    }

    #[test]
    fn what_cannot_be_right_names_its_field() {
        let (long_name, long_password) = ("x".repeat(MAX_USERNAME + 1), "x".repeat(MAX_PASSWORD + 1));
        assert!(shaped(entry(&long_name[1..], &long_password[1..], "123456")).is_ok(), "as long as the gateway takes");
        for (username, password, tan, field) in [
            ("", "p", "123456", "user name"),
            ("  ", "p", "123456", "user name"),
            ("a\nb", "p", "123456", "user name"),
            (&long_name, "p", "123456", "user name"),
            ("m", "", "123456", "password"),
            ("m", &long_password, "123456", "password"),
            ("m", "p", "", "TAN"),
            ("m", "p", "12345", "TAN"),
            ("m", "p", "123456789", "TAN"),
            ("m", "p", "12345a", "TAN"),
            ("m", "p", "١٢٣٤٥٦", "TAN"),
        ] {
            let fault = shaped(entry(username, password, tan)).unwrap_err();
            assert_eq!(fault.code, FaultCode::EntryShape);
            assert!(fault.detail.starts_with(field), "{fault}");
        }
    }

    #[test]
    fn a_tan_is_taken_once() {
        let mut memory = TanMemory::new([7; 16]);
        let (first, second) = (Secret::new("123456"), Secret::new("654321"));
        assert_eq!(memory.take(&first), Ok(()));
        assert_eq!(memory.take(&first).unwrap_err().code, FaultCode::TanUsed);
        assert_eq!(memory.take(&second), Ok(()));
        memory.forget();
        assert_eq!(memory.take(&first).unwrap_err().code, FaultCode::TanUsed, "only the last was not sent");
        assert_eq!(memory.take(&second), Ok(()));
        for other in 0..REMEMBERED {
            assert_eq!(memory.take(&Secret::new(format!("{other:06}"))), Ok(()));
        }
        assert_eq!(memory.take(&first), Ok(()), "it grows no further");
        assert_ne!(TanMemory::new([8; 16]), memory);
    }
}
