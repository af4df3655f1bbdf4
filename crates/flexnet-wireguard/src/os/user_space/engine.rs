//! The heart of a user-space device: who the peers are, and what WireGuard answers. It is called from the thread that moves
//! packets ([`super::worker`]) and from its owner. It never waits for anyone but for the other caller.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicBool, AtomicU16, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use gotatun::{
    noise::{
        Tunn, TunnResult, errors::WireGuardError, handshake::parse_handshake_anon, index_table::IndexTable,
        rate_limiter::RateLimiter,
    },
    packet::{Packet, WgHandshakeInit, WgKind},
    tun::MtuWatcher,
    x25519::{PublicKey, StaticSecret},
};

use super::{
    peers::{Peer, Table},
    serving::Serving,
};
use crate::os::{endpoint::Endpoint, link::Link, udp::Udp};

/// A peer that was given up is asked again no more often than this.
const RETRY: Duration = Duration::from_secs(5);
/// How long refused segmentation offload is left alone.
const REFUSED: Duration = Duration::from_secs(60);

pub(super) struct Engine<L> {
    private: StaticSecret,
    pub public: PublicKey,
    /// A tunnel wants one and never asks it: [`super::handshakes`] decides.
    limiter: Arc<RateLimiter>,
    indices: IndexTable,
    /// Held for reading while packets are moved: who has held it for writing knows that a removed peer gets nothing more.
    table: RwLock<Table>,
    by_index: Mutex<HashMap<u32, Arc<Peer>>>,
    /// `Some` on a gateway.
    serving: Option<Mutex<Serving>>,
    pub udp: Udp,
    pub link: L,
    mtu: AtomicU16,
    gone: AtomicBool,
}

impl<L: Link> Engine<L> {
    pub(super) fn new(private: StaticSecret, udp: Udp, link: L, mtu: u16, serves: bool) -> Self {
        let public = PublicKey::from(&private);
        Self {
            private,
            public,
            limiter: Arc::new(RateLimiter::new(&public, 0)),
            indices: IndexTable::from_os_rng(),
            table: RwLock::default(),
            by_index: Mutex::default(),
            serving: serves.then(|| Mutex::new(Serving::new(Instant::now()))),
            udp,
            link,
            mtu: AtomicU16::new(mtu),
            gone: AtomicBool::new(false),
        }
    }

