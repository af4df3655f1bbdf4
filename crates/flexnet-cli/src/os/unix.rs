//! A terminal on Unix: what waits there is dropped and never read. And systemd, which starts the service.

use std::{io, path::Path, process::Command};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fd::AsFd,
    termios::{QueueSelector, tcflush},
};

/// How long nothing must come: a terminal's program hands a long paste over in pieces.
const SILENCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
/// More pieces than anybody pastes by mistake.
const PIECES: usize = 100;

/// Drops the lines that wait at the terminal on standard input, until none come any more.
///
/// # Errors
/// It is no terminal, or does not fall silent.
pub(crate) fn drop_pending() -> io::Result<()> {
    drop_pending_at(&io::stdin())
}

fn drop_pending_at(terminal: &impl AsFd) -> io::Result<()> {
    for _ in 0..PIECES {
        tcflush(terminal, QueueSelector::IFlush)?;
        if poll(&mut [PollFd::new(terminal, PollFlags::IN)], Some(&SILENCE))? == 0 {
            return Ok(());
        }
    }
    Err(io::Error::other("the terminal does not fall silent"))
}

/// The unit.
pub(crate) const SERVICE: &str = "kv-flexnet-service";

/// Whether systemd runs here and knows the unit (sd_booted(3), systemd.unit(5)).
pub(crate) fn is_installed() -> bool {
    let folders =
        ["/etc/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];
    Path::new("/run/systemd/system").exists()
        && folders.iter().any(|folder| Path::new(folder).join(format!("{SERVICE}.service")).exists())
}

/// Starts it, and waits until it is ready. Needs an administrator.
pub(crate) fn start_service() -> io::Result<()> {
    // One that failed too often is not started again before its count is forgotten.
    Command::new("systemctl").args(["reset-failed", SERVICE]).output()?;
    let started = Command::new("systemctl").args(["start", SERVICE]).output()?;
    if started.status.success() {
        return Ok(());
    }
    Err(io::Error::other(String::from_utf8_lossy(&started.stderr).trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use std::{
        fs::File,
        io::{BufRead as _, BufReader, Write as _},
        os::unix::ffi::OsStrExt as _,
    };

    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    use super::*;

    /// A terminal, and the hand at its keys.
    fn terminal() -> (File, BufReader<File>) {
        let keys = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&keys).unwrap();
        unlockpt(&keys).unwrap();
        let name = ptsname(&keys, Vec::new()).unwrap();
        let path = std::ffi::OsStr::from_bytes(name.as_bytes());
        (File::from(keys), BufReader::new(File::open(path).unwrap()))
    }

    #[test]
    fn a_yes_that_was_pasted_behind_a_link_answers_nothing() {
        let (mut keys, mut terminal) = terminal();
        let mut line = String::new();
        keys.write_all(b"kv-flexnet://connect?ticket=MDEyMzQ1Njc4OWFiY2RlZg\nja\nja\n").unwrap();
        terminal.read_line(&mut line).unwrap();
        drop_pending_at(terminal.get_ref()).unwrap();
        keys.write_all(b"nein\n").unwrap();
        line.clear();
        terminal.read_line(&mut line).unwrap();
        assert_eq!(line, "nein\n");
    }

    #[test]
    fn what_is_no_terminal_is_told() {
        assert!(drop_pending_at(&File::open("/dev/null").unwrap()).is_err());
    }
}
