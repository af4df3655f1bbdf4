//! The line in front of the sign-in: so many are worked on at once, so many wait, and next is whoever waits longest of those who got least.
//! Order is a matter of networks and never of names: members' networks come first, then each behind all that were served less often of late, then behind all
//! that asked less often (least attained service), so that a flood's networks stand behind everybody else, and behind whoever tries in vain beside them.
//! Where more of the same rank come than can be served in time, the newest of them is next: first come, first served would make all of them wait in vain.
//! Nothing is counted in here: who leaves the line, or is pushed out of it, has lost no attempt.

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use ipnet::IpNet;
use tokio::{sync::oneshot, time::timeout};

use crate::{budgets::of_network, connections::Guest};

/// How long one may wait in the line. Who comes later than that finds a client that has given up.
const PATIENCE: Duration = Duration::from_secs(6);
/// An unknown network that has waited so long shows that not all of its rank can be served in time.
const OVERDUE: Duration = Duration::from_millis(500);
/// Requests without a success after which a member's network is one like others.
const SUSPECT: f64 = 6.0;
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
    /// First those that asked least, then the longest waiting.
    waiting: BTreeMap<Ticket, Waiting>,
    networks: HashMap<IpNet, Known>,
    swept: Instant,
}

/// Where somebody stands: first the rank, then the number.
type Ticket = (Rank, u64);

/// Somebody in the line.
#[derive(Debug)]
struct Waiting {
    from: IpNet,
    since: Instant,
    turn: oneshot::Sender<Place>,
}

/// Where a network stands in the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// Somebody has signed in from there.
    Member,
    /// Nobody of late. What is a minute ago counts half, and half of one is none.
    Other {
        /// So often it was its turn.
        served: u32,
        /// So many requests.
        requests: u32,
    },
}

/// What is remembered of a network.
#[derive(Debug, Clone, Copy)]
struct Known {
    member: bool,
    /// Requests since the last success, half of them forgotten each [`HALF_LIFE`].
    requests: f64,
    /// How many of them were served, faded alike.
    served: f64,
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

    /// Waits for one's turn. Nothing if there is no room, one that asked less took it, or it took too long.
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
            state.networks.insert(network, Known { member: true, requests: 0.0, served: 0.0, at: now });
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
        let waiting = state.waiting.values().filter(|waiting| !waiting.turn.is_closed());
        (state.running, waiting.count())
    }

    /// Whether one more of a member's network would find room. However many others wait, they would make it.
    pub fn has_room(&self) -> bool {
        let state = self.state();
        let last = state.waiting.last_key_value().map(|(&(rank, _), _)| rank);
        !state.closed && (state.free > 0 || state.waiting.len() < self.capacity || last != Some(Rank::Member))
    }

    /// How a connection from there is received.
    pub fn guest(&self, from: IpAddr) -> Guest {
        match self.state().networks.get(&of_network(from)).map(|known| known.faded(Instant::now())) {
            Some(known) if known.member && known.requests < SUSPECT => Guest::Known,
            Some(known) => Guest::Stranger { asked: known.requests.round() as u64 },
            None => Guest::Stranger { asked: 0 },
        }
    }

    fn line_up(self: &Arc<Self>, from: IpNet, now: Instant) -> Option<Lined> {
        let mut state = self.state();
        let rank = state.request(from, now);
        if state.closed {
            return None;
        }
        // Whoever waits was there first, unless nobody does.
        if state.free > 0 {
            state.free -= 1;
            state.running += 1;
            state.serve(from);
            return Some(Lined::Now(Place(Arc::clone(self))));
        }
        // Those that gave up hold no room.
        if state.waiting.len() >= self.capacity {
            state.waiting.retain(|_, waiting| !waiting.turn.is_closed());
        }
        if state.waiting.len() >= self.capacity {
            let leaves = state.leaves_for(rank)?;
            state.waiting.remove(&leaves);
        }
        state.tickets += 1;
        let ticket = (rank, state.tickets);
        let (turn, waiting) = oneshot::channel();
        state.waiting.insert(ticket, Waiting { from, since: now, turn });
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
            state.serve(next.from);
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
    /// Whose turn it is. Members keep their order.
    fn next(&mut self, now: Instant) -> Option<Ticket> {
        // How long somebody waited who gave up says nothing of those that are still there.
        while self.waiting.first_key_value().is_some_and(|(_, waiting)| waiting.turn.is_closed()) {
            self.waiting.pop_first();
        }
        let (&longest, waiting) = self.waiting.first_key_value()?;
        let (rank, _) = longest;
        match rank != Rank::Member && now.saturating_duration_since(waiting.since) > OVERDUE {
            true => self.waiting.range(..=(rank, u64::MAX)).next_back().map(|(newest, _)| *newest),
            false => Some(longest),
        }
    }

    /// Who leaves a full line for somebody of a rank: the longest waiting of the last rank there, who would be served last. Nobody if the newcomer is behind it.
    fn leaves_for(&self, rank: Rank) -> Option<Ticket> {
        let (&(last, _), _) = self.waiting.last_key_value()?;
        let makes_room = last > rank || (last == rank && rank != Rank::Member);
        makes_room.then(|| self.waiting.range((last, 0)..).next().map(|(longest, _)| *longest))?
    }

    /// Notes a request of a network, and where it stood before.
    fn request(&mut self, from: IpNet, now: Instant) -> Rank {
        if self.networks.len() >= MAX_NETWORKS && now.saturating_duration_since(self.swept) > HALF_LIFE / 60 {
            self.swept = now;
            self.networks.retain(|_, known| known.member || known.faded(now).requests > 1.0);
        }
        let before = self.networks.get(&from).map(|known| known.faded(now));
        let known = before.unwrap_or(Known { member: false, requests: 0.0, served: 0.0, at: now });
        if before.is_some() || self.networks.len() < MAX_NETWORKS {
            self.networks.insert(from, Known { requests: known.requests + 1.0, ..known });
        }
        match known.member && known.requests < SUSPECT {
            true => Rank::Member,
            false => Rank::Other { served: known.served.round() as u32, requests: known.requests.round() as u32 },
        }
    }

    /// Notes that it is a network's turn.
    fn serve(&mut self, from: IpNet) {
        if let Some(known) = self.networks.get_mut(&from) {
            known.served += 1.0;
        }
    }
}

impl Known {
    fn faded(self, now: Instant) -> Self {
        let lives = now.saturating_duration_since(self.at).as_secs_f64() / HALF_LIFE.as_secs_f64();
        let left = 0.5_f64.powf(lives);
        Self { requests: self.requests * left, served: self.served * left, at: now, ..self }
    }
}

impl Place {
    /// Somebody has signed in: the network is a member's from now on.
    pub fn succeeded(&self, from: IpAddr) {
        let known = Known { member: true, requests: 0.0, served: 0.0, at: Instant::now() };
        self.0.state().networks.insert(of_network(from), known);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.next();
    }
}
