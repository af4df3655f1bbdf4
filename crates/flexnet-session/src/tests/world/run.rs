//! One run: a queue of what happens next in virtual time, told to the machine and held to every rule and promise. What the machine wants is done
//! in `caller`, what else happens in `member`.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, VecDeque},
};

use flexnet_protocol::{gateway::TrafficPolicy, local::Credentials};

use super::{
    super::{
        START, Sut,
        rules::{self, Rules},
    },
    chance::Chance,
    gateway::Gateway,
    line::Line,
    member,
    promises::{Promises, View},
};
use crate::{Counters, Input, Now};

/// What happens at a moment.
#[derive(Debug, Clone)]
pub(super) enum Happens {
    Second,
    /// The member or the world does something.
    Whim,
    Tell(Input),
    Reached(u32, Credentials),
    Evaluated(u32, Credentials),
    Redeems(u32),
    Confirms(u32),
    Resyncs(u32, [String; 2]),
    Loses(u32),
    SignInEnds(u32, Input),
    NetworkDone(u32, Input),
    Looked {
        look: u32,
        asked: u64,
        passed: bool,
    },
    Echoed(u32, bool),
    Arrives {
        poll: u32,
        stands: bool,
    },
    Answered(u32, Input),
    Unanswered(u32),
    Extends(u32),
    Resumes(u32),
    Mends(Mends),
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Mends {
    Network,
    Udp,
    Portal,
    Gateway,
}

pub(super) struct Run<S> {
    pub(super) sut: S,
    pub(super) chance: Chance,
    pub(super) gateway: Gateway,
    pub(super) line: Line,
    pub(super) now: u64,
    /// This PC's clock against the true one, in seconds.
    pub(super) clock: i64,
    pub(super) seen: Seen,
    pub(super) promises: Promises,
    pub(super) using_until: u64,
    pub(super) calm: u64,
    /// Of ten entries so many are wrong.
    pub(super) wrong: u64,
    /// The TAN that was typed last.
    pub(super) tan: String,
    /// The two that were typed last to bring the token into step.
    pub(super) pair: [String; 2],
    rules: Rules,
    picture: rules::Seen,
    queue: BTreeMap<(Reverse<u64>, Reverse<u64>), Happens>,
    count: u64,
    pub(super) ids: u32,
    /// The open question of each kind.
    pub(super) sign_in: Option<u32>,
    /// Whose session is asked for.
    pub(super) fetched: Option<u32>,
    pub(super) job: u32,
    pub(super) look: u32,
    pub(super) echo: u32,
    pub(super) poll: Option<u32>,
    pub(super) stands: Option<(u32, u64)>,
    /// The session whose token this PC holds.
    pub(super) token: u32,
    pub(super) granted_keys: u32,
    /// The keys of the tunnel that stands here.
    pub(super) keys: Option<u32>,
    pub(super) counted: Counters,
    pub(super) shaken: u64,
    /// What was told last, for whoever reads of a broken promise.
    trail: VecDeque<(u64, Input)>,
}

/// How much the runs have seen.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    pub(super) runs: u64,
    pub(super) seconds: u64,
    pub(super) steps: u64,
    pub(super) counts: BTreeMap<&'static str, u64>,
}

impl Seen {
    pub(super) fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    pub(super) fn add(&mut self, other: &Self) {
        (self.runs, self.seconds, self.steps) = (self.runs + 1, self.seconds + other.seconds, self.steps + other.steps);
        for (what, count) in &other.counts {
            *self.counts.entry(what).or_default() += count;
        }
    }

    pub(super) fn has_everything(&self) -> Result<(), &'static str> {
        let wanted = [
            "connected",
            "came back",
            "new keys",
            "idle",
            "absolute",
            "desk",
            "newer sign-in",
            "token lost",
            "signed out",
            "warned of idle",
            "warned of absolute",
            "put off",
            "slept",
            "roamed",
            "restarted",
            "locked",
            "left over",
            "handed over",
            "resynchronised",
            "reported lost",
        ];
        wanted.into_iter().find(|what| !self.counts.contains_key(what)).map_or(Ok(()), Err)
    }
}

