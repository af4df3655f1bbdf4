//! The audit: one row per evaluated attempt, lock, unlock, token change, session start and end, admin act. Each row's hash covers the row before it.
//! Never holds a secret; names nobody owns are written as a keyed hash only, because people type passwords there.
//! Next: `row` is the arithmetic, `head` the sealed end, `verify` finds what was changed, `retention` lets go what is old.

mod event;
mod head;
pub mod retention;
mod row;
#[cfg(test)]
mod tests;
mod verify;

use data_encoding::HEXLOWER;
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, Row as _};

use crate::{db::Write, error::Error};
pub use event::Event;
use head::Head;
pub use head::Sealer;
use row::{COLUMNS, NOTHING, Stored};
pub use row::{Record, Row};
pub use verify::{Anchor, Broken, Sound, verify};

/// How a name that nobody owns is written.
pub fn nobody(key: &[u8; 32]) -> String {
    format!("#{}", HEXLOWER.encode(key.get(..8).unwrap_or(key)))
}

/// Appends a row. Takes the end of the audit until the transaction is over, so it comes last wherever possible.
///
/// # Errors
/// [`Error::Database`], [`Error::Seal`]; [`Error::Audit`] if the end was changed from outside.
pub async fn append(write: &mut Write, gateway: &str, at: i64, record: &Record<'_>) -> Result<(), Error> {
    append_with_note(write, gateway, at, record, None).await
}

