//! Carriers: connections that carry WireGuard through TLS 443 (RFC 9298). How many a session and all together may have, and their end.
//! Their packets go to the gateway's own WireGuard port and are as foreign there as those from the internet.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use flexnet_masque::Relay;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{error::Error, gateway::Gateway, sessions};

/// Carriers of one session: the one that died and the one that replaces it. Another ends the oldest, so a member is never locked out by his own.
const PER_SESSION: usize = 2;
/// How long a connection may take from the answer to being a carrier.
const UPGRADE_LIMIT: Duration = Duration::from_secs(10);
/// How often the sessions are looked at while there are carriers: an end shows within a second, also one from another process.
const PERIOD: Duration = Duration::from_millis(500);

/// All carriers of a gateway.
#[derive(Debug)]
pub struct Carriers {
    limit: usize,
    wireguard: SocketAddr,
    /// By session, oldest first.
    held: Mutex<HashMap<String, VecDeque<CancellationToken>>>,
    stopping: CancellationToken,
    tasks: TaskTracker,
}

/// The right to one carrier of a session; given back when dropped.
#[derive(Debug)]
pub struct Ticket {
    carriers: Arc<Carriers>,
    session: String,
    over: CancellationToken,
}

impl Carriers {
    /// None yet, and at most `limit`, to the WireGuard port of this machine.
    pub fn new(limit: usize, wireguard_port: u16) -> Arc<Self> {
        Arc::new(Self {
            limit,
            wireguard: SocketAddr::from((Ipv4Addr::LOCALHOST, wireguard_port)),
            held: Mutex::default(),
            stopping: CancellationToken::new(),
            tasks: TaskTracker::new(),
        })
    }

    /// A carrier for a live session, if there is one left.
    pub fn take(self: &Arc<Self>, session: &str) -> Option<Ticket> {
        let over = self.stopping.child_token();
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = held.values().map(VecDeque::len).sum();
        let own = held.get(session).map_or(0, VecDeque::len);
        if self.stopping.is_cancelled() || (own < PER_SESSION && all >= self.limit) {
            return None;
        }
        let own = held.entry(session.to_owned()).or_default();
        own.push_back(over.clone());
        if own.len() > PER_SESSION
            && let Some(oldest) = own.pop_front()
        {
            oldest.cancel();
        }
        Some(Ticket { carriers: Arc::clone(self), session: session.to_owned(), over })
    }

    /// Ends the carriers of all sessions but these.
    fn keep(&self, live: &HashSet<String>) {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.iter()
            .filter(|(session, _)| !live.contains(*session))
            .flat_map(|(_, own)| own)
            .for_each(|over| over.cancel());
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).values().map(VecDeque::len).sum()
    }

    fn any(&self) -> bool {
        !self.held.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Ends all of them in good order, and gives out no more.
    pub async fn close(&self) {
        self.stopping.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Ticket {
    /// Carries on the connection of `upgrade` until it ends, its session ends, or the gateway stops.
    pub fn carry(self, upgrade: OnUpgrade) {
        let carriers = Arc::clone(&self.carriers);
        carriers.tasks.spawn(async move {
            let upgraded = tokio::select! {
                upgraded = timeout(UPGRADE_LIMIT, upgrade) => upgraded,
                () = self.over.cancelled() => return,
            };
            let Ok(Ok(stream)) = upgraded else {
                return tracing::debug!("a connection was lost before it was a carrier");
            };
            let relay = match Relay::start(TokioIo::new(stream), self.carriers.wireguard) {
                Ok(relay) => relay,
                Err(error) => return tracing::error!(%error, "no socket for a carrier"),
            };
            tokio::select! {
                end = relay.ended() => tracing::debug!(error = &end as &dyn std::error::Error, "a carrier has ended"),
                () = self.over.cancelled() => relay.close().await,
            }
        });
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let over = std::mem::take(&mut self.over);
        over.cancel();
        let mut held = self.carriers.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = held.get_mut(&self.session) {
            own.retain(|other| !other.is_cancelled());
            if own.is_empty() {
                held.remove(&self.session);
            }
        }
    }
}

/// Ends carriers with their sessions, until dropped.
pub async fn follow(gateway: &Gateway) {
    let mut tick = interval(PERIOD);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if !gateway.carriers.any() {
            continue;
        }
        if let Err(error) = look(gateway).await {
            // What still comes through is no more than packets on the WireGuard port, whose peers go after fifteen minutes.
            tracing::error!(error = &error as &dyn std::error::Error, "the sessions of the carriers cannot be read");
        }
    }
}

async fn look(gateway: &Gateway) -> Result<(), Error> {
    let live = sessions::live(gateway.database.read(), gateway.clock.now()).await?;
    gateway.carriers.keep(&live.into_iter().map(|session| session.session_id).collect());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_has_two_and_the_third_ends_the_oldest() {
        let carriers = Carriers::new(3, 51820);
        let first = carriers.take("a").unwrap();
        let second = carriers.take("a").unwrap();
        let other = carriers.take("b").unwrap();
        assert!(carriers.take("c").is_none(), "three in all");
        let third = carriers.take("a").expect("one's own place can be taken over when all are taken");
        assert!(first.over.is_cancelled() && !second.over.is_cancelled() && !third.over.is_cancelled());
        drop(first);
        assert!(!second.over.is_cancelled() && !third.over.is_cancelled(), "what is over gives back nothing twice");
        drop(other);
        assert!(carriers.take("c").is_some());
        drop((second, third));
        assert!(!carriers.any());
    }

    #[test]
    fn only_live_sessions_keep_theirs() {
        let carriers = Carriers::new(9, 51820);
        let (a, b) = (carriers.take("a").unwrap(), carriers.take("b").unwrap());
        carriers.keep(&HashSet::from(["b".to_owned()]));
        assert!(a.over.is_cancelled() && !b.over.is_cancelled());
    }

    #[tokio::test]
    async fn a_gateway_that_stops_gives_out_no_more() {
        let carriers = Carriers::new(9, 51820);
        let ticket = carriers.take("a").unwrap();
        carriers.close().await;
        assert!(ticket.over.is_cancelled());
        assert!(carriers.take("a").is_none());
    }
}
