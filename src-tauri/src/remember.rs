//! What to keep once an entry has been right: the name, and the password if that was asked for.
//! Pure: states in, at most one thing to keep out. What was wrong is dropped, and with it the password.

use flexnet_protocol::{Secret, snapshot::State};

/// An entry on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name as it was typed.
    pub username: String,
    /// The password, if it is to be kept.
    pub keep: Option<Secret>,
}

/// The entry that is on its way, if there is one.
#[derive(Debug, Default)]
pub struct Remember {
    entry: Option<Entry>,
    begun: bool,
}

impl Remember {
    /// An entry is being sent.
    pub fn sent(&mut self, entry: Entry) {
        *self = Self { entry: Some(entry), begun: false };
    }

    /// It was not taken, or nobody will say what has become of it.
    pub fn drop_it(&mut self) {
        *self = Self::default();
    }

    /// Takes the next state; gives back the entry when it has been right.
    pub fn next(&mut self, state: &State) -> Option<Entry> {
        match state {
            State::SigningIn { .. } => self.begun = true,
            State::Connecting { .. } | State::Connected { .. } | State::Reconnecting { .. } => {
                self.begun = false;
                return self.entry.take();
            }
            // The state from before the entry may still be on its way.
            State::SignedOut { refused: None, .. } if !self.begun => {}
            // A sign-in on the KV's page is nobody's entry here.
            State::SignedOut { .. }
            | State::Confirming { .. }
            | State::Ending
            | State::Locked { .. }
            | State::Failed { .. } => self.drop_it(),
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use flexnet_protocol::{
        Fault, FaultCode,
        snapshot::{Counted, Step, WrongEntry},
    };

    use super::*;

    const BEFORE: State = State::SignedOut { ended: None, refused: None };
    const ASKING: State = State::SigningIn { step: Step::SignIn };
    const RIGHT: State = State::Connecting { step: Step::Tunnel };

    fn entry() -> Entry {
        Entry { username: "m.muster".into(), keep: Some(Secret::new("geheim")) }
    }

    fn kept(states: &[State]) -> Vec<Entry> {
        let mut remember = Remember::default();
        remember.sent(entry());
        states.iter().filter_map(|state| remember.next(state)).collect()
    }

    #[test]
    fn a_right_entry_is_kept_once() {
        assert_eq!(kept(&[BEFORE, ASKING, RIGHT, RIGHT]), [entry()]);
        assert_eq!(kept(&[RIGHT]), [entry()]);
    }

    #[test]
    fn what_was_not_right_is_dropped() {
        let wrong = WrongEntry { fault: FaultCode::Refused.into(), attempts_left: Some(4) };
        let refused = State::SignedOut { ended: None, refused: Some(wrong) };
        let failed = State::Failed { fault: FaultCode::GatewayHangs.into(), counted: Counted::Unknown, until: None };
        let locked = State::Locked { username: "m.muster".into(), fault: Fault::from(FaultCode::Locked) };
        for end in [refused, failed, locked, State::Ending] {
            assert_eq!(kept(&[ASKING, end.clone(), RIGHT]), [], "{end:?}");
        }
        assert_eq!(kept(&[ASKING, BEFORE, RIGHT]), [], "given up by the person");
    }
}
