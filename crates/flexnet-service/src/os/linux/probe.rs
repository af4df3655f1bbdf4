//! What is seen through the tunnel: a handshake, an answer of the portal's name service, the portal itself. Everything is sent by the tunnel device only.
//! Writes the portal's names into the file of hosts as soon as they are known, where that is this PC's way.

use std::{
    net::{IpAddr, SocketAddr, UdpSocket},
    path::Path,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use flexnet_protocol::{Fault, FaultCode, gateway::TunnelGrant};
use flexnet_session::{Counters, Proof};
use flexnet_wireguard::{Device, Peer};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    time::{interval, timeout},
};

use super::{DEVICE, dns, dns::Kind, hosts, told};
use crate::{
    journal::{Change, Journal},
    network::Portal,
};

/// WireGuard's REJECT_AFTER_TIME: a key that is older carries nothing.
const OLD: Duration = Duration::from_secs(180);
/// How long a handshake may take: one lost message costs WireGuard five seconds.
const HANDSHAKE: Duration = Duration::from_millis(5500);
/// How often is looked whether it came.
const LOOK: Duration = Duration::from_millis(20);
/// How long the portal may take to answer.
const PORTAL: Duration = Duration::from_secs(3);

/// The way through the tunnel.
pub(super) struct Way {
    pub(super) device: Device,
    grant: TunnelGrant,
    portal: Portal,
    place: Mutex<Place>,
}

/// What changes while the tunnel stands.
#[derive(Default)]
struct Place {
    /// Which of the grant's endpoints is used.
    endpoint: usize,
    /// Set if the portal's names belong into the file of hosts: where the change is written down, and what was written.
    hosts: Option<(Journal, Vec<Host>)>,
}

/// A host of the portal and its addresses.
type Host = (String, Vec<IpAddr>);

impl Way {
    /// Tells the device where the gateway is.
    pub(super) async fn new(device: Device, grant: TunnelGrant, portal: Portal) -> Result<Self, Fault> {
        let endpoint = grant.endpoints.iter().position(is_routed).unwrap_or(0);
        let way = Self { device, grant, portal, place: Mutex::new(Place { endpoint, hosts: None }) };
        way.set_peer(endpoint).await.map_err(|what| Fault::new(FaultCode::TunnelDevice, what))?;
        Ok(way)
    }

    /// From now on a probe that learns the portal's addresses writes them into the file of hosts.
    pub(super) fn write_hosts(&self, journal: &Journal) {
        self.place().hosts = Some((journal.clone(), Vec::new()));
    }

    /// Looks. Takes at most a dozen seconds.
    pub(super) async fn probe(&self, fresh: bool) -> Proof {
        if let Err(what) = self.handshake(fresh).await {
            self.next_endpoint().await;
            return Proof {
                handshake: false,
                network_ms: None,
                portal: Err(Fault::new(FaultCode::TunnelNoHandshake, what)),
                carrier: flexnet_protocol::snapshot::Carrier::Udp,
            };
        }
        let began = Instant::now();
        let addresses = match self.addresses(&self.portal.host).await {
            Ok(addresses) => addresses,
            Err(fault) => {
                return Proof {
                    handshake: true,
                    network_ms: None,
                    portal: Err(fault),
                    carrier: flexnet_protocol::snapshot::Carrier::Udp,
                };
            }
        };
        let network_ms = Some(millis(began.elapsed()));
        if let Err(fault) = self.keep_names().await {
            // A portal that no program finds is not reached.
            return Proof {
                handshake: true,
                network_ms: None,
                portal: Err(fault),
                carrier: flexnet_protocol::snapshot::Carrier::Udp,
            };
        }
        let portal = self.knock(&addresses).await;
        Proof { handshake: true, network_ms, portal, carrier: flexnet_protocol::snapshot::Carrier::Udp }
    }

    /// Counters of the one peer.
    pub(super) async fn counters(&self) -> Option<Counters> {
        let peers = self.device.peers().await.ok()?;
        let peer = peers.first()?;
        let age = peer.last_handshake.map(|at| SystemTime::now().duration_since(at).unwrap_or_default().as_secs());
        Some(Counters { received: peer.received, sent: peer.sent, handshake_age: age })
    }

    async fn handshake(&self, fresh: bool) -> Result<(), String> {
        let began = SystemTime::now();
        // The kernel's and the library's clocks may differ by their granularity.
        let newer_than = if fresh { began.checked_sub(Duration::from_secs(1)) } else { began.checked_sub(OLD) };
        let newer_than = newer_than.unwrap_or(began);
        if !fresh && self.last_handshake().await? > Some(newer_than) {
            return Ok(());
        }
        self.device.handshake().await.map_err(|e| told(&e))?;
        let mut look = interval(LOOK);
        let waited = timeout(HANDSHAKE, async {
            loop {
                look.tick().await;
                if self.last_handshake().await? > Some(newer_than) {
                    return Ok(());
                }
            }
        });
        let (_, endpoint) = self.endpoint();
        waited.await.unwrap_or_else(|_| Err(format!("{endpoint} does not answer")))
    }

