//! Whether the service desk is open, kept right as time passes.

use flexnet_protocol::desk::{DeskContact, DeskStatus};

use crate::Now;

/// A desk without hours in sight is looked at again.
const AGAIN_AFTER_SECONDS: i64 = 6 * 3600;
/// The PC's clock was set if it strays from the other one by more.
const CLOCK_SET_SECONDS: i64 = 2;

/// The desk as last computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DeskClock {
    pub(crate) status: DeskStatus,
    computed: Now,
    changes_at: u64,
}

impl DeskClock {
    pub(crate) fn new(contact: &DeskContact, now: Now) -> Self {
        let status = contact.at(now.unix).status;
        let changes = match status {
            DeskStatus::Open { until } => until,
            DeskStatus::Closed { opens: Some(opens) } => opens,
            DeskStatus::Closed { opens: None } => now.unix.saturating_add(AGAIN_AFTER_SECONDS),
        };
        // At least a second, so that no value of a clock makes a busy loop.
        let seconds = changes.saturating_sub(now.unix).max(1).unsigned_abs();
        Self { status, computed: now, changes_at: now.mono_ms.saturating_add(seconds.saturating_mul(1000)) }
    }

    pub(crate) fn pass(&mut self, contact: &DeskContact, now: Now) {
        if self.changes_at <= now.mono_ms || self.clock_was_set(now) {
            *self = Self::new(contact, now);
        }
    }

    pub(crate) const fn changes_at(&self) -> u64 {
        self.changes_at
    }

    fn clock_was_set(&self, now: Now) -> bool {
        let passed = now.mono_ms.saturating_sub(self.computed.mono_ms) / 1000;
        let expected = self.computed.unix.saturating_add(i64::try_from(passed).unwrap_or(i64::MAX));
        now.unix.abs_diff(expected) > CLOCK_SET_SECONDS.unsigned_abs()
    }
}
