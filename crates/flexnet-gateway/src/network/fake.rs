//! The in-memory twin of the tunnel and of the lease source, for tests.

use std::{
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use flexnet_wireguard::{Peer, PeerStatus};

use super::{Error, Lease, LeaseSource, Reading, SourceError};

/// A tunnel that only remembers. Clones share their memory, so a test keeps one.
#[derive(Debug, Clone, Default)]
pub struct Tunnel {
    inner: Arc<Mutex<Device>>,
}

#[derive(Debug, Default)]
struct Device {
    peers: Vec<(Peer, u64)>,
    refuses: bool,
    lowered: bool,
}

impl Tunnel {
    /// The installed peers.
    pub fn installed(&self) -> Vec<Peer> {
        self.inner.lock().unwrap().peers.iter().map(|(peer, _)| peer.clone()).collect()
    }

    /// From now on the device refuses, or no longer.
    pub fn refuse(&self, refuses: bool) {
        self.inner.lock().unwrap().refuses = refuses;
    }

    /// Every peer has sent so many bytes.
    pub fn receive(&self, bytes: u64) {
        self.inner.lock().unwrap().peers.iter_mut().for_each(|(_, received)| *received += bytes);
    }

    /// `true` once it was taken off the system.
    pub fn is_lowered(&self) -> bool {
        self.inner.lock().unwrap().lowered
    }
}

impl super::Tunnel for Tunnel {
    async fn set_peers(&self, wanted: &[Peer]) -> Result<(), Error> {
        let mut device = self.inner.lock().unwrap();
        if device.refuses {
            return Err(Error::Link(io::Error::other("refused for the test")));
        }
        let before = std::mem::take(&mut device.peers);
        let received = |peer: &Peer| before.iter().find(|(p, _)| p == peer).map_or(0, |(_, received)| *received);
        device.peers = wanted.iter().map(|peer| (peer.clone(), received(peer))).collect();
        Ok(())
    }

    async fn peers(&self) -> Result<Vec<PeerStatus>, Error> {
        let status = |(peer, received): &(Peer, u64)| PeerStatus {
            public_key: peer.public_key.clone(),
            endpoint: None,
            last_handshake: None,
            received: *received,
            sent: 0,
        };
        Ok(self.inner.lock().unwrap().peers.iter().map(status).collect())
    }

    fn takes_early(&self) -> bool {
        true
    }

    async fn lower(self) -> Result<(), Error> {
        let mut device = self.inner.lock().unwrap();
        device.peers.clear();
        device.lowered = true;
        Ok(())
    }
}

/// Leases that a test sets; `None` is a database that cannot be read.
#[derive(Debug)]
pub struct Leases {
    leases: Mutex<Option<Vec<Lease>>>,
    is_current: AtomicBool,
}

impl Leases {
    /// No leases yet.
    pub fn none() -> Arc<Self> {
        Arc::new(Self { leases: Mutex::new(Some(Vec::new())), is_current: AtomicBool::new(true) })
    }

    /// What the database answers from now on.
    pub fn set(&self, leases: Option<Vec<Lease>>) {
        *self.leases.lock().unwrap() = leases;
    }

    /// Whether they are certain to be those of now, from now on.
    pub fn current(&self, is_current: bool) {
        self.is_current.store(is_current, Ordering::SeqCst);
    }
}

impl LeaseSource for Leases {
    async fn leases(&self) -> Result<Reading, SourceError> {
        let leases = self.leases.lock().unwrap().clone().ok_or("no database for the test")?;
        Ok(Reading { leases, is_current: self.is_current.load(Ordering::SeqCst) })
    }
}
