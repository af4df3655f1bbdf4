//! What was answered to an attempt: the same id and the same body get the same outcome, counted once however often it is sent.
//! Bodies are kept as keyed hashes, outcomes sealed: a grant holds keys.

use flexnet_protocol::gateway::{AttemptId, Grant};
use serde::{Deserialize, Serialize};
use sqlx::{Row as _, any::AnyRow};

use crate::{
    audit::{self, Event, Record},
    db::{Database, Write, exact, retry},
    error::Error,
    guard,
    handoff::Issued,
    resync::Step,
    seal::Keys,
    staff,
};

/// Seconds for which an attempt is remembered.
const MEMORY: i64 = 24 * 3600;

/// An attempt ends once; who comes second has to take back everything.
const END: &str = "UPDATE attempt SET outcome = $2 WHERE id = $1 AND outcome IS NULL";

/// How an attempt ended. Told again to whoever repeats it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// All right: the session.
    Granted(Box<Grant>),
    /// Something was wrong; what, is not told.
    Refused {
        /// Entries left before the lock.
        attempts_left: u8,
    },
    /// The name is locked.
    Locked,
    /// Everything was right, but the account is switched off.
    Disabled {
        /// Entries left before the lock.
        attempts_left: u8,
    },
    /// All right, on a page: what it gets.
    HandedOff(Box<Issued>),
    /// Two TANs for a token that was out of step.
    Resync(Step),
    /// Everything was right, and the gateway could not open a session all the same, or nobody could judge. Not counted; its TAN is spent.
    Undecided(Cause),
}

/// What hindered a session after everything was right, or a judgement. None of it is the member's doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Others took the last address meanwhile.
    NoAddress,
    /// Another member's session took the WireGuard key meanwhile.
    KeyTaken,
    /// The database, or a defect.
    Failed,
    /// A foreign judge gave no verdict.
    NoVerdict,
}

/// An attempt as it comes in.
#[derive(Debug, Clone, Copy)]
pub struct Attempt {
    /// Chosen by the client.
    pub id: AttemptId,
    /// Keyed hash of its body.
    pub body: [u8; 32],
    /// Key of the name's guard row.
    pub guard: [u8; 32],
}

/// What is known of an attempt.
#[derive(Debug)]
pub enum Known {
    /// Nothing.
    New,
    /// It is being evaluated now, or the gateway died over it.
    Open,
    /// It has ended.
    Ended(Outcome),
    /// The id came with another body before.
    OtherBody,
}

/// Looks an attempt up.
///
/// # Errors
/// [`Error::Database`], [`Error::Seal`], [`Error::Row`].
pub async fn known<'e, E>(database: E, keys: &Keys, attempt: &Attempt) -> Result<Known, Error>
where
    E: sqlx::Executor<'e, Database = sqlx::Any>,
{
    let select = sqlx::query("SELECT body, outcome FROM attempt WHERE id = $1").bind(attempt.id.0.as_slice());
    let Some(row) = select.fetch_optional(database).await? else { return Ok(Known::New) };
    if row.try_get::<&[u8], _>(0)? != attempt.body {
        return Ok(Known::OtherBody);
    }
    let Some(sealed) = row.try_get::<Option<&[u8]>, _>(1)? else { return Ok(Known::Open) };
    let json = keys.open(&place(&attempt.id), sealed)?;
    Ok(Known::Ended(serde_json::from_slice(&json).map_err(|_| Error::Row("outcome"))?))
}

