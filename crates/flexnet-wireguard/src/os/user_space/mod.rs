//! WireGuard in this process: the protocol is gotatun's ([`gotatun::noise`]), moving the packets is ours. A thread does it, and no packet
//! waits for the async threads of the program. gotatun's own device costs six times as much processor time.
//! Start at [`engine`]; [`outbound`] and [`inbound`] are the two ways.

mod budget;
mod engine;
mod handshakes;
mod inbound;
mod outbound;
mod peers;
mod serving;
#[cfg(test)]
mod tests;
mod worker;

use std::{
    fmt::{self, Write as _},
    io,
    net::SocketAddr,
    sync::{Arc, Weak},
    thread::JoinHandle,
    time::{Duration, Instant, SystemTime},
};

use flexnet_protocol::Key;
use futures_util::future::join_all;
use gotatun::{
    packet::WgKind,
    x25519::{PublicKey, StaticSecret},
};
use tokio::{task::spawn_blocking, time::timeout};

use self::{
    engine::Engine,
    peers::{Entry, Table},
    worker::Stop,
};
use super::{endpoint::Endpoint, link::Link, udp::Udp};
use crate::{
    Backend, Changes, DeviceConfig, Error, Peer,
    system::{Found, System},
};

/// How long an invited peer may take to answer before its invitation is left to WireGuard's timers.
const INVITATION: Duration = Duration::from_millis(250);
/// How long the thread may take to end.
const CLOSING: Duration = Duration::from_secs(5);

/// A device in this process. Dropping it ends it soon after.
pub(crate) struct UserSpace<L> {
    name: String,
    engine: Arc<Engine<L>>,
    // The thread ends when it is dropped.
    stop: Stop,
    thread: JoinHandle<()>,
}

impl<L: Link> UserSpace<L> {
    /// Starts it on a TUN device of this name.
    pub(super) fn start(name: &str, link: L, config: &DeviceConfig) -> Result<Self, Error> {
        let port = config.listen_port;
        let udp = Udp::bind(port, config.serves).map_err(|source| Error::Listen { port, source })?;
        let private = StaticSecret::from(*config.private_key.bytes());
        let engine = Arc::new(Engine::new(private, udp, link, config.mtu, config.serves));
        let (stop, thread) =
            worker::start(&engine).map_err(|source| Error::Create { name: name.to_owned(), source })?;
        Ok(Self { name: name.to_owned(), engine, stop, thread })
    }

    /// What `wg show` is told, for as long as the device is there.
    pub(super) fn shown(&self) -> impl Fn() -> Option<String> + Send + Sync + 'static {
        let engine: Weak<Engine<L>> = Arc::downgrade(&self.engine);
        move || engine.upgrade().map(|engine| shown(&engine))
    }

    fn alive(&self) -> Result<&Engine<L>, Error> {
        if self.engine.is_gone() { Err(Error::Gone(self.name.clone())) } else { Ok(&self.engine) }
    }

    /// An initiation that came before its peer is answered now.
    fn welcome(&self, table: &Table, key: &[u8; 32]) {
        let early = self.engine.serving().and_then(|mut serving| serving.take(key, Instant::now()));
        if let Some(early) = early
            && let Some(peer) = table.get(key)
        {
            // An initiation has no content.
            let _ = self.engine.receive(peer, WgKind::HandshakeInit(early.initiation), early.from);
        }
    }
}

impl<L: Link> System for UserSpace<L> {
    fn backend(&self) -> Backend {
        Backend::UserSpace
    }

    fn listen_port(&self) -> u16 {
        self.engine.udp.port()
    }

    fn keeps_sessions(&self) -> bool {
        true
    }

    async fn read(&self) -> Result<Vec<Found>, Error> {
        let now = SystemTime::now();
        Ok(self.alive()?.table().iter().map(|entry| found(entry, now)).collect())
    }

