//! Where the machine stands, and how that is shown. One enum: there is no second place for state.

use flexnet_protocol::{
    Fault,
    gateway::Grant,
    snapshot::{Carrier, Counted, Ended, Session, State, Step, WrongEntry},
};

use crate::{Counters, Now, Proof, ends::Ends, live::Live, looks::Looks};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Phase {
    SignedOut {
        ended: Option<Ended>,
        refused: Option<WrongEntry>,
    },
    /// An entry or a ticket is on its way; the caller has it.
    SigningIn {
        by: By,
        /// The gateway has shown its certificate, so it was sent.
        reached: bool,
        until: u64,
    },
    /// The network is being set up.
    Applying {
        running: Running,
        until: u64,
    },
    /// The network stands; nothing has come through it yet.
    Proving {
        running: Running,
        until: u64,
        looks: Looks,
        last: Option<Proof>,
    },
    /// Proven. [`Live::lost`] tells `Connected` from `Reconnecting`.
    Live {
        running: Running,
        live: Box<Live>,
    },
    /// The network is being taken back.
    Ending {
        after: After,
        until: u64,
    },
    Locked {
        username: String,
        fault: Fault,
    },
    Failed {
        fault: Fault,
        counted: Counted,
        until: Option<i64>,
    },
    /// Something of ours could not be taken back.
    Leftovers {
        fault: Fault,
        /// It was asked for and not answered yet: that answer still comes first.
        asked: bool,
    },
}

/// What a sign-in that runs was begun with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum By {
    /// An entry under this name.
    Entry { username: String },
    /// A ticket of the gateway's page.
    Ticket,
    /// A ticket that the gateway took: the member says here whose it is, then confirms on the page.
    Confirmation(Confirmation),
}

/// What the member is asked about a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Confirmation {
    /// Whose it is, if the gateway tells.
    pub(crate) display_name: Option<String>,
    pub(crate) digits: String,
    pub(crate) expires: i64,
    /// The member has said here that it is their own. INVARIANT: without that nothing asks for the session, and none begins.
    pub(crate) own: bool,
}

/// A session that the gateway has granted. Its secrets went out with the grant's tunnel and are not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Running {
    pub(crate) session: Session,
    pub(crate) ends: Ends,
    pub(crate) counted: Counters,
}

/// What comes once everything is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum After {
    SignedOut(Option<Ended>),
    Failed(Fault),
}

impl Running {
    pub(crate) fn begin(now: Now, grant: &Grant) -> Self {
        let session = Session {
            display_name: grant.display_name.clone(),
            started: now.unix,
            absolute_end: grant.absolute_end,
            failures_before: grant.failures_before,
            last_sign_in: grant.last_sign_in.clone(),
            round_trip_ms: None,
            traffic: Vec::new(),
            portal_fault: None,
            idle_end: now.unix.saturating_add(i64::from(grant.idle_seconds)).min(grant.absolute_end),
            warning: None,
            carrier: Carrier::Udp,
        };
        Self { session, ends: Ends::begin(now, grant), counted: Counters::default() }
    }
}

impl Phase {
    pub(crate) const SIGNED_OUT: Self = Self::SignedOut { ended: None, refused: None };

    pub(crate) const fn running(&self) -> Option<&Running> {
        match self {
            Self::Applying { running, .. } | Self::Proving { running, .. } | Self::Live { running, .. } => {
                Some(running)
            }
            Self::SignedOut { .. }
            | Self::SigningIn { .. }
            | Self::Ending { .. }
            | Self::Locked { .. }
            | Self::Failed { .. }
            | Self::Leftovers { .. } => None,
        }
    }

    pub(crate) const fn running_mut(&mut self) -> Option<&mut Running> {
        match self {
            Self::Applying { running, .. } | Self::Proving { running, .. } | Self::Live { running, .. } => {
                Some(running)
            }
            Self::SignedOut { .. }
            | Self::SigningIn { .. }
            | Self::Ending { .. }
            | Self::Locked { .. }
            | Self::Failed { .. }
            | Self::Leftovers { .. } => None,
        }
    }

    pub(crate) fn shown(&self) -> State {
        match self {
            Self::SignedOut { ended, refused } => State::SignedOut { ended: *ended, refused: refused.clone() },
            Self::SigningIn { by: By::Confirmation(confirmation), .. } => State::Confirming {
                display_name: confirmation.display_name.clone(),
                digits: confirmation.own.then(|| confirmation.digits.clone()),
                expires: confirmation.expires,
            },
            Self::SigningIn { reached: false, .. } => State::SigningIn { step: Step::Gateway },
            Self::SigningIn { reached: true, .. } => State::SigningIn { step: Step::SignIn },
            Self::Applying { .. } => State::Connecting { step: Step::Tunnel },
            Self::Proving { .. } => State::Connecting { step: Step::Portal },
            Self::Live { running, live } => {
                let session = running.session.clone();
                match live.lost() {
                    None => State::Connected { session },
                    Some(lost) => State::Reconnecting { session, since: lost.since, next_try: lost.next_try },
                }
            }
            Self::Ending { .. } => State::Ending,
            Self::Locked { username, fault } => State::Locked { username: username.clone(), fault: fault.clone() },
            Self::Failed { fault, counted, until } => {
                State::Failed { fault: fault.clone(), counted: *counted, until: *until }
            }
            Self::Leftovers { fault, .. } => State::Failed { fault: fault.clone(), counted: Counted::No, until: None },
        }
    }

    /// When time alone changes something.
    pub(crate) fn wakes_at(&self) -> Option<u64> {
        let own = match self {
            Self::SigningIn { until, .. } | Self::Applying { until, .. } | Self::Ending { until, .. } => Some(*until),
            Self::Proving { until, looks, .. } => Some(looks.next().map_or(*until, |next| next.min(*until))),
            Self::Live { live, .. } => Some(live.wakes_at()),
            Self::SignedOut { .. } | Self::Locked { .. } | Self::Failed { .. } | Self::Leftovers { .. } => None,
        };
        [own, self.running().and_then(|running| running.ends.next())].into_iter().flatten().min()
    }
}