/// Notes an attempt with the number that it reserved, and which gateway evaluates it; none if it found the name locked.
///
/// # Errors
/// [`Error::Database`].
pub async fn note(
    write: &mut Write,
    gateway: &str,
    attempt: &Attempt,
    seq: Option<i64>,
    now: i64,
) -> Result<(), Error> {
    sqlx::query("INSERT INTO attempt (id, body, guard, gateway, seq, created) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(attempt.id.0.as_slice())
        .bind(attempt.body.as_slice())
        .bind(attempt.guard.as_slice())
        .bind(gateway)
        .bind(seq)
        .bind(now)
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// Notes how it ended, once.
///
/// # Errors
/// [`Error::Database`], [`Error::Seal`], [`Error::Row`] if it has ended already: what was to follow from this end must be rolled back.
pub async fn end(write: &mut Write, keys: &Keys, id: &AttemptId, outcome: &Outcome) -> Result<(), Error> {
    match try_end(write, keys, id, outcome).await? {
        true => Ok(()),
        false => Err(Error::Row("second outcome of an attempt")),
    }
}

async fn try_end(write: &mut Write, keys: &Keys, id: &AttemptId, outcome: &Outcome) -> Result<bool, Error> {
    let json = zeroize::Zeroizing::new(serde_json::to_vec(outcome).map_err(|_| Error::Row("outcome"))?);
    let sealed = keys.seal(&place(id), &json)?;
    let done = sqlx::query(exact(END)).bind(id.0.as_slice()).bind(sealed).execute(&mut **write).await?;
    Ok(done.rows_affected() == 1)
}

/// Which attempts without an outcome nobody evaluates any more.
#[derive(Debug, Clone, Copy)]
pub enum Abandoned<'a> {
    /// All of this gateway: its process has just begun.
    Of(&'a str),
    /// Anybody's that began by this time, seconds since 1970 UTC.
    Since(i64),
}

/// Closes what a dead process left open, or a database that failed: whether it was right will never be known, so it counts as wrong.
/// One transaction for each, so that nobody waits for a second name while holding a first.
///
/// # Errors
/// [`Error::Database`], [`Error::Seal`].
pub async fn close_abandoned(
    database: &Database,
    keys: &Keys,
    gateway: &str,
    which: Abandoned<'_>,
    now: i64,
) -> Result<(), Error> {
    let select = match which {
        Abandoned::Of(_) => "SELECT id, guard, seq FROM attempt WHERE outcome IS NULL AND gateway IN ($1, '')",
        Abandoned::Since(_) => "SELECT id, guard, seq FROM attempt WHERE outcome IS NULL AND created <= $1",
    };
    let query = match which {
        Abandoned::Of(gateway) => sqlx::query(select).bind(gateway.to_owned()),
        Abandoned::Since(time) => sqlx::query(select).bind(time),
    };
    for row in &query.fetch_all(database.read()).await? {
        retry(|| close(database, keys, gateway, row, now)).await?;
    }
    Ok(())
}

async fn close(database: &Database, keys: &Keys, gateway: &str, row: &AnyRow, now: i64) -> Result<(), Error> {
    let broken = |_| Error::Row("attempt");
    let id = AttemptId(row.try_get::<&[u8], _>(0)?.try_into().map_err(broken)?);
    let key: [u8; 32] = row.try_get::<&[u8], _>(1)?.try_into().map_err(broken)?;
    let mut write = database.write().await?;
    let Some(seq) = row.try_get::<Option<i64>, _>(2)? else {
        end(&mut write, keys, &id, &Outcome::Locked).await?;
        return write.commit().await;
    };
    let failed = guard::fail(&mut write, &key, seq).await?;
    let outcome =
        if failed.locked { Outcome::Locked } else { Outcome::Refused { attempts_left: failed.attempts_left } };
    // Its own gateway, or another that cleans up, was faster: nothing of this was.
    if !try_end(&mut write, keys, &id, &outcome).await? {
        return write.rollback().await;
    }
    let (subject, attempt, lock) = subject(&mut write, keys, &key).await?;
    let record = Record { event: attempt, subject: &subject, actor: "gateway", network: None, detail: "abandoned" };
    audit::append(&mut write, gateway, now, &record).await?;
    if failed.just_locked {
        audit::append(&mut write, gateway, now, &Record { event: lock, detail: "", ..record }).await?;
    }
    write.commit().await
}

/// Who the audit names for a guard row: the account that it belongs to, so that the desk finds it, or the hash of a name nobody owns.
/// And how it calls an attempt and a lock: staff are no members.
async fn subject(write: &mut Write, keys: &Keys, guard: &[u8; 32]) -> Result<(String, Event, Event), Error> {
    for row in sqlx::query("SELECT username FROM staff").fetch_all(&mut **write).await? {
        let username: String = row.try_get(0)?;
        if keys.guard(&staff::guard_name(&username)) == *guard {
            return Ok((username, Event::StaffAttempt, Event::StaffLock));
        }
    }
    for row in sqlx::query("SELECT username FROM account").fetch_all(&mut **write).await? {
        let username: String = row.try_get(0)?;
        if keys.guard(&username) == *guard {
            return Ok((username, Event::Attempt, Event::Lock));
        }
    }
    Ok((audit::nobody(guard), Event::Attempt, Event::Lock))
}

/// Forgets attempts that nobody repeats any more.
///
/// # Errors
/// [`Error::Database`].
pub async fn forget_old(write: &mut Write, now: i64) -> Result<(), Error> {
    sqlx::query("DELETE FROM attempt WHERE created < $1").bind(now - MEMORY).execute(&mut **write).await?;
    Ok(())
}

/// A sealed outcome cannot be moved to another attempt.
pub fn place(id: &AttemptId) -> String {
    format!("attempt {}", data_encoding::HEXLOWER.encode(&id.0))
}
