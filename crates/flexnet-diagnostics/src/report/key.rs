//! The key of an installation: one a person, Ed25519 (RFC 8032), made at the first report. It says that two reports come from one place, not whose that is.

use std::{
    fmt, fs, io,
    io::{Read as _, Write as _},
    path::Path,
};

use aws_lc_rs::{
    digest,
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair as _},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use flexnet_protocol::report::{Envelope, SIGNED_AS};
use serde::Serialize;
use zeroize::Zeroizing;

use super::os;

/// In the folder of this person's state.
const FILE: &str = "report-key";
/// PKCS #8 of an Ed25519 key has 83 bytes.
const MOST: u64 = 256;

/// Signs reports.
pub struct InstallationKey {
    pair: Ed25519KeyPair,
    life: KeyLife,
}

/// How long a key lives. A report says so: two of a key that was kept come from one installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyLife {
    /// In a file of this person.
    Kept,
    /// For one run only, because no file could be kept or the one that is there is not private.
    ThisRun,
}

/// Why a key file is not used.
#[derive(Debug, thiserror::Error)]
pub enum BadKey {
    /// Its folder cannot be made.
    #[error("the folder of the report key cannot be made")]
    Folder(#[source] io::Error),
    /// It cannot be read.
    #[error("the report key cannot be read")]
    Read(#[source] io::Error),
    /// It cannot be written.
    #[error("the report key cannot be written")]
    Write(#[source] io::Error),
    /// Others may read it, or it is somebody else's, or no file.
    #[error("others may read the report key")]
    NotPrivate,
    /// It is no key, or none can be made.
    #[error("the report key is not whole")]
    NotAKey,
}

impl InstallationKey {
    /// The key of this person, or one for this run where none can be kept.
    ///
    /// # Errors
    /// [`BadKey::NotAKey`] if the system has no randomness.
    pub fn of_this_person() -> Result<Self, BadKey> {
        os::key_folder().and_then(|folder| Self::open_or_make(&folder).ok()).map_or_else(Self::for_this_run, Ok)
    }

    /// The key that is kept in `folder`, made there (mode 0600, in one step) if there is none.
    ///
    /// # Errors
    /// [`BadKey`], by phase. A file that others may read is refused and left as it is.
    pub fn open_or_make(folder: &Path) -> Result<Self, BadKey> {
        let path = folder.join(FILE);
        match fs::File::open(&path) {
            Ok(file) => Self::read(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::make(folder, &path),
            Err(error) => Err(BadKey::Read(error)),
        }
    }

    /// A key that goes with this process.
    ///
    /// # Errors
    /// [`BadKey::NotAKey`] if the system has no randomness.
    pub fn for_this_run() -> Result<Self, BadKey> {
        let pair = Ed25519KeyPair::generate().map_err(|_| BadKey::NotAKey)?;
        Ok(Self { pair, life: KeyLife::ThisRun })
    }

    /// Always the same, for golden files.
    #[cfg(test)]
    pub(super) fn of_seed(seed: u8) -> Self {
        Self { pair: Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap(), life: KeyLife::Kept }
    }

    /// Whether it is kept.
    pub const fn life(&self) -> KeyLife {
        self.life
    }

    /// Of its public half.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self.pair.public_key().as_ref())
    }

    /// The report with its signature.
    pub(super) fn seal(&self, report: String) -> Envelope {
        let signature = self.pair.sign(&[SIGNED_AS, report.as_bytes()].concat());
        Envelope {
            report,
            key: STANDARD.encode(self.pair.public_key().as_ref()),
            signature: STANDARD.encode(signature.as_ref()),
        }
    }

    fn read(file: fs::File) -> Result<Self, BadKey> {
        if !os::only_ours(&file).map_err(BadKey::Read)? {
            return Err(BadKey::NotPrivate);
        }
        let mut bytes = Zeroizing::new(Vec::new());
        file.take(MOST).read_to_end(&mut bytes).map_err(BadKey::Read)?;
        let pair = Ed25519KeyPair::from_pkcs8(&bytes).map_err(|_| BadKey::NotAKey)?;
        Ok(Self { pair, life: KeyLife::Kept })
    }

    fn make(folder: &Path, path: &Path) -> Result<Self, BadKey> {
        os::make_private_folder(folder).map_err(BadKey::Folder)?;
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| BadKey::NotAKey)?;
        // The library's temporary files are 0600 from their first moment.
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(BadKey::Write)?;
        file.write_all(document.as_ref()).and_then(|()| file.as_file().sync_all()).map_err(BadKey::Write)?;
        match file.persist_noclobber(path) {
            Ok(_) => {}
            // Another program of this person was faster.
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(BadKey::Write(error.error)),
        }
        Self::read(fs::File::open(path).map_err(BadKey::Read)?)
    }
}

impl fmt::Debug for InstallationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InstallationKey").field("fingerprint", &self.fingerprint()).field("life", &self.life).finish()
    }
}

/// Names a public key: the first eight bytes of its SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 8]);

impl Fingerprint {
    /// Of a raw public key.
    pub fn of(public: &[u8]) -> Self {
        let hash = digest::digest(&digest::SHA256, public);
        let mut first = [0; 8];
        first.iter_mut().zip(hash.as_ref()).for_each(|(to, from)| *to = *from);
        Self(first)
    }
}

/// `3f2a 91c0 77de 04b5`.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, byte) in self.0.iter().enumerate() {
            let blank = if place > 0 && place % 2 == 0 { " " } else { "" };
            write!(f, "{blank}{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
