//! A race between the ways while nothing is proven: who has a head start, whose turn it is, when 443 is opened.

use super::{Action, Carriers, Phase, Relay, Way};

/// Head start of UDP over 443.
pub(super) const HEAD_START: u64 = 400;
/// The same where an echo came back: the way is open, but something on it may hold back WireGuard alone.
const HINTED: u64 = 2_000;
/// 443 that stands after so long without any answer says that the network is back: UDP has a head start once more.
const LATE: u64 = 2_000;
const BACK_AGAIN: u64 = 200;
/// How long a way may be silent before the next has its turn; 443 twice as long.
const TURN: u64 = 1_000;
/// While nothing answers, echoes and handshakes are asked for so often.
pub(super) const ECHO_EVERY: u64 = 400;
/// After so long turns and questions take three times as long. WireGuard takes the answers to its last two initiations only,
/// so who asks faster than a slow line answers never hears anything.
const HASTY: u64 = 3_000;
/// After so long without any answer all of this goes eight times slower: a change of the network begins anew.
const PATIENT_AFTER: u64 = 30_000;

#[derive(Debug)]
pub(super) struct Race {
    pub(super) since: u64,
    /// The present way is tried since.
    pub(super) turn: u64,
    pub(super) next_echo: u64,
    /// Which endpoints have echoed, and when the first one did.
    pub(super) echoed: Vec<bool>,
    pub(super) hint: Option<u64>,
    /// When an endpoint that echoes takes over from one that does not.
    pub(super) prefer: Option<u64>,
    /// 443 carries and UDP is tried beside it: its only way out is back.
    pub(super) trial: bool,
}

impl Carriers {
    pub(super) fn due_in_race(&mut self, now: u64, todo: &mut Vec<Action>) {
        let Phase::Racing(race) = &mut self.phase else { return };
        let slow = race.pace(now);
        if race.next_echo <= now {
            race.next_echo = now + ECHO_EVERY * slow;
            todo.extend((0..self.endpoints).map(Action::Echo));
            // Together: a network that is back then costs no round trip for the echo.
            todo.push(Action::Shake);
        }
        let prefer = race.prefer.take_if(|at| *at <= now).is_some();
        let Phase::Racing(race) = &self.phase else { return };
        let other = race.first().filter(|_| prefer && self.is_deaf(race, now));
        if let Some(other) = other {
            self.go(now, Way::Udp(other), todo);
        } else if self.turn_ends(race) <= now {
            let next = self.next_way(race, now);
            if race.trial {
                self.back.failed(now);
            }
            self.go(now, next, todo);
        }
        let Phase::Racing(race) = &self.phase else { return };
        if self.may_open(race) && self.opens_at(race) <= now {
            self.open(todo);
        } else if self.stands_beside() && self.opens_at(race) <= now {
            self.go(now, Way::Https, todo);
        }
    }

    /// Whether an endpoint that echoes is better than the way that is used.
    pub(super) fn is_deaf(&self, race: &Race, now: u64) -> bool {
        let used = match self.way {
            Way::Udp(used) => race.echoed.get(used).copied().unwrap_or(false),
            Way::Https => race.gave_up_hint(now),
        };
        !used && !race.trial
    }

    /// 443 is closed, or older than the doubt about it.
    pub(super) fn may_open(&self, race: &Race) -> bool {
        let stale = match self.relay {
            Relay::Closed { .. } => true,
            Relay::Opening { .. } => false,
            Relay::Open { since, .. } => self.way == Way::Https && since < race.since,
        };
        self.https && stale
    }

    pub(super) fn opens_at(&self, race: &Race) -> u64 {
        let head_start = if race.hint.is_some() { HINTED } else { HEAD_START };
        match self.relay {
            Relay::Closed { not_before } => not_before.max(race.since + head_start),
            Relay::Open { since, .. } if since >= race.since + LATE => (race.turn + head_start).max(since + BACK_AGAIN),
            Relay::Opening { .. } | Relay::Open { .. } => race.turn + head_start,
        }
    }

    pub(super) fn turn_ends(&self, race: &Race) -> u64 {
        let turns = if self.way == Way::Https { 2 } else { 1 };
        race.turn + TURN * turns * race.pace(race.turn)
    }

    /// Who is tried next: 443 if it stands, else the next endpoint; the only one again.
    fn next_way(&self, race: &Race, now: u64) -> Way {
        let hinted = race.hint.is_some() && !race.gave_up_hint(now) && !race.trial;
        match self.way {
            Way::Udp(_) if matches!(self.relay, Relay::Open { .. }) && !hinted => Way::Https,
            Way::Udp(used) if hinted && race.echoed.get(used) == Some(&true) => self.way,
            // The network is gone: what carried last is what most likely carries when it is back.
            Way::Udp(_) if self.echoes && race.hint.is_none() && race.slowness(now) == 1 => Way::Udp(self.carried),
            Way::Udp(_) | Way::Https => Way::Udp((self.udp + 1) % self.endpoints.max(1)),
        }
    }
}

impl Race {
    pub(super) fn new(now: u64, endpoints: usize) -> Self {
        Self {
            since: now,
            turn: now,
            next_echo: now,
            echoed: vec![false; endpoints],
            hint: None,
            prefer: None,
            trial: false,
        }
    }

    pub(super) fn first(&self) -> Option<usize> {
        self.echoed.iter().position(|echoed| *echoed)
    }

    /// Whether a 443 that stands now waits for UDP: it was begun before this race, or the network is back after a silence, and
    /// an echo that came just now may have a handshake behind it.
    pub(super) fn gives_udp_a_start(&self, now: u64) -> bool {
        let back = self.since + LATE <= now && self.hint.is_none_or(|at| now < at + HEAD_START);
        now < self.since + HEAD_START || back
    }

    /// An echo came and no handshake after it.
    pub(super) fn gave_up_hint(&self, now: u64) -> bool {
        self.hint.is_some_and(|at| at + HINTED <= now)
    }

    /// How many times longer than at first turns and questions take.
    pub(super) fn pace(&self, now: u64) -> u64 {
        if now.saturating_sub(self.since) <= HASTY { 1 } else { self.slowness(now).max(3) }
    }

    pub(super) const fn slowness(&self, now: u64) -> u64 {
        if now.saturating_sub(self.since) > PATIENT_AFTER { 8 } else { 1 }
    }
}
