//! A sign-in, in this order: budget, line, clock; known attempt; reserve and commit; evaluate everything; commit the outcome; install the peer; answer.
//! Names that nobody owns go the same way with the same rows and the same work. What was wrong is written in the audit and told to nobody.

mod conclude;
mod evaluate;

use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use flexnet_protocol::{Key, Secret, gateway::AttemptId};
use tokio::time::{sleep_until, timeout};

use self::{
    conclude::conclude,
    evaluate::{Foreign, evaluate},
};
use crate::{
    accounts::{self, Account},
    admission::Place,
    attempts::{self, Attempt, Known, Outcome},
    budgets, db,
    error::Error,
    gateway::Gateway,
    guard, leases,
    metrics::{Asked, Attempted, SentAway},
    passwords::Room,
    resync, sessions,
    steps::{Step, judged, reached},
    tokens::{self, Owner, Token},
    verifier::spent,
};

/// How long a repeated request waits for the attempt that runs. Less than a client waits for its answer.
const REPEAT_LIMIT: Duration = Duration::from_secs(8);
/// It looks by itself after so long.
const REPEAT_LOOK: Duration = Duration::from_millis(500);

/// Nothing but a session is answered earlier than so long after its turn. What a name is makes a difference of microseconds, a lock one of a few
/// milliseconds; behind this time nobody sees it.
const REFUSAL: Duration = Duration::from_millis(150);

/// Title of the problem, whenever it is found.
pub const KEY_TAKEN: &str = "this client_public_key belongs to another session";
/// The same for an id that is not new.
pub const OTHER_BODY: &str = "this attempt_id came with another body before";

/// What somebody types.
#[derive(Debug, Clone)]
pub struct Entries {
    /// The same id and the same body: the same outcome, counted once.
    pub attempt_id: AttemptId,
    /// As typed.
    pub username: String,
    /// As typed.
    pub password: Secret,
    /// 6 to 8 digits.
    pub tan: Secret,
}

/// What a right entry opens.
#[derive(Debug, Clone)]
pub enum Purpose {
    /// A session for the application that asks.
    Session {
        /// Its WireGuard key.
        public_key: Key,
        /// The preshared key that it made; without one the gateway makes it.
        preshared_key: Option<Key>,
    },
    /// A ticket for a page: the session is opened by the application that redeems it.
    Page,
}

