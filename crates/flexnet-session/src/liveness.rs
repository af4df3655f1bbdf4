//! Whether the tunnel carries anything, and when to look and to ask. It computes times and wishes; [`crate::Machine`] acts on them.
//! The rule is one of silence: something was sent and nothing came back. Never a timer on an idle tunnel, so looking does not keep a session from going idle.

use flexnet_protocol::{Fault, FaultCode};

use crate::{Counters, Now, Output, Proof};

/// Something sent and nothing heard for so long: look.
const LOOK_AFTER_MS: u64 = 5_000;
/// Look again while it stays so.
const LOOK_EVERY_MS: u64 = 3_000;
/// The tunnel counts as silent.
const LOST_AFTER_MS: u64 = 15_000;
/// While the tunnel stands and the portal does not answer, look whether it does again.
const PORTAL_EVERY_MS: u64 = 15_000;
/// A burst of network changes is one reason to look.
const BURST_MS: u64 = 1_000;
/// A look that is not answered is made again.
const ANSWER_WITHIN_MS: u64 = 20_000;
/// Ask the gateway whether the session lives.
const ASK_EVERY_MS: u64 = 5_000;
/// An empty WireGuard packet (16 bytes of header, 16 of tag): nothing that anybody would answer.
const KEEPALIVE_BYTES: u64 = 32;

/// When to look next.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Looks {
    /// The last question.
    asked: Option<u64>,
    next: Option<u64>,
}

impl Looks {
    /// Look at this time, or earlier if that was planned.
    pub(crate) fn plan(&mut self, at: u64) {
        self.next = Some(self.next.map_or(at, |next| next.min(at)));
    }

    /// An answer came; look again so long after the question, not before now.
    pub(crate) fn again(&mut self, now: Now, every_ms: u64) -> u64 {
        let at = self.asked.unwrap_or(0).saturating_add(every_ms).max(now.mono_ms);
        self.next = Some(at);
        at
    }

    pub(crate) const fn next(&self) -> Option<u64> {
        self.next
    }

    /// Whether to look now.
    pub(crate) fn due(&mut self, now: Now) -> bool {
        let due = self.next.is_some_and(|at| at <= now.mono_ms);
        if due {
            self.asked = Some(now.mono_ms);
            self.next = Some(now.mono_ms.saturating_add(ANSWER_WITHIN_MS));
        }
        due
    }

    fn rest(&mut self) {
        self.next = None;
    }
}

/// A tunnel that was proven once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Liveness {
    last: Counters,
    /// Something was sent then, and nothing heard since.
    silent_since: Option<u64>,
    doubt: Doubt,
    looks: Looks,
    next_ask: u64,
    asked: u64,
    /// Set while the tunnel counts as silent.
    lost: Option<Lost>,
}

/// The network changed or the PC slept: what was proven before says little, and one look that fails is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doubt {
    None,
    /// A look is planned; answers to earlier ones say nothing.
    Planned,
    /// It was made.
    Asked,
}

/// The times of [`flexnet_protocol::snapshot::State::Reconnecting`], in seconds since 1970 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lost {
    pub(crate) since: i64,
    pub(crate) next_try: i64,
}

/// What a look says about a tunnel that stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Everything answers, or the portal alone does not.
    Proven { network_ms: u32, portal: Option<Fault> },
    /// The gateway's tunnel answers, nothing behind it does.
    OnlyTunnel(Fault),
    /// Nothing answers.
    Silent,
}

impl Verdict {
    pub(crate) fn of(proof: Proof) -> Self {
        match proof {
            Proof { handshake: false, .. } => Self::Silent,
            Proof { network_ms: Some(network_ms), portal, .. } => Self::Proven { network_ms, portal: portal.err() },
            Proof { network_ms: None, portal: Err(fault), .. } => Self::OnlyTunnel(fault),
            Proof { network_ms: None, portal: Ok(()), .. } => Self::OnlyTunnel(FaultCode::PortalNameService.into()),
        }
    }
}

impl Liveness {
    /// Begins with the tunnel proven.
    pub(crate) fn new(now: Now, counted: Counters, portal_answers: bool) -> Self {
        let mut looks = Looks { asked: Some(now.mono_ms), next: None };
        if !portal_answers {
            looks.plan(now.mono_ms.saturating_add(PORTAL_EVERY_MS));
        }
        Self {
            last: counted,
            silent_since: None,
            doubt: Doubt::None,
            looks,
            next_ask: now.mono_ms.saturating_add(ASK_EVERY_MS),
            asked: now.mono_ms,
            lost: None,
        }
    }

