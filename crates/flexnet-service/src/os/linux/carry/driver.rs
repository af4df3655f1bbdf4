//! Carries the tunnel by the way that `os::carriers` chooses: echoes, the peer's endpoint, handshakes, the relay by 443, the size of the device.
//! Decides nothing about ways, and never takes the peer out: another endpoint is a roam, and the WireGuard session goes on.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use flexnet_masque::Relay;
use flexnet_protocol::{Fault, FaultCode, gateway::TunnelGrant, snapshot::Carrier};
use flexnet_wireguard::{Device, Peer};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
    time::{Instant, sleep_until, timeout},
};

use super::{
    super::{echo::Echoes, link, probe::is_routed, told},
    State, Word,
};
use crate::{
    network::ByHttps,
    os::carriers::{Action, Carriers, Seen, Way, size::Size},
};

/// How often the device is looked at: while nothing is proven, while something is, and while nobody uses it.
const LOOK: Duration = Duration::from_millis(20);
const GLANCE: Duration = Duration::from_millis(200);
const REST: Duration = Duration::from_secs(1);
/// Nobody uses a tunnel whose counters have stood still for so long.
const UNUSED: Duration = Duration::from_secs(5);
/// How long 443 may take to stand.
const OPENING: Duration = Duration::from_secs(8);
/// Who carries it.
pub(super) struct Driver {
    device: Arc<Device>,
    grant: TunnelGrant,
    https: Option<ByHttps>,
    carriers: Carriers,
    size: Size,
    set_size: u16,
    echoes: Echoes,
    relay: Option<(Relay, Carrier)>,
    opening: Option<JoinHandle<Result<(Relay, Carrier), Fault>>>,
    /// A handshake that is asked for; others are left out meanwhile.
    shaking: Option<JoinHandle<()>>,
    /// One by another way is asked for after it: what it asks may be lost.
    shakes_again: bool,
    /// What carries was proven, and by what: another one may be narrower.
    carried: Option<Way>,
    counted: (u64, u64),
    /// The counters moved last then.
    used: Instant,
    /// What is known of it, for whoever asks.
    pub(super) state: watch::Sender<State>,
    began: Instant,
}

impl Driver {
    /// Gives the device its peer, at the first endpoint that this PC has a way to; what is to be done first.
    pub(super) async fn begin(
        device: Arc<Device>,
        grant: TunnelGrant,
        https: Option<ByHttps>,
        begun: bool,
    ) -> Result<(Self, Vec<Action>), Fault> {
        let failed = |what: String| Fault::new(FaultCode::TunnelDevice, what);
        let first = grant.endpoints.iter().position(is_routed).unwrap_or(0);
        let state = State {
            carrier: Carrier::Udp,
            by: grant.endpoints.get(first).map(ToString::to_string).unwrap_or_default(),
            heard: None,
            echoed: None,
        };
        let mut driver = Self {
            carriers: Carriers::new(grant.endpoints.len(), first, https.is_some()),
            size: Size::new(grant.mtu),
            set_size: grant.mtu,
            echoes: Echoes::open(&grant.endpoints).map_err(|e| failed(told(&e)))?,
            device,
            grant,
            https,
            relay: None,
            opening: None,
            shaking: None,
            shakes_again: false,
            carried: None,
            counted: (0, 0),
            used: Instant::now(),
            state: watch::Sender::new(state),
            began: Instant::now(),
        };
        driver.set_peer(driver.end(Way::Udp(first))).await.map_err(failed)?;
        let mut todo = driver.carriers.race(0, first);
        if begun {
            // If it was lost, the next echo brings another.
            todo.retain(|action| !matches!(action, Action::Go(_) | Action::Shake));
        }
        Ok((driver, todo))
    }

