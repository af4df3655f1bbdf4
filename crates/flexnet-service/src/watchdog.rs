//! Ends a service whose event loop stands still, with the stacks of all threads in its log, so that the service manager starts it afresh.
//! The loop itself tells that it goes round, by polling [`Watchdog::beside`]; a thread of its own listens, because a runtime that hangs has none to spare.
//! Counts its own ticks and no clock: a PC that sleeps, or a process that was stopped, has not hung.

use std::{
    future::Future,
    io,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use tokio::time::{MissedTickBehavior, interval};

use crate::os;

/// How often the loop tells, and the thread listens.
const BEAT: Duration = Duration::from_secs(1);
/// Ticks without a word. Longer than the longest that anything waits before the loop begins: [`crate::network::LIMIT`].
const PATIENCE: u32 = 30;
/// Once more for the goodbye, when the loop has no word left to give.
const GOODBYE: u32 = 60;

/// What the service manager is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// The event loop has begun.
    Ready,
    /// It goes round.
    Alive,
    /// It has been told to stop.
    Stopping,
}

/// The thread that listens.
pub struct Watchdog(Arc<AtomicU32>);

impl Watchdog {
    /// Begins to listen.
    ///
    /// # Errors
    /// The system has no thread to spare.
    pub fn start() -> io::Result<Self> {
        let left = Arc::new(AtomicU32::new(PATIENCE));
        let counts = Arc::clone(&left);
        thread::Builder::new().name("watchdog".into()).spawn(move || {
            while counts.fetch_sub(1, Relaxed) > 1 {
                thread::sleep(BEAT);
            }
            os::end_with_stacks("the event loop stands still")
        })?;
        Ok(Self(left))
    }

    /// Waits for `stop`, and tells meanwhile, to the thread and to the service manager, that whoever polls this goes round.
    pub async fn beside<T>(&self, stop: impl Future<Output = T>) -> T {
        let mut stop = pin!(stop);
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        os::tell_manager(Word::Ready);
        loop {
            tokio::select! {
                stopped = &mut stop => {
                    self.0.store(GOODBYE, Relaxed);
                    os::tell_manager(Word::Stopping);
                    return stopped;
                }
                _ = beat.tick() => {
                    self.0.store(PATIENCE, Relaxed);
                    os::tell_manager(Word::Alive);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_polls_it_is_told_to_go_round_and_whoever_does_not_is_not() {
        let watchdog = Watchdog(Arc::new(AtomicU32::new(1)));
        let becomes = async |wanted| {
            let looked = async {
                while watchdog.0.load(Relaxed) != wanted {
                    tokio::time::sleep(BEAT / 100).await;
                }
            };
            tokio::time::timeout(BEAT * 30, looked).await.unwrap();
        };
        let (end, ended) = tokio::sync::oneshot::channel::<()>();
        let waits = watchdog.beside(ended);
        let looks = async {
            for _ in 0..2 {
                becomes(PATIENCE).await;
                watchdog.0.store(1, Relaxed);
            }
            end.send(()).unwrap();
        };
        drop(tokio::join!(waits, looks));
        assert_eq!(watchdog.0.load(Relaxed), GOODBYE);
    }
}
