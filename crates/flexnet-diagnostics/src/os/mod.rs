//! What differs between systems. Every system has the same names.

mod end_of_life;

use std::{net::IpAddr, path::PathBuf};

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

pub(crate) use system::{icmp, names, network, pc, proxy, service};

/// Folder of a person's settings as the window makes it (`identifier` of src-tauri/tauri.conf.json).
const SETTINGS: &str = "de.kv-flexnet.desktop";

/// Where the administrator's profile is installed.
pub fn installed_profile() -> PathBuf {
    PathBuf::from("/etc/kv-flexnet/profile.toml")
}

/// What came of one connection to the service's socket, before a word was said.
#[allow(dead_code, reason = "not every system tells who listens")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Door {
    /// It stands, and who listens may.
    Open,
    /// No socket.
    NoSocket,
    /// A socket, and nobody behind it.
    Refused,
    /// Nobody takes the connections that wait.
    Full,
    /// This person may not.
    NotPermitted,
    /// Who listens is not the service: its program, as far as told.
    Impostor(String),
    /// Something else.
    Strange,
}

/// What a session changed and still stands, and what others have that could stand in the way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Left {
    pub(crate) changes: Vec<String>,
    pub(crate) foreign: Vec<String>,
}

/// Whether a server stands in a private network: by its address, else by a name that only such a network has. Asks nobody.
fn is_near_host(host: &str) -> bool {
    match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => ip.is_private() || ip.is_link_local(),
        Ok(IpAddr::V6(ip)) => ip.is_unique_local() || ip.is_unicast_link_local(),
        Err(_) => !host.is_empty() && !host.contains('.'),
    }
}
