//! A device over a TUN in memory and real sockets on the loopback device: two of them, and what others send to one.

mod life;
mod serving;
mod tunnel;

use std::{
    io::IoSlice,
    net::{Ipv4Addr, UdpSocket},
    os::{
        fd::{AsFd as _, BorrowedFd},
        unix::net::UnixDatagram,
    },
};

use flexnet_protocol::Key;
use ipnet::IpNet;
use nix::sys::socket::{MsgFlags, sendmsg};

use super::*;
use crate::{
    PrivateKey,
    device::Reconciler,
    os::offload::{Offload, VNET},
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
