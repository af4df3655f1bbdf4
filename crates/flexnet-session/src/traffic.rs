//! Bytes per interval of five seconds, for the little picture in the window.

use flexnet_protocol::snapshot::{TRAFFIC_INTERVALS, TRAFFIC_SECONDS};

use crate::{Counters, Now};

const INTERVAL_MS: u64 = TRAFFIC_SECONDS as u64 * 1000;

/// The interval that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Traffic {
    last: Counters,
    bytes: u64,
    closes_at: u64,
}

impl Traffic {
    pub(crate) const fn new(now: Now, counted: Counters) -> Self {
        Self { last: counted, bytes: 0, closes_at: now.mono_ms.saturating_add(INTERVAL_MS) }
    }

    /// A device that was made anew counts from zero: then nothing is added.
    pub(crate) const fn measured(&mut self, counted: Counters) {
        let received = counted.received.saturating_sub(self.last.received);
        let sent = counted.sent.saturating_sub(self.last.sent);
        self.bytes = self.bytes.saturating_add(received.saturating_add(sent));
        self.last = counted;
    }

    pub(crate) const fn closes_at(&self) -> u64 {
        self.closes_at
    }

    /// Moves intervals that are over into the history, oldest first.
    pub(crate) fn pass(&mut self, now: Now, history: &mut Vec<u64>) {
        // After a long sleep only the newest intervals would be kept anyway.
        for _ in 0..TRAFFIC_INTERVALS {
            if now.mono_ms < self.closes_at {
                break;
            }
            history.push(std::mem::take(&mut self.bytes));
            self.closes_at = self.closes_at.saturating_add(INTERVAL_MS);
        }
        if now.mono_ms >= self.closes_at {
            self.closes_at = now.mono_ms.saturating_add(INTERVAL_MS);
        }
        let too_many = history.len().saturating_sub(TRAFFIC_INTERVALS);
        history.drain(..too_many);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(mono_ms: u64) -> Now {
        Now { mono_ms, unix: 0 }
    }

    fn counted(received: u64, sent: u64) -> Counters {
        Counters { received, sent, handshake_age: None }
    }

    #[test]
    fn both_directions_are_summed_per_interval() {
        let mut traffic = Traffic::new(at(0), counted(1000, 0));
        let mut history = Vec::new();
        traffic.measured(counted(1300, 20));
        traffic.measured(counted(1300, 50));
        traffic.pass(at(4999), &mut history);
        assert!(history.is_empty());
        traffic.pass(at(5000), &mut history);
        traffic.measured(counted(1, 1));
        traffic.pass(at(16_000), &mut history);
        assert_eq!(history, [350, 0, 0]);
        assert_eq!(traffic.closes_at(), 20_000);
    }

    #[test]
    fn five_minutes_are_kept_whatever_the_pause() {
        let mut traffic = Traffic::new(at(0), counted(0, 0));
        let mut history = vec![1; TRAFFIC_INTERVALS];
        traffic.measured(counted(9, 0));
        traffic.pass(at(5000), &mut history);
        assert_eq!((history.len(), history.last()), (TRAFFIC_INTERVALS, Some(&9)));
        traffic.pass(at(u64::MAX / 2), &mut history);
        assert_eq!(history, vec![0; TRAFFIC_INTERVALS]);
        assert!(traffic.closes_at() > u64::MAX / 2);
    }
}
