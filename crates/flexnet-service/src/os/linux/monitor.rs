//! What happens to the PC's own network while a tunnel stands: other addresses, another way to the gateway, a sleep.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use flexnet_protocol::Fault;
use futures_util::StreamExt as _;
use rtnetlink::{MulticastGroup, new_multicast_connection};
use tokio::{
    sync::{Mutex, mpsc},
    task::AbortHandle,
    time::{sleep, timeout},
};

use super::{
    host::slept,
    link::{Address, addresses},
    probe, settings,
};
use crate::network::Event;

/// A change of the network comes as a burst of messages; it is looked at when they stop for so long.
const QUIET: Duration = Duration::from_millis(300);
/// How often is looked whether the PC was asleep.
const LOOK: Duration = Duration::from_secs(1);
/// Clocks drift apart by less than this while the PC is awake.
const NAP: u64 = 2000;

/// Compares what is with what was.
pub(super) struct Monitor {
    device: &'static str,
    endpoints: Vec<SocketAddr>,
    seen: Mutex<Seen>,
    driver: AbortHandle,
}

struct Seen {
    network: Fingerprint,
    slept: u64,
    stirred: mpsc::Receiver<()>,
}

/// What a session notices of the PC's network: its addresses, and which of them it sends from.
type Fingerprint = (Vec<Address>, Vec<Option<IpAddr>>);

impl Drop for Monitor {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Monitor {
    /// Listens from now on; `device` is ours and does not count.
    pub(super) fn start(device: &'static str, endpoints: &[SocketAddr]) -> Result<Self, Fault> {
        let (connection, _handle, mut messages) = new_multicast_connection(&[
            MulticastGroup::Link,
            MulticastGroup::Ipv4Ifaddr,
            MulticastGroup::Ipv6Ifaddr,
            MulticastGroup::Ipv4Route,
            MulticastGroup::Ipv6Route,
        ])
        .map_err(|e| settings("netlink", &e))?;
        // One place: that something stirred says it all, how often does not matter.
        let (stir, stirred) = mpsc::channel(1);
        let driver = tokio::spawn(async move {
            let forward = async {
                while messages.next().await.is_some() {
                    // Full: it is known already.
                    let _ = stir.try_send(());
                }
            };
            tokio::join!(connection, forward);
        })
        .abort_handle();
        let endpoints = endpoints.to_vec();
        let network = fingerprint(device, &endpoints);
        Ok(Self { device, endpoints, seen: Mutex::new(Seen { network, slept: slept(), stirred }), driver })
    }

    /// Waits for the next event. Giving up waiting loses none: what was is kept until it is told.
    pub(super) async fn event(&self) -> Event {
        let mut seen = self.seen.lock().await;
        loop {
            let now = slept();
            if now.saturating_sub(std::mem::replace(&mut seen.slept, now)) > NAP {
                return Event::Woke;
            }
            let network = fingerprint(self.device, &self.endpoints);
            if network != seen.network {
                seen.network = network;
                return Event::Changed;
            }
            match timeout(LOOK, seen.stirred.recv()).await {
                Ok(Some(())) => while let Ok(Some(())) = timeout(QUIET, seen.stirred.recv()).await {},
                // Without netlink the network is still compared, only later.
                Ok(None) => sleep(LOOK).await,
                Err(_) => {}
            }
        }
    }
}

fn fingerprint(device: &str, endpoints: &[SocketAddr]) -> Fingerprint {
    (addresses(device), endpoints.iter().map(probe::source).collect())
}
