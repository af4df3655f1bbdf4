//! What is checked about an entry before it is sent, at no cost: its shape, and that its TAN was not sent before.
//! Keeps no entry, only a salted hash of the last TAN.

use flexnet_protocol::{Fault, FaultCode, Secret, local::Credentials};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// Longest user name and password, in bytes. The gateway reads 8 KiB in all.
const MAX_TEXT: usize = 1024;

/// The last TAN that was sent, as a hash that is of no use elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TanMemory {
    salt: [u8; 16],
    last: Option<[u8; 32]>,
}

impl TanMemory {
    pub(crate) const fn new(salt: [u8; 16]) -> Self {
        Self { salt, last: None }
    }

    /// Refuses the TAN that was sent last and remembers every other.
    pub(crate) fn take(&mut self, tan: &Secret) -> Result<(), Fault> {
        let hash: [u8; 32] = Sha256::new().chain_update(self.salt).chain_update(tan.expose()).finalize().into();
        if self.last.is_some_and(|last| last.ct_eq(&hash).into()) {
            return Err(FaultCode::TanUsed.into());
        }
        self.last = Some(hash);
        Ok(())
    }

    /// The last TAN was not sent after all.
    pub(crate) const fn forget(&mut self) {
        self.last = None;
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
    if username.len() > MAX_TEXT || username.chars().any(char::is_control) {
        return wrong("user name: too long, or not a text");
    }
    if password.expose().is_empty() {
        return wrong("password: empty");
    }
    if password.expose().len() > MAX_TEXT {
        return wrong("password: too long");
    }
    let tan = without_blanks(&tan);
    let digits = tan.expose().bytes().all(|b| b.is_ascii_digit());
    if !digits || !(6..=8).contains(&tan.expose().len()) {
        return wrong("TAN: not 6 to 8 digits");
    }
    Ok(Credentials { username, password, tan })
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
        let long = "x".repeat(MAX_TEXT + 1);
        for (username, password, tan, field) in [
            ("", "p", "123456", "user name"),
            ("  ", "p", "123456", "user name"),
            ("a\nb", "p", "123456", "user name"),
            (&long, "p", "123456", "user name"),
            ("m", "", "123456", "password"),
            ("m", &long, "123456", "password"),
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
    fn a_tan_is_taken_once_in_a_row() {
        let mut memory = TanMemory::new([7; 16]);
        let (first, second) = (Secret::new("123456"), Secret::new("654321"));
        assert_eq!(memory.take(&first), Ok(()));
        assert_eq!(memory.take(&first).unwrap_err().code, FaultCode::TanUsed);
        assert_eq!(memory.take(&second), Ok(()));
        memory.forget();
        assert_eq!(memory.take(&second), Ok(()));
        assert_ne!(TanMemory::new([8; 16]), memory);
    }
}
