//! The whole picture that the service publishes. Windows and CLI render it and compute nothing but words.
//! No field can hold a secret.

use serde::{Deserialize, Serialize};

use crate::{
    Fault,
    desk::Desk,
    gateway::{EndReason, LastSignIn},
};

/// The service's state of the world. Times are seconds since 1970 UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Rises with every change; a lower one is older.
    pub revision: u64,
    /// Version of the service.
    pub version: String,
    /// Name of the KV, from the profile.
    pub organisation: String,
    /// The service desk and whether it is open now.
    pub desk: Desk,
    /// The member portal, from the profile.
    pub portal: Portal,
    /// Where the session stands.
    pub state: State,
}

/// The member portal as the profile names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Portal {
    /// First page.
    pub url: String,
    /// Hosts that the portal window may reach, lower case.
    pub hosts: Vec<String>,
}

/// Where the session stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "name")]
pub enum State {
    /// No session. The sign-in is shown.
    SignedOut {
        /// The session that ended last since the service started, until acknowledged.
        ended: Option<Ended>,
        /// The wrong entry that was just made, until the next attempt or acknowledged.
        refused: Option<WrongEntry>,
    },
    /// The gateway is being asked.
    SigningIn {
        /// How far it is.
        step: Step,
    },
    /// A sign-in on the gateway's page is to go on here. First the member says here whose it is, then confirms there that both show the same digits.
    Confirming {
        /// Whose access the link opens; `None` if the gateway does not tell.
        display_name: Option<String>,
        /// Two digits, once [`crate::local::Request::ConfirmIdentity`] was asked.
        digits: Option<String>,
        /// Too late to confirm from then on.
        expires: i64,
    },
    /// Signed in, the tunnel is being built and proven.
    Connecting {
        /// How far it is.
        step: Step,
    },
    /// Proven: a handshake and an answer from the portal's network.
    Connected {
        /// The session.
        session: Session,
    },
    /// The session lives, the tunnel is silent. Comes back without a TAN.
    Reconnecting {
        /// The session.
        session: Session,
        /// Silent since.
        since: i64,
        /// When the next try begins.
        next_try: i64,
    },
    /// Signing out and undoing.
    Ending,
    /// Five wrong entries. Only the service desk opens it.
    Locked {
        /// The name that was typed, for the call; empty after a sign-in on the gateway's page.
        username: String,
        /// [`crate::FaultCode::Locked`].
        fault: Fault,
    },
    /// It did not work.
    Failed {
        /// Why.
        fault: Fault,
        /// Whether this entry was counted by the gateway, as far as the client can know.
        counted: Counted,
        /// Maintenance should be over at, if the gateway said so.
        until: Option<i64>,
    },
}

impl State {
    /// The session that lives, whether its tunnel carries anything or not.
    pub const fn session(&self) -> Option<&Session> {
        match self {
            Self::Connected { session } | Self::Reconnecting { session, .. } => Some(session),
            Self::SignedOut { .. }
            | Self::SigningIn { .. }
            | Self::Confirming { .. }
            | Self::Connecting { .. }
            | Self::Ending
            | Self::Locked { .. }
            | Self::Failed { .. } => None,
        }
    }
}

/// The four steps of a connection, in their order. A step that is reached is running; those before it are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Reaching the gateway.
    Gateway,
    /// The gateway checks name, password and TAN.
    SignIn,
    /// Building the tunnel.
    Tunnel,
    /// Waiting for the portal's network.
    Portal,
}

/// The running session as the member sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Name of the member.
    pub display_name: String,
    /// Signed in at.
    pub started: i64,
    /// Ends at the latest at.
    pub absolute_end: i64,
    /// Wrong entries since the sign-in before this one.
    pub failures_before: u32,
    /// The sign-in before this one.
    pub last_sign_in: Option<LastSignIn>,
    /// Milliseconds to the gateway and back inside the tunnel, if measured.
    pub round_trip_ms: Option<u32>,
    /// Bytes in both directions per interval of [`TRAFFIC_SECONDS`], oldest first, at most [`TRAFFIC_INTERVALS`].
    pub traffic: Vec<u64>,
    /// Set while the tunnel stands but the portal itself does not answer.
    pub portal_fault: Option<Fault>,
    /// Ends at, if it is not used until then; each use puts it off. As the gateway told it last.
    pub idle_end: i64,
    /// Set while an end is near.
    pub warning: Option<Warning>,
    /// What carries the tunnel.
    pub carrier: Carrier,
}

/// An end that is near.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// [`EndReason::Idle`], which [`crate::local::Request::Extend`] puts off, or [`EndReason::Absolute`], which nothing does.
    pub reason: EndReason,
    /// The end.
    pub at: i64,
    /// `true` within the last minute.
    pub last_minute: bool,
}

/// What carries the tunnel's packets to the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carrier {
    /// UDP, as WireGuard is made for.
    Udp,
    /// TLS on TCP 443, because UDP does not get through (RFC 9298).
    Https,
    /// The same through an HTTP proxy.
    HttpsByProxy,
}

/// Length of one interval of [`Session::traffic`].
pub const TRAFFIC_SECONDS: u32 = 5;
/// Intervals kept: five minutes.
pub const TRAFFIC_INTERVALS: usize = 60;

/// The session that ended last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// When.
    pub at: i64,
    /// Why.
    pub reason: EndReason,
}

/// An entry that was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrongEntry {
    /// [`crate::FaultCode::Refused`], or a check before sending: `TanUsed`, `EntryShape`.
    pub fault: Fault,
    /// Entries left before the lock; `None` if nothing was sent.
    pub attempts_left: Option<u8>,
}

/// Whether an attempt was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Certainly not: the password was not sent, or the gateway said so.
    No,
    /// Yes.
    Yes,
    /// The request was sent and no answer came.
    Unknown,
}
