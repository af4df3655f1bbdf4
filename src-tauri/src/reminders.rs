//! When a near end of the session is told beside the window, which may lie behind the portal. Pure: states in, reminders out.
//! What the window itself shows comes from the snapshot alone.

use flexnet_protocol::{
    gateway::EndReason,
    snapshot::{State, Warning},
};

/// Remembers what was told, so that nothing is told twice.
#[derive(Debug, Default)]
pub struct Reminders {
    told: Option<(EndReason, bool)>,
}

impl Reminders {
    /// The warning to tell now, if there is a new one: one when an end comes near, one in its last minute.
    pub fn next(&mut self, state: Option<&State>) -> Option<Warning> {
        let warning = state?.session().and_then(|session| session.warning);
        let key = warning.map(|warning| (warning.reason, warning.last_minute));
        if std::mem::replace(&mut self.told, key) == key { None } else { warning }
    }
}

#[cfg(test)]
mod tests {
    use flexnet_protocol::snapshot::{Carrier, Session};

    use super::*;

    fn connected(warning: Option<Warning>) -> State {
        let session = Session {
            display_name: "Dr. Martina Muster".into(),
            started: 0,
            absolute_end: 36_000,
            failures_before: 0,
            last_sign_in: None,
            round_trip_ms: None,
            traffic: Vec::new(),
            portal_fault: None,
            idle_end: 1800,
            warning,
            carrier: Carrier::Udp,
        };
        State::Connected { session }
    }

    fn warning(reason: EndReason, last_minute: bool) -> Option<Warning> {
        Some(Warning { reason, at: 1800, last_minute })
    }

    #[test]
    fn each_warning_is_told_once_and_again_after_it_was_put_off() {
        let mut reminders = Reminders::default();
        let idle = warning(EndReason::Idle, false);
        for (state, told) in [
            (Some(connected(None)), None),
            (Some(connected(idle)), idle),
            (Some(connected(idle)), None),
            // The service was away for a moment: that is no reason to tell it again.
            (None, None),
            (Some(connected(idle)), None),
            (Some(connected(warning(EndReason::Idle, true))), warning(EndReason::Idle, true)),
            (Some(connected(None)), None),
            (Some(connected(idle)), idle),
            (Some(connected(warning(EndReason::Absolute, true))), warning(EndReason::Absolute, true)),
            (Some(State::Ending), None),
        ] {
            assert_eq!(reminders.next(state.as_ref()), told, "{state:?}");
        }
    }
}
