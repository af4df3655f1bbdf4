//! Everything keyed: sealing at rest, keyed hashes, plain hashes of random tokens. The keys come from one file outside the database.
//! Never logs, never prints. One library: aws-lc-rs.

use std::{fmt, path::Path};

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    digest, hmac, rand,
};
use data_encoding::BASE64;
use zeroize::Zeroizing;

use crate::{error::Error, os};

/// The keys, each derived from the file's 32 bytes with a label of its own.
pub struct Keys {
    seal: RandomizedNonceKey,
    guard: hmac::Key,
    body: hmac::Key,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(***)")
    }
}

impl Keys {
    /// Makes a key file that only its owner can read.
    ///
    /// # Errors
    /// [`Error::Seal`], [`Error::Write`].
    pub fn create(file: &Path) -> Result<(), Error> {
        let master = Zeroizing::new(random::<32>()?);
        let text = Zeroizing::new(format!("{}\n", BASE64.encode(&*master)));
        os::write_private(file, text.as_bytes()).map_err(|e| Error::Write(file.to_owned(), e))
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Seal`] for anything but the base64 of 32 bytes.
    pub fn load(file: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(file).map_err(|e| Error::Read(file.to_owned(), e))?;
        let text = Zeroizing::new(text);
        let master = BASE64.decode(text.trim().as_bytes()).map(Zeroizing::new);
        let master = master.ok().filter(|bytes| bytes.len() == 32).ok_or(Error::Seal("the key file is damaged"))?;
        Self::derive(&master)
    }

    fn derive(master: &[u8]) -> Result<Self, Error> {
        let master = hmac::Key::new(hmac::HMAC_SHA256, master);
        // One block of HKDF-Expand (RFC 5869 §2.3): the master is uniform already.
        let derived = |label: &str| hmac::sign(&master, &[label.as_bytes(), &[1]].concat());
        Ok(Self {
            seal: RandomizedNonceKey::new(&AES_256_GCM, derived("kv-flexnet seal").as_ref())
                .map_err(|_| Error::Seal("AES-256-GCM is not there"))?,
            guard: hmac::Key::new(hmac::HMAC_SHA256, derived("kv-flexnet guard").as_ref()),
            body: hmac::Key::new(hmac::HMAC_SHA256, derived("kv-flexnet body").as_ref()),
        })
    }

    /// Seals a value for one place: it cannot be opened anywhere else.
    ///
    /// # Errors
    /// [`Error::Seal`].
    pub fn seal(&self, place: &str, value: &[u8]) -> Result<Vec<u8>, Error> {
        let mut sealed = value.to_vec();
        let nonce = self
            .seal
            .seal_in_place_append_tag(Aad::from(place.as_bytes()), &mut sealed)
            .map_err(|_| Error::Seal("a value could not be sealed"))?;
        Ok([nonce.as_ref().as_slice(), &sealed].concat())
    }

    /// Opens what [`Keys::seal`] made for the same place.
    ///
    /// # Errors
    /// [`Error::Seal`] if it was changed, moved, or sealed under another key.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let broken = || Error::Seal("a sealed value was changed or belongs to another key file");
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN).ok_or_else(broken)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| broken())?;
        let mut value = Zeroizing::new(rest.to_vec());
        let length =
            self.seal.open_in_place(nonce, Aad::from(place.as_bytes()), &mut value).map_err(|_| broken())?.len();
        value.truncate(length);
        Ok(value)
    }

    /// Keyed hash of a normalised user name: key of its guard row, and all that is kept of a name nobody owns.
    pub fn guard(&self, name: &str) -> [u8; 32] {
        tag(&self.guard, name.as_bytes())
    }

    /// Keyed hash of a request body. Keyed, because the body holds a password.
    pub fn body(&self, body: &[u8]) -> [u8; 32] {
        tag(&self.body, body)
    }
}

/// SHA-256. For values that are random themselves, and for the audit chain.
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    parts.iter().for_each(|part| context.update(part));
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// Bytes nobody can guess.
///
/// # Errors
/// [`Error::Seal`] if the system has none.
pub fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| Error::Seal("the system has no random numbers"))?;
    Ok(bytes)
}

fn tag(key: &hmac::Key, data: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(hmac::sign(key, data).as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_in_its_place_only() {
        let keys = Keys::derive(&[7; 32]).unwrap();
        let sealed = keys.seal("token KV1", b"seed").unwrap();
        assert_eq!(keys.open("token KV1", &sealed).unwrap().as_slice(), b"seed");
        assert!(keys.open("token KV2", &sealed).is_err());
        assert!(Keys::derive(&[8; 32]).unwrap().open("token KV1", &sealed).is_err());
        let mut changed = sealed.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert!(keys.open("token KV1", &changed).is_err());
        assert!(keys.open("token KV1", &sealed[..5]).is_err());
        assert_ne!(sealed, keys.seal("token KV1", b"seed").unwrap(), "a nonce of its own each time");
    }

    #[test]
    fn hashes_for_different_uses_differ() {
        let keys = Keys::derive(&[7; 32]).unwrap();
        assert_ne!(keys.guard("a"), keys.body(b"a"));
        assert_ne!(keys.guard("a"), keys.guard("b"));
        assert_eq!(format!("{keys:?}"), "Keys(***)");
    }

    #[test]
    fn the_key_file_survives_and_is_not_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("secrets.key");
        Keys::create(&file).unwrap();
        let (a, b) = (Keys::load(&file).unwrap(), Keys::load(&file).unwrap());
        assert_eq!(a.guard("x"), b.guard("x"));
        assert!(Keys::create(&file).is_err());
        std::fs::write(&file, "AAAA").unwrap();
        assert!(Keys::load(&file).is_err());
    }
}
