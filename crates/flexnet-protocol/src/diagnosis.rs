//! What a diagnosis says: one cause, what stands beside it, and how far the way is sound.

use serde::{Deserialize, Serialize};

use crate::FaultCode;

/// The whole judgement of one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// What must be mended first. `None`: nothing stops a connection.
    pub first: Option<Finding>,
    /// Works, but somebody should look. Only what no cause explains.
    pub hints: Vec<Finding>,
    /// Later findings that `first` does not explain: the next things to mend, in the order of the way.
    pub later: Vec<Finding>,
    /// What was seen as well and follows from `first`, for the desk.
    pub explained: Vec<Finding>,
    /// The six points of the way, in their order.
    pub way: Vec<Point>,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The entry of the catalogue.
    pub code: FaultCode,
    /// The name of a product, an adapter or a program that the member's text names; empty where it has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub subject: String,
    /// What was seen, for the desk: technical English without any address or name of a person.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

/// A point of the way, as the member sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// This PC, our program on it included.
    Pc,
    /// Adapter, address, router.
    Network,
    /// Internet, proxies, names, quality of the line.
    Internet,
    /// The way to the gateway: TCP, TLS, its readiness, UDP.
    Way,
    /// Sign-in and tunnel.
    SignIn,
    /// What is inside.
    Portal,
}

impl Place {
    /// In the order of the way.
    pub const ALL: [Self; 6] = [Self::Pc, Self::Network, Self::Internet, Self::Way, Self::SignIn, Self::Portal];
}

/// A point and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// Which.
    pub place: Place,
    /// How it stands.
    pub state: PointState,
    /// Checks that found nothing.
    pub good: u8,
    /// Checks of this point that were looked at.
    pub looked: u8,
}

/// How a point stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PointState {
    /// In order.
    Good,
    /// Works, please look.
    Care,
    /// Here it breaks.
    Broken,
    /// Not judged, because of a point before it, or because there is nothing to look at (no session).
    Open,
}

/// One check: what the member sees go by, and the unit of [`Point::looked`]. The words are `check-NAME` of the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// The PC's clock against the gateway's.
    Clock,
    /// The operating system and its updates.
    System,
    /// Virus scanner and firewall.
    Protection,
    /// Room and rights for settings, handles.
    Room,
    /// The store of keys.
    Keyring,
    /// The service: installed, running, its version, who serves.
    Service,
    /// Leftovers of an earlier session.
    Leftovers,
    /// The rule of the stand-alone PC.
    StandAlone,
    /// Adapters and their links.
    Adapter,
    /// Addresses.
    Address,
    /// Default route, router, other VPNs.
    Router,
    /// The internet.
    Internet,
    /// A log-in page in front of it.
    CaptivePortal,
    /// Proxies.
    Proxy,
    /// The name service.
    Names,
    /// Loss, round trip, rate.
    Quality,
    /// How large packets may be.
    PacketSize,
    /// TCP 443 to the gateway.
    Reach,
    /// TLS.
    Tls,
    /// The gateway's readiness.
    Gateway,
    /// UDP to the gateway.
    Udp,
    /// The last sign-in and the account.
    SignIn,
    /// The tunnel.
    Tunnel,
    /// Names inside.
    InnerNames,
    /// The portal.
    Portal,
}

impl Check {
    /// In the order of the way.
    pub const ALL: [Self; 25] = [
        Self::Clock,
        Self::System,
        Self::Protection,
        Self::Room,
        Self::Keyring,
        Self::Service,
        Self::Leftovers,
        Self::StandAlone,
        Self::Adapter,
        Self::Address,
        Self::Router,
        Self::Internet,
        Self::CaptivePortal,
        Self::Proxy,
        Self::Names,
        Self::Quality,
        Self::PacketSize,
        Self::Reach,
        Self::Tls,
        Self::Gateway,
        Self::Udp,
        Self::SignIn,
        Self::Tunnel,
        Self::InnerNames,
        Self::Portal,
    ];

    /// The point that it belongs to.
    pub const fn place(self) -> Place {
        match self {
            Self::Clock
            | Self::System
            | Self::Protection
            | Self::Room
            | Self::Keyring
            | Self::Service
            | Self::Leftovers
            | Self::StandAlone => Place::Pc,
            Self::Adapter | Self::Address | Self::Router => Place::Network,
            Self::Internet | Self::CaptivePortal | Self::Proxy | Self::Names | Self::Quality | Self::PacketSize => {
                Place::Internet
            }
            Self::Reach | Self::Tls | Self::Gateway | Self::Udp => Place::Way,
            Self::SignIn | Self::Tunnel => Place::SignIn,
            Self::InnerNames | Self::Portal => Place::Portal,
        }
    }
}
