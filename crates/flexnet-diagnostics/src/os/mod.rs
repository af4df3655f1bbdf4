//! What differs between systems.

use std::path::PathBuf;

/// Where the administrator's profile is installed.
pub fn installed_profile() -> PathBuf {
    PathBuf::from("/etc/kv-flexnet/profile.toml")
}
