//! Programs of the system, run for one answer each: with a limit, and none outlives whoever waits for it.
//! Never a shell; what is run is named by whoever calls.

use std::{ffi::OsStr, io, process::Stdio, time::Duration};

use nix::sys::signal::Signal;
use tokio::{io::AsyncWriteExt as _, process::Command, time::timeout};

/// Why a call came to nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// It cannot be run.
    #[error("cannot run {program}")]
    Run {
        /// Its name.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// It was killed: it did not come to its end in time.
    #[error("{program} does not answer")]
    Silent {
        /// Its name.
        program: String,
    },
    /// It says no.
    #[error("{program} refuses: {said}")]
    Refused {
        /// Its name.
        program: String,
        /// Its words.
        said: String,
    },
}

impl Error {
    /// Whether the program is not on this PC at all.
    pub(super) fn is_absent(&self) -> bool {
        matches!(self, Self::Run { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }
}

/// Runs `program`, searched in the service's `PATH`, and gives its standard output.
pub(super) async fn run(program: &OsStr, limit: Duration, args: &[&str], input: &[u8]) -> Result<Vec<u8>, Error> {
    let name = || std::path::Path::new(program).file_name().unwrap_or(program).to_string_lossy().into_owned();
    let failed = |source| Error::Run { program: name(), source };
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    dies_with_us(&mut command);
    let answered = timeout(limit, async {
        let mut child = command.spawn()?;
        let mut written = Ok(());
        if let Some(mut stdin) = child.stdin.take() {
            written = stdin.write_all(input).await;
        }
        // What it says counts more than that it did not listen to the end.
        Ok((child.wait_with_output().await?, written))
    });
    let (output, written) = answered.await.map_err(|_| Error::Silent { program: name() })?.map_err(failed)?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(Error::Refused { program: name(), said });
    }
    written.map_err(failed)?;
    Ok(output.stdout)
}

/// A service that is killed takes it along: what it began to change would otherwise be there after everything was taken back.
fn dies_with_us(command: &mut Command) {
    let service = nix::unistd::getpid();
    let bind = move || {
        nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?;
        // It may be gone already.
        if nix::unistd::getppid() == service { Ok(()) } else { Err(io::ErrorKind::BrokenPipe.into()) }
    };
    // SAFETY: between fork and exec only system calls are made, and nothing is allocated (signal-safety(7)).
    #[expect(unsafe_code, reason = "only the child can bind itself to its parent")]
    unsafe {
        command.pre_exec(bind);
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf, time::Instant};

    use tempfile::TempDir;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);

    /// A program of that text. The shell replaces itself, so that there is one process to kill.
    fn stub(text: &str) -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("nft");
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        (folder, path)
    }

    #[tokio::test]
    async fn one_that_hangs_is_killed_in_time() {
        let (folder, path) = stub("echo $$ >\"$0.pid\"; exec sleep 600");
        let began = Instant::now();
        // Long enough for it to say who it is, on a busy machine as well.
        let outcome = run(path.as_os_str(), Duration::from_secs(2), &["-j", "-f", "-"], b"{}").await;
        assert!(matches!(outcome, Err(Error::Silent { .. })), "{outcome:?}");
        assert!(began.elapsed() < Duration::from_secs(10));
        let pid = fs::read_to_string(folder.path().join("nft.pid")).unwrap();
        let lives = || {
            let stat = fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
            // A zombie is dead; tokio fetches it when it comes to it.
            !stat.is_empty() && !stat.contains(") Z ")
        };
        while lives() {
            assert!(began.elapsed() < Duration::from_secs(20), "it outlives the wait for it");
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn what_it_says_is_told() {
        let (_folder, path) = stub("echo 'Operation not permitted' >&2; exit 1");
        let long = vec![b' '; 1 << 20];
        let error = run(path.as_os_str(), LIMIT, &["-j", "-f", "-"], &long).await.unwrap_err();
        assert_eq!(error.to_string(), "nft refuses: Operation not permitted");
        let (_folder, path) = stub("cat");
        assert_eq!(run(path.as_os_str(), LIMIT, &[], b"{}").await.unwrap(), b"{}");
        assert!(run("/nowhere/nft".as_ref(), LIMIT, &[], b"").await.unwrap_err().is_absent());
    }
}
