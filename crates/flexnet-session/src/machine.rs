//! The machine itself: what follows from each input, and from time alone.
//! [`way_in`] leads to a wanted network, [`standing`] to its proof and whether it holds, [`way_out`] takes it back; [`token`] is what
//! a member can do about the token meanwhile.

mod standing;
mod token;
mod way_in;
mod way_out;

use flexnet_protocol::{
    Fault, FaultCode,
    desk::{Desk, DeskContact, DeskStatus},
    gateway::EndReason,
    snapshot::{Ended, Portal, Snapshot, State},
};

use crate::{
    Command, Input, Now, Output, Proof,
    desk::DeskClock,
    entry::TanMemory,
    looks::Verdict,
    phase::{After, Phase},
};

/// What holds for as long as the service runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Version of the service.
    pub version: String,
    /// Name of the KV.
    pub organisation: String,
    /// Whom to telephone.
    pub desk: DeskContact,
    /// The member portal.
    pub portal: Portal,
}

/// The session. Feed it with [`Machine::handle`] and do what it answers, in order.
#[derive(Debug, Clone)]
pub struct Machine {
    facts: Facts,
    phase: Phase,
    tans: TanMemory,
    /// Whose sign-in was given up while the gateway may still count it: its outcome is shown when it comes.
    given_up: Option<String>,
    /// Two TANs are on their way to bring the token into step.
    resyncing: bool,
    /// The service ends: nothing new begins.
    stopping: bool,
    /// `None` until the first input brought the time.
    desk: Option<DeskClock>,
    revision: u64,
    shown: Option<(State, DeskStatus)>,
}

impl Machine {
    /// Signed out. `salt` is random and keeps the remembered TAN's hash useless elsewhere.
    pub const fn new(facts: Facts, salt: [u8; 16]) -> Self {
        let tans = TanMemory::new(salt);
        let phase = Phase::SIGNED_OUT;
        let (given_up, resyncing, stopping, desk, revision, shown) = (None, false, false, None, 0, None);
        Self { facts, phase, tans, given_up, resyncing, stopping, desk, revision, shown }
    }

    /// Another profile: new facts, and everything else as it was. The TANs that were sent stay remembered, and what is left stays told.
    pub fn set_facts(&mut self, facts: Facts) {
        self.facts = facts;
        (self.desk, self.shown) = (None, None);
    }

    /// Whether a command would be followed now; otherwise the reply to whoever asks. Commands that would change nothing are followed.
    ///
    /// # Errors
    /// [`FaultCode::Busy`] for a sign-in while one runs or a session lives ([`FaultCode::AlreadySignedIn`] for one that is handed over),
    /// [`FaultCode::Leftovers`] for one while an earlier session is not undone, [`FaultCode::LinkBroken`] for what is no ticket,
    /// [`FaultCode::HandoffOver`] for a yes to what is not shown,
    /// [`FaultCode::SessionEnded`] for what needs a session where none lives, [`FaultCode::EntryShape`] or [`FaultCode::TanUsed`] for
    /// two TANs that cannot bring a token into step.
    pub fn accepts(&self, command: &Command) -> Result<(), Fault> {
        match command {
            Command::SignIn(_) => self.may_sign_in(),
            Command::Redeem(ticket) => self.may_redeem(ticket),
            Command::ConfirmIdentity(shown) => self.may_confirm_identity(shown.as_deref()),
            Command::ReportTokenLost => self.needs_session(),
            Command::ResyncToken(tans) => self.may_resync(tans),
            Command::Prepare | Command::Cancel | Command::Extend | Command::SignOut | Command::Acknowledge => Ok(()),
        }
    }

    /// Takes one input and says what to do, in this order. A changed picture is published first, so publish before replying.
    pub fn handle(&mut self, now: Now, input: Input) -> Vec<Output> {
        let mut todo = Vec::new();
        self.take(now, input, &mut todo);
        self.pass(now, &mut todo);
        if let Some(snapshot) = self.changed_picture(now) {
            todo.insert(0, Output::Publish(Box::new(snapshot)));
        }
        todo
    }

    /// When [`Input::Tick`] is wanted next, in milliseconds of [`Now::mono_ms`].
    pub fn wakes_at(&self) -> Option<u64> {
        // Before the first input the time is not known: ask for it.
        let desk = self.desk.map_or(0, |desk| desk.changes_at());
        Some(self.phase.wakes_at().map_or(desk, |at| at.min(desk)))
    }

