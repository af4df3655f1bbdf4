//! What happens to the PC's own network while a tunnel stands: other addresses, another way to the gateway, a cable, a sleep.
//! The kernel (rtnetlink) and logind say that something stirred; what it was is seen by comparing. Never changes anything.

use std::{
    fs,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use flexnet_protocol::Fault;
use futures_util::StreamExt as _;
use rtnetlink::{MulticastGroup, new_multicast_connection};
use tokio::{
    sync::{Mutex, mpsc},
    task::AbortHandle,
    time::{Instant, sleep, timeout, timeout_at},
};
use zbus::{Connection, MatchRule, MessageStream};

use super::{
    host::slept,
    link::{Address, addresses, cables},
    probe, settings,
};
use crate::network::Event;

/// A change of the network comes as a burst of messages: it is looked at in its first pause, and after so long in any case.
const PAUSE: Duration = Duration::from_millis(40);
const BURST: Duration = Duration::from_millis(200);
/// How often the clocks are looked at: whether the PC was asleep.
const LOOK: Duration = Duration::from_secs(1);
/// How often the network is compared without any word, in case one was lost. That asks the kernel a hundred things.
const COMPARE: Duration = Duration::from_secs(10);
/// Clocks drift apart by less than this while the PC is awake.
const NAP: u64 = 2000;
/// Clock and logind tell of the same sleep within so long.
const ONE_SLEEP: Duration = Duration::from_secs(5);

/// Compares what is with what was.
pub(super) struct Monitor {
    device: &'static str,
    endpoints: Vec<SocketAddr>,
    seen: Mutex<Seen>,
    drivers: [AbortHandle; 2],
}

struct Seen {
    network: Fingerprint,
    slept: u64,
    woke: Option<Instant>,
    stirred: mpsc::Receiver<()>,
    awake: mpsc::Receiver<()>,
}

/// What a session notices of the PC's network.
#[derive(PartialEq, Eq)]
struct Fingerprint {
    addresses: Vec<Address>,
    /// Which of them each endpoint is sent from.
    sources: Vec<Option<IpAddr>>,
    /// Links with a cable or a base station: with the same addresses it may be another one.
    cables: Vec<String>,
    /// Default routes.
    ways_out: Vec<String>,
}

impl Drop for Monitor {
    fn drop(&mut self) {
        self.drivers.iter().for_each(AbortHandle::abort);
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
        let netlink = tokio::spawn(async move {
            let forward = async {
                while messages.next().await.is_some() {
                    // Full: it is known already.
                    let _ = stir.try_send(());
                }
            };
            tokio::join!(connection, forward);
        });
        let (wake, awake) = mpsc::channel(1);
        let logind = tokio::spawn(async move {
            let heard = async { hear_logind(&Connection::system().await?, &wake).await };
            if let Err(error) = heard.await {
                tracing::info!(%error, "logind tells of no sleep: the clocks do, up to a second later");
            }
        });
        let endpoints = endpoints.to_vec();
        let network = Fingerprint::take(device, &endpoints);
        let seen = Mutex::new(Seen { network, slept: slept(), woke: None, stirred, awake });
        Ok(Self { device, endpoints, seen, drivers: [netlink.abort_handle(), logind.abort_handle()] })
    }

    /// Waits for the next event. Giving up waiting loses none: what was is kept until it is told.
    pub(super) async fn event(&self) -> Event {
        let mut seen = self.seen.lock().await;
        let mut compare = Instant::now();
        loop {
            let now = slept();
            if now.saturating_sub(std::mem::replace(&mut seen.slept, now)) > NAP && seen.wakes() {
                return Event::Woke;
            }
            if Instant::now() >= compare {
                compare = Instant::now() + COMPARE;
                let network = Fingerprint::take(self.device, &self.endpoints);
                if network != seen.network {
                    seen.network = network;
                    return Event::Changed;
                }
            }
            let Seen { stirred, awake, .. } = &mut *seen;
            tokio::select! {
                biased;
                Some(()) = awake.recv() => {
                    seen.slept = slept();
                    if seen.wakes() {
                        return Event::Woke;
                    }
                }
                stirring = timeout(LOOK, stirred.recv()) => match stirring {
                    Ok(Some(())) => {
                        let latest = Instant::now() + BURST;
                        while let Ok(Some(())) = timeout_at(latest.min(Instant::now() + PAUSE), stirred.recv()).await {}
                        compare = Instant::now();
                    }
                    // Without netlink the network is still compared, only later.
                    Ok(None) => {
                        sleep(LOOK).await;
                        compare = Instant::now();
                    }
                    Err(_) => {}
                },
            }
        }
    }
}

impl Seen {
    /// Whether this word of a sleep is not the second one about the same.
    fn wakes(&mut self) -> bool {
        let now = Instant::now();
        self.woke.replace(now).is_none_or(|before| now - before > ONE_SLEEP)
    }
}

impl Fingerprint {
    fn take(device: &str, endpoints: &[SocketAddr]) -> Self {
        Self {
            addresses: addresses(device),
            sources: endpoints.iter().map(probe::source).collect(),
            cables: cables(device),
            ways_out: ways_out(device),
        }
    }
}

/// The kernel's lines about default routes of both families, without what changes by itself. Two routers may give one address.
fn ways_out(except: &str) -> Vec<String> {
    let of = |file: &str, is_default: fn(&[&str]) -> bool, fields: &[usize]| -> Vec<String> {
        let text = fs::read_to_string(file).unwrap_or_default();
        let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        let lines = lines.filter(|line| is_default(line) && !line.contains(&except));
        lines.map(|line| fields.iter().filter_map(|&at| line.get(at).copied()).collect::<Vec<_>>().join(" ")).collect()
    };
    // proc(5): interface, destination, gateway, flags, ..., metric, mask. And destination, its length, ..., next hop, metric, ..., interface.
    let v4 =
        of("/proc/net/route", |line| line.get(1) == Some(&"00000000") && line.get(7) == Some(&"00000000"), &[0, 2, 6]);
    let v6 = of(
        "/proc/net/ipv6_route",
        |line| {
            line.get(1) == Some(&"00")
                && line.last() != Some(&"lo")
                && line.first().is_some_and(|to| to.bytes().all(|b| b == b'0'))
        },
        &[4, 5, 9],
    );
    [v4, v6].concat()
}

/// Tells of every end of a sleep that logind knows of (org.freedesktop.login1.Manager, PrepareForSleep).
async fn hear_logind(bus: &Connection, wake: &mpsc::Sender<()>) -> zbus::Result<()> {
    let rule = MatchRule::builder()
        .msg_type(zbus::message::Type::Signal)
        .sender("org.freedesktop.login1")?
        .path("/org/freedesktop/login1")?
        .interface("org.freedesktop.login1.Manager")?
        .member("PrepareForSleep")?
        .build();
    let mut signals = MessageStream::for_match_rule(rule, bus, None).await?;
    while let Some(signal) = signals.next().await {
        // `true` before, `false` after. Full: it is known already.
        if matches!(signal?.body().deserialize::<bool>(), Ok(false)) {
            let _ = wake.try_send(());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_end_of_a_sleep_is_heard_and_its_beginning_is_not() {
        let (ours, theirs) = tokio::net::UnixStream::pair().unwrap();
        let guid = zbus::Guid::generate();
        let logind = zbus::connection::Builder::unix_stream(theirs).p2p().server(guid).unwrap().build();
        let (logind, bus) = tokio::join!(logind, zbus::connection::Builder::unix_stream(ours).p2p().build());
        let (logind, bus) = (logind.unwrap(), bus.unwrap());
        let (wake, mut awake) = mpsc::channel(8);
        let listening = tokio::spawn(async move { hear_logind(&bus, &wake).await });
        let (path, manager) = ("/org/freedesktop/login1", "org.freedesktop.login1.Manager");
        let heard = async {
            // Who listens may not be ready for the first of them.
            loop {
                for begins in [true, false] {
                    logind.emit_signal(None::<&str>, path, manager, "PrepareForSleep", &begins).await.unwrap();
                }
                logind.emit_signal(None::<&str>, path, manager, "PrepareForShutdown", &false).await.unwrap();
                if timeout(PAUSE, awake.recv()).await.is_ok() {
                    return;
                }
            }
        };
        timeout(Duration::from_secs(20), heard).await.unwrap();
        listening.abort();
    }

    #[tokio::test]
    async fn two_words_of_one_sleep_are_one_event() {
        let (_stir, stirred) = mpsc::channel(1);
        let (_wake, awake) = mpsc::channel(1);
        let network = Fingerprint::take("none", &[]);
        let mut seen = Seen { network, slept: 0, woke: None, stirred, awake };
        assert!(seen.wakes());
        assert!(!seen.wakes());
        seen.woke = seen.woke.and_then(|at| at.checked_sub(2 * ONE_SLEEP));
        assert!(seen.wakes());
    }
}
