//! `[database]`: which database. Absent, it is the SQLite file beside the configuration. The URL of a PostgreSQL may hold a password, so it lies in a file of its own.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// `[database]` as written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct DatabaseFile {
    url_file: Option<PathBuf>,
}

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A SQLite file; one gateway.
    File(PathBuf),
    /// A PostgreSQL, by the file that holds its URL; several gateways may share it.
    Url(PathBuf),
}

impl DatabaseFile {
    /// A relative path begins at the configuration's folder.
    pub(super) fn place(self, folder: &Path, sqlite: &Path) -> Place {
        match self.url_file {
            Some(file) => Place::Url(folder.join(file)),
            None => Place::File(sqlite.to_owned()),
        }
    }
}
