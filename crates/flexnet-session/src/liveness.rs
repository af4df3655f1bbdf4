//! Whether the tunnel carries anything, and when to look. It computes times and wishes; [`crate::Machine`] acts on them.
//! The rule is one of silence: something was sent and nothing came back. On an idle tunnel nobody looks, so that looking does not keep
//! a session from going idle; there the echo beside the tunnel is asked, and the gateway's answers are listened to.

use flexnet_protocol::snapshot::Carrier;

use crate::{
    Counters, Now, Output,
    looks::{Looks, Verdict},
};

/// Something sent and nothing heard for so long: look.
const LOOK_AFTER_MS: u64 = 5_000;
/// Look again while it stays so.
const LOOK_EVERY_MS: u64 = 3_000;
/// The tunnel counts as silent.
const LOST_AFTER_MS: u64 = 15_000;
/// What was doubted and is not proven after so long counts as silent: the truth has to stand within three seconds.
const PROVEN_WITHIN_MS: u64 = 2_500;
/// While the tunnel is doubted and its end answers, look again for what is behind it.
const DOUBT_EVERY_MS: u64 = 1_000;
/// While the portal alone does not answer, look whether it does again, each time after twice as long, until this is too long.
const PORTAL_EVERY_MS: u64 = 15_000;
const PORTAL_LONGEST_MS: u64 = 300_000;
/// A burst of network changes is one reason to look.
const BURST_MS: u64 = 500;
/// Nothing heard for so long, and nothing sent that would have to be answered: ask for an echo.
const ECHO_AFTER_MS: u64 = 9_000;
/// So many echoes that stay away in a row are looked into; then it is a gateway that gives none.
const MISSED: u8 = 3;
/// The caller answers for the echo sooner than this.
const ECHO_WITHIN_MS: u64 = 2_500;
/// An empty WireGuard packet (16 bytes of header, 16 of tag): nothing that anybody would answer.
const KEEPALIVE_BYTES: u64 = 32;
/// The larger message of a handshake. It proves the keys, and nothing of what lies behind the gateway.
const HANDSHAKE_BYTES: u64 = 148;
/// A handshake that is no older was made since the last measurement, about.
const JUST_NOW_SECONDS: u64 = 2;
/// Counters come about once a second; what they show happened at most so long before.
const MEASURED_EVERY_MS: u64 = 1_000;

/// A tunnel that was proven once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Liveness {
    last: Counters,
    measured_at: u64,
    /// The last sign of life: an answer through the tunnel, a handshake, an echo.
    heard_at: u64,
    silence: Option<Silence>,
    doubt: Option<Doubt>,
    echo: Echo,
    looks: Looks,
    /// The portal does not answer: look again after so long.
    portal_every: Option<u64>,
    /// Set while the tunnel counts as silent.
    lost: Option<Lost>,
}

/// Something was sent and nothing heard since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Silence {
    since: u64,
    sent: u64,
}

/// The network changed, the PC slept, the gateway fell silent: what was proven before says little.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Doubt {
    since: u64,
    /// The look into it was made; answers to earlier ones say nothing.
    asked: bool,
    /// Another reason that came after the look.
    later: Option<u64>,
}

impl Doubt {
    const fn new(since: u64) -> Self {
        Self { since, asked: false, later: None }
    }

    /// What the last look has nothing to say about.
    fn open(self) -> Option<Self> {
        if self.asked { self.later.map(Self::new) } else { Some(self) }
    }
}

/// The gateway's echo, beside the tunnel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Echo {
    /// Echoes that stayed away, in a row.
    missed: u8,
    asked: Option<u64>,
    next: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lost {
    pub(crate) at: u64,
    /// The times of [`flexnet_protocol::snapshot::State::Reconnecting`], in seconds since 1970 UTC.
    pub(crate) since: i64,
    pub(crate) next_try: i64,
}

impl Liveness {
    /// Begins with the tunnel proven.
    pub(crate) fn new(now: Now, counted: Counters, portal_answers: bool) -> Self {
        let mut liveness = Self {
            last: counted,
            measured_at: now.mono_ms,
            heard_at: now.mono_ms,
            silence: None,
            doubt: None,
            echo: Echo::default(),
            looks: Looks::asked_at(now),
            portal_every: None,
            lost: None,
        };
        liveness.proven(now, portal_answers);
        if portal_answers {
            // It took a connection. Whether it also speaks was not waited for.
            liveness.looks.plan(now.mono_ms.saturating_add(BURST_MS));
        }
        liveness
    }

