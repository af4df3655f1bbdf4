//! Everything keyed: sealing at rest, keyed hashes, plain hashes of random tokens. The keys come from one file outside the database.
//! Never logs, never prints. One library: aws-lc-rs. Next: `file` is the file's format, `ring` seals and opens, `rotate` brings everything under a new key.

mod file;
mod ring;
pub mod rotate;

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::SystemTime,
};

use aws_lc_rs::{digest, hmac, rand};
use zeroize::Zeroizing;

use crate::{audit::Sealer, error::Error};
use file::{KeyFile, derive};
pub use ring::KeyId;
use ring::Ring;

/// The keys of a gateway's folder. Those that seal may change while the gateway runs, the others never do.
pub struct Keys {
    guard: hmac::Key,
    body: hmac::Key,
    audit: Sealer,
    ring: RwLock<Arc<Ring>>,
    source: Option<Source>,
}

/// The file, and how it looked when it was last read.
struct Source {
    path: PathBuf,
    seen: Mutex<Option<(SystemTime, u64)>>,
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
        KeyFile::new()?.create(file)
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Seal`] for anything but a key file.
    pub fn load(file: &Path) -> Result<Self, Error> {
        let seen = look(file);
        let mut keys = Self::of(&KeyFile::read(file)?)?;
        keys.source = Some(Source { path: file.to_owned(), seen: Mutex::new(seen) });
        Ok(keys)
    }

    fn of(file: &KeyFile) -> Result<Self, Error> {
        let key = |label| hmac::Key::new(hmac::HMAC_SHA256, derive(&file.hash, label).as_slice());
        Ok(Self {
            guard: key("kv-flexnet guard"),
            body: key("kv-flexnet body"),
            audit: Sealer::new(derive(&file.hash, "kv-flexnet audit").as_slice()),
            ring: RwLock::new(Arc::new(Ring::new(&file.seal)?)),
            source: None,
        })
    }

    /// Reads the key file again if it has changed; whether it had. The key that seals stays, as long as it is there.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Seal`] if it is damaged or belongs to another database: then all stays as it was.
    pub fn refresh(&self) -> Result<bool, Error> {
        let Some(source) = &self.source else { return Ok(false) };
        let mut seen = source.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let now = look(&source.path);
        if now == *seen {
            return Ok(false);
        }
        let file = KeyFile::read(&source.path)?;
        // The guard's key is derived from it: with another one nobody would be locked any more.
        let probe = hmac::Key::new(hmac::HMAC_SHA256, derive(&file.hash, "kv-flexnet guard").as_slice());
        if tag(&probe, b"") != tag(&self.guard, b"") {
            return Err(Error::Seal("the key file is another database's"));
        }
        let mut ring = Ring::new(&file.seal)?;
        if let Some(id) = self.ring().sealing() {
            // Else the oldest seals until the database names one.
            let _ = ring.choose(id);
        }
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
        *seen = now;
        Ok(true)
    }

    /// Lets another key seal from now on; whether it is in the file.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Seal`].
    pub fn seal_under(&self, id: KeyId) -> Result<bool, Error> {
        if self.sealing() == Some(id) {
            return Ok(true);
        }
        let Some(source) = &self.source else { return Ok(false) };
        let mut ring = Ring::new(&KeyFile::read(&source.path)?.seal)?;
        let here = ring.choose(id);
        if here {
            *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
        }
        Ok(here)
    }

    /// The key that seals.
    pub fn sealing(&self) -> Option<KeyId> {
        self.ring().sealing()
    }

    /// All keys that open, oldest first.
    pub fn ids(&self) -> Vec<KeyId> {
        self.ring().ids()
    }

    /// Seals a value for one place: it cannot be opened anywhere else.
    ///
    /// # Errors
    /// [`Error::Seal`].
    pub fn seal(&self, place: &str, value: &[u8]) -> Result<Vec<u8>, Error> {
        self.ring().seal(place, value)
    }

    /// Opens what [`Keys::seal`] made for the same place. If no key fits, the file may have got another since, so it is looked at once more.
    ///
    /// # Errors
    /// [`Error::Seal`] if it was changed, moved, or sealed under a key that is not in the file.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let opened = self.ring().open(place, sealed);
        let opened = match opened {
            None if self.refresh()? => self.ring().open(place, sealed),
            opened => opened,
        };
        opened.ok_or(Error::Seal("a sealed value was changed, or its key is not in the key file"))
    }

    /// Keyed hash of a normalised user name: key of its guard row, and all that is kept of a name nobody owns.
    pub fn guard(&self, name: &str) -> [u8; 32] {
        tag(&self.guard, name.as_bytes())
    }

    /// Keyed hash of a request body. Keyed, because the body holds a password.
    pub fn body(&self, body: &[u8]) -> [u8; 32] {
        tag(&self.body, body)
    }

    /// What seals the audit's end.
    pub fn audit(&self) -> &Sealer {
        &self.audit
    }

    fn ring(&self) -> Arc<Ring> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
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

