//! A sign-in, in this order: room, clock, budget; known attempt; reserve and commit; evaluate everything; commit the outcome; install the peer; answer.
//! Names that nobody owns go the same way with the same rows and the same work. What was wrong is written in the audit and told to nobody.

use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use flexnet_protocol::gateway::{EndReason, Grant, SignIn};
use tokio::time::timeout;

use crate::{
    accounts::{self, Account},
    attempts::{self, Attempt, Cause, Known, Outcome},
    audit::{self, Event, Record},
    budgets,
    db::{self, News, Write},
    error::Error,
    gateway::Gateway,
    grants, guard, leases,
    passwords::Room,
    sessions::{self, Beginning, Which},
    tokens::{self, Match, Token},
};

/// How long a repeated request waits for the attempt that runs. Less than a client waits for its answer.
const REPEAT_LIMIT: Duration = Duration::from_secs(8);
/// It looks by itself after so long.
const REPEAT_LOOK: Duration = Duration::from_millis(500);
/// How long an answer waits for its peer.
const PEER_LIMIT: Duration = Duration::from_secs(3);

/// Title of the problem, whenever it is found.
pub const KEY_TAKEN: &str = "this client_public_key belongs to another session";

/// Why there is no outcome.
#[derive(Debug)]
pub enum NoOutcome {
    /// No room in the queue. Not counted, like all that follows but the last.
    Busy,
    /// No address is left for anybody.
    Full,
    /// This gateway's clock cannot be believed.
    Clock,
    /// The network's budget is used up.
    Budget(Duration),
    /// The attempt's id came with another body before, or another member's session has this WireGuard key.
    Conflict(&'static str),
    /// The database, before anything was counted.
    Failed(Error),
    /// The attempt is counted and has no outcome yet, or none that could be written down.
    Unknown,
}

impl db::Retry for NoOutcome {
    fn is_conflict(&self) -> bool {
        match self {
            Self::Failed(error) => error.is_conflict(),
            Self::Busy | Self::Full | Self::Clock | Self::Budget(_) | Self::Conflict(_) | Self::Unknown => false,
        }
    }
}

impl From<Error> for NoOutcome {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Signs in. `body` is the request as it came, `from` who sent it.
///
/// # Errors
/// [`NoOutcome`].
pub async fn sign_in(gateway: &Arc<Gateway>, from: IpAddr, body: &[u8], request: SignIn) -> Result<Outcome, NoOutcome> {
    let room = gateway.passwords.room().ok_or(NoOutcome::Busy)?;
    let now = gateway.clock.sane().ok_or(NoOutcome::Clock)?;
    gateway.budgets.take(from, Instant::now()).map_err(NoOutcome::Budget)?;
    let name = accounts::normalise(&request.username);
    let attempt = Attempt { id: request.attempt_id, body: gateway.keys.body(body), guard: gateway.keys.guard(&name) };
    let entry = Entry { attempt, name, network: budgets::of_network(from).to_string(), now, request };
    // A task of its own: once counted, an attempt comes to its end even if the connection breaks.
    let run = gateway.tasks.spawn(run(Arc::clone(gateway), entry, room));
    run.await.unwrap_or(Err(NoOutcome::Unknown))
}

struct Entry {
    attempt: Attempt,
    name: String,
    network: String,
    now: i64,
    request: SignIn,
}

async fn run(gateway: Arc<Gateway>, entry: Entry, room: Room) -> Result<Outcome, NoOutcome> {
    let Some(reserved) = db::retry(|| reserve(&gateway, &entry)).await? else {
        drop(room);
        return repeated(&gateway, &entry.attempt).await;
    };
    let outcome = match reserved {
        Reserved::Locked => Outcome::Locked,
        Reserved::Evaluate { seq, account, tokens } => {
            let verdict = evaluate(&entry, &account, &tokens, &room).await;
            drop(room);
            let concluded = conclude(&gateway, &entry, seq, account.as_ref(), verdict).await;
            gateway.attempt_ended.notify_waiters();
            concluded.map_err(|error| {
                // Counted, and the same answer whatever the verdict. Housekeeping closes the attempt as wrong.
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the outcome of an attempt could not be written"
                );
                NoOutcome::Unknown
            })?
        }
    };
    if matches!(outcome, Outcome::Granted(_)) {
        match timeout(PEER_LIMIT, gateway.network.settled()).await {
            Ok(Ok(())) => {}
            // The network tries again every second; the client's handshake will wait for it.
            Ok(Err(error)) => tracing::error!(%error, "the peer of a new session is not installed yet"),
            Err(_) => tracing::error!("the network is slow: the peer of a new session is not installed yet"),
        }
    }
    Ok(outcome)
}

enum Reserved {
    Locked,
    Evaluate { seq: i64, account: Option<Account>, tokens: Vec<Token> },
}

/// Counts the attempt, committed before anything is checked. Nothing if it is known already.
async fn reserve(gateway: &Gateway, entry: &Entry) -> Result<Option<Reserved>, NoOutcome> {
    let mut write = gateway.database.write().await?;
    match attempts::known(&mut *write, &gateway.keys, &entry.attempt).await? {
        Known::New => {}
        Known::OtherBody => return Err(NoOutcome::Conflict("this attempt_id came with another body before")),
        Known::Open | Known::Ended(_) => return Ok(None),
    }
    if sessions::key_taken(&mut write, &entry.request.client_public_key, &entry.name).await? {
        return Err(NoOutcome::Conflict(KEY_TAKEN));
    }
    // For every name alike, also for a member whose older session would make room: who lives here must not show.
    match leases::room(&mut write, &gateway.config.id, &gateway.config.tunnel.pools).await {
        Ok(()) => {}
        Err(Error::PoolExhausted(pool)) => {
            tracing::error!(%pool, "no address is left: nobody can sign in");
            return Err(NoOutcome::Full);
        }
        Err(error) => return Err(error.into()),
    }
    // Read before the commit: a failure here counts nothing.
    let account = accounts::find(&mut write, &entry.name).await?;
    let tokens = tokens::usable(&mut write, &gateway.keys, account.as_ref().map_or(-1, |a| a.id)).await?;
    let seq = guard::reserve(&mut write, &entry.attempt.guard).await?;
    attempts::note(&mut write, &gateway.config.id, &entry.attempt, seq, entry.now).await?;
    if seq.is_none() {
        attempts::end(&mut write, &gateway.keys, &entry.attempt.id, &Outcome::Locked).await?;
    }
    write.commit().await?;
    Ok(Some(seq.map_or(Reserved::Locked, |seq| Reserved::Evaluate { seq, account, tokens })))
}

/// The outcome of the same attempt, sent before: at once, or as soon as it has one.
async fn repeated(gateway: &Gateway, attempt: &Attempt) -> Result<Outcome, NoOutcome> {
    let wait = async {
        loop {
            let ended = gateway.attempt_ended.notified();
            match attempts::known(gateway.database.read(), &gateway.keys, attempt).await {
                Ok(Known::Ended(outcome)) => return Ok(outcome),
                // Another gateway's news may be lost.
                Ok(Known::Open) => drop(timeout(REPEAT_LOOK, ended).await),
                Ok(Known::New | Known::OtherBody) => return Err(NoOutcome::Unknown),
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "a repeated attempt could not be read");
                    return Err(NoOutcome::Unknown);
                }
            }
        }
    };
    timeout(REPEAT_LIMIT, wait).await.unwrap_or(Err(NoOutcome::Unknown))
}

