//! A gateway in this process: real TCP, real TLS 1.3, real HTTP, and every way in which one can fail. Here is how a test steers it and what it has seen;
//! `answers` is what it says, `paper` its certificate.

mod answers;
mod paper;

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use flexnet_protocol::{
    FaultCode,
    gateway::{EndReason, Resume, Resync, SignIn, TunnelHint},
};
use rustls::crypto::{SupportedKxGroup, aws_lc_rs};
use tokio::{net::TcpListener, sync::Notify, task::AbortHandle};
use tokio_rustls::TlsAcceptor;

use self::{answers::tunnel_end, paper::config};

pub use self::paper::Paper;

pub const NAME: &str = "flexnet.example";

/// How the connection behaves, before any HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// As it should.
    Good,
    /// Accepts and closes.
    Cut,
    /// Accepts and is silent.
    Silent,
    /// Says something that is not TLS.
    NotTls,
    /// Speaks TLS without the key exchange that the client wants.
    OtherKeyExchange,
}

/// Whose access each of them opens.
pub const MEMBER: &str = "Dr. Martina Muster";

/// Answer to one sign-in, or to one showing of a ticket, or to two TANs.
pub enum Answer {
    /// 202 with these digits, for [`MEMBER`].
    Digits(&'static str),
    /// 202 with a name that cannot be shown, or none.
    Unnamed(Option<&'static str>),
    /// 201, with the preshared key that the client brought.
    Grant,
    /// 201, with a preshared key of the gateway's own.
    OwnKey,
    /// 201 with a route outside the profile.
    WideGrant,
    /// A problem, with attempts left.
    Problem(u16, FaultCode, Option<u8>),
    /// 200 and no JSON.
    Garbage,
    /// Evaluates it, and then the line is cut.
    Lost,
    /// Never answers.
    Hang,
    /// Answers when told to.
    Wait(Arc<Notify>),
    /// Refuses when told to, with so many attempts left.
    WaitAndRefuse(Arc<Notify>, u8),
}

/// What the gateway saw.
#[derive(Default)]
pub struct Seen {
    pub connections: usize,
    pub sign_ins: Vec<SignIn>,
    pub sign_outs: usize,
    pub infos: usize,
    pub polls: usize,
    /// Those that waited, and for how long at most.
    pub waits: Vec<String>,
    pub extended: usize,
    pub resumed: Vec<Resume>,
    /// As they came, byte for byte, and whether they waited.
    pub redeemed: Vec<(Vec<u8>, bool)>,
    /// Tickets that were given up.
    pub refused: Vec<Vec<u8>>,
    pub reported_lost: usize,
    pub resyncs: Vec<Resync>,
}

#[derive(Clone)]
pub struct Twin {
    pub address: SocketAddr,
    pub ca: String,
    inside: Arc<Inside>,
}

struct Inside {
    place: u8,
    acceptor: TlsAcceptor,
    connections: Mutex<Vec<AbortHandle>>,
    line: Mutex<Line>,
    answers: Mutex<VecDeque<Answer>>,
    handoffs: Mutex<VecDeque<Answer>>,
    resyncs: Mutex<VecDeque<Answer>>,
    ended: Mutex<Option<EndReason>>,
    server_time: Mutex<Option<i64>>,
    hint: Mutex<Option<TunnelHint>>,
    lose: Mutex<usize>,
    seen: Mutex<Seen>,
    stirred: Notify,
}

impl Twin {
    pub async fn start() -> Self {
        Self::with(&Paper::default(), &[aws_lc_rs::kx_group::X25519MLKEM768]).await
    }

    pub async fn with(paper: &Paper, groups: &[&'static dyn SupportedKxGroup]) -> Self {
        let (config, ca) = config(paper, groups);
        Self::serve(1, TlsAcceptor::from(Arc::new(config)), ca).await
    }

    /// Another gateway behind the same name: it knows the same sessions and has a tunnel of its own.
    pub async fn beside(&self) -> Self {
        Self::serve(self.inside.place + 1, self.inside.acceptor.clone(), self.ca.clone()).await
    }

    async fn serve(place: u8, acceptor: TlsAcceptor, ca: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let inside = Arc::new(Inside {
            place,
            acceptor,
            connections: Mutex::default(),
            line: Mutex::new(Line::Good),
            answers: Mutex::default(),
            handoffs: Mutex::default(),
            resyncs: Mutex::default(),
            ended: Mutex::default(),
            server_time: Mutex::default(),
            hint: Mutex::default(),
            lose: Mutex::default(),
            seen: Mutex::default(),
            stirred: Notify::new(),
        });
        let twin = Self { address: listener.local_addr().unwrap(), ca, inside: inside.clone() };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                inside.seen.lock().unwrap().connections += 1;
                inside.stirred.notify_waiters();
                let connection = tokio::spawn(inside.clone().serve(stream));
                inside.connections.lock().unwrap().push(connection.abort_handle());
            }
        });
        twin
    }

