//! One attempt to sign in, by an entry or by a ticket of the gateway's page, and the session that comes of it: the tasks that talk to the gateway.
//! Holds the session's token and key; they leave this process only inside TLS and into the tunnel device.

use std::{net::SocketAddr, time::Duration};

use flexnet_protocol::{
    Fault, FaultCode, Secret, VERSION,
    gateway::{AttemptId, Client, EndReason, Grant, Redeem, Resume, Resync, SignIn},
    local::Credentials,
    snapshot::WrongEntry,
};
use flexnet_wireguard::PrivateKey;
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use crate::{
    early::TunnelKeys,
    gateway::{self, Connection, Gateway, Member, Poll, Refusal, Resumption},
    prepared::Opening,
    service::{News, Questions},
};

/// How long the gateway is told that a session is over.
const GOODBYE: Duration = Duration::from_secs(4);
/// How much of that an old connection may take before a fresh one is opened.
const OLD_LINE: Duration = Duration::from_secs(1);

/// An attempt that runs. Dropping it gives it up.
pub(crate) struct Attempt {
    pub(crate) number: u64,
    own: Option<oneshot::Sender<()>>,
    _give_up: oneshot::Sender<()>,
}

impl Attempt {
    pub(crate) fn new(number: u64) -> (Self, Member) {
        let ((own, is_own), (give_up, given_up)) = (oneshot::channel(), oneshot::channel());
        (Self { number, own: Some(own), _give_up: give_up }, Member { own: is_own, given_up })
    }

    /// The member has said that the ticket is of their own access.
    pub(crate) fn is_own(&mut self) {
        // Nobody listens any more if the attempt has just ended.
        self.own.take().map(|own| own.send(()).ok());
    }
}

/// Everything an attempt needs.
pub(crate) struct Order {
    pub(crate) number: u64,
    pub(crate) by: By,
    pub(crate) gateway: Gateway,
    pub(crate) keys: TunnelKeys,
    pub(crate) open: Option<Opening>,
    pub(crate) ready: oneshot::Receiver<Result<(), Fault>>,
    pub(crate) member: Member,
    pub(crate) news: mpsc::Sender<News>,
}

/// What a session is asked for with.
pub(crate) enum By {
    /// What the member typed.
    Entry(Credentials),
    /// A sign-in on the gateway's page.
    Ticket(Secret),
}

/// What a successful attempt opened.
pub(crate) struct Opened {
    pub(crate) grant: Grant,
    private_key: PrivateKey,
    connection: Connection,
}

/// A session at the gateway.
pub(crate) struct Session {
    pub(crate) number: u64,
    pub(crate) token: Secret,
    pub(crate) private_key: PrivateKey,
    pub(crate) connection: Option<Connection>,
    /// Of the gateway that has granted the tunnel.
    pub(crate) granted_at: Option<SocketAddr>,
    /// Where the last question was answered.
    pub(crate) answering_at: Option<SocketAddr>,
    /// Where nobody answered any more.
    pub(crate) avoid: Option<SocketAddr>,
    pub(crate) questions: Questions,
}

impl Opened {
    pub(crate) fn into_session(self, number: u64) -> Session {
        let Self { grant, private_key, connection } = self;
        let (end, questions) = (connection.end(), Questions::default());
        let (token, connection) = (grant.session_token, Some(connection));
        Session { number, token, private_key, connection, granted_at: end, answering_at: end, avoid: None, questions }
    }
}

/// Makes the attempt and tells what came of it. Given up before the entry was sent, it sends nothing.
pub(crate) async fn sign_in(order: Order) {
    let Order { number, by, gateway, keys, open, ready, mut member, news } = order;
    let reached = tokio::select! {
        biased;
        _ = &mut member.given_up => return,
        reached = reach(&gateway, open, ready) => reached,
    };
    let outcome = match reached {
        Err(fault) => Err(Refusal::unsent(fault)),
        Ok(connection) => {
            if news.send(News::Reached(number)).await.is_err()
                || member.given_up.try_recv() != Err(oneshot::error::TryRecvError::Empty)
            {
                return;
            }
            // From here on the gateway may count it, or open a session for it, so the outcome is waited for even if nobody wants it any more.
            match by {
                By::Entry(entry) => attempt(&gateway, connection, entry, keys).await,
                By::Ticket(ticket) => hand_off(&gateway, connection, ticket, keys, member, (number, &news)).await,
            }
        }
    };
    drop(news.send(News::SignIn(number, outcome.map(Box::new))).await);
}

/// A connection to the gateway, if this PC could carry a session at all.
async fn reach(
    gateway: &Gateway,
    open: Option<Opening>,
    ready: oneshot::Receiver<Result<(), Fault>>,
) -> Result<Connection, Fault> {
    ready.await.unwrap_or_else(|_| Err(Fault::new(FaultCode::Internal, "the network's owner is gone")))?;
    match open {
        Some(open) => open.finish(gateway).await,
        None => gateway.connect().await,
    }
}

async fn attempt(
    gateway: &Gateway,
    connection: Connection,
    entry: Credentials,
    keys: TunnelKeys,
) -> Result<Opened, Refusal> {
    let TunnelKeys { private_key, preshared_key } = keys;
    let request = SignIn {
        attempt_id: AttemptId(random().map_err(Refusal::unsent)?),
        username: entry.username,
        password: entry.password,
        tan: entry.tan,
        client_public_key: private_key.public_key(),
        preshared_key: Some(preshared_key),
        client: this_client(),
    };
    let (connection, grant) = gateway::sign_in(gateway, connection, &request).await?;
    Ok(Opened { grant, private_key, connection })
}

