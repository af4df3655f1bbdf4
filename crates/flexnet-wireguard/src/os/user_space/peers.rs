//! The peers of a user-space device, found by key, by address and by the index in a packet.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use gotatun::{noise::Tunn, x25519::PublicKey};
use ipnet::IpNet;
use tokio::sync::watch;

use crate::os::endpoint::Endpoint;

/// A peer and what was agreed with it.
pub(super) struct Peer {
    pub key: PublicKey,
    state: Mutex<State>,
    /// Told whenever it has answered an initiation of ours.
    pub answered: watch::Sender<()>,
}

pub(super) struct State {
    pub tunnel: Tunn,
    /// Where it was last heard from, or is looked for.
    pub endpoint: Option<Endpoint>,
    /// When an initiation was last sent to a peer that had been given up.
    pub retried: Option<Instant>,
}

impl Peer {
    pub(super) fn new(key: PublicKey, tunnel: Tunn, endpoint: Option<Endpoint>) -> Self {
        let state = Mutex::new(State { tunnel, endpoint, retried: None });
        Self { key, state, answered: watch::Sender::new(()) }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It is spoken to in another way, unless it has been heard from elsewhere since.
    pub(super) fn reroute(&self, before: Endpoint, now: Endpoint) {
        let mut state = self.state();
        if state.endpoint == Some(before) {
            state.endpoint = Some(now);
        }
    }
}

/// All peers, and who owns which address.
#[derive(Default)]
pub(super) struct Table {
    entries: HashMap<[u8; 32], Entry>,
    routes: Routes,
}

pub(super) struct Entry {
    pub peer: Arc<Peer>,
    pub networks: Vec<IpNet>,
}

impl Table {
    pub(super) fn insert(&mut self, peer: Peer, networks: Vec<IpNet>) -> &Arc<Peer> {
        let peer = Arc::new(peer);
        self.routes.add(&networks, &peer);
        let id = peer.key.to_bytes();
        &self.entries.entry(id).insert_entry(Entry { peer, networks }).into_mut().peer
    }

    pub(super) fn remove(&mut self, key: &[u8; 32]) -> Option<Arc<Peer>> {
        let entry = self.entries.remove(key)?;
        self.routes.remove(&entry.networks, &entry.peer);
        Some(entry.peer)
    }

    /// Gives a peer other networks.
    pub(super) fn reroute(&mut self, key: &[u8; 32], networks: Vec<IpNet>) {
        let Some(entry) = self.entries.get_mut(key) else { return };
        self.routes.remove(&entry.networks, &entry.peer);
        self.routes.add(&networks, &entry.peer);
        entry.networks = networks;
    }

    pub(super) fn get(&self, key: &[u8; 32]) -> Option<&Arc<Peer>> {
        self.entries.get(key).map(|entry| &entry.peer)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// Who owns this address: the peer with the longest prefix.
    pub(super) fn owner(&self, address: IpAddr) -> Option<&Arc<Peer>> {
        self.routes.find(address)
    }
}

/// Networks by the length of their prefix, longest first. A device has few lengths, however many peers.
#[derive(Default)]
struct Routes(Vec<(bool, u8, HashMap<IpNet, Arc<Peer>>)>);

impl Routes {
    fn add(&mut self, networks: &[IpNet], peer: &Arc<Peer>) {
        for network in networks.iter().map(IpNet::trunc) {
            let (v4, length) = (network.addr().is_ipv4(), network.prefix_len());
            let place = self.0.partition_point(|(_, longer, _)| *longer > length);
            let here = self.0.iter().skip(place).take_while(|(_, same, _)| *same == length);
            let place = match here.map(|(family, ..)| *family).position(|family| family == v4) {
                Some(further) => place + further,
                None => {
                    self.0.insert(place, (v4, length, HashMap::new()));
                    place
                }
            };
            if let Some((_, _, networks)) = self.0.get_mut(place) {
                networks.insert(network, Arc::clone(peer));
            }
        }
    }

    /// Only what is still this peer's: another may have claimed it since.
    fn remove(&mut self, networks: &[IpNet], peer: &Arc<Peer>) {
        for network in networks.iter().map(IpNet::trunc) {
            for (_, _, known) in &mut self.0 {
                if known.get(&network).is_some_and(|owner| Arc::ptr_eq(owner, peer)) {
                    known.remove(&network);
                }
            }
        }
        self.0.retain(|(_, _, networks)| !networks.is_empty());
    }

    fn find(&self, address: IpAddr) -> Option<&Arc<Peer>> {
        self.0
            .iter()
            .filter(|(v4, ..)| *v4 == address.is_ipv4())
            .find_map(|(_, length, networks)| networks.get(&IpNet::new(address, *length).ok()?.trunc()))
    }
}

/// Where an IP packet comes from and where it goes.
pub(super) fn source(packet: &[u8]) -> Option<IpAddr> {
    address(packet, 12, 8)
}

pub(super) fn destination(packet: &[u8]) -> Option<IpAddr> {
    address(packet, 16, 24)
}

fn address(packet: &[u8], v4: usize, v6: usize) -> Option<IpAddr> {
    match packet.first()? >> 4 {
        4 => packet.get(v4..)?.first_chunk::<4>().map(|bytes| IpAddr::from(*bytes)),
        6 => packet.get(v6..)?.first_chunk::<16>().map(|bytes| IpAddr::from(*bytes)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use gotatun::{
        noise::{index_table::IndexTable, rate_limiter::RateLimiter},
        x25519::StaticSecret,
    };
    use proptest::{collection, prelude::*};

    use super::*;

    fn peer(number: u8) -> Peer {
        let secret = StaticSecret::from([number; 32]);
        let key = PublicKey::from(&secret);
        let limiter = Arc::new(RateLimiter::new(&key, 1));
        Peer::new(key, Tunn::new(secret, key, None, None, IndexTable::from_os_rng(), limiter), None)
    }

    fn network() -> impl Strategy<Value = IpNet> {
        let v4 = (0u32..4, 28u8..=32).prop_map(|(host, length)| (std::net::Ipv4Addr::from(host).into(), length));
        let v6 = (0u128..4, 124u8..=128).prop_map(|(host, length)| (std::net::Ipv6Addr::from(host).into(), length));
        prop_oneof![v4, v6].prop_map(|(address, length)| IpNet::new(address, length).unwrap().trunc())
    }

    proptest! {
        #[test]
        fn the_longest_prefix_owns(
            networks in collection::hash_map(network(), 0u8..4, 0..12),
            gone in 0u8..4,
            hosts in collection::vec(0u8..8, 8),
        ) {
            let mut table = Table::default();
            let keys: Vec<[u8; 32]> = (0..4).map(|number| {
                let own = networks.iter().filter(|(_, owner)| **owner == number).map(|(network, _)| *network).collect();
                table.insert(peer(number + 1), own).key.to_bytes()
            }).collect();
            table.remove(&keys[usize::from(gone)]);
            for host in hosts {
                for address in [IpAddr::from([0, 0, 0, host]), IpAddr::from(u128::from(host).to_be_bytes())] {
                    let expected = networks.iter()
                        .filter(|(network, owner)| **owner != gone && network.contains(&address))
                        .max_by_key(|(network, _)| network.prefix_len())
                        .map(|(_, owner)| keys[usize::from(*owner)]);
                    prop_assert_eq!(table.owner(address).map(|peer| peer.key.to_bytes()), expected);
                }
            }
        }
    }
}
