//! What has to be done to a device so that it has the wanted peers. Pure: it never sees a device, and keeps nothing.

use std::collections::{BTreeMap, BTreeSet};

use flexnet_protocol::Key;
use ipnet::IpNet;

use crate::{Error, Peer};

/// The differences between the peers that a device has and those that are wanted, in the order in which they are applied.
/// An unchanged peer is in none of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// To be taken out. Their sessions end.
    pub removed: Vec<Key>,
    /// To be changed in place. Their sessions go on.
    pub modified: Vec<Peer>,
    /// To be put in. Who is in `removed` as well starts anew: no session outlives the preshared key it was agreed with.
    pub added: Vec<Peer>,
}

impl Changes {
    /// Nothing is to be done.
    pub fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.modified.is_empty() && self.added.is_empty()
    }
}

/// What turns `have` into `wanted`. The endpoints in `have` are those that were once asked for, not those learned since:
/// a peer that has moved is not a changed one, and a wanted endpoint of `None` is no opinion.
///
/// # Errors
/// [`Error::Contradiction`] if no device can have the wanted peers.
pub fn diff(have: &[Peer], wanted: &[Peer]) -> Result<Changes, Error> {
    let wanted_keys = consistent(wanted)?;
    let have: BTreeMap<&[u8; 32], &Peer> = have.iter().map(|peer| (peer.public_key.bytes(), peer)).collect();
    let mut changes = Changes::default();
    for peer in have.values().filter(|peer| !wanted_keys.contains(peer.public_key.bytes())) {
        changes.removed.push(peer.public_key.clone());
    }
    for peer in wanted {
        let Some(before) = have.get(peer.public_key.bytes()) else {
            changes.added.push(peer.clone());
            continue;
        };
        if before.preshared_key != peer.preshared_key {
            changes.removed.push(peer.public_key.clone());
            changes.added.push(peer.clone());
        } else if is_modified(before, peer) {
            changes.modified.push(peer.clone());
        }
    }
    Ok(changes)
}

fn is_modified(before: &Peer, wanted: &Peer) -> bool {
    let moved = wanted.endpoint.is_some() && wanted.endpoint != before.endpoint;
    moved || wanted.keepalive_seconds != before.keepalive_seconds || networks(wanted).ne(&networks(before))
}

/// Networks of a peer as WireGuard keeps them: without host bits, without order.
fn networks(peer: &Peer) -> BTreeSet<IpNet> {
    peer.allowed_ips.iter().map(IpNet::trunc).collect()
}

