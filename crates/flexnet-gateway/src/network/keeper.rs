//! The one task that owns the tunnel: it reads the leases, sets the peers, looks at their counters; on wake and every second.
//! Never touches the system itself. Fifteen minutes without leases take every peer away.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use flexnet_wireguard::Peer;
use ipnet::IpNet;
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{MissedTickBehavior, sleep},
};
use tracing::{info, warn};

use super::{Activity, Error, Lease, LeaseSource, Trouble, Tunnel, activity::Ledger};

/// How often the peers are reconciled without being asked.
const PERIOD: Duration = Duration::from_secs(1);
/// How long a hint waits for somebody who needs the peers at once: most sessions that are new have one, and both are served together.
const HINT: Duration = Duration::from_millis(20);
/// How long peers stay when their leases can no longer be read, or only such that may be old ones.
const GRACE: Duration = Duration::from_secs(15 * 60);

/// The handle of the task. Dropping it ends the task and with it the tunnel's owner.
#[derive(Debug)]
pub(super) struct Keeper {
    asked: watch::Sender<Order>,
    hints: watch::Sender<()>,
    done: watch::Receiver<Done>,
    ledger: Arc<Mutex<Ledger>>,
    task: JoinHandle<Result<(), Error>>,
}

/// Which reconciliation is wanted: its number only grows.
#[derive(Debug, Clone, Copy)]
struct Order {
    number: u64,
    stop: bool,
}

/// The last reconciliation: the order that was known before it read the leases, and how it went.
#[derive(Debug, Clone)]
struct Done {
    number: u64,
    outcome: Result<(), String>,
    /// Where it did not go well.
    trouble: Option<Trouble>,
}

impl Keeper {
    pub(super) fn start<T: Tunnel, S: LeaseSource>(tunnel: T, source: Arc<S>) -> Self {
        let (asked, orders) = watch::channel(Order { number: 0, stop: false });
        let (hints, hinted) = watch::channel(());
        let (report, done) = watch::channel(Done { number: 0, outcome: Ok(()), trouble: None });
        let ledger = Arc::default();
        let work = Work { tunnel, source, ledger: Arc::clone(&ledger), wanted: Vec::new(), renewed: Instant::now() };
        let task = tokio::spawn(work.run(orders, hinted, report));
        Self { asked, hints, done, ledger, task }
    }

    /// The leases have changed, and nobody waits for their peers.
    pub(super) fn hint(&self) {
        self.hints.send_replace(());
    }

    pub(super) async fn settled(&self) -> Result<(), Error> {
        let mut number = 0;
        self.asked.send_modify(|order| {
            order.number += 1;
            number = order.number;
        });
        let mut done = self.done.clone();
        let done = done.wait_for(|done| done.number >= number).await.map_err(|_| Error::Stopped)?;
        done.outcome.clone().map_err(Error::Reconcile)
    }

    pub(super) fn trouble(&self) -> Option<Trouble> {
        self.done.borrow().trouble
    }

