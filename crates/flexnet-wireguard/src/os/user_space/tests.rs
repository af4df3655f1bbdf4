//! A device over a TUN in memory and real sockets on the loopback device: two of them, and what others send to one.

use std::{
    io::IoSlice,
    net::{Ipv4Addr, UdpSocket},
    os::{
        fd::{AsFd as _, BorrowedFd},
        unix::net::UnixDatagram,
    },
};

use flexnet_protocol::Key;
use gotatun::noise::{Tunn, index_table::IndexTable, rate_limiter::RateLimiter};
use ipnet::IpNet;
use nix::sys::socket::{MsgFlags, sendmsg};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;
use crate::{
    PrivateKey,
    device::Reconciler,
    os::{
        offload::{Offload, VNET},
        window::Window,
    },
};

/// What ends the thread that reads it.
const BUG: &[u8] = b"bug";

/// A TUN in memory: one of two sockets that keep the bounds of datagrams. An empty one is its end.
struct Memory(UnixDatagram);

impl Link for Memory {
    fn descriptor(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    fn offload(&self) -> Offload {
        Offload { tcp: true, udp: true }
    }

    fn mtu(&self) -> io::Result<u16> {
        Ok(1420)
    }

    fn read(&self, frame: &mut [u8]) -> io::Result<usize> {
        let length = self.0.recv(frame)?;
        assert_ne!(frame.get(..length), Some(BUG), "as a bug in the packet path would");
        match length {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            length => Ok(length),
        }
    }

    fn write(&self, frame: &[IoSlice<'_>]) -> io::Result<()> {
        use std::os::fd::AsRawFd as _;
        sendmsg::<()>(self.0.as_raw_fd(), frame, &[], MsgFlags::empty(), None).map(drop).map_err(Into::into)
    }
}

/// One end of a tunnel over loopback sockets: 10.0.0.`host`.
struct End {
    host: u8,
    key: PrivateKey,
    device: Reconciler<UserSpace<Memory>>,
    system: tokio::net::UnixDatagram,
}

impl End {
    fn start(host: u8) -> Self {
        Self::start_as(host, false)
    }

    fn start_as(host: u8, serves: bool) -> Self {
        let key = PrivateKey::generate().unwrap();
        let (device, system) = start(&config(&key, 0, serves)).unwrap();
        Self { host, key, device: Reconciler::new(device), system }
    }

    fn port(&self) -> u16 {
        self.device.system.listen_port()
    }

    /// This end as the other wants it.
    fn as_peer(&self, secret: u8) -> Peer {
        Peer {
            public_key: self.key.public_key(),
            preshared_key: Some(Key::new([secret; 32])),
            endpoint: Some((Ipv4Addr::LOCALHOST, self.port()).into()),
            allowed_ips: vec![IpNet::new(Ipv4Addr::new(10, 0, 0, self.host).into(), 32).unwrap()],
            keepalive_seconds: 0,
        }
    }

    async fn wants(&self, peer: &Peer) -> Changes {
        self.device.set(std::slice::from_ref(peer)).await.unwrap()
    }

    /// What the device itself says of the only peer.
    async fn raw(&self) -> Found {
        self.device.system.read().await.unwrap().remove(0)
    }

    /// Gives a packet to the device.
    async fn gives(&self, to: u8, mark: u8) {
        let mut frame = [mark; VNET + 84];
        frame[..VNET].fill(0);
        frame[VNET..VNET + 10].copy_from_slice(&[0x45, 0, 0, 84, 0, 0, 0, 0, 64, 1]);
        frame[VNET + 12..VNET + 20].copy_from_slice(&[10, 0, 0, self.host, 10, 0, 0, to]);
        self.system.send(&frame).await.unwrap();
    }

    /// The mark of the next packet that the device gives.
    async fn gets(&self, patience: Duration) -> Option<u8> {
        let mut frame = vec![0; 70_000];
        let length = timeout(patience, self.system.recv(&mut frame)).await.ok()?.unwrap();
        assert_eq!(length, VNET + 84);
        frame.get(length - 1).copied()
    }
}

fn start(config: &DeviceConfig) -> Result<(UserSpace<Memory>, tokio::net::UnixDatagram), Error> {
    let (link, system) = UnixDatagram::pair().unwrap();
    link.set_nonblocking(true).unwrap();
    system.set_nonblocking(true).unwrap();
    let device = UserSpace::start("memory", Memory(link), config)?;
    Ok((device, tokio::net::UnixDatagram::from_std(system).unwrap()))
}

fn config(key: &PrivateKey, listen_port: u16, serves: bool) -> DeviceConfig {
    DeviceConfig { name: "memory".to_owned(), private_key: key.clone(), listen_port, mtu: 1420, serves }
}

async fn two_ends() -> (End, End) {
    let (one, two) = (End::start(1), End::start(2));
    one.wants(&two.as_peer(7)).await;
    two.wants(&one.as_peer(7)).await;
    (one, two)
}

/// A packet from one end to the other, if it arrives.
async fn send(from: &End, to: &End, patience: Duration) -> bool {
    from.gives(to.host, 0).await;
    to.gets(patience).await.is_some()
}

const PATIENCE: Duration = Duration::from_secs(20);
const MOMENT: Duration = Duration::from_millis(300);

#[tokio::test]
async fn packets_pass_both_ways() {
    let (one, two) = two_ends().await;
    assert!(send(&one, &two, PATIENCE).await);
    assert!(send(&two, &one, PATIENCE).await);
    let status = one.device.status().await.unwrap();
    assert!(status[0].last_handshake.is_some() && status[0].received > 0 && status[0].sent > 0, "{status:?}");
}

#[tokio::test]
async fn an_unchanged_peer_keeps_its_session_and_so_does_one_with_new_networks() {
    let (one, two) = two_ends().await;
    assert!(send(&one, &two, PATIENCE).await);
    let before = one.raw().await;
    let mut wanted = two.as_peer(7);
    assert!(one.wants(&wanted).await.is_empty());
    wanted.allowed_ips.push("10.0.9.0/24".parse().unwrap());
    assert_eq!(one.wants(&wanted).await.modified, [wanted.clone()]);
    let after = one.raw().await;
    assert_eq!(after.received, before.received, "the count of a session that is still the same");
    assert!(after.last_handshake.is_some());
    assert_eq!(after.peer.allowed_ips.len(), 2);
    assert!(send(&one, &two, PATIENCE).await);
}

#[tokio::test]
async fn a_new_preshared_key_ends_the_session_at_once() {
    let (one, two) = two_ends().await;
    assert!(send(&one, &two, PATIENCE).await);
    one.wants(&two.as_peer(8)).await;
    assert!(!send(&one, &two, MOMENT).await, "a session outlived its preshared key");
    assert!(one.raw().await.last_handshake.is_none());
}

#[tokio::test]
async fn a_removed_peer_gets_nothing_more() {
    let (one, two) = two_ends().await;
    assert!(send(&two, &one, PATIENCE).await);
    assert_eq!(one.device.set(&[]).await.unwrap().removed, [two.key.public_key()]);
    assert!(!send(&two, &one, MOMENT).await);
}

#[tokio::test]
async fn a_peer_speaks_for_its_own_addresses_only() {
    let (mut one, two) = two_ends().await;
    assert!(send(&one, &two, PATIENCE).await);
    one.host = 3;
    assert!(!send(&one, &two, MOMENT).await, "a packet with somebody else's address was delivered");
    one.host = 1;
    assert!(send(&one, &two, PATIENCE).await);
}

#[tokio::test]
async fn a_handshake_agrees_anew_and_loses_no_packet() {
    let (one, two) = two_ends().await;
    one.device.handshake().await.unwrap();
    let first = one.raw().await.last_handshake.expect("no handshake without traffic");
    assert!(send(&two, &one, PATIENCE).await && send(&one, &two, PATIENCE).await);
    let received = one.device.status().await.unwrap()[0].received;
    let agreed_anew = async {
        // gotatun's clock moves on four times a second.
        for round in 1.. {
            one.gives(2, round).await;
            two.gives(1, round).await;
            one.device.handshake().await.unwrap();
            assert_eq!(two.gets(PATIENCE).await, Some(round), "a packet was lost");
            assert_eq!(one.gets(PATIENCE).await, Some(round), "a packet was lost");
            if one.raw().await.last_handshake > Some(first) {
                return;
            }
        }
    };
    timeout(PATIENCE, agreed_anew).await.expect("no second handshake");
    let second = one.raw().await;
    assert!(second.received >= received, "counters fell");
}

#[tokio::test]
async fn who_cannot_be_asked_anew_keeps_the_session() {
    let (one, two) = two_ends().await;
    assert!(send(&one, &two, PATIENCE).await);
    let deaf = UdpSocket::bind("127.0.0.1:0").unwrap();
    let elsewhere = Peer { endpoint: Some(deaf.local_addr().unwrap()), ..two.as_peer(7) };
    one.device.system.invite(&[elsewhere]).await.unwrap();
    assert_eq!(one.raw().await.peer.endpoint, two.as_peer(7).endpoint, "packets go where nobody has answered");
    assert!(send(&one, &two, PATIENCE).await);
}

#[tokio::test]
async fn only_another_endpoint_keeps_the_session() {
    let (one, two) = two_ends().await;
    assert!(send(&one, &two, PATIENCE).await);
    let before = one.raw().await;
    let moved = Peer { endpoint: Some((Ipv4Addr::new(127, 0, 0, 2), two.port()).into()), ..two.as_peer(7) };
    assert_eq!(one.wants(&moved).await.modified, std::slice::from_ref(&moved));
    assert!(send(&one, &two, PATIENCE).await);
    let after = one.raw().await;
    assert!(after.sent > before.sent && after.last_handshake.is_some());
}

#[tokio::test]
async fn nobody_there_is_no_error_and_takes_no_time() {
    let one = End::start(1);
    let absent = End::start(2).as_peer(7);
    one.wants(&absent).await;
    timeout(PATIENCE, one.device.handshake()).await.expect("waits for nobody").unwrap();
    assert!(one.raw().await.last_handshake.is_none());
}

#[tokio::test]
async fn a_taken_port_is_told_as_such() {
    let one = End::start(1);
    let refused = start(&config(&one.key, one.port(), false)).map(drop);
    assert!(matches!(refused, Err(Error::Listen { port, .. }) if port == one.port()), "{refused:?}");
}

#[tokio::test]
async fn removed_is_gone_with_its_threads() {
    let one = End::start(1);
    let (port, engine) = (one.port(), Arc::downgrade(&one.device.system.engine));
    one.device.system.remove().await.unwrap();
    assert!(engine.upgrade().is_none(), "a thread still holds the device");
    UdpSocket::bind(("0.0.0.0", port)).expect("the port is still taken");
}

#[tokio::test]
async fn a_tun_that_is_taken_away_is_told_and_so_is_a_thread_that_panicked() {
    for end in [&[], BUG] {
        let one = End::start(1);
        one.system.send(end).await.unwrap();
        let told = async {
            while one.device.system.read().await.is_ok() {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, told).await.expect("nobody noticed");
        assert!(matches!(one.device.system.read().await, Err(Error::Gone(_))));
    }
}

#[tokio::test]
async fn a_gateway_echoes_what_asks_for_it_and_a_client_does_not() {
    let asking = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    for (serves, own, answers) in [(true, "127.0.0.1", true), (true, "127.0.0.2", true), (false, "127.0.0.1", false)] {
        let end = End::start_as(1, serves);
        let asked = SocketAddr::new(own.parse().unwrap(), end.port());
        let question = [0xf5, 1, 2, 3, 4, 5, 6, 7, 8];
        asking.send_to(&question, asked).await.unwrap();
        let mut answer = [0; 64];
        let patience = if answers { PATIENCE } else { MOMENT };
        let got = timeout(patience, asking.recv_from(&mut answer)).await;
        assert_eq!(got.is_ok(), answers);
        if let Ok(Ok((length, from))) = got {
            assert_eq!((answer[0], &answer[1..length], from), (0xf4, &question[1..], asked));
        }
    }
}

#[tokio::test]
async fn an_answer_is_not_answered() {
    let end = End::start_as(1, true);
    let (to, asking) = (("127.0.0.1", end.port()), tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap());
    asking.send_to(&[0xf4, 1], to).await.unwrap();
    asking.send_to(&[0xf5, 2], to).await.unwrap();
    let mut answer = [0; 64];
    timeout(PATIENCE, asking.recv_from(&mut answer)).await.expect("no answer").unwrap();
    assert_eq!(answer[..2], [0xf4, 2], "the first was taken for a question");
}

#[tokio::test]
async fn one_sender_s_initiations_are_bounded_and_a_carrier_s_are_its_own() {
    let gateway = End::start_as(1, true);
    let to = ("127.0.0.1", gateway.port());
    let stranger = |number: u8| {
        let secret = StaticSecret::from([number; 32]);
        let (key, gateway) = (PublicKey::from(&secret), PublicKey::from(*gateway.key.public_key().bytes()));
        let limiter = Arc::new(RateLimiter::new(&key, 1));
        let mut tunnel = Tunn::new(secret, gateway, None, None, IndexTable::from_os_rng(), limiter);
        (key.to_bytes(), gotatun::packet::Packet::from(tunnel.format_handshake_initiation(true).unwrap()))
    };
    let many: Vec<_> = (1..=60).map(stranger).collect();
    let (last, initiation) = stranger(61);
    let (one, other) = (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
    for (_, initiation) in &many {
        one.send_to(initiation, to).unwrap();
    }
    other.send_to(&initiation, to).unwrap();
    let kept = |key: &[u8; 32]| gateway.device.system.engine.serving().unwrap().take(key, Instant::now()).is_some();
    let read = async {
        while !kept(&last) {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, read).await.expect("another carrier's initiation was refused");
    // What was worked on are the first fifty; the last of them are kept.
    let kept: Vec<usize> = (0..60).filter(|number| kept(&many[*number].0)).collect();
    assert_eq!(kept, (42..50).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_gateway_speaks_from_the_address_that_was_asked_while_it_has_it() {
    let (member, gateway) = (End::start(1), End::start_as(2, true));
    let second = SocketAddr::from(([127, 0, 0, 2], gateway.port()));
    gateway.wants(&Peer { endpoint: None, ..member.as_peer(7) }).await;
    member.wants(&Peer { endpoint: Some(second), ..gateway.as_peer(7) }).await;
    // It goes where it was last answered from.
    assert!(send(&member, &gateway, PATIENCE).await);
    assert_eq!(member.raw().await.peer.endpoint, Some(second), "the handshake");
    assert!(send(&gateway, &member, PATIENCE).await);
    assert_eq!(member.raw().await.peer.endpoint, Some(second), "packets");

    let peer = gateway.device.system.engine.table().iter().map(|entry| Arc::clone(&entry.peer)).next().unwrap();
    let known = peer.state().endpoint.unwrap();
    assert_eq!(known.local, Some(second.ip()));
    peer.state().endpoint = Some(Endpoint { local: Some([192, 0, 2, 1].into()), ..known });
    assert!(send(&gateway, &member, PATIENCE).await, "a gone address keeps packets back");
    let forgotten = async {
        while peer.state().endpoint != Some(known.remote.into()) {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, forgotten).await.expect("a gone address is still tried");
}

#[tokio::test]
async fn an_initiation_that_comes_before_its_peer_is_answered_when_the_peer_comes() {
    let (member, gateway) = (End::start(1), End::start_as(2, true));
    let second = SocketAddr::from(([127, 0, 0, 2], gateway.port()));
    member.wants(&Peer { endpoint: Some(second), ..gateway.as_peer(7) }).await;
    member.device.handshake().await.unwrap();
    assert!(member.raw().await.last_handshake.is_none(), "a stranger was answered");
    let began = Instant::now();
    gateway.wants(&Peer { endpoint: None, ..member.as_peer(7) }).await;
    let agreed = async {
        while member.raw().await.last_handshake.is_none() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, agreed).await.expect("the early initiation was forgotten");
    assert_eq!(member.raw().await.peer.endpoint, Some(second), "answered from another address than was asked");
    assert!(began.elapsed() < Duration::from_secs(4), "it was the second initiation that was answered");
    assert!(send(&member, &gateway, PATIENCE).await);
}

#[tokio::test]
async fn garbage_from_anyone_harms_nothing() {
    let (one, two) = two_ends().await;
    assert!(send(&one, &two, PATIENCE).await);
    let stranger = UdpSocket::bind("127.0.0.1:0").unwrap();
    for length in [0usize, 1, 3, 4, 16, 31, 32, 33, 64, 92, 148, 149, 1500, 60_000] {
        for first in [0u8, 1, 2, 3, 4, 0xf4, 0xf5] {
            let mut datagram = vec![0x55; length];
            if let Some(head) = datagram.get_mut(..4) {
                head.copy_from_slice(&[first, 0, 0, 0]);
            }
            stranger.send_to(&datagram, ("127.0.0.1", two.port())).unwrap();
        }
        if length > 0 {
            two.system.send(&vec![0xff; length]).await.unwrap();
        }
    }
    assert!(send(&one, &two, PATIENCE).await && send(&two, &one, PATIENCE).await);
}

#[tokio::test]
async fn the_window_shows_the_device_without_its_keys() {
    let folder = tempfile::tempdir().unwrap();
    let (key, peer) = (PrivateKey::generate().unwrap(), End::start(2).as_peer(7));
    let (device, _system) = start(&config(&key, 0, false)).unwrap();
    let _window = Window::open_in(folder.path(), "wg0", device.shown()).unwrap();
    device.change(&Changes { added: vec![peer.clone()], ..Changes::default() }).await.unwrap();

    let mut stream = tokio::net::UnixStream::connect(folder.path().join("wg0.sock")).await.unwrap();
    stream.write_all(b"get=1\n\n").await.unwrap();
    stream.shutdown().await.unwrap();
    let mut shown = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut shown)).await.unwrap().unwrap();

    let hex = |bytes: &[u8; 32]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert!(shown.contains(&hex(peer.public_key.bytes())) && shown.ends_with("errno=0\n\n"), "{shown}");
    assert!(!shown.contains(&hex(key.bytes())) && !shown.contains(&hex(&[7; 32])), "{shown}");
}