/// How the file looks from outside; nothing if it cannot be seen.
fn look(file: &Path) -> Option<(SystemTime, u64)> {
    let metadata = std::fs::metadata(file).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// Keys without a file.
    pub fn keys(n: u8) -> Keys {
        Keys::of(&KeyFile { hash: Zeroizing::new([n; 32]), seal: vec![Zeroizing::new([n; 32])] }).unwrap()
    }

    #[test]
    fn a_sealed_value_opens_in_its_place_only() {
        let keys = keys(7);
        let sealed = keys.seal("token KV1", b"seed").unwrap();
        assert_eq!(keys.open("token KV1", &sealed).unwrap().as_slice(), b"seed");
        assert!(keys.open("token KV2", &sealed).is_err());
        assert!(self::keys(8).open("token KV1", &sealed).is_err());
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert!(keys.open("token KV1", &changed).is_err(), "byte {place}");
        }
        assert!(keys.open("token KV1", &sealed[..5]).is_err());
        assert_ne!(sealed, keys.seal("token KV1", b"seed").unwrap(), "a nonce of its own each time");
    }

    #[test]
    fn what_the_first_version_sealed_opens_for_ever() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("secrets.key");
        std::fs::write(&file, "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n").unwrap();
        let keys = Keys::load(&file).unwrap();
        // Made by the first version: nonce, then AES-256-GCM of "seed" for "token KV1".
        let sealed = data_encoding::HEXLOWER
            .decode(b"000102030405060708090a0b4b3b831608bf6d8510fa50806b55506167d2e608")
            .unwrap();
        assert_eq!(keys.open("token KV1", &sealed).unwrap().as_slice(), b"seed");
        let mut file_now = KeyFile::read(&file).unwrap();
        file_now.seal.push(Zeroizing::new([9; 32]));
        file_now.replace(&file).unwrap();
        assert!(keys.refresh().unwrap());
        assert_eq!(keys.open("token KV1", &sealed).unwrap().as_slice(), b"seed");
        assert_eq!(keys.guard("a"), Keys::load(&file).unwrap().guard("a"), "names are hashed as before");
    }

    #[test]
    fn a_running_gateway_opens_what_another_sealed_under_a_new_key() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("secrets.key");
        Keys::create(&file).unwrap();
        let (here, there) = (Keys::load(&file).unwrap(), Keys::load(&file).unwrap());
        let mut keys = KeyFile::read(&file).unwrap();
        keys.seal.push(Zeroizing::new([9; 32]));
        keys.replace(&file).unwrap();
        assert!(there.refresh().unwrap() && !there.refresh().unwrap());
        let new = *there.ids().last().unwrap();
        assert_ne!(there.sealing(), Some(new), "it opens, and seals when the database says so");
        assert!(there.seal_under(new).unwrap());
        let sealed = there.seal("x", b"value").unwrap();
        assert_eq!(here.open("x", &sealed).unwrap().as_slice(), b"value", "an unknown key sends it to the file");
        let before = here.seal("x", b"value").unwrap();
        assert_eq!(there.open("x", &before).unwrap().as_slice(), b"value");
        assert!(!there.seal_under(KeyId([0; 8])).unwrap());
    }

    #[test]
    fn another_databases_key_file_is_not_taken() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("secrets.key");
        Keys::create(&file).unwrap();
        let keys = Keys::load(&file).unwrap();
        let sealed = keys.seal("x", b"value").unwrap();
        KeyFile::new().unwrap().replace(&file).unwrap();
        std::fs::OpenOptions::new()
            .append(true)
            .open(&file)
            .and_then(|mut f| std::io::Write::write_all(&mut f, b"# longer\n"))
            .unwrap();
        assert!(keys.refresh().is_err());
        assert_eq!(keys.open("x", &sealed).unwrap().as_slice(), b"value", "the keys in memory stay");
    }

    #[test]
    fn hashes_for_different_uses_differ() {
        let keys = keys(7);
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
