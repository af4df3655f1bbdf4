//! The way to what members want to reach: a route, the portal's servers, the name servers inside. What others do not answer is a warning and no error:
//! a server may be down for a moment, or let in members' addresses and not this host's own, from which is asked here.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use futures_util::future::join_all;
use ipnet::IpNet;
use tokio::{
    net::{TcpStream, UdpSocket},
    time::timeout,
};

use super::{PATIENCE, findings::Findings};
use crate::{config::Portal, portal_hosts, seal};

const DNS: u16 = 53;
/// How often a name server is asked, because a datagram may be lost.
const TRIES: u32 = 2;
const NO_SUCH_NAME: u8 = 3;

/// Looks at it.
pub(super) async fn look(found: &mut Findings, portal: &Portal) {
    look_at(found, portal, DNS).await;
}

async fn look_at(found: &mut Findings, portal: &Portal, dns: u16) {
    for network in &portal.networks {
        let to = network.hosts().next().unwrap_or(network.addr());
        route(found, *network, source(to).await, source(nobodys(to)).await.ok());
    }
    if portal.addresses.is_empty() {
        found.note("portal.addresses is empty: whether a portal server answers was not checked");
    }
    let name = asked_for(portal);
    let connect = async |address: SocketAddr| (address, timeout(PATIENCE, TcpStream::connect(address)).await);
    let ask = async |server: IpAddr| (server, rcode(SocketAddr::new(server, dns), name).await);
    let servers = join_all(portal.addresses.iter().map(|address| connect(*address)));
    let name_servers = join_all(portal.dns_servers.iter().map(|server| ask(*server)));
    let (servers, name_servers) = tokio::join!(servers, name_servers);
    for (address, answer) in servers {
        match answer {
            Ok(Ok(_)) => found.fine(format!("portal.addresses: {address} takes connections")),
            Ok(Err(error)) => found.warning(format!("portal.addresses: {address} takes no connection: {error}")),
            Err(_) => found.warning(format!("portal.addresses: {address} is silent when asked from this host")),
        }
    }
    for (server, answer) in name_servers {
        match answer {
            Ok(NO_SUCH_NAME) => found.warning(format!("portal.dns_servers: {server} answers and does not know {name}")),
            Ok(0) => found.fine(format!("portal.dns_servers: {server} answers")),
            Ok(code) => {
                found.warning(format!("portal.dns_servers: {server} refuses to answer this host (code {code})"));
            }
            Err(error) => {
                found.warning(format!("portal.dns_servers: {server} is silent when asked from this host: {error}"));
            }
        }
    }
}

/// `by_default`: from which address this host reaches the rest of the world.
fn route(found: &mut Findings, network: IpNet, source: io::Result<IpAddr>, by_default: Option<IpAddr>) {
    match source {
        Ok(source) if Some(source) == by_default => found.note(format!(
            "portal.networks: {network} is reached from {source}, as is the rest of the world: perhaps only the default route leads there"
        )),
        Ok(source) => found.fine(format!("portal.networks: {network} has a route, from {source}")),
        Err(error) if matches!(error.kind(), io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable) => {
            found.error(format!("portal.networks: no route leads to {network}: members reach nothing there"));
        }
        Err(error) => found.warning(format!("portal.networks: whether a route leads to {network} is not known: {error}")),
    }
}

/// From which address this host would send there. The system looks the route up and sends nothing.
async fn source(to: IpAddr) -> io::Result<IpAddr> {
    let socket = UdpSocket::bind((any(to), 0)).await?;
    socket.connect((to, DNS)).await?;
    Ok(socket.local_addr()?.ip())
}

/// An address of the same family that is nobody's (RFC 5737, RFC 3849): only the default route leads there.
const fn nobodys(like: IpAddr) -> IpAddr {
    match like {
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
    }
}

const fn any(like: IpAddr) -> IpAddr {
    match like {
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    }
}

/// The name that members ask for first.
fn asked_for(portal: &Portal) -> &str {
    let host = portal_hosts::host(&portal.url);
    let fits =
        |name: &&str| name.parse::<IpAddr>().is_err() && name.split('.').all(|label| (1..=63).contains(&label.len()));
    let domains = portal.dns_domains.iter().map(String::as_str);
    std::iter::once(host).chain(domains).find(fits).unwrap_or("localhost")
}

