//! Which parts of the system are changed: on disk before the change is made, so that the next start knows what to take back, whatever killed this one.
//! Never makes or undoes a change itself; `os/` does. Every change goes by a fixed name of ours, so an entry is only its kind.
//!
//! A line is appended with exactly one `fsync`, and cleared with one. A test can therefore stop the service before each change in turn:
//! `strace -f -e inject=fsync:signal=KILL:when=N`, with N rising from 1 until a whole session passes. strace counts by thread, and one task
//! makes all changes, so `TOKIO_WORKER_THREADS=1` keeps the count in one place.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use flexnet_protocol::{Fault, FaultCode, repair::RepairKind};
use serde::{Deserialize, Serialize};

use crate::os;

/// Version of the lines.
const VERSION: u32 = 1;
/// Room that must be free on the disk before a session begins; a whole journal is far smaller.
const ROOM: usize = 4096;

/// A part of the system that a session changes. Taken back from the last to the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The table of the packet filter.
    PacketFilter,
    /// The tunnel device, and with it its addresses and routes.
    Device,
    /// The system's name service: what it asks by the tunnel device.
    NameService,
    /// Lines in the file of host names.
    HostsFile,
}

impl Change {
    /// Every change there is, in the order in which a session makes them.
    pub const ALL: [Self; 4] = [Self::PacketFilter, Self::Device, Self::NameService, Self::HostsFile];

    /// What must be gone before this change may be taken back: a tunnel never stands without its filter.
    pub const fn outlives(self) -> Option<Self> {
        match self {
            Self::PacketFilter => Some(Self::Device),
            Self::Device | Self::NameService | Self::HostsFile => None,
        }
    }
}

impl From<Change> for RepairKind {
    fn from(change: Change) -> Self {
        match change {
            Change::PacketFilter => Self::PacketFilter,
            Change::Device => Self::Device,
            Change::NameService => Self::NameService,
            Change::HostsFile => Self::HostsFile,
        }
    }
}

/// Why the journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The state folder or the file in it cannot be made.
    #[error("cannot open the journal {path}")]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line could not be made durable; the change must not be made.
    #[error("cannot write the journal {path}")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line is not one of ours, or of a later version.
    #[error("cannot understand line {line} of the journal {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
    },
}

impl Error {
    /// The fault of the catalogue.
    pub fn fault(&self) -> Fault {
        let code = match self {
            Self::Open { source, .. } | Self::Write { source, .. } => code(source),
            Self::Read { .. } => FaultCode::Leftovers,
        };
        let source = std::error::Error::source(self).map(|source| format!(": {source}")).unwrap_or_default();
        Fault::new(code, format!("{self}{source}"))
    }
}

/// Disk full or not writable: everything that keeps a file from being written is one of the two for whoever has to mend it.
fn code(error: &io::Error) -> FaultCode {
    if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
        FaultCode::DiskFull
    } else {
        FaultCode::StateReadOnly
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    version: u32,
    change: Change,
}

/// The journal of one state folder. Clones write into the same file.
#[derive(Debug, Clone)]
pub struct Journal {
    folder: PathBuf,
    file: PathBuf,
}

