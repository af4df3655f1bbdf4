//! A TCP connection, and why there is none.

use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
    time::{Duration, Instant},
};

use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::{net::TcpStream, time::timeout};

use super::icmp;
use crate::{
    facts::{Offender, Reach},
    os,
};

/// Connects within `limit`. After a refusal by ICMP it takes up to 0.9 s more to learn who refuses.
pub(crate) async fn connect(end: SocketAddr, limit: Duration) -> (Reach, Option<TcpStream>) {
    let began = Instant::now();
    let stream = match begin(end) {
        Ok(stream) => stream,
        Err(error) => return (refused_at_once(&error), None),
    };
    let error = match timeout(limit, outcome(&stream)).await {
        Err(_) => return (Reach::Silent, None),
        Ok(Ok(())) => {
            let ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
            return (Reach::Open { ms }, Some(stream));
        }
        Ok(Err(error)) => error,
    };
    if let Some(reach) = told(&stream).and_then(|told| told.means(end)) {
        return (reach, None);
    }
    (refused_later(&error, end).await, None)
}

/// Sends the first packet, or says at once why it cannot.
fn begin(end: SocketAddr) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(end), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    os::icmp::listen(&socket, end.is_ipv4())?;
    match socket.connect(&end.into()) {
        Ok(()) => {}
        Err(error) if error.raw_os_error() == Some(os::icmp::UNDER_WAY) => {}
        Err(error) => return Err(error),
    }
    TcpStream::from_std(socket.into())
}

async fn outcome(stream: &TcpStream) -> io::Result<()> {
    stream.writable().await?;
    match stream.take_error()? {
        Some(error) => Err(error),
        None => stream.peer_addr().map(|_| ()),
    }
}

fn told(stream: &TcpStream) -> Option<icmp::Told> {
    os::icmp::take(&SockRef::from(stream))
}

/// The own route table and the own rules speak at once.
fn refused_at_once(error: &io::Error) -> Reach {
    let kind = error.kind();
    // Linux says "invalid" of a route of kind `blackhole`.
    if is_unreachable(kind) || matches!(kind, ErrorKind::AddrNotAvailable | ErrorKind::InvalidInput) {
        Reach::NoRoute
    } else if kind == ErrorKind::PermissionDenied {
        Reach::ForbiddenHere
    } else if kind == ErrorKind::ConnectionRefused {
        Reach::Refused
    } else {
        Reach::Other(kind.to_string())
    }
}

async fn refused_later(error: &io::Error, end: SocketAddr) -> Reach {
    let kind = error.kind();
    // Linux makes "denied" of ICMPv6 "prohibited"; other systems only of their own rules.
    let denied = kind == ErrorKind::PermissionDenied;
    if matches!(kind, ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset) {
        Reach::Refused
    } else if kind == ErrorKind::TimedOut {
        Reach::Silent
    } else if is_unreachable(kind) || (denied && os::icmp::TELLS) {
        named(end, denied).await
    } else if denied {
        Reach::ForbiddenHere
    } else {
        Reach::Other(kind.to_string())
    }
}

const fn is_unreachable(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown)
}

async fn named(end: SocketAddr, prohibited: bool) -> Reach {
    let told = icmp::offender(end).await;
    told.and_then(|told| told.means(end)).unwrap_or(Reach::Unreachable(Offender { who: None, prohibited }))
}

#[cfg(test)]
mod tests;