    pub(crate) const fn lost(&self) -> Option<Lost> {
        self.lost
    }

    pub(crate) fn measured(&mut self, now: Now, counted: Counters) {
        let heard = counted.received > self.last.received;
        let sent = counted.sent.saturating_sub(self.last.sent) > KEEPALIVE_BYTES;
        self.last = counted;
        if heard {
            self.silent_since = None;
            if self.lost.is_some() {
                self.look_soon(now);
            }
        } else if sent && self.silent_since.is_none() {
            self.silent_since = Some(now.mono_ms);
        }
    }

    /// The network changed or the PC slept.
    pub(crate) fn doubt(&mut self, now: Now) {
        self.doubt = Doubt::Planned;
        self.look_soon(now);
        self.ask_soon(now);
    }

    pub(crate) fn looked(&mut self, now: Now, verdict: &Verdict) {
        if self.doubt == Doubt::Planned {
            return;
        }
        let doubted = std::mem::replace(&mut self.doubt, Doubt::None) == Doubt::Asked;
        match verdict {
            Verdict::Proven { portal, .. } => {
                self.lost = None;
                self.heard(now, portal.is_none());
            }
            Verdict::OnlyTunnel(_) if self.lost.is_none() => self.heard(now, false),
            Verdict::Silent if self.lost.is_none() && doubted => self.lose(now),
            Verdict::Silent if self.lost.is_none() => {
                self.silent_since.get_or_insert(now.mono_ms);
                self.looks.again(now, LOOK_EVERY_MS);
            }
            Verdict::OnlyTunnel(_) | Verdict::Silent => self.try_again(now),
        }
    }

    /// What is due now.
    pub(crate) fn pass(&mut self, now: Now, todo: &mut Vec<Output>) {
        if let Some(since) = self.silent_since.filter(|_| self.lost.is_none()) {
            if since.saturating_add(LOST_AFTER_MS) <= now.mono_ms {
                self.lose(now);
            } else if self.first_look(since).is_some_and(|at| at <= now.mono_ms) {
                self.looks.plan(now.mono_ms);
            }
        }
        if self.looks.due(now) {
            if self.doubt == Doubt::Planned {
                self.doubt = Doubt::Asked;
            }
            if let Some(lost) = &mut self.lost {
                lost.next_try = now.unix;
            }
            todo.push(Output::Probe { fresh: true });
        }
        if self.next_ask <= now.mono_ms {
            self.asked = now.mono_ms;
            self.next_ask = now.mono_ms.saturating_add(ASK_EVERY_MS);
            todo.push(Output::Poll);
        }
    }

    pub(crate) fn wakes_at(&self) -> u64 {
        let silence = self.silent_since.filter(|_| self.lost.is_none());
        let silence = silence.map(|since| self.first_look(since).unwrap_or(since.saturating_add(LOST_AFTER_MS)));
        [silence, self.looks.next()].into_iter().flatten().fold(self.next_ask, u64::min)
    }

    /// When the first look into this silence is due, if it was not made yet.
    fn first_look(&self, since: u64) -> Option<u64> {
        let at = since.saturating_add(LOOK_AFTER_MS);
        self.looks.asked.is_none_or(|asked| asked < at).then_some(at)
    }

    fn heard(&mut self, now: Now, portal_answers: bool) {
        self.silent_since = None;
        if portal_answers {
            self.looks.rest();
        } else {
            self.looks.again(now, PORTAL_EVERY_MS);
        }
    }

    fn lose(&mut self, now: Now) {
        self.lost = Some(Lost { since: now.unix, next_try: now.unix });
        self.doubt = Doubt::None;
        self.silent_since = None;
        self.look_soon(now);
        self.ask_soon(now);
    }

    fn try_again(&mut self, now: Now) {
        let at = self.looks.again(now, LOOK_EVERY_MS);
        if let Some(lost) = &mut self.lost {
            let seconds = at.saturating_sub(now.mono_ms).div_ceil(1000);
            lost.next_try = now.unix.saturating_add(i64::try_from(seconds).unwrap_or(i64::MAX));
        }
    }

    fn look_soon(&mut self, now: Now) {
        let after = self.looks.asked.map_or(0, |asked| asked.saturating_add(BURST_MS));
        self.looks.plan(after.max(now.mono_ms));
    }

    fn ask_soon(&mut self, now: Now) {
        self.next_ask = self.next_ask.min(self.asked.saturating_add(BURST_MS).max(now.mono_ms));
    }
}