    pub(super) fn activity(&self) -> HashMap<[u8; 32], Activity> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner).report(Instant::now())
    }

    pub(super) fn quiet(&self, key: &[u8; 32]) -> Option<Duration> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner).quiet(key, Instant::now())
    }

    pub(super) async fn stop(mut self) -> Result<(), Error> {
        self.asked.send_modify(|order| order.stop = true);
        (&mut self.task).await.map_err(|_| Error::Stopped)?
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Work<T, S> {
    tunnel: T,
    source: Arc<S>,
    ledger: Arc<Mutex<Ledger>>,
    wanted: Vec<Peer>,
    /// When the leases were last read, those of then for certain.
    renewed: Instant,
}

impl<T: Tunnel, S: LeaseSource> Work<T, S> {
    async fn run(
        mut self,
        mut orders: watch::Receiver<Order>,
        mut hinted: watch::Receiver<()>,
        report: watch::Sender<Done>,
    ) -> Result<(), Error> {
        let mut clock = tokio::time::interval(PERIOD);
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut healthy = true;
        loop {
            let order = tokio::select! {
                changed = orders.changed() => match changed {
                    Ok(()) => *orders.borrow_and_update(),
                    Err(_) => return self.tunnel.lower().await,
                },
                () = some_time_ago(&mut hinted) => *orders.borrow_and_update(),
                _ = clock.tick() => *orders.borrow_and_update(),
            };
            hinted.mark_unchanged();
            if order.stop {
                return self.tunnel.lower().await;
            }
            let outcome = self.reconcile(Instant::now()).await;
            if outcome.is_ok() != healthy {
                healthy = outcome.is_ok();
                match &outcome {
                    Ok(()) => info!("peers are reconciled again"),
                    Err(error) => warn!(error = %chain(error), "peers cannot be reconciled"),
                }
            }
            let trouble = outcome.as_ref().err().map(|error| {
                if matches!(error, Error::Leases(_) | Error::Uncertain) { Trouble::Leases } else { Trouble::Device }
            });
            let outcome = outcome.map_err(|error| chain(&error));
            report.send_replace(Done { number: order.number, outcome, trouble });
        }
    }

    async fn reconcile(&mut self, now: Instant) -> Result<(), Error> {
        let read = self.source.leases().await;
        let unread = match read {
            Ok(read) => {
                self.wanted = read.leases.iter().map(peer).collect();
                if read.is_current {
                    self.renewed = now;
                }
                None
            }
            Err(error) => Some(Error::Leases(error)),
        };
        let is_over = now.saturating_duration_since(self.renewed) >= GRACE;
        if is_over {
            self.wanted.clear();
        }
        let unread = unread.or(is_over.then_some(Error::Uncertain));
        self.tunnel.set_peers(&self.wanted).await?;
        let peers = self.tunnel.peers().await?;
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner).look(now, &peers);
        unread.map_or(Ok(()), Err)
    }
}

async fn some_time_ago(hinted: &mut watch::Receiver<()>) {
    // Whoever hints no more has stopped; then there are only orders.
    if hinted.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
    sleep(HINT).await;
}

/// A member's addresses and nothing wider: what WireGuard takes from this peer has one of them as its sender (cryptokey routing).
fn peer(lease: &Lease) -> Peer {
    Peer {
        public_key: lease.public_key.clone(),
        preshared_key: Some(lease.preshared_key.clone()),
        endpoint: None,
        allowed_ips: lease.addresses.iter().copied().map(IpNet::from).collect(),
        keepalive_seconds: 0,
    }
}

fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut next = std::error::Error::source(error);
    while let Some(source) = next {
        text = format!("{text}: {source}");
        next = source.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use flexnet_protocol::Key;

    use super::*;
    use crate::network::{Network, fake};

    fn lease(number: u8) -> Lease {
        let addresses = vec![[10, 200, 0, number].into()];
        Lease { public_key: Key::new([number; 32]), preshared_key: Key::new([100 + number; 32]), addresses }
    }

    fn work(tunnel: &fake::Tunnel, source: &Arc<fake::Leases>, now: Instant) -> Work<fake::Tunnel, fake::Leases> {
        let (tunnel, source) = (tunnel.clone(), Arc::clone(source));
        Work { tunnel, source, ledger: Arc::default(), wanted: Vec::new(), renewed: now }
    }

    #[tokio::test]
    async fn a_settled_network_has_the_leases_as_peers_and_nothing_else() {
        let (tunnel, source) = (fake::Tunnel::default(), fake::Leases::none());
        let network = Network::over(tunnel.clone(), Arc::clone(&source)).await;
        assert!(tunnel.installed().is_empty());
        source.set(Some(vec![lease(2), lease(3)]));
        network.settled().await.unwrap();
        let installed = tunnel.installed();
        assert_eq!(installed.iter().map(|p| *p.public_key.bytes()).collect::<Vec<_>>(), [[2; 32], [3; 32]]);
        assert_eq!(installed[0].allowed_ips, ["10.200.0.2/32".parse().unwrap()]);
        assert_eq!(installed[0].preshared_key, Some(Key::new([102; 32])));
        source.set(Some(vec![lease(3)]));
        network.settled().await.unwrap();
        assert_eq!(tunnel.installed().len(), 1);
        network.stop().await.unwrap();
        assert!(tunnel.is_lowered());
    }

    #[tokio::test]
    async fn without_being_asked_the_peers_follow_within_a_second_or_so() {
        let (tunnel, source) = (fake::Tunnel::default(), fake::Leases::none());
        let network = Network::over(tunnel.clone(), Arc::clone(&source)).await;
        let mut done = network.keeper.done.clone();
        source.set(Some(vec![lease(2)]));
        for _ in 0..2 {
            done.borrow_and_update();
            tokio::time::timeout(Duration::from_secs(10), done.changed()).await.unwrap().unwrap();
        }
        assert_eq!(tunnel.installed().len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_hint_is_served_in_a_moment_or_with_whoever_waits() {
        let (tunnel, source) = (fake::Tunnel::default(), fake::Leases::none());
        let network = Network::over(tunnel.clone(), Arc::clone(&source)).await;
        let mut done = network.keeper.done.clone();
        let mut next = async || {
            done.borrow_and_update();
            let begun = tokio::time::Instant::now();
            done.changed().await.unwrap();
            begun.elapsed()
        };
        // Behind the clock's first tick.
        next().await;
        source.set(Some(vec![lease(2)]));
        network.wake();
        assert!(next().await < 2 * HINT);
        assert_eq!(tunnel.installed().len(), 1);
        // What comes first is left to chance.
        for _ in 0..20 {
            network.wake();
            network.settled().await.unwrap();
            assert!(next().await > PERIOD / 2, "served once more");
        }
    }

    #[tokio::test]
    async fn a_device_that_refuses_is_told_to_who_waits_and_tried_again() {
        let (tunnel, source) = (fake::Tunnel::default(), fake::Leases::none());
        let network = Network::over(tunnel.clone(), Arc::clone(&source)).await;
        source.set(Some(vec![lease(2)]));
        tunnel.refuse(true);
        let error = network.settled().await.unwrap_err();
        assert!(error.to_string().contains("refused for the test"), "{error}");
        tunnel.refuse(false);
        network.settled().await.unwrap();
        assert_eq!(tunnel.installed().len(), 1);
    }

    #[tokio::test]
    async fn without_a_database_peers_stay_fifteen_minutes_and_no_longer() {
        let (tunnel, source, start) = (fake::Tunnel::default(), fake::Leases::none(), Instant::now());
        let mut work = work(&tunnel, &source, start);
        source.set(Some(vec![lease(2)]));
        work.reconcile(start).await.unwrap();
        source.set(None);
        assert!(matches!(work.reconcile(start + GRACE - PERIOD).await, Err(Error::Leases(_))));
        assert_eq!(tunnel.installed().len(), 1);
        assert!(work.reconcile(start + GRACE).await.is_err());
        assert!(tunnel.installed().is_empty());
        source.set(Some(vec![lease(2)]));
        work.reconcile(start + GRACE + PERIOD).await.unwrap();
        assert_eq!(tunnel.installed().len(), 1);
    }

    #[tokio::test]
    async fn a_primary_that_was_replaced_and_answers_on_keeps_peers_fifteen_minutes_and_no_longer() {
        let (tunnel, source, start) = (fake::Tunnel::default(), fake::Leases::none(), Instant::now());
        let mut work = work(&tunnel, &source, start);
        source.set(Some(vec![lease(2), lease(3)]));
        work.reconcile(start).await.unwrap();
        source.current(false);
        source.set(Some(vec![lease(2)]));
        work.reconcile(start + GRACE - PERIOD).await.unwrap();
        assert_eq!(tunnel.installed().len(), 1, "who it says has gone goes");
        assert!(matches!(work.reconcile(start + GRACE).await, Err(Error::Uncertain)));
        assert!(tunnel.installed().is_empty());
        source.current(true);
        work.reconcile(start + GRACE + PERIOD).await.unwrap();
        assert_eq!(tunnel.installed().len(), 1);
    }

    #[tokio::test]
    async fn activity_follows_the_peers() {
        let (tunnel, source) = (fake::Tunnel::default(), fake::Leases::none());
        let network = Network::over(tunnel.clone(), Arc::clone(&source)).await;
        source.set(Some(vec![lease(2)]));
        network.settled().await.unwrap();
        tunnel.receive(1000);
        network.settled().await.unwrap();
        assert_eq!(network.activity()[&[2; 32]].received, 1000);
        source.set(Some(Vec::new()));
        network.settled().await.unwrap();
        assert!(network.activity().is_empty());
    }
}
