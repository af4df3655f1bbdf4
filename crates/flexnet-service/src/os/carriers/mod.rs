//! Which way carries the tunnel: one of the gateway's UDP endpoints, or TCP 443. Decides and never does: no socket, no clock, time is an argument.
//! An echo is a hint, only what WireGuard believes is a proof. A proven way is kept until what is sent stays unanswered.
//! `os/linux/carry` does what it wants and tells what it sees; [`race`] decides while nothing is proven, [`back`] is the way back from 443 to UDP.

mod back;
mod race;
pub(crate) mod size;
#[cfg(test)]
mod tests;

use self::{
    back::{Back, Step},
    race::{ECHO_EVERY, Race},
};

/// Head start of the endpoint that is used over another one that echoes first.
const PREFER: u64 = 100;
/// Something sent and nothing heard for so long: look whether the way still carries.
const DOUBT: u64 = 800;
/// A look that ended well is not made again for so long.
const REST: u64 = 1_000;
/// 443 could not be opened: not again for so long.
const REOPEN: u64 = 2_000;
/// 443 is kept for so long after UDP has taken over.
const LINGER: u64 = 10_000;
/// An empty WireGuard packet (16 bytes of header, 16 of tag): nothing that anybody would answer.
const KEEPALIVE: u64 = 32;

/// A way to the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// The grant's UDP endpoint of this number.
    Udp(usize),
    /// TCP 443 (RFC 9298).
    Https,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// Ask this endpoint for an echo.
    Echo(usize),
    /// Let the tunnel use this way, and ask for a handshake by it.
    Go(Way),
    /// Ask for a handshake by the way that is used.
    Shake,
    /// Open 443, beside an older one until it stands.
    OpenRelay,
    /// Close 443, or give up opening it.
    CloseRelay,
}

/// The device's counters, and by which way it heard its peer last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) way: Option<Way>,
    pub(crate) received: u64,
    pub(crate) sent: u64,
}

/// The ways of one tunnel. Times are milliseconds of one clock that never goes back.
#[derive(Debug)]
pub(crate) struct Carriers {
    endpoints: usize,
    /// Whether 443 may be used.
    https: bool,
    way: Way,
    /// The UDP endpoint that was used last, and the one that carried last.
    udp: usize,
    carried: usize,
    /// The gateway has echoed: where it does not any more, another of its endpoints need not be guessed.
    echoes: bool,
    phase: Phase,
    relay: Relay,
    back: Back,
    last: Option<Seen>,
    /// Something was sent then, and nothing heard since.
    unanswered: Option<u64>,
}

