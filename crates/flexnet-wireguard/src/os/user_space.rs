//! WireGuard in this process, by gotatun, changed through its own interface: over the userspace protocol every change of a peer would
//! drop its session.

use std::{
    fmt, io,
    time::{Duration, SystemTime},
};

use flexnet_protocol::Key;
use futures_util::future::join_all;
use gotatun::{
    device::{
        self, Device, DeviceBuilder, DeviceTransports,
        configure::{PeerMut, PeerStats},
    },
    tun::{IpRecv, IpSend},
    udp::{UdpTransportFactory, socket::UdpSocketFactory},
    x25519::{PublicKey, StaticSecret},
};
use ipnet::IpNet;
use ipnetwork::IpNetwork;
use nix::net::if_::if_nametoindex;
use tokio::{
    sync::{Mutex, MutexGuard},
    time::timeout,
};

use super::{
    tun::{Closed, Tun},
    window::Window,
};
use crate::{
    Backend, Changes, DeviceConfig, Error, Peer,
    system::{Found, System},
};

/// How long an invited peer may take to answer before its invitation is left to WireGuard's timers.
const INVITATION: Duration = Duration::from_millis(250);
/// How long the system may take to let go of a TUN device.
const CLOSING: Duration = Duration::from_secs(5);

/// A gotatun device on a TUN, with a window for `wg show`.
#[derive(Debug)]
pub(crate) struct UserSpace {
    tunnel: Tunnel<(UdpSocketFactory, Tun, Tun)>,
    window: Option<Window>,
    closed: Closed,
    /// The system's number of the TUN device.
    index: u32,
}

impl UserSpace {
    /// Starts it on a TUN device, with the name that the system gave it.
    pub(crate) async fn start(tun: Tun, closed: Closed, config: DeviceConfig) -> Result<(Self, String), Error> {
        let name = tun.name().map_err(|source| Error::Create { name: config.name.clone(), source })?;
        let config = DeviceConfig { name: name.clone(), ..config };
        let index = link_index(&name).ok_or_else(|| Error::Gone(name.clone()))?;
        let mut builder = DeviceBuilder::new().with_default_udp().with_ip(tun);
        let window = match Window::open(&config.name) {
            Ok((window, server)) => {
                builder = builder.with_uapi(server);
                Some(window)
            }
            // It is for people who look for a fault. It must not be the fault.
            Err(error) => {
                tracing::warn!(device = config.name, %error, "`wg show` will not see this device");
                None
            }
        };
        match Tunnel::start(builder, config).await {
            Ok(tunnel) => Ok((Self { tunnel, window, closed, index }, name)),
            Err(error) => {
                // So that a second attempt finds the name free. What went wrong first is what is told.
                let _ = timeout(CLOSING, closed.wait()).await;
                Err(error)
            }
        }
    }

    /// Linux wakes nobody who waits on a TUN device that is deleted, so gotatun would wait for ever.
    fn stands(&self) -> Result<(), Error> {
        let name = &self.tunnel.name;
        if link_index(name) == Some(self.index) { Ok(()) } else { Err(Error::Gone(name.clone())) }
    }
}

impl System for UserSpace {
    fn backend(&self) -> Backend {
        self.tunnel.backend()
    }

    fn listen_port(&self) -> u16 {
        self.tunnel.listen_port()
    }

    async fn read(&self) -> Result<Vec<Found>, Error> {
        self.stands()?;
        self.tunnel.read().await
    }

    async fn change(&self, changes: &Changes) -> Result<(), Error> {
        self.stands()?;
        self.tunnel.change(changes).await
    }

    async fn invite(&self, peers: &[Peer]) -> Result<(), Error> {
        self.tunnel.invite(peers).await
    }

    async fn remove(self) -> Result<(), Error> {
        drop(self.window);
        let name = self.tunnel.name.clone();
        self.tunnel.remove().await?;
        // gotatun lets go of the TUN in a task of its own, after `stop` has returned.
        let closed = timeout(CLOSING, self.closed.wait()).await;
        closed.map_err(|_| Error::Remove { name, source: io::ErrorKind::TimedOut.into() })
    }
}

/// A gotatun device, whatever carries its packets.
pub(super) struct Tunnel<T: DeviceTransports> {
    name: String,
    port: u16,
    device: Mutex<Device<T>>,
}

