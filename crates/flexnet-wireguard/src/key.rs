//! The private key of a device. It is never printed, and wiped when it is dropped.

use std::fmt;

use flexnet_protocol::Key;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use crate::Error;

/// A Curve25519 private key (RFC 7748).
#[derive(Clone)]
pub struct PrivateKey(StaticSecret);

impl PrivateKey {
    /// A fresh one from the system's random numbers.
    ///
    /// # Errors
    /// [`Error::Random`].
    pub fn generate() -> Result<Self, Error> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut()).map_err(Error::Random)?;
        Ok(Self(StaticSecret::from(*bytes)))
    }

    /// Reads what [`PrivateKey::to_base64`] or `wg genkey` writes.
    ///
    /// # Errors
    /// [`Error::BadKey`] for anything else.
    pub fn from_base64(text: &str) -> Result<Self, Error> {
        let key = Key::from_base64(text).map_err(|_| Error::BadKey)?;
        Ok(Self(StaticSecret::from(*key.bytes())))
    }

    /// Standard base64 with padding, for a key file.
    pub fn to_base64(&self) -> Zeroizing<String> {
        Zeroizing::new(Key::new(*self.bytes()).to_base64())
    }

    /// The public key that belongs to it.
    pub fn public_key(&self) -> Key {
        Key::new(*PublicKey::from(&self.0).as_bytes())
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7748, section 6.1, Alice.
    #[test]
    fn the_public_key_is_that_of_the_standard() {
        let private = PrivateKey::from_base64("dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=").unwrap();
        assert_eq!(private.public_key().to_base64(), "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=");
    }

    #[test]
    fn a_key_survives_its_file_and_no_two_are_alike() {
        let key = PrivateKey::generate().unwrap();
        let again = PrivateKey::from_base64(&key.to_base64()).unwrap();
        assert!(again.bytes() == key.bytes());
        assert!(PrivateKey::generate().unwrap().bytes() != key.bytes());
    }

    #[test]
    fn debug_shows_nothing_of_it() {
        assert_eq!(format!("{:?}", PrivateKey::generate().unwrap()), "PrivateKey(***)");
    }

    #[test]
    fn other_texts_are_no_key() {
        for text in ["", "AAAA", "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo", "?"] {
            assert!(matches!(PrivateKey::from_base64(text), Err(Error::BadKey)), "{text}");
        }
    }
}
