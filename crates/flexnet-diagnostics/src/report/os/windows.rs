//! Windows. Type-checked only, not run.

use std::{fs::File, io, path::Path};

/// Makes a folder below `%LOCALAPPDATA%`, whose access list admits this person, SYSTEM and administrators, and is inherited.
pub(in super::super) fn make_private_folder(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)
}

/// What lies below `%LOCALAPPDATA%` is readable by nobody else; a file of another kind is refused.
pub(in super::super) fn only_ours(file: &File) -> io::Result<bool> {
    Ok(file.metadata()?.is_file())
}

/// The environment has all that is told without asking a domain.
pub(super) fn personal() -> Vec<String> {
    Vec::new()
}
