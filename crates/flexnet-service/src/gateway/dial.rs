//! TCP to the first endpoint that answers: the families take turns with a head start (RFC 8305 §5), literal addresses only.
//! Behind them, with a head start of its own, the system's proxy.

use std::{io, net::SocketAddr, time::Duration};

use flexnet_protocol::{Fault, FaultCode};
use tokio::{
    net::{TcpSocket, TcpStream},
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};

use super::{
    TCP_LIMIT,
    proxy::{Known, Proxy},
};
use crate::os;

/// Head start of each endpoint over the next (RFC 8305 §8, Connection Attempt Delay).
const HEAD_START: Duration = Duration::from_millis(250);

/// Head start of all endpoints over a proxy.
const DIRECT: Duration = Duration::from_millis(500);

/// Bytes of TCP in a packet of 1280 bytes, the least that a line must carry for IPv6 (RFC 8200 §5): less IPv6's and TCP's headers.
const SEGMENT: u32 = 1280 - 40 - 20;

/// A connection, and whether a proxy made it.
#[derive(Debug)]
pub(super) struct Dialled {
    pub(super) stream: TcpStream,
    pub(super) by_proxy: bool,
}

/// The first connection that stands; the others are dropped.
///
/// # Errors
/// The most telling failure: a refusal before silence, silence before no way at all.
pub(super) async fn dial(
    name: &str,
    endpoints: &[SocketAddr],
    proxies: &[Proxy],
    known: &Known,
) -> Result<Dialled, Fault> {
    let mut tries = JoinSet::new();
    // Dropped with the last direct try.
    let (trying, mut all_failed) = watch::channel(());
    for (place, endpoint) in in_turns(endpoints).into_iter().enumerate() {
        let wait = HEAD_START.saturating_mul(u32::try_from(place).unwrap_or(u32::MAX));
        let trying = trying.clone();
        tries.spawn(async move {
            sleep(wait).await;
            let tried = connect(endpoint).await;
            drop(trying);
            Ok(Dialled { stream: tried?, by_proxy: false })
        });
    }
    drop(trying);
    for proxy in proxies {
        // Where it was before comes first: under `exclusive` its name can be asked for in the tunnel only, which may need the proxy to rise.
        let before = known.ends(proxy);
        let places = before.iter().map(|end| Some(*end)).chain([None]);
        for (end, wait) in places.zip((0..).map(|place| HEAD_START.saturating_mul(place))) {
            let (proxy, name, endpoints) = (proxy.clone(), name.to_owned(), endpoints.to_vec());
            let (known, before, mut all_failed) = (known.clone(), before.clone(), all_failed.clone());
            tries.spawn(async move {
                // An error: nobody tries any more.
                drop(timeout(DIRECT, all_failed.changed()).await);
                let stream = match end {
                    Some(end) => {
                        sleep(wait).await;
                        proxy.connect(&[end], &name, &endpoints).await?
                    }
                    None => proxy.connect(&known.others(&proxy, &before).await?, &name, &endpoints).await?,
                };
                Ok(Dialled { stream, by_proxy: true })
            });
        }
    }
    all_failed.mark_unchanged();
    let mut worst: Option<Fault> = None;
    while let Some(done) = tries.join_next().await {
        match done {
            Ok(Ok(dialled)) => return Ok(dialled),
            Ok(Err(fault)) => worst = Some(more_telling(worst, fault)),
            Err(_) => {}
        }
    }
    Err(worst.unwrap_or_else(|| Fault::new(FaultCode::GatewayUnreachable, "no endpoint")))
}

async fn connect(endpoint: SocketAddr) -> Result<TcpStream, Fault> {
    match timeout(TCP_LIMIT, connect_any(&[endpoint])).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) => Err(Fault::new(code(&error), format!("{endpoint}: {error}"))),
        Err(_) => Err(Fault::new(FaultCode::GatewaySilent, format!("{endpoint}: no answer to TCP"))),
    }
}

