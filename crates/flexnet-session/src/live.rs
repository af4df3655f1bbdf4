//! A session whose tunnel was proven once: whether it still carries anything, what the gateway says of it, and new keys when both disagree.

use crate::{
    Counters, Now, Output,
    ends::Ends,
    liveness::{Liveness, Lost},
    looks::Verdict,
    phase::Running,
    questions::Questions,
    traffic::Traffic,
};

/// So many looks in vain while the gateway says that the session lives: its end of the tunnel knows it no more.
const VAIN_LOOKS: u8 = 2;
/// Between two wishes for new keys: so long at first, then twice as long, up to the second.
const RESUME_EVERY_MS: u64 = 15_000;
const RESUME_SELDOM_MS: u64 = 120_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Live {
    liveness: Liveness,
    questions: Questions,
    traffic: Traffic,
    renewal: Renewal,
    /// A tunnel with new keys is being put in the place of this one; until then.
    exchange: Option<u64>,
}

/// The way to new keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Renewal {
    /// The tunnel is lost, and the gateway has said since then that the session lives.
    alive_since: Option<u64>,
    vain_looks: u8,
    /// They were wished for and have not come.
    asked: bool,
    next: u64,
    wait_ms: u64,
}

impl Live {
    pub(crate) fn new(now: Now, counted: Counters, portal_answers: bool) -> Self {
        Self {
            liveness: Liveness::new(now, counted, portal_answers),
            questions: Questions::new(now),
            traffic: Traffic::new(now, counted),
            renewal: Renewal::default(),
            exchange: None,
        }
    }

    pub(crate) const fn lost(&self) -> Option<Lost> {
        self.liveness.lost()
    }

    /// What a look has seen; `false` if it says nothing.
    pub(crate) fn looked(&mut self, now: Now, verdict: &Verdict) -> bool {
        let was_lost = self.lost().is_some();
        let vain = *verdict == Verdict::Silent && self.liveness.looked_at() >= self.renewal.alive_since;
        if self.exchange.is_some() || !self.liveness.looked(now, verdict) {
            return false;
        }
        match (was_lost, self.lost()) {
            (true, None) => {
                self.renewal = Renewal { asked: self.renewal.asked, ..Renewal::default() };
                // From now on a question stands again.
                self.questions.soon(now, 0);
            }
            (false, None) => {}
            (false, Some(_)) => self.questions.soon(now, 0),
            (true, Some(_)) if vain && self.renewal.alive_since.is_some() => {
                self.renewal.vain_looks = self.renewal.vain_looks.saturating_add(1);
            }
            (true, Some(_)) => {}
        }
        true
    }

    pub(crate) fn echoed(&mut self, now: Now, answered: bool) {
        self.liveness.echoed(now, answered);
    }

    pub(crate) fn measured(&mut self, now: Now, counted: Counters, ends: &Ends) {
        self.traffic.measured(counted);
        if self.liveness.measured(now, counted) && ends.idle_is_near(now) {
            self.questions.soon_after_use(now);
        }
    }

    /// The network changed or the PC slept.
    pub(crate) fn doubt(&mut self, now: Now) {
        self.liveness.doubt(now);
        self.questions.soon(now, 0);
        self.renewal.unknown(now);
    }

    pub(crate) fn session_lives(&mut self, now: Now, ends: &Ends) {
        let was_silent = self.questions.answered(now, self.lost().is_some(), ends);
        if self.lost().is_some() {
            self.renewal.alive_since.get_or_insert(now.mono_ms);
        } else if was_silent {
            // It may have been started afresh, and know the tunnel no more.
            self.liveness.doubt(now);
        }
    }

    pub(crate) fn gateway_silent(&mut self, now: Now) {
        self.renewal.unknown(now);
        if self.questions.silent(now) && self.lost().is_none() {
            self.liveness.doubt(now);
        }
    }

    pub(crate) fn extend(&mut self, now: Now, ends: &Ends) {
        self.questions.extend(now, ends);
    }

    /// `true` if the new keys were wished for: the tunnel is exchanged then, in this time.
    pub(crate) fn resumed(&mut self, now: Now, within_ms: u64) -> bool {
        let wished = std::mem::take(&mut self.renewal.asked);
        if wished {
            self.liveness.exchanged(now);
            self.exchange = Some(now.mono_ms.saturating_add(within_ms));
            (self.renewal.alive_since, self.renewal.vain_looks) = (None, 0);
        }
        wished
    }

    pub(crate) fn applied(&mut self, now: Now) {
        if self.exchange.take().is_some() {
            self.liveness.exchanged(now);
        }
    }

    /// What is due now; `false` if the exchange took too long. `ask` if the gateway should be asked before a warning.
    pub(crate) fn pass(&mut self, now: Now, running: &mut Running, ask: bool, todo: &mut Vec<Output>) -> bool {
        if self.exchange.is_some_and(|until| until <= now.mono_ms) {
            return false;
        }
        self.traffic.pass(now, &mut running.session.traffic);
        if self.exchange.is_none() {
            let was_lost = self.lost().is_some();
            self.liveness.pass(now, running.session.carrier, todo);
            if !was_lost && self.lost().is_some() {
                self.questions.soon(now, 0);
            }
            if self.renewal.due(now) {
                todo.push(Output::Resume);
            }
        }
        if ask {
            self.questions.soon(now, 0);
        }
        self.questions.pass(now, todo);
        true
    }

    pub(crate) fn wakes_at(&self) -> u64 {
        let way = if self.exchange.is_some() { self.exchange } else { self.liveness.wakes_at() };
        way.into_iter().chain([self.traffic.closes_at()]).fold(self.questions.wakes_at(), u64::min)
    }
}

impl Renewal {
    /// Everything may be another now: whether the gateway knows the session is open again, and whether new keys help.
    fn unknown(&mut self, now: Now) {
        (self.alive_since, self.vain_looks, self.wait_ms) = (None, 0, 0);
        self.next = self.next.min(now.mono_ms.saturating_add(RESUME_EVERY_MS));
    }

    fn due(&mut self, now: Now) -> bool {
        let due = self.vain_looks >= VAIN_LOOKS && self.next <= now.mono_ms;
        if due {
            self.wait_ms = self.wait_ms.saturating_mul(2).clamp(RESUME_EVERY_MS, RESUME_SELDOM_MS);
            self.next = now.mono_ms.saturating_add(self.wait_ms);
            (self.asked, self.vain_looks) = (true, 0);
        }
        due
    }
}