/// The wanted keys. In a device a key is one peer, and a network belongs to one peer: the last that claims it. Two claims on
/// one network would move it to and fro with every reconciliation, and one member's packets with it.
fn consistent(wanted: &[Peer]) -> Result<BTreeSet<&[u8; 32]>, Error> {
    let (mut keys, mut claimed) = (BTreeSet::new(), BTreeSet::new());
    for peer in wanted {
        if !keys.insert(peer.public_key.bytes()) {
            return Err(Error::Contradiction("two of them have the same public key"));
        }
        for network in networks(peer) {
            if !claimed.insert(network) {
                return Err(Error::Contradiction("two of them claim the same network"));
            }
        }
    }
    Ok(keys)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::net::SocketAddr;

    use proptest::{collection, option, prelude::*, sample::Index};

    use super::*;

    /// What a device does with changes: the model that the real ones are compared with.
    #[derive(Debug, Clone, Default)]
    pub(crate) struct Model(pub BTreeMap<[u8; 32], Peer>);

    impl Model {
        pub(crate) fn apply(&mut self, changes: &Changes) {
            for key in &changes.removed {
                assert!(self.0.remove(key.bytes()).is_some(), "removed what is not there");
            }
            for peer in &changes.modified {
                let old = self.0.get_mut(peer.public_key.bytes()).expect("modified what is not there");
                assert_eq!(old.preshared_key, peer.preshared_key, "a session would outlive its preshared key");
                *old = Peer { endpoint: peer.endpoint.or(old.endpoint), ..peer.clone() };
            }
            for peer in &changes.added {
                assert!(self.0.insert(*peer.public_key.bytes(), peer.clone()).is_none(), "added what is there");
            }
        }

        fn peers(&self) -> Vec<Peer> {
            self.0.values().cloned().collect()
        }

        fn satisfies(&self, wanted: &[Peer]) -> bool {
            self.0.len() == wanted.len()
                && wanted.iter().all(|peer| {
                    self.0.get(peer.public_key.bytes()).is_some_and(|have| {
                        have.preshared_key == peer.preshared_key
                            && networks(have) == networks(peer)
                            && have.keepalive_seconds == peer.keepalive_seconds
                            && (peer.endpoint.is_none() || have.endpoint == peer.endpoint)
                    })
                })
        }
    }

    /// Few keys, secrets and endpoints, so that two lists often share some; each peer has networks of its own.
    fn wanted() -> impl Strategy<Value = Vec<Peer>> {
        let endpoint = (0u8..3).prop_map(|n| SocketAddr::from(([192, 0, 2, n], 51820)));
        let secret = (0u8..2).prop_map(|n| Key::new([n; 32]));
        let rest = (option::of(secret), option::of(endpoint), collection::vec(0u8..3, 0..3), 0u16..2);
        collection::btree_map(0u8..6, rest, 0..6).prop_map(|peers| {
            let peer = |(key, (preshared_key, endpoint, hosts, keepalive_seconds)): (u8, (_, _, Vec<u8>, _))| Peer {
                public_key: Key::new([key; 32]),
                preshared_key,
                endpoint,
                allowed_ips: hosts.iter().map(|host| format!("10.{key}.{host}.7/24").parse().unwrap()).collect(),
                keepalive_seconds,
            };
            peers.into_iter().map(peer).collect()
        })
    }

    fn touched(changes: &Changes) -> BTreeSet<[u8; 32]> {
        let peers = changes.modified.iter().chain(&changes.added).map(|peer| *peer.public_key.bytes());
        changes.removed.iter().map(|key| *key.bytes()).chain(peers).collect()
    }

    proptest! {
        #[test]
        fn what_is_wanted_comes_about(lists in collection::vec(wanted(), 1..5)) {
            let mut model = Model::default();
            for wanted in &lists {
                model.apply(&diff(&model.peers(), wanted).unwrap());
                prop_assert!(model.satisfies(wanted), "{model:?} is not {wanted:?}");
                prop_assert!(diff(&model.peers(), wanted).unwrap().is_empty(), "asked twice, done twice");
            }
        }

        #[test]
        fn an_unchanged_peer_is_never_touched(before in wanted(), mut after in wanted(), kept in any::<Index>()) {
            let mut model = Model::default();
            model.apply(&diff(&[], &before).unwrap());
            prop_assume!(!before.is_empty());
            let kept = kept.get(&before).clone();
            after.retain(|peer| peer.public_key != kept.public_key);
            after.push(kept.clone());
            let changes = diff(&model.peers(), &after).unwrap();
            prop_assert!(!touched(&changes).contains(kept.public_key.bytes()), "{kept:?} in {changes:?}");
        }

        #[test]
        fn neither_order_nor_host_bits_are_a_change(mut peers in wanted()) {
            let mut model = Model::default();
            model.apply(&diff(&[], &peers).unwrap());
            peers.reverse();
            for peer in &mut peers {
                peer.allowed_ips = peer.allowed_ips.iter().rev().map(IpNet::trunc).collect();
            }
            prop_assert!(diff(&model.peers(), &peers).unwrap().is_empty());
        }
    }

    fn peer(key: u8, network: &str) -> Peer {
        Peer {
            public_key: Key::new([key; 32]),
            preshared_key: Some(Key::new([9; 32])),
            endpoint: None,
            allowed_ips: vec![network.parse().unwrap()],
            keepalive_seconds: 0,
        }
    }

    #[test]
    fn a_changed_preshared_key_ends_the_session() {
        let before = peer(1, "10.0.0.1/32");
        let after = Peer { preshared_key: Some(Key::new([8; 32])), ..before.clone() };
        let changes = diff(&[before], std::slice::from_ref(&after)).unwrap();
        assert_eq!(changes, Changes { removed: vec![after.public_key.clone()], modified: vec![], added: vec![after] });
    }

    #[test]
    fn changed_networks_keep_the_session() {
        let after = peer(1, "10.0.0.2/32");
        let changes = diff(&[peer(1, "10.0.0.1/32")], std::slice::from_ref(&after)).unwrap();
        assert_eq!(changes, Changes { removed: vec![], modified: vec![after], added: vec![] });
    }

    #[test]
    fn contradictions_are_refused() {
        let same_key = diff(&[], &[peer(1, "10.0.0.1/32"), peer(1, "10.0.0.2/32")]);
        assert!(matches!(same_key, Err(Error::Contradiction(_))), "{same_key:?}");
        let same_network = diff(&[], &[peer(1, "10.0.0.0/24"), peer(2, "10.0.0.9/24")]);
        assert!(matches!(same_network, Err(Error::Contradiction(_))), "{same_network:?}");
    }
}