    pub(crate) const fn lost(&self) -> Option<Lost> {
        self.lost
    }

    /// When the last look was made.
    pub(crate) const fn looked_at(&self) -> Option<u64> {
        self.looks.asked()
    }

    /// `true` if the tunnel carried something of the member's, or of a look.
    pub(crate) fn measured(&mut self, now: Now, counted: Counters) -> bool {
        let received = counted.received.saturating_sub(self.last.received);
        let sent = counted.sent.saturating_sub(self.last.sent);
        let since = self.measured_at.max(now.mono_ms.saturating_sub(MEASURED_EVERY_MS)).min(now.mono_ms);
        let shaken = counted.handshake_age.is_some_and(|age| age <= JUST_NOW_SECONDS);
        let beside = if shaken { HANDSHAKE_BYTES + 2 * KEEPALIVE_BYTES } else { KEEPALIVE_BYTES };
        (self.last, self.measured_at) = (counted, now.mono_ms);
        let heard = received > beside;
        if heard {
            self.silence = None;
            if self.lost.is_some() {
                self.looks.soon(now, BURST_MS);
            }
        } else if let Some(silence) = &mut self.silence {
            silence.sent = silence.sent.saturating_add(sent);
        } else if sent > beside {
            self.silence = Some(Silence { since, sent });
        }
        if shaken {
            // The question of a handshake is answered by it.
            self.silence.take_if(|silence| silence.sent <= beside);
        }
        let answered = if heard { Some(since) } else { None };
        let shook =
            counted.handshake_age.map(|age| now.mono_ms.saturating_sub(age.saturating_add(1).saturating_mul(1000)));
        self.heard_at = [answered, shook].into_iter().flatten().fold(self.heard_at, u64::max);
        heard || sent > beside
    }

    /// The network changed, the PC slept, or a sign of life did not come.
    pub(crate) fn doubt(&mut self, now: Now) {
        let doubt = self.doubt.get_or_insert(Doubt::new(now.mono_ms));
        if doubt.asked {
            doubt.later.get_or_insert(now.mono_ms);
        }
        self.looks.soon(now, BURST_MS);
    }

    pub(crate) fn echoed(&mut self, now: Now, answered: bool) {
        let Some(asked) = self.echo.asked.take() else { return };
        if answered {
            (self.echo.missed, self.heard_at) = (0, now.mono_ms);
            return;
        }
        self.echo.missed = self.echo.missed.saturating_add(1);
        // A gateway that gives no echo must not be looked through for ever.
        if self.echo.missed <= MISSED && self.lost.is_none() && self.heard_at <= asked {
            self.doubt(now);
        }
    }

    /// The tunnel was exchanged: nothing that was proven holds for the new one.
    pub(crate) fn exchanged(&mut self, now: Now) {
        if self.lost.is_none() {
            self.lose(now);
        }
        self.doubt = Some(Doubt::new(now.mono_ms));
        self.looks.plan(now.mono_ms);
    }

    /// What a look has seen; `false` if it was made before the last reason to doubt and says nothing.
    pub(crate) fn looked(&mut self, now: Now, verdict: &Verdict) -> bool {
        let doubt = self.doubt;
        if doubt.is_some_and(|doubt| !doubt.asked) {
            return false;
        }
        self.doubt = doubt.and_then(Doubt::open);
        match (verdict, doubt) {
            (Verdict::Proven { portal, .. }, _) => {
                if self.lost.take().is_some() {
                    self.echo.missed = 0;
                }
                self.proven(now, portal.is_none());
            }
            (Verdict::OnlyTunnel(_) | Verdict::Silent, _) if self.lost.is_some() => self.try_again(now),
            (Verdict::Silent, Some(_)) => self.lose(now),
            (Verdict::OnlyTunnel(_), Some(doubt)) => {
                self.doubt = Some(Doubt { asked: false, later: None, ..doubt });
                self.looks.again(now, DOUBT_EVERY_MS);
            }
            (Verdict::OnlyTunnel(_) | Verdict::Silent, None) => {
                self.silence.get_or_insert(Silence { since: now.mono_ms, sent: u64::MAX });
                self.looks.again(now, LOOK_EVERY_MS);
            }
        }
        if doubt.is_some_and(|doubt| doubt.later.is_some()) {
            self.looks.soon(now, BURST_MS);
        }
        true
    }

