//! A running session brings a token back into step: two TANs that it shows one after the other. Counted like a sign-in before anything is compared.
//! What was right is taken back, and nothing before it: only an entry with the password, or the desk, sets the count back. The desk's own way is in `acts`.

use std::sync::Arc;

use flexnet_protocol::{Secret, gateway};
use serde::{Deserialize, Serialize};

use crate::{
    accounts::Account,
    attempts::{self, Attempt, Known, Outcome},
    audit::{self, Event, Record},
    db::{News, retry},
    error::Error,
    gateway::Gateway,
    guard, sessions,
    sign_in::{self, NoOutcome},
    steps::{Step as At, reached},
    tokens::{self, Owner},
};

/// Where a token is after two TANs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// In step again.
    In,
    /// Out of step: no usable token of the member shows these two one after the other.
    Out {
        /// Entries left before the lock.
        attempts_left: u8,
    },
    /// The token that shows them was reported lost.
    Lost {
        /// Entries left before the lock.
        attempts_left: u8,
    },
}

/// What became of it.
#[derive(Debug)]
pub enum Resynced {
    /// Decided, now or when it was sent before.
    Ended(Outcome),
    /// No live session has this bearer token.
    NoSession,
}

/// Tries two TANs for the member of a session. `body` is the request as it came: the same again is counted once.
///
/// # Errors
/// [`NoOutcome`].
pub async fn resync(
    gateway: &Arc<Gateway>,
    session: &Secret,
    network: String,
    body: &[u8],
    request: gateway::Resync,
) -> Result<Resynced, NoOutcome> {
    let now = gateway.clock.sane().ok_or(NoOutcome::Clock)?;
    gateway.pulse.audit_stands()?;
    let member = retry(async || sessions::member(&mut gateway.database.write().await?, session, now).await).await?;
    let Some(account) = member else { return Ok(Resynced::NoSession) };
    let attempt =
        Attempt { id: request.attempt_id, body: gateway.keys.body(body), guard: gateway.keys.guard(&account.username) };
    let entry = Entry { attempt, account, network, now, request };
    // A task of its own: once counted, an attempt comes to its end even if the connection breaks.
    let run = gateway.tasks.spawn(run(Arc::clone(gateway), entry));
    run.await.unwrap_or(Err(NoOutcome::Unknown)).map(Resynced::Ended)
}

struct Entry {
    attempt: Attempt,
    account: Account,
    network: String,
    now: i64,
    request: gateway::Resync,
}

async fn run(gateway: Arc<Gateway>, entry: Entry) -> Result<Outcome, NoOutcome> {
    match retry(|| reserve(&gateway, &entry)).await? {
        Reserved::Known => sign_in::repeated(&gateway, &entry.attempt).await,
        Reserved::Locked => Ok(Outcome::Locked),
        Reserved::Evaluate(seq) => {
            let concluded = retry(|| conclude(&gateway, &entry, seq)).await;
            gateway.attempt_ended.notify_waiters();
            let outcome = concluded.map_err(|error| {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "the outcome of a resynchronisation could not be written");
                NoOutcome::Unknown
            })?;
            gateway.metrics.attempt(sign_in::attempted(&outcome));
            Ok(outcome)
        }
    }
}

/// What came of counting it.
enum Reserved {
    Known,
    Locked,
    Evaluate(i64),
}

async fn reserve(gateway: &Gateway, entry: &Entry) -> Result<Reserved, NoOutcome> {
    let mut write = gateway.database.write().await?;
    match attempts::known(&mut *write, &gateway.keys, &entry.attempt).await? {
        Known::New => {}
        Known::OtherBody => return Err(NoOutcome::Conflict(sign_in::OTHER_BODY)),
        Known::Open | Known::Ended(_) => return Ok(Reserved::Known),
    }
    let seq = guard::reserve(&mut write, &entry.attempt.guard).await?;
    attempts::note(&mut write, &gateway.config.id, &entry.attempt, seq, entry.now).await?;
    if seq.is_none() {
        attempts::end(&mut write, &gateway.keys, &entry.attempt.id, &Outcome::Locked).await?;
    }
    reached(At::Counting);
    write.commit().await?;
    reached(At::Counted);
    Ok(seq.map_or(Reserved::Locked, Reserved::Evaluate))
}

async fn conclude(gateway: &Gateway, entry: &Entry, seq: i64) -> Result<Outcome, Error> {
    let (account, keys, now) = (&entry.account, &gateway.keys, entry.now);
    let owner = Owner::Account(account.id);
    let (first, second) = (entry.request.first.expose(), entry.request.second.expose());
    let mut write = gateway.database.write().await?;
    // The guard's row comes first in every transaction; a success in flight at a lock loses.
    let open = guard::hold_open(&mut write, &entry.attempt.guard).await?;
    let serial = match open {
        true => tokens::resync(&mut write, keys, owner, first, second, now).await?,
        false => None,
    };
    reached(At::TanSpent);
    let lost = serial.is_none() && tokens::lost_shows(&mut write, keys, owner, first, second, now).await?;
    let record = |event, detail| Record {
        event,
        subject: &account.username,
        actor: "member",
        network: Some(entry.network.as_str()),
        detail,
    };
    let id = &gateway.config.id;
    let outcome = match &serial {
        Some(serial) => {
            let outcome = Outcome::Resync(Step::In);
            guard::give_back(&mut write, &entry.attempt.guard, seq).await?;
            attempts::end(&mut write, keys, &entry.attempt.id, &outcome).await?;
            audit::append(&mut write, id, now, &record(Event::Attempt, "accepted: resynchronisation")).await?;
            audit::append(&mut write, id, now, &record(Event::TokenResynchronised, serial)).await?;
            outcome
        }
        None => {
            let failed = guard::fail(&mut write, &entry.attempt.guard, seq).await?;
            let attempts_left = failed.attempts_left;
            let outcome = match (failed.locked, lost) {
                (true, _) => Outcome::Locked,
                (false, true) => Outcome::Resync(Step::Lost { attempts_left }),
                (false, false) => Outcome::Resync(Step::Out { attempts_left }),
            };
            attempts::end(&mut write, keys, &entry.attempt.id, &outcome).await?;
            let detail = if lost { "refused: resynchronisation of a lost token" } else { "refused: resynchronisation" };
            audit::append(&mut write, id, now, &record(Event::Attempt, detail)).await?;
            if failed.just_locked {
                audit::append(&mut write, id, now, &record(Event::Lock, "")).await?;
            }
            outcome
        }
    };
    write.announce(News::Guard);
    reached(At::Resynchronising);
    write.commit().await?;
    reached(At::Resynchronised);
    Ok(outcome)
}