/// TCP to the first of these that takes it, whose segments pass wherever IPv6 does: a black hole for large packets would swallow the gateway's
/// certificate, and with it everything.
pub(super) async fn connect_any(ends: &[SocketAddr]) -> io::Result<TcpStream> {
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for &end in ends {
        let socket = if end.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        os::keep_segments_small(&socket, SEGMENT);
        os::mark_as_ours(&socket);
        match socket.connect(end).await {
            Ok(stream) => {
                // The calls are single small writes; waiting for more costs a round trip.
                drop(stream.set_nodelay(true));
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn code(error: &io::Error) -> FaultCode {
    if error.kind() == io::ErrorKind::ConnectionRefused {
        FaultCode::GatewayRefuses
    } else if matches!(error.kind(), io::ErrorKind::TimedOut) {
        FaultCode::GatewaySilent
    } else {
        FaultCode::GatewayUnreachable
    }
}

fn more_telling(before: Option<Fault>, now: Fault) -> Fault {
    const ORDER: [FaultCode; 4] =
        [FaultCode::GatewaySilent, FaultCode::GatewayRefuses, FaultCode::ProxyFails, FaultCode::ProxyWantsPassword];
    let rank = |fault: &Fault| ORDER.iter().position(|code| *code == fault.code);
    match before {
        Some(before) if rank(&before) >= rank(&now) => before,
        _ => now,
    }
}

/// IPv6 and IPv4 by turns, each family in the profile's order.
fn in_turns(endpoints: &[SocketAddr]) -> Vec<SocketAddr> {
    let (mut v6, mut v4) = (endpoints.iter().filter(|e| e.is_ipv6()), endpoints.iter().filter(|e| e.is_ipv4()));
    let mut order = Vec::with_capacity(endpoints.len());
    while order.len() < endpoints.len() {
        order.extend(v6.next());
        order.extend(v4.next());
    }
    order
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;

    use super::*;

    fn at(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn families_take_turns() {
        let order = in_turns(&[at("192.0.2.1:443"), at("192.0.2.2:443"), at("[2001:db8::1]:443")]);
        assert_eq!(order, [at("[2001:db8::1]:443"), at("192.0.2.1:443"), at("192.0.2.2:443")]);
    }

    #[tokio::test]
    async fn a_refusal_tells_more_than_a_missing_way() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let fault = dial("flexnet.example", &[free], &[], &Known::default()).await.unwrap_err();
        assert_eq!(fault.code, FaultCode::GatewayRefuses, "{fault}");
        let silent = Fault::from(FaultCode::GatewaySilent);
        let none = Fault::from(FaultCode::GatewayUnreachable);
        assert_eq!(more_telling(Some(none), silent.clone()), silent);
        assert_eq!(more_telling(Some(silent), fault.clone()), fault);
    }

    #[tokio::test]
    async fn one_dead_endpoint_does_not_hold_up_the_other() {
        let dead = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let alive = listener.local_addr().unwrap();
        let dialled = dial("flexnet.example", &[dead, alive], &[], &Known::default()).await.unwrap();
        assert_eq!(dialled.stream.peer_addr().unwrap(), alive);
    }

    #[tokio::test]
    async fn a_proxy_whose_name_cannot_be_asked_for_any_more_is_found_where_it_was() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let end = listener.local_addr().unwrap();
        let proxy = Proxy::parse("http://proxy.invalid:3128").unwrap();
        let fault = dial("flexnet.example", &[], std::slice::from_ref(&proxy), &Known::default()).await.unwrap_err();
        assert_eq!(fault.code, FaultCode::ProxyFails, "{fault}");
        let willing = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            stream
        });
        let known = Known::of(vec![(proxy.clone(), end)]);
        let dialled = dial("flexnet.example", &[], &[proxy], &known).await.unwrap();
        assert_eq!((dialled.by_proxy, dialled.stream.peer_addr().unwrap()), (true, end));
        drop(willing);
    }

    #[tokio::test]
    async fn no_endpoint_is_a_fault_and_not_a_hang() {
        let dialled = dial("flexnet.example", &[], &[], &Known::default()).await;
        assert_eq!(dialled.unwrap_err().code, FaultCode::GatewayUnreachable);
    }
}
