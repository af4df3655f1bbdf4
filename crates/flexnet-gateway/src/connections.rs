//! Connections of the sign-in API: how many at once, how long a handshake and a request's head may take, and their graceful end.
//! Who sends or reads slowly, or not at all, holds one of his own few places and loses it.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{Extension, Router};
use hyper::{
    body::Incoming,
    server::conn::http1,
    service::{Service as _, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use ipnet::IpNet;
use rustls::ServerConfig;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

use crate::{api::From, budgets, config::Limits};

const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
/// Also how long a connection may idle: clients open one while the member types.
const HEAD_LIMIT: Duration = Duration::from_secs(60);
const MAX_HEAD: usize = 16 * 1024;
/// How long running requests may take when the gateway stops.
const FAREWELL: Duration = Duration::from_secs(10);
/// Which part of the places is kept for networks that are known.
const RESERVED: usize = 4;
/// Which part of its time a connection gets on top for the request that runs at its end.
const GRACE: u32 = 4;
/// Bytes a second of a file on its way, a tenth of the slowest line that is supported: as long as so many go, it may take longer than a connection lives.
const FILE_PACE: u64 = 12 * 1024;
/// How often that is looked at.
const FILE_LOOK: Duration = Duration::from_secs(60);

/// Accepts connections until `stop`, then lets the running requests end. Networks that it `knows` have places that nobody else gets.
pub async fn serve(
    listener: TcpListener,
    tls: Arc<ServerConfig>,
    router: Router,
    limits: Limits,
    knows: impl Fn(IpAddr) -> bool,
    stop: impl Future<Output = ()>,
) {
    let acceptor = TlsAcceptor::from(tls);
    let places = Arc::new(Places::new(limits));
    let (stopping, stopped) = watch::channel(());
    let mut running = JoinSet::new();
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = running.join_next() => continue,
            () = &mut stop => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, or a client that was gone at once: both pass.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let from = peer.ip().to_canonical();
        let Some(place) = places.take(from, knows(from)) else { continue };
        let lifetime = Duration::from_secs(u64::from(limits.connection_seconds));
        let place = Arc::new(place);
        let router = router.clone().layer(Extension(From(from))).layer(Extension(Seat(Arc::clone(&place))));
        let connection = connection(stream, acceptor.clone(), router, Arc::clone(&place), lifetime, stopped.clone());
        running.spawn(async move {
            connection.await;
            drop(place);
        });
    }
    drop(listener);
    drop(stopping);
    let ended = timeout(FAREWELL, async { while running.join_next().await.is_some() {} });
    if ended.await.is_err() {
        tracing::warn!("some requests did not end in time and are cut");
        running.shutdown().await;
    }
}

async fn connection(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    router: Router,
    place: Arc<Place>,
    lifetime: Duration,
    mut stopped: watch::Receiver<()>,
) {
    // No delay: the answers are single small writes. The rest is for those that become carriers.
    flexnet_masque::tune(&stream);
    let handshake = timeout(HANDSHAKE_LIMIT, acceptor.accept(stream));
    let stream = tokio::select! {
        done = handshake => match done {
            Ok(Ok(stream)) => stream,
            // Port scanners, foreign clients, members behind an interceptor: nothing that the gateway could mend.
            Ok(Err(error)) => return tracing::debug!(%error, "no TLS"),
            Err(_) => return tracing::debug!("no TLS in time"),
        },
        _ = stopped.changed() => return,
    };
    let asked = Arc::new(AtomicBool::new(false));
    let service = service_fn({
        let (asked, inner) = (Arc::clone(&asked), TowerToHyperService::new(router));
        move |request: hyper::Request<Incoming>| {
            asked.store(true, Ordering::Relaxed);
            inner.call(request)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_LIMIT)
        .max_buf_size(MAX_HEAD)
        .max_headers(64)
        .serve_connection(TokioIo::new(stream), service)
        // A carrier leaves its place here and this time limit behind; `carriers` has its own.
        .with_upgrades();
    // hyper has no time-out for writing: who reads nothing would keep the connection for ever.
    let (old, too_old) = (sleep(lifetime), sleep(lifetime + grace(lifetime)));
    tokio::pin!(connection, old, too_old);
    let (mut stopping, mut looked) = (false, Instant::now());
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended early");
                }
                return;
            }
            () = &mut too_old => {
                if place.moved.swap(0, Ordering::Relaxed) < FILE_PACE * looked.elapsed().as_secs() {
                    return tracing::debug!("a connection did not end in its time and is cut");
                }
                looked = Instant::now();
                too_old.as_mut().reset(looked + FILE_LOOK);
            }
            () = async { tokio::select! { _ = stopped.changed() => {}, () = &mut old => {} } }, if !stopping => {
                // hyper would wait for the first request of a connection that has none yet.
                if !asked.load(Ordering::Relaxed) {
                    return;
                }
                stopping = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

/// How long the last answer of a connection that is too old may still take.
pub fn grace(lifetime: Duration) -> Duration {
    lifetime / GRACE
}

/// Places for connections, in all and per line, as the budgets have it: an IPv6 network has more addresses than there are places.
#[derive(Debug)]
struct Places {
    limits: Limits,
    taken: Mutex<HashMap<IpNet, usize>>,
}

/// The place of the connection by which a request came.
#[derive(Clone)]
pub struct Seat(Arc<Place>);

impl Seat {
    /// Leaves the place to others as long as the request only waits.
    pub fn lend(&self) -> Lent {
        self.0.places.give(self.0.from);
        Lent(Arc::clone(&self.0))
    }

    /// So many bytes of a file are on their way.
    pub fn moved(&self, bytes: usize) {
        self.0.moved.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

/// A place that others may have meanwhile; taken again when dropped, also where there is none left.
pub struct Lent(Arc<Place>);

impl Drop for Lent {
    fn drop(&mut self) {
        self.0.places.take_again(self.0.from);
    }
}

/// One place; given back when dropped.
struct Place {
    places: Arc<Places>,
    from: IpNet,
    /// Bytes of files that have gone this way since last looked at.
    moved: AtomicU64,
}

impl Places {
    fn new(limits: Limits) -> Self {
        Self { limits, taken: Mutex::default() }
    }

    fn take(self: &Arc<Self>, from: IpAddr, known: bool) -> Option<Place> {
        let (from, network) = (budgets::of_address(from), budgets::of_network(from));
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = taken.values().sum();
        let beside: usize = taken.iter().filter(|(line, _)| network.contains(*line)).map(|(_, places)| places).sum();
        let own = taken.get(&from).copied().unwrap_or(0);
        let Limits { connections, connections_per_network, connections_per_address, .. } = self.limits;
        let open = if known { connections } else { connections - connections / RESERVED };
        if all >= open || beside >= connections_per_network || own >= connections_per_address {
            return None;
        }
        taken.insert(from, own + 1);
        Some(Place { places: Arc::clone(self), from, moved: AtomicU64::new(0) })
    }

    fn take_again(&self, from: IpNet) {
        *self.taken.lock().unwrap_or_else(PoisonError::into_inner).entry(from).or_default() += 1;
    }

    fn give(&self, from: IpNet) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        match taken.get_mut(&from) {
            Some(own) if *own > 1 => *own -= 1,
            Some(_) | None => drop(taken.remove(&from)),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.give(self.from);
    }
}

#[cfg(test)]
mod tests {
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
        assert!(places.taken.lock().unwrap().is_empty());
    }

    #[test]
    fn strangers_leave_places_to_networks_that_are_known() {
        let places = Arc::new(Places::new(Limits { connections: 4, ..Limits::default() }));
        let take = |network: u8, known| places.take(IpAddr::from([192, 0, network, 1]), known);
        let strangers = [take(1, false), take(2, false), take(3, false)];
        assert!(strangers.iter().all(Option::is_some));
        assert!(take(4, false).is_none());
        let member = take(5, true);
        assert!(member.is_some() && take(6, true).is_none(), "there are no more");
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
        let seat = Seat(Arc::new(places.take(a, true).unwrap()));
        assert!(places.take(b, true).is_none());
        let lent = seat.lend();
        let other = places.take(b, true).unwrap();
        drop(lent);
        drop(other);
        assert!(places.take(b, true).is_none(), "it is taken again");
        drop(seat);
        assert!(places.take(b, true).is_some());
        assert!(places.taken.lock().unwrap().is_empty());
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
