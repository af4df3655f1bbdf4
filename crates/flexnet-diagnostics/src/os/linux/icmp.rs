//! The error queue of a socket (`ip(7)`, `ipv6(7)`: `IP_RECVERR`): who said no to a packet, told to everybody without a privilege.

use std::{
    io::{self, IoSliceMut},
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    os::fd::AsRawFd as _,
};

use nix::{
    libc::{SO_EE_ORIGIN_ICMP, SO_EE_ORIGIN_ICMP6, SO_EE_ORIGIN_LOCAL, sock_extended_err, sockaddr_in, sockaddr_in6},
    sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt},
};
use rustix::net::sockopt::{Ipv4PathMtuDiscovery, Ipv6PathMtuDiscovery, set_ip_mtu_discover, set_ipv6_mtu_discover};
use socket2::Socket;

use crate::collect::icmp::{Told, What};

/// The error of `connect` of a socket that does not wait.
pub(crate) const UNDER_WAY: i32 = nix::libc::EINPROGRESS;

/// Whether [`take`] can ever tell.
pub(crate) const TELLS: bool = true;

/// Asks the system to keep ICMP errors of this socket, and to end a waiting `connect` by them: otherwise TCP waits until its own time is up.
pub(crate) fn listen(socket: &Socket, v4: bool) -> io::Result<()> {
    if v4 {
        setsockopt(socket, sockopt::Ipv4RecvErr, &true)?;
    } else {
        setsockopt(socket, sockopt::Ipv6RecvErr, &true)?;
    }
    Ok(())
}

/// Sends whole packets only, of whatever size the system believes the way to bear.
pub(crate) fn never_in_fragments(socket: &Socket, v4: bool) -> io::Result<()> {
    if v4 {
        set_ip_mtu_discover(socket, Ipv4PathMtuDiscovery::PROBE)?;
    } else {
        set_ipv6_mtu_discover(socket, Ipv6PathMtuDiscovery::PROBE)?;
    }
    Ok(())
}

/// The oldest error that is kept, if any.
pub(crate) fn take(socket: &Socket) -> Option<Told> {
    let mut quoted = [0; 512];
    let mut slices = [IoSliceMut::new(&mut quoted)];
    let mut space = nix::cmsg_space!(sock_extended_err, sockaddr_in6);
    let flags = MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT;
    let message = recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut slices, Some(&mut space), flags).ok()?;
    message.cmsgs().ok()?.find_map(|control| {
        if let ControlMessageOwned::Ipv4RecvErr(error, from) = control {
            Some(told(&error, from.and_then(v4_address), what_v4(error.ee_type, error.ee_code)))
        } else if let ControlMessageOwned::Ipv6RecvErr(error, from) = control {
            Some(told(&error, from.and_then(v6_address), what_v6(error.ee_type, error.ee_code)))
        } else {
            None
        }
    })
}

fn told(error: &sock_extended_err, from: Option<IpAddr>, by_network: What) -> Told {
    match error.ee_origin {
        SO_EE_ORIGIN_ICMP | SO_EE_ORIGIN_ICMP6 => Told { from, what: by_network },
        // The only thing that the own system says here: larger than what it knows of the way.
        SO_EE_ORIGIN_LOCAL if error.ee_errno == nix::libc::EMSGSIZE.unsigned_abs() => {
            Told { from: None, what: What::TooBig }
        }
        _ => Told { from: None, what: What::Other },
    }
}

/// RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1.
const fn what_v4(kind: u8, code: u8) -> What {
    match (kind, code) {
        (11, _) => What::Expired,
        (3, 4) => What::TooBig,
        (3, 3) => What::Port,
        (3, 9 | 10 | 13) => What::Prohibited,
        (3, 1) => What::Host,
        _ => What::Other,
    }
}

/// RFC 4443 §3.
const fn what_v6(kind: u8, code: u8) -> What {
    match (kind, code) {
        (3, _) => What::Expired,
        (2, _) => What::TooBig,
        (1, 4) => What::Port,
        (1, 1 | 5 | 6) => What::Prohibited,
        (1, 3) => What::Host,
        _ => What::Other,
    }
}

fn v4_address(from: sockaddr_in) -> Option<IpAddr> {
    (i32::from(from.sin_family) == nix::libc::AF_INET)
        .then(|| Ipv4Addr::from(u32::from_be(from.sin_addr.s_addr)).into())
}

fn v6_address(from: sockaddr_in6) -> Option<IpAddr> {
    (i32::from(from.sin6_family) == nix::libc::AF_INET6).then(|| Ipv6Addr::from(from.sin6_addr.s6_addr).into())
}
