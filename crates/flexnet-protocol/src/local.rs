//! The local socket: what the window and the CLI may ask of the service, and what it answers.
//! A frame is a length (u32, big endian) and that many bytes of JSON, at most [`MAX_FRAME`].
//! Three requests carry secrets, [`Request::SignIn`], [`Request::Redeem`] and [`Request::ResyncToken`], and they only ever travel inward.

use serde::{Deserialize, Serialize};

pub use crate::repair::Repaired;
use crate::{
    Fault, Secret,
    events::Event,
    repair::RepairPlan,
    snapshot::{Snapshot, WrongEntry},
};

/// The largest frame either side accepts, in bytes.
pub const MAX_FRAME: usize = 64 * 1024;

/// A request with the number that its reply repeats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToService {
    /// Chosen by the client, repeated in the reply.
    pub id: u32,
    /// What is asked.
    pub request: Request,
}

/// Everything the service does for an unprivileged user. Each one is listed in docs/attack-surface.md.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// First message of every connection; other versions are refused with [`crate::FaultCode::VersionsDiffer`].
    Hello {
        /// [`crate::VERSION`] of the client.
        version: String,
    },
    /// Send the present snapshot now and every later one as it comes.
    Watch,
    /// The member is typing: reach the gateway and open the TLS connection already.
    Prepare,
    /// Sign in with meine KVid.
    SignIn(Credentials),
    /// Go on with a sign-in that was made on the gateway's page, once the member has confirmed it there.
    Redeem {
        /// Of the deep link; see [`crate::link`].
        ticket: Secret,
    },
    /// The access that the link opens is the member's own: show the digits, and ask for the session. Refused if another name is shown by now.
    ConfirmIdentity {
        /// As in [`crate::snapshot::State::Confirming`] when the member said so.
        display_name: Option<String>,
    },
    /// Give up a sign-in or a connection that is being built.
    Cancel,
    /// Put off the end of a session that is not used: one click, no TAN.
    Extend,
    /// End the session.
    SignOut,
    /// The member has lost the token: it opens nothing any more, and all sessions end, this one too. Cannot be taken back. Answered by
    /// [`Reply::Done`] when the gateway has done it.
    ReportTokenLost,
    /// Bring the token into step again. Counts as one attempt; answered by [`Reply::Done`] or [`Reply::WrongEntry`] when the gateway has judged it.
    ResyncToken {
        /// The TAN shown first; blanks are stripped by the service.
        first: Secret,
        /// The one shown next.
        second: Secret,
    },
    /// The member has seen a fault, a lock or an ended session; show the sign-in again.
    Acknowledge,
    /// Undo what an earlier session left behind. Needs no sign-in and no network.
    Repair,
    /// What [`Request::Repair`] would do now. Changes nothing.
    RepairPreview,
    /// How the service itself stands, for a diagnosis. Changes nothing.
    Health,
    /// The last events of the service, oldest first, as many as fit into a frame. Changes nothing.
    Events,
}

/// What the member types.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// User name of meine KVid.
    pub username: String,
    /// Password of meine KVid.
    pub password: Secret,
    /// The TAN; blanks are stripped by the service.
    pub tan: Secret,
}

/// What the service sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToClient {
    /// Answer to the request of the same number.
    Reply {
        /// The request's number.
        id: u32,
        /// What came of it.
        reply: Reply,
    },
    /// After [`Request::Watch`]: the whole picture, whenever it changes.
    Snapshot(Box<Snapshot>),
}

/// What came of a request. `Accepted` means begun: the outcome is in the snapshots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// The service's version.
    Hello {
        /// [`crate::VERSION`] of the service.
        version: String,
    },
    /// Begun.
    Accepted,
    /// Done, where no snapshot would tell.
    Done,
    /// The gateway did not take it, or it was not even sent.
    WrongEntry(WrongEntry),
    /// Not done, and why.
    Refused(Fault),
    /// What a repair undid.
    Repaired(Repaired),
    /// What a repair would do.
    RepairPlan(RepairPlan),
    /// How the service stands.
    Health(Health),
    /// The last events, oldest first.
    Events(Vec<Event>),
}

/// How the service stands, as only the service can tell. No field can hold an address or a name of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Seconds since the tunnel's last handshake; `None` without a tunnel or before the first one.
    pub handshake_age: Option<u64>,
    /// Changes of an earlier session that the journal still holds although none lives, one line each in technical English.
    pub leftovers: Vec<String>,
    /// Whether another device on the wire has an address of this PC. `None`: the system does not tell.
    pub duplicate_address: Option<bool>,
}
