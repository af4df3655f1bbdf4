//! The gateway as the service sees it: one HTTPS connection, ten calls, every failure mapped to its fault.
//! Trusts the profile's authority alone; what cannot show its certificate gets no byte of an entry.
//! `dial` reaches it, directly or by a `proxy`, `tls` proves it, `http` talks, `sign_in` repeats a lost answer safely, `handoff` takes a sign-in
//! of its page over, `token` is what a member does about the token, `connect_udp` makes a carrier of it.

mod connect_udp;
mod dial;
mod handoff;
mod http;
mod proxy;
mod sign_in;
mod tls;
mod token;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use flexnet_protocol::{
    Fault, FaultCode, Secret,
    gateway::{EndReason, Grant, Info, Problem, Resume, SessionState, TunnelHint},
    profile::Profile,
};
use rustls::pki_types::UnixTime;

use tokio::time::timeout;

use self::{
    dial::Dialled,
    http::{Answer, Call, json},
    tls::Trust,
};

pub use self::{
    handoff::{Confirm, Member, redeem},
    http::Connection,
    sign_in::{Refusal, sign_in},
};

/// TCP to one endpoint.
const TCP_LIMIT: Duration = Duration::from_secs(3);
/// The TLS handshake.
const TLS_LIMIT: Duration = Duration::from_secs(3);
/// One answer. Argon2id in a queue takes its time.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);
/// Asking for the tunnel's place while the member types. A connection on which it takes longer is given up.
const HINT_LIMIT: Duration = Duration::from_secs(2);
/// Clocks that differ by more explain a certificate that seems expired or not yet valid.
const CLOCK_TOLERANCE: i64 = 5 * 60;

/// The gateways of a profile: one name, one or several ends.
#[derive(Clone)]
pub struct Gateway {
    name: String,
    endpoints: Vec<SocketAddr>,
    trust: Arc<Trust>,
    /// What the gateway last said of its tunnel. Only ever saves time: a wrong one costs one packet.
    hint: Arc<Mutex<Option<TunnelHint>>>,
    /// Where the system's proxies were found.
    proxies: proxy::Known,
}

/// What a poll of the own session found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Poll {
    /// It lives.
    Live(SessionState),
    /// It is over.
    Ended(EndReason),
}

/// What came of asking for new keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resumption {
    /// The same session, its token as it was, with another tunnel.
    Live(Box<Grant>),
    /// It is over.
    Ended(EndReason),
}

impl Gateway {
    /// The gateway that a profile names.
    ///
    /// # Errors
    /// [`FaultCode::ProfileBroken`] if the authority's certificate cannot be read.
    pub fn new(profile: &Profile) -> Result<Self, Fault> {
        Ok(Self {
            name: profile.gateway_name.clone(),
            endpoints: profile.gateway_endpoints.clone(),
            trust: Arc::new(Trust::new(&profile.gateway_name, &profile.gateway_ca)?),
            hint: Arc::default(),
            proxies: proxy::Known::default(),
        })
    }

    /// A proven connection: TCP by the first endpoint that answers, then TLS 1.3. An end that takes a connection and then says nothing
    /// is passed over: another gateway may be well.
    ///
    /// # Errors
    /// The fault that names how far it came.
    pub async fn connect(&self) -> Result<Connection, Fault> {
        let (mut ends, mut first) = (self.clone(), None);
        loop {
            let (end, outcome) = ends.reach(None).await;
            let fault = match outcome {
                Ok(connection) => return Ok(connection),
                Err(tls::Failure { fault, valid_at: Some(moment) }) => {
                    return Err(self.judge_clock(fault, moment).await);
                }
                Err(tls::Failure { fault, valid_at: None }) => fault,
            };
            let dead = matches!(fault.code, FaultCode::ConnectionCut | FaultCode::TlsSilent);
            let fault = first.get_or_insert(fault).clone();
            match end.filter(|_| dead).and_then(|end| ends.without(end)) {
                Some(others) => ends = others,
                None => return Err(fault),
            }
        }
    }