    /// The picture as it is now, for somebody who begins to watch.
    pub fn snapshot(&self, now: Now) -> Snapshot {
        Snapshot {
            revision: self.revision,
            version: self.facts.version.clone(),
            organisation: self.facts.organisation.clone(),
            desk: self.facts.desk.at(now.unix),
            portal: self.facts.portal.clone(),
            state: self.phase.shown(),
        }
    }

    /// `true` while no sign-in runs and nothing more will be taken back: the service may end.
    pub const fn at_rest(&self) -> bool {
        match self.phase {
            Phase::SignedOut { .. } | Phase::Locked { .. } | Phase::Failed { .. } | Phase::Leftovers { .. } => true,
            Phase::SigningIn { .. }
            | Phase::Applying { .. }
            | Phase::Proving { .. }
            | Phase::Live { .. }
            | Phase::Ending { .. } => false,
        }
    }

    fn take(&mut self, now: Now, input: Input, todo: &mut Vec<Output>) {
        match input {
            Input::Command(command) => self.command(now, command, todo),
            Input::GatewayReached => {
                if let Phase::SigningIn { reached, .. } = &mut self.phase {
                    *reached = true;
                }
            }
            Input::ToConfirm { display_name, digits, seconds } => self.taken(now, display_name, digits, seconds),
            Input::SignedIn(grant) => self.signed_in(now, *grant, todo),
            Input::NotSignedIn { fault, counted, attempts_left, until } => {
                self.not_signed_in(fault, counted, attempts_left, until);
            }
            Input::Applied => self.applied(now),
            Input::ApplyFailed(fault) => self.fail(now, fault, todo),
            Input::Undone => self.undone(),
            Input::UndoFailed(fault) => self.undo_failed(&fault),
            Input::Probed(proof) => self.probed(now, proof),
            Input::Carried(carrier) => {
                if let Phase::Live { running, .. } = &mut self.phase {
                    running.session.carrier = carrier;
                }
            }
            Input::Echoed(answered) => {
                if let Phase::Live { live, .. } = &mut self.phase {
                    live.echoed(now, answered);
                }
            }
            Input::Measured(counted) => self.measured(now, counted),
            Input::SessionLives { started, absolute_end, idle_end } => {
                self.session_lives(now, started, absolute_end, idle_end);
            }
            Input::GatewaySilent => {
                if let Phase::Live { live, .. } = &mut self.phase {
                    live.gateway_silent(now);
                }
            }
            Input::Resumed(grant) => self.resumed(now, *grant, todo),
            Input::SessionOver(reason) => {
                let ended = Ended { at: now.unix, reason };
                self.leave(now, After::SignedOut(Some(ended)), todo, &[Output::Undo]);
            }
            Input::Resynced { sent } => self.resynced(sent),
            Input::NetworkChanged | Input::Woke => self.doubt(now),
            Input::Shutdown => {
                self.stopping = true;
                self.sign_out(now, todo);
            }
            // That time has passed is looked at after every input.
            Input::Tick => {}
        }
    }

    fn command(&mut self, now: Now, command: Command, todo: &mut Vec<Output>) {
        match command {
            Command::Prepare => {
                if matches!(self.phase, Phase::SignedOut { .. }) && !self.stopping {
                    todo.push(Output::Prepare);
                }
            }
            Command::SignIn(entry) => self.sign_in(now, entry, todo),
            Command::Redeem(ticket) => self.redeem(now, ticket, todo),
            Command::ConfirmIdentity(shown) => self.confirm_identity(shown.as_deref(), todo),
            // A connection that stands by now is given up as well: whoever cancels wants none.
            Command::Cancel => match self.phase {
                Phase::Live { .. } => self.sign_out(now, todo),
                Phase::Applying { .. } | Phase::Proving { .. } => {
                    self.leave(now, After::SignedOut(None), todo, &[Output::Undo, Output::EndSession]);
                }
                Phase::SigningIn { .. } => self.abandon(todo),
                Phase::SignedOut { .. }
                | Phase::Ending { .. }
                | Phase::Locked { .. }
                | Phase::Failed { .. }
                | Phase::Leftovers { .. } => {}
            },
            Command::Extend => {
                if let Phase::Live { running, live } = &mut self.phase {
                    live.extend(now, &running.ends);
                }
            }
            Command::SignOut => self.sign_out(now, todo),
            Command::ReportTokenLost => {
                if self.needs_session().is_ok() {
                    todo.push(Output::ReportTokenLost);
                }
            }
            Command::ResyncToken(tans) => self.resync(&tans, todo),
            Command::Acknowledge => match self.phase {
                Phase::SignedOut { .. } | Phase::Locked { .. } | Phase::Failed { .. } => {
                    self.phase = Phase::SIGNED_OUT;
                }
                Phase::Leftovers { asked, .. } => {
                    let steps: &[Output] = if asked { &[] } else { &[Output::Undo] };
                    self.end(now, After::SignedOut(None), todo, steps);
                }
                Phase::SigningIn { .. }
                | Phase::Applying { .. }
                | Phase::Proving { .. }
                | Phase::Live { .. }
                | Phase::Ending { .. } => {}
            },
        }
    }