    pub(super) fn table(&self) -> RwLockReadGuard<'_, Table> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn table_mut(&self) -> RwLockWriteGuard<'_, Table> {
        self.table.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// A tunnel to a new peer.
    pub(super) fn tunnel(&self, key: PublicKey, secret: Option<[u8; 32]>, keepalive: Option<u16>) -> Tunn {
        let limiter = Arc::clone(&self.limiter);
        Tunn::new(self.private.clone(), key, secret, keepalive, self.indices.clone(), limiter)
    }

    pub(super) fn mtu(&self) -> usize {
        self.mtu.load(Relaxed).into()
    }

    /// The TUN device is no longer there.
    pub(super) fn is_gone(&self) -> bool {
        self.gone.load(Relaxed)
    }

    pub(super) fn set_gone(&self) {
        self.gone.store(true, Relaxed);
    }

    pub(super) fn serving(&self) -> Option<MutexGuard<'_, Serving>> {
        self.serving.as_ref().map(|serving| serving.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Who was given this index for an initiation, an answer or a session.
    pub(super) fn by_index(&self, index: u32) -> Option<Arc<Peer>> {
        self.indexed().get(&index).cloned()
    }

    pub(super) fn forget(&self, peer: &Arc<Peer>) {
        self.indexed().retain(|_, owner| !Arc::ptr_eq(owner, peer));
    }

    fn indexed(&self) -> MutexGuard<'_, HashMap<u32, Arc<Peer>>> {
        self.by_index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A handshake is answered at the index in its question.
    pub(super) fn remember(&self, packet: &WgKind, peer: &Arc<Peer>) {
        let index = match packet {
            WgKind::HandshakeInit(packet) => packet.sender_idx.get(),
            WgKind::HandshakeResp(packet) => packet.sender_idx.get(),
            WgKind::CookieReply(_) | WgKind::Data(_) => return,
        };
        self.indexed().insert(index, Arc::clone(peer));
    }

    /// The key that has made this initiation. It may be anyone's: the peer's tunnel decides whether it is a good one.
    pub(super) fn initiator(&self, packet: &WgHandshakeInit) -> Option<[u8; 32]> {
        parse_handshake_anon(&self.private, &self.public, packet).ok().map(|half| half.peer_static_public)
    }

    /// Takes a packet that claims to be from `peer`, answers it, and gives what was inside, if that is to be delivered.
    pub(super) fn receive(&self, peer: &Arc<Peer>, packet: WgKind, from: Endpoint) -> Option<Packet> {
        let is_answer = matches!(packet, WgKind::HandshakeResp(_));
        let mut state = peer.state();
        match state.tunnel.handle_incoming_packet(packet) {
            TunnResult::Done | TunnResult::Err(_) => None,
            TunnResult::WriteToTunnel(inside) => {
                state.endpoint = Some(from);
                Some(inside)
            }
            TunnResult::WriteToNetwork(answer) => {
                state.endpoint = Some(from);
                self.remember(&answer, peer);
                let mut mtu = MtuWatcher::new(self.mtu.load(Relaxed));
                let waited = state.tunnel.get_queued_packets(&mut mtu);
                let answers: Vec<Packet> = std::iter::once(answer).chain(waited).map(Packet::from).collect();
                drop(state);
                self.send(peer, &answers, from);
                if is_answer {
                    peer.answered.send_replace(());
                }
                None
            }
        }
    }

    /// Asks for a new session. One that stands goes on until the answer comes, and where packets go does not change before.
    pub(super) fn invite(&self, peer: &Arc<Peer>, to: Option<SocketAddr>) {
        let mut state = peer.state();
        let Some(to) = to.map(Endpoint::from).or(state.endpoint) else { return };
        let initiation = state.tunnel.format_handshake_initiation(true);
        drop(state);
        self.send_made(peer, initiation.map(WgKind::HandshakeInit), to);
    }

    /// What is due for each peer. [`Clock`] says when.
    pub(super) fn tick(&self, now: Instant) {
        if let Ok(mtu) = self.link.mtu() {
            self.mtu.store(mtu, Relaxed);
        }
        self.indexed().retain(|index, _| self.indices.in_use(*index));
        for entry in self.table().iter() {
            let mut state = entry.peer.state();
            let Some(endpoint) = state.endpoint else { continue };
            let due = match state.tunnel.update_timers() {
                Ok(due) => due,
                Err(WireGuardError::ConnectionExpired) => {
                    // Persistent keepalives go on when nobody answers, as the kernel's do; gotatun's would end after 90 s.
                    let again =
                        state.tunnel.persistent_keepalive().map(|every| Duration::from_secs(every.into()).max(RETRY));
                    let late = |every| state.retried.is_none_or(|last| now.duration_since(last) >= every);
                    if again.is_some_and(late) {
                        state.retried = Some(now);
                        state.tunnel.format_handshake_initiation(false).map(WgKind::HandshakeInit)
                    } else {
                        None
                    }
                }
                Err(error) => {
                    tracing::debug!(?error, "a timer failed");
                    None
                }
            };
            drop(state);
            self.send_made(&entry.peer, due, endpoint);
        }
    }

    fn send_made(&self, peer: &Arc<Peer>, packet: Option<WgKind>, to: Endpoint) {
        if let Some(packet) = packet {
            self.remember(&packet, peer);
            self.send(peer, &[packet.into()], to);
        }
    }

    /// Sends to a peer whose state the caller does not hold.
    pub(super) fn send(&self, peer: &Peer, datagrams: &[Packet], to: Endpoint) {
        let mut sent = to;
        self.udp.send(datagrams, &mut sent);
        if sent != to {
            peer.reroute(to, sent);
        }
    }
}

/// When [`Engine::tick`] is due.
pub(super) struct Clock {
    next: Instant,
    refusal: Instant,
    moved: bool,
}

impl Clock {
    const TICK: Duration = Duration::from_millis(250);
    /// While nothing moves. Then only what WireGuard times in whole seconds is due, and each look costs a PC that rests.
    const REST: Duration = Duration::from_secs(1);

    pub(super) fn start(now: Instant) -> Self {
        Self { next: now, refusal: now, moved: true }
    }

    /// Does what is due, and says how long nothing is. `moved`: a packet went either way since the last call.
    pub(super) fn tick<L: Link>(&mut self, engine: &Engine<L>, now: Instant, moved: bool) -> Duration {
        if moved {
            self.moved = true;
            self.next = self.next.min(now + Self::TICK);
        }
        if now >= self.next {
            self.next = now + if std::mem::take(&mut self.moved) { Self::TICK } else { Self::REST };
            engine.tick(now);
            if now.duration_since(self.refusal) >= REFUSED {
                self.refusal = now;
                engine.udp.forget_refusal();
            }
        }
        self.next.duration_since(now)
    }
}
