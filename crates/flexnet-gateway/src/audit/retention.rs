//! What is old goes, a small batch at a time: first the personal fields of members' rows, later whole rows from the beginning of the chain.
//! The chain still verifies: a blanked row keeps its hash and bears a keyed mark, and the sealed head knows up to which row the chain was cut.

use sqlx::{AnyConnection, AssertSqlSafe};

use super::{
    Sealer,
    event::Event,
    head::Head,
    row::{COLUMNS, Stored},
};
use crate::error::Error;

/// Rows that are looked at in one transaction.
pub const BATCH: i64 = 500;
/// Row of the table of settings: up to which number members' rows have been blanked.
const BLANKED: &str = "audit_blanked";

/// Blanks the next batch of members' rows from before `limit`; whether there may be more.
///
/// # Errors
/// [`Error::Database`].
pub async fn blank_old(connection: &mut AnyConnection, sealer: &Sealer, limit: i64) -> Result<bool, Error> {
    let blanked = sqlx::query_scalar::<_, String>("SELECT value FROM setting WHERE name = $1").bind(BLANKED);
    let blanked: i64 = blanked.fetch_optional(&mut *connection).await?.and_then(|n| n.parse().ok()).unwrap_or(0);
    let old = batch(connection, blanked, limit).await?;
    let Some(last) = old.last().map(|stored| stored.row.number) else { return Ok(false) };
    for stored in old.iter().filter(|stored| Event::is_of_members(&stored.row.event)) {
        if stored.row.subject.is_some() {
            stored.blank(connection, sealer).await?;
        }
    }
    // Of two gateways that come here together the slower may put this back a little: then some rows are looked at twice.
    let note = "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2";
    sqlx::query(note).bind(BLANKED).bind(last.to_string()).execute(connection).await?;
    Ok(i64::try_from(old.len()) == Ok(BATCH))
}

/// Deletes the next batch of rows from before `limit`; whether there may be more. Ends the transaction's use of the head: nothing else may append before it.
///
/// # Errors
/// [`Error::Database`], [`Error::Audit`] if the end was changed from outside: then nothing more is deleted.
pub async fn cut_old(connection: &mut AnyConnection, sealer: &Sealer, limit: i64) -> Result<bool, Error> {
    let mut head = Head::take(connection, sealer).await?;
    let mut old = batch(connection, head.cut, limit).await?;
    // The last row stays: a chain has an end that can be looked at.
    old.retain(|stored| stored.row.number < head.number);
    // A row that is broken stays as evidence, and all after it.
    let mut hash = head.cut_hash;
    let mut cut = head.cut;
    for stored in &old {
        match stored.check(&hash, sealer) {
            Ok(next) if stored.row.number == cut + 1 => (hash, cut) = (next, stored.row.number),
            Ok(_) | Err(_) => break,
        }
    }
    if cut == head.cut {
        return Ok(false);
    }
    sqlx::query("DELETE FROM audit WHERE number <= $1").bind(cut).execute(&mut *connection).await?;
    (head.cut, head.cut_hash) = (cut, hash);
    head.write(connection, sealer).await?;
    Ok(i64::try_from(old.len()) == Ok(BATCH))
}

/// Takes the personal fields of all rows about a name away; how many.
///
/// # Errors
/// [`Error::Database`].
pub async fn blank_subject(connection: &mut AnyConnection, sealer: &Sealer, subject: &str) -> Result<u64, Error> {
    let select = AssertSqlSafe(format!("SELECT {COLUMNS} FROM audit WHERE subject = $1 ORDER BY number"));
    let rows = sqlx::query(select).bind(subject).fetch_all(&mut *connection).await?;
    let mut blanked = 0;
    for row in &rows {
        blanked += u64::from(Stored::from_row(row)?.blank(connection, sealer).await?);
    }
    Ok(blanked)
}

/// The rows after `number`, up to the first that is not older than `limit`.
async fn batch(connection: &mut AnyConnection, number: i64, limit: i64) -> Result<Vec<Stored>, Error> {
    let select = AssertSqlSafe(format!("SELECT {COLUMNS} FROM audit WHERE number > $1 ORDER BY number LIMIT $2"));
    let rows = sqlx::query(select).bind(number).bind(BATCH).fetch_all(connection).await?;
    let stored: Vec<Stored> = rows.iter().map(Stored::from_row).collect::<Result<_, _>>()?;
    Ok(stored.into_iter().take_while(|stored| stored.row.at < limit).collect())
}
