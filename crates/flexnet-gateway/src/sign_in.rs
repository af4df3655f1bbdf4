//! A sign-in, in this order: budget, line, clock; known attempt; reserve and commit; evaluate everything; commit the outcome; install the peer; answer.
//! Names that nobody owns go the same way with the same rows and the same work. What was wrong is written in the audit and told to nobody.

use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use flexnet_protocol::{Key, Secret, gateway::AttemptId};
use tokio::time::{sleep_until, timeout};

use crate::{
    accounts::{self, Account},
    admission::Place,
    attempts::{self, Attempt, Cause, Known, Outcome},
    audit::{self, Event, Record},
    budgets,
    db::{self, News, Write},
    error::Error,
    gateway::Gateway,
    guard, handoff, leases,
    metrics::{Asked, Attempted, SentAway},
    opening::{self, Opened, Opening},
    passwords::Room,
    resync, sessions,
    steps::{Step, reached},
    tokens::{self, Learn, Match, Owner, Token},
    verifier::{Verifier, spent},
};

/// How long a repeated request waits for the attempt that runs. Less than a client waits for its answer.
const REPEAT_LIMIT: Duration = Duration::from_secs(8);
/// It looks by itself after so long.
const REPEAT_LOOK: Duration = Duration::from_millis(500);
/// How long an answer waits for its peer.
const PEER_LIMIT: Duration = Duration::from_secs(3);

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
        reached(Step::Judged);
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
        match timeout(PEER_LIMIT, gateway.network.settled()).await {
            Ok(Ok(())) => {}
            // The network tries again every second; the client's handshake will wait for it.
            Ok(Err(error)) => tracing::error!(%error, "the peer of a new session is not installed yet"),
            Err(_) => tracing::error!("the network is slow: the peer of a new session is not installed yet"),
        }
        reached(Step::PeerInstalled);
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

struct Verdict {
    password: bool,
    tan: Tan,
}

/// What became of the TAN.
enum Tan {
    /// Where it stands on tokens of ours.
    Own(Vec<Match>),
    /// Whether a token server takes it.
    Foreign(bool),
}

impl Tan {
    fn fits(&self) -> bool {
        match self {
            Self::Own(found) => !found.is_empty(),
            Self::Foreign(right) => *right,
        }
    }

    /// Whether it fitted and had not been spent. A foreign one was spent before it was sent.
    async fn spend(&self, write: &mut Write, learn: Learn) -> Result<bool, Error> {
        match self {
            Self::Own(found) => tokens::spend_all(write, found, learn).await,
            Self::Foreign(right) => Ok(*right),
        }
    }
}

/// Who is asked elsewhere, and about whom.
struct Foreign<'a> {
    verifier: &'a Verifier,
    /// Of an account that may be judged.
    name: Option<&'a str>,
    fresh: bool,
}

/// Everything, always: the password against a hash or a dummy, the TAN against every token and a dummy, or whoever judges them elsewhere. Nothing
/// stops at the first mistake. An error if a foreign judge gave no verdict: the other's is not told then, whatever it was, and a TAN of ours is spent.
async fn evaluate(
    entry: &Entry,
    account: &Option<Account>,
    tokens: &[Token],
    foreign: &Foreign<'_>,
    room: &Room,
) -> Result<Verdict, Option<Tan>> {
    let Foreign { verifier, name, fresh } = *foreign;
    let (password, tan) = (&entry.password, &entry.tan);
    let password = async {
        if let Some(verdict) = verifier.password(name, password).await {
            return verdict.decided();
        }
        let hash = account.as_ref().map(|account| account.password.clone());
        Some(room.verify(hash, password.clone()).await)
    };
    let tan = async {
        if let Some(verdict) = verifier.tan(name, tan, fresh).await {
            return verdict.decided().map(Tan::Foreign);
        }
        let dummy = Token::dummy();
        let found = tokens.iter().chain([&dummy]).filter_map(|token| token.find(tan.expose(), entry.now));
        Some(Tan::Own(found.collect()))
    };
    let (password, tan) = tokio::join!(password, tan);
    match (password, tan) {
        (Some(password), Some(tan)) => Ok(Verdict { password, tan }),
        (None, Some(tan)) => Err(Some(tan)),
        (Some(_) | None, None) => Err(None),
    }
}

