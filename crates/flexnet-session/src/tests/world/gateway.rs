//! The gateway of the model: it counts before it verifies, knows each TAN once, and ends sessions by its own clock.

use std::collections::HashSet;

use flexnet_protocol::{
    FaultCode, Secret,
    gateway::{EndReason, Grant, TrafficPolicy},
    local::Credentials,
    snapshot::Counted,
};

use super::super::{GATEWAY_AHEAD, START, grant};
use crate::Input;

/// Wrong entries in a row that lock.
const ATTEMPTS: u8 = 5;
/// What a TAN that is right begins with.
pub(super) const RIGHT: char = '1';

pub(super) struct Gateway {
    pub(super) policy: TrafficPolicy,
    pub(super) idle_ms: u64,
    pub(super) absolute_ms: u64,
    /// It serves.
    pub(super) up: bool,
    pub(super) session: Option<Session>,
    wrong: u8,
    tans: HashSet<String>,
}

pub(super) struct Session {
    pub(super) number: u32,
    pub(super) started: u64,
    pub(super) used: u64,
    pub(super) ended: Option<(u64, EndReason)>,
    /// The generation of keys that its end of the tunnel knows; it may know none.
    pub(super) keys: Option<u32>,
}

impl Gateway {
    pub(super) fn new(policy: TrafficPolicy, idle_ms: u64, absolute_ms: u64) -> Self {
        Self { policy, idle_ms, absolute_ms, up: true, session: None, wrong: 0, tans: HashSet::new() }
    }

    /// Evaluates an entry. A second evaluation of the same TAN is the broken promise.
    pub(super) fn evaluate(&mut self, now: u64, entry: &Credentials, number: u32, keys: u32) -> Result<Input, String> {
        let tan = entry.tan.expose().to_owned();
        if !self.tans.insert(tan.clone()) {
            return Err("a TAN is sent twice".to_owned());
        }
        let refused = |code: FaultCode, counted, left| Input::NotSignedIn {
            fault: code.into(),
            counted,
            attempts_left: left,
            until: None,
        };
        if self.wrong >= ATTEMPTS {
            return Ok(refused(FaultCode::Locked, Counted::No, None));
        }
        if !tan.starts_with(RIGHT) {
            self.wrong += 1;
            return Ok(refused(FaultCode::Refused, Counted::Yes, Some(ATTEMPTS - self.wrong)));
        }
        self.wrong = 0;
        Ok(self.open(now, number, keys))
    }

    /// A session, after an entry that was right or a hand-off that was confirmed.
    pub(super) fn open(&mut self, now: u64, number: u32, keys: u32) -> Input {
        self.session = Some(Session { number, started: now, used: now, ended: None, keys: Some(keys) });
        Input::SignedIn(Box::new(self.grant(now)))
    }

    /// Two TANs. A second evaluation of the same one is the broken promise.
    pub(super) fn resync(&mut self, tans: [String; 2]) -> Result<(), String> {
        let fresh = tans.into_iter().all(|tan| self.tans.insert(tan));
        if fresh { Ok(()) } else { Err("a TAN is sent twice".to_owned()) }
    }

    /// The desk opens the access again.
    pub(super) fn unlock(&mut self) {
        self.wrong = 0;
    }

    pub(super) fn grant(&self, started: u64) -> Grant {
        Grant {
            absolute_end: self.clock(started + self.absolute_ms),
            idle_seconds: u32::try_from(self.idle_ms / 1000).unwrap(),
            session_token: Secret::new(super::super::SESSION_TOKEN),
            ..grant(self.policy)
        }
    }

    /// Its own clock, in seconds since 1970 UTC.
    fn clock(&self, mono_ms: u64) -> i64 {
        START.unix + GATEWAY_AHEAD + i64::try_from((mono_ms - START.mono_ms) / 1000).unwrap()
    }

    pub(super) fn live(&self) -> Option<&Session> {
        self.session.as_ref().filter(|session| session.ended.is_none())
    }

    pub(super) fn live_mut(&mut self) -> Option<&mut Session> {
        self.session.as_mut().filter(|session| session.ended.is_none())
    }

    pub(super) fn end(&mut self, now: u64, reason: EndReason) {
        if let Some(session) = self.live_mut() {
            session.ended = Some((now, reason));
        }
    }

    pub(super) fn absolute_at(&self, session: &Session) -> u64 {
        session.started + self.absolute_ms
    }

    pub(super) fn idle_at(&self, session: &Session) -> u64 {
        (session.used + self.idle_ms).min(self.absolute_at(session))
    }

    /// Once a second: what has come to its end.
    pub(super) fn pass(&mut self, now: u64) {
        let Some(session) = self.live() else { return };
        let (absolute, idle) = (self.absolute_at(session), self.idle_at(session));
        if absolute <= now {
            self.end(now, EndReason::Absolute);
        } else if idle <= now {
            self.end(now, EndReason::Idle);
        }
    }

    /// What it answers about this session.
    pub(super) fn tells(&self, number: u32) -> Input {
        match self.session.as_ref().filter(|session| session.number == number) {
            Some(session) => match session.ended {
                Some((_, reason)) => Input::SessionOver(reason),
                None => Input::SessionLives {
                    started: self.clock(session.started),
                    absolute_end: self.clock(self.absolute_at(session)),
                    idle_end: self.clock(self.idle_at(session)),
                },
            },
            None => Input::SessionOver(EndReason::NewerSignIn),
        }
    }
}
