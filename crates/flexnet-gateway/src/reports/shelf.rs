//! The reports that are kept, as whoever works at the desk asks for them: found by number or Prüfcode, listed, opened, deleted. Opening and deleting are rows of the audit.

use flexnet_protocol::report::CheckCode;
use serde::Serialize;
use sqlx::{AnyPool, Row as _, any::AnyRow};

use super::{
    Opened, envelope, fingerprint,
    keep::{give_back, hold},
    place,
};
use crate::{
    acts::Hand,
    audit::Event,
    db::{Database, Write, exact, retry},
    error::Error,
};

/// What is known of a report without opening it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Place in the order in which they came.
    #[serde(skip)]
    pub id: i64,
    /// Five digits.
    pub number: String,
    /// To read aloud.
    pub check_code: String,
    /// Code of its first fault; empty if there is none.
    pub verdict: String,
    /// When it came, seconds since 1970 UTC.
    pub received: i64,
    /// When it goes, seconds since 1970 UTC.
    pub until: i64,
    /// Bytes.
    pub size: i64,
    /// Of the installation's key.
    pub key: String,
}

/// A report that was opened.
#[derive(Debug)]
pub struct Found {
    /// What the list says of it.
    pub listed: Listed,
    /// What stands in it, with its signature.
    pub report: Opened,
}

/// By what a report is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Its number.
    Number(i64),
    /// What is read aloud of it. Thirty-one bits: another may have the same.
    Code(CheckCode),
}

const COLUMNS: &str = "id, number, code, verdict, received, until, size, key";

/// A report by its number.
const DELETE: &str = "DELETE FROM report WHERE number = $1 RETURNING size";

/// The newest before the row of this id, `most` of them.
///
/// # Errors
/// [`Error::Database`].
pub async fn list(read: &AnyPool, before: Option<i64>, most: i64, now: i64) -> Result<Vec<Listed>, Error> {
    let select = format!("SELECT {COLUMNS} FROM report WHERE until > $1 AND id < $2 ORDER BY id DESC LIMIT $3");
    let select = sqlx::query(sqlx::AssertSqlSafe(select)).bind(now).bind(before.unwrap_or(i64::MAX)).bind(most);
    select.fetch_all(read).await?.iter().map(listed).collect()
}

/// Those that are meant, the newest first, ten at the most.
///
/// # Errors
/// [`Error::Database`].
pub async fn find(read: &AnyPool, wanted: Wanted, now: i64) -> Result<Vec<Listed>, Error> {
    let (number, code) = match wanted {
        Wanted::Number(number) => (number, String::new()),
        Wanted::Code(code) => (0, code.to_string()),
    };
    let select = format!(
        "SELECT {COLUMNS} FROM report WHERE (number = $1 OR code = $2) AND until > $3 ORDER BY id DESC LIMIT 10"
    );
    let select = sqlx::query(sqlx::AssertSqlSafe(select)).bind(number).bind(code).bind(now);
    select.fetch_all(read).await?.iter().map(listed).collect()
}

/// Opens a report; the audit says who did.
///
/// # Errors
/// [`Error::Unknown`], [`Error::Seal`], [`Error::Database`].
pub async fn show(database: &Database, hand: Hand<'_>, number: i64) -> Result<Found, Error> {
    let select = format!("SELECT {COLUMNS}, hash, body FROM report WHERE number = $1 AND until > $2");
    let select = sqlx::query(sqlx::AssertSqlSafe(select)).bind(number).bind(hand.now);
    let row = select.fetch_optional(database.read()).await?.ok_or_else(|| unknown(number))?;
    let (hash, sealed): (Vec<u8>, Vec<u8>) = (row.try_get(8)?, row.try_get(9)?);
    let bytes = hand.keys.open(&place(&hash), &sealed)?;
    let report = envelope::open(&bytes).map_err(|_| Error::Row("report"))?;
    let found = Found { listed: listed(&row)?, report };
    retry(async || {
        let mut write = database.write().await?;
        hand.note(&mut write, Event::ReportShown, &found.listed.number, "").await?;
        write.commit().await
    })
    .await?;
    Ok(found)
}

/// Deletes a report.
///
/// # Errors
/// [`Error::Unknown`], [`Error::Database`], [`Error::Seal`].
pub async fn delete(write: &mut Write, hand: Hand<'_>, number: i64) -> Result<(), Error> {
    hold(write).await?;
    let row = sqlx::query(exact(DELETE)).bind(number).fetch_optional(&mut **write).await?;
    let size = row.ok_or_else(|| unknown(number))?.try_get(0)?;
    give_back(write, &[size]).await?;
    hand.note(write, Event::ReportDeleted, &number.to_string(), "").await?;
    Ok(())
}

/// Since when the reports that are kept know this key, seconds since 1970 UTC.
///
/// # Errors
/// [`Error::Database`].
pub async fn known_since(read: &AnyPool, key: &[u8], now: i64) -> Result<Option<i64>, Error> {
    let select = sqlx::query("SELECT min(received) FROM report WHERE key = $1 AND until > $2");
    Ok(select.bind(key).bind(now).fetch_one(read).await?.try_get(0)?)
}

fn listed(row: &AnyRow) -> Result<Listed, Error> {
    Ok(Listed {
        id: row.try_get(0)?,
        number: row.try_get::<i64, _>(1)?.to_string(),
        check_code: row.try_get(2)?,
        verdict: row.try_get(3)?,
        received: row.try_get(4)?,
        until: row.try_get(5)?,
        size: row.try_get(6)?,
        key: fingerprint(&row.try_get::<Vec<u8>, _>(7)?),
    })
}

fn unknown(number: i64) -> Error {
    Error::Unknown(format!("report {number} that is kept"))
}
