//! The PC's own network: what it is plugged into, up to the router.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::Serialize;

use super::Private;

/// Adapters, addresses, routes, router.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Network {
    /// All but the loopback. `None`: the system did not tell.
    pub adapters: Option<Vec<Adapter>>,
    /// Default routes.
    pub routes: Option<Routes>,
    /// Whether the router lives.
    pub router: Option<Router>,
    /// What leads to the gateway's endpoints, asked of the system's own table.
    pub to_gateway: Option<Leads>,
    /// What leads to the portal's networks.
    pub to_portal: Option<Leads>,
    /// Whether a network that the PC stands in has addresses of the portal's networks (our own device aside).
    pub overlaps_portal: Option<bool>,
    /// Routes of a KV-SafeNet router or a connector of the practice: into networks known for these, or to the KV-SafeNet names.
    pub safenet_route: Option<bool>,
}

/// What an adapter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AdapterKind {
    /// A cable.
    Cable,
    /// Wi-Fi.
    Wifi,
    /// UMTS, LTE, 5G, a surf stick, a telephone by USB.
    Mobile,
    /// Point to point over telephone or PPPoE.
    Ppp,
    /// A tunnel that is not ours: tun, wireguard, ipsec, and what a product names so.
    ForeignVpn,
    /// Ours.
    Ours,
    /// Of virtual machines and containers.
    Virtual,
    /// Something else.
    Other,
}

/// One adapter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Adapter {
    /// The system's name of it, or the product's; never a name that a person gave.
    pub name: String,
    /// What it is.
    pub kind: AdapterKind,
    /// Switched on.
    pub up: bool,
    /// It has a link: a plugged cable, a joined Wi-Fi.
    pub carrier: bool,
    /// Its addresses with their networks.
    pub addresses: Vec<Private<IpNet>>,
    /// Another device on the wire has one of them (RFC 4862 §5.4, RFC 5227).
    pub duplicate: bool,
    /// Signal of the Wi-Fi in percent, where told.
    pub signal: Option<u8>,
}

/// Default routes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Routes {
    /// Router of IPv4.
    pub v4: Option<Private<IpAddr>>,
    /// Router of IPv6.
    pub v6: Option<Private<IpAddr>>,
    /// There is a default route of IPv4, with or without a router (point to point).
    pub default_v4: bool,
    /// The same of IPv6.
    pub default_v6: bool,
}

/// Whether the router lives. Asked by TCP to its ports 53 and 80, where a refusal is life, and by packets that end there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Router {
    /// It answered.
    Alive,
    /// It was silent on everything.
    Silent,
}

/// What leads somewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Leads {
    /// An adapter of the kind that one expects: to the gateway not a tunnel, to the portal ours.
    Right,
    /// No way at all.
    Nowhere,
    /// Somebody else's tunnel or adapter, by its name.
    Foreign(String),
    /// Only with a session: the portal's networks leave by the ordinary adapter.
    Beside,
}
