//! The keys for sealing: one seals, all open. A sealed value begins with the id of its key; values of the first version do not, and are tried with every key.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use data_encoding::HEXLOWER;
use zeroize::Zeroizing;

use super::{file::Master, sha256};
use crate::error::Error;

/// Names a key, and tells nothing about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId(pub [u8; 8]);

impl KeyId {
    fn of(key: &Master) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = sha256(&[b"kv-flexnet key id", key.as_slice()]);
        Self([a, b, c, d, e, f, g, h])
    }

    /// From hexadecimal.
    pub fn parse(text: &str) -> Option<Self> {
        HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok().map(Self)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

/// All keys of a file.
pub struct Ring {
    keys: Vec<(KeyId, RandomizedNonceKey)>,
    sealing: usize,
}

impl Ring {
    /// In the file's order. The first one seals until another is chosen.
    ///
    /// # Errors
    /// [`Error::Seal`].
    pub fn new(keys: &[Master]) -> Result<Self, Error> {
        let key = |master: &Master| {
            let key = RandomizedNonceKey::new(&AES_256_GCM, master.as_slice());
            key.map(|key| (KeyId::of(master), key)).map_err(|_| Error::Seal("AES-256-GCM is not there"))
        };
        Ok(Self { keys: keys.iter().map(key).collect::<Result<_, _>>()?, sealing: 0 })
    }

    /// Lets another key seal; whether it is here.
    #[must_use]
    pub fn choose(&mut self, id: KeyId) -> bool {
        let place = self.keys.iter().position(|(known, _)| *known == id);
        self.sealing = place.unwrap_or(self.sealing);
        place.is_some()
    }

    /// The key that seals.
    pub fn sealing(&self) -> Option<KeyId> {
        self.keys.get(self.sealing).map(|(id, _)| *id)
    }

    /// All keys, oldest first.
    pub fn ids(&self) -> Vec<KeyId> {
        self.keys.iter().map(|(id, _)| *id).collect()
    }

    /// Seals a value for one place.
    ///
    /// # Errors
    /// [`Error::Seal`].
    pub fn seal(&self, place: &str, value: &[u8]) -> Result<Vec<u8>, Error> {
        let failed = || Error::Seal("a value could not be sealed");
        let (id, key) = self.keys.get(self.sealing).ok_or_else(failed)?;
        let mut sealed = value.to_vec();
        let nonce = key.seal_in_place_append_tag(Aad::from(place.as_bytes()), &mut sealed).map_err(|_| failed())?;
        Ok([id.0.as_slice(), nonce.as_ref().as_slice(), &sealed].concat())
    }

    /// Opens what was sealed for the same place under any of the keys.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let named = sealed.split_at_checked(8).and_then(|(id, rest)| {
            let (_, key) = self.keys.iter().find(|(known, _)| known.0 == id)?;
            open(key, place, rest)
        });
        named.or_else(|| self.keys.iter().find_map(|(_, key)| open(key, place, sealed)))
    }
}

fn open(key: &RandomizedNonceKey, place: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, rest) = sealed.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut value = Zeroizing::new(rest.to_vec());
    let length = key.open_in_place(nonce, Aad::from(place.as_bytes()), &mut value).ok()?.len();
    value.truncate(length);
    Some(value)
}