/// Writes down what follows, in one transaction. What should be a success but touches no row turns the whole into a failure;
/// what cannot be opened although everything was right is written down as undecided.
async fn conclude(
    gateway: &Gateway,
    entry: &Entry,
    seq: i64,
    account: Option<&Account>,
    verdict: Result<Verdict, Option<Tan>>,
) -> Result<Outcome, Error> {
    let verdict = match verdict {
        Ok(verdict) => verdict,
        Err(tan) => return db::retry(|| give_back(gateway, entry, seq, account, tan.as_ref())).await,
    };
    if let Some(account) = account
        && verdict.password
        && verdict.tan.fits()
        && account.active
    {
        let cause = match db::retry(|| try_success(gateway, entry, seq, account, &verdict.tan)).await {
            Ok(Success::Opened(outcome)) => return Ok(outcome),
            Ok(Success::Lost) => None,
            Ok(Success::KeyTaken) => Some(Cause::KeyTaken),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a right entry could not open its session");
                Some(if let Error::PoolExhausted(_) = error { Cause::NoAddress } else { Cause::Failed })
            }
        };
        if let Some(cause) = cause
            && let Some(outcome) = db::retry(|| excuse(gateway, entry, seq, account, &verdict.tan, cause)).await?
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
    tan: &Tan,
) -> Result<Success, Error> {
    let mut write = gateway.database.write().await?;
    let done = succeed(gateway, &mut write, entry, seq, account, tan).await;
    match &done {
        Ok(Success::Opened(_)) => {
            write.commit().await?;
            reached(Step::Opened);
        }
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
    tan: &Tan,
    cause: Cause,
) -> Result<Option<Outcome>, Error> {
    let mut write = gateway.database.write().await?;
    if !guard::excuse(&mut write, &entry.attempt.guard, seq).await? || !tan.spend(&mut write, Learn::Nothing).await? {
        write.rollback().await?;
        return Ok(None);
    }
    end_undecided(gateway, write, entry, &account.username, cause).await.map(Some)
}

/// Ends an attempt that nobody could judge. It does not count.
async fn give_back(
    gateway: &Gateway,
    entry: &Entry,
    seq: i64,
    account: Option<&Account>,
    tan: Option<&Tan>,
) -> Result<Outcome, Error> {
    let mut write = gateway.database.write().await?;
    guard::give_back(&mut write, &entry.attempt.guard, seq).await?;
    if let Some(tan) = tan {
        tan.spend(&mut write, Learn::Nothing).await?;
    }
    let nobody = audit::nobody(&entry.attempt.guard);
    let subject = account.map_or(nobody.as_str(), |account| account.username.as_str());
    end_undecided(gateway, write, entry, subject, Cause::NoVerdict).await
}

async fn end_undecided(
    gateway: &Gateway,
    mut write: Write,
    entry: &Entry,
    subject: &str,
    cause: Cause,
) -> Result<Outcome, Error> {
    let detail = match cause {
        Cause::NoAddress => "not decided: no address is left",
        Cause::KeyTaken => "not decided: another session has this key",
        Cause::Failed => "not decided: the gateway failed",
        Cause::NoVerdict => "not decided: a foreign server gave no verdict",
    };
    let outcome = Outcome::Undecided(cause);
    attempts::end(&mut write, &gateway.keys, &entry.attempt.id, &outcome).await?;
    let network = Some(entry.network.as_str());
    let record = Record { event: Event::Attempt, subject, actor: "member", network, detail };
    audit::append(&mut write, &gateway.config.id, entry.now, &record).await?;
    write.announce(News::Guard);
    write.commit().await?;
    Ok(outcome)
}

async fn succeed(
    gateway: &Gateway,
    write: &mut Write,
    entry: &Entry,
    seq: i64,
    account: &Account,
    tan: &Tan,
) -> Result<Success, Error> {
    let config = &gateway.config;
    let Some(failures_before) = guard::succeed(write, &entry.attempt.guard, seq).await? else {
        return Ok(Success::Lost);
    };
    reached(Step::GuardMoved);
    if !tan.spend(write, Learn::Drift).await? {
        return Ok(Success::Lost);
    }
    reached(Step::TanSpent);
    let attempt = Record {
        event: Event::Attempt,
        subject: &account.username,
        actor: "member",
        network: Some(&entry.network),
        detail: "accepted",
    };
    let outcome = match &entry.purpose {
        Purpose::Session { public_key, preshared_key } => {
            let opening = Opening {
                account,
                public_key,
                preshared_key: preshared_key.as_ref(),
                network: &entry.network,
                failures_before,
                now: entry.now,
            };
            let session = match opening::open(gateway, write, opening).await? {
                Opened::Session(session) => session,
                Opened::Changed => return Ok(Success::Lost),
                // It was free when the attempt was reserved.
                Opened::KeyTaken => return Ok(Success::KeyTaken),
            };
            let outcome = Outcome::Granted(Box::new(session.grant.clone()));
            attempts::end(write, &gateway.keys, &entry.attempt.id, &outcome).await?;
            reached(Step::OutcomeNoted);
            audit::append(write, &config.id, entry.now, &attempt).await?;
            session.note(gateway, write, opening).await?;
            outcome
        }
        Purpose::Page => {
            if !accounts::hold_unchanged(write, account).await? {
                return Ok(Success::Lost);
            }
            let (guard, network) = (&entry.attempt.guard, &entry.network);
            let issued = handoff::issue(write, account, guard, network, failures_before, entry.now).await?;
            let outcome = Outcome::HandedOff(Box::new(issued));
            attempts::end(write, &gateway.keys, &entry.attempt.id, &outcome).await?;
            let attempt = Record { detail: "accepted: on the page", ..attempt };
            audit::append(write, &config.id, entry.now, &attempt).await?;
            outcome
        }
    };
    write.announce(News::Guard);
    reached(Step::Opening);
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
    let fresh = verdict.tan.spend(&mut write, Learn::Nothing).await?;
    reached(Step::Failing);
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
    reached(Step::Failed);
    if failed.just_locked {
        gateway.metrics.lock();
    }
    Ok(outcome)
}
