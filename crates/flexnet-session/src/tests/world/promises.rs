//! What is promised of whole runs, held against what is true in the model: docs/security.md says the same in words.

use std::collections::VecDeque;

use flexnet_protocol::{gateway::EndReason, snapshot::State};

use crate::{Input, Now, Output};

/// `Connected` without anything that passes.
const DEAD_MS: u64 = 15_000;
/// After the system's word, until the truth stands.
const DOUBT_MS: u64 = 3_000;
/// An end that the gateway knows is told within so long. On a line that has been good for longer than any question stands.
const TOLD_MS: u64 = 1_000;
const GOOD_MS: u64 = 20_000;
/// With everything well the tunnel comes back within so long, even if the gateway has forgotten it.
const BACK_MS: u64 = 75_000;
/// And within so long if both ends know the same keys.
const BACK_ALONE_MS: u64 = 10_000;
/// The gateway's moments are whole seconds.
const ROUGHLY_MS: u64 = 1_000;
/// Pictures in any ten seconds in which nothing happens.
const PICTURES: usize = 12;

/// What is true now.
pub(super) struct View<'a> {
    pub(super) now: Now,
    pub(super) state: &'a State,
    pub(super) way: bool,
    pub(super) https: bool,
    pub(super) well: bool,
    pub(super) portal: bool,
    pub(super) using: bool,
    pub(super) idle_at: Option<u64>,
    pub(super) absolute_at: Option<u64>,
    pub(super) started: Option<u64>,
    pub(super) ended: Option<(u64, EndReason)>,
    pub(super) idle_ms: u64,
}

pub(super) struct Promises {
    lossless: bool,
    /// Moments since which something holds.
    way_dead: Option<u64>,
    way_open: Option<u64>,
    connected: Option<u64>,
    sent_in_vain: Option<u64>,
    good: Option<u64>,
    well: Option<u64>,
    doubts: VecDeque<u64>,
    /// The last time that anything but time happened.
    last: u64,
    slept: u64,
    /// The gateway has told the times of this session.
    times: bool,
    wished: Option<u64>,
    pictures: VecDeque<u64>,
    warned_wrongly: Option<u64>,
    unwarned: Option<u64>,
}

impl Promises {
    pub(super) fn new(loss: u64) -> Self {
        Self {
            lossless: loss == 0,
            way_dead: None,
            way_open: None,
            connected: None,
            sent_in_vain: None,
            good: None,
            well: None,
            doubts: VecDeque::new(),
            last: 0,
            slept: 0,
            times: false,
            wished: None,
            pictures: VecDeque::new(),
            warned_wrongly: None,
            unwarned: None,
        }
    }

    pub(super) fn granted(&mut self, now: u64) {
        (self.times, self.last, self.wished) = (false, now, None);
        self.doubts.clear();
    }

    pub(super) fn happened(&mut self, now: u64) {
        self.last = now;
    }

    pub(super) fn used(&mut self, now: u64) {
        self.last = now;
    }

    pub(super) fn doubted(&mut self, now: u64) {
        self.last = now;
        self.doubts.push_back(now);
    }

    /// A look that was made then has seen everything work.
    pub(super) fn proven(&mut self, asked: u64) {
        self.doubts.retain(|doubt| *doubt > asked);
    }

    pub(super) fn slept(&mut self, now: u64) {
        (self.slept, self.last) = (now, now);
        for since in [
            &mut self.way_dead,
            &mut self.way_open,
            &mut self.connected,
            &mut self.sent_in_vain,
            &mut self.good,
            &mut self.well,
        ] {
            *since = None;
        }
        (self.warned_wrongly, self.unwarned) = (None, None);
    }

    pub(super) fn told(&mut self, _now: u64, input: &Input) {
        self.times |= matches!(input, Input::SessionLives { .. });
    }

    pub(super) fn wished(&mut self, now: u64) {
        self.last = now;
        self.wished.get_or_insert(now);
    }

    pub(super) fn put_off(&mut self) {
        self.wished = None;
    }

    pub(super) fn published(&mut self, now: u64, outputs: &[Output]) -> Result<(), String> {
        self.pictures.retain(|at| at + 10_000 > now);
        self.pictures.extend(outputs.iter().filter(|output| matches!(output, Output::Publish(_))).map(|_| now));
        let quiet = self.last + 20_000 <= now && self.well.is_some_and(|since| since + 20_000 <= now);
        if quiet && self.pictures.len() > PICTURES {
            return Err(format!("published too often: {} pictures in ten quiet seconds", self.pictures.len()));
        }
        Ok(())
    }

    /// Holds what is shown against what is true.
    pub(super) fn hold(&mut self, view: &View<'_>) -> Result<(), String> {
        let now = view.now.mono_ms;
        let since = |holds: bool, since: &mut Option<u64>| {
            if holds {
                since.get_or_insert(now);
            } else {
                *since = None;
            }
        };
        since(!view.way, &mut self.way_dead);
        since(view.way && view.well && self.lossless, &mut self.way_open);
        since(matches!(view.state, State::Connected { .. }), &mut self.connected);
        since(view.using && !(view.way && view.portal), &mut self.sent_in_vain);
        since(view.https && self.lossless, &mut self.good);
        since(view.well && self.lossless, &mut self.well);
        self.truth(view)?;
        self.ends(view)?;
        self.warnings(view)?;
        self.comes_back(view)
    }

