//! The ways out. Each goes through `leave`, so on each of them everything is taken back.

use flexnet_protocol::{
    Fault, FaultCode,
    gateway::EndReason,
    snapshot::{Counted, Ended},
};

use super::Machine;
use crate::{
    Now, Output,
    phase::{After, Phase},
};

impl Machine {
    pub(super) fn sign_out(&mut self, now: Now, todo: &mut Vec<Output>) {
        if matches!(self.phase, Phase::SigningIn { .. }) {
            return self.abandon(todo);
        }
        let ended = Ended { at: now.unix, reason: EndReason::SignedOut };
        self.leave(After::SignedOut(Some(ended)), todo, &[Output::Undo, Output::EndSession]);
    }

    pub(super) fn abandon(&mut self, todo: &mut Vec<Output>) {
        self.phase = Phase::SIGNED_OUT;
        todo.push(Output::AbandonSignIn);
    }

    pub(super) fn fail(&mut self, fault: Fault, todo: &mut Vec<Output>) {
        self.leave(After::Failed(fault), todo, &[Output::Undo, Output::EndSession]);
    }

    /// The only way out of a session.
    pub(super) fn leave(&mut self, after: After, todo: &mut Vec<Output>, steps: &[Output]) {
        if self.phase.running().is_some() {
            self.phase = Phase::Ending(after);
            todo.extend_from_slice(steps);
        }
    }

    pub(super) fn undone(&mut self) {
        match &mut self.phase {
            Phase::Ending(After::SignedOut(ended)) => {
                self.phase = Phase::SignedOut { ended: ended.take(), refused: None };
            }
            Phase::Ending(After::Failed(fault)) => {
                let fault = fault.clone();
                self.phase = Phase::Failed { fault, counted: Counted::No, until: None };
            }
            // A repair by hand.
            Phase::Leftovers(_) => self.phase = Phase::SIGNED_OUT,
            Phase::SignedOut { .. }
            | Phase::SigningIn { .. }
            | Phase::Applying(_)
            | Phase::Proving { .. }
            | Phase::Live { .. }
            | Phase::Locked { .. }
            | Phase::Failed { .. } => {}
        }
    }

    pub(super) fn undo_failed(&mut self, fault: &Fault) {
        match self.phase {
            // At rest: what an earlier run of the service left could not be taken back at its start.
            Phase::Ending(_)
            | Phase::SignedOut { .. }
            | Phase::Locked { .. }
            | Phase::Failed { .. }
            | Phase::Leftovers(_) => {
                let detail = if fault.code == FaultCode::Leftovers { fault.detail.clone() } else { fault.to_string() };
                self.phase = Phase::Leftovers(Fault::new(FaultCode::Leftovers, detail));
            }
            Phase::SigningIn { .. } | Phase::Applying(_) | Phase::Proving { .. } | Phase::Live { .. } => {}
        }
    }
}
