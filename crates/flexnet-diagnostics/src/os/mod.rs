//! What differs between systems. Every system has the same names.

use std::path::PathBuf;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
use linux as system;
#[cfg(target_os = "macos")]
use macos as system;
#[cfg(windows)]
use windows as system;

pub(crate) use system::icmp;

/// Where the administrator's profile is installed.
pub fn installed_profile() -> PathBuf {
    PathBuf::from("/etc/kv-flexnet/profile.toml")
}
