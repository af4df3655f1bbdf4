//! Session, tunnel, and what is inside it. Looked at only while a session lives.

use flexnet_protocol::{Fault, snapshot::Carrier};
use serde::Serialize;

use super::{Answer, Reach};

/// Session, tunnel, inside.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Inside {
    /// What the service says of the session.
    pub session: Option<SessionFacts>,
    /// The name service inside, asked for the portal's first host.
    pub names: Option<Answer>,
    /// TCP to the portal.
    pub portal: Option<Reach>,
    /// It speaks TLS with a certificate that this system does not trust: nothing was asked of it.
    pub portal_untrusted: bool,
    /// HEAD of its first page.
    pub head: Option<Page>,
    /// GET of its first page, whole; only where HEAD was answered.
    pub whole: Option<Page>,
}

/// What the service says of the session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SessionFacts {
    /// The state's name: `signed_out`, `connected`, `reconnecting`, `locked`, `failed` ...
    pub state: String,
    /// What it tells as the reason: of a failure, a lock, a refused entry, an ended session, a portal that does not answer.
    pub fault: Option<Fault>,
    /// What carries the tunnel.
    pub carrier: Option<Carrier>,
    /// Seconds since the last handshake; `None` without one, or where the service does not tell.
    pub handshake_age: Option<u64>,
}

/// What a page came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Page {
    /// A status.
    Status(u16),
    /// Connected, and no byte in 4 s.
    Silent,
    /// It began and did not end in 4 s.
    Stalled,
    /// The connection ended before a word.
    Cut,
}

impl SessionFacts {
    /// A session lives, whether its tunnel carries anything or not.
    pub fn is_live(&self) -> bool {
        matches!(self.state.as_str(), "connected" | "reconnecting")
    }
}