    /// Until it is over, or nobody holds the other end any more.
    pub(super) async fn run(mut self, first: Vec<Action>, mut words: mpsc::Receiver<Word>) {
        self.perform(first).await;
        let mut look = Instant::now();
        loop {
            // While nothing carries there is no size to look for.
            let size = self.size.wakes_at().filter(|_| matches!(self.carried, Some(Way::Udp(_))));
            let wakes = [self.carriers.wakes_at(), size].into_iter().flatten().min();
            let wakes = wakes.map_or(look, |at| look.min(self.began + Duration::from_millis(at)));
            let todo = tokio::select! {
                word = words.recv() => match word {
                    None | Some(Word::End) => return self.end_all().await,
                    Some(Word::Race) => {
                        self.carried = None;
                        // Late packets of the old network prove nothing about the new one.
                        self.note().await;
                        self.carriers.race(self.now(), self.routed())
                    }
                    Some(Word::Shake) => {
                        // A race asks by itself, at the pace of a slow line.
                        if self.carriers.proven() {
                            self.shake();
                        }
                        Vec::new()
                    }
                    Some(Word::Echo) => (0..self.grant.endpoints.len()).map(Action::Echo).collect(),
                },
                echo = self.echoes.next() => {
                    self.state.send_modify(|state| state.echoed = Some(Instant::now()));
                    if echo.size == 0 {
                        self.carriers.echoed(self.now(), echo.endpoint)
                    } else {
                        self.size.echoed(echo.size);
                        Vec::new()
                    }
                }
                opened = opened(&mut self.opening) => self.opened(opened),
                end = ended(self.relay.as_ref()) => {
                    tracing::info!(end, "443 has ended");
                    self.relay = None;
                    self.carriers.ended(self.now())
                }
                () = sleep_until(wakes) => self.carriers.tick(self.now()),
            };
            self.perform(todo).await;
            if look <= Instant::now() {
                self.look().await;
                look = Instant::now() + self.pace();
            } else if !self.carriers.proven() {
                look = look.min(Instant::now() + LOOK);
            }
            if self.carriers.proven() {
                self.shakes_again = false;
                self.tell();
            } else if self.shakes_again {
                self.shake();
            }
            self.fit().await;
        }
    }

    fn pace(&self) -> Duration {
        match (self.carriers.proven(), self.used.elapsed() < UNUSED) {
            (false, _) => {
                if self.carriers.is_patient(self.now()) {
                    GLANCE
                } else {
                    LOOK
                }
            }
            (true, true) => GLANCE,
            (true, false) => REST,
        }
    }

    async fn look(&mut self) {
        let Some(seen) = self.seen().await else { return };
        let todo = self.carriers.seen(self.now(), seen);
        self.perform(todo).await;
    }

    async fn note(&mut self) {
        if let Some(seen) = self.seen().await {
            self.carriers.note(seen);
        }
    }

    async fn seen(&mut self) -> Option<Seen> {
        let peers = self.device.peers().await.ok()?;
        let peer = peers.first()?;
        let now = Instant::now();
        let before = std::mem::replace(&mut self.counted, (peer.received, peer.sent));
        if before != self.counted {
            self.used = now;
        }
        if peer.received > before.0 {
            self.state.send_modify(|state| state.heard = Some(now));
        }
        let way = peer.endpoint.and_then(|end| self.way(end));
        Some(Seen { way, received: peer.received, sent: peer.sent })
    }

    /// The endpoint that carried last if this PC has a way to it, else the first that it has one to.
    fn routed(&self) -> usize {
        let is_routed = |place: &usize| self.grant.endpoints.get(*place).is_some_and(is_routed);
        let used = self.carriers.carried();
        if is_routed(&used) { used } else { (0..self.grant.endpoints.len()).find(is_routed).unwrap_or(used) }
    }

    async fn perform(&mut self, todo: Vec<Action>) {
        for action in todo {
            match action {
                Action::Echo(endpoint) => self.echoes.ask(endpoint, 0),
                Action::Go(way) => {
                    tracing::debug!(?way, "the tunnel tries");
                    self.note().await;
                    if let Err(what) = self.set_peer(self.end(way)).await {
                        tracing::warn!(what, "the tunnel's endpoint cannot be changed");
                    }
                    self.shakes_again = true;
                    self.shake();
                }
                Action::Shake => self.shake(),
                Action::OpenRelay => self.open(),
                Action::CloseRelay => {
                    if let Some(opening) = self.opening.take() {
                        opening.abort();
                    }
                    if let Some((relay, _)) = self.relay.take() {
                        tokio::spawn(relay.close());
                    }
                }
            }
        }
    }

    /// Makes the device as large as the way carries.
    async fn fit(&mut self) {
        let carried = self.carriers.proven().then(|| self.carriers.way());
        if carried.is_some() && carried != self.carried {
            self.carried = carried;
            match self.carriers.way() {
                Way::Udp(_) => self.size.begin(self.now()),
                Way::Https => self.size.end(),
            }
        }
        if let Some(Way::Udp(endpoint)) = self.carried {
            for size in self.size.due(self.now()) {
                self.echoes.ask(endpoint, size);
            }
        }
        let size = self.size.used();
        if self.set_size != size {
            match link::set_mtu(self.device.name(), size).await {
                Ok(()) => tracing::info!(size, "the way carries packets of another size"),
                Err(fault) => tracing::warn!(%fault, "the tunnel device keeps its size"),
            }
            self.set_size = size;
        }
    }

