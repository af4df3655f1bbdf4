//! A gateway in this process: real TCP, real TLS 1.3, real HTTP, and every way in which one can fail.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use flexnet_protocol::{
    FaultCode, Key, Secret,
    gateway::{EndReason, Grant, Redeem, Resume, Resync, SignIn, TrafficPolicy, TunnelGrant, TunnelHint},
};
use http_body_util::{BodyExt as _, Full};
use hyper::{Method, Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, SupportedKxGroup, aws_lc_rs},
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use serde_json::{Value, json};
use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::AbortHandle,
};
use tokio_rustls::TlsAcceptor;

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

/// What the certificate says.
pub struct Paper {
    pub name: &'static str,
    pub years: (i32, i32),
}

impl Default for Paper {
    fn default() -> Self {
        Self { name: NAME, years: (2020, 2100) }
    }
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
        let ca = include_str!("../profile.toml");
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

impl Inside {
    async fn serve(self: Arc<Self>, mut stream: TcpStream) {
        let line = *self.line.lock().unwrap();
        match line {
            Line::Good | Line::OtherKeyExchange => {}
            Line::Cut => return,
            Line::Silent => std::future::pending().await,
            Line::NotTls => {
                drop(stream.write_all(b"HTTP/1.0 400 Bad Request\r\n\r\n").await);
                std::future::pending::<()>().await;
            }
        }
        let Ok(stream) = self.acceptor.accept(stream).await else { return };
        let service = service_fn(move |request| self.clone().answer(request));
        drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
    }

    /// An error cuts the connection.
    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<Full<hyper::body::Bytes>>, &'static str> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(|_| "cut")?.to_bytes();
        let answer = match (head.method, head.uri.path()) {
            (Method::GET, "/v1/info") => {
                self.seen.lock().unwrap().infos += 1;
                Ok(reply(200, &self.info()))
            }
            (Method::POST, "/v1/sessions") => {
                self.seen.lock().unwrap().sign_ins.push(serde_json::from_slice(&body).unwrap());
                self.stirred.notify_waiters();
                let next = self.answers.lock().unwrap().pop_front().unwrap_or(Answer::Grant);
                let brought = self.seen(|seen| seen.sign_ins.last().and_then(|entry| entry.preshared_key.clone()));
                self.sign_in(next, brought).await
            }
            (Method::POST, "/v1/sessions/redeem") => {
                let request: Redeem = serde_json::from_slice(&body).unwrap();
                let waits = head.headers.contains_key("prefer");
                self.seen.lock().unwrap().redeemed.push((body.to_vec(), waits));
                self.stirred.notify_waiters();
                let next = self.handoffs.lock().unwrap().pop_front().unwrap_or(Answer::Grant);
                self.sign_in(next, request.preshared_key).await
            }
            (Method::POST, "/v1/sessions/redeem/refuse") => {
                self.seen.lock().unwrap().refused.push(body.to_vec());
                Ok(nothing())
            }
            (Method::POST, "/v1/session/report-token-lost") => {
                assert_eq!(head.headers.get("authorization").unwrap(), "Bearer session-token");
                self.seen.lock().unwrap().reported_lost += 1;
                let answer = self.own_session(&json!({}));
                self.ended.lock().unwrap().get_or_insert(EndReason::TokenLost);
                answer.map(|answer| if answer.status() == 200 { nothing() } else { answer })
            }
            (Method::POST, "/v1/session/resync-token") => {
                assert_eq!(head.headers.get("authorization").unwrap(), "Bearer session-token");
                self.seen.lock().unwrap().resyncs.push(serde_json::from_slice(&body).unwrap());
                let next = self.resyncs.lock().unwrap().pop_front();
                match next {
                    Some(answer) => self.sign_in(answer, None).await,
                    None => Ok(nothing()),
                }
            }
            (Method::GET, "/v1/session") => {
                let wait = head.headers.get("prefer").map(|value| value.to_str().unwrap().to_owned());
                self.seen.lock().unwrap().polls += 1;
                if let Some(wait) = wait {
                    let seconds = wait.strip_prefix("wait=").unwrap().parse().unwrap();
                    self.seen.lock().unwrap().waits.push(wait);
                    self.stirred.notify_waiters();
                    let ends = async {
                        loop {
                            let stirred = self.stirred.notified();
                            if self.ended.lock().unwrap().is_some() {
                                return;
                            }
                            stirred.await;
                        }
                    };
                    drop(tokio::time::timeout(std::time::Duration::from_secs(seconds), ends).await);
                }
                self.own_session(&self.state())
            }
            (Method::POST, "/v1/session/extend") => {
                assert_eq!(head.headers.get("authorization").unwrap(), "Bearer session-token");
                self.seen.lock().unwrap().extended += 1;
                self.own_session(&self.state())
            }
            (Method::POST, "/v1/session/resume") => {
                assert_eq!(head.headers.get("authorization").unwrap(), "Bearer session-token");
                let keys: Resume = serde_json::from_slice(&body).unwrap();
                self.seen.lock().unwrap().resumed.push(keys.clone());
                self.own_session(&serde_json::to_value(grant(self.place, keys.preshared_key)).unwrap())
            }
            (Method::DELETE, "/v1/session") => {
                assert_eq!(head.headers.get("authorization").unwrap(), "Bearer session-token");
                self.seen.lock().unwrap().sign_outs += 1;
                Ok(reply(200, &json!({})))
            }
            _ => Ok(reply(404, &json!({}))),
        };
        self.stirred.notify_waiters();
        answer
    }