/// Why there is no outcome.
#[derive(Debug)]
pub enum NoOutcome {
    /// No room in the queue. Not counted, like all that follows but the last.
    Busy,
    /// No address is left for anybody.
    Full,
    /// Who judges passwords or TANs elsewhere is known to be dead.
    NoJudge,
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
            Self::Busy
            | Self::Full
            | Self::NoJudge
            | Self::Clock
            | Self::Budget(_)
            | Self::Conflict(_)
            | Self::Unknown => false,
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
pub async fn sign_in(
    gateway: &Arc<Gateway>,
    from: IpAddr,
    body: &[u8],
    entries: Entries,
    purpose: Purpose,
) -> Result<Outcome, NoOutcome> {
    let done = admit(gateway, from, body, entries, purpose).await;
    if let Err(reason) = &done
        && let Some(why) = sent_away(reason)
    {
        gateway.metrics.sent_away(why);
    }
    done
}

async fn admit(
    gateway: &Arc<Gateway>,
    from: IpAddr,
    body: &[u8],
    entries: Entries,
    purpose: Purpose,
) -> Result<Outcome, NoOutcome> {
    gateway.budgets.take(from, Instant::now()).map_err(NoOutcome::Budget)?;
    let place = gateway.admission.enter(from).await.ok_or(NoOutcome::Busy)?;
    let room = gateway.passwords.room().ok_or(NoOutcome::Busy)?;
    if !gateway.verifier.ready() {
        return Err(NoOutcome::NoJudge);
    }
    let now = gateway.clock.sane().ok_or(NoOutcome::Clock)?;
    gateway.pulse.audit_stands()?;
    let name = accounts::normalise(&entries.username);
    let attempt = Attempt { id: entries.attempt_id, body: gateway.keys.body(body), guard: gateway.keys.guard(&name) };
    let (password, tan) = (entries.password, entries.tan);
    let network = budgets::of_network(from).to_string();
    let entry = Entry { attempt, name, from, network, now, password, tan, purpose };
    // A task of its own: once counted, an attempt comes to its end even if the connection breaks.
    let run = gateway.tasks.spawn(run(Arc::clone(gateway), entry, place, room));
    run.await.unwrap_or(Err(NoOutcome::Unknown))
}

struct Entry {
    attempt: Attempt,
    name: String,
    from: IpAddr,
    network: String,
    now: i64,
    password: Secret,
    tan: Secret,
    purpose: Purpose,
}

async fn run(gateway: Arc<Gateway>, entry: Entry, place: Place, room: Room) -> Result<Outcome, NoOutcome> {
    let begun = Instant::now();
    reached(Step::Admitted);
    let Some(reserved) = db::retry(|| reserve(&gateway, &entry)).await? else {
        drop((place, room));
        return repeated(&gateway, &entry.attempt).await;
    };
    gateway.metrics.database(Asked::Reserve, begun.elapsed());
    let Reserved { seq, account, tokens, fresh } = reserved;
    if seq.is_some() {
        reached(Step::Counted);
    }
    // What is locked is not judged: others are asked about nobody then.
    let known = account.as_ref().filter(|_| seq.is_some()).map(|account| account.username.as_str());
    let foreign = Foreign { verifier: &gateway.verifier, name: known, fresh };
    let verdict = evaluate(&entry, &account, &tokens, &foreign, &room).await;
    drop(room);
    let right = verdict.as_ref().is_ok_and(|verdict| verdict.password && verdict.tan.fits());
    let place = if right || !gateway.verifier.asks() {
        Some(place)
    } else {
        // Whoever waits for the time to be even keeps nobody else waiting.
        drop(place);
        gateway.verifier.even(begun.into()).await;
        None
    };
    if seq.is_some() {
        judged(&entry.attempt.guard);
    }
    let evaluated = Instant::now();
    let concluded = match seq {
        Some(seq) => conclude(&gateway, &entry, seq, account.as_ref(), verdict).await,
        None => db::retry(|| note_locked(&gateway, &entry)).await,
    };
    gateway.metrics.database(Asked::Conclude, evaluated.elapsed());
    gateway.attempt_ended.notify_waiters();
    let outcome = concluded.map_err(|error| {
        // Counted, and the same answer whatever the verdict. Housekeeping closes the attempt as wrong.
        tracing::error!(error = &error as &dyn std::error::Error, "the outcome of an attempt could not be written");
        NoOutcome::Unknown
    })?;
    gateway.metrics.attempt(attempted(&outcome));
    gateway.metrics.sign_in(begun.elapsed());
    let granted = matches!(outcome, Outcome::Granted(_));
    let right = granted || matches!(outcome, Outcome::HandedOff(_));
    if right && let Some(place) = &place {
        place.succeeded(entry.from);
    }
    drop(place);
    if !right {
        sleep_until((begun + REFUSAL).into()).await;
    }
    if granted {
        gateway.settled().await;
    }
    Ok(outcome)
}

/// As it is counted for whoever watches.
pub const fn attempted(outcome: &Outcome) -> Attempted {
    match outcome {
        Outcome::Granted(_) | Outcome::HandedOff(_) | Outcome::Resync(resync::Step::In) => Attempted::Accepted,
        Outcome::Refused { .. } | Outcome::Resync(resync::Step::Out { .. } | resync::Step::Lost { .. }) => {
            Attempted::Refused
        }
        Outcome::Locked => Attempted::Locked,
        Outcome::Disabled { .. } => Attempted::Disabled,
        Outcome::Undecided(_) => Attempted::Undecided,
    }
}

/// What of it is counted as sent away: nothing that a client has done wrong, and nothing whose end is not known.
const fn sent_away(reason: &NoOutcome) -> Option<SentAway> {
    match reason {
        NoOutcome::Busy => Some(SentAway::Busy),
        NoOutcome::Full => Some(SentAway::Full),
        NoOutcome::Clock => Some(SentAway::Clock),
        NoOutcome::Budget(_) => Some(SentAway::Budget),
        NoOutcome::Failed(Error::Audit(_)) => Some(SentAway::Audit),
        NoOutcome::Failed(_) => Some(SentAway::Database),
        NoOutcome::NoJudge => Some(SentAway::Judge),
        NoOutcome::Conflict(_) | NoOutcome::Unknown => None,
    }
}

/// An attempt that is in the database. Without a number it found the name locked, and goes the same way to the same work all the same.
struct Reserved {
    seq: Option<i64>,
    account: Option<Account>,
    tokens: Vec<Token>,
    /// The TAN was never sent to a token server.
    fresh: bool,
}

/// Counts the attempt, committed before anything is checked. Nothing if it is known already.
async fn reserve(gateway: &Gateway, entry: &Entry) -> Result<Option<Reserved>, NoOutcome> {
    let mut write = gateway.database.write().await?;
    match attempts::known(&mut *write, &gateway.keys, &entry.attempt).await? {
        Known::New => {}
        Known::OtherBody => return Err(NoOutcome::Conflict(OTHER_BODY)),
        Known::Open | Known::Ended(_) => return Ok(None),
    }
    if let Purpose::Session { public_key, .. } = &entry.purpose
        && sessions::key_taken(&mut write, public_key, &entry.name).await?
    {
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
    let owner = Owner::Account(account.as_ref().map_or(-1, |account| account.id));
    let tokens = tokens::usable(&mut write, &gateway.keys, owner).await?;
    let seq = guard::reserve(&mut write, &entry.attempt.guard).await?;
    // It is sent to one server, once, whatever that says.
    let fresh = match &account {
        Some(account) if seq.is_some() && gateway.verifier.judges_tans() => {
            let hash = gateway.keys.body(format!("{}\0{}", account.username, entry.tan.expose()).as_bytes());
            spent::take(&mut write, &hash, entry.now).await?
        }
        Some(_) | None => true,
    };
    attempts::note(&mut write, &gateway.config.id, &entry.attempt, seq, entry.now).await?;
    reached(Step::Counting);
    write.commit().await?;
    // Nothing of a locked name is judged: it goes the way of a name that nobody owns.
    let (account, tokens) = if seq.is_some() { (account, tokens) } else { (None, Vec::new()) };
    Ok(Some(Reserved { seq, account, tokens, fresh }))
}

/// The end of an attempt that found its name locked. Nothing of it is judged and nothing told but that; a transaction of its own, as every other end is.
async fn note_locked(gateway: &Gateway, entry: &Entry) -> Result<Outcome, Error> {
    let mut write = gateway.database.write().await?;
    attempts::end(&mut write, &gateway.keys, &entry.attempt.id, &Outcome::Locked).await?;
    write.commit().await?;
    Ok(Outcome::Locked)
}

/// The outcome of the same attempt, sent before: at once, or as soon as it has one.
///
/// # Errors
/// [`NoOutcome::Unknown`].
pub async fn repeated(gateway: &Gateway, attempt: &Attempt) -> Result<Outcome, NoOutcome> {
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