    /// The same gateways, this end last: it has just failed.
    pub fn avoiding(&self, end: Option<SocketAddr>) -> Self {
        let mut endpoints = self.endpoints.clone();
        endpoints.sort_by_key(|endpoint| Some(*endpoint) == end);
        Self { endpoints, ..self.clone() }
    }

    /// The one gateway that has granted a tunnel, which alone can carry it: the end that was spoken to, and those with an address of its tunnel's.
    /// All of them where none is known.
    pub fn granting(&self, tunnel: &[SocketAddr], end: Option<SocketAddr>) -> Self {
        let its = |endpoint: &SocketAddr| {
            Some(*endpoint) == end || tunnel.iter().any(|granted| granted.ip() == endpoint.ip())
        };
        let endpoints: Vec<_> = self.endpoints.iter().copied().filter(its).collect();
        if endpoints.is_empty() { self.clone() } else { Self { endpoints, ..self.clone() } }
    }

    fn without(&self, end: SocketAddr) -> Option<Self> {
        let endpoints: Vec<_> = self.endpoints.iter().copied().filter(|endpoint| *endpoint != end).collect();
        (!endpoints.is_empty()).then(|| Self { endpoints, ..self.clone() })
    }

    /// A proven connection, and what the gateway says of its tunnel, while there is time for it. Nobody waits longer for that than it may save.
    ///
    /// # Errors
    /// As [`Gateway::connect`].
    pub async fn prepare(&self) -> Result<Connection, Fault> {
        let mut connection = self.connect().await?;
        if let Ok(Ok(info)) = timeout(HINT_LIMIT, connection.info()).await {
            *self.hint.lock().unwrap_or_else(PoisonError::into_inner) = info.tunnel;
        }
        Ok(connection)
    }

    /// What the gateway last said of its tunnel.
    pub fn hint(&self) -> Option<TunnelHint> {
        self.hint.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn connect_at(&self, moment: Option<UnixTime>) -> Result<Connection, tls::Failure> {
        self.reach(moment).await.1
    }

    /// What came of it, and at which end, if it was an endpoint and no proxy.
    async fn reach(&self, moment: Option<UnixTime>) -> (Option<SocketAddr>, Result<Connection, tls::Failure>) {
        let proxies = proxy::of_this_system(&self.name, &self.endpoints);
        for proxy in proxies.clone() {
            let known = self.proxies.clone();
            // Beside the dialling: where a proxy is must be known before its name cannot be asked for any more, whoever wins today.
            tokio::spawn(async move { drop(known.ask(&proxy).await) });
        }
        let Dialled { stream, by_proxy } = match dial::dial(&self.name, &self.endpoints, &proxies, &self.proxies).await
        {
            Ok(dialled) => dialled,
            Err(fault) => return (None, Err(fault.into())),
        };
        let end = stream.peer_addr().ok().filter(|_| !by_proxy);
        let proven = async {
            let stream = self.trust.handshake(stream, moment).await?;
            Ok(Connection::open(stream, &self.name, end).await?)
        };
        (end, proven.await)
    }

    /// Every TCP end by which it may be reached: what a packet filter must let through.
    pub fn tcp_ends(&self) -> Vec<SocketAddr> {
        self.endpoints.iter().copied().chain(self.proxies.all()).collect()
    }

    /// A certificate that is out of date by this PC's clock: is it the certificate or the clock?
    /// The chain is judged once more at a time at which it was valid, and the gateway is asked for its own time. Nothing else is sent.
    async fn judge_clock(&self, fault: Fault, valid_at: UnixTime) -> Fault {
        let Ok(mut connection) = self.connect_at(Some(valid_at)).await else { return fault };
        let Ok(info) = connection.info().await else { return fault };
        let skew = info.server_time - now();
        let Ok(server_time) = u64::try_from(info.server_time) else { return fault };
        let server_time = UnixTime::since_unix_epoch(Duration::from_secs(server_time));
        let certificate_is_good = self.connect_at(Some(server_time)).await.is_ok();
        if certificate_is_good && skew.abs() > CLOCK_TOLERANCE {
            return Fault::new(FaultCode::ClockWrong, format!("the gateway's clock is {skew} s ahead of this PC's"));
        }
        fault
    }
}

impl Connection {
    /// `GET /v1/info`.
    ///
    /// # Errors
    /// Transport faults, or what the gateway says of itself.
    pub async fn info(&mut self) -> Result<Info, Fault> {
        match self.call(Call { method: "GET", path: "/v1/info", ..Call::default() }).await?.into_result::<Info>()? {
            Ok(info) => Ok(info),
            Err(problem) => Err(problem.fault.into()),
        }
    }

