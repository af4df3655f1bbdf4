//! A value that checks may use and nobody may read: it serialises and prints as its kind only.

use std::{fmt, net::IpAddr};

use serde::{Serialize, Serializer};

/// Kept from reports, logs and `Debug` by its type. `T` says by [`Kind`] what may be told of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Private<T>(T);

/// What may be told of a private value.
pub trait Kind {
    /// Technical English, such as `private IPv4`.
    fn kind(&self) -> &'static str;
}

impl<T> Private<T> {
    /// Takes a value in.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// For checks and probes. What comes out must not be written anywhere.
    pub const fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T: Kind> Serialize for Private<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.kind())
    }
}

impl<T: Kind> fmt::Debug for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.0.kind())
    }
}

impl Kind for IpAddr {
    fn kind(&self) -> &'static str {
        match self {
            Self::V4(ip) if ip.is_loopback() => "loopback IPv4",
            Self::V4(ip) if ip.is_link_local() => "self-assigned IPv4",
            Self::V4(ip) if ip.is_private() => "private IPv4",
            // RFC 6598 §7: between a provider's own translator and the member.
            Self::V4(ip) if ip.octets()[0] == 100 && (64..128).contains(&ip.octets()[1]) => "shared IPv4",
            Self::V4(_) => "public IPv4",
            Self::V6(ip) if ip.is_loopback() => "loopback IPv6",
            Self::V6(ip) if ip.is_unicast_link_local() => "link-local IPv6",
            Self::V6(ip) if ip.is_unique_local() => "unique local IPv6",
            Self::V6(_) => "global IPv6",
        }
    }
}

impl Kind for ipnet::IpNet {
    fn kind(&self) -> &'static str {
        self.addr().kind()
    }
}

impl Kind for String {
    fn kind(&self) -> &'static str {
        "removed"
    }
}