impl<U: UdpTransportFactory, S: IpSend, R: IpRecv> Tunnel<(U, S, R)> {
    async fn start(builder: DeviceBuilder<U, S, R>, config: DeviceConfig) -> Result<Self, Error> {
        let name = config.name;
        let device = builder.with_listen_port(config.listen_port).build().await;
        let device = device.map_err(|source| Error::Create { name: name.clone(), source: io::Error::other(source) })?;
        // With the key, and not with the first peer, gotatun binds its port: so a port that is taken shows here.
        let Err(error) = device.set_private_key(StaticSecret::from(*config.private_key.bytes())).await else {
            let port = device.read(async |device| device.listen_port()).await;
            return Ok(Self { name, port, device: Mutex::new(device) });
        };
        if let device::Error::Bind(source, _) = error {
            return Err(Error::Listen { port: config.listen_port, source });
        }
        Err(Error::Create { name, source: io::Error::other(error) })
    }
}

impl<T: DeviceTransports> Tunnel<T> {
    /// The device, if it still moves packets. It does not once its TUN was deleted or its socket broke.
    async fn alive(&self) -> Result<MutexGuard<'_, Device<T>>, Error> {
        let mut device = self.device.lock().await;
        match timeout(Duration::ZERO, device.wait()).await {
            Ok(()) => Err(Error::Gone(self.name.clone())),
            Err(_still_waiting) => Ok(device),
        }
    }
}

impl<T: DeviceTransports> System for Tunnel<T> {
    fn backend(&self) -> Backend {
        Backend::UserSpace
    }

    fn listen_port(&self) -> u16 {
        self.port
    }

    async fn read(&self) -> Result<Vec<Found>, Error> {
        let now = SystemTime::now();
        Ok(self.alive().await?.peers().await.into_iter().map(|peer| found(peer, now)).collect())
    }

    async fn change(&self, changes: &Changes) -> Result<(), Error> {
        let device = self.alive().await?;
        let written = device.write(async |device| {
            for key in &changes.removed {
                device.remove_peer(&public(key)).await;
            }
            for peer in &changes.modified {
                device.modify_peer(&public(&peer.public_key), |existing| modify(existing, peer)).await;
            }
            for peer in &changes.added {
                device.add_peer(added(peer));
            }
        });
        written.await.map_err(|error| Error::Change { name: self.name.clone(), source: io::Error::other(error) })
    }

    async fn invite(&self, peers: &[Peer]) -> Result<(), Error> {
        let device = self.alive().await?;
        let invitations = peers.iter().map(|peer| async {
            // Whoever does not answer in time, or cannot be reached now, is asked again by WireGuard's timers.
            let _ = device.force_handshake(&public(&peer.public_key)).await;
        });
        // Elapsed: the initiations are on their way all the same.
        let _ = timeout(INVITATION, join_all(invitations)).await;
        Ok(())
    }

    async fn remove(self) -> Result<(), Error> {
        self.device.into_inner().stop().await;
        Ok(())
    }
}

impl<T: DeviceTransports> fmt::Debug for Tunnel<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tunnel").field("name", &self.name).finish_non_exhaustive()
    }
}

fn link_index(name: &str) -> Option<u32> {
    if_nametoindex(name).ok()
}

fn public(key: &Key) -> PublicKey {
    PublicKey::from(*key.bytes())
}

fn added(peer: &Peer) -> device::Peer {
    let mut added = device::Peer::new(public(&peer.public_key)).with_allowed_ips(networks(peer));
    added.endpoint = peer.endpoint;
    added.preshared_key = peer.preshared_key.as_ref().map(|key| *key.bytes());
    added.keepalive = keepalive(peer);
    added
}

/// Everything but the preshared key, which is never changed in place.
fn modify(existing: &mut PeerMut, peer: &Peer) {
    existing.clear_allowed_ips();
    existing.add_allowed_ips(networks(peer));
    existing.set_keepalive(keepalive(peer));
    if peer.endpoint.is_some() {
        existing.set_endpoint(peer.endpoint);
    }
}

fn networks(peer: &Peer) -> impl Iterator<Item = IpNetwork> {
    // A prefix that fits one library's address fits the other's.
    peer.allowed_ips.iter().filter_map(|network| IpNetwork::new(network.network(), network.prefix_len()).ok())
}

fn keepalive(peer: &Peer) -> Option<u16> {
    (peer.keepalive_seconds > 0).then_some(peer.keepalive_seconds)
}

fn found(PeerStats { peer, stats, .. }: PeerStats, now: SystemTime) -> Found {
    let network = |network: IpNetwork| IpNet::new(network.network(), network.prefix()).ok();
    Found {
        peer: Peer {
            public_key: Key::new(peer.public_key.to_bytes()),
            preshared_key: peer.preshared_key.map(Key::new),
            endpoint: peer.endpoint,
            allowed_ips: peer.allowed_ips.into_iter().filter_map(network).collect(),
            keepalive_seconds: peer.keepalive.unwrap_or(0),
        },
        last_handshake: stats.last_handshake.and_then(|age| now.checked_sub(age)),
        received: count(stats.rx_bytes),
        sent: count(stats.tx_bytes),
    }
}

