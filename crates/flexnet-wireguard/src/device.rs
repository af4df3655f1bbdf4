//! A WireGuard device of ours: made, reconciled, read, removed.

use std::{collections::BTreeMap, net::SocketAddr};

use tokio::sync::Mutex;

use crate::{
    Changes, Error, Peer, PeerStatus, PrivateKey, os,
    reconcile::diff,
    system::{Found, System, id},
};

/// What a device is made from.
#[derive(Debug, Clone)]
pub struct DeviceConfig {
    /// Its name, as `ip link` shows it.
    pub name: String,
    /// Its private key.
    pub private_key: PrivateKey,
    /// UDP port to listen on; 0 for any.
    pub listen_port: u16,
    /// Bytes of the largest packet inside the tunnel.
    pub mtu: u16,
    /// It is a gateway's: in user space it answers echoes on its port, and keeps initiations that come before their peer
    /// for five seconds. Clients set `false`.
    pub serves: bool,
}

/// Who moves the packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// The kernel's own WireGuard.
    Kernel,
    /// gotatun in this process.
    UserSpace,
}

/// A WireGuard device. Dropping it ends a user-space device soon after; a kernel device stays until [`Device::remove`].
#[derive(Debug)]
pub struct Device {
    name: String,
    mtu: u16,
    listen_port: u16,
    peers: Reconciler<os::Native>,
}

impl Device {
    /// Makes the device: the kernel's where it has WireGuard, one in this process otherwise. It is down and has no addresses.
    /// A kernel device that stands already under this name is taken over with its peers and their sessions.
    ///
    /// # Errors
    /// [`Error::BadName`], [`Error::NotOnThisSystem`], [`Error::Create`], [`Error::Listen`].
    pub async fn create(config: DeviceConfig) -> Result<Self, Error> {
        if !is_device_name(&config.name) {
            return Err(Error::BadName(config.name));
        }
        let mtu = config.mtu;
        let (native, name) = os::create(config).await?;
        tracing::info!(device = name, backend = ?native.backend(), "WireGuard device created");
        let listen_port = native.listen_port();
        Ok(Self { name, mtu, listen_port, peers: Reconciler::new(native) })
    }

    /// Its name, as `ip link` shows it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Who moves its packets.
    pub fn backend(&self) -> Backend {
        self.peers.system.backend()
    }

    /// Bytes of the largest packet inside the tunnel.
    pub fn mtu(&self) -> u16 {
        self.mtu
    }

    /// UDP port it really listens on; 0 while a kernel device that was given none is down.
    pub fn listen_port(&self) -> u16 {
        self.listen_port
    }

    /// Makes the device have exactly these peers, and tells what that took. An unchanged peer is not touched.
    ///
    /// # Errors
    /// [`Error::Contradiction`], [`Error::Read`], [`Error::Change`], [`Error::Gone`].
    pub async fn set_peers(&self, wanted: &[Peer]) -> Result<Changes, Error> {
        self.peers.set(wanted).await
    }

    /// What the device says of its peers.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Gone`].
    pub async fn peers(&self) -> Result<Vec<PeerStatus>, Error> {
        self.peers.status().await
    }

    /// Asks every peer whose endpoint is known for a new handshake, now, at the endpoint that was asked for last. In user space a
    /// session that stands goes on until the new one is agreed; the kernel's device has to give it up.
    /// Returns when they have answered, and after a quarter of a second in any case.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Change`], [`Error::Gone`].
    pub async fn handshake(&self) -> Result<(), Error> {
        self.peers.handshake().await
    }

    /// Takes the device away; when this returns, it is gone.
    ///
    /// # Errors
    /// [`Error::Remove`].
    pub async fn remove(self) -> Result<(), Error> {
        self.peers.system.remove().await?;
        tracing::info!(device = self.name, "WireGuard device removed");
        Ok(())
    }
}

/// Whether [`remove_leftover`] would find something to take away. Changes nothing.
///
/// # Errors
/// [`Error::BadName`], [`Error::Remove`].
pub fn leftover(name: &str) -> Result<bool, Error> {
    if is_device_name(name) { os::leftover(name) } else { Err(Error::BadName(name.to_owned())) }
}

