//! One service at a time changes the system: it holds a lock in the state folder for as long as it lives.
//! The lock goes with the process, however it ends.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::Path,
    time::Duration,
};

use flexnet_protocol::{Fault, FaultCode};
use tokio::time::{Instant, sleep};

use crate::os;

/// Held for as long as it lives.
#[derive(Debug)]
pub struct StateLock(File);

impl StateLock {
    /// Takes the lock of a state folder.
    ///
    /// # Errors
    /// [`FaultCode::Busy`] if a living service holds it, [`FaultCode::StateReadOnly`] if the folder cannot be used.
    pub fn take(state: &Path) -> Result<Self, Fault> {
        let path = state.join("lock");
        let failed =
            |e: &dyn std::fmt::Display| Fault::new(FaultCode::StateReadOnly, format!("{}: {e}", path.display()));
        if !path.exists() {
            os::make_private_folder(state).map_err(|e| failed(&e))?;
            OpenOptions::new().append(true).create(true).open(&path).map_err(|e| failed(&e))?;
        }
        // For reading only: a lock must not keep the disk from being mounted read-only.
        let file = File::open(&path).map_err(|e| failed(&e))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => {
                Err(Fault::new(FaultCode::Busy, format!("a service runs and holds {}", path.display())))
            }
            Err(TryLockError::Error(error)) => Err(failed(&error)),
        }
    }
}

/// How long one that ends, or a repair, may still hold it.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often is looked whether it is free.
const LOOK: Duration = Duration::from_millis(50);

impl StateLock {
    /// Takes the lock as [`StateLock::take`], and waits about two seconds for whoever holds it.
    ///
    /// # Errors
    /// Those of [`StateLock::take`].
    pub async fn wait(state: &Path) -> Result<Self, Fault> {
        let until = Instant::now() + PATIENCE;
        loop {
            match Self::take(state) {
                Err(fault) if fault.code == FaultCode::Busy && Instant::now() < until => sleep(LOOK).await,
                other => return other,
            }
        }
    }
}

impl Drop for StateLock {
    fn drop(&mut self) {
        // The end of the process would do it as well; a test takes it twice in one process.
        drop(self.0.unlock());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        let first = StateLock::take(&state).unwrap();
        assert_eq!(StateLock::take(&state).unwrap_err().code, FaultCode::Busy);
        drop(first);
        StateLock::take(&state).unwrap();
    }

    #[tokio::test]
    async fn one_that_ends_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let first = StateLock::take(folder.path()).unwrap();
        let waited = tokio::join!(StateLock::wait(folder.path()), async { drop(first) });
        waited.0.unwrap();
    }
}
