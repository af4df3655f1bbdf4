//! Not Linux: there are no network namespaces.

use std::{fs::File, io, path::Path};

use super::Kind;

/// Makes a device.
///
/// # Errors
/// Always.
pub fn create(_namespace: &Path, _name: &str, _kind: Kind) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}