    /// Nothing is answered any more, on no connection.
    pub fn die(&self, line: Line) {
        self.set_line(line);
        self.inside.connections.lock().unwrap().drain(..).for_each(|connection| connection.abort());
    }

    /// The end of its tunnel.
    pub fn tunnel_end(&self) -> SocketAddr {
        tunnel_end(self.inside.place)
    }

    pub fn set_line(&self, line: Line) {
        *self.inside.line.lock().unwrap() = line;
    }

    /// Answers of the next sign-ins; after them every one is granted.
    pub fn answer(&self, answers: impl IntoIterator<Item = Answer>) {
        self.inside.answers.lock().unwrap().extend(answers);
    }

    /// Answers to the next showings of a ticket; after them every one is granted.
    pub fn hand_off(&self, answers: impl IntoIterator<Item = Answer>) {
        self.inside.handoffs.lock().unwrap().extend(answers);
    }

    /// Answers to the next pairs of TANs; after them every one brings the token into step.
    pub fn judge(&self, answers: impl IntoIterator<Item = Answer>) {
        self.inside.resyncs.lock().unwrap().extend(answers);
    }

    pub fn end(&self, reason: EndReason) {
        *self.inside.ended.lock().unwrap() = Some(reason);
        self.inside.stirred.notify_waiters();
    }

    /// What the gateway says of its tunnel from now on.
    pub fn set_hint(&self, hint: Option<TunnelHint>) {
        *self.inside.hint.lock().unwrap() = hint;
    }

    /// So many answers of the own session's calls are lost.
    pub fn lose(&self, answers: usize) {
        *self.inside.lose.lock().unwrap() = answers;
    }

    pub fn set_server_time(&self, time: i64) {
        *self.inside.server_time.lock().unwrap() = Some(time);
    }

    pub fn seen<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&self.inside.seen.lock().unwrap())
    }

    /// Waits until the gateway has seen something.
    pub async fn until(&self, what: &str, seen: impl Fn(&Seen) -> bool) {
        let waited = tokio::time::timeout(std::time::Duration::from_secs(20), async {
            loop {
                let stirred = self.inside.stirred.notified();
                if self.seen(&seen) {
                    return;
                }
                stirred.await;
            }
        });
        waited.await.unwrap_or_else(|_| panic!("never seen: {what}"));
    }

    /// The profile of a client of this gateway.
    pub fn profile(&self) -> String {
        let ca = include_str!("../../profile.toml");
        let (before, rest) = ca.split_once("-----BEGIN").unwrap();
        let (_, after) = rest.split_once("-----END CERTIFICATE-----\n").unwrap();
        format!("{before}{}{after}", self.ca).replace("203.0.113.10:443", &self.address.to_string())
    }

    /// The profile of a client of these gateways.
    pub fn profile_with(&self, other: &Self) -> String {
        let own = format!("\"{}\"", self.address);
        self.profile().replace(&own, &format!("{own}, \"{}\"", other.address))
    }
}
