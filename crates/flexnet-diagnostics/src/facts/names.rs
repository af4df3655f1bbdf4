//! The name service, asked directly: each resolver of the system, over UDP, and over TCP where UDP fails.

use serde::Serialize;

/// The name service.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Names {
    /// The resolvers that the system would ask, in its order. `Some(vec![])`: none is set. `None`: the system did not tell.
    pub resolvers: Option<Vec<Resolver>>,
    /// All resolvers of the system lie in the portal's networks, because our service keeps names during a session: they are not asked here.
    pub inside_only: bool,
    /// A line of the hosts file has the gateway's name with an address that is not the gateway's.
    pub hosts_file: Option<bool>,
    /// What the system itself makes of the gateway's name, as every program asks it.
    pub system: Option<Answer>,
    /// A NAT64 prefix is told (AAAA of ipv4only.arpa, RFC 7050).
    pub nat64: Option<bool>,
}

/// One resolver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Resolver {
    /// Where it stands.
    pub place: Place,
    /// What it says of the gateway's name (A and AAAA taken together, the better one).
    pub gateway: Answer,
    /// What it says of a name that must exist (`ipv4only.arpa` A): tells a resolver that has nothing from one that lacks ours.
    pub other: Answer,
    /// Milliseconds until the first answer.
    pub ms: Option<u64>,
}

/// Where a resolver stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// On this PC (a stub).
    ThisPc,
    /// The router, or a host of a network that the PC stands in.
    Near,
    /// A private address beyond: a rest of some VPN, as a rule.
    ForeignPrivate,
    /// The internet.
    Internet,
}

/// What a resolver made of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// At least one of the profile's addresses (of the other name: any address), or its translation by NAT64.
    Right,
    /// Addresses, and none of them the profile's.
    Wrong,
    /// No address, `0.0.0.0`, `::` or loopback: a filter.
    Blocked,
    /// NXDOMAIN.
    NoSuchName,
    /// SERVFAIL.
    Failure,
    /// REFUSED or NOTIMP, or the port is closed (ICMP, RST).
    Refused,
    /// Truncated, and TCP is dead.
    Truncated,
    /// Something that is no answer.
    Garbage,
    /// Nothing in time, neither over UDP nor TCP.
    Silent,
}
