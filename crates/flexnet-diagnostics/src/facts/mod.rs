//! What was seen, before anybody judges it. Collectors write, checks read, the report shows; nothing here decides.
//! `None` means "not looked at, or not told in time": a check must never make a fault of it.
//! Whatever could tell who or where a member is stands in [`Private`], which serialises as its kind only.

mod inside;
mod names;
mod network;
mod outside;
mod pc;
mod private;
mod program;
mod way;

use serde::Serialize;

pub use self::{inside::*, names::*, network::*, outside::*, pc::*, private::*, program::*, way::*};

/// Everything that one run saw.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Facts {
    /// By the PC's clock, seconds since 1970 UTC.
    pub at: i64,
    /// How long the run took, milliseconds.
    pub took_ms: u64,
    /// [`flexnet_protocol::VERSION`] of this program.
    pub version: String,
    /// The installed profile.
    pub profile: ProfileFacts,
    /// Clock, system, disk, protection, key store.
    pub pc: Pc,
    /// Adapters, addresses, routes, router.
    pub network: Network,
    /// Internet, captive portal, proxy.
    pub outside: Outside,
    /// The name service.
    pub names: Names,
    /// UDP to the gateway: loss, round trip, size, rate.
    pub line: Line,
    /// TCP and TLS to the gateway.
    pub way: Way,
    /// What the gateway says of itself.
    pub gateway: Gateway,
    /// Our own service and what it has left.
    pub program: Program,
    /// Session, tunnel, and what is inside it.
    pub inside: Inside,
}

/// The installed profile.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProfileFacts {
    /// Not looked at.
    #[default]
    Unknown,
    /// There is none: nothing beyond the PC and its line can be looked at.
    Missing,
    /// It cannot be read or is not whole, and why.
    Broken(String),
    /// It is whole.
    Good {
        /// Name of the KV.
        organisation: String,
        /// Name of the gateway.
        gateway: String,
        /// Whether it names anchors: without them a dead line and a dead gateway look alike.
        anchors: bool,
    },
}