    /// `GET /v1/session`: does it still live?
    ///
    /// # Errors
    /// Transport faults, or a gateway that cannot answer now. Neither means that the session is over.
    pub async fn session(&mut self, token: &Secret) -> Result<Poll, Fault> {
        self.session_waiting(token, 0).await
    }

    /// The same, answered when the session ends or its times change, or after so many seconds. The gateway may answer sooner.
    ///
    /// # Errors
    /// As [`Connection::session`].
    pub async fn session_waiting(&mut self, token: &Secret, seconds: u16) -> Result<Poll, Fault> {
        let call = Call { method: "GET", path: "/v1/session", token: Some(token), body: None, wait_seconds: seconds };
        state(self.call(call).await?)
    }

    /// `POST /v1/session/extend`: puts the idle end off. May be repeated.
    ///
    /// # Errors
    /// As [`Connection::session`].
    pub async fn extend(&mut self, token: &Secret) -> Result<Poll, Fault> {
        let call = Call { method: "POST", path: "/v1/session/extend", token: Some(token), ..Call::default() };
        state(self.call(call).await?)
    }

    /// `POST /v1/session/resume`: other keys for the same session. The same keys may be sent again when an answer was lost.
    ///
    /// # Errors
    /// Transport faults, or a gateway that cannot answer now. Then the session has the old keys or these.
    pub async fn resume(&mut self, token: &Secret, keys: &Resume) -> Result<Resumption, Fault> {
        let body = Some(json(keys)?);
        let path = "/v1/session/resume";
        let call = Call { method: "POST", path, token: Some(token), body, ..Call::default() };
        match self.call(call).await?.into_result::<Grant>()? {
            Ok(grant) => Ok(Resumption::Live(Box::new(grant))),
            Err(problem) => ended(&problem).map(Resumption::Ended),
        }
    }

    /// `DELETE /v1/session`. A session that is already over counts as ended.
    ///
    /// # Errors
    /// Transport faults, or a gateway that cannot answer now.
    pub async fn sign_out(&mut self, token: &Secret) -> Result<(), Fault> {
        let answer: Answer =
            self.call(Call { method: "DELETE", path: "/v1/session", token: Some(token), ..Call::default() }).await?;
        match answer.problem()? {
            None => Ok(()),
            Some(problem) if problem.fault == FaultCode::SessionEnded => Ok(()),
            Some(problem) => Err(problem.fault.into()),
        }
    }
}

fn state(answer: Answer) -> Result<Poll, Fault> {
    match answer.into_result::<SessionState>()? {
        Ok(state) => Ok(Poll::Live(state)),
        Err(problem) => ended(&problem).map(Poll::Ended),
    }
}

/// Why the session is over, if that is what the problem says.
fn ended(problem: &Problem) -> Result<EndReason, Fault> {
    match problem.fault == FaultCode::SessionEnded {
        // Without a reason it is one that the gateway has forgotten.
        true => Ok(problem.end_reason.unwrap_or(EndReason::Absolute)),
        false => Err(problem.fault.into()),
    }
}

/// Seconds since 1970 UTC by this PC's clock.
fn now() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_secs()).unwrap_or(i64::MAX)
}
