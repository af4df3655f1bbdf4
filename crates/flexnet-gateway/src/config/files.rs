//! The gateway's folder: where each file lies. No setting: whoever finds the configuration finds the rest.

use std::path::{Path, PathBuf};

/// The gateway's folder.
#[derive(Debug, Clone)]
pub struct Files {
    /// The database.
    pub database: PathBuf,
    /// 32 bytes from which everything keyed is derived.
    pub keys: PathBuf,
    /// The WireGuard key.
    pub wireguard: PathBuf,
    /// Certificate of the server.
    pub certificate: PathBuf,
    /// Its key.
    pub certificate_key: PathBuf,
    /// Certificate of the authority, for the profile.
    pub authority: PathBuf,
    /// Its key. Not needed to run; keep it elsewhere.
    pub authority_key: PathBuf,
}

impl Files {
    /// The names inside a folder.
    pub fn inside(folder: &Path) -> Self {
        Self {
            database: folder.join("gateway.sqlite"),
            keys: folder.join("secrets.key"),
            wireguard: folder.join("wireguard.key"),
            certificate: folder.join("server.pem"),
            certificate_key: folder.join("server-key.pem"),
            authority: folder.join("ca.pem"),
            authority_key: folder.join("ca-key.pem"),
        }
    }
}