fn count(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::{net::Ipv4Addr, sync::Arc};

    use gotatun::{
        packet::{Ip, Packet, PacketBufPool},
        tun::MtuWatcher,
    };
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::UnixStream,
        sync::mpsc,
    };

    use super::*;
    use crate::{PrivateKey, device::Reconciler};

    /// A TUN in memory.
    #[derive(Clone)]
    struct Memory(Arc<Mutex<mpsc::Receiver<Packet<Ip>>>>, mpsc::Sender<Packet<Ip>>);

    impl IpSend for Memory {
        async fn send(&mut self, packet: Packet<Ip>) -> io::Result<()> {
            self.1.send(packet).await.map_err(io::Error::other)
        }
    }

    impl IpRecv for Memory {
        async fn recv<'a>(
            &'a mut self,
            _: &mut PacketBufPool,
        ) -> io::Result<impl Iterator<Item = Packet<Ip>> + Send + 'a> {
            match self.0.lock().await.recv().await {
                Some(packet) => Ok(std::iter::once(packet)),
                None => std::future::pending().await,
            }
        }

        fn mtu(&self) -> MtuWatcher {
            MtuWatcher::new(1420)
        }
    }

    /// One end of a tunnel over loopback sockets: 10.0.0.`host`.
    struct End {
        host: u8,
        key: PrivateKey,
        port: u16,
        device: Reconciler<Tunnel<(UdpSocketFactory, Memory, Memory)>>,
        into: mpsc::Sender<Packet<Ip>>,
        out_of: mpsc::Receiver<Packet<Ip>>,
    }

    impl End {
        async fn start(host: u8) -> Self {
            let (into, from_system) = mpsc::channel(64);
            let (to_system, out_of) = mpsc::channel(64);
            let key = PrivateKey::generate().unwrap();
            let config = config(&key, 0);
            let tun = Memory(Arc::new(Mutex::new(from_system)), to_system);
            let tunnel = Tunnel::start(DeviceBuilder::new().with_default_udp().with_ip(tun), config).await.unwrap();
            let port = tunnel.listen_port();
            Self { host, key, port, device: Reconciler::new(tunnel), into, out_of }
        }

        /// This end as the other wants it.
        fn as_peer(&self, secret: u8) -> Peer {
            Peer {
                public_key: self.key.public_key(),
                preshared_key: Some(Key::new([secret; 32])),
                endpoint: Some((Ipv4Addr::LOCALHOST, self.port).into()),
                allowed_ips: vec![IpNet::new(Ipv4Addr::new(10, 0, 0, self.host).into(), 32).unwrap()],
                keepalive_seconds: 0,
            }
        }

        async fn wants(&self, peer: &Peer) -> Changes {
            self.device.set(std::slice::from_ref(peer)).await.unwrap()
        }

        /// What gotatun itself says of the only peer.
        async fn raw(&self) -> Found {
            self.device.system.read().await.unwrap().remove(0)
        }
    }

    async fn two_ends() -> (End, End) {
        let (one, two) = (End::start(1).await, End::start(2).await);
        one.wants(&two.as_peer(7)).await;
        two.wants(&one.as_peer(7)).await;
        (one, two)
    }

    /// A packet from one end to the other, if it arrives.
    async fn send(from: &End, to: &mut End, patience: Duration) -> bool {
        let mut bytes = [0; 84];
        bytes[..10].copy_from_slice(&[0x45, 0, 0, 84, 0, 0, 0, 0, 64, 17]);
        bytes[12..20].copy_from_slice(&[10, 0, 0, from.host, 10, 0, 0, to.host]);
        from.into.send(Packet::copy_from(&bytes[..]).try_into_ip().unwrap()).await.unwrap();
        timeout(patience, to.out_of.recv()).await.is_ok_and(|packet| packet.is_some())
    }

    fn config(key: &PrivateKey, listen_port: u16) -> DeviceConfig {
        DeviceConfig { name: "memory".to_owned(), private_key: key.clone(), listen_port, mtu: 1420, serves: false }
    }

    const PATIENCE: Duration = Duration::from_secs(20);
    const MOMENT: Duration = Duration::from_millis(300);

    #[tokio::test]
    async fn packets_pass_both_ways() {
        let (mut one, mut two) = two_ends().await;
        assert!(send(&one, &mut two, PATIENCE).await);
        assert!(send(&two, &mut one, PATIENCE).await);
        let status = one.device.status().await.unwrap();
        assert!(status[0].last_handshake.is_some() && status[0].received > 0 && status[0].sent > 0, "{status:?}");
    }

    #[tokio::test]
    async fn an_unchanged_peer_keeps_its_session_and_so_does_one_with_new_networks() {
        let (one, mut two) = two_ends().await;
        assert!(send(&one, &mut two, PATIENCE).await);
        let before = one.raw().await;
        let mut wanted = two.as_peer(7);
        assert!(one.wants(&wanted).await.is_empty());
        wanted.allowed_ips.push("10.0.9.0/24".parse().unwrap());
        assert_eq!(one.wants(&wanted).await.modified, [wanted.clone()]);
        let after = one.raw().await;
        assert_eq!(after.received, before.received, "the count of a session that is still the same");
        assert!(after.last_handshake.is_some());
        assert_eq!(after.peer.allowed_ips.len(), 2);
        assert!(send(&one, &mut two, PATIENCE).await);
    }

    #[tokio::test]
    async fn a_new_preshared_key_ends_the_session_at_once() {
        let (one, mut two) = two_ends().await;
        assert!(send(&one, &mut two, PATIENCE).await);
        one.wants(&two.as_peer(8)).await;
        assert!(!send(&one, &mut two, MOMENT).await, "a session outlived its preshared key");
        assert!(one.raw().await.last_handshake.is_none());
    }

    #[tokio::test]
    async fn a_removed_peer_gets_nothing_more() {
        let (mut one, two) = two_ends().await;
        assert!(send(&two, &mut one, PATIENCE).await);
        assert_eq!(one.device.set(&[]).await.unwrap().removed, [two.key.public_key()]);
        assert!(!send(&two, &mut one, MOMENT).await);
    }

    #[tokio::test]
    async fn handshake_agrees_anew_without_traffic() {
        let (mut one, mut two) = two_ends().await;
        one.device.handshake().await.unwrap();
        let first = one.raw().await.last_handshake.expect("no handshake without traffic");
        assert!(send(&two, &mut one, PATIENCE).await && send(&one, &mut two, PATIENCE).await);
        let received = one.device.status().await.unwrap()[0].received;
        one.device.handshake().await.unwrap();
        let second = one.raw().await;
        assert!(second.last_handshake.expect("no second handshake") > first);
        assert_eq!(second.peer.allowed_ips, two.as_peer(7).allowed_ips);
        assert!(one.device.status().await.unwrap()[0].received >= received, "counters fell");
        assert!(send(&one, &mut two, PATIENCE).await && send(&two, &mut one, PATIENCE).await);
    }

    #[tokio::test]
    async fn nobody_there_is_no_error_and_takes_no_time() {
        let one = End::start(1).await;
        let (_sink, absent) = (std::net::UdpSocket::bind("127.0.0.1:0").unwrap(), End::start(2).await.as_peer(7));
        one.wants(&absent).await;
        timeout(PATIENCE, one.device.handshake()).await.expect("waits for nobody").unwrap();
        assert!(one.raw().await.last_handshake.is_none());
    }

    #[tokio::test]
    async fn a_taken_port_is_told_as_such() {
        let one = End::start(1).await;
        let tun = Memory(Arc::new(Mutex::new(mpsc::channel(1).1)), mpsc::channel(1).0);
        let builder = DeviceBuilder::new().with_default_udp().with_ip(tun);
        let refused = Tunnel::start(builder, config(&one.key, one.port)).await;
        assert!(matches!(refused, Err(Error::Listen { port, .. }) if port == one.port), "{refused:?}");
    }

    #[tokio::test]
    async fn the_window_shows_the_device_without_its_keys() {
        let folder = tempfile::tempdir().unwrap();
        let (_window, server) = Window::open_in(folder.path(), "wg0").unwrap();
        let tun = Memory(Arc::new(Mutex::new(mpsc::channel(1).1)), mpsc::channel(1).0);
        let builder = DeviceBuilder::new().with_default_udp().with_ip(tun).with_uapi(server);
        let (key, peer) = (PrivateKey::generate().unwrap(), End::start(2).await.as_peer(7));
        let tunnel = Tunnel::start(builder, config(&key, 0)).await.unwrap();
        tunnel.change(&Changes { added: vec![peer.clone()], ..Changes::default() }).await.unwrap();

        let mut stream = UnixStream::connect(folder.path().join("wg0.sock")).await.unwrap();
        stream.write_all(b"get=1\n\n").await.unwrap();
        stream.shutdown().await.unwrap();
        let mut shown = String::new();
        timeout(PATIENCE, stream.read_to_string(&mut shown)).await.unwrap().unwrap();

        let hex = |bytes: &[u8; 32]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert!(shown.contains(&hex(peer.public_key.bytes())) && shown.ends_with("errno=0\n\n"), "{shown}");
        assert!(!shown.contains(&hex(key.bytes())) && !shown.contains(&hex(&[7; 32])), "{shown}");
    }
}
