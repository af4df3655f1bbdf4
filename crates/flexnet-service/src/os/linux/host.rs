//! Clocks, users, folders and the word to stop.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::Path,
};

use flexnet_session::Now;
use nix::sys::socket::{setsockopt, sockopt::TcpMaxSeg};
use rustix::process::{Resource, Rlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};
use tokio::{
    net::TcpSocket,
    signal::unix::{SignalKind, signal},
};

/// Both clocks: `CLOCK_BOOTTIME`, which counts sleep, and the time of day.
pub fn now() -> Now {
    Now { mono_ms: millis(ClockId::Boottime), unix: clock_gettime(ClockId::Realtime).tv_sec }
}

/// Milliseconds that the PC has slept since it was started.
pub(super) fn slept() -> u64 {
    let awake = millis(ClockId::Monotonic);
    millis(ClockId::Boottime).saturating_sub(awake)
}

fn millis(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    let (seconds, nanos) = (u64::try_from(time.tv_sec).unwrap_or(0), u64::try_from(time.tv_nsec).unwrap_or(0));
    seconds.saturating_mul(1000).saturating_add(nanos / 1_000_000)
}

/// Whatever ends this process, no core of it is written: it holds keys, and while somebody signs in the entry.
/// The limit is one byte, not none: a program that collects cores is started in spite of a limit of none (core(5)).
pub fn leave_no_core() {
    let least = Rlimit { current: Some(1), maximum: Some(1) };
    if let Err(error) = setrlimit(Resource::Core, least) {
        tracing::warn!(%error, "a core may be written if the service is aborted");
    }
}

/// Waits for SIGTERM or SIGINT.
pub async fn stopped() {
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        tracing::error!("signals cannot be caught: the service ends without a goodbye");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

/// Refuses a file that somebody other than root, or the user this service runs as, could have written.
///
/// # Errors
/// Who could have.
pub fn belongs_to_the_administrator(file: &File) -> Result<(), String> {
    let data = file.metadata().map_err(|e| e.to_string())?;
    if !data.is_file() {
        return Err("is not a file".into());
    }
    if data.uid() != 0 && data.uid() != rustix::process::geteuid().as_raw() {
        return Err(format!("belongs to user {}, not to root", data.uid()));
    }
    if data.mode() & 0o022 != 0 {
        return Err(format!("is writable by others (mode {:o})", data.mode() & 0o777));
    }
    Ok(())
}

/// Opens a file for reading; a pipe in its place does not wait for its other end.
///
/// # Errors
/// It cannot be opened.
pub fn open_without_waiting(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(nix::libc::O_NONBLOCK).open(path)
}

/// Settings for every program of this PC, `name=value` in lines: `/etc/environment`, which a service of systemd is not given.
pub fn machine_environment() -> String {
    std::fs::read_to_string("/etc/environment").unwrap_or_default()
}

/// Lets both ends send segments of at most so many bytes; before it is connected.
pub fn keep_segments_small(socket: &TcpSocket, bytes: u32) {
    if let Err(error) = setsockopt(socket, TcpMaxSeg, &bytes) {
        tracing::debug!(%error, "segments keep their size");
    }
}

/// Whether this process runs as root.
pub fn is_administrator() -> bool {
    rustix::process::geteuid().is_root()
}

/// A folder that only this service's user can look into.
///
/// # Errors
/// It cannot be made.
pub fn make_private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Makes the entries of a folder durable.
///
/// # Errors
/// It cannot be opened or synced.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_core_is_written_of_this_process() {
        leave_no_core();
        let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
        let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
        assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["1", "1"], "{core}");
    }
}
