//! The gateway's clock, and whether it can be believed. Never takes a client's word for the time.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use jiff::Timestamp;

/// 1 January 2026: no gateway of ours ran before it, so an earlier clock was never set.
const EARLIEST: i64 = 1_767_225_600;
/// Seconds by which the clock may be corrected backwards.
const CORRECTION: i64 = 300;

/// A time in seconds since 1970 UTC, as administrators read it (RFC 3339); the number itself if no calendar has it.
pub fn utc(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |time| time.to_string())
}

/// The clock of this computer, with the latest time that it has shown the database.
#[derive(Debug)]
pub struct Clock {
    latest: AtomicI64,
    /// When somebody last said that this clock is right and the latest time is not.
    accepted: AtomicI64,
    #[cfg(test)]
    shift: AtomicI64,
}

impl Clock {
    /// A clock that has shown `latest` before, in seconds since 1970 UTC.
    pub fn new(latest: i64) -> Self {
        Self {
            latest: AtomicI64::new(latest),
            accepted: AtomicI64::new(0),
            #[cfg(test)]
            shift: AtomicI64::new(0),
        }
    }

    /// Seconds since 1970 UTC.
    pub fn now(&self) -> i64 {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let now = i64::try_from(seconds).unwrap_or(i64::MAX);
        #[cfg(test)]
        let now = now + self.shift.load(Ordering::SeqCst);
        now
    }

    /// The time, unless it lies clearly before what was written already: TANs of the past would be judged by such a clock.
    pub fn sane(&self) -> Option<i64> {
        let now = self.now();
        let latest = self.latest.fetch_max(now, Ordering::SeqCst);
        (now >= EARLIEST && now >= latest.saturating_sub(CORRECTION)).then_some(now)
    }

    /// Somebody has said at `accepted` that later times are void: `latest` counts instead, once.
    pub fn accept(&self, accepted: i64, latest: i64) {
        if self.accepted.fetch_max(accepted, Ordering::SeqCst) < accepted {
            self.latest.store(latest, Ordering::SeqCst);
        }
    }

    /// Sets the clock forward or back.
    #[cfg(test)]
    pub fn shift(&self, seconds: i64) {
        self.shift.fetch_add(seconds, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_jumps_back_is_not_believed() {
        let clock = Clock::new(0);
        assert!(clock.sane().is_some());
        clock.shift(-200);
        assert!(clock.sane().is_some(), "a correction");
        clock.shift(-200);
        assert!(clock.sane().is_none(), "a jump");
        clock.shift(400);
        assert!(clock.sane().is_some());
    }

    #[test]
    fn what_somebody_declared_void_counts_no_more_and_only_once() {
        let clock = Clock::new(0);
        let now = clock.now();
        clock.accept(now - 10_000, now - 9_999);
        clock.shift(86_400);
        assert!(clock.sane().is_some());
        clock.shift(-86_400);
        assert!(clock.sane().is_none());
        clock.accept(now - 10_000, now);
        assert!(clock.sane().is_none(), "what was said before it ran ahead does not count");
        clock.accept(now, now);
        assert!(clock.sane().is_some());
    }

    #[test]
    fn a_clock_before_the_last_written_row_or_never_set_is_not_believed() {
        assert!(Clock::new(Clock::new(0).now() + 3600).sane().is_none());
        let clock = Clock::new(0);
        clock.shift(EARLIEST - 1 - clock.now());
        assert!(clock.sane().is_none());
    }
}