struct Verdict {
    password: bool,
    found: Vec<Match>,
}

/// Everything, always: the password against a hash or a dummy, the TAN against every token and a dummy. Nothing stops at the first mistake.
async fn evaluate(entry: &Entry, account: &Option<Account>, tokens: &[Token], room: &Room) -> Verdict {
    let hash = account.as_ref().map(|account| account.password.clone());
    let password = room.verify(hash, entry.request.password.clone()).await;
    let dummy = Token::dummy();
    let tan = entry.request.tan.expose();
    let found = tokens.iter().chain([&dummy]).filter_map(|token| token.find(tan, entry.now)).collect();
    Verdict { password, found }
}

/// Writes down what follows, in one transaction. What should be a success but touches no row turns the whole into a failure;
/// what cannot be opened although everything was right is written down as undecided.
async fn conclude(
    gateway: &Gateway,
    entry: &Entry,
    seq: i64,
    account: Option<&Account>,
    verdict: Verdict,
) -> Result<Outcome, Error> {
    if let Some(account) = account
        && verdict.password
        && !verdict.found.is_empty()
        && account.active
    {
        let cause = match db::retry(|| try_success(gateway, entry, seq, account, &verdict.found)).await {
            Ok(Success::Opened(outcome)) => return Ok(outcome),
            Ok(Success::Lost) => None,
            Ok(Success::KeyTaken) => Some(Cause::KeyTaken),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a right entry could not open its session");
                Some(if let Error::PoolExhausted(_) = error { Cause::NoAddress } else { Cause::Failed })
            }
        };
        if let Some(cause) = cause
            && let Some(outcome) = db::retry(|| excuse(gateway, entry, seq, account, &verdict.found, cause)).await?
        {
            return Ok(outcome);
        }
    }
    db::retry(|| fail(gateway, entry, seq, account, &verdict)).await
}

