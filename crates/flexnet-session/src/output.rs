//! Everything the machine can want. The caller does it and tells the outcome as an [`crate::Input`].

use flexnet_protocol::{Secret, gateway::TunnelGrant, local::Credentials, snapshot::Snapshot};

use crate::FirewallPolicy;

/// What the machine wants done, in the order given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Open the connection to the gateway if none stands. Tell nothing if it fails: the sign-in will.
    Prepare,
    /// Send this entry: [`crate::Input::GatewayReached`], then [`crate::Input::SignedIn`] or [`crate::Input::NotSignedIn`].
    /// The caller makes the attempt id and the key pair, and keeps both.
    SignIn(Credentials),
    /// Redeem this ticket: [`crate::Input::GatewayReached`], then [`crate::Input::ToConfirm`] or [`crate::Input::NotSignedIn`]. The caller makes the key
    /// pair, and keeps it. Nothing that could begin the session is asked before [`Output::FetchSession`].
    Redeem(Secret),
    /// The member has said whose the ticket is: wait for the page's yes, [`crate::Input::SignedIn`] or [`crate::Input::NotSignedIn`].
    FetchSession,
    /// Drop a sign-in that runs. If the entry was sent, [`crate::Input::NotSignedIn`] is still told, as long as no other sign-in began;
    /// a grant that still comes is signed out at once. The gateway is told that a ticket was given up.
    AbandonSignIn,
    /// Make the network so: [`crate::Input::Applied`] or [`crate::Input::ApplyFailed`]. Where one stands already, it is exchanged
    /// under the standing packet filter, so nothing gets past it meanwhile.
    Apply(Box<NetworkConfig>),
    /// Take everything back: [`crate::Input::Undone`] or [`crate::Input::UndoFailed`].
    Undo,
    /// Look through the tunnel: [`crate::Input::Probed`].
    Probe {
        /// Whether the portal must also speak; otherwise that it takes a connection is enough, one round trip less.
        whole: bool,
    },
    /// Ask the gateway's end of the tunnel for an echo beside the tunnel, which is no use of the session: [`crate::Input::Echoed`] within two seconds.
    Echo,
    /// Ask the gateway for the session; a question that is still open gives way. [`crate::Input::SessionLives`], [`crate::Input::SessionOver`]
    /// or [`crate::Input::GatewaySilent`].
    Poll {
        /// The gateway may wait for something to tell, but not longer than ten seconds.
        stands: bool,
    },
    /// Put off the session's idle end at the gateway: [`crate::Input::SessionLives`] or [`crate::Input::SessionOver`]; silence tells nothing.
    Extend,
    /// Give the session new keys: [`crate::Input::Resumed`] or [`crate::Input::SessionOver`]; silence tells nothing.
    Resume,
    /// Tell the gateway that the token is lost. Then [`crate::Input::SessionOver`]; what fails is told to whoever asked, and the session lives on.
    ReportTokenLost,
    /// Send these two TANs, blanks stripped: [`crate::Input::Resynced`]. What came of it is told to whoever asked.
    ResyncToken([Secret; 2]),
    /// End the session at the gateway. Best effort: it ends there by itself as well.
    EndSession,
    /// Show this to everybody who watches.
    Publish(Box<Snapshot>),
}

/// The whole wanted state of the PC's network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkConfig {
    /// Device, addresses, routes and names, as granted and checked.
    pub tunnel: TunnelGrant,
    /// What may pass beside the tunnel.
    pub firewall: FirewallPolicy,
}
