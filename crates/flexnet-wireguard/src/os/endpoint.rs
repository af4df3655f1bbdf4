//! The two ends of a way between us and a peer, and how the system is told ours. It opens no socket: that is [`super::udp`].

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

use nix::sys::socket::{ControlMessage, ControlMessageOwned};

/// Where a peer is, and which of our addresses it speaks to: behind a NAT it gets answers from that one only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Endpoint {
    pub remote: SocketAddr,
    /// `None`: any, as the routes say.
    pub local: Option<IpAddr>,
}

impl From<SocketAddr> for Endpoint {
    fn from(remote: SocketAddr) -> Self {
        Self { remote, local: None }
    }
}

/// The address that datagrams are to go from, in the words of a socket's family.
pub(super) enum Source {
    V4(libc::in_pktinfo),
    V6(libc::in6_pktinfo),
}

impl Source {
    /// The interface is left to the routes.
    pub(super) fn new(local: IpAddr, v6_socket: bool) -> Self {
        let v6 = |address: Ipv6Addr| {
            let ipi6_addr = libc::in6_addr { s6_addr: address.octets() };
            Self::V6(libc::in6_pktinfo { ipi6_addr, ipi6_ifindex: 0 })
        };
        match local {
            IpAddr::V4(v4) if v6_socket => v6(v4.to_ipv6_mapped()),
            IpAddr::V4(v4) => {
                let ipi_spec_dst = libc::in_addr { s_addr: u32::from(v4).to_be() };
                Self::V4(libc::in_pktinfo { ipi_ifindex: 0, ipi_spec_dst, ipi_addr: libc::in_addr { s_addr: 0 } })
            }
            IpAddr::V6(address) => v6(address),
        }
    }

    pub(super) fn message(&self) -> ControlMessage<'_> {
        match self {
            Self::V4(info) => ControlMessage::Ipv4PacketInfo(info),
            Self::V6(info) => ControlMessage::Ipv6PacketInfo(info),
        }
    }
}

/// The address that a datagram has come to, if the message is about that.
pub(super) fn local_of(message: &ControlMessageOwned) -> Option<IpAddr> {
    if let ControlMessageOwned::Ipv4PacketInfo(info) = message {
        return Some(Ipv4Addr::from(u32::from_be(info.ipi_spec_dst.s_addr)).into());
    }
    let ControlMessageOwned::Ipv6PacketInfo(info) = message else { return None };
    Some(Ipv6Addr::from(info.ipi6_addr.s6_addr).to_canonical())
}

/// An IPv6 socket wants IPv4 addresses in IPv6's clothes (RFC 4291 §2.5.5.2).
pub(super) fn as_sent(to: SocketAddr, v6_socket: bool) -> SocketAddr {
    match to {
        SocketAddr::V4(v4) if v6_socket => SocketAddrV6::new(v4.ip().to_ipv6_mapped(), v4.port(), 0, 0).into(),
        SocketAddr::V4(_) | SocketAddr::V6(_) => to,
    }
}
