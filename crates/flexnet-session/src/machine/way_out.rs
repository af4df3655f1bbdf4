//! The ways out. Each goes through `leave`, so on each of them everything is taken back.

use flexnet_protocol::{
    Fault, FaultCode,
    gateway::EndReason,
    snapshot::{Counted, Ended},
};

use super::Machine;
use crate::{
    Now, Output,
    phase::{After, By, Phase},
};

/// Taking back is a matter of a second or two; whoever waits longer is told that something is left.
const END_WITHIN_MS: u64 = 30_000;

impl Machine {
    pub(super) fn sign_out(&mut self, now: Now, todo: &mut Vec<Output>) {
        if matches!(self.phase, Phase::SigningIn { .. }) {
            return self.abandon(todo);
        }
        let ended = Ended { at: now.unix, reason: EndReason::SignedOut };
        self.leave(now, After::SignedOut(Some(ended)), todo, &[Output::Undo, Output::EndSession]);
    }

    pub(super) fn abandon(&mut self, todo: &mut Vec<Output>) {
        if let Phase::SigningIn { by, .. } = std::mem::replace(&mut self.phase, Phase::SIGNED_OUT) {
            self.give_up(by, todo);
        }
    }

    fn give_up(&mut self, by: By, todo: &mut Vec<Output>) {
        // A ticket costs no entry: nobody needs to hear what becomes of it.
        self.given_up = match by {
            By::Entry { username } => Some(username),
            By::Ticket | By::Confirmation(_) => None,
        };
        todo.push(Output::AbandonSignIn);
    }

    /// The gateway, or the member at its page, has taken too long.
    pub(super) fn too_late(&mut self, todo: &mut Vec<Output>) {
        if let Phase::SigningIn { by, reached, .. } = std::mem::replace(&mut self.phase, Phase::SIGNED_OUT) {
            let (code, counted) = match (&by, reached) {
                (By::Confirmation(_), _) => (FaultCode::HandoffOver, Counted::No),
                (By::Entry { .. }, true) => (FaultCode::GatewayHangs, Counted::Unknown),
                (By::Ticket, true) => (FaultCode::GatewayHangs, Counted::No),
                (By::Entry { .. } | By::Ticket, false) => (FaultCode::GatewaySilent, Counted::No),
            };
            self.give_up(by, todo);
            self.phase = Phase::Failed { fault: code.into(), counted, until: None };
        }
    }

    pub(super) fn fail(&mut self, now: Now, fault: Fault, todo: &mut Vec<Output>) {
        self.leave(now, After::Failed(fault), todo, &[Output::Undo, Output::EndSession]);
    }

    /// The only way out of a session.
    pub(super) fn leave(&mut self, now: Now, after: After, todo: &mut Vec<Output>, steps: &[Output]) {
        if self.phase.running().is_some() {
            self.end(now, after, todo, steps);
        }
    }

    pub(super) fn end(&mut self, now: Now, after: After, todo: &mut Vec<Output>, steps: &[Output]) {
        self.resyncing = false;
        self.phase = Phase::Ending { after, until: now.mono_ms.saturating_add(END_WITHIN_MS) };
        todo.extend_from_slice(steps);
    }

    pub(super) fn undone(&mut self) {
        match &mut self.phase {
            Phase::Ending { after: After::SignedOut(ended), .. } => {
                self.phase = Phase::SignedOut { ended: ended.take(), refused: None };
            }
            Phase::Ending { after: After::Failed(fault), .. } => {
                let fault = fault.clone();
                self.phase = Phase::Failed { fault, counted: Counted::No, until: None };
            }
            // A repair by hand, or it took longer than was waited for.
            Phase::Leftovers { .. } => self.phase = Phase::SIGNED_OUT,
            Phase::SignedOut { .. }
            | Phase::SigningIn { .. }
            | Phase::Applying { .. }
            | Phase::Proving { .. }
            | Phase::Live { .. }
            | Phase::Locked { .. }
            | Phase::Failed { .. } => {}
        }
    }

    pub(super) fn undo_failed(&mut self, fault: &Fault) {
        match self.phase {
            // At rest: what an earlier run of the service left could not be taken back at its start.
            Phase::Ending { .. }
            | Phase::SignedOut { .. }
            | Phase::Locked { .. }
            | Phase::Failed { .. }
            | Phase::Leftovers { .. } => {
                let detail = if fault.code == FaultCode::Leftovers { fault.detail.clone() } else { fault.to_string() };
                self.phase = Phase::Leftovers { fault: Fault::new(FaultCode::Leftovers, detail), asked: false };
            }
            Phase::SigningIn { .. } | Phase::Applying { .. } | Phase::Proving { .. } | Phase::Live { .. } => {}
        }
    }
}