impl<S: Sut> Run<S> {
    pub(super) fn new(sut: S, mut chance: Chance) -> Self {
        let policy = chance.of(&[TrafficPolicy::PortalOnlyRoutes, TrafficPolicy::Exclusive]);
        let idle_ms = chance.of(&[60, 120, 300, 900]) * 1000;
        let absolute_ms = chance.of(&[240, 900, 3_600]) * 1000;
        let line = Line::new(chance.within(1, 50), chance.of(&[0, 0, 2, 10]));
        let clock = chance.of(&[0, 0, 3, -90_000, 90_000]);
        let calm = chance.of(&[1, 1, 1, 8]);
        let mut run = Self {
            sut,
            gateway: Gateway::new(policy, idle_ms, absolute_ms),
            promises: Promises::new(line.loss),
            line,
            now: START.mono_ms,
            clock,
            seen: Seen::default(),
            using_until: 0,
            calm,
            wrong: chance.of(&[1, 1, 7]),
            tan: "000000".to_owned(),
            pair: ["200000".to_owned(), "200001".to_owned()],
            rules: Rules::new(),
            picture: rules::Seen::default(),
            queue: BTreeMap::new(),
            count: 0,
            ids: 0,
            sign_in: None,
            fetched: None,
            job: 0,
            look: 0,
            echo: 0,
            poll: None,
            stands: None,
            token: 0,
            granted_keys: 0,
            keys: None,
            counted: Counters::default(),
            shaken: 0,
            trail: VecDeque::new(),
            chance,
        };
        run.after(0, Happens::Whim);
        run.after(1, Happens::Second);
        run
    }

    pub(super) fn whole(mut self) -> Result<Seen, String> {
        match self.live_on() {
            Ok(()) => Ok(self.seen),
            Err(broken) => {
                let trail: Vec<_> = self.trail.iter().map(|(at, input)| format!("\n{at:>8} {input:?}")).collect();
                Err(format!("{broken}\nin {:?}{}", self.sut.state(), trail.concat()))
            }
        }
    }

    fn live_on(&mut self) -> Result<(), String> {
        let end = self.now + self.chance.within(120, 1_500) * 1000;
        while self.now < end {
            self.go_on()?;
        }
        // The member signs out, the world answers, and nothing is left.
        self.line.mend();
        self.gateway.up = true;
        self.tell(&Input::Shutdown)?;
        let patience = self.now + 120_000;
        while self.now < patience && !self.sut.machine().at_rest() {
            self.go_on()?;
        }
        if !self.sut.machine().at_rest() || !self.rules.everything_is_taken_back() {
            return Err(format!("something is left at the end: {:?}", self.sut.state()));
        }
        self.seen.seconds = (self.now - START.mono_ms) / 1000;
        Ok(())
    }

    /// The next thing that happens, or that time alone brings.
    fn go_on(&mut self) -> Result<(), String> {
        let next = self.queue.last_key_value().map_or(u64::MAX, |((at, _), _)| at.0);
        match self.sut.machine().wakes_at().filter(|at| *at <= next) {
            Some(at) => {
                self.now = self.now.max(at);
                self.tell(&Input::Tick)
            }
            None => {
                let Some((_, happens)) = self.queue.pop_last() else { return Ok(()) };
                self.now = self.now.max(next);
                self.happen(happens)
            }
        }
    }

    pub(super) fn after(&mut self, ms: u64, happens: Happens) {
        self.count += 1;
        self.queue.insert((Reverse(self.now + ms), Reverse(self.count)), happens);
    }

    pub(super) fn id(&mut self) -> u32 {
        self.ids += 1;
        self.ids
    }

    fn now(&self) -> Now {
        let seconds = i64::try_from((self.now - START.mono_ms) / 1000).unwrap();
        Now { mono_ms: self.now, unix: START.unix + self.clock + seconds }
    }

    pub(super) fn https(&self) -> bool {
        self.line.network && self.gateway.up
    }

    /// Whether packets of this tunnel reach the gateway and come back.
    pub(super) fn way(&self) -> bool {
        let known = self.gateway.live().and_then(|session| session.keys);
        self.https() && self.line.udp && self.keys.is_some() && self.keys == known
    }

    pub(super) fn tell(&mut self, input: &Input) -> Result<(), String> {
        self.seen.steps += 1;
        if *input != Input::Tick {
            self.trail.push_back((self.now - START.mono_ms, input.clone()));
            self.trail.drain(..self.trail.len().saturating_sub(30));
        }
        let before = self.sut.state();
        let now = self.now();
        let outputs = self.rules.step(&mut self.picture, &mut self.sut, now, input);
        let outputs = outputs.map_err(|broken| format!("{broken} after {input:?} in {before:?}"))?;
        member::counts(&mut self.seen, &before, &self.sut.state());
        self.promises.published(now.mono_ms, &outputs)?;
        for output in outputs {
            self.perform(output);
        }
        self.check()
    }