    fn tell(&self) {
        let by = self.end(self.carriers.way()).map(|end| end.to_string()).unwrap_or_default();
        let carrier = match (self.carriers.way(), &self.relay) {
            (Way::Https, Some((_, carrier))) => *carrier,
            (Way::Https, None) | (Way::Udp(_), _) => Carrier::Udp,
        };
        self.state.send_if_modified(|state| {
            let changed = state.by != by || state.carrier != carrier;
            if changed {
                tracing::info!(?carrier, by, "the tunnel's way");
                (state.by, state.carrier) = (by, carrier);
            }
            changed
        });
    }

    fn open(&mut self) {
        let Some(ByHttps { gateway, token }) = self.https.clone() else { return };
        let from = SocketAddr::from((Ipv4Addr::LOCALHOST, self.device.listen_port()));
        if let Some(older) = self.opening.replace(tokio::spawn(async move {
            let opened = async {
                let connection = gateway.connect().await?;
                let carrier = if connection.by_proxy() { Carrier::HttpsByProxy } else { Carrier::Https };
                let stream = connection.connect_udp(&token).await?;
                let relay = Relay::start(stream, from);
                Ok((relay.map_err(|e| Fault::new(FaultCode::Internal, format!("relay: {e}")))?, carrier))
            };
            let silent = || Fault::new(FaultCode::GatewaySilent, "443 does not stand in time");
            timeout(OPENING, opened).await.unwrap_or_else(|_| Err(silent()))
        })) {
            older.abort();
        }
    }

    fn opened(&mut self, opened: Result<(Relay, Carrier), Fault>) -> Vec<Action> {
        let stands = opened.is_ok();
        match opened {
            Ok(relay) => self.relay = Some(relay),
            Err(fault) => tracing::info!(%fault, "443 cannot carry the tunnel"),
        }
        self.carriers.opened(self.now(), stands)
    }

    /// Nobody waits for it: meanwhile an echo may tell of a better way. A session that stands goes on until the answer.
    fn shake(&mut self) {
        if self.shaking.as_ref().is_some_and(|shaking| !shaking.is_finished()) {
            return;
        }
        self.shakes_again = false;
        let device = Arc::clone(&self.device);
        self.shaking = Some(tokio::spawn(async move {
            if let Err(error) = device.handshake().await {
                tracing::debug!(%error, "no handshake can be begun");
            }
        }));
    }

    async fn end_all(mut self) {
        if let Some(shaking) = self.shaking.take() {
            shaking.abort();
            drop(shaking.await);
        }
    }

    async fn set_peer(&self, endpoint: Option<SocketAddr>) -> Result<(), String> {
        let peer = Peer {
            public_key: self.grant.gateway_public_key.clone(),
            preshared_key: Some(self.grant.preshared_key.clone()),
            endpoint,
            allowed_ips: self.grant.portal_networks.clone(),
            keepalive_seconds: self.grant.keepalive_seconds,
        };
        self.device.set_peers(&[peer]).await.map(drop).map_err(|e| told(&e))
    }

    fn end(&self, way: Way) -> Option<SocketAddr> {
        match way {
            Way::Udp(endpoint) => self.grant.endpoints.get(endpoint).copied(),
            Way::Https => self.relay.as_ref().map(|(relay, _)| relay.local()),
        }
    }

    fn way(&self, end: SocketAddr) -> Option<Way> {
        let same =
            |other: &SocketAddr| other.ip().to_canonical() == end.ip().to_canonical() && other.port() == end.port();
        if self.relay.as_ref().is_some_and(|(relay, _)| same(&relay.local())) {
            return Some(Way::Https);
        }
        self.grant.endpoints.iter().position(same).map(Way::Udp)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.opening.iter().for_each(JoinHandle::abort);
        self.shaking.iter().for_each(JoinHandle::abort);
    }
}

async fn opened(opening: &mut Option<JoinHandle<Result<(Relay, Carrier), Fault>>>) -> Result<(Relay, Carrier), Fault> {
    let Some(task) = opening.as_mut() else { return std::future::pending().await };
    let opened = task.await.unwrap_or_else(|e| Err(Fault::new(FaultCode::Internal, e.to_string())));
    *opening = None;
    opened
}

async fn ended(relay: Option<&(Relay, Carrier)>) -> String {
    match relay {
        Some((relay, _)) => relay.ended().await.to_string(),
        None => std::future::pending().await,
    }
}
