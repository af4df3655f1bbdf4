//! Beyond the router: the internet, what wants a log-in first, and proxies.

use serde::Serialize;

use super::Reach;

/// Internet, captive portal, proxy.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Outside {
    /// Each anchor of the profile: plain HTTP on its literal address.
    pub anchors: Vec<Anchor>,
    /// Plain HTTP on port 80 of the gateway's own addresses, which answers 200 and a text that begins with `kv-flexnet`.
    pub gateway_plain: Option<Plain>,
    /// The farthest hop that told of itself towards the gateway, 1 is the router; 0 nobody did. `None`: not asked.
    pub last_hop: Option<u8>,
    /// A proxy that is set on this PC (environment, system, PAC of the system).
    pub proxy: Option<Proxy>,
    /// A proxy that the network announces and nobody set here (WPAD by DNS or DHCP).
    pub announced_proxy: Option<Proxy>,
}

/// One anchor: a host of the KV that answers `204 No Content` on plain HTTP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Anchor {
    /// `true` if its address is IPv4.
    pub v4: bool,
    /// What TCP came to.
    pub reach: Reach,
    /// What HTTP came to; `None` if TCP did not.
    pub plain: Option<Plain>,
}

/// What answered on plain HTTP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Plain {
    /// What must answer there.
    Expected,
    /// A redirection somewhere else (302, 303, 307, 308), or 511 (RFC 6585 §6).
    LogIn {
        /// The status.
        status: u16,
    },
    /// A page of somebody else.
    Page {
        /// The status.
        status: u16,
    },
    /// Something that is not HTTP, or the end of the connection.
    Cut,
    /// Nothing in time.
    Silent,
    /// TCP did not come to stand.
    Unreached(Reach),
}

/// A proxy and what a CONNECT to the gateway through it came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proxy {
    /// Where it was found: `environment`, `system`, `pac`, `wpad`. Never its address.
    pub source: String,
    /// What it said.
    pub answer: ProxyAnswer,
}

/// What a proxy said to CONNECT.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProxyAnswer {
    /// The way is open.
    Open,
    /// 407.
    WantsPassword,
    /// Another status.
    Refuses {
        /// The status.
        status: u16,
    },
    /// It is not there.
    Unreached(Reach),
    /// It is there and says nothing.
    Silent,
    /// Its address makes no sense.
    BadAddress,
}
