//! The two ends of a session and the warnings before them, by the clock that never jumps.
//! The gateway tells moments of its own clock. What counts here is how long after the sign-in they are, so neither clock has to be right.

use flexnet_protocol::{
    gateway::{EndReason, Grant},
    snapshot::{Session, Warning},
};

use crate::Now;

/// The first warning comes so long before an end, or a third of what there was until it: short rules must not warn all the time.
const WARN_MS: u64 = 600_000;
/// The last warning.
const LAST_MINUTE_MS: u64 = 60_000;
/// The gateway is asked so long before a warning about the idle end whether that still is the end.
const ASK_BEFORE_MS: u64 = 3_000;
/// A time that is shown is corrected when it strays by more: clocks are read in whole seconds.
const STRAYS_SECONDS: u64 = 2;

/// Ends in milliseconds of [`Now::mono_ms`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ends {
    granted: Now,
    /// `None` while this PC's clock makes no sense of the grant and the gateway has told nothing else.
    absolute: Option<u64>,
    idle: u64,
    idle_ms: u64,
    /// The idle end that was asked about before its warning.
    asked_about: u64,
    /// When time alone changes something next.
    next: Option<u64>,
}

impl Ends {
    /// As far as the grant tells: its absolute end is a moment of the gateway's clock, read by this PC's until the gateway tells more.
    pub(crate) fn begin(now: Now, grant: &Grant) -> Self {
        let idle_ms = u64::from(grant.idle_seconds).saturating_mul(1000);
        let absolute = after(now, now.unix, grant.absolute_end);
        let idle = now.mono_ms.saturating_add(idle_ms);
        let idle = absolute.map_or(idle, |absolute| idle.min(absolute));
        Self { granted: now, absolute, idle, idle_ms, asked_about: 0, next: None }
    }

    /// The gateway's word: when the session began, and its ends. Moments that cannot be right say nothing.
    pub(crate) fn told(&mut self, started: i64, absolute_end: i64, idle_end: i64) {
        let (absolute, idle) = (after(self.granted, started, absolute_end), after(self.granted, started, idle_end));
        if let (Some(absolute), Some(idle)) = (absolute, idle) {
            self.absolute = Some(absolute);
            self.idle = idle.min(absolute);
        }
    }

    /// The idle end, if there is one before the absolute end.
    pub(crate) fn idle(&self) -> Option<u64> {
        self.absolute.is_none_or(|absolute| self.idle < absolute).then_some(self.idle)
    }

    /// `true` while use of the tunnel would take a warning away, or is about to.
    pub(crate) fn idle_is_near(&self, now: Now) -> bool {
        self.idle().is_some_and(|idle| self.asks_at(idle) <= now.mono_ms)
    }

    /// `true` from the absolute end on. An idle end is the gateway's to judge: it alone sees use.
    pub(crate) fn over(&self, now: Now) -> bool {
        self.absolute.is_some_and(|at| at <= now.mono_ms)
    }

    /// Brings what is shown up to date; `true` if the gateway should be asked before a warning.
    pub(crate) fn pass(&mut self, now: Now, session: &mut Session) -> bool {
        if let Some(absolute) = self.absolute {
            correct(&mut session.absolute_end, by_this_pc(now, absolute));
        }
        correct(&mut session.idle_end, by_this_pc(now, self.idle));
        session.warning = self.warning(now, session);
        let ask = self.idle().is_some_and(|idle| self.asks_at(idle) <= now.mono_ms && self.asked_about != idle);
        if ask {
            self.asked_about = self.idle;
        }
        self.next = self.moments().filter(|at| *at > now.mono_ms).min();
        ask
    }

    pub(crate) const fn next(&self) -> Option<u64> {
        self.next
    }

    fn warning(&self, now: Now, session: &Session) -> Option<Warning> {
        let absolute = self.absolute.map(|at| (at, EndReason::Absolute, session.absolute_end));
        let idle = self.idle().map(|at| (at, EndReason::Idle, session.idle_end));
        let near =
            [absolute, idle].into_iter().flatten().filter(|(at, reason, _)| self.warns_at(*at, *reason) <= now.mono_ms);
        let (at, reason, shown) = near.min_by_key(|(at, ..)| *at)?;
        Some(Warning { reason, at: shown, last_minute: at.saturating_sub(LAST_MINUTE_MS) <= now.mono_ms })
    }

    fn warns_at(&self, at: u64, reason: EndReason) -> u64 {
        let lasts = if reason == EndReason::Idle { self.idle_ms } else { at.saturating_sub(self.granted.mono_ms) };
        at.saturating_sub(WARN_MS.min(lasts / 3))
    }

    fn asks_at(&self, idle: u64) -> u64 {
        self.warns_at(idle, EndReason::Idle).saturating_sub(ASK_BEFORE_MS)
    }

    fn moments(&self) -> impl Iterator<Item = u64> {
        let both = [(self.absolute, EndReason::Absolute), (self.idle(), EndReason::Idle)];
        let warnings = both.map(|(at, reason)| at.map(|at| self.warns_at(at, reason)));
        let last = both.map(|(at, _)| at.map(|at| at.saturating_sub(LAST_MINUTE_MS)));
        let ask = self.idle().map(|idle| self.asks_at(idle));
        warnings.into_iter().chain(last).chain([self.absolute, ask]).flatten()
    }
}

/// When an end is due that is so long after `began`, which was `at`; nothing if it is not after it.
fn after(at: Now, began: i64, end: i64) -> Option<u64> {
    let seconds = u64::try_from(end.saturating_sub(began)).ok().filter(|seconds| *seconds > 0)?;
    Some(at.mono_ms.saturating_add(seconds.saturating_mul(1000)))
}

fn by_this_pc(now: Now, at: u64) -> i64 {
    let seconds = |ms: u64| i64::try_from(ms.saturating_add(500) / 1000).unwrap_or(i64::MAX);
    if at >= now.mono_ms {
        now.unix.saturating_add(seconds(at - now.mono_ms))
    } else {
        now.unix.saturating_sub(seconds(now.mono_ms - at))
    }
}

fn correct(shown: &mut i64, is: i64) {
    if shown.abs_diff(is) > STRAYS_SECONDS {
        *shown = is;
    }
}
