//! What a member can do about the token while a session lives: report it lost, bring it into step again.
//! Neither changes where the session stands; what the gateway makes of them it says itself.

use flexnet_protocol::{Fault, FaultCode, Secret};

use super::Machine;
use crate::{Output, entry::tan, phase::Phase};

impl Machine {
    pub(super) fn needs_session(&self) -> Result<(), Fault> {
        match self.phase {
            Phase::Live { .. } => Ok(()),
            Phase::SigningIn { .. } | Phase::Applying { .. } | Phase::Proving { .. } | Phase::Ending { .. } => {
                Err(FaultCode::Busy.into())
            }
            Phase::SignedOut { .. } | Phase::Locked { .. } | Phase::Failed { .. } | Phase::Leftovers { .. } => {
                Err(Fault::new(FaultCode::SessionEnded, "no session lives"))
            }
        }
    }

    pub(super) fn may_resync(&self, tans: &[Secret; 2]) -> Result<(), Fault> {
        self.needs_session()?;
        if self.resyncing {
            return Err(Fault::new(FaultCode::Busy, "two TANs are on their way"));
        }
        let [first, second] = consecutive(tans)?;
        if self.tans.knows(&first) || self.tans.knows(&second) {
            return Err(FaultCode::TanUsed.into());
        }
        Ok(())
    }

    pub(super) fn resync(&mut self, tans: &[Secret; 2], todo: &mut Vec<Output>) {
        if self.may_resync(tans).is_err() {
            return;
        }
        let Ok(tans) = consecutive(tans) else { return };
        // Both are new: it was just looked.
        for tan in &tans {
            drop(self.tans.take(tan));
        }
        self.resyncing = true;
        todo.push(Output::ResyncToken(tans));
    }

    pub(super) fn resynced(&mut self, sent: bool) {
        if std::mem::take(&mut self.resyncing) && !sent {
            self.tans.forget();
            self.tans.forget();
        }
    }
}

/// Two TANs as they are sent.
fn consecutive([first, second]: &[Secret; 2]) -> Result<[Secret; 2], Fault> {
    let tans = [tan(first)?, tan(second)?];
    let [first, second] = &tans;
    if first == second {
        return Err(Fault::new(FaultCode::EntryShape, "the same TAN twice"));
    }
    Ok(tans)
}
