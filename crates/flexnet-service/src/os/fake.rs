//! A network in memory: the twin of the real one, for tests. Keeps the same order and the same promises, and fails where it is told to.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use flexnet_protocol::{
    Fault,
    repair::{RepairPlan, RepairStep, Repaired},
};
use flexnet_session::{Counters, NetworkConfig, Proof};
use ipnet::IpNet;
use tokio::sync::Notify;

use crate::{
    early::Early,
    journal::Change,
    network::{Event, Network, Wanted},
};

/// The network; clones are the same one, so that a test can look at it from outside.
#[derive(Clone, Default)]
pub struct Fake(Arc<Inside>);

#[derive(Default)]
struct Inside {
    now: Mutex<World>,
    happened: Notify,
}

#[derive(Default)]
struct World {
    stands: Vec<Change>,
    applied: usize,
    wanted: Option<(NetworkConfig, Vec<SocketAddr>)>,
    ahead: Option<Early>,
    taken_over: usize,
    unready: Option<Fault>,
    fails: Option<(Change, Fault)>,
    sticks: Option<Change>,
    hangs: bool,
    events: Vec<Event>,
    silent: Option<Fault>,
    probes: Vec<bool>,
    received: u64,
}

impl Fake {
    /// Nothing is changed, and everything will work.
    pub fn new() -> Self {
        Self::default()
    }

    /// The changes that stand now.
    pub fn stands(&self) -> Vec<Change> {
        self.world().stands.clone()
    }

    /// How often a network was built.
    pub fn applied(&self) -> usize {
        self.world().applied
    }

    /// What was wanted last, and what had to stay reachable beside it.
    pub fn wanted(&self) -> Option<(NetworkConfig, Vec<SocketAddr>)> {
        self.world().wanted.clone()
    }

    /// What the first packet was sent with, before anything was granted, as long as it waits for a grant.
    pub fn ahead(&self) -> Option<Early> {
        self.world().ahead.clone()
    }

    /// How often a network was built on a device whose handshake had begun before.
    pub fn taken_over(&self) -> usize {
        self.world().taken_over
    }

    /// Every probe so far: whether it wanted the portal to speak.
    pub fn probes(&self) -> Vec<bool> {
        self.world().probes.clone()
    }

    /// From now on no session could be built.
    pub fn be_unready(&self, fault: Fault) {
        self.world().unready = Some(fault);
    }

    /// From now on this change fails after it was half made.
    pub fn fail_at(&self, change: Change, fault: Fault) {
        self.world().fails = Some((change, fault));
    }

    /// From now on this change cannot be taken back; `None` heals it.
    pub fn stick(&self, change: Option<Change>) {
        self.world().sticks = change;
    }

    /// From now on nothing that changes the system comes to an end; `false` heals it for what begins later.
    pub fn hang(&self, hangs: bool) {
        self.world().hangs = hangs;
    }

    /// From now on nothing answers through the tunnel; `None` heals it.
    pub fn be_silent(&self, fault: Option<Fault>) {
        self.world().silent = fault;
    }

    /// Something happens to the PC.
    pub fn happen(&self, event: Event) {
        self.world().events.push(event);
        self.0.happened.notify_one();
    }

    async fn hangs(&self) {
        let hangs = self.world().hangs;
        if hangs {
            std::future::pending::<()>().await;
        }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.0.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Network for Fake {
    async fn ready(&mut self, _portal: &[IpNet], early: Option<Early>) -> Result<(), Fault> {
        self.hangs().await;
        let mut world = self.world();
        if let Some(fault) = world.unready.clone() {
            return Err(fault);
        }
        if early.is_some() {
            world.stands.push(Change::Device);
            world.ahead = early;
        }
        Ok(())
    }

    async fn apply(&mut self, wanted: Wanted) -> Result<(), Fault> {
        {
            let mut world = self.world();
            world.wanted = Some((wanted.config.clone(), wanted.gateway.clone()));
            if let Some(early) = world.ahead.take() {
                world.taken_over += usize::from(early.fits(&wanted.config.tunnel, &wanted.private_key));
                world.stands.clear();
            }
        }
        for change in [Change::PacketFilter, Change::Device, Change::NameService] {
            self.hangs().await;
            let mut world = self.world();
            world.stands.push(change);
            if let Some((_, fault)) = world.fails.clone().filter(|(at, _)| *at == change) {
                return Err(fault);
            }
        }
        self.world().applied += 1;
        Ok(())
    }

    async fn undo(&mut self) -> Repaired {
        self.hangs().await;
        let mut world = self.world();
        let mut repaired = Repaired::default();
        let sticks = world.sticks;
        world.ahead = None;
        let stands = std::mem::take(&mut world.stands);
        for change in stands.into_iter().rev() {
            if sticks == Some(change) || change.outlives().is_some_and(|other| world.stands.contains(&other)) {
                repaired.failed.push(RepairStep::new(change.into(), format!("{change:?} sticks")));
                world.stands.insert(0, change);
            } else {
                repaired.undone.push(RepairStep::new(change.into(), format!("{change:?}")));
            }
        }
        repaired
    }

    async fn repair(&mut self, _portal: &[String]) -> Repaired {
        self.undo().await
    }

    async fn plan(&self, _portal: &[String]) -> RepairPlan {
        self.hangs().await;
        let world = self.world();
        let steps = world.stands.iter().rev().map(|&change| RepairStep::new(change.into(), format!("{change:?}")));
        RepairPlan { steps: steps.collect(), foreign: Vec::new() }
    }

    async fn leftovers(&self) -> Vec<String> {
        self.world().stands.iter().map(|change| format!("{change:?}")).collect()
    }

    async fn probe(&self, whole: bool) -> Proof {
        let mut world = self.world();
        world.probes.push(whole);
        match world.silent.clone() {
            None => Proof {
                handshake: true,
                network_ms: Some(12),
                portal: Ok(()),
                carrier: flexnet_protocol::snapshot::Carrier::Udp,
            },
            Some(fault) => Proof {
                handshake: false,
                network_ms: None,
                portal: Err(fault),
                carrier: flexnet_protocol::snapshot::Carrier::Udp,
            },
        }
    }

    async fn counters(&self) -> Option<Counters> {
        let mut world = self.world();
        if world.silent.is_none() {
            world.received += 1000;
        }
        Some(Counters { received: world.received, sent: 1000, handshake_age: Some(1) })
    }

    async fn event(&self) -> Event {
        loop {
            let next = self.world().events.pop();
            match next {
                Some(event) => return event,
                None => self.0.happened.notified().await,
            }
        }
    }
}