    fn check(&mut self) -> Result<(), String> {
        let way = self.way();
        let (state, now) = (self.sut.state(), self.now());
        let session = self.gateway.session.as_ref().filter(|session| session.number == self.token);
        let view = View {
            now,
            state: &state,
            way,
            https: self.https(),
            well: self.https() && self.line.udp && self.line.portal,
            portal: self.line.portal,
            using: self.using_until > self.now,
            idle_at: session.map(|session| self.gateway.idle_at(session)),
            absolute_at: session.map(|session| self.gateway.absolute_at(session)),
            started: session.map(|session| session.started),
            ended: session.and_then(|session| session.ended),
            idle_ms: self.gateway.idle_ms,
        };
        self.promises.hold(&view)
    }

    fn happen(&mut self, happens: Happens) -> Result<(), String> {
        match happens {
            Happens::Second => self.second(),
            Happens::Whim => self.whim(),
            Happens::Tell(input) => {
                if matches!(input, Input::NetworkChanged | Input::Woke) {
                    self.promises.doubted(self.now);
                }
                self.tell(&input)
            }
            Happens::Reached(id, entry) => self.reached(id, entry),
            Happens::Evaluated(id, entry) => {
                let keys = self.id();
                let outcome = self.gateway.evaluate(self.now, &entry, id, keys)?;
                self.granted_keys = keys;
                self.after(self.line.latency, Happens::SignInEnds(id, outcome));
                Ok(())
            }
            Happens::Redeems(id) => self.redeems(id),
            Happens::Confirms(id) => self.confirms(id),
            Happens::Resyncs(token, tans) => self.resyncs(token, tans),
            Happens::Loses(token) => self.loses(token),
            Happens::SignInEnds(id, outcome) => self.sign_in_ends(id, &outcome),
            Happens::NetworkDone(job, done) if job == self.job => {
                if done == Input::Applied {
                    (self.keys, self.counted) = (Some(self.granted_keys), Counters::default());
                }
                self.tell(&done)
            }
            Happens::Looked { look, asked, passed } if look == self.look => self.looked(asked, passed),
            Happens::Echoed(echo, answered) if echo == self.echo => self.tell(&Input::Echoed(answered)),
            Happens::Arrives { poll, stands } if self.poll == Some(poll) => self.arrives(poll, stands),
            Happens::Answered(poll, input) if self.poll == Some(poll) && self.line.network => {
                self.poll = None;
                self.promises.told(self.now, &input);
                self.tell(&input)
            }
            Happens::Unanswered(poll) if self.poll == Some(poll) => {
                self.poll = None;
                self.tell(&Input::GatewaySilent)
            }
            Happens::Extends(token) if self.https() => self.extends(token),
            Happens::Resumes(token) if self.https() => self.resumes(token),
            Happens::Mends(what) => self.mends(what),
            Happens::NetworkDone(..)
            | Happens::Looked { .. }
            | Happens::Echoed(..)
            | Happens::Arrives { .. }
            | Happens::Answered(..)
            | Happens::Unanswered(_)
            | Happens::Extends(_)
            | Happens::Resumes(_) => Ok(()),
        }
    }

    fn second(&mut self) -> Result<(), String> {
        self.after(1_000, Happens::Second);
        let lived = self.gateway.live().is_some();
        self.gateway.pass(self.now);
        let overdue = self.stands.is_some_and(|(_, since)| since + 9_000 <= self.now);
        if overdue || (lived && self.gateway.live().is_none()) {
            self.notify();
        }
        if self.keys.is_none() {
            return Ok(());
        }
        let way = self.way();
        if self.using_until > self.now {
            self.counted.sent += 500;
            self.promises.used(self.now);
            if way {
                self.use_session();
                self.counted.received += if self.line.portal { 2_000 } else { 0 };
            }
        }
        if (self.now / 1000).is_multiple_of(25) {
            self.counted.sent += 32;
            if self.shaken + 120_000 <= self.now {
                self.counted.sent += 148;
                if way {
                    self.counted.received += 92;
                    self.shaken = self.now;
                }
            }
        }
        self.counted.handshake_age = Some((self.now - self.shaken.min(self.now)) / 1000);
        self.tell(&Input::Measured(self.counted))
    }
}
