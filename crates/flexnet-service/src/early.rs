//! The tunnel's keys, made before the entry is sent, and what its first packet needs to travel beside it.
//! WireGuard's initiation holds no preshared key, so sign-in and handshake can share one round trip. Sends nothing itself: `os/` does.

use std::{fmt, net::SocketAddr};

use flexnet_protocol::{
    Fault, FaultCode, Key,
    gateway::{TunnelGrant, TunnelHint},
};
use flexnet_wireguard::PrivateKey;
use ipnet::IpNet;

use crate::session::random;

/// More endpoints than this is no hint but noise.
const MAX_ENDPOINTS: usize = 16;

/// The keys of one tunnel. Never written down.
#[derive(Clone)]
pub struct TunnelKeys {
    /// Of this PC.
    pub private_key: PrivateKey,
    /// Shared with the gateway over TLS.
    pub preshared_key: Key,
}

impl TunnelKeys {
    /// Fresh ones.
    ///
    /// # Errors
    /// [`FaultCode::Internal`]: the system has no random numbers.
    pub fn generate() -> Result<Self, Fault> {
        let private_key = PrivateKey::generate().map_err(|e| Fault::new(FaultCode::Internal, e.to_string()))?;
        Ok(Self { private_key, preshared_key: Key::new(random()?) })
    }
}

impl fmt::Debug for TunnelKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TunnelKeys(***)")
    }
}

/// Enough to send the tunnel's first packet before the gateway has granted anything.
#[derive(Debug, Clone)]
pub struct Early {
    /// Of the tunnel that is asked for.
    pub keys: TunnelKeys,
    /// Where the gateway says it is: at least one endpoint, all of them possible.
    pub hint: TunnelHint,
}

impl Early {
    /// Nothing if the hint cannot be right: the handshake then waits for the grant.
    pub fn new(keys: TunnelKeys, hint: TunnelHint, portal: &[IpNet]) -> Option<Self> {
        let possible = |end: &SocketAddr| {
            let ip = end.ip().to_canonical();
            let broadcast = matches!(ip, std::net::IpAddr::V4(v4) if v4.is_broadcast());
            end.port() != 0
                && !ip.is_unspecified()
                && !ip.is_multicast()
                && !broadcast
                && !portal.iter().any(|network| network.contains(&ip))
        };
        let count = hint.endpoints.len();
        let good = (1..=MAX_ENDPOINTS).contains(&count)
            && hint.endpoints.iter().all(possible)
            && hint.public_key.bytes() != &[0; 32];
        good.then_some(Self { keys, hint })
    }

    /// Whether this is the tunnel that was granted, so that its handshake counts.
    pub fn fits(&self, grant: &TunnelGrant, private_key: &PrivateKey) -> bool {
        self.hint.public_key == grant.gateway_public_key
            && self.keys.preshared_key == grant.preshared_key
            && self.keys.private_key.public_key() == private_key.public_key()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn early(key: u8, endpoints: &[&str]) -> Option<Early> {
        let endpoints = endpoints.iter().map(|text| text.parse().unwrap()).collect();
        let hint = TunnelHint { public_key: Key::new([key; 32]), endpoints };
        let portal = ["10.210.0.0/24".parse().unwrap(), "2001:db8:210::/64".parse().unwrap()];
        Early::new(TunnelKeys::generate().unwrap(), hint, &portal)
    }

    #[test]
    fn a_hint_that_cannot_be_right_sends_nothing() {
        assert!(early(1, &["203.0.113.10:51820", "[2001:db8::10]:51820"]).is_some());
        assert!(early(0, &["203.0.113.10:51820"]).is_none());
        assert!(early(1, &[]).is_none());
        let wrong = ["10.210.0.5:51820", "[::ffff:10.210.0.5]:1", "[2001:db8:210::1]:1", "203.0.113.10:0", "0.0.0.0:1"];
        for end in wrong.into_iter().chain(["224.0.0.1:1", "255.255.255.255:1"]) {
            assert!(early(1, &["203.0.113.10:51820", end]).is_none(), "{end}");
        }
        assert!(early(1, &["203.0.113.10:51820"; 17]).is_none());
    }

    #[test]
    fn keys_are_fresh_and_never_shown() {
        let (one, other) = (TunnelKeys::generate().unwrap(), TunnelKeys::generate().unwrap());
        assert_ne!(one.preshared_key, other.preshared_key);
        assert_eq!(format!("{one:?}"), "TunnelKeys(***)");
    }
}