    /// The answer to a call of the own session: lost, its end, or this.
    fn own_session(&self, live: &Value) -> Result<Response<Full<hyper::body::Bytes>>, &'static str> {
        let mut lose = self.lose.lock().unwrap();
        if let Some(left) = lose.checked_sub(1) {
            *lose = left;
            return Err("lost");
        }
        let ended = *self.ended.lock().unwrap();
        Ok(match ended {
            Some(reason) => reply(410, &problem(410, FaultCode::SessionEnded, None, Some(reason))),
            None => reply(200, live),
        })
    }

    fn state(&self) -> Value {
        json!({
            "session_id": "s", "started": 1, "absolute_end": 36_001, "idle_end": 1_801, "failures_before": 0, "last_sign_in": null,
        })
    }

    fn seen<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&self.seen.lock().unwrap())
    }

    async fn sign_in(
        &self,
        answer: Answer,
        brought: Option<Key>,
    ) -> Result<Response<Full<hyper::body::Bytes>>, &'static str> {
        match answer {
            Answer::Digits(digits) => {
                let now = self.server_time.lock().unwrap().unwrap_or_else(now);
                Ok(reply(202, &json!({ "display_name": MEMBER, "digits": digits, "expires": now + 60 })))
            }
            Answer::Unnamed(name) => {
                Ok(reply(202, &json!({ "display_name": name, "digits": "47", "expires": now() + 60 })))
            }
            Answer::Grant => Ok(reply(201, &serde_json::to_value(grant(self.place, brought)).unwrap())),
            Answer::OwnKey => Ok(reply(201, &serde_json::to_value(grant(self.place, None)).unwrap())),
            Answer::WideGrant => {
                let mut grant = grant(self.place, brought);
                grant.tunnel.portal_networks.push("0.0.0.0/0".parse().unwrap());
                Ok(reply(201, &serde_json::to_value(grant).unwrap()))
            }
            Answer::Problem(status, fault, left) => Ok(reply(status, &problem(status, fault, left, None))),
            Answer::Garbage => Ok(Response::new(Full::from("<html>hello</html>"))),
            Answer::Lost => Err("lost"),
            Answer::Hang => std::future::pending().await,
            Answer::Wait(told) => {
                told.notified().await;
                Ok(reply(201, &serde_json::to_value(grant(self.place, brought)).unwrap()))
            }
            Answer::WaitAndRefuse(told, left) => {
                told.notified().await;
                Ok(reply(403, &problem(403, FaultCode::Refused, Some(left), None)))
            }
        }
    }

    fn info(&self) -> Value {
        let time = self.server_time.lock().unwrap().unwrap_or_else(now);
        let mut info = json!({
            "name": "Muster-KV", "version": "0.1.0", "min_client_version": "0.1.0", "server_time": time,
            "policy": { "attempts": 5, "idle_seconds": 1800, "absolute_seconds": 36000 },
            "desk": { "name": "d", "phone": "1", "phone_uri": "+1", "time_zone": "UTC", "hours": [] },
            "portal_url": "http://portal.snk.example/",
        });
        if let Some(hint) = &*self.hint.lock().unwrap() {
            info["tunnel"] = serde_json::to_value(hint).unwrap();
        }
        info
    }
}

