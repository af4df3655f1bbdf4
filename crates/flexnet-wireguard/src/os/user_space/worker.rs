//! Threads that move packets. Each waits for one descriptor, and ends when it is told to.

use std::{
    io,
    os::{
        fd::{AsFd as _, BorrowedFd},
        unix::net::UnixStream,
    },
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// What a thread does when its descriptor is readable.
pub(super) trait Work: Send + 'static {
    /// What it waits for.
    fn descriptor(&self) -> BorrowedFd<'_>;

    /// Called before each turn: how long the wait after it may be, for ever if nothing else is said.
    fn between(&mut self) -> Option<Duration> {
        None
    }

    /// Moves what there is, but not for long.
    ///
    /// # Errors
    /// There is nothing more to be done, ever.
    fn turn(&mut self) -> io::Result<Turn>;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// There may be more.
    More,
    /// Wait until the descriptor is readable.
    Idle,
}

/// Ends all threads that were given a [`Stopping`] of it when it is dropped.
#[derive(Debug)]
pub(super) struct Stop {
    // Closing it wakes those who wait.
    _open: UnixStream,
    told: Arc<AtomicBool>,
}

pub(super) struct Stopping {
    closes: UnixStream,
    told: Arc<AtomicBool>,
}

impl Stop {
    /// One for each of the threads.
    pub(super) fn new() -> io::Result<(Self, Stopping, Stopping)> {
        let (open, closes) = UnixStream::pair()?;
        let told = Arc::new(AtomicBool::new(false));
        let other = Stopping { closes: closes.try_clone()?, told: Arc::clone(&told) };
        Ok((Self { _open: open, told: Arc::clone(&told) }, Stopping { closes, told }, other))
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        self.told.store(true, Relaxed);
    }
}

impl Stopping {
    fn is_told(&self) -> bool {
        self.told.load(Relaxed)
    }

    /// Waits for the descriptor, for the end, or until the time is over.
    fn wait(&self, descriptor: BorrowedFd<'_>, at_most: Option<Duration>) {
        let mut both =
            [PollFd::new(descriptor, PollFlags::POLLIN), PollFd::new(self.closes.as_fd(), PollFlags::POLLIN)];
        // Rounded up: a wait that ends too early would be repeated.
        let timeout = at_most.map(|time| time + Duration::from_micros(999));
        let timeout = timeout.map_or(PollTimeout::NONE, |time| PollTimeout::try_from(time).unwrap_or(PollTimeout::MAX));
        // An interrupted wait is a short one.
        let _ = poll(&mut both, timeout);
    }
}

/// Starts a thread. What ends its work, if it is not told to end, goes to `broken`.
pub(super) fn start<W: Work>(
    name: &str,
    stopping: Stopping,
    mut work: W,
    broken: impl FnOnce(io::Error) + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    let moves = move || {
        while !stopping.is_told() {
            let time = work.between();
            match work.turn() {
                Ok(Turn::More) => {}
                Ok(Turn::Idle) => stopping.wait(work.descriptor(), time),
                Err(error) => return broken(error),
            }
        }
    };
    thread::Builder::new().name(name.to_owned()).spawn(moves)
}
