//! The profile on disk: read only if nobody but the administrator could have written it, and again when it has changed.
//! Never repairs, never guesses: a profile that is not whole is refused with the line that is wrong.

use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
    time::SystemTime,
};

use flexnet_protocol::{
    Fault, FaultCode,
    gateway::TunnelGrant,
    profile::{BadProfile, Profile},
};

use crate::os;

/// More is no profile.
const MAX_SIZE: u64 = 256 * 1024;

/// The installed profile as it was read last.
#[derive(Debug)]
pub struct Installed {
    path: PathBuf,
    stamp: Option<Stamp>,
    profile: Result<Profile, Fault>,
}

/// What changes when the file is written or replaced.
type Stamp = (SystemTime, u64);

impl Installed {
    /// Reads the file.
    pub fn read(path: &Path) -> Self {
        let stamp = stamp(path);
        Self { path: path.to_owned(), stamp, profile: read(path) }
    }

    /// What was read, or why it is not taken ([`FaultCode::ProfileBroken`]).
    pub fn profile(&self) -> &Result<Profile, Fault> {
        &self.profile
    }

    /// Whether the profile allows a tunnel that the gateway grants.
    ///
    /// # Errors
    /// [`FaultCode::GrantOutsideProfile`], or why no profile is taken.
    pub fn permits(&self, tunnel: &TunnelGrant) -> Result<(), Fault> {
        let profile = self.profile.as_ref().map_err(Clone::clone)?;
        profile.permits(tunnel).map_err(|what| Fault::new(FaultCode::GrantOutsideProfile, what))
    }

    /// Reads again if the file is another, or was not readable. `true` if something else came of it.
    pub fn refresh(&mut self) -> bool {
        let stamp = stamp(&self.path);
        if stamp == self.stamp && self.profile.is_ok() {
            return false;
        }
        let before = std::mem::replace(self, Self { path: self.path.clone(), stamp, profile: read(&self.path) });
        before.profile != self.profile
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let data = fs::metadata(path).ok()?;
    Some((data.modified().ok()?, data.len()))
}

fn read(path: &Path) -> Result<Profile, Fault> {
    let broken = |what: String| Fault::new(FaultCode::ProfileBroken, format!("{}{what}", path.display()));
    let file = os::open_without_waiting(path).map_err(|e| broken(format!(": {e}")))?;
    // Asked of the open file, so that it cannot be exchanged in between.
    os::belongs_to_the_administrator(&file).map_err(|e| broken(format!(": {e}")))?;
    let mut text = String::new();
    file.take(MAX_SIZE + 1).read_to_string(&mut text).map_err(|e| broken(format!(": {e}")))?;
    if text.len() as u64 > MAX_SIZE {
        return Err(broken(format!(": longer than {MAX_SIZE} bytes")));
    }
    Profile::parse(&text).map_err(|error| match error {
        BadProfile::Syntax(text) => broken(place(&text)),
        BadProfile::Value { .. } => broken(format!(": {error}")),
    })
}

/// `:LINE: what` out of the several lines that the TOML reader writes.
fn place(text: &str) -> String {
    let line = text.split_once("at line ").and_then(|(_, rest)| rest.split(|c: char| !c.is_ascii_digit()).next());
    let what = text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("not TOML").trim();
    match line {
        Some(line) => format!(":{line}: {what}"),
        None => format!(": {what}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) const GOOD: &str = include_str!("../tests/profile.toml");

    #[test]
    fn a_syntax_error_is_told_with_file_and_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("profile.toml");
        fs::write(&path, GOOD.replace("organisation =", "organisation ==")).unwrap();
        let installed = Installed::read(&path);
        let fault = installed.profile().clone().unwrap_err();
        assert_eq!(fault.code, FaultCode::ProfileBroken);
        assert!(fault.detail.starts_with(&format!("{}:1: ", path.display())), "{fault}");
        assert!(!fault.detail.contains('\n'), "{fault}");
    }

    #[test]
    fn a_missing_or_endless_profile_is_a_fault() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("profile.toml");
        assert_eq!(Installed::read(&path).profile().clone().unwrap_err().code, FaultCode::ProfileBroken);
        fs::write(&path, "#".repeat(300_000)).unwrap();
        assert!(Installed::read(&path).profile().clone().unwrap_err().detail.contains("longer"));
    }

    #[test]
    fn a_pipe_is_refused_and_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("profile.toml");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        assert!(Installed::read(&path).profile().clone().unwrap_err().detail.contains("not a file"));
    }

    #[test]
    fn a_profile_that_others_can_write_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("profile.toml");
        fs::write(&path, GOOD).unwrap();
        assert!(Installed::read(&path).profile().is_ok(), "{:?}", Installed::read(&path).profile());
        let run = std::process::Command::new("chmod").arg("666").arg(&path).status().unwrap();
        assert!(run.success());
        assert!(Installed::read(&path).profile().clone().unwrap_err().detail.contains("writable"));
    }

    #[test]
    fn a_mended_profile_is_taken_without_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("profile.toml");
        let mut installed = Installed::read(&path);
        assert!(!installed.refresh());
        fs::write(&path, GOOD).unwrap();
        assert!(installed.refresh());
        assert!(installed.profile().is_ok());
        assert!(!installed.refresh());
    }
}
