//! The thread that moves packets, both ways. One for both: what an arriving packet makes the system send is then on its way without
//! another thread having to wake up, and no lock is fought over. It waits for both descriptors, and ends when it is told to.

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
    time::{Duration, Instant},
};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::{
    engine::{Clock, Engine},
    inbound::Inbound,
    outbound::Outbound,
};
use crate::os::link::Link;

/// What is known when packets have been moved for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// There may be more.
    More,
    /// There was nothing more.
    Idle,
}

/// Ends the thread when it is dropped.
#[derive(Debug)]
pub(super) struct Stop {
    // Closing it wakes who waits.
    _open: UnixStream,
    told: Arc<AtomicBool>,
}

impl Drop for Stop {
    fn drop(&mut self) {
        self.told.store(true, Relaxed);
    }
}

/// Tells the engine that nobody moves packets any more, whatever the thread ended of: a panic too.
struct Moving<L: Link>(Arc<Engine<L>>);

impl<L: Link> Drop for Moving<L> {
    fn drop(&mut self) {
        self.0.set_gone();
    }
}

/// Starts the thread. When the TUN device is gone, it tells the engine so and ends.
pub(super) fn start<L: Link>(engine: &Arc<Engine<L>>) -> io::Result<(Stop, JoinHandle<()>)> {
    let (open, closes) = UnixStream::pair()?;
    let told = Arc::new(AtomicBool::new(false));
    let stop = Stop { _open: open, told: Arc::clone(&told) };
    let moving = Moving(Arc::clone(engine));
    let moves = move || {
        if let Err(error) = run(&moving.0, &closes, &told) {
            tracing::warn!(%error, "the TUN device is gone");
        }
    };
    Ok((stop, thread::Builder::new().name("wireguard".to_owned()).spawn(moves)?))
}

fn run<L: Link>(engine: &Arc<Engine<L>>, closes: &UnixStream, told: &AtomicBool) -> io::Result<()> {
    let (mut inbound, mut outbound) = (Inbound::new(Arc::clone(engine)), Outbound::new(Arc::clone(engine)));
    let mut clock = Clock::start(Instant::now());
    let mut woken = Woken { inward: true, any: true };
    while !told.load(Relaxed) {
        let time = clock.tick(engine, Instant::now(), woken.any);
        let inward = if woken.inward { inbound.turn() } else { Turn::Idle };
        let outward = outbound.turn()?;
        woken = match (inward, outward) {
            (Turn::Idle, Turn::Idle) => wait(engine, closes, time),
            (Turn::More, _) | (_, Turn::More) => Woken { inward: true, any: true },
        };
    }
    Ok(())
}

/// What ended a wait.
struct Woken {
    /// There may be something in the UDP socket.
    inward: bool,
    /// There may be something anywhere: it was not the time alone.
    any: bool,
}

/// Waits for a packet, for the end, or until the time is over.
fn wait<L: Link>(engine: &Engine<L>, closes: &UnixStream, at_most: Duration) -> Woken {
    let readable = |descriptor| PollFd::new(descriptor, PollFlags::POLLIN);
    let descriptors: [BorrowedFd<'_>; 3] = [engine.udp.as_fd(), engine.link.descriptor(), closes.as_fd()];
    let mut all = descriptors.map(readable);
    // Rounded up: a wait that ends too early would be repeated.
    let timeout = PollTimeout::try_from(at_most + Duration::from_micros(999)).unwrap_or(PollTimeout::MAX);
    // An interrupted wait is a short one.
    let _ = poll(&mut all, timeout);
    let [inward, outward, _] = all.map(|descriptor| descriptor.any().unwrap_or(true));
    Woken { inward, any: inward || outward }
}