/// Takes away what a killed process left of a device with this name: the kernel's device, the socket of one in user space.
/// Whether there was anything. What still runs is left alone. Blocks for some milliseconds.
///
/// # Errors
/// [`Error::BadName`], [`Error::Remove`].
pub fn remove_leftover(name: &str) -> Result<bool, Error> {
    if is_device_name(name) { os::remove_leftover(name) } else { Err(Error::BadName(name.to_owned())) }
}

/// Linux takes 15 bytes; the characters are fewer than it takes, because the name becomes part of a path.
fn is_device_name(name: &str) -> bool {
    (1..=15).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
}

/// Brings a device to what is wanted, and remembers what the device itself forgets.
#[derive(Debug)]
pub(crate) struct Reconciler<S> {
    pub(crate) system: S,
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    /// Endpoints that were asked for. The device only knows where a peer was last heard from.
    asked: BTreeMap<[u8; 32], SocketAddr>,
    /// Bytes received and sent before a peer was put in anew.
    carried: BTreeMap<[u8; 32], (u64, u64)>,
}

impl<S: System> Reconciler<S> {
    pub(crate) fn new(system: S) -> Self {
        Self { system, memory: Mutex::default() }
    }

    pub(crate) async fn set(&self, wanted: &[Peer]) -> Result<Changes, Error> {
        let mut memory = self.memory.lock().await;
        let found = self.system.read().await?;
        let have: Vec<Peer> = found.iter().map(|found| memory.asked_for(found)).collect();
        let changes = diff(&have, wanted)?;
        if !changes.is_empty() {
            self.system.change(&changes).await?;
            memory.note(&changes, &found);
        }
        Ok(changes)
    }

    pub(crate) async fn status(&self) -> Result<Vec<PeerStatus>, Error> {
        let memory = self.memory.lock().await;
        let found = self.system.read().await?;
        Ok(found.into_iter().map(|found| memory.status(found)).collect())
    }

    pub(crate) async fn handshake(&self) -> Result<(), Error> {
        let mut memory = self.memory.lock().await;
        let found = self.system.read().await?;
        let mut restart = Changes::default();
        let mut invited = Vec::new();
        for found in &found {
            let endpoint = memory.asked.get(&id(&found.peer.public_key)).copied().or(found.peer.endpoint);
            let peer = Peer { endpoint, ..found.peer.clone() };
            if peer.endpoint.is_none() {
                continue;
            }
            // The kernel agrees on nothing new while a session is young, so there a peer with a session starts anew.
            if found.last_handshake.is_some() && !self.system.keeps_sessions() {
                restart.removed.push(peer.public_key.clone());
                restart.added.push(peer.clone());
            }
            invited.push(peer);
        }
        if !restart.is_empty() {
            self.system.change(&restart).await?;
            memory.note(&restart, &found);
        }
        self.system.invite(&invited).await
    }
}

impl Memory {
    fn asked_for(&self, found: &Found) -> Peer {
        Peer { endpoint: self.asked.get(&id(&found.peer.public_key)).copied(), ..found.peer.clone() }
    }

    fn note(&mut self, changes: &Changes, before: &[Found]) {
        let anew = |key: &[u8; 32]| changes.added.iter().any(|peer| peer.public_key.bytes() == key);
        for key in changes.removed.iter().map(id) {
            self.asked.remove(&key);
            let past = self.carried.remove(&key).unwrap_or_default();
            if anew(&key)
                && let Some(found) = before.iter().find(|found| id(&found.peer.public_key) == key)
            {
                self.carried.insert(key, (past.0 + found.received, past.1 + found.sent));
            }
        }
        for peer in changes.modified.iter().chain(&changes.added) {
            if let Some(endpoint) = peer.endpoint {
                self.asked.insert(id(&peer.public_key), endpoint);
            }
        }
    }

