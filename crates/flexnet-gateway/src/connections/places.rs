//! Places for connections: so many in all, and for each line and network. A part of them is for networks that are known; of the others whoever only waits
//! makes room for a newcomer whose network asked and holds no more, so that few networks cannot keep strangers out by holding connections.

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
/// Connections beyond the limit, as long as they end to make room.
const LEAVING: usize = 100;

/// Places for connections, in all and per line, as the budgets have it: an IPv6 network has more addresses than there are places.
#[derive(Debug)]
pub struct Places {
    limits: Limits,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Also of those that are leaving.
    taken: HashMap<IpNet, usize>,
    /// Who is told that the place is wanted: strangers of whom no request is worked on. The first makes room for a newcomer.
    idle: BTreeMap<Turn, CancellationToken>,
    leaving: usize,
    number: u64,
}

/// First the network that asked and held most, then whoever is there longest.
type Turn = (Reverse<u64>, u64);

/// Who comes, as of the moment at which the connection does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guest {
    /// From a network from which somebody has signed in, and where nobody is guessing now.
    Known,
    /// From another.
    Stranger {
        /// So many requests came from there of late.
        asked: u64,
    },
}

/// One place; given back when dropped.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    from: IpNet,
    /// The order in which they came.
    number: u64,
    /// What its network had asked and held when it came; none for whoever never has to go.
    weight: Option<u64>,
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

    /// A place for a connection from an address.
    pub fn take(self: &Arc<Self>, from: IpAddr, guest: Guest) -> Option<Arc<Place>> {
        let (from, network) = (budgets::of_address(from), budgets::of_network(from));
        let mut state = self.state();
        let beside: usize =
            state.taken.iter().filter(|(line, _)| network.contains(*line)).map(|(_, places)| places).sum();
        let own = state.taken.get(&from).copied().unwrap_or(0);
        let Limits { connections, connections_per_network, connections_per_address, .. } = self.limits;
        if beside >= connections_per_network || own >= connections_per_address {
            return None;
        }
        let (open, weight) = match guest {
            Guest::Known => (connections, None),
            Guest::Stranger { asked } => (connections - connections / RESERVED, Some(asked + beside as u64)),
        };
        let all: usize = state.taken.values().sum();
        if all.saturating_sub(state.leaving) >= open {
            if state.leaving >= LEAVING {
                return None;
            }
            // Whoever had to go and comes again finds only those that asked less, and is gone before it costs a handshake.
            let first = state.idle.first_entry().filter(|first| first.key().0.0 >= weight.unwrap_or(0))?;
            first.remove().cancel();
            state.leaving += 1;
        }
        state.take(from);
        state.number += 1;
        let place = Place {
            places: Arc::clone(self),
            from,
            number: state.number,
            weight,
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
        if let Some(turn) = place.turn().filter(|_| !place.wanted.is_cancelled()) {
            self.idle.insert(turn, place.wanted.clone());
        }
    }

    fn work(&mut self, place: &Place) {
        if let Some(turn) = place.turn() {
            self.idle.remove(&turn);
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
        self.places.state().work(self);
        Busy(Arc::clone(self))
    }

    /// Bytes of files since the last call.
    pub fn take_moved(&self) -> u64 {
        self.moved.swap(0, Ordering::Relaxed)
    }

    fn turn(&self) -> Option<Turn> {
        Some((Reverse(self.weight? + self.answered.load(Ordering::Relaxed)), self.number))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut state = self.0.places.state();
        state.work(&self.0);
        self.0.answered.fetch_add(1, Ordering::Relaxed);
        state.rest(&self.0);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.places.state();
        state.work(self);
        state.give(self.from);
        if self.wanted.is_cancelled() {
            state.leaving -= 1;
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

    const STRANGER: Guest = Guest::Stranger { asked: 0 };

    #[test]
    fn places_are_few_per_address_and_given_back() {
        let limits = Limits { connections: 3, connections_per_address: 2, ..Limits::default() };
        let places = Arc::new(Places::new(limits));
        let (a, b, c) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]), IpAddr::from([192, 0, 2, 3]));
        let first = places.take(a, Guest::Known);
        let second = places.take(a, Guest::Known);
        assert!(first.is_some() && second.is_some() && places.take(a, Guest::Known).is_none());
        let third = places.take(b, Guest::Known);
        assert!(third.is_some() && places.take(c, Guest::Known).is_none());
        drop(first);
        assert!(places.take(c, Guest::Known).is_some());
        drop((second, third));
        assert!(places.state().taken.is_empty());
    }

    #[test]
    fn strangers_leave_places_to_networks_that_are_known() {
        let places = Arc::new(Places::new(Limits { connections: 4, ..Limits::default() }));
        let take = |network: u8, guest| places.take(IpAddr::from([192, 0, network, 1]), guest);
        let strangers = [1, 2, 3].map(|network| take(network, STRANGER).unwrap());
        let busy = strangers.each_ref().map(Place::busy);
        assert!(take(4, STRANGER).is_none());
        let member = take(5, Guest::Known);
        assert!(member.is_some() && take(6, Guest::Known).is_none(), "there are no more");
        drop(busy);
    }

    #[tokio::test]
    async fn a_newcomer_gets_the_place_of_the_stranger_who_asked_most_or_is_there_longest() {
        let places = Arc::new(Places::new(Limits { connections: 6, ..Limits::default() }));
        let take = |network: u8, guest| places.take(IpAddr::from([192, 0, network, 1]), guest);
        let is_wanted = |place: &Arc<Place>| place.wanted().now_or_never().is_some();
        let [quiet, once, twice, works] = [1, 2, 3, 4].map(|network| take(network, STRANGER).unwrap());
        let member = take(5, Guest::Known).unwrap();
        for answered in [&once, &twice, &twice] {
            drop(answered.busy());
        }
        let busy = works.busy();
        assert!(take(3, Guest::Stranger { asked: 3 }).is_none(), "it asked more than anybody who is there");
        let mut newcomers = Vec::new();
        for (network, leaves) in [(6, &twice), (7, &once), (8, &quiet)] {
            assert!(!is_wanted(leaves));
            newcomers.push(take(network, STRANGER).unwrap());
            assert!(is_wanted(leaves), "{network}");
        }
        assert!(!is_wanted(&works) && !is_wanted(&member));
        let last = take(9, STRANGER).unwrap();
        assert!(is_wanted(&newcomers[0]), "the one that is there longest");
        drop(busy);
        assert!(take(10, STRANGER).is_some() && is_wanted(&works), "it has been answered");
        // Who had to go gives nothing back.
        drop((quiet, once, twice, works, newcomers, last, member));
        assert!(places.state().taken.is_empty() && places.state().idle.is_empty());
    }

    #[tokio::test]
    async fn a_request_that_came_when_its_place_was_given_away_takes_it_from_nobody() {
        let places = Arc::new(Places::new(Limits { connections: 2, ..Limits::default() }));
        let take = |network: u8| places.take(IpAddr::from([192, 0, network, 1]), STRANGER);
        let (gone, stays) = (take(1).unwrap(), take(2).unwrap());
        let third = take(3).unwrap();
        assert!(gone.wanted().now_or_never().is_some());
        let (busy, lent) = (gone.busy(), Seat::of(&gone).lend());
        drop((busy, lent));
        assert_eq!(places.state().idle.len(), 2, "it is to be given away twice");
        drop((gone, stays, third));
        assert!(places.state().taken.is_empty() && places.state().idle.is_empty());
        assert_eq!(places.state().leaving, 0);
    }

    #[test]
    fn few_networks_that_hold_many_places_keep_out_nobody_but_themselves() {
        let limits = Limits { connections: 16, connections_per_network: 8, ..Limits::default() };
        let places = Arc::new(Places::new(limits));
        let take = |network: u8, asked| places.take(IpAddr::from([192, 0, network, 1]), Guest::Stranger { asked });
        let silent: Vec<_> = (0..12).map(|number| take(number % 2, 0).unwrap()).collect();
        assert!(take(1, 0).is_none(), "it holds more than each of those that it would push out asked");
        let mistyped = take(3, 1).unwrap();
        drop(mistyped.busy());
        let (other, third) = (take(4, 0).unwrap(), take(5, 0).unwrap());
        assert!(!mistyped.wanted.is_cancelled() && !other.wanted.is_cancelled() && !third.wanted.is_cancelled());
        assert_eq!(silent.iter().filter(|place| place.wanted.is_cancelled()).count(), 3);
    }

    #[test]
    fn those_that_leave_slowly_are_few() {
        let limits = Limits {
            connections: 400,
            connections_per_address: 1_000,
            connections_per_network: 1_000,
            ..Limits::default()
        };
        let places = Arc::new(Places::new(limits));
        let take = |number: u16| {
            let [high, low] = number.to_be_bytes();
            places.take(IpAddr::from([10, high, low, 1]), STRANGER)
        };
        let mut held: Vec<_> = (0..2_000).map_while(take).collect();
        assert_eq!(held.len(), 300 + LEAVING);
        // As soon as one of them is gone there is room again.
        drop(held.remove(0));
        assert!(take(5_000).is_some());
    }

    #[test]
    fn no_network_fills_all_places() {
        let limits = Limits { connections: 9, connections_per_network: 2, ..Limits::default() };
        let places = Arc::new(Places::new(limits));
        let take = |text: &str| places.take(text.parse().unwrap(), Guest::Known);
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
        let seat = Seat(places.take(a, Guest::Known).unwrap());
        assert!(places.take(b, Guest::Known).is_none());
        let lent = seat.lend();
        let other = places.take(b, Guest::Known).unwrap();
        drop(lent);
        drop(other);
        assert!(places.take(b, Guest::Known).is_none(), "it is taken again");
        drop(seat);
        assert!(places.take(b, Guest::Known).is_some());
        assert!(places.state().taken.is_empty());
    }

    #[test]
    fn all_addresses_of_one_ipv6_line_share_its_places() {
        let limits = Limits { connections: 9, connections_per_address: 2, ..Limits::default() };
        let places = Arc::new(Places::new(limits));
        let take = |text: &str| places.take(text.parse().unwrap(), Guest::Known);
        let held = [take("2001:db8:1:1::1"), take("2001:db8:1:ff::2"), take("2001:db8:1:100::1")];
        assert!(held.iter().all(Option::is_some));
        assert!(take("2001:db8:1:80::3").is_none());
    }
}