    /// What time alone brings.
    fn pass(&mut self, now: Now, todo: &mut Vec<Output>) {
        match &mut self.desk {
            Some(desk) => desk.pass(&self.facts.desk, now),
            None => self.desk = Some(DeskClock::new(&self.facts.desk, now)),
        }
        let mut ask = false;
        if let Some(running) = self.phase.running_mut() {
            ask = running.ends.pass(now, &mut running.session);
        }
        if self.phase.running().is_some_and(|running| running.ends.over(now)) {
            let ended = Ended { at: now.unix, reason: EndReason::Absolute };
            self.leave(now, After::SignedOut(Some(ended)), todo, &[Output::Undo, Output::EndSession]);
        }
        match &mut self.phase {
            Phase::SigningIn { until, .. } if *until <= now.mono_ms => self.too_late(todo),
            Phase::Applying { until, .. } if *until <= now.mono_ms => {
                let fault = Fault::new(FaultCode::NetworkSettings, "not set up in time");
                self.fail(now, fault, todo);
            }
            Phase::Ending { until, .. } if *until <= now.mono_ms => {
                let fault = Fault::new(FaultCode::Leftovers, "not taken back in time");
                self.phase = Phase::Leftovers { fault, asked: true };
            }
            Phase::Proving { until, last, .. } if *until <= now.mono_ms => {
                let fault = unproven(last.take());
                self.fail(now, fault, todo);
            }
            Phase::Proving { looks, .. } => {
                if looks.due(now) {
                    todo.push(Output::Probe { whole: false });
                }
            }
            Phase::Live { running, live } => {
                if !live.pass(now, running, ask, todo) {
                    self.fail(now, Fault::new(FaultCode::NetworkSettings, "not exchanged in time"), todo);
                }
            }
            Phase::SigningIn { .. }
            | Phase::SignedOut { .. }
            | Phase::Applying { .. }
            | Phase::Ending { .. }
            | Phase::Locked { .. }
            | Phase::Failed { .. }
            | Phase::Leftovers { .. } => {}
        }
    }

    /// The picture, if it is another one than was published last.
    fn changed_picture(&mut self, now: Now) -> Option<Snapshot> {
        let status = self.desk.map(|desk| desk.status)?;
        let picture = (self.phase.shown(), status);
        if self.shown.as_ref() == Some(&picture) {
            return None;
        }
        self.revision = self.revision.saturating_add(1);
        self.shown = Some(picture);
        let desk = Desk { contact: self.facts.desk.clone(), status };
        Some(Snapshot { desk, ..self.snapshot(now) })
    }
}

/// Why no proof came in time.
fn unproven(last: Option<Proof>) -> Fault {
    match last.map(Verdict::of) {
        None | Some(Verdict::Silent) => FaultCode::TunnelNoHandshake.into(),
        Some(Verdict::OnlyTunnel(fault)) => fault,
        Some(Verdict::Proven { portal, .. }) => portal.unwrap_or(FaultCode::PortalSilent.into()),
    }
}

#[cfg(test)]
impl Machine {
    pub(crate) const fn phase(&self) -> &Phase {
        &self.phase
    }

    /// What else the next step depends on.
    pub(crate) fn rest(&self) -> String {
        format!("{:?}{:?}{}{}", self.tans, self.given_up, self.resyncing, self.stopping)
    }

    pub(crate) fn forget_tan(&mut self) {
        self.tans.forget();
    }

    pub(crate) fn give_up_an_entry(&mut self) {
        self.given_up = Some(String::new());
    }
}