#[derive(Debug)]
enum Phase {
    /// Nothing is proven.
    Racing(Race),
    /// The way carries; no doubt before that time.
    Proven { rest_until: u64 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relay {
    Closed {
        not_before: u64,
    },
    /// `beside` an older one that still stands.
    Opening {
        beside: bool,
    },
    Open {
        since: u64,
        until: Option<u64>,
    },
}

impl Carriers {
    /// Begins with the endpoint `first`; [`Carriers::race`] starts it.
    pub(crate) fn new(endpoints: usize, first: usize, https: bool) -> Self {
        let phase = Phase::Proven { rest_until: 0 };
        Self {
            endpoints,
            https,
            way: Way::Udp(first),
            udp: first,
            carried: first,
            echoes: false,
            phase,
            relay: Relay::Closed { not_before: 0 },
            back: Back::default(),
            last: None,
            unanswered: None,
        }
    }

    /// The way that is used.
    pub(crate) const fn way(&self) -> Way {
        self.way
    }

    /// The UDP endpoint that carried last.
    pub(crate) const fn carried(&self) -> usize {
        self.carried
    }

    /// Whether it has carried something since it was last in doubt.
    pub(crate) const fn proven(&self) -> bool {
        matches!(self.phase, Phase::Proven { .. })
    }

    /// Whether nothing has answered for so long that all of it goes slower.
    pub(crate) const fn is_patient(&self, now: u64) -> bool {
        match &self.phase {
            Phase::Racing(race) => race.slowness(now) > 1,
            Phase::Proven { .. } => false,
        }
    }

    /// Everything is tried anew: at the beginning, and after a change of the network. Where UDP carries, the endpoint `first` begins.
    pub(crate) fn race(&mut self, now: u64, first: usize) -> Vec<Action> {
        self.back = Back::default();
        self.unanswered = None;
        self.udp = first;
        if self.way != Way::Https {
            self.way = Way::Udp(first);
        }
        self.phase = Phase::Racing(Race::new(now, self.endpoints));
        let mut todo = vec![Action::Go(self.way)];
        self.due(now, &mut todo);
        todo
    }

    /// An echo of this endpoint has come.
    pub(crate) fn echoed(&mut self, now: u64, endpoint: usize) -> Vec<Action> {
        self.echoes = true;
        match &mut self.phase {
            Phase::Racing(race) => {
                // The network is back: what was sent by this way before is lost.
                let anew = race.hint.is_none() && self.way == Way::Udp(endpoint) && race.turn + ECHO_EVERY <= now;
                let hint = *race.hint.get_or_insert(now);
                race.prefer = Some(now.max(hint + PREFER));
                if let Some(echoed) = race.echoed.get_mut(endpoint) {
                    *echoed = true;
                }
                if anew && !race.trial {
                    let mut todo = Vec::new();
                    self.go(now, self.way, &mut todo);
                    self.due(now, &mut todo);
                    return todo;
                }
            }
            Phase::Proven { .. } if self.way == Way::Https => self.back.echoed(endpoint),
            Phase::Proven { .. } => {}
        }
        self.tick(now)
    }

    /// 443 stands, or could not be opened.
    pub(crate) fn opened(&mut self, now: u64, stands: bool) -> Vec<Action> {
        let mut todo = Vec::new();
        if !stands {
            self.closed(now, &mut todo);
        } else if let (Phase::Racing(race), Way::Udp(_)) = (&mut self.phase, self.way)
            && race.gives_udp_a_start(now)
        {
            if race.hint.is_none() {
                race.next_echo = now;
            }
            self.relay = Relay::Open { since: now, until: None };
        } else if self.way == Way::Https || !self.proven() {
            self.relay = Relay::Open { since: now, until: None };
            self.go(now, Way::Https, &mut todo);
        } else {
            // UDP was first.
            self.relay = Relay::Open { since: now, until: Some(now) };
        }
        self.due(now, &mut todo);
        todo
    }

    /// 443 has ended by itself.
    pub(crate) fn ended(&mut self, now: u64) -> Vec<Action> {
        let mut todo = Vec::new();
        // Unless another one is on its way in its place.
        let anew = !matches!(self.relay, Relay::Opening { .. });
        self.relay = if anew { Relay::Closed { not_before: now } } else { Relay::Opening { beside: false } };
        if self.way == Way::Https {
            self.phase = Phase::Racing(Race::new(now, self.endpoints));
            self.go(now, Way::Udp(self.udp), &mut todo);
            if anew {
                self.open(&mut todo);
            }
        }
        self.due(now, &mut todo);
        todo
    }

    /// The device was looked at.
    pub(crate) fn seen(&mut self, now: u64, seen: Seen) -> Vec<Action> {
        let last = self.last.replace(seen).unwrap_or(Seen { received: 0, sent: 0, ..seen });
        if seen.received > last.received {
            self.unanswered = None;
            if let Some(way) = seen.way {
                self.heard(now, way);
            }
        } else if seen.sent.saturating_sub(last.sent) > KEEPALIVE {
            self.unanswered.get_or_insert(now);
        }
        self.tick(now)
    }

    /// The device before it goes another way: what it has heard until now proves nothing about that one.
    pub(crate) fn note(&mut self, seen: Seen) {
        self.last = Some(seen);
    }

    /// What is due.
    pub(crate) fn tick(&mut self, now: u64) -> Vec<Action> {
        let mut todo = Vec::new();
        self.due(now, &mut todo);
        todo
    }

    /// When [`Carriers::tick`] has something to do by itself.
    pub(crate) fn wakes_at(&self) -> Option<u64> {
        let phase = match &self.phase {
            Phase::Racing(race) => {
                let open = (self.may_open(race) || self.stands_beside()).then(|| self.opens_at(race));
                [Some(race.next_echo), Some(self.turn_ends(race)), race.prefer, open].into_iter().flatten().min()
            }
            Phase::Proven { rest_until } => {
                let doubt = self.unanswered.map(|since| rest_until.max(&(since + DOUBT)).to_owned());
                let back = (self.way == Way::Https).then(|| self.back.wakes_at());
                [doubt, back].into_iter().flatten().min()
            }
        };
        let relay = match self.relay {
            Relay::Open { until, .. } => until,
            Relay::Closed { .. } | Relay::Opening { .. } => None,
        };
        [phase, relay].into_iter().flatten().min()
    }

    fn due(&mut self, now: u64, todo: &mut Vec<Action>) {
        if let Relay::Open { until: Some(until), .. } = self.relay
            && until <= now
        {
            self.closed(now, todo);
        }
        match std::mem::replace(&mut self.phase, Phase::Proven { rest_until: 0 }) {
            Phase::Racing(race) => {
                self.phase = Phase::Racing(race);
                self.due_in_race(now, todo);
            }
            Phase::Proven { rest_until } => {
                self.phase = Phase::Proven { rest_until };
                if self.unanswered.is_some_and(|since| since + DOUBT <= now) && rest_until <= now {
                    self.unanswered = None;
                    self.phase = Phase::Racing(Race::new(now, self.endpoints));
                    self.due_in_race(now, todo);
                } else if self.way == Way::Https {
                    self.due_on_443(now, todo);
                }
            }
        }
    }

    fn due_on_443(&mut self, now: u64, todo: &mut Vec<Action>) {
        match self.back.due(now, self.endpoints) {
            Some(Step::Echo(endpoint)) => todo.push(Action::Echo(endpoint)),
            Some(Step::Return(endpoint)) => {
                self.phase = Phase::Racing(Race { trial: true, ..Race::new(now, self.endpoints) });
                self.go(now, Way::Udp(endpoint), todo);
                self.due_in_race(now, todo);
            }
            None => {}
        }
    }

    fn heard(&mut self, now: u64, way: Way) {
        match &self.phase {
            Phase::Proven { .. } if way == self.way => return,
            // A last word of a 443 that has ended: nothing can be sent by it any more.
            Phase::Proven { .. } | Phase::Racing(_) if way == Way::Https && !self.relay.stands() => return,
            Phase::Racing(race) if race.trial && way == Way::Https => self.back.failed(now),
            Phase::Proven { .. } | Phase::Racing(_) => {}
        }
        self.phase = Phase::Proven { rest_until: now + REST };
        // WireGuard follows its peer, so this is the way that is used, whatever was wanted.
        self.way = way;
        match way {
            Way::Udp(endpoint) => {
                (self.udp, self.carried) = (endpoint, endpoint);
                self.back.on_udp(now);
                if let Relay::Open { until, .. } = &mut self.relay {
                    until.get_or_insert(now + LINGER);
                }
            }
            Way::Https => {
                self.back.on_443(now, self.udp);
                if let Relay::Open { until, .. } = &mut self.relay {
                    *until = None;
                }
            }
        }
    }

    fn go(&mut self, now: u64, way: Way, todo: &mut Vec<Action>) {
        self.way = way;
        if let Way::Udp(endpoint) = way {
            self.udp = endpoint;
        }
        if let Phase::Racing(race) = &mut self.phase {
            race.turn = now;
        }
        todo.push(Action::Go(way));
    }

    fn open(&mut self, todo: &mut Vec<Action>) {
        self.relay = Relay::Opening { beside: self.relay.stands() };
        todo.push(Action::OpenRelay);
    }

    fn closed(&mut self, now: u64, todo: &mut Vec<Action>) {
        let slowness = match &self.phase {
            Phase::Racing(race) => race.slowness(now),
            Phase::Proven { .. } => 1,
        };
        self.relay = Relay::Closed { not_before: now + REOPEN * slowness };
        todo.push(Action::CloseRelay);
        if self.way == Way::Https {
            if self.proven() {
                self.phase = Phase::Racing(Race::new(now, self.endpoints));
            }
            self.go(now, Way::Udp(self.udp), todo);
        }
    }

    /// 443 was kept from before: it is used where it would be opened.
    const fn stands_beside(&self) -> bool {
        matches!(
            (&self.relay, &self.phase, self.way),
            (Relay::Open { .. }, Phase::Racing(Race { trial: false, .. }), Way::Udp(_))
        )
    }
}

impl Relay {
    const fn stands(self) -> bool {
        matches!(self, Self::Open { .. } | Self::Opening { beside: true })
    }
}
