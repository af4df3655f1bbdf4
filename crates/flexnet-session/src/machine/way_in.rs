//! The way in: from the entry to a wanted network. What stands after that is proven in the parent module.

use flexnet_protocol::{
    Fault, FaultCode, Secret,
    gateway::Grant,
    link::{self, BadLink},
    local::Credentials,
    snapshot::{Counted, WrongEntry},
};

use super::Machine;
use crate::{
    NetworkConfig, Now, Output,
    entry::shaped,
    looks::Looks,
    phase::{By, Confirmation, Phase, Running},
    policy,
};

/// The caller has time-outs of its own; this one is for a caller that lost its way.
const SIGN_IN_WITHIN_MS: u64 = 120_000;
/// The gateway itself says that nobody has confirmed; this is for one that says nothing.
const CONFIRMED_AFTER_MS: u64 = 3_000;
/// Nobody is given longer to confirm, whatever the gateway says.
const CONFIRM_WITHIN_SECONDS: u32 = 300;
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
                let by = By::Entry { username: entry.username.clone() };
                todo.push(Output::SignIn(entry));
                self.given_up = None;
                Phase::SigningIn { by, reached: false, until: now.mono_ms.saturating_add(SIGN_IN_WITHIN_MS) }
            }
            Err(fault) => Phase::SignedOut { ended: None, refused: Some(WrongEntry { fault, attempts_left: None }) },
        };
    }

    pub(super) fn may_redeem(&self, ticket: &Secret) -> Result<(), Fault> {
        if !link::is_ticket(ticket.expose()) {
            return Err(BadLink::Ticket.into());
        }
        self.may_sign_in().map_err(|fault| match self.phase.running() {
            Some(_) => FaultCode::AlreadySignedIn.into(),
            None => fault,
        })
    }

    pub(super) fn redeem(&mut self, now: Now, ticket: Secret, todo: &mut Vec<Output>) {
        if self.may_redeem(&ticket).is_err() {
            return;
        }
        (self.shown, self.given_up) = (None, None);
        let until = now.mono_ms.saturating_add(SIGN_IN_WITHIN_MS);
        self.phase = Phase::SigningIn { by: By::Ticket, reached: false, until };
        todo.push(Output::Redeem(ticket));
    }

    /// Told again, it changes nothing: neither does the time to confirm grow, nor another name take this one's place.
    pub(super) fn taken(&mut self, now: Now, display_name: Option<String>, digits: String, seconds: u32) {
        if let Phase::SigningIn { by: by @ By::Ticket, until, .. } = &mut self.phase {
            let seconds = seconds.min(CONFIRM_WITHIN_SECONDS);
            *until = now.mono_ms.saturating_add(u64::from(seconds) * 1_000 + CONFIRMED_AFTER_MS);
            let expires = now.unix.saturating_add(seconds.into());
            *by = By::Confirmation(Confirmation { display_name, digits, expires, own: false });
        }
    }

    /// A yes to what is shown now, and to nothing that was shown before it.
    pub(super) fn may_confirm_identity(&self, shown: Option<&str>) -> Result<(), Fault> {
        match &self.phase {
            Phase::SigningIn { by: By::Confirmation(confirmation), .. }
                if confirmation.display_name.as_deref() == shown =>
            {
                Ok(())
            }
            Phase::SignedOut { .. }
            | Phase::Locked { .. }
            | Phase::Failed { .. }
            | Phase::SigningIn { .. }
            | Phase::Applying { .. }
            | Phase::Proving { .. }
            | Phase::Live { .. }
            | Phase::Ending { .. }
            | Phase::Leftovers { .. } => Err(Fault::new(FaultCode::HandoffOver, "not what is to be confirmed now")),
        }
    }

    pub(super) fn confirm_identity(&mut self, shown: Option<&str>, todo: &mut Vec<Output>) {
        if self.may_confirm_identity(shown).is_err() {
            return;
        }
        if let Phase::SigningIn { by: By::Confirmation(confirmation), .. } = &mut self.phase
            && !std::mem::replace(&mut confirmation.own, true)
        {
            todo.push(Output::FetchSession);
        }
    }

    pub(super) fn signed_in(&mut self, now: Now, grant: Grant, todo: &mut Vec<Output>) {
        match self.phase {
            // The page's yes alone opens nothing: the page may be anybody's.
            Phase::SigningIn { by: By::Ticket | By::Confirmation(Confirmation { own: false, .. }), .. } => {
                let fault = Fault::new(FaultCode::HandoffRefused, "a session before the member has said whose it is");
                todo.push(Output::EndSession);
                self.phase = Phase::Failed { fault, counted: Counted::No, until: None };
            }
            Phase::SigningIn { by: By::Entry { .. } | By::Confirmation(Confirmation { own: true, .. }), .. } => {
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
        let typed = !matches!(self.phase, Phase::SigningIn { by: By::Ticket | By::Confirmation(_), .. });
        let username = match &mut self.phase {
            Phase::SigningIn { by: By::Entry { username }, reached, .. } => {
                if !*reached && counted == Counted::No {
                    self.tans.forget();
                }
                std::mem::take(username)
            }
            // The page knows whose it was; nothing was typed here.
            Phase::SigningIn { by: By::Ticket | By::Confirmation(_), .. } => String::new(),
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
        let refused = typed && [FaultCode::Refused, FaultCode::EntryShape, FaultCode::TanUsed].contains(&fault.code);
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
