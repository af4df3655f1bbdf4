//! What the network said to a packet of ours, and what a UDP packet to the same place brings to light of who said it.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket as Bindable},
    time::Duration,
};

use socket2::SockRef;
use tokio::{
    net::UdpSocket,
    time::{sleep, timeout},
};

use crate::{
    facts::{Offender, Private, Reach},
    os,
};

/// Routers ration ICMP (RFC 1812 §4.3.2.8): one question may stay without its answer.
const ASKED: u32 = 3;
const GAP: Duration = Duration::from_millis(300);

/// An ICMP error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Told {
    /// Who sent it; `None` where the system does not tell, or says so itself.
    pub(crate) from: Option<IpAddr>,
    /// What it says.
    pub(crate) what: What,
}

/// What an ICMP error says.
#[allow(dead_code, reason = "not every system hands ICMP errors on")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// Time to live ran out.
    Expired,
    /// Larger than the next link.
    TooBig,
    /// Nobody at that port.
    Port,
    /// Administratively prohibited.
    Prohibited,
    /// The neighbour does not answer.
    Host,
    /// Any other reason for not being reachable.
    Other,
}

impl Told {
    /// What it means for a connection to `end`; `None` if it means nothing for it.
    pub(crate) fn means(self, end: SocketAddr) -> Option<Reach> {
        let own = self.from.is_some_and(is_own);
        match self.what {
            What::TooBig => None,
            // The own system says so of a neighbour that is silent: that is silence.
            What::Host if own || self.from.is_none() => Some(Reach::Silent),
            What::Port if self.from.is_some_and(|from| from.to_canonical() == end.ip().to_canonical()) => {
                Some(Reach::Refused)
            }
            What::Port | What::Prohibited | What::Other if own => Some(Reach::ForbiddenHere),
            What::Expired | What::Port | What::Prohibited | What::Host | What::Other => {
                Some(Reach::Unreachable(self.offender()))
            }
        }
    }

    /// For the facts.
    pub(crate) fn offender(self) -> Offender {
        Offender { who: self.from.map(Private::new), prohibited: self.what == What::Prohibited }
    }
}

/// Only what is this PC's own can be bound.
pub(crate) fn is_own(ip: IpAddr) -> bool {
    Bindable::bind((ip, 0)).is_ok()
}

/// A UDP socket that talks to `end` only and keeps its ICMP errors.
pub(crate) async fn socket(end: SocketAddr) -> io::Result<UdpSocket> {
    let any: IpAddr = if end.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0)).await?;
    os::icmp::listen(&SockRef::from(&socket), end.is_ipv4())?;
    socket.connect(end).await?;
    Ok(socket)
}

/// Who says no on the way to `end`, by a few UDP packets there. Takes at most [`ASKED`] times [`GAP`].
pub(crate) async fn offender(end: SocketAddr) -> Option<Told> {
    if !os::icmp::TELLS {
        return None;
    }
    let socket = socket(end).await.ok()?;
    let mut answer = [0; 64];
    for _ in 0..ASKED {
        // A refusal of an earlier packet may come as this one's error.
        let sent = socket.send(&[0xf5]).await;
        if sent.is_ok() && !matches!(timeout(GAP, socket.recv(&mut answer)).await, Ok(Err(_))) {
            continue;
        }
        while let Some(told) = os::icmp::take(&SockRef::from(&socket)) {
            // Nobody at UDP port 443 says nothing of TCP.
            if !matches!(told.means(end), None | Some(Reach::Refused)) {
                return Some(told);
            }
        }
        if sent.is_err() {
            sleep(GAP).await;
        }
    }
    None
}

/// Whether this PC's own rules keep UDP from `end`.
pub(crate) async fn is_forbidden(end: SocketAddr) -> bool {
    let Ok(socket) = socket(end).await else { return false };
    socket.send(&[0xf5]).await.is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
}
