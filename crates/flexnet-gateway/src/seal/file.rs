//! The key file: one line a key, a word and the base64 of 32 bytes. `hash` is one and never changes; `seal` are several, oldest first.
//!
//! ```text
//! # KV-FlexNet gateway: keys. Keep a copy with every copy of the database, and apart from it.
//! hash UHmzGsKDlVPdNHXUmZJlAzEdUInCmVBhgRf5L0BZ2Kc=
//! seal 7LsUjVSyvgpbKwcDqnvVPSnzO3RzVXSTgNEUwoCYdjg=
//! ```
//! A file of the first version is one line of base64 alone, from which both are derived.

use std::path::Path;

use aws_lc_rs::hmac;
use data_encoding::BASE64;
use zeroize::Zeroizing;

use super::random;
use crate::{error::Error, os};

const COMMENT: &str = "# KV-FlexNet gateway: keys. Keep a copy with every copy of the database, and apart from it.\n";

/// 32 secret bytes.
pub type Master = Zeroizing<[u8; 32]>;

/// What the file says.
pub struct KeyFile {
    /// For keyed hashes: names, bodies, the audit's end. Another one would unlock everybody.
    pub hash: Master,
    /// For sealing; at least one.
    pub seal: Vec<Master>,
}

impl KeyFile {
    /// New keys.
    ///
    /// # Errors
    /// [`Error::Seal`].
    pub fn new() -> Result<Self, Error> {
        Ok(Self { hash: random().map(Zeroizing::new)?, seal: vec![random().map(Zeroizing::new)?] })
    }

    /// Reads a file of either version.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Seal`].
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map(Zeroizing::new).map_err(|e| Error::Read(path.to_owned(), e))?;
        Self::parse(&text).ok_or(Error::Seal("the key file is damaged"))
    }

    /// Writes a new file that only its owner can read.
    ///
    /// # Errors
    /// [`Error::Write`], also if there is one.
    pub fn create(&self, path: &Path) -> Result<(), Error> {
        os::write_private(path, self.text().as_bytes()).map_err(|e| Error::Write(path.to_owned(), e))
    }

    /// Puts a file in place of an existing one, in one step.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn replace(&self, path: &Path) -> Result<(), Error> {
        os::replace_private(path, self.text().as_bytes()).map_err(|e| Error::Write(path.to_owned(), e))
    }

    fn parse(text: &str) -> Option<Self> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let (mut hash, mut seal) = (None, Vec::new());
        for line in lines {
            match line.split_once(char::is_whitespace) {
                Some(("hash", key)) if hash.is_none() => hash = Some(master(key)?),
                Some(("seal", key)) => seal.push(master(key)?),
                None if hash.is_none() && seal.is_empty() => {
                    let first = master(line)?;
                    seal.push(derive(&first, "kv-flexnet seal"));
                    hash = Some(first);
                }
                Some(_) | None => return None,
            }
        }
        hash.filter(|_| !seal.is_empty()).map(|hash| Self { hash, seal })
    }

    fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(1024));
        text.push_str(COMMENT);
        let keys = self.seal.iter().map(|key| ("seal", key));
        for (word, key) in [("hash", &self.hash)].into_iter().chain(keys) {
            text.push_str(word);
            text.push(' ');
            text.push_str(&Zeroizing::new(BASE64.encode(key.as_slice())));
            text.push('\n');
        }
        text
    }
}

/// A key of one use. One block of HKDF-Expand (RFC 5869 §2.3): the master is uniform already.
pub fn derive(master: &Master, label: &str) -> Master {
    let master = hmac::Key::new(hmac::HMAC_SHA256, master.as_slice());
    let mut derived = Zeroizing::new([0; 32]);
    derived.copy_from_slice(hmac::sign(&master, &[label.as_bytes(), &[1]].concat()).as_ref());
    derived
}

fn master(text: &str) -> Option<Master> {
    let bytes = BASE64.decode(text.trim().as_bytes()).map(Zeroizing::new).ok()?;
    bytes.as_slice().try_into().ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_are_read_and_the_new_one_is_written() {
        let old = KeyFile::parse(&format!("{}\n", BASE64.encode(&[7; 32]))).unwrap();
        assert_eq!((old.hash.as_slice(), old.seal.len()), ([7; 32].as_slice(), 1));
        let new = KeyFile::parse(&old.text()).unwrap();
        assert_eq!((new.hash.as_slice(), new.seal[0].as_slice()), (old.hash.as_slice(), old.seal[0].as_slice()));
    }

    #[test]
    fn what_is_no_key_file_is_refused() {
        let key = BASE64.encode(&[7; 32]);
        let files = ["", "# nothing\n", "AAAA", &key[1..], &format!("hash {key}"), &format!("seal {key}")];
        for file in files {
            assert!(KeyFile::parse(file).is_none(), "{file}");
        }
        let twice = format!("hash {key}\nhash {key}\nseal {key}");
        let mixed = format!("hash {key}\nseal {key}\n{key}");
        let other = format!("hash {key}\nseal {key}\nopen {key}");
        for file in [twice, mixed, other] {
            assert!(KeyFile::parse(&file).is_none(), "{file}");
        }
    }
}