    /// What is due now.
    pub(crate) fn pass(&mut self, now: Now, carrier: Carrier, todo: &mut Vec<Output>) {
        if self.lost.is_none() {
            self.judge(now);
        }
        if self.looks.due(now) {
            if let Some(doubt) = &mut self.doubt {
                doubt.asked = true;
            }
            if let Some(lost) = &mut self.lost {
                lost.next_try = now.unix;
            }
            todo.push(Output::Probe { whole: true });
        }
        if self.echo_at().is_some_and(|at| at <= now.mono_ms) {
            self.echo.next = now.mono_ms.saturating_add(ECHO_AFTER_MS);
            // What TLS carries, its connection's end tells.
            if carrier == Carrier::Udp {
                self.echo.asked = Some(now.mono_ms);
                todo.push(Output::Echo);
            }
        }
    }

    pub(crate) fn wakes_at(&self) -> Option<u64> {
        let silence = self.silence.map(|silence| {
            let lost = silence.since.saturating_add(LOST_AFTER_MS);
            self.first_look(silence.since).map_or(lost, |look| look.min(lost))
        });
        let doubt = self.doubt.map(|doubt| doubt.since.saturating_add(PROVEN_WITHIN_MS));
        let echo = self.echo.asked.map(|asked| asked.saturating_add(ECHO_WITHIN_MS));
        let judged = [silence, doubt, echo].into_iter().flatten().filter(|_| self.lost.is_none());
        judged.chain(self.looks.next()).chain(self.echo_at()).min()
    }

    fn judge(&mut self, now: Now) {
        let overdue = |since: u64, limit: u64| since.saturating_add(limit) <= now.mono_ms;
        if self.echo.asked.is_some_and(|asked| overdue(asked, ECHO_WITHIN_MS)) {
            self.echoed(now, false);
        }
        if self.doubt.is_some_and(|doubt| overdue(doubt.since, PROVEN_WITHIN_MS))
            || self.silence.is_some_and(|silence| overdue(silence.since, LOST_AFTER_MS))
        {
            self.lose(now);
        } else if self.silence.and_then(|silence| self.first_look(silence.since)).is_some_and(|at| at <= now.mono_ms) {
            self.looks.plan(now.mono_ms);
        }
    }

    /// When the first look into this silence is due, if it was not made yet.
    fn first_look(&self, since: u64) -> Option<u64> {
        let at = since.saturating_add(LOOK_AFTER_MS);
        self.looks.asked().is_none_or(|asked| asked < at).then_some(at)
    }

    /// When an echo is due: not while one is asked for, nor while a look is about to say more.
    fn echo_at(&self) -> Option<u64> {
        let looks = self.lost.is_some() || self.doubt.is_some();
        let quiet = self.heard_at.saturating_add(ECHO_AFTER_MS);
        (!looks && self.echo.asked.is_none()).then_some(quiet.max(self.echo.next))
    }

    fn proven(&mut self, now: Now, portal_answers: bool) {
        self.silence = None;
        self.heard_at = now.mono_ms;
        if portal_answers {
            self.portal_every = None;
            self.looks.rest();
            return;
        }
        let every = self.portal_every.map_or(PORTAL_EVERY_MS, |every| every.saturating_mul(2));
        self.portal_every = Some(every.min(2 * PORTAL_LONGEST_MS));
        if every <= PORTAL_LONGEST_MS {
            self.looks.again(now, every);
        } else {
            self.looks.rest();
        }
    }

    fn lose(&mut self, now: Now) {
        self.lost = Some(Lost { at: now.mono_ms, since: now.unix, next_try: now.unix });
        self.doubt = self.doubt.and_then(Doubt::open);
        self.silence = None;
        self.echo.asked = None;
        self.looks.soon(now, BURST_MS);
    }

    fn try_again(&mut self, now: Now) {
        let at = self.looks.again(now, LOOK_EVERY_MS);
        if let Some(lost) = &mut self.lost {
            let seconds = at.saturating_sub(now.mono_ms).div_ceil(1000);
            lost.next_try = now.unix.saturating_add(i64::try_from(seconds).unwrap_or(i64::MAX));
        }
    }
}
