//! The way in: from the entry to a wanted network. What stands after that is proven in the parent module.

use flexnet_protocol::{
    Fault, FaultCode,
    gateway::Grant,
    local::Credentials,
    snapshot::{Counted, WrongEntry},
};

use super::Machine;
use crate::{
    NetworkConfig, Now, Output,
    entry::shaped,
    looks::Looks,
    phase::{Phase, Running},
    policy,
};

/// The caller has time-outs of its own; this one is for a caller that lost its way.
const SIGN_IN_WITHIN_MS: u64 = 120_000;
/// From the grant to the standing network.
pub(super) const APPLY_WITHIN_MS: u64 = 30_000;
/// From the standing network to the proof.
const PROVE_WITHIN_MS: u64 = 30_000;

impl Machine {
    pub(super) fn may_sign_in(&self) -> Result<(), Fault> {
        match self.phase {
            Phase::SignedOut { .. } | Phase::Locked { .. } | Phase::Failed { .. } if !self.stopping => Ok(()),
            Phase::Leftovers { ref fault, .. } => Err(fault.clone()),
            Phase::SignedOut { .. }
            | Phase::Locked { .. }
            | Phase::Failed { .. }
            | Phase::SigningIn { .. }
            | Phase::Applying { .. }
            | Phase::Proving { .. }
            | Phase::Live { .. }
            | Phase::Ending { .. } => Err(FaultCode::Busy.into()),
        }
    }

    pub(super) fn sign_in(&mut self, now: Now, entry: Credentials, todo: &mut Vec<Output>) {
        if self.may_sign_in().is_err() {
            return;
        }
        // Whoever asked waits for an outcome: it is published even if it is the same as before.
        self.shown = None;
        let entry = shaped(entry).and_then(|entry| self.tans.take(&entry.tan).map(|()| entry));
        self.phase = match entry {
            Ok(entry) => {
                let username = entry.username.clone();
                todo.push(Output::SignIn(entry));
                self.given_up = None;
                Phase::SigningIn { username, reached: false, until: now.mono_ms.saturating_add(SIGN_IN_WITHIN_MS) }
            }
            Err(fault) => Phase::SignedOut { ended: None, refused: Some(WrongEntry { fault, attempts_left: None }) },
        };
    }

    pub(super) fn signed_in(&mut self, now: Now, grant: Grant, todo: &mut Vec<Output>) {
        match self.phase {
            Phase::SigningIn { .. } => {
                let until = now.mono_ms.saturating_add(APPLY_WITHIN_MS);
                self.phase = Phase::Applying { running: Running::begin(now, &grant), until };
                let firewall = policy(&self.phase.shown(), grant.tunnel.policy);
                todo.push(Output::Apply(Box::new(NetworkConfig { tunnel: grant.tunnel, firewall })));
            }
            // Nobody waits for it any more.
            Phase::SignedOut { .. } | Phase::Locked { .. } | Phase::Failed { .. } | Phase::Leftovers { .. } => {
                todo.push(Output::EndSession);
            }
            Phase::Applying { .. } | Phase::Proving { .. } | Phase::Live { .. } | Phase::Ending { .. } => {}
        }
    }

    pub(super) fn not_signed_in(
        &mut self,
        fault: Fault,
        counted: Counted,
        attempts_left: Option<u8>,
        until: Option<i64>,
    ) {
        let username = match &mut self.phase {
            Phase::SigningIn { username, reached, .. } => {
                if !*reached && counted == Counted::No {
                    self.tans.forget();
                }
                std::mem::take(username)
            }
            // Whoever gave it up still has an entry less, or may have.
            Phase::SignedOut { .. } | Phase::Locked { .. } | Phase::Failed { .. } => match self.given_up.take() {
                Some(username) if counted != Counted::No => username,
                Some(_) | None => return,
            },
            Phase::Applying { .. }
            | Phase::Proving { .. }
            | Phase::Live { .. }
            | Phase::Ending { .. }
            | Phase::Leftovers { .. } => return,
        };
        let refused = [FaultCode::Refused, FaultCode::EntryShape, FaultCode::TanUsed].contains(&fault.code);
        let locked = fault.code == FaultCode::Locked || (fault.code == FaultCode::Refused && attempts_left == Some(0));
        self.phase = if locked {
            Phase::Locked { username, fault: Fault::new(FaultCode::Locked, fault.detail) }
        } else if refused {
            Phase::SignedOut { ended: None, refused: Some(WrongEntry { fault, attempts_left }) }
        } else {
            Phase::Failed { fault, counted, until }
        };
    }

    pub(super) fn applied(&mut self, now: Now) {
        self.phase = match std::mem::replace(&mut self.phase, Phase::SIGNED_OUT) {
            Phase::Applying { running, .. } => {
                let mut looks = Looks::default();
                looks.plan(now.mono_ms);
                Phase::Proving { running, until: now.mono_ms.saturating_add(PROVE_WITHIN_MS), looks, last: None }
            }
            Phase::Live { running, mut live } => {
                live.applied(now);
                Phase::Live { running, live }
            }
            other @ (Phase::SignedOut { .. }
            | Phase::SigningIn { .. }
            | Phase::Proving { .. }
            | Phase::Ending { .. }
            | Phase::Locked { .. }
            | Phase::Failed { .. }
            | Phase::Leftovers { .. }) => other,
        };
    }
}
