//! What is asked of the gateway while a session lives: one question that stands, so that an end is told at once, and the wish to put the idle end off.
//! It computes times and wishes; the caller carries them. Silence of the gateway says nothing about the session.

use crate::{Now, Output, ends::Ends};

/// Between two questions, whatever the answers.
const AT_LEAST_MS: u64 = 500;
/// After silence: so long, then twice as long, up to the last.
const AGAIN_MS: [u64; 3] = [1_000, 2_000, 5_000];
/// While the tunnel is lost nothing stands: questions are short and regular.
const LOST_EVERY_MS: u64 = 5_000;
/// The caller tells of every question what became of it; this is for one that lost its way.
const ANSWER_WITHIN_MS: u64 = 30_000;
/// A wish that was not answered is repeated, and given up in the end.
const EXTEND_EVERY_MS: u64 = 3_000;
const EXTEND_WITHIN_MS: u64 = 30_000;
/// The gateway needs a moment to see that the tunnel is used.
const USE_SEEN_MS: u64 = 2_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Questions {
    asked: Option<u64>,
    next: u64,
    /// The next question may stand until there is something to tell.
    stands: bool,
    /// When to ask for what is known at that moment: an answer that comes earlier does not say it.
    at_once: Option<u64>,
    /// Answers that did not come, in a row.
    silences: usize,
    extend: Option<Wish>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Wish {
    next: u64,
    until: u64,
    /// The idle end that is to be put off.
    idle: u64,
}

impl Questions {
    /// The first one asks for the times, and is answered at once.
    pub(crate) const fn new(now: Now) -> Self {
        Self { asked: None, next: now.mono_ms, stands: false, at_once: None, silences: 0, extend: None }
    }

    /// Ask soon, and for an answer at once: what was known may be wrong.
    pub(crate) fn soon(&mut self, now: Now, in_ms: u64) {
        let at = now.mono_ms.saturating_add(in_ms).max(self.asked.map_or(0, |asked| asked.saturating_add(AT_LEAST_MS)));
        self.at_once = Some(self.at_once.map_or(at, |planned| planned.min(at)));
    }

    /// The tunnel was used while a warning stands: does the gateway know?
    pub(crate) fn soon_after_use(&mut self, now: Now) {
        self.soon(now, USE_SEEN_MS);
    }

    /// The session lives; `true` if the gateway had been silent.
    pub(crate) fn answered(&mut self, now: Now, lost: bool, ends: &Ends) -> bool {
        let was_silent = std::mem::take(&mut self.silences) > 0;
        let asked = self.asked.unwrap_or(0);
        let every = if lost { LOST_EVERY_MS } else { AT_LEAST_MS };
        self.next = asked.saturating_add(every).max(now.mono_ms);
        self.stands = !lost;
        if self.extend.is_some_and(|wish| ends.idle().is_none_or(|idle| idle > wish.idle)) {
            self.extend = None;
        }
        was_silent
    }

    /// No answer; `true` for the first one in a row.
    pub(crate) fn silent(&mut self, now: Now) -> bool {
        let wait = AGAIN_MS.get(self.silences).or(AGAIN_MS.last()).copied().unwrap_or(LOST_EVERY_MS);
        self.silences = self.silences.saturating_add(1).min(AGAIN_MS.len());
        self.next = now.mono_ms.saturating_add(wait);
        (self.stands, self.at_once) = (false, None);
        self.silences == 1
    }

    /// A member wants the idle end put off, if there is one.
    pub(crate) fn extend(&mut self, now: Now, ends: &Ends) {
        let next = self.extend.map_or(now.mono_ms, |wish| wish.next);
        let until = now.mono_ms.saturating_add(EXTEND_WITHIN_MS);
        self.extend = ends.idle().map(|idle| Wish { next, until, idle });
    }

    pub(crate) fn pass(&mut self, now: Now, todo: &mut Vec<Output>) {
        if let Some(mut wish) = self.extend.take_if(|wish| wish.next <= now.mono_ms)
            && wish.until > now.mono_ms
        {
            wish.next = now.mono_ms.saturating_add(EXTEND_EVERY_MS);
            self.extend = Some(wish);
            todo.push(Output::Extend);
        }
        let at_once = self.at_once.take_if(|at| *at <= now.mono_ms).is_some();
        if at_once || self.next <= now.mono_ms {
            self.asked = Some(now.mono_ms);
            self.next = now.mono_ms.saturating_add(ANSWER_WITHIN_MS);
            todo.push(Output::Poll { stands: self.stands && !at_once });
        }
    }

    pub(crate) fn wakes_at(&self) -> u64 {
        [self.extend.map(|wish| wish.next), self.at_once].into_iter().flatten().fold(self.next, u64::min)
    }
}