/// What became of an entry that was right.
enum Success {
    Opened(Outcome),
    /// The TAN was spent, the name locked or the account changed meanwhile: no success.
    Lost,
    KeyTaken,
}

/// A transaction of its own; rolled back unless it opened the session.
async fn try_success(
    gateway: &Gateway,
    entry: &Entry,
    seq: i64,
    account: &Account,
    found: &[Match],
) -> Result<Success, Error> {
    let mut write = gateway.database.write().await?;
    let done = succeed(gateway, &mut write, entry, seq, account, found).await;
    match &done {
        Ok(Success::Opened(_)) => write.commit().await?,
        Ok(Success::Lost | Success::KeyTaken) | Err(_) => write.rollback().await?,
    }
    done
}

/// Ends an attempt that was right and opened nothing. That it was right may be told, as for a disabled account: both factors were shown, and the TAN is spent.
/// Nothing if the TAN was spent or the name locked meanwhile: then it is a failure like any other.
async fn excuse(
    gateway: &Gateway,
    entry: &Entry,
    seq: i64,
    account: &Account,
    found: &[Match],
    cause: Cause,
) -> Result<Option<Outcome>, Error> {
    let mut write = gateway.database.write().await?;
    if !guard::excuse(&mut write, &entry.attempt.guard, seq).await? || !tokens::spend_all(&mut write, found).await? {
        write.rollback().await?;
        return Ok(None);
    }
    let detail = match cause {
        Cause::NoAddress => "not decided: no address is left",
        Cause::KeyTaken => "not decided: another session has this key",
        Cause::Failed => "not decided: the gateway failed",
    };
    let outcome = Outcome::Undecided(cause);
    attempts::end(&mut write, &gateway.keys, &entry.attempt.id, &outcome).await?;
    let network = Some(entry.network.as_str());
    let record = Record { event: Event::Attempt, subject: &account.username, actor: "member", network, detail };
    audit::append(&mut write, &gateway.config.id, entry.now, &record).await?;
    write.announce(News::Guard);
    write.commit().await?;
    Ok(Some(outcome))
}

