//! What is seen through the tunnel: an answer of the portal's name service, the portal itself. Everything is sent by the tunnel device only.
//! An answer proves the tunnel by itself; a handshake is asked for only where none comes, and no session is given up for it.

use std::{
    net::{IpAddr, SocketAddr, UdpSocket},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use flexnet_protocol::{Fault, FaultCode, gateway::TunnelGrant};
use flexnet_session::{Counters, Proof};
use flexnet_wireguard::Device;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    time::{Instant, timeout_at},
};

use super::{
    DEVICE,
    carry::Carry,
    dns::{self, Kind},
    names,
};
use crate::{journal::Journal, network::Portal};

/// How long a look may take in every case.
const LIMIT: Duration = Duration::from_millis(2_700);
/// Without an answer for so long a handshake tells whether the gateway is there: it may have begun anew and know no session.
const DOUBT: Duration = Duration::from_millis(600);

/// Looks through one tunnel.
pub(super) struct Looks {
    device: Arc<Device>,
    grant: TunnelGrant,
    portal: Portal,
    /// What the name service said last of the portal's host.
    known: Mutex<Vec<IpAddr>>,
    names: Mutex<Names>,
}

/// Where this PC's programs find the portal's names.
enum Names {
    /// They ask the portal's name service.
    Asked,
    /// In the file of hosts.
    Written,
    /// There as soon as a look has learnt them.
    Wanted(Journal),
}

impl Looks {
    pub(super) fn new(device: Arc<Device>, grant: TunnelGrant, portal: Portal) -> Self {
        let granted = grant.portal_hosts.iter().find(|host| host.name == portal.host);
        let known = granted.map(|host| host.addresses.clone()).unwrap_or_default();
        Self { device, grant, portal, known: Mutex::new(known), names: Mutex::new(Names::Asked) }
    }

    /// Programs find the portal's names in the file of hosts. Where they are not all there, a look that learns them writes them, and the change before.
    pub(super) fn names_are_in_the_file(&self, wanted: Option<&Journal>) {
        *self.names() = wanted.map_or(Names::Written, |journal| Names::Wanted(journal.clone()));
    }

    /// Looks. Takes at most three seconds. `whole`: a portal that speaks plain HTTP must say a word of it.
    pub(super) async fn probe(&self, carry: &Carry, whole: bool) -> Proof {
        let began = Instant::now();
        let until = began + LIMIT;
        let (answered, mut first) = tokio::sync::watch::channel(None::<Duration>);
        let told = || {
            answered.send_if_modified(|first| {
                let unset = first.is_none();
                first.get_or_insert(began.elapsed());
                unset
            });
        };
        let doubt = async {
            if timeout_at(began + DOUBT, first.wait_for(Option::is_some)).await.is_err() {
                carry.shake();
                // Whoever answers it is there; the portal behind it may take its time.
                carry.heard(began).await;
            }
            std::future::pending::<()>().await;
        };
        let portal = tokio::select! {
            portal = self.portal(until, whole, &told) => portal,
            () = doubt => Ok(()),
        };
        let network_ms = *answered.borrow();
        let state = carry.state();
        let handshake = network_ms.is_some() || state.heard.is_some_and(|at| at >= began);
        let portal = if handshake {
            portal
        } else {
            Err(Fault::new(FaultCode::TunnelNoHandshake, format!("{} does not answer", state.by)))
        };
        Proof { handshake, network_ms: network_ms.map(millis), portal, carrier: state.carrier }
    }

    /// Counters of the one peer.
    pub(super) async fn counters(&self) -> Option<Counters> {
        let peers = self.device.peers().await.ok()?;
        let peer = peers.first()?;
        let age = peer.last_handshake.map(|at| SystemTime::now().duration_since(at).unwrap_or_default().as_secs());
        Some(Counters { received: peer.received, sent: peer.sent, handshake_age: age })
    }

