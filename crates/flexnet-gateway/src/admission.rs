//! The line in front of the sign-in: so many are worked on at once, so many wait, and whoever waits longest among the most trusted is next.
//! Where more unknown networks come than can be served in time, it is the newest of them: first come, first served would make all of them wait in vain.
//! Trust is a matter of networks and never of names: a flood fills the line with networks that ask again and again, and stands behind everybody else.
//! Nothing is counted in here: who leaves the line, or is pushed out of it, has lost no attempt.

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use ipnet::IpNet;
use tokio::{sync::oneshot, time::timeout};

use crate::budgets::of_network;

/// How long one may wait in the line. Who comes later than that finds a client that has given up.
const PATIENCE: Duration = Duration::from_secs(6);
/// An unknown network that has waited so long shows that not all of them can be served in time.
const OVERDUE: Duration = Duration::from_millis(500);
/// Requests without a success after which a network is suspect, a member's too.
const SUSPECT: f64 = 6.0;
/// Requests that are as good as none: the one of a minute ago.
const FRESH: f64 = 0.5;
/// After so long half of a network's requests are forgotten.
const HALF_LIFE: Duration = Duration::from_secs(60);
/// Networks that are remembered; the quietest are forgotten first.
const MAX_NETWORKS: usize = 100_000;

/// The line.
#[derive(Debug)]
pub struct Admission {
    capacity: usize,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    free: usize,
    running: usize,
    closed: bool,
    tickets: u64,
    /// First the most trusted, then the longest waiting.
    waiting: BTreeMap<Ticket, Waiting>,
    networks: HashMap<IpNet, Known>,
    swept: Instant,
}

/// Where somebody stands: how much trusted, and which number.
type Ticket = (Trust, u64);

/// Somebody in the line.
#[derive(Debug)]
struct Waiting {
    since: Instant,
    turn: oneshot::Sender<Place>,
}

/// How much a network is trusted. The order is that of the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Trust {
    /// Somebody has signed in from there.
    Member,
    /// Nothing has come from it of late.
    Stranger,
    /// It has asked before, and nobody got in.
    Returning,
    /// It asks and asks, and nobody gets in.
    Suspect,
}

/// What is remembered of a network.
#[derive(Debug, Clone, Copy)]
struct Known {
    member: bool,
    /// Requests since the last success, half of them forgotten each [`HALF_LIFE`].
    requests: f64,
    at: Instant,
}

/// The right to be worked on; given back when dropped.
#[derive(Debug)]
pub struct Place(Arc<Admission>);

impl Admission {
    /// A line before so many that are worked on at once, with room for `capacity` who wait.
    pub fn new(at_once: usize, capacity: usize) -> Arc<Self> {
        let state = State {
            free: at_once,
            running: 0,
            closed: false,
            tickets: 0,
            waiting: BTreeMap::new(),
            networks: HashMap::new(),
            swept: Instant::now(),
        };
        Arc::new(Self { capacity, state: Mutex::new(state) })
    }

    /// Waits for one's turn. Nothing if there is no room, a more trusted one took it, or it took too long.
    pub async fn enter(self: &Arc<Self>, from: IpAddr) -> Option<Place> {
        let waiting = match self.line_up(of_network(from), Instant::now())? {
            Lined::Now(place) => return Some(place),
            Lined::Waiting(waiting) => waiting,
        };
        timeout(PATIENCE, waiting).await.ok()?.ok()
    }

    /// Members have signed in from these networks before: as the database remembers them.
    pub fn remember(&self, networks: impl IntoIterator<Item = IpNet>) {
        let mut state = self.state();
        let now = Instant::now();
        for network in networks.into_iter().take(MAX_NETWORKS) {
            state.networks.insert(network, Known { member: true, requests: 0.0, at: now });
        }
    }