    async fn change(&self, changes: &Changes) -> Result<(), Error> {
        let engine = self.alive()?;
        let mut table = engine.table_mut();
        for key in &changes.removed {
            if let Some(peer) = table.remove(key.bytes()) {
                engine.forget(&peer);
            }
        }
        for peer in &changes.modified {
            table.reroute(peer.public_key.bytes(), peer.allowed_ips.clone());
            if let Some(existing) = table.get(peer.public_key.bytes()) {
                let mut state = existing.state();
                state.tunnel.set_persistent_keepalive(keepalive(peer));
                state.endpoint = peer.endpoint.map(Endpoint::from).or(state.endpoint);
            }
        }
        for peer in &changes.added {
            let key = PublicKey::from(*peer.public_key.bytes());
            let secret = peer.preshared_key.as_ref().map(|key| *key.bytes());
            let tunnel = engine.tunnel(key, secret, keepalive(peer));
            table.insert(peers::Peer::new(key, tunnel, peer.endpoint.map(Endpoint::from)), peer.allowed_ips.clone());
            self.welcome(&table, peer.public_key.bytes());
        }
        Ok(())
    }

    async fn invite(&self, peers: &[Peer]) -> Result<(), Error> {
        let engine = self.alive()?;
        let invited: Vec<(Arc<peers::Peer>, Option<SocketAddr>)> = {
            let table = engine.table();
            let known = |peer: &Peer| Some((Arc::clone(table.get(peer.public_key.bytes())?), peer.endpoint));
            peers.iter().filter_map(known).collect()
        };
        let answers = invited.iter().map(|(peer, to)| {
            let mut answered = peer.answered.subscribe();
            engine.invite(peer, *to);
            async move {
                // Who is taken away does not answer any more.
                let _ = answered.changed().await;
            }
        });
        // Whoever does not answer in time is asked again by WireGuard's timers.
        let _ = timeout(INVITATION, join_all(answers)).await;
        Ok(())
    }

    async fn remove(self) -> Result<(), Error> {
        let Self { name, engine, stop, thread } = self;
        drop(stop);
        let ended = spawn_blocking(|| thread.join());
        let failed = |source| Error::Remove { name, source };
        match timeout(CLOSING, ended).await {
            // With the last handle the system takes the device away.
            Ok(Ok(_)) => drop(engine),
            Ok(Err(error)) => return Err(failed(io::Error::other(error))),
            Err(_elapsed) => return Err(failed(io::ErrorKind::TimedOut.into())),
        }
        Ok(())
    }
}

impl<L> fmt::Debug for UserSpace<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserSpace").field("name", &self.name).finish_non_exhaustive()
    }
}

fn keepalive(peer: &Peer) -> Option<u16> {
    (peer.keepalive_seconds > 0).then_some(peer.keepalive_seconds)
}

fn found(entry: &Entry, now: SystemTime) -> Found {
    let state = entry.peer.state();
    let (last_handshake, sent, received, ..) = state.tunnel.stats();
    Found {
        peer: Peer {
            public_key: Key::new(entry.peer.key.to_bytes()),
            preshared_key: state.tunnel.preshared_key().map(Key::new),
            endpoint: state.endpoint.map(|endpoint| endpoint.remote),
            allowed_ips: entry.networks.clone(),
            keepalive_seconds: state.tunnel.persistent_keepalive().unwrap_or(0),
        },
        last_handshake: last_handshake.and_then(|age| now.checked_sub(age)),
        received: count(received),
        sent: count(sent),
    }
}

fn count(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

/// The answer to `get=1` of the cross-platform userspace protocol, without the keys that are secret.
fn shown<L: Link>(engine: &Engine<L>) -> String {
    let hex = |key: &[u8; 32]| key.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let now = SystemTime::now();
    let mut text = format!("listen_port={}\n", engine.udp.port());
    for entry in engine.table().iter() {
        let Found { peer, last_handshake, received, sent } = found(entry, now);
        let at = last_handshake.and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok()).unwrap_or_default();
        let _ = writeln!(text, "public_key={}", hex(peer.public_key.bytes()));
        if let Some(endpoint) = peer.endpoint {
            let _ = writeln!(text, "endpoint={endpoint}");
        }
        let _ =
            writeln!(text, "last_handshake_time_sec={}\nlast_handshake_time_nsec={}", at.as_secs(), at.subsec_nanos());
        let _ = writeln!(text, "tx_bytes={sent}\nrx_bytes={received}");
        let _ = writeln!(text, "persistent_keepalive_interval={}", peer.keepalive_seconds);
        for network in peer.allowed_ips {
            let _ = writeln!(text, "allowed_ip={network}");
        }
        text.push_str("protocol_version=1\n");
    }
    text.push_str("errno=0\n\n");
    text
}