async fn succeed(
    gateway: &Gateway,
    write: &mut Write,
    entry: &Entry,
    seq: i64,
    account: &Account,
    found: &[Match],
) -> Result<Success, Error> {
    let config = &gateway.config;
    let Some(failures_before) = guard::succeed(write, &entry.attempt.guard, seq).await? else {
        return Ok(Success::Lost);
    };
    // The desk may have switched the account off meanwhile, or given it another password.
    if !tokens::spend_all(write, found).await?
        || !accounts::signed_in(write, account, entry.now, &entry.network).await?
    {
        return Ok(Success::Lost);
    }
    // It was free when the attempt was reserved.
    if sessions::key_taken(write, &entry.request.client_public_key, &entry.name).await? {
        return Ok(Success::KeyTaken);
    }
    let older = sessions::close(write, Which::Of(account.id), EndReason::NewerSignIn, entry.now).await?;
    let addresses = leases::take(write, &config.id, &config.tunnel.pools).await?;
    let begun = sessions::begin(
        write,
        &gateway.keys,
        Beginning {
            account,
            gateway: &config.id,
            public_key: &entry.request.client_public_key,
            preshared_key: entry.request.preshared_key.clone(),
            addresses,
            network: &entry.network,
            failures_before,
            now: entry.now,
            policy: config.policy,
        },
    )
    .await?;
    let session = begun.name.clone();
    let outcome = Outcome::Granted(Box::new(Grant {
        session_id: begun.name,
        session_token: begun.token,
        absolute_end: begun.absolute_end,
        idle_seconds: config.policy.idle_seconds,
        failures_before,
        last_sign_in: begun.last_sign_in,
        display_name: account.display_name.clone(),
        portal_url: config.portal.url.clone(),
        tunnel: grants::tunnel(gateway, begun.preshared_key, begun.addresses),
    }));
    attempts::end(write, &gateway.keys, &entry.attempt.id, &outcome).await?;
    write.announce(News::Guard);
    let subject = &account.username;
    let record = |event, detail| Record { event, subject, actor: "member", network: Some(&entry.network), detail };
    audit::append(write, &config.id, entry.now, &record(Event::Attempt, "accepted")).await?;
    sessions::note_ended(write, &config.id, &older, EndReason::NewerSignIn, "member", entry.now).await?;
    audit::append(write, &config.id, entry.now, &record(Event::SessionStarted, &session)).await?;
    Ok(Success::Opened(outcome))
}

async fn fail(
    gateway: &Gateway,
    entry: &Entry,
    seq: i64,
    account: Option<&Account>,
    verdict: &Verdict,
) -> Result<Outcome, Error> {
    let mut write = gateway.database.write().await?;
    let failed = guard::fail(&mut write, &entry.attempt.guard, seq).await?;
    // A TAN that was shown to us is spent, whatever else was wrong: who watched cannot use it again.
    let fresh = tokens::spend_all(&mut write, &verdict.found).await?;
    let nobody = audit::nobody(&entry.attempt.guard);
    let subject = account.map_or(nobody.as_str(), |account| account.username.as_str());
    let detail = match (account, verdict.password, fresh) {
        (None, _, _) => "refused: no such name",
        (Some(account), true, true) if !account.active => "refused: account disabled",
        (Some(_), true, true) => "refused: locked or changed meanwhile",
        (Some(_), true, false) => "refused: TAN",
        (Some(_), false, true) => "refused: password",
        (Some(_), false, false) => "refused: password and TAN",
    };
    let disabled = account.is_some_and(|account| !account.active) && verdict.password && fresh;
    let outcome = if failed.locked {
        Outcome::Locked
    } else if disabled {
        Outcome::Disabled { attempts_left: failed.attempts_left }
    } else {
        Outcome::Refused { attempts_left: failed.attempts_left }
    };
    attempts::end(&mut write, &gateway.keys, &entry.attempt.id, &outcome).await?;
    write.announce(News::Guard);
    let record = Record { event: Event::Attempt, subject, actor: "member", network: Some(&entry.network), detail };
    audit::append(&mut write, &gateway.config.id, entry.now, &record).await?;
    if failed.just_locked {
        let lock = Record { event: Event::Lock, detail: "", ..record };
        audit::append(&mut write, &gateway.config.id, entry.now, &lock).await?;
    }
    write.commit().await?;
    Ok(outcome)
}
