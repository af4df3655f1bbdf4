//! How this PC stands and how it is put in order: what earlier sessions left, what a repair would do, and the repair. Nothing of it touches a session that lives.

use flexnet_protocol::{
    Fault, FaultCode,
    local::{Health, MAX_FRAME, Reply},
    snapshot::State,
};
use tokio::sync::oneshot;

use super::{News, QUEUE, Service};
use crate::{clients::Ask, network::Job, os};

/// Bytes of events in one reply: a frame with room for what stands around them.
const EVENTS: usize = MAX_FRAME - 1024;

impl Service {
    pub(super) fn repair(&mut self, ask: Ask) {
        let (answer, repaired) = oneshot::channel();
        if let Err(fault) = self.give_at_rest(Job::Repair(self.portal_hosts(), answer)) {
            return ask.reply(Reply::Refused(fault));
        }
        let news = self.news.clone();
        self.tasks.spawn(async move {
            if let Ok(repaired) = repaired.await {
                drop(news.send(News::Repaired(ask, repaired)).await);
            }
        });
    }

    pub(super) fn preview(&mut self, ask: Ask) {
        let (answer, planned) = oneshot::channel();
        if let Err(fault) = self.give_at_rest(Job::Plan(self.portal_hosts(), answer)) {
            return ask.reply(Reply::Refused(fault));
        }
        self.tasks.spawn(async move { ask.reply(planned.await.map_or_else(silent, Reply::RepairPlan)) });
    }

    pub(super) fn health(&mut self, ask: Ask) {
        let handshake_age = self.handshake.map(|(measured, age)| age.saturating_add(measured.elapsed().as_secs()));
        let (answer, left) = oneshot::channel();
        match self.rests().then(|| self.give_at_rest(Job::Leftovers(answer))) {
            Some(Ok(())) => {}
            Some(Err(fault)) => return ask.reply(Reply::Refused(fault)),
            // What stands then is the session's.
            None => {
                let duplicate_address = None;
                return ask.reply(Reply::Health(Health { handshake_age, leftovers: Vec::new(), duplicate_address }));
            }
        }
        self.tasks.spawn(async move {
            let health = |leftovers| Reply::Health(Health { handshake_age, leftovers, duplicate_address: None });
            ask.reply(left.await.map_or_else(silent, health));
        });
    }

    pub(super) fn events(&mut self, ask: Ask) {
        self.tasks.spawn(async move {
            let events = tokio::task::spawn_blocking(|| flexnet_events::newest(flexnet_events::last(), EVENTS)).await;
            ask.reply(Reply::Events(events.unwrap_or_default()));
        });
    }

    fn rests(&self) -> bool {
        match self.machine.snapshot(os::now()).state {
            State::SignedOut { .. } | State::Locked { .. } | State::Failed { .. } => true,
            State::SigningIn { .. }
            | State::Confirming { .. }
            | State::Connecting { .. }
            | State::Connected { .. }
            | State::Reconnecting { .. }
            | State::Ending => false,
        }
    }

    fn give_at_rest(&self, job: Job) -> Result<(), Fault> {
        if !self.rests() {
            return Err(Fault::new(FaultCode::Busy, "a session lives"));
        }
        // What the machine wants must always find room, whoever asks in a row. Without the owner nobody would ever reply.
        if self.jobs.capacity() <= QUEUE / 2 || self.jobs.try_send(job).is_err() {
            return Err(Fault::new(FaultCode::Busy, "the network has other work"));
        }
        Ok(())
    }

    fn portal_hosts(&self) -> Vec<String> {
        self.installed.profile().as_ref().map(|profile| profile.portal.hosts.clone()).unwrap_or_default()
    }
}

/// The owner of the network gave up in the middle: what it asked did not answer in time.
fn silent(_: oneshot::error::RecvError) -> Reply {
    Reply::Refused(Fault::new(FaultCode::NetworkSettings, "the system's network does not answer"))
}