    fn status(&self, found: Found) -> PeerStatus {
        let (received, sent) = self.carried.get(&id(&found.peer.public_key)).copied().unwrap_or_default();
        PeerStatus {
            public_key: found.peer.public_key,
            endpoint: found.peer.endpoint,
            last_handshake: found.last_handshake,
            received: received + found.received,
            sent: sent + found.sent,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Mutex as Plain, time::SystemTime};

    use flexnet_protocol::Key;

    use super::*;
    use crate::reconcile::tests::Model;

    /// A device in which every peer has a session and 100 bytes of traffic, and has moved to another endpoint.
    #[derive(Debug, Default)]
    struct Fake {
        model: Plain<Model>,
        changes: Plain<Vec<Changes>>,
        invited: Plain<Vec<Peer>>,
    }

    impl System for Fake {
        fn backend(&self) -> Backend {
            Backend::Kernel
        }

        fn listen_port(&self) -> u16 {
            0
        }

        fn keeps_sessions(&self) -> bool {
            false
        }

        async fn read(&self) -> Result<Vec<Found>, Error> {
            let found = |peer: &Peer| Found {
                peer: Peer { endpoint: Some(elsewhere()), ..peer.clone() },
                last_handshake: Some(SystemTime::UNIX_EPOCH),
                received: 100,
                sent: 100,
            };
            Ok(self.model.lock().unwrap().0.values().map(found).collect())
        }

        async fn change(&self, changes: &Changes) -> Result<(), Error> {
            self.model.lock().unwrap().apply(changes);
            self.changes.lock().unwrap().push(changes.clone());
            Ok(())
        }

        async fn invite(&self, peers: &[Peer]) -> Result<(), Error> {
            self.invited.lock().unwrap().extend_from_slice(peers);
            Ok(())
        }

        async fn remove(self) -> Result<(), Error> {
            Ok(())
        }
    }

    fn elsewhere() -> SocketAddr {
        "198.51.100.7:7".parse().unwrap()
    }

    fn gateway() -> Peer {
        Peer {
            public_key: Key::new([1; 32]),
            preshared_key: None,
            endpoint: Some("203.0.113.10:51820".parse().unwrap()),
            allowed_ips: vec!["10.210.0.0/24".parse().unwrap()],
            keepalive_seconds: 25,
        }
    }

    #[tokio::test]
    async fn a_peer_that_moved_is_unchanged() {
        let device = Reconciler::new(Fake::default());
        assert_eq!(device.set(&[gateway()]).await.unwrap().added, [gateway()]);
        assert!(device.set(&[gateway()]).await.unwrap().is_empty());
        assert_eq!(device.system.changes.lock().unwrap().len(), 1);
        assert_eq!(device.status().await.unwrap()[0].endpoint, Some(elsewhere()));
    }

    #[tokio::test]
    async fn a_new_endpoint_is_a_change_that_keeps_the_session() {
        let device = Reconciler::new(Fake::default());
        device.set(&[gateway()]).await.unwrap();
        let moved = Peer { endpoint: Some("203.0.113.11:51820".parse().unwrap()), ..gateway() };
        let changes = device.set(std::slice::from_ref(&moved)).await.unwrap();
        assert_eq!(changes, Changes { modified: vec![moved], ..Changes::default() });
    }

    #[tokio::test]
    async fn a_new_handshake_goes_to_the_endpoint_asked_for_and_loses_no_count() {
        let device = Reconciler::new(Fake::default());
        device.set(&[gateway()]).await.unwrap();
        device.handshake().await.unwrap();
        assert_eq!(*device.system.invited.lock().unwrap(), [gateway()]);
        let status = device.status().await.unwrap();
        assert_eq!((status[0].received, status[0].sent), (200, 200));
        assert!(device.set(&[gateway()]).await.unwrap().is_empty(), "still what is wanted");
    }

    #[tokio::test]
    async fn counts_of_a_removed_peer_are_not_given_to_its_successor() {
        let device = Reconciler::new(Fake::default());
        device.set(&[gateway()]).await.unwrap();
        device.handshake().await.unwrap();
        device.set(&[]).await.unwrap();
        device.set(&[gateway()]).await.unwrap();
        assert_eq!(device.status().await.unwrap()[0].received, 100);
    }

    #[test]
    fn names_stay_inside_their_folder() {
        for good in ["kvflex0", "kvgw0", "wg-a_b.1"] {
            assert!(is_device_name(good), "{good}");
        }
        for bad in ["", "..", ".hidden", "a/b", "a b", "sechzehn-zeichen", "ä"] {
            assert!(!is_device_name(bad), "{bad}");
        }
    }
}
