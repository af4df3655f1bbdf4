//! Places for connections: so many in all, and for each line and network. A part of them is for networks that are known; of the others whoever only waits
//! makes room for a newcomer, so that nobody keeps strangers out by holding connections.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use ipnet::IpNet;
use tokio_util::sync::CancellationToken;

use crate::{budgets, config::Limits};

/// Which part of the places is kept for networks that are known.
const RESERVED: usize = 4;

/// Places for connections, in all and per line, as the budgets have it: an IPv6 network has more addresses than there are places.
#[derive(Debug)]
pub struct Places {
    limits: Limits,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    taken: HashMap<IpNet, usize>,
    /// Strangers of whom no request is worked on. The first makes room for a newcomer.
    idle: BTreeMap<Turn, Leaves>,
    number: u64,
}

/// Whoever was answered most has least to wait for; then whoever is there longest.
type Turn = (Reverse<u64>, u64);

/// Who is told to leave.
#[derive(Debug)]
struct Leaves {
    from: IpNet,
    wanted: CancellationToken,
}

/// One place; given back when dropped.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    from: IpNet,
    /// The order in which they came.
    number: u64,
    known: bool,
    answered: AtomicU64,
    /// Somebody else has it now.
    wanted: CancellationToken,
    /// Bytes of files that have gone this way since last looked at.
    moved: AtomicU64,
}

/// As long as one of its requests is worked on, nobody else gets the place.
#[derive(Debug)]
pub struct Busy(Arc<Place>);

/// The place of the connection by which a request came.
#[derive(Clone)]
pub struct Seat(Arc<Place>);

/// A place that others may have meanwhile; taken again when dropped, also where there is none left.
pub struct Lent(Arc<Place>);

impl Places {
    /// All free.
    pub fn new(limits: Limits) -> Self {
        Self { limits, state: Mutex::default() }
    }

    /// A place for a connection from an address, whose network may be `known`.
    pub fn take(self: &Arc<Self>, from: IpAddr, known: bool) -> Option<Arc<Place>> {
        let (from, network) = (budgets::of_address(from), budgets::of_network(from));
        let mut state = self.state();
        let beside: usize =
            state.taken.iter().filter(|(line, _)| network.contains(*line)).map(|(_, places)| places).sum();
        let own = state.taken.get(&from).copied().unwrap_or(0);
        let Limits { connections, connections_per_network, connections_per_address, .. } = self.limits;
        if beside >= connections_per_network || own >= connections_per_address {
            return None;
        }
        let open = if known { connections } else { connections - connections / RESERVED };
        let all: usize = state.taken.values().sum();
        if all >= open {
            let (_, leaves) = state.idle.pop_first()?;
            leaves.wanted.cancel();
            state.give(leaves.from);
        }
        state.take(from);
        state.number += 1;
        let place = Place {
            places: Arc::clone(self),
            from,
            number: state.number,
            known,
            answered: AtomicU64::new(0),
            wanted: CancellationToken::new(),
            moved: AtomicU64::new(0),
        };
        state.rest(&place);
        Some(Arc::new(place))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take(&mut self, from: IpNet) {
        *self.taken.entry(from).or_default() += 1;
    }

    fn give(&mut self, from: IpNet) {
        match self.taken.get_mut(&from) {
            Some(own) if *own > 1 => *own -= 1,
            Some(_) | None => drop(self.taken.remove(&from)),
        }
    }

    fn rest(&mut self, place: &Place) {
        if !place.known && !place.wanted.is_cancelled() {
            self.idle.insert(place.turn(), Leaves { from: place.from, wanted: place.wanted.clone() });
        }
    }
}

impl Place {
    /// Until somebody else has this place: the connection is to end.
    pub async fn wanted(&self) {
        self.wanted.cancelled().await;
    }

    /// A request came.
    pub fn busy(self: &Arc<Self>) -> Busy {
        self.places.state().idle.remove(&self.turn());
        Busy(Arc::clone(self))
    }

    /// Bytes of files since the last call.
    pub fn take_moved(&self) -> u64 {
        self.moved.swap(0, Ordering::Relaxed)
    }

    fn turn(&self) -> Turn {
        (Reverse(self.answered.load(Ordering::Relaxed)), self.number)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut state = self.0.places.state();
        state.idle.remove(&self.0.turn());
        self.0.answered.fetch_add(1, Ordering::Relaxed);
        state.rest(&self.0);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.places.state();
        state.idle.remove(&self.turn());
        if !self.wanted.is_cancelled() {
            state.give(self.from);
        }
    }
}

impl Seat {
    /// Of a connection.
    pub fn of(place: &Arc<Place>) -> Self {
        Self(Arc::clone(place))
    }

    /// Leaves the place to others as long as the request only waits.
    pub fn lend(&self) -> Lent {
        self.0.places.state().give(self.0.from);
        Lent(Arc::clone(&self.0))
    }

