//! Keeps the tunnel device as it was raised: addresses, routes and state that another program takes away come back while the session lives.
//! Takes nothing of anybody else away, and fights nobody for ever: then looks through the tunnel say so. What there is to keep is `link`'s matter.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use flexnet_protocol::{Fault, gateway::TunnelGrant};
use futures_util::{FutureExt as _, Stream, StreamExt as _};
use rtnetlink::{MulticastGroup, new_multicast_connection};
use tokio::{
    sync::{Notify, watch},
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};

use super::{
    link::{Needs, Own},
    settings,
};

/// A change comes as a burst of messages: it is looked at after it.
const BURST: Duration = Duration::from_millis(50);
/// What could not be put back is tried again so often, without any word as well.
const AGAIN: Duration = Duration::from_secs(2);
/// So often within so long something is put back. More is a fight.
const PATIENCE: usize = 10;
const PERIOD: Duration = Duration::from_secs(60);

/// A device that is kept.
pub(super) struct Upkeep {
    /// What is missing and cannot be put back.
    lost: watch::Receiver<Option<Fault>>,
    changed: Arc<Notify>,
    keeper: JoinHandle<()>,
}

impl Upkeep {
    /// Keeps `own` from now on.
    pub(super) fn start(own: Own, grant: TunnelGrant) -> Result<Self, Fault> {
        let (connection, _handle, messages) = new_multicast_connection(&[
            MulticastGroup::Link,
            MulticastGroup::Ipv4Ifaddr,
            MulticastGroup::Ipv6Ifaddr,
            MulticastGroup::Ipv4Route,
            MulticastGroup::Ipv6Route,
        ])
        .map_err(|e| settings("netlink", &e))?;
        let (tell, lost) = watch::channel(None);
        let changed = Arc::new(Notify::new());
        let keeper = Keeper { own, grant, put_back: Bound::default(), lost: tell, changed: Arc::clone(&changed) };
        let keeper = tokio::spawn(async move {
            tokio::select! {
                () = connection => {}
                () = keeper.run(messages) => {}
            }
        });
        Ok(Self { lost, changed, keeper })
    }

    /// Why the member's programs do not reach the portal, if the device is not whole.
    pub(super) fn lost(&self) -> Option<Fault> {
        self.lost.borrow().clone()
    }

    /// Waits until [`Upkeep::lost`] says another thing. Giving up waiting loses no word.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Ends; afterwards nothing is put back.
    pub(super) async fn end(mut self) {
        self.keeper.abort();
        drop((&mut self.keeper).await);
    }
}

impl Drop for Upkeep {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

struct Keeper {
    own: Own,
    grant: TunnelGrant,
    put_back: Bound,
    lost: watch::Sender<Option<Fault>>,
    changed: Arc<Notify>,
}

impl Keeper {
    /// `stirs`: somebody, maybe we, has changed an address, a route or a link.
    async fn run(mut self, mut stirs: impl Stream + Unpin) {
        loop {
            let outcome = self.look().await;
            let whole = outcome.is_ok();
            self.tell(outcome.err());
            let stirred = if whole { Ok(stirs.next().await) } else { timeout(AGAIN, stirs.next()).await };
            if let Ok(None) = stirred {
                tracing::error!("the kernel tells of no changes any more: the tunnel device is not kept");
                return;
            }
            sleep(BURST).await;
            while let Some(Some(_)) = stirs.next().now_or_never() {}
        }
    }

    async fn look(&mut self) -> Result<(), Fault> {
        let needs = self.own.needs(&self.grant).await?;
        if needs.is_met() {
            return Ok(());
        }
        if !self.put_back.allows(Instant::now()) {
            return Err(settings("another program takes it away again and again", &Lost(needs)));
        }
        self.own.raise(&needs).await?;
        tracing::warn!(%needs, "another program has changed our tunnel device: it is put back");
        Ok(())
    }

    fn tell(&self, fault: Option<Fault>) {
        let changed = self.lost.send_if_modified(|lost| {
            let changed = *lost != fault;
            *lost = fault;
            changed
        });
        if changed {
            if let Some(fault) = &*self.lost.borrow() {
                tracing::error!(%fault, "the tunnel device cannot be put back");
            }
            self.changed.notify_one();
        }
    }
}

/// What the device lacks.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Lost(Needs);

/// So often, and no more.
#[derive(Default)]
struct Bound(VecDeque<Instant>);

impl Bound {
    fn allows(&mut self, now: Instant) -> bool {
        self.0.retain(|at| now - *at < PERIOD);
        let allows = self.0.len() < PATIENCE;
        if allows {
            self.0.push_back(now);
        }
        allows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fight_is_bounded_and_peace_ends_it() {
        let (mut bound, mut now) = (Bound::default(), Instant::now());
        assert!((0..PATIENCE).all(|_| bound.allows(now)));
        assert!(!bound.allows(now));
        now += PERIOD;
        assert!(bound.allows(now));
        // A hook that runs now and then is no fight.
        assert!((0..100).all(|_| {
            now += PERIOD / 5;
            bound.allows(now)
        }));
    }
}