/// Appends several rows, in this order.
///
/// # Errors
/// As [`append`].
pub async fn append_all(write: &mut Write, gateway: &str, at: i64, records: &[Record<'_>]) -> Result<(), Error> {
    let sealer = write.sealer()?;
    let mut head = Head::take(write, &sealer).await?;
    for record in records {
        head.add(write, gateway, at, record, None).await?;
    }
    head.write(write, &sealer).await
}

/// Appends a row with words that somebody wrote: like name and network they go when a person is erased.
///
/// # Errors
/// As [`append`].
pub async fn append_with_note(
    write: &mut Write,
    gateway: &str,
    at: i64,
    record: &Record<'_>,
    note: Option<&str>,
) -> Result<(), Error> {
    let sealer = write.sealer()?;
    let mut head = Head::take(write, &sealer).await?;
    head.add(write, gateway, at, record, note).await?;
    head.write(write, &sealer).await
}

/// Seals the present end of the chain, wherever it is, whatever is wrong with it: for a database that had no sealed end yet.
///
/// # Errors
/// [`Error::Database`], [`Error::Row`].
pub async fn seal_end(write: &mut Write) -> Result<(), Error> {
    let sealer = write.sealer()?;
    let last =
        sqlx::query("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1").fetch_optional(&mut **write).await?;
    let (number, hash) = match last {
        Some(row) => (row.try_get(0)?, row.try_get::<Vec<u8>, _>(1)?.try_into().map_err(|_| Error::Row("audit row"))?),
        None => (0, NOTHING),
    };
    let known = Head::read(write, &sealer).await?;
    let (cut, cut_hash) = known.map_or((0, NOTHING), |(head, _)| (head.cut, head.cut_hash));
    Head { number: number.max(cut), hash: if number < cut { cut_hash } else { hash }, cut, cut_hash }
        .write(write, &sealer)
        .await
}

/// Seals the present end of a chain that is broken; what is wrong with it. If it is sound, nothing is, and nothing is sealed. Nobody else seals or appends
/// until this transaction is over, so what was found is what is sealed over.
///
/// # Errors
/// [`Error::Database`], [`Error::Row`].
pub async fn reseal(write: &mut Write) -> Result<Option<Broken>, Error> {
    let sealer = write.sealer()?;
    let found = match Head::hold(write).await? {
        true => verify(write, &sealer, &[]).await?.err(),
        false => Some(Broken::NoHead),
    };
    if found.is_some() {
        seal_end(write).await?;
    }
    Ok(found)
}

/// The present end, to be kept elsewhere.
///
/// # Errors
/// [`Error::Database`]; [`Error::Audit`] if it is missing or its seal is wrong: then it is worth nothing.
pub async fn end(write: &mut Write) -> Result<Anchor, Error> {
    let sealer = write.sealer()?;
    sealed_end(write, &sealer).await
}

/// Whether rows can be appended: the end is there, and its seal is right. One small question; whether the whole chain is sound is [`verify`]'s.
///
/// # Errors
/// [`Error::Audit`] if not: nothing that must be written down can be done. [`Error::Database`], [`Error::Row`].
pub async fn stands(read: &AnyPool, sealer: &Sealer) -> Result<(), Error> {
    let mut read = read.acquire().await?;
    sealed_end(&mut read, sealer).await.map(drop)
}

async fn sealed_end(connection: &mut AnyConnection, sealer: &Sealer) -> Result<Anchor, Error> {
    match Head::read(connection, sealer).await? {
        Some((head, true)) => Ok(Anchor { number: head.number, hash: head.hash }),
        Some((_, false)) => Err(Error::Audit("its end was changed from outside")),
        None => Err(Error::Audit("its end is missing")),
    }
}

/// Takes the personal fields of all rows about a name away; how many rows. The chain still verifies.
///
/// # Errors
/// [`Error::Database`].
pub async fn blank_subject(write: &mut Write, subject: &str) -> Result<u64, Error> {
    let sealer = write.sealer()?;
    retention::blank_subject(write, &sealer, subject).await
}

/// Rows by their numbers, in that order.
///
/// # Errors
/// [`Error::Database`].
pub async fn numbered(read: &AnyPool, numbers: &[i64]) -> Result<Vec<Row>, Error> {
    let select = format!("SELECT {COLUMNS} FROM audit WHERE number = $1");
    let mut rows = Vec::new();
    for number in numbers {
        let row = sqlx::query(AssertSqlSafe(select.clone())).bind(number).fetch_optional(read).await?;
        rows.extend(row.map(|row| Stored::from_row(&row)).transpose()?.map(|stored| stored.row));
    }
    Ok(rows)
}

/// The last rows, oldest first; all of one name, or of everybody.
///
/// # Errors
/// [`Error::Database`].
pub async fn last(read: &AnyPool, subject: Option<&str>, limit: u32) -> Result<Vec<Row>, Error> {
    let select = format!("SELECT {COLUMNS} FROM audit WHERE $1 IS NULL OR subject = $1 ORDER BY number DESC LIMIT $2");
    let rows = sqlx::query(AssertSqlSafe(select)).bind(subject).bind(i64::from(limit)).fetch_all(read).await?;
    rows.iter().rev().map(|row| Stored::from_row(row).map(|stored| stored.row)).collect()
}

/// Row of the table of settings: rows up to this number have times that a wrong clock wrote.
pub const CLOCK_ACCEPTED: &str = "clock_accepted";

/// Row of the table of settings: when somebody said so, seconds since 1970 UTC.
const CLOCK_ACCEPTED_AT: &str = "clock_accepted_at";

/// Declares the times of all rows void that are there now.
///
/// # Errors
/// [`Error::Database`].
pub async fn accept_clock(write: &mut Write, now: i64) -> Result<(), Error> {
    let number =
        sqlx::query_scalar::<_, i64>("SELECT coalesce(max(number), 0) FROM audit").fetch_one(&mut **write).await?;
    let upsert = "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2";
    for (name, value) in [(CLOCK_ACCEPTED, number), (CLOCK_ACCEPTED_AT, now)] {
        sqlx::query(upsert).bind(name).bind(value.to_string()).execute(&mut **write).await?;
    }
    Ok(())
}

/// When somebody last declared times void; 0 if nobody did.
///
/// # Errors
/// [`Error::Database`].
pub async fn clock_accepted(read: &AnyPool) -> Result<i64, Error> {
    let select = sqlx::query_scalar::<_, String>("SELECT value FROM setting WHERE name = $1").bind(CLOCK_ACCEPTED_AT);
    Ok(select.fetch_optional(read).await?.and_then(|at| at.parse().ok()).unwrap_or(0))
}

/// Time of the latest row that counts; 0 if there is none.
///
/// # Errors
/// [`Error::Database`].
pub async fn latest<'e>(read: impl sqlx::Executor<'e, Database = sqlx::Any>) -> Result<i64, Error> {
    let select = "SELECT coalesce(max(at), 0) FROM audit \
                  WHERE number > coalesce((SELECT CAST(value AS BIGINT) FROM setting WHERE name = $1), 0)";
    Ok(sqlx::query(select).bind(CLOCK_ACCEPTED).fetch_one(read).await?.try_get(0)?)
}

/// Time of the latest row, also of those that were declared void; 0 if there is none.
///
/// # Errors
/// [`Error::Database`].
pub async fn latest_row(write: &mut Write) -> Result<i64, Error> {
    Ok(sqlx::query("SELECT coalesce(max(at), 0) FROM audit").fetch_one(&mut **write).await?.try_get(0)?)
}
