//! Windows. Not run yet: who may read a file follows from its folder, which the setup makes for the service and Windows for a person.

use std::{
    env,
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use crate::Readers;

pub(crate) fn make_folder(folder: &Path, _readers: Readers) -> io::Result<()> {
    fs::create_dir_all(folder)
}

pub(crate) fn open_ring(path: &Path, _readers: Readers) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

pub(crate) fn open_log(path: &Path, _readers: Readers) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).open(path)
}

pub(crate) fn open_to_read(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// `%LOCALAPPDATA%\KV-FlexNet`. `None` where it is not set.
pub fn person_folder() -> Option<PathBuf> {
    env::var_os("LOCALAPPDATA").map(|data| PathBuf::from(data).join("KV-FlexNet"))
}

/// Where the installed service keeps its log and its ring: `%ProgramData%\KV-FlexNet\log`.
pub fn service_folder() -> PathBuf {
    let data = env::var_os("ProgramData").map_or_else(|| PathBuf::from(r"C:\ProgramData"), PathBuf::from);
    data.join("KV-FlexNet").join("log")
}
