//! Gives a report its place and its number, for thirty days. How many places there are is decided in one statement, so that two that come for the last one do not both get it.

use flexnet_protocol::report::{DAYS_KEPT, Kept};
use sqlx::{AnyConnection, Row as _};

use super::{Opened, place};
use crate::{
    db::{Database, Write, exact, retry},
    error::Error,
    seal::{Keys, random},
};

const DAY: i64 = 24 * 3600;
/// Numbers have five digits, the first is none that is left out when read aloud.
const FIRST_NUMBER: u32 = 10_000;
const NUMBERS: u32 = 90_000;
/// Tries to find a free number. At most half of them are taken.
const TRIES: usize = 64;

/// How much may be kept.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// Reports.
    pub reports: i64,
    /// Bytes of them.
    pub bytes: i64,
}

/// What became of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keeping {
    /// It is kept, or was already.
    Kept(Kept),
    /// All places are taken, by reports whose time is not over.
    Full,
    /// The same text is kept with the signature of another installation.
    OtherKey,
}

/// A place, if there is one.
const TAKE: &str =
    "UPDATE report_room SET reports = reports + 1, bytes = bytes + $1 WHERE reports < $2 AND bytes + $1 <= $3";

/// Those whose time is over.
const FORGET: &str = "DELETE FROM report WHERE until <= $1 RETURNING size";

/// Keeps a genuine report. The same one again has the number that it has, also when there is no room.
///
/// # Errors
/// [`Error::Database`], [`Error::Seal`].
pub async fn keep(database: &Database, keys: &Keys, room: Room, report: &Opened, now: i64) -> Result<Keeping, Error> {
    let mut read = database.read().acquire().await?;
    if let Some(known) = known(&mut read, report, now).await? {
        return Ok(known);
    }
    drop(read);
    retry(async || {
        let mut write = database.write().await?;
        let keeping = keep_in(&mut write, keys, room, report, now).await?;
        write.commit().await?;
        Ok(keeping)
    })
    .await
}

/// The same in a transaction of the caller's.
pub async fn keep_in(write: &mut Write, keys: &Keys, room: Room, report: &Opened, now: i64) -> Result<Keeping, Error> {
    forget_old(write, now).await?;
    // It may have come twice at once.
    if let Some(known) = known(write, report, now).await? {
        return Ok(known);
    }
    let body = serde_json::to_vec(&report.envelope).map_err(|_| Error::Row("report"))?;
    let size = i64::try_from(body.len()).unwrap_or(i64::MAX);
    let take = sqlx::query(exact(TAKE)).bind(size).bind(room.reports).bind(room.bytes);
    if take.execute(&mut **write).await?.rows_affected() == 0 {
        return Ok(Keeping::Full);
    }
    let sealed = keys.seal(&place(&report.hash), &body)?;
    let until = now + i64::from(DAYS_KEPT) * DAY;
    let verdict = report.head.verdict.first.as_ref().map(|finding| finding.code.to_string()).unwrap_or_default();
    for _ in 0..TRIES {
        let number = i64::from(FIRST_NUMBER + u32::from_be_bytes(random()?) % NUMBERS);
        let insert = "INSERT INTO report (hash, number, code, key, verdict, received, until, size, body) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (number) DO NOTHING";
        let insert = sqlx::query(insert)
            .bind(report.hash.as_slice())
            .bind(number)
            .bind(report.check_code().to_string())
            .bind(report.key.as_slice())
            .bind(&verdict)
            .bind(now)
            .bind(until)
            .bind(size)
            .bind(sealed.as_slice());
        if insert.execute(&mut **write).await?.rows_affected() == 1 {
            return Ok(Keeping::Kept(Kept { number: number.to_string(), until }));
        }
    }
    Err(Error::Taken("a report under each number that was tried".into()))
}

/// Deletes those whose time is over. On PostgreSQL the others wait until this is committed.
///
/// # Errors
/// [`Error::Database`].
pub async fn forget_old(write: &mut Write, now: i64) -> Result<(), Error> {
    hold(write).await?;
    let rows = sqlx::query(exact(FORGET)).bind(now).fetch_all(&mut **write).await?;
    let sizes = rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<i64>, _>>()?;
    give_back(write, &sizes).await
}

/// Takes the row of the room: before any row of a report, so that nobody waits in a circle.
pub(super) async fn hold(write: &mut Write) -> Result<(), Error> {
    let hold = "UPDATE report_room SET reports = reports";
    sqlx::query(hold).execute(&mut **write).await?;
    Ok(())
}

/// So many bytes of each that was deleted.
pub(super) async fn give_back(write: &mut Write, sizes: &[i64]) -> Result<(), Error> {
    if sizes.is_empty() {
        return Ok(());
    }
    let count = i64::try_from(sizes.len()).unwrap_or(i64::MAX);
    let give = "UPDATE report_room SET reports = reports - $1, bytes = bytes - $2";
    sqlx::query(give).bind(count).bind(sizes.iter().sum::<i64>()).execute(&mut **write).await?;
    Ok(())
}

/// What became of this text before.
async fn known(read: &mut AnyConnection, report: &Opened, now: i64) -> Result<Option<Keeping>, Error> {
    let select = sqlx::query("SELECT number, until, key FROM report WHERE hash = $1 AND until > $2");
    let Some(row) = select.bind(report.hash.as_slice()).bind(now).fetch_optional(read).await? else { return Ok(None) };
    let kept = Kept { number: row.try_get::<i64, _>(0)?.to_string(), until: row.try_get(1)? };
    let same = row.try_get::<Vec<u8>, _>(2)? == report.key;
    Ok(Some(if same { Keeping::Kept(kept) } else { Keeping::OtherKey }))
}