fn now() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    i64::try_from(now).unwrap()
}

fn nothing() -> Response<Full<hyper::body::Bytes>> {
    Response::builder().status(204).body(Full::default()).unwrap()
}

fn reply(status: u16, body: &Value) -> Response<Full<hyper::body::Bytes>> {
    let kind = if status < 300 { "application/json" } else { "application/problem+json" };
    Response::builder().status(status).header("content-type", kind).body(Full::from(body.to_string())).unwrap()
}

fn problem(status: u16, fault: FaultCode, left: Option<u8>, reason: Option<EndReason>) -> Value {
    let mut body = json!({ "type": "about:blank", "title": "no", "status": status, "fault": fault });
    if let Some(left) = left {
        body["attempts_left"] = left.into();
    }
    if let Some(reason) = reason {
        body["end_reason"] = serde_json::to_value(reason).unwrap();
    }
    body
}

fn tunnel_end(place: u8) -> SocketAddr {
    SocketAddr::from(([203, 0, 113, 9 + place], 51820))
}

/// With the preshared key that the client brought, or one of the gateway's own.
fn grant(place: u8, brought: Option<Key>) -> Grant {
    Grant {
        session_id: "s".into(),
        session_token: Secret::new("session-token"),
        absolute_end: 4_000_000_000,
        idle_seconds: 1800,
        failures_before: 2,
        last_sign_in: None,
        display_name: MEMBER.into(),
        portal_url: "http://portal.snk.example/".into(),
        tunnel: TunnelGrant {
            gateway_public_key: Key::new([place; 32]),
            preshared_key: brought.unwrap_or(Key::new([2; 32])),
            endpoints: vec![tunnel_end(place)],
            addresses: vec![format!("10.200.{}.2/32", place - 1).parse().unwrap()],
            portal_networks: vec!["10.210.0.0/24".parse().unwrap()],
            dns_servers: vec!["10.210.0.53".parse().unwrap()],
            dns_domains: vec!["snk.example".into()],
            portal_hosts: Vec::new(),
            mtu: 1420,
            keepalive_seconds: 25,
            policy: TrafficPolicy::PortalOnlyRoutes,
        },
    }
}

fn config(paper: &Paper, groups: &[&'static dyn SupportedKxGroup]) -> (ServerConfig, String) {
    let ca_key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::new(Vec::new()).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let pem = ca.self_signed(&ca_key).unwrap().pem();
    let key = KeyPair::generate().unwrap();
    let mut leaf = CertificateParams::new(vec![paper.name.to_owned()]).unwrap();
    leaf.not_before = date_time_ymd(paper.years.0, 1, 1);
    leaf.not_after = date_time_ymd(paper.years.1, 1, 1);
    let leaf = leaf.signed_by(&key, &Issuer::new(ca, ca_key)).unwrap();
    let provider = CryptoProvider { kx_groups: groups.to_vec(), ..aws_lc_rs::default_provider() };
    let config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())))
        .unwrap();
    (config, pem)
}
