//! Linux and macOS. No file is opened through a link: the folders are root's or the person's, and nothing else may lead elsewhere.

use std::{
    env,
    fs::{DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use crate::Readers;

/// `O_NOFOLLOW | O_NONBLOCK`, so that neither a link nor a pipe is opened (open(2)).
const NO_LINK: i32 = (rustix::fs::OFlags::NOFOLLOW.bits() | rustix::fs::OFlags::NONBLOCK.bits()).cast_signed();

/// A folder; who may look into it is who may read the ring.
pub(crate) fn make_folder(folder: &Path, readers: Readers) -> io::Result<()> {
    let mode = match readers {
        Readers::Everybody => 0o755,
        Readers::Person => 0o700,
    };
    DirBuilder::new().recursive(true).mode(mode).create(folder)
}

/// The ring, for reading and writing.
pub(crate) fn open_ring(path: &Path, readers: Readers) -> io::Result<File> {
    let mode = match readers {
        Readers::Everybody => 0o644,
        Readers::Person => 0o600,
    };
    let file = OpenOptions::new().read(true).write(true).create(true).mode(mode).custom_flags(NO_LINK).open(path)?;
    regular(file)
}

/// The log, for appending.
pub(crate) fn open_log(path: &Path, readers: Readers) -> io::Result<File> {
    let mode = match readers {
        Readers::Everybody => 0o640,
        Readers::Person => 0o600,
    };
    regular(OpenOptions::new().append(true).create(true).mode(mode).custom_flags(NO_LINK).open(path)?)
}

/// A ring of another program.
pub(crate) fn open_to_read(path: &Path) -> io::Result<File> {
    regular(OpenOptions::new().read(true).custom_flags(NO_LINK).open(path)?)
}

fn regular(file: File) -> io::Result<File> {
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::ErrorKind::InvalidInput.into()) }
}

/// `$XDG_STATE_HOME/kv-flexnet` or `~/.local/state/kv-flexnet` (XDG Base Directory Specification). `None` without a home.
pub fn person_folder() -> Option<PathBuf> {
    let set = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    set("XDG_STATE_HOME")
        .or_else(|| set("HOME").map(|home| home.join(".local/state")))
        .map(|state| state.join("kv-flexnet"))
}

/// Where the installed service keeps its log and its ring.
pub fn service_folder() -> PathBuf {
    PathBuf::from("/var/log/kv-flexnet")
}
