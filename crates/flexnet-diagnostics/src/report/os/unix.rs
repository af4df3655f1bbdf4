//! Linux and macOS.

use std::{
    fs::{DirBuilder, File},
    io,
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _},
    path::Path,
};

/// Makes a folder that only this person may open, with those above it. One that is there stays as it is.
pub(in super::super) fn make_private_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Whether an open file is a file of this person that nobody else may read or write.
pub(in super::super) fn only_ours(file: &File) -> io::Result<bool> {
    let found = file.metadata()?;
    Ok(found.is_file() && found.mode() & 0o077 == 0 && found.uid() == rustix::process::geteuid().as_raw())
}

/// From the table of users and the system's own name.
pub(super) fn personal() -> Vec<String> {
    let mut values = vec![rustix::system::uname().nodename().to_string_lossy().into_owned()];
    if let Ok(Some(user)) = nix::unistd::User::from_uid(nix::unistd::getuid()) {
        values.push(user.name);
        // Full name, room, telephones, each behind a comma.
        values.extend(user.gecos.to_string_lossy().split(',').map(String::from));
    }
    values
}