/// The response code of a name server's answer (RFC 1035 §4.1.1).
async fn rcode(server: SocketAddr, name: &str) -> io::Result<u8> {
    let id: [u8; 2] = seal::random().map_err(io::Error::other)?;
    // Recursion desired, one question, for an address of the class Internet.
    let mut question = [&id[..], &[1, 0, 0, 1, 0, 0, 0, 0, 0, 0]].concat();
    for label in name.split('.') {
        question.extend(u8::try_from(label.len()));
        question.extend(label.bytes());
    }
    question.extend([0, 0, 1, 0, 1]);
    let socket = UdpSocket::bind((any(server.ip()), 0)).await?;
    socket.connect(server).await?;
    let mut last = io::Error::from(io::ErrorKind::TimedOut);
    for _ in 0..TRIES {
        socket.send(&question).await?;
        match timeout(PATIENCE / TRIES, answer(&socket, id)).await {
            Ok(Ok(code)) => return Ok(code),
            Ok(Err(error)) => last = error,
            Err(_) => {}
        }
    }
    Err(last)
}

async fn answer(socket: &UdpSocket, id: [u8; 2]) -> io::Result<u8> {
    let mut datagram = [0; 512];
    loop {
        let length = socket.recv(&mut datagram).await?;
        if let Some([first, second, flags, codes, ..]) = datagram.get(..length)
            && [*first, *second] == id
            && *flags >= 0x80
        {
            return Ok(codes & 0x0f);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    fn portal(addresses: Vec<SocketAddr>, dns_servers: Vec<IpAddr>) -> Portal {
        Portal {
            url: "http://portal.snk.example/".into(),
            networks: vec!["127.0.0.0/8".parse().unwrap()],
            addresses,
            dns_servers,
            dns_domains: Vec::new(),
            hosts: Vec::new(),
        }
    }

    async fn told(portal: &Portal, dns: u16) -> Vec<String> {
        let mut found = Findings::default();
        look_at(&mut found, portal, dns).await;
        found.0.iter().map(ToString::to_string).collect()
    }

    #[tokio::test]
    async fn servers_that_answer_are_fine_and_those_that_do_not_are_warnings() {
        let open = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (open_at, closed_at) = (open.local_addr().unwrap(), closed.local_addr().unwrap());
        drop(closed);
        let names = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let port = names.local_addr().unwrap().port();
        let answering = async {
            for code in [0, 3, 5] {
                let mut question = [0; 512];
                let (length, from) = names.recv_from(&mut question).await.unwrap();
                assert_eq!(&question[12..31], b"\x06portal\x03snk\x07example");
                question[2] |= 0x80;
                question[3] = code;
                // What answers another question is not heard.
                let mut other = question;
                other[0] ^= 1;
                names.send_to(&other[..length], from).await.unwrap();
                names.send_to(&question[..length], from).await.unwrap();
            }
        };
        let portal = portal(vec![open_at, closed_at], vec![Ipv4Addr::LOCALHOST.into()]);
        let asking = async { [told(&portal, port).await, told(&portal, port).await, told(&portal, port).await] };
        let (told, ()) = tokio::join!(asking, answering);
        let has = |told: &[String], start: &str| {
            assert!(told.iter().any(|line| line.starts_with(start)), "{start}: {told:?}");
        };
        has(&told[0], "fine: portal.networks: 127.0.0.0/8 has a route");
        has(&told[0], &format!("fine: portal.addresses: {open_at} takes connections"));
        has(&told[0], &format!("warning: portal.addresses: {closed_at} takes no connection"));
        has(&told[0], "fine: portal.dns_servers: 127.0.0.1 answers");
        has(&told[1], "warning: portal.dns_servers: 127.0.0.1 answers and does not know portal.snk.example");
        has(&told[2], "warning: portal.dns_servers: 127.0.0.1 refuses");
    }

    #[tokio::test]
    async fn a_name_server_that_is_not_there_is_a_warning_and_nothing_to_ask_is_a_note() {
        let gone = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let port = gone.local_addr().unwrap().port();
        drop(gone);
        let told = told(&portal(Vec::new(), vec![Ipv4Addr::LOCALHOST.into()]), port).await;
        assert!(
            told.iter().any(|line| line.starts_with("warning: portal.dns_servers: 127.0.0.1 is silent")),
            "{told:?}"
        );
        assert!(told.iter().any(|line| line.starts_with("note: portal.addresses is empty")), "{told:?}");
    }

    #[test]
    fn a_route_that_is_missing_is_an_error_and_one_that_may_be_missing_a_note() {
        let network = "10.210.0.0/24".parse().unwrap();
        let told = |source: io::Result<IpAddr>| {
            let mut found = Findings::default();
            route(&mut found, network, source, Some([198, 51, 100, 7].into()));
            found.0.first().unwrap().to_string()
        };
        assert!(told(Ok([10, 210, 0, 1].into())).starts_with("fine"));
        assert!(told(Ok([198, 51, 100, 7].into())).starts_with("note"));
        assert!(told(Err(io::ErrorKind::NetworkUnreachable.into())).starts_with("error"));
        assert!(told(Err(io::ErrorKind::PermissionDenied.into())).starts_with("warning"));
    }
}