    async fn last_handshake(&self) -> Result<Option<SystemTime>, String> {
        let peers = self.device.peers().await.map_err(|e| told(&e))?;
        Ok(peers.first().and_then(|peer| peer.last_handshake))
    }

    fn endpoint(&self) -> (usize, String) {
        let place = self.place().endpoint;
        (place, self.grant.endpoints.get(place).map(ToString::to_string).unwrap_or_default())
    }

    /// After silence the next endpoint has its turn.
    async fn next_endpoint(&self) {
        let next = (self.endpoint().0 + 1) % self.grant.endpoints.len().max(1);
        self.place().endpoint = next;
        if let Err(what) = self.set_peer(next).await {
            tracing::warn!(what, "the tunnel's endpoint cannot be changed");
        }
    }

    async fn set_peer(&self, endpoint: usize) -> Result<(), String> {
        let peer = Peer {
            public_key: self.grant.gateway_public_key.clone(),
            preshared_key: Some(self.grant.preshared_key.clone()),
            endpoint: self.grant.endpoints.get(endpoint).copied(),
            allowed_ips: self.grant.portal_networks.clone(),
            keepalive_seconds: self.grant.keepalive_seconds,
        };
        self.device.set_peers(&[peer]).await.map(drop).map_err(|e| told(&e))
    }

    /// Addresses of a host of the portal, as its own name service tells them, and inside its own networks only.
    async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, Fault> {
        if let Ok(literal) = host.parse() {
            return Ok(vec![literal]);
        }
        let mut silent = Fault::new(FaultCode::PortalNameService, "the grant names no name service");
        for &server in &self.grant.dns_servers {
            let asked =
                tokio::join!(dns::ask(server, DEVICE, host, Kind::A), dns::ask(server, DEVICE, host, Kind::Aaaa));
            match asked {
                (Err(error), Err(_)) => silent.detail = format!("{server}: {error}"),
                (v4, v6) => {
                    let told = v4.unwrap_or_default().into_iter().chain(v6.unwrap_or_default());
                    return Ok(told
                        .filter(|ip| self.grant.portal_networks.iter().any(|net| net.contains(ip)))
                        .collect());
                }
            }
        }
        Err(silent)
    }

    /// Writes the names of the portal's hosts, if that is this PC's way and they are not written yet.
    async fn keep_names(&self) -> Result<(), Fault> {
        let Some((journal, written)) = self.place().hosts.clone() else { return Ok(()) };
        if !written.is_empty() {
            return Ok(());
        }
        let mut found: Vec<Host> = Vec::new();
        for host in &self.portal.hosts {
            let addresses = self.addresses(host).await?;
            if !addresses.is_empty() && host.parse::<IpAddr>().is_err() {
                found.push((host.clone(), addresses));
            }
        }
        if found.is_empty() {
            return Ok(());
        }
        // Nothing is awaited between the entry and the change, so a probe that is given up cannot stop in between.
        journal.record(Change::HostsFile).map_err(|error| error.fault())?;
        hosts::put(Path::new(hosts::FILE), &found).map_err(|e| super::settings("names", &e))?;
        if let Some((_, written)) = &mut self.place().hosts {
            *written = found;
        }
        Ok(())
    }

    /// Does the portal answer?
    async fn knock(&self, addresses: &[IpAddr]) -> Result<(), Fault> {
        if addresses.is_empty() {
            return Err(Fault::new(FaultCode::PortalNoName, format!("{} has no address inside", self.portal.host)));
        }
        let mut silent = String::new();
        for &address in addresses {
            let end = SocketAddr::new(address, self.portal.port);
            match timeout(PORTAL, self.greet(end)).await {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(error)) => silent = format!("{end}: {error}"),
                Err(_) => silent = format!("{end}: no answer"),
            }
        }
        Err(Fault::new(FaultCode::PortalSilent, silent))
    }

    /// A connection, and where it speaks plain HTTP the first bytes of an answer.
    async fn greet(&self, end: SocketAddr) -> std::io::Result<()> {
        let socket = if end.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        socket.bind_device(Some(DEVICE.as_bytes()))?;
        let mut stream: TcpStream = socket.connect(end).await?;
        if self.portal.tls {
            return Ok(());
        }
        let question = format!("HEAD / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.portal.host);
        stream.write_all(question.as_bytes()).await?;
        let mut answer = [0; 5];
        stream.read_exact(&mut answer).await?;
        if &answer == b"HTTP/" { Ok(()) } else { Err(std::io::Error::other("the answer is not HTTP")) }
    }

    fn place(&self) -> std::sync::MutexGuard<'_, Place> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether this PC has a way there at all: a UDP socket is connected, nothing is sent.
fn is_routed(endpoint: &SocketAddr) -> bool {
    source(endpoint).is_some()
}

/// The address this PC would send from.
pub(super) fn source(endpoint: &SocketAddr) -> Option<IpAddr> {
    let any = if endpoint.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(any).ok()?;
    socket.connect(endpoint).ok()?;
    socket.local_addr().ok().map(|address| address.ip())
}

fn millis(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}
