//! What differs between systems: whose file a key is, and what this system is known to hold of a person.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::path::PathBuf;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

pub(super) use system::{make_private_folder, only_ours};

/// Of the application whose settings hold the remembered user name.
const APPLICATION: &str = "de.kv-flexnet.desktop";
/// What programs are told of a person, on any system.
const ENVIRONMENT: [&str; 8] =
    ["USER", "LOGNAME", "USERNAME", "SUDO_USER", "COMPUTERNAME", "HOSTNAME", "USERDOMAIN", "USERDNSDOMAIN"];

/// Where the key of this person's installation lies; `None` without a home.
pub(super) fn key_folder() -> Option<PathBuf> {
    dirs::state_dir().or_else(dirs::data_local_dir).map(|folder| folder.join("kv-flexnet"))
}

/// Names of the person and of the PC, the last part of the home, the remembered user name of the portal. What cannot be read is missing.
pub(super) fn personal() -> Vec<String> {
    let mut values: Vec<String> =
        ENVIRONMENT.iter().filter_map(|name| std::env::var(name).ok()).chain(system::personal()).collect();
    values.extend(dirs::home_dir().and_then(|home| Some(home.file_name()?.to_string_lossy().into_owned())));
    values.extend(remembered());
    values
}

fn remembered() -> Option<String> {
    let file = dirs::config_dir()?.join(APPLICATION).join("settings.json");
    let settings: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(file).ok()?).ok()?;
    settings.get("username")?.as_str().map(String::from)
}
