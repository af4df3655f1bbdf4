//! Windows. Not run yet: a terminal is not read, as the way to the service is not built; the service manager starts the service.

use std::{io, process::Command};

/// Drops the lines that wait at the terminal on standard input.
///
/// # Errors
/// Always: nothing may be asked then.
pub(crate) fn drop_pending() -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// The service.
pub(crate) const SERVICE: &str = "kv-flexnet-service";

/// Whether the service manager knows it.
pub(crate) fn is_installed() -> bool {
    Command::new("sc.exe").args(["query", SERVICE]).output().is_ok_and(|answer| answer.status.success())
}

/// Starts it. Needs an administrator.
pub(crate) fn start_service() -> io::Result<()> {
    let started = Command::new("sc.exe").args(["start", SERVICE]).output()?;
    if started.status.success() { Ok(()) } else { Err(io::Error::other("sc.exe start refuses")) }
}
