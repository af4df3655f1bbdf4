//! When the portal window opens by itself and when it must go. Pure: states in, moves out.

use flexnet_protocol::snapshot::State;

/// What to do with the portal window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Open it, or bring it to the front.
    Open,
    /// Close it: its session is over.
    Close,
    /// Leave it as it is.
    Stay,
}

/// Remembers just enough to see a session begin.
#[derive(Debug, Default)]
pub struct Moves {
    /// Whether there was a session when the service last spoke. `None` before its first word, and while it is away.
    session: Option<bool>,
    /// A session has begun and the portal has not been opened for it.
    due: bool,
}

impl Moves {
    /// Takes the next state; `None` when the service is lost, for nothing keeps the portal inside the tunnel then. A session that
    /// was there before this window, or before the service came back, opens nothing by itself.
    pub fn next(&mut self, state: Option<&State>) -> Move {
        match state {
            Some(State::Connected { session }) => {
                self.due |= self.session == Some(false);
                self.session = Some(true);
                if self.due && session.portal_fault.is_none() {
                    self.due = false;
                    return Move::Open;
                }
                Move::Stay
            }
            Some(State::Reconnecting { .. }) => {
                self.session = Some(true);
                Move::Stay
            }
            Some(
                State::SignedOut { .. }
                | State::SigningIn { .. }
                | State::Confirming { .. }
                | State::Connecting { .. }
                | State::Ending
                | State::Locked { .. }
                | State::Failed { .. },
            ) => self.without_session(Some(false)),
            None => self.without_session(None),
        }
    }

    fn without_session(&mut self, now: Option<bool>) -> Move {
        self.due = false;
        if std::mem::replace(&mut self.session, now) == Some(true) { Move::Close } else { Move::Stay }
    }
}

#[cfg(test)]
mod tests {
    use flexnet_protocol::{
        FaultCode,
        snapshot::{Carrier, Session, Step},
    };

    use super::*;

    fn session(portal_fault: Option<FaultCode>) -> Session {
        Session {
            display_name: "Dr. Martina Muster".into(),
            started: 0,
            absolute_end: 0,
            failures_before: 0,
            last_sign_in: None,
            round_trip_ms: None,
            traffic: Vec::new(),
            portal_fault: portal_fault.map(Into::into),
            idle_end: 0,
            warning: None,
            carrier: Carrier::Udp,
        }
    }

    fn connected(portal_fault: Option<FaultCode>) -> State {
        State::Connected { session: session(portal_fault) }
    }

    fn reconnecting() -> State {
        State::Reconnecting { session: session(None), since: 0, next_try: 0 }
    }

    const OUT: State = State::SignedOut { ended: None, refused: None };
    const CONNECTING: State = State::Connecting { step: Step::Tunnel };

    fn moves(states: &[State]) -> Vec<Move> {
        let mut moves = Moves::default();
        states.iter().map(|state| moves.next(Some(state))).collect()
    }

    #[test]
    fn the_portal_opens_once_a_session_and_closes_with_it() {
        use Move::{Close, Open, Stay};
        let states =
            [OUT, CONNECTING, connected(None), connected(None), reconnecting(), connected(None), State::Ending, OUT];
        assert_eq!(moves(&states), [Stay, Stay, Open, Stay, Stay, Stay, Close, Stay]);
        let twice = [OUT, connected(None), OUT, connected(None)];
        assert_eq!(moves(&twice), [Stay, Open, Close, Open]);
    }

    #[test]
    fn a_session_that_was_there_before_the_window_opens_nothing() {
        assert_eq!(moves(&[connected(None), connected(None), OUT]), [Move::Stay, Move::Stay, Move::Close]);
        assert_eq!(moves(&[reconnecting(), connected(None)]), [Move::Stay, Move::Stay]);
    }

    #[test]
    fn a_portal_that_does_not_answer_opens_when_it_does() {
        let silent = connected(Some(FaultCode::PortalSilent));
        assert_eq!(moves(&[OUT, silent, connected(None)]), [Move::Stay, Move::Stay, Move::Open]);
    }

    #[test]
    fn a_lost_service_closes_the_portal_and_its_return_does_not_open_it() {
        use Move::{Close, Open, Stay};
        for there in [connected(None), reconnecting(), connected(Some(FaultCode::PortalSilent))] {
            let mut moves = Moves::default();
            let states = [None, Some(&OUT), Some(&there), None, None, Some(&there), Some(&connected(None)), Some(&OUT)];
            let begins = if there == connected(None) { Open } else { Stay };
            let expected = [Stay, Stay, begins, Close, Stay, Stay, Stay, Close];
            assert_eq!(states.map(|state| moves.next(state)), expected, "{there:?}");
            assert_eq!(moves.next(Some(&connected(None))), Open, "the next session has its portal");
        }
    }
}