    /// So many bytes of a file are on their way.
    pub fn moved(&self, bytes: usize) {
        self.0.moved.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.0.places.state().take(self.0.from);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn places_are_few_per_address_and_given_back() {
        let limits = Limits { connections: 3, connections_per_address: 2, ..Limits::default() };
        let places = Arc::new(Places::new(limits));
        let (a, b, c) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]), IpAddr::from([192, 0, 2, 3]));
        let first = places.take(a, true);
        let second = places.take(a, true);
        assert!(first.is_some() && second.is_some() && places.take(a, true).is_none());
        let third = places.take(b, true);
        assert!(third.is_some() && places.take(c, true).is_none());
        drop(first);
        assert!(places.take(c, true).is_some());
        drop((second, third));
        assert!(places.state().taken.is_empty());
    }

    #[test]
    fn strangers_leave_places_to_networks_that_are_known() {
        let places = Arc::new(Places::new(Limits { connections: 4, ..Limits::default() }));
        let take = |network: u8, known| places.take(IpAddr::from([192, 0, network, 1]), known);
        let strangers = [1, 2, 3].map(|network| take(network, false).unwrap());
        let busy = strangers.each_ref().map(Place::busy);
        assert!(take(4, false).is_none());
        let member = take(5, true);
        assert!(member.is_some() && take(6, true).is_none(), "there are no more");
        drop(busy);
    }

    #[tokio::test]
    async fn a_newcomer_gets_the_place_of_the_stranger_who_was_answered_most_or_has_waited_longest() {
        let places = Arc::new(Places::new(Limits { connections: 6, ..Limits::default() }));
        let take = |network: u8, known| places.take(IpAddr::from([192, 0, network, 1]), known);
        let is_wanted = |place: &Arc<Place>| place.wanted().now_or_never().is_some();
        let [quiet, once, twice, works] = [1, 2, 3, 4].map(|network| take(network, false).unwrap());
        let member = take(5, true).unwrap();
        for answered in [&once, &twice, &twice] {
            drop(answered.busy());
        }
        let busy = works.busy();
        let mut newcomers = Vec::new();
        for (network, leaves) in [(6, &twice), (7, &once), (8, &quiet)] {
            assert!(!is_wanted(leaves));
            newcomers.push(take(network, false).unwrap());
            assert!(is_wanted(leaves), "{network}");
        }
        assert!(!is_wanted(&works) && !is_wanted(&member));
        let last = take(9, false).unwrap();
        assert!(is_wanted(&newcomers[0]), "the one that has waited longest");
        drop(busy);
        assert!(take(10, false).is_some() && is_wanted(&works), "it has been answered");
        // Who had to go gives nothing back.
        drop((quiet, once, twice, works, newcomers, last, member));
        assert!(places.state().taken.is_empty() && places.state().idle.is_empty());
    }

    #[test]
    fn a_request_that_came_when_its_place_was_given_away_takes_it_from_nobody() {
        let places = Arc::new(Places::new(Limits { connections: 2, ..Limits::default() }));
        let take = |network: u8| places.take(IpAddr::from([192, 0, network, 1]), false);
        let (gone, stays) = (take(1).unwrap(), take(2).unwrap());
        drop(gone.busy());
        drop(gone);
        assert_eq!(places.state().idle.len(), 1);
        drop(stays);
        assert!(places.state().idle.is_empty());
    }

    #[test]
    fn no_network_fills_all_places() {
        let limits = Limits { connections: 9, connections_per_network: 2, ..Limits::default() };
        let places = Arc::new(Places::new(limits));
        let take = |text: &str| places.take(text.parse().unwrap(), true);
        let held = [
            take("192.0.2.1"),
            take("192.0.2.2"),
            take("198.51.100.1"),
            take("2001:db8:1:100::1"),
            take("2001:db8:1:200::1"),
        ];
        assert!(held.iter().all(Option::is_some));
        assert!(take("192.0.2.3").is_none() && take("2001:db8:1:300::1").is_none());
        assert!(take("203.0.113.1").is_some());
    }

    #[test]
    fn who_only_waits_leaves_the_place_to_others() {
        let limits = Limits { connections: 1, connections_per_address: 1, ..Limits::default() };
        let places = Arc::new(Places::new(limits));
        let (a, b) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let seat = Seat(places.take(a, true).unwrap());
        assert!(places.take(b, true).is_none());
        let lent = seat.lend();
        let other = places.take(b, true).unwrap();
        drop(lent);
        drop(other);
        assert!(places.take(b, true).is_none(), "it is taken again");
        drop(seat);
        assert!(places.take(b, true).is_some());
        assert!(places.state().taken.is_empty());
    }

    #[test]
    fn all_addresses_of_one_ipv6_line_share_its_places() {
        let limits = Limits { connections: 9, connections_per_address: 2, ..Limits::default() };
        let places = Arc::new(Places::new(limits));
        let take = |text: &str| places.take(text.parse().unwrap(), true);
        let held = [take("2001:db8:1:1::1"), take("2001:db8:1:ff::2"), take("2001:db8:1:100::1")];
        assert!(held.iter().all(Option::is_some));
        assert!(take("2001:db8:1:80::3").is_none());
    }
}