async fn hand_off(
    gateway: &Gateway,
    connection: Connection,
    ticket: Secret,
    keys: TunnelKeys,
    member: Member,
    (number, news): (u64, &mpsc::Sender<News>),
) -> Result<Opened, Refusal> {
    let TunnelKeys { private_key, preshared_key } = keys;
    let request = Redeem {
        ticket,
        client_public_key: private_key.public_key(),
        preshared_key: Some(preshared_key),
        client: this_client(),
    };
    let tell = |confirm| async move { drop(news.send(News::ToConfirm(number, confirm)).await) };
    let (connection, grant) = gateway::redeem(gateway, connection, &request, member, tell).await?;
    Ok(Opened { grant, private_key, connection })
}

fn this_client() -> Client {
    Client { version: VERSION.to_owned(), os: std::env::consts::OS.to_owned() }
}

/// Asks the gateway for the session, over the connection that is left or a fresh one. The answer comes when the session ends or its times change,
/// or after `wait_seconds`.
pub(crate) async fn poll(
    gateway: &Gateway,
    connection: Option<Connection>,
    token: &Secret,
    wait_seconds: u16,
) -> Result<(Connection, Poll), Fault> {
    if let Some(mut connection) = connection.filter(Connection::usable)
        && let Ok(poll) = connection.session_waiting(token, wait_seconds).await
    {
        return Ok((connection, poll));
    }
    let mut connection = gateway.connect().await?;
    let poll = connection.session_waiting(token, wait_seconds).await?;
    Ok((connection, poll))
}

/// Puts the idle end off, over a connection of its own: on the session's a question stands.
pub(crate) async fn extend(gateway: &Gateway, token: &Secret) -> Result<(Connection, Poll), Fault> {
    let mut connection = gateway.connect().await?;
    let poll = connection.extend(token).await?;
    Ok((connection, poll))
}

/// What came of [`resume`].
pub(crate) enum Resumed {
    /// The session has this key now, and the grant that goes with it, of the gateway at this end.
    Live { grant: Box<Grant>, private_key: PrivateKey, end: Option<SocketAddr> },
    /// It is over.
    Ended(EndReason),
}

/// Gives the session new keys, over a fresh connection: the old one came from an address that may be gone. Any gateway can. A lost answer, or one
/// that cannot do it now, is asked for once more, at another gateway where there is one.
pub(crate) async fn resume(gateway: &Gateway, token: &Secret) -> Result<Resumed, Fault> {
    let TunnelKeys { private_key, preshared_key } = TunnelKeys::generate()?;
    let keys = Resume { client_public_key: private_key.public_key(), preshared_key: Some(preshared_key) };
    let mut connection = gateway.connect().await?;
    let resumption = match connection.resume(token, &keys).await {
        Ok(resumption) => resumption,
        Err(_) => {
            connection = another(gateway, &connection).await?;
            connection.resume(token, &keys).await?
        }
    };
    let end = connection.end();
    Ok(match resumption {
        Resumption::Live(grant) => Resumed::Live { grant, private_key, end },
        Resumption::Ended(reason) => Resumed::Ended(reason),
    })
}

/// Tells the gateway that the token is lost. May be told twice.
pub(crate) async fn report_token_lost(gateway: &Gateway, token: &Secret) -> Result<(), Fault> {
    let mut connection = gateway.connect().await?;
    match connection.report_token_lost(token).await {
        Ok(()) => Ok(()),
        Err(_) => another(gateway, &connection).await?.report_token_lost(token).await,
    }
}

/// What came of [`resync_token`].
pub(crate) struct Resynced {
    /// The gateway may have seen the TANs.
    pub(crate) sent: bool,
    /// What it made of them, or why that is not known.
    pub(crate) outcome: Result<Result<(), WrongEntry>, Fault>,
}

/// Shows the gateway two TANs. A lost answer is asked for once more: the gateway counts it once.
pub(crate) async fn resync_token(gateway: &Gateway, token: &Secret, [first, second]: [Secret; 2]) -> Resynced {
    let reached = async {
        let tans = Resync { attempt_id: AttemptId(random()?), first, second };
        Ok((gateway.connect().await?, tans))
    };
    let (mut connection, tans) = match reached.await {
        Ok(reached) => reached,
        Err(fault) => return Resynced { sent: false, outcome: Err(fault) },
    };
    let outcome = match connection.resync_token(token, &tans).await {
        Ok(judged) => Ok(judged),
        Err(_) => match another(gateway, &connection).await {
            Ok(mut connection) => connection.resync_token(token, &tans).await,
            Err(fault) => Err(fault),
        },
    };
    Resynced { sent: true, outcome }
}

/// A fresh connection after one that gave no answer, at another end where there is one.
async fn another(gateway: &Gateway, failed: &Connection) -> Result<Connection, Fault> {
    gateway.avoiding(failed.end()).connect().await
}

/// Tells the gateway that the session is over. Best effort: it ends there by itself as well.
pub(crate) async fn sign_out(gateway: Gateway, mut session: Session) {
    let told = timeout(GOODBYE, async {
        if let Some(mut connection) = session.connection.take().filter(Connection::usable)
            && let Ok(Ok(())) = timeout(OLD_LINE, connection.sign_out(&session.token)).await
        {
            return Ok(());
        }
        gateway.connect().await?.sign_out(&session.token).await
    });
    match told.await {
        Ok(Ok(())) => {}
        Ok(Err(fault)) => tracing::warn!(%fault, "the gateway was not told that the session is over"),
        Err(_) => tracing::warn!("the gateway did not answer that the session is over"),
    }
}

/// Fresh random bytes from the system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Fault> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|e| Fault::new(FaultCode::Internal, format!("random numbers: {e}")))?;
    Ok(bytes)
}