    fn truth(&self, view: &View<'_>) -> Result<(), String> {
        let now = view.now.mono_ms;
        let over = |since: Option<u64>, ms: u64| since.is_some_and(|since| since + ms < now);
        if !matches!(view.state, State::Connected { .. }) {
            return Ok(());
        }
        if over(self.way_dead, DEAD_MS) || over(self.sent_in_vain, DEAD_MS + 1_000) {
            return Err("connected for 15 seconds without anything that passes".to_owned());
        }
        if over(self.doubts.front().copied(), DOUBT_MS) {
            return Err("connected 3 seconds after the network changed, and nothing was proven since".to_owned());
        }
        Ok(())
    }

    fn ends(&self, view: &View<'_>) -> Result<(), String> {
        let now = view.now.mono_ms;
        let shown = matches!(view.state, State::Connected { .. } | State::Reconnecting { .. });
        let good = |at: u64| self.good.is_some_and(|since| since + GOOD_MS <= at) && self.slept + GOOD_MS <= at;
        if let Some((at, reason)) = view.ended
            && at + TOLD_MS < now
            && good(at)
            && self.connected.is_some_and(|since| since + GOOD_MS <= at)
        {
            return Err(format!("an end is not told within a second: {reason:?}"));
        }
        if shown && self.times && view.absolute_at.is_some_and(|at| at + ROUGHLY_MS < now) {
            return Err("the absolute end has passed and is not told".to_owned());
        }
        if let (State::SignedOut { ended: Some(ended), .. }, Some(at)) = (view.state, view.absolute_at)
            && self.times
            && ended.reason == EndReason::Absolute
            && now + ROUGHLY_MS < at
        {
            return Err("the absolute end is told too early".to_owned());
        }
        let idle = view.started.filter(|_| view.ended.is_none()).map(|started| self.last.max(started) + view.idle_ms);
        if idle.is_some_and(|at| at + 60_000 < now)
            && self.well.is_some_and(|since| since + view.idle_ms + 60_000 < now)
        {
            return Err("an unused session never goes idle".to_owned());
        }
        Ok(())
    }

    fn warnings(&mut self, view: &View<'_>) -> Result<(), String> {
        let now = view.now.mono_ms;
        let good = self.good.is_some_and(|since| since + GOOD_MS <= now) && self.slept + GOOD_MS <= now;
        let (State::Connected { session }, Some(idle), Some(absolute), Some(started), true, None) =
            (view.state, view.idle_at, view.absolute_at, view.started, good && self.times, view.ended)
        else {
            (self.warned_wrongly, self.unwarned, self.wished) = (None, None, None);
            return Ok(());
        };
        let window = |lasts: u64| (lasts / 3).min(600_000);
        let near = |at: u64, lasts: u64| at <= now + window(lasts);
        let idle_near = idle < absolute && near(idle, view.idle_ms);
        let absolute_near = near(absolute, absolute - started);
        let right = session.warning.is_none_or(|warning| match warning.reason {
            EndReason::Idle => idle_near || idle <= now + window(view.idle_ms) + 2 * ROUGHLY_MS,
            EndReason::Absolute => absolute <= now + window(absolute - started) + 2 * ROUGHLY_MS,
            EndReason::SignedOut | EndReason::NewerSignIn | EndReason::Desk | EndReason::TokenLost => false,
        });
        let told = session.warning.is_some() || !(idle_near || absolute_near);
        for (wrong, holds, what) in [
            (&mut self.warned_wrongly, right, "a warning of an end that is not near"),
            (&mut self.unwarned, told, "no warning of an end that is near"),
        ] {
            let since = *wrong.get_or_insert(now);
            if holds {
                *wrong = None;
            } else if since + 5_000 < now {
                return Err(format!("{what}: {session:?}"));
            }
        }
        // In the gateway's whole seconds they are the same then, and nothing is to be put off.
        if absolute < idle + ROUGHLY_MS {
            self.wished = None;
        }
        if self.wished.is_some_and(|at| at + 5_000 < now) {
            return Err("the idle end was not put off".to_owned());
        }
        Ok(())
    }

    fn comes_back(&self, view: &View<'_>) -> Result<(), String> {
        let now = view.now.mono_ms;
        let since = |since: Option<u64>, ms: u64| since.is_some_and(|since| since + ms < now);
        let forgotten = since(self.well, BACK_MS) && self.last + BACK_MS < now;
        let well = forgotten || since(self.way_open, BACK_ALONE_MS);
        if well && view.ended.is_none() && matches!(view.state, State::Reconnecting { .. }) {
            return Err("a tunnel does not come back although everything is well".to_owned());
        }
        Ok(())
    }
}
