//! Everything the machine can be told. Facts and commands only; times come with them in [`Now`].

use flexnet_protocol::{
    Fault, Secret,
    gateway::{EndReason, Grant},
    local::Credentials,
    snapshot::{Carrier, Counted},
};

/// When something happened, by both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Now {
    /// Milliseconds of a clock that never jumps and that counts sleep. Its origin is arbitrary.
    pub mono_ms: u64,
    /// Seconds since 1970 UTC by this PC's clock.
    pub unix: i64,
}

/// What the machine is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// What a person asks.
    Command(Command),
    /// The connection to the gateway stands, proven by its certificate, before the entry or the ticket was sent.
    GatewayReached,
    /// The gateway took the ticket. The member is to say whose it is, and then to confirm on the gateway's page that both show these digits.
    ToConfirm {
        /// Whose access it is, if the gateway tells.
        display_name: Option<String>,
        /// Two digits.
        digits: String,
        /// Too late in so many seconds.
        seconds: u32,
    },
    /// The gateway accepted the entry, or the hand-off was confirmed. The grant was checked against the profile by the caller.
    SignedIn(Box<Grant>),
    /// The entry opened nothing. Shown even if it was given up in between and the gateway counted it, or may have.
    NotSignedIn {
        /// Why.
        fault: Fault,
        /// Whether the gateway counted it.
        counted: Counted,
        /// Entries left before the lock.
        attempts_left: Option<u8>,
        /// Maintenance should be over at, seconds since 1970 UTC.
        until: Option<i64>,
    },
    /// The wanted network stands: device, addresses, routes, names, packet filter.
    Applied,
    /// It could not be set up. What was begun is in the journal and still has to be undone.
    ApplyFailed(Fault),
    /// Everything of ours is taken back.
    Undone,
    /// Something could not be taken back; it stays in the journal.
    UndoFailed(Fault),
    /// What a probe saw. Asked for by [`crate::Output::Probe`].
    Probed(Proof),
    /// Counters of the tunnel, about once a second while it stands.
    Measured(Counters),
    /// Something else carries a tunnel that stands.
    Carried(Carrier),
    /// The gateway's end of the tunnel gave an echo beside the tunnel, or none. Asked for by [`crate::Output::Echo`].
    Echoed(bool),
    /// The gateway says that the session lives. Moments of the gateway's clock, in seconds since 1970 UTC.
    SessionLives {
        /// It signed the member in at.
        started: i64,
        /// Ends at the latest at.
        absolute_end: i64,
        /// Ends at, if it is not used until then.
        idle_end: i64,
    },
    /// The gateway did not answer a question about the session.
    GatewaySilent,
    /// The gateway gave the same session new keys. Asked for by [`crate::Output::Resume`]; checked against the profile by the caller.
    Resumed(Box<Grant>),
    /// The gateway says that the session is over.
    SessionOver(EndReason),
    /// The resynchronisation that was asked for by [`crate::Output::ResyncToken`] came to something, or to nothing.
    Resynced {
        /// The gateway may have seen its TANs.
        sent: bool,
    },
    /// Addresses, routes or links of the PC's own network changed.
    NetworkChanged,
    /// The PC was asleep.
    Woke,
    /// The service is being stopped: end the session and undo everything.
    Shutdown,
    /// Time has passed; see [`crate::Machine::wakes_at`].
    Tick,
}

/// What a person asks through the local socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// The member is typing.
    Prepare,
    /// Sign in.
    SignIn(Credentials),
    /// Go on with a sign-in that was made on the gateway's page: its ticket.
    Redeem(Secret),
    /// The ticket is of the member's own access. The name that was shown when that was said.
    ConfirmIdentity(Option<String>),
    /// Give up a sign-in or a connection that is being built.
    Cancel,
    /// Put off the idle end.
    Extend,
    /// End the session.
    SignOut,
    /// The token is lost: it is to open nothing any more.
    ReportTokenLost,
    /// Bring the token into step again by two TANs, the one shown first and the one shown next.
    ResyncToken([Secret; 2]),
    /// A fault, a lock or an ended session was read.
    Acknowledge,
}

/// What was seen through the tunnel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// A handshake with the gateway's tunnel within the last three minutes (WireGuard's REJECT_AFTER_TIME).
    pub handshake: bool,
    /// Something inside the portal's network answered after so many milliseconds: its name service, or the portal by TCP.
    pub network_ms: Option<u32>,
    /// Whether the portal itself answers.
    pub portal: Result<(), Fault>,
    /// What carried the question.
    pub carrier: Carrier,
}

/// Counters of the tunnel device since it was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Bytes received and authenticated.
    pub received: u64,
    /// Bytes sent.
    pub sent: u64,
    /// Seconds since the last handshake.
    pub handshake_age: Option<u64>,
}