    /// Lets nobody in any more; who waits is sent away.
    pub fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        state.waiting.clear();
    }

    /// How many are worked on, and how many wait.
    pub fn levels(&self) -> (usize, usize) {
        let state = self.state();
        (state.running, state.waiting.len())
    }

    /// Whether one more would find room.
    pub fn has_room(&self) -> bool {
        let state = self.state();
        !state.closed && (state.free > 0 || state.waiting.len() < self.capacity)
    }

    fn line_up(self: &Arc<Self>, from: IpNet, now: Instant) -> Option<Lined> {
        let mut state = self.state();
        let trust = state.request(from, now);
        if state.closed {
            return None;
        }
        // Whoever waits was there first, unless nobody does.
        if state.free > 0 {
            state.free -= 1;
            state.running += 1;
            return Some(Lined::Now(Place(Arc::clone(self))));
        }
        // Those that gave up hold no room.
        if state.waiting.len() >= self.capacity {
            state.waiting.retain(|_, waiting| !waiting.turn.is_closed());
        }
        if state.waiting.len() >= self.capacity {
            let leaves = state.leaves_for(trust, now)?;
            state.waiting.remove(&leaves);
        }
        state.tickets += 1;
        let ticket = (trust, state.tickets);
        let (turn, waiting) = oneshot::channel();
        state.waiting.insert(ticket, Waiting { since: now, turn });
        Some(Lined::Waiting(waiting))
    }

    /// One place is free again: for the next in the line.
    fn next(self: &Arc<Self>) {
        let mut state = self.state();
        state.running -= 1;
        let now = Instant::now();
        while let Some(next) = state.next(now).and_then(|ticket| state.waiting.remove(&ticket)) {
            if next.turn.is_closed() {
                continue;
            }
            state.running += 1;
            drop(state);
            // Who gave up just now drops the place, which comes back here.
            drop(next.turn.send(Place(Arc::clone(self))));
            return;
        }
        state.free += 1;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Lined {
    Now(Place),
    Waiting(oneshot::Receiver<Place>),
}

impl State {
    /// Whose turn it is.
    fn next(&self, now: Instant) -> Option<Ticket> {
        let (&longest, waiting) = self.waiting.first_key_value()?;
        match waiting.is_overdue(longest, now) {
            true => self.waiting.range(..=(longest.0, u64::MAX)).next_back().map(|(newest, _)| *newest),
            false => Some(longest),
        }
    }

    /// Who leaves a full line for somebody so much trusted: the last of those trusted less, or an unknown one that has waited in vain already.
    fn leaves_for(&self, trust: Trust, now: Instant) -> Option<Ticket> {
        let (&last, _) = self.waiting.last_key_value()?;
        if last.0 > trust {
            return Some(last);
        }
        let (&longest, waiting) = self.waiting.range((trust, 0)..).next()?;
        waiting.is_overdue(longest, now).then_some(longest)
    }

    /// Notes a request of a network, and how much it was trusted before.
    fn request(&mut self, from: IpNet, now: Instant) -> Trust {
        if self.networks.len() >= MAX_NETWORKS && now.saturating_duration_since(self.swept) > HALF_LIFE / 60 {
            self.swept = now;
            self.networks.retain(|_, known| known.member || known.faded(now) > 1.0);
        }
        let before = self.networks.get(&from).copied();
        let requests = before.map_or(0.0, |known| known.faded(now));
        let member = before.is_some_and(|known| known.member);
        if before.is_some() || self.networks.len() < MAX_NETWORKS {
            self.networks.insert(from, Known { member, requests: requests + 1.0, at: now });
        }
        match (requests < SUSPECT, member) {
            (true, true) => Trust::Member,
            (true, false) if requests < FRESH => Trust::Stranger,
            (true, false) => Trust::Returning,
            (false, _) => Trust::Suspect,
        }
    }
}

impl Waiting {
    /// Members keep their order, and whoever asks and asks gains nothing by asking once more.
    fn is_overdue(&self, (trust, _): Ticket, now: Instant) -> bool {
        let unknown = match trust {
            Trust::Stranger | Trust::Returning => true,
            Trust::Member | Trust::Suspect => false,
        };
        unknown && now.saturating_duration_since(self.since) > OVERDUE
    }
}

impl Known {
    fn faded(&self, now: Instant) -> f64 {
        let lives = now.saturating_duration_since(self.at).as_secs_f64() / HALF_LIFE.as_secs_f64();
        self.requests * 0.5_f64.powf(lives)
    }
}

impl Place {
    /// Somebody has signed in: the network is a member's from now on.
    pub fn succeeded(&self, from: IpAddr) {
        let known = Known { member: true, requests: 0.0, at: Instant::now() };
        self.0.state().networks.insert(of_network(from), known);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.next();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn ip(network: u8) -> IpAddr {
        IpAddr::from([192, 0, network, 7])
    }

    /// Who waits in the line.
    type Patient = std::pin::Pin<Box<dyn Future<Output = Option<Place>>>>;

    /// Enters and waits, so that the order is that of the calls.
    fn enter(line: &Arc<Admission>, network: u8) -> Patient {
        let line = Arc::clone(line);
        let mut waiting: Patient = Box::pin(async move { line.enter(ip(network)).await });
        assert!((&mut waiting).now_or_never().is_none(), "it did not wait");
        waiting
    }

    fn turn(waiting: &mut Patient) -> Option<Option<Place>> {
        waiting.now_or_never()
    }

    #[tokio::test]
    async fn the_longest_waiting_is_next_and_a_place_is_given_back() {
        let line = Admission::new(1, 2);
        let place = line.enter(ip(1)).await.unwrap();
        let (mut first, mut second) = (enter(&line, 2), enter(&line, 3));
        assert_eq!(line.levels(), (1, 2));
        assert!(!line.has_room());
        assert!(line.enter(ip(4)).await.is_none(), "the line is full");
        drop(place);
        let place = turn(&mut first).unwrap().unwrap();
        assert!(turn(&mut second).is_none());
        drop(place);
        drop(turn(&mut second).unwrap().unwrap());
        assert_eq!(line.levels(), (0, 0));
    }

    #[tokio::test]
    async fn a_network_that_asks_and_asks_stands_behind_everybody_else_and_is_pushed_out() {
        let line = Admission::new(1, 3);
        let place = line.enter(ip(1)).await.unwrap();
        let (mut one, mut two, mut three) = (enter(&line, 66), enter(&line, 66), enter(&line, 66));
        let mut stranger = enter(&line, 3);
        assert!(turn(&mut three).unwrap().is_none(), "the last of the flood made room");
        line.remember([of_network(ip(4))]);
        let mut member = enter(&line, 4);
        assert!(turn(&mut two).unwrap().is_none());
        drop(place);
        drop(turn(&mut member).unwrap().unwrap());
        // The flood's first request was as good as any other, and came before.
        drop(turn(&mut one).unwrap().unwrap());
        drop(turn(&mut stranger).unwrap().unwrap());
    }

    #[tokio::test]
    async fn a_success_makes_a_network_a_members_and_a_flood_from_there_unmakes_it() {
        let line = Admission::new(1, 9);
        let place = line.enter(ip(1)).await.unwrap();
        place.succeeded(ip(1));
        let now = Instant::now();
        let trust = |at| line.state().request(of_network(ip(1)), at);
        assert!((0..6).all(|_| trust(now) == Trust::Member));
        assert_eq!(trust(now), Trust::Suspect);
        assert_eq!(trust(now + HALF_LIFE), Trust::Member, "half of it is forgotten");
    }

    #[tokio::test]
    async fn who_gave_up_holds_no_room_and_is_passed_over() {
        let line = Admission::new(1, 1);
        let place = line.enter(ip(1)).await.unwrap();
        drop(enter(&line, 2));
        let mut patient = enter(&line, 3);
        drop(place);
        drop(turn(&mut patient).unwrap().unwrap());
        assert_eq!(line.levels(), (0, 0));
    }

    #[tokio::test]
    async fn a_closed_line_sends_everybody_away_and_lets_the_running_end() {
        let line = Admission::new(1, 2);
        let place = line.enter(ip(1)).await.unwrap();
        let mut waiting = enter(&line, 2);
        line.close();
        assert!(turn(&mut waiting).unwrap().is_none());
        drop(place);
        assert!(line.enter(ip(3)).await.is_none());
        assert!(!line.has_room());
    }

    /// As if everybody had waited so much longer.
    fn age(line: &Arc<Admission>, by: Duration) {
        for waiting in line.state().waiting.values_mut() {
            waiting.since -= by;
        }
    }

    #[tokio::test]
    async fn the_newest_of_unknown_networks_is_next_where_not_all_can_be_served_in_time() {
        let line = Admission::new(1, 9);
        let place = line.enter(ip(1)).await.unwrap();
        let (mut old, mut older) = (enter(&line, 2), enter(&line, 3));
        age(&line, 2 * OVERDUE);
        let (mut newer, mut newest) = (enter(&line, 4), enter(&line, 5));
        drop(place);
        for waiting in [&mut newest, &mut newer, &mut older, &mut old] {
            drop(turn(waiting).unwrap().unwrap());
        }
    }

    #[tokio::test]
    async fn members_keep_their_order_and_suspects_too() {
        let line = Admission::new(1, 99);
        line.remember([of_network(ip(2)), of_network(ip(3))]);
        for _ in 0..8 {
            drop(line.enter(ip(4)).await.unwrap());
            drop(line.enter(ip(5)).await.unwrap());
        }
        let place = line.enter(ip(1)).await.unwrap();
        let (mut member, mut later_member) = (enter(&line, 2), enter(&line, 3));
        let (mut suspect, mut later_suspect) = (enter(&line, 4), enter(&line, 5));
        age(&line, 2 * OVERDUE);
        drop(place);
        for waiting in [&mut member, &mut later_member, &mut suspect, &mut later_suspect] {
            drop(turn(waiting).unwrap().unwrap());
        }
    }

    #[tokio::test]
    async fn a_full_line_keeps_no_unknown_network_out_for_those_that_waited_in_vain() {
        let line = Admission::new(1, 2);
        let place = line.enter(ip(1)).await.unwrap();
        let (mut first, mut second) = (enter(&line, 2), enter(&line, 3));
        assert!(line.enter(ip(4)).await.is_none(), "nobody has waited long");
        age(&line, 2 * OVERDUE);
        let mut newcomer = enter(&line, 5);
        assert!(turn(&mut first).unwrap().is_none());
        // Who asks again does not push anybody out.
        assert!(line.enter(ip(4)).await.is_none());
        drop(place);
        drop(turn(&mut newcomer).unwrap().unwrap());
        drop(turn(&mut second).unwrap().unwrap());
    }
}