impl Journal {
    /// The journal in `folder`. Touches nothing.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), file: folder.join("journal") }
    }

    /// What is changed, oldest first. A last line that was not written to its end is left out: its change was not made.
    ///
    /// # Errors
    /// [`Error::Read`] if anything else is there; then everything of ours must be looked for by name.
    pub fn changes(&self) -> Result<Vec<Change>, Error> {
        let bytes = match fs::read(&self.file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(Error::Open { path: self.file.clone(), source }),
        };
        let mut changes = Vec::new();
        for (number, line) in bytes.split_inclusive(|&b| b == b'\n').enumerate() {
            let unreadable = || Error::Read { path: self.file.clone(), line: number + 1 };
            if line.last() != Some(&b'\n') || line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let line: Line = serde_json::from_slice(line).map_err(|_| unreadable())?;
            if line.version != VERSION {
                return Err(unreadable());
            }
            changes.push(line.change);
        }
        Ok(changes)
    }

    /// Makes an entry durable. Only then may the change be made.
    ///
    /// # Errors
    /// [`Error::Open`], [`Error::Write`]: nothing is in the journal, and the change must not be made.
    pub fn record(&self, change: Change) -> Result<(), Error> {
        let mut line = serde_json::to_vec(&Line { version: VERSION, change })
            .map_err(|e| Error::Write { path: self.file.clone(), source: e.into() })?;
        line.push(b'\n');
        let (mut file, length) = self.open()?;
        self.append(&mut file, length, &line)
    }

    /// Proves that a session's entries would find room, before anything is asked of the gateway. Leaves the journal as it was.
    ///
    /// # Errors
    /// [`Error::Open`], [`Error::Write`].
    pub fn has_room(&self) -> Result<(), Error> {
        let (mut file, length) = self.open()?;
        let mut blank = vec![b' '; ROOM];
        blank.push(b'\n');
        self.append(&mut file, length, &blank)?;
        file.set_len(length).map_err(|source| Error::Write { path: self.file.clone(), source })
    }

    /// Everything is taken back.
    ///
    /// # Errors
    /// [`Error::Open`], [`Error::Write`]: the entries stay, and undoing them once more does no harm.
    pub fn clear(&self) -> Result<(), Error> {
        if fs::metadata(&self.file).is_ok_and(|data| data.len() == 0) || !self.file.exists() {
            return Ok(());
        }
        let (file, _) = self.open()?;
        file.set_len(0)
            .and_then(|()| file.sync_all())
            .map_err(|source| Error::Write { path: self.file.clone(), source })
    }

    /// The file, and its length. Makes folder and file where they are missing, durably.
    fn open(&self) -> Result<(File, u64), Error> {
        let failed = |source| Error::Open { path: self.file.clone(), source };
        let missing = !self.file.exists();
        if missing {
            os::make_private_folder(&self.folder).map_err(failed)?;
        }
        let file = OpenOptions::new().append(true).create(true).open(&self.file).map_err(failed)?;
        if missing {
            os::sync_folder(&self.folder).map_err(failed)?;
        }
        let length = file.metadata().map_err(failed)?.len();
        Ok((file, length))
    }

    /// Appends and syncs, or leaves the file as it was.
    fn append(&self, file: &mut File, length: u64, bytes: &[u8]) -> Result<(), Error> {
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|source| {
            // What cannot be cut off is a line without its end, which reading leaves out.
            drop(file.set_len(length));
            Error::Write { path: self.file.clone(), source }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_change() -> impl Strategy<Value = Change> {
        prop::sample::select(&Change::ALL[..])
    }

    #[test]
    fn what_was_recorded_is_read_in_order_until_cleared() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::new(&folder.path().join("state"));
        assert_eq!(journal.changes().unwrap(), []);
        journal.has_room().unwrap();
        assert_eq!(journal.changes().unwrap(), []);
        for change in Change::ALL {
            journal.record(change).unwrap();
        }
        assert_eq!(Journal::new(&folder.path().join("state")).changes().unwrap(), Change::ALL);
        journal.clear().unwrap();
        assert_eq!(journal.changes().unwrap(), []);
    }

    #[test]
    fn a_later_version_and_garbage_are_not_taken_for_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::new(folder.path());
        for text in ["garbage\n", "{\"version\":2,\"change\":\"device\"}\n", "{\"version\":1,\"change\":\"moon\"}\n"] {
            fs::write(folder.path().join("journal"), text).unwrap();
            let error = journal.changes().unwrap_err();
            assert_eq!(error.fault().code, FaultCode::Leftovers, "{text}");
        }
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_a_fault_and_not_a_panic() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        let journal = Journal::new(&folder.path().join("file/state"));
        assert_eq!(journal.has_room().unwrap_err().fault().code, FaultCode::StateReadOnly);
        assert_eq!(journal.record(Change::Device).unwrap_err().fault().code, FaultCode::StateReadOnly);
        let full = Error::Write { path: "journal".into(), source: io::ErrorKind::StorageFull.into() };
        assert_eq!(full.fault().code, FaultCode::DiskFull);
    }

    proptest! {
        /// Power may fail while a line is written: any prefix of the file is a valid journal of the lines that are complete.
        #[test]
        fn any_prefix_is_the_journal_of_its_complete_lines(changes in prop::collection::vec(any_change(), 0..6), cut in 0.0..1.0_f64) {
            let folder = tempfile::tempdir().unwrap();
            let journal = Journal::new(folder.path());
            for &change in &changes {
                journal.record(change).unwrap();
            }
            let file = folder.path().join("journal");
            let bytes = fs::read(&file).unwrap_or_default();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in a short file")]
            let cut = (bytes.len() as f64 * cut) as usize;
            fs::write(&file, &bytes[..cut]).unwrap();
            let complete = bytes[..cut].iter().filter(|&&b| b == b'\n').count();
            prop_assert_eq!(journal.changes().unwrap(), &changes[..complete]);
        }
    }
}
