//! The machine itself.

use flexnet_protocol::{
    Fault,
    desk::DeskContact,
    snapshot::{Portal, Snapshot, State},
};

use crate::{Command, Input, Now, Output};

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
    revision: u64,
}

impl Machine {
    /// Signed out. `salt` is random and keeps the remembered TAN's hash useless elsewhere.
    pub fn new(facts: Facts, _salt: [u8; 16]) -> Self {
        Self { facts, revision: 1 }
    }

    /// Whether a command would be followed now; otherwise the reply to whoever asks. Commands that would change nothing are followed.
    ///
    /// # Errors
    /// [`flexnet_protocol::FaultCode::Busy`] for a sign-in while one runs or a session lives,
    /// [`flexnet_protocol::FaultCode::Leftovers`] for one while an earlier session is not undone.
    pub fn accepts(&self, _command: &Command) -> Result<(), Fault> {
        Ok(())
    }

    /// Takes one input and says what to do, in this order. A changed picture is published first, so publish before replying.
    pub fn handle(&mut self, _now: Now, _input: Input) -> Vec<Output> {
        Vec::new()
    }

    /// When [`Input::Tick`] is wanted next, in milliseconds of [`Now::mono_ms`].
    pub fn wakes_at(&self) -> Option<u64> {
        None
    }

    /// The picture as it is now, for somebody who begins to watch.
    pub fn snapshot(&self, now: Now) -> Snapshot {
        Snapshot {
            revision: self.revision,
            version: self.facts.version.clone(),
            organisation: self.facts.organisation.clone(),
            desk: self.facts.desk.at(now.unix),
            portal: self.facts.portal.clone(),
            state: State::SignedOut { ended: None, refused: None },
        }
    }

    /// `true` while no sign-in runs and nothing of ours is in the system: the service may end.
    pub fn at_rest(&self) -> bool {
        true
    }
}