    /// The name service and the portal, side by side where the portal's address is known.
    async fn portal(&self, until: Instant, whole: bool, told: &impl Fn()) -> Result<(), Fault> {
        let known = self.known().clone();
        let asked = async {
            let addresses = self.addresses(&self.portal.host, until).await?;
            if !self.grant.dns_servers.is_empty() {
                told();
            }
            Ok::<_, Fault>(addresses)
        };
        if known.is_empty() {
            let addresses = asked.await?;
            self.known().clone_from(&addresses);
            self.keep_names(until).await?;
            return self.knock(&addresses, until, whole, told).await;
        }
        self.keep_names(until).await?;
        let (asked, knocked) = tokio::join!(asked, self.knock(&known, until, whole, told));
        match asked {
            Ok(addresses) if addresses.is_empty() => Err(self.no_name()),
            Ok(addresses) => {
                if addresses.iter().any(|address| known.contains(address)) || knocked.is_ok() {
                    *self.known() = addresses;
                    knocked
                } else {
                    // It has moved.
                    self.known().clone_from(&addresses);
                    self.knock(&addresses, until, whole, told).await
                }
            }
            // Where programs ask nobody, a name service that is silent keeps nobody from the portal.
            Err(_) if knocked.is_ok() && matches!(*self.names(), Names::Written) => Ok(()),
            Err(fault) => Err(fault),
        }
    }

    /// Writes the names of the portal's hosts that were not granted with their addresses, if that is this PC's way.
    async fn keep_names(&self, until: Instant) -> Result<(), Fault> {
        let journal = match &*self.names() {
            Names::Wanted(journal) => journal.clone(),
            Names::Asked | Names::Written => return Ok(()),
        };
        let mut found = Vec::new();
        for host in &self.portal.hosts {
            let addresses = self.addresses(host, until).await?;
            if !addresses.is_empty() && host.parse::<IpAddr>().is_err() {
                found.push((host.clone(), addresses));
            }
        }
        if !found.is_empty() {
            names::put_hosts(&journal, &found)?;
            *self.names() = Names::Written;
        }
        Ok(())
    }

    /// Addresses of a host of the portal, as its own name service tells them, and inside its own networks only.
    async fn addresses(&self, host: &str, until: Instant) -> Result<Vec<IpAddr>, Fault> {
        if let Ok(literal) = host.parse() {
            return Ok(vec![literal]);
        }
        let mut silent = Fault::new(FaultCode::PortalNameService, "the grant names no name service");
        for &server in &self.grant.dns_servers {
            let asked = timeout_at(until, async {
                tokio::join!(dns::ask(server, DEVICE, host, Kind::A), dns::ask(server, DEVICE, host, Kind::Aaaa))
            });
            match asked.await {
                Err(_) => silent.detail = format!("{server}: no answer"),
                Ok((Err(error), Err(_))) => silent.detail = format!("{server}: {error}"),
                Ok((v4, v6)) => {
                    let told = v4.unwrap_or_default().into_iter().chain(v6.unwrap_or_default());
                    return Ok(told
                        .filter(|ip| self.grant.portal_networks.iter().any(|net| net.contains(ip)))
                        .collect());
                }
            }
        }
        Err(silent)
    }

    /// Does the portal answer?
    async fn knock(&self, addresses: &[IpAddr], until: Instant, whole: bool, told: &impl Fn()) -> Result<(), Fault> {
        if addresses.is_empty() {
            return Err(self.no_name());
        }
        let mut silent = String::new();
        for &address in addresses {
            let end = SocketAddr::new(address, self.portal.port);
            match timeout_at(until, self.greet(end, whole, told)).await {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(error)) => silent = format!("{end}: {error}"),
                Err(_) => silent = format!("{end}: no answer"),
            }
        }
        Err(Fault::new(FaultCode::PortalSilent, silent))
    }

    /// A connection, and where it speaks plain HTTP the first bytes of an answer if the `whole` is asked for.
    async fn greet(&self, end: SocketAddr, whole: bool, told: &impl Fn()) -> std::io::Result<()> {
        let socket = if end.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        socket.bind_device(Some(DEVICE.as_bytes()))?;
        let connected = socket.connect(end).await;
        // A refusal is an answer as well: somebody inside gave it.
        if connected.as_ref().map_or_else(|e| e.kind() == std::io::ErrorKind::ConnectionRefused, |_| true) {
            told();
        }
        let mut stream: TcpStream = connected?;
        if self.portal.tls || !whole {
            return Ok(());
        }
        let question = format!("HEAD / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.portal.host);
        stream.write_all(question.as_bytes()).await?;
        let mut answer = [0; 5];
        stream.read_exact(&mut answer).await?;
        if &answer == b"HTTP/" { Ok(()) } else { Err(std::io::Error::other("the answer is not HTTP")) }
    }

    fn no_name(&self) -> Fault {
        Fault::new(FaultCode::PortalNoName, format!("{} has no address inside", self.portal.host))
    }

    fn names(&self) -> std::sync::MutexGuard<'_, Names> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Vec<IpAddr>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether this PC has a way there at all: a UDP socket is connected, nothing is sent.
pub(super) fn is_routed(endpoint: &SocketAddr) -> bool {
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
