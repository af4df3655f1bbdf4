//! The way to the gateway: TCP, TLS, what it says of itself, and UDP beside it.

use serde::Serialize;

use super::Private;

/// What a TCP connection came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// It stands.
    Open {
        /// After milliseconds.
        ms: u64,
    },
    /// RST.
    Refused,
    /// Nothing in time.
    Silent,
    /// ICMP says no.
    Unreachable(Offender),
    /// This PC itself forbids it (EPERM, EACCES, WSAEACCES, or ICMP from an own address).
    ForbiddenHere,
    /// This PC has no route there.
    NoRoute,
    /// Something else, in technical English.
    Other(String),
}

/// Who sent an ICMP error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Offender {
    /// Its address, where told.
    pub who: Option<Private<std::net::IpAddr>>,
    /// `true` for "administratively prohibited" (RFC 1812 §5.2.7.1, RFC 4443 §3.1).
    pub prohibited: bool,
}

/// TCP and TLS to the gateway.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Way {
    /// Each endpoint of the profile, in its order.
    pub ends: Vec<End>,
    /// TLS to the first endpoint through the proxy that is set here; only where no endpoint was proven without it, and the proxy opened the way.
    pub through_proxy: Option<Tls>,
}

/// One endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct End {
    /// `true` if its address is IPv4.
    pub v4: bool,
    /// TCP.
    pub reach: Reach,
    /// TLS as the product does it (X25519MLKEM768, some 1.5 kB of ClientHello); `None` if TCP did not stand.
    pub tls: Option<Tls>,
    /// TLS with a small ClientHello (X25519, some 500 bytes), a probe that nothing is ever sent over; only where the first one failed.
    pub small_hello: Option<Tls>,
}

/// What a TLS handshake came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tls {
    /// A certificate of the gateway came, and this is what it is.
    Certificate(Certificate),
    /// A fatal alert, by its number (RFC 8446 §6).
    Alert(u8),
    /// The first bytes are no TLS, such as `HTTP/1.1 403`.
    NotTls,
    /// The connection ended before a word.
    Cut,
    /// Nothing in time.
    Silent,
    /// ServerHello came and TLS could not go on, in technical English.
    Broken(String),
}

/// The certificate that was shown, judged against the profile's authority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Certificate {
    /// It ends in the profile's authority (whatever its dates and name).
    pub ours: bool,
    /// Signed by itself, as boxes do.
    pub self_signed: bool,
    /// Its issuer is in the store of this system: a program or an administrator put it there.
    pub trusted_here: bool,
    /// The issuer's common name or organisation: a product, as a rule.
    pub issuer: String,
    /// It has the gateway's name.
    pub names_gateway: bool,
    /// Seconds since 1970 UTC.
    pub not_before: i64,
    /// Seconds since 1970 UTC.
    pub not_after: i64,
    /// Milliseconds for the handshake.
    pub ms: u64,
}

/// What the gateway says of itself (`GET /v1/info` over an endpoint whose certificate is ours, through a proxy where there is no other way).
#[derive(Debug, Clone, Default, Serialize)]
pub struct Gateway {
    /// What came; `None` if no connection stood to ask over.
    pub answer: Option<InfoAnswer>,
}

/// What `/v1/info` came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InfoAnswer {
    /// Ready.
    Ready {
        /// Its version.
        version: String,
        /// The oldest client it takes.
        min_client: String,
        /// `true` if this program is older than that.
        too_old: bool,
    },
    /// Maintenance, and its end where told.
    Maintenance {
        /// Seconds since 1970 UTC.
        until: Option<i64>,
    },
    /// It is being emptied.
    Draining,
    /// Its database is gone.
    Database,
    /// It has more to do than it can.
    Busy,
    /// Another status, or an answer that makes no sense.
    Strange {
        /// The status; 0 if it was not HTTP.
        status: u16,
    },
    /// Nothing in time.
    Silent,
}

/// UDP to the gateway, by its echo (first byte `0xF5`, answered with `0xF4`).
#[derive(Debug, Clone, Default, Serialize)]
pub struct Line {
    /// The quality over the endpoint that answered best; `None` if none was asked.
    pub echo: Option<Echo>,
    /// The gateway offers an echo (by `/v1/info`); `None` if it did not tell. Without one a silent UDP proves nothing.
    pub offered: Option<bool>,
}

/// Echoes to one endpoint.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Echo {
    /// `true` if its address is IPv4.
    pub v4: bool,
    /// Sent.
    pub sent: u32,
    /// Answered.
    pub answered: u32,
    /// Median of the round trips in milliseconds; `None` if nothing came.
    pub round_trip_ms: Option<u32>,
    /// The largest IP packet that came back unbroken, bytes; `None` if sizes were not tried.
    pub largest: Option<u16>,
    /// Of a train of large echoes, kbit/s; `None` if not measured.
    pub kbit_s: Option<u32>,
    /// The system itself refused to send (EPERM), or an own address said so.
    pub forbidden_here: bool,
    /// ICMP says no.
    pub unreachable: Option<Offender>,
}
