//! The audit: one row per evaluated attempt, lock, unlock, token change, session start and end, admin act. Each row's hash covers the row before it.
//! Personal fields enter the hash as a salted commitment, so that they can be erased and the chain still holds. Never holds a secret;
//! names nobody owns are written as a keyed hash only, because people type passwords there.

use data_encoding::HEXLOWER;
use serde::Serialize;
use sqlx::{AnyPool, Row as _};

use crate::{
    db::Write,
    error::Error,
    seal::{random, sha256},
};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// An attempt was evaluated. The detail says how it ended.
    Attempt,
    /// The fifth wrong entry.
    Lock,
    /// The desk opened an access.
    Unlock,
    /// A token was given out.
    TokenAdded,
    /// A token was reported lost.
    TokenLost,
    /// A session began.
    SessionStarted,
    /// A session's idle end was put off by its member.
    SessionExtended,
    /// A session got other keys.
    SessionResumed,
    /// A session ended. The detail says why.
    SessionEnded,
    /// An account was added.
    AccountAdded,
    /// The desk gave an account a new password.
    PasswordChanged,
    /// An account was switched off.
    AccountDisabled,
    /// An account was switched on again.
    AccountEnabled,
}

impl Event {
    /// As in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Attempt => "attempt",
            Self::Lock => "lock",
            Self::Unlock => "unlock",
            Self::TokenAdded => "token_added",
            Self::TokenLost => "token_lost",
            Self::SessionStarted => "session_started",
            Self::SessionExtended => "session_extended",
            Self::SessionResumed => "session_resumed",
            Self::SessionEnded => "session_ended",
            Self::AccountAdded => "account_added",
            Self::PasswordChanged => "password_changed",
            Self::AccountDisabled => "account_disabled",
            Self::AccountEnabled => "account_enabled",
        }
    }
}

/// A row to be.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// What happened.
    pub event: Event,
    /// Whose access: the account's name, or [`nobody`].
    pub subject: &'a str,
    /// Who did it: `member`, `gateway`, or the administrator's login name.
    pub actor: &'a str,
    /// Network prefix of a member's request.
    pub network: Option<&'a str>,
    /// More, in English.
    pub detail: &'a str,
}

/// A row as it is.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// From 1, without a gap.
    pub number: i64,
    /// Which gateway wrote it.
    pub gateway: String,
    /// Seconds since 1970 UTC.
    pub at: i64,
    /// [`Event::name`].
    pub event: String,
    /// Whose access; none if erased.
    pub subject: Option<String>,
    /// Who did it.
    pub actor: String,
    /// Network prefix of a member's request; none if erased.
    pub network: Option<String>,
    /// More, in English.
    pub detail: String,
    /// Hash of this row and of the row before it, hexadecimal.
    pub hash: String,
}

/// How a name that nobody owns is written.
pub fn nobody(key: &[u8; 32]) -> String {
    format!("#{}", HEXLOWER.encode(key.get(..8).unwrap_or(key)))
}

/// Appends a row.
///
/// # Errors
/// [`Error::Database`], [`Error::Seal`].
pub async fn append(write: &mut Write, gateway: &str, at: i64, record: &Record<'_>) -> Result<(), Error> {
    let last = sqlx::query("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1");
    let (number, previous) = match last.fetch_optional(&mut **write).await? {
        Some(row) => (row.try_get::<i64, _>(0)? + 1, row.try_get::<Vec<u8>, _>(1)?),
        None => (1, vec![0; 32]),
    };
    let Record { event, subject, actor, network, detail } = *record;
    let salt = random::<16>()?;
    let commitment = sha256(&[&fields(&[&salt, subject.as_bytes(), network.unwrap_or_default().as_bytes()])]);
    let hash = link(&previous, number, at, &[gateway, event.name(), actor, detail], &commitment);
    let insert = "INSERT INTO audit (number, gateway, at, event, subject, actor, network, detail, salt, commitment, previous, hash) \
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    sqlx::query(insert)
        .bind(number)
        .bind(gateway)
        .bind(at)
        .bind(event.name())
        .bind(subject)
        .bind(actor)
        .bind(network)
        .bind(detail)
        .bind(salt.as_slice())
        .bind(commitment.as_slice())
        .bind(previous)
        .bind(hash.as_slice())
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// The last rows, oldest first; all of one name, or of everybody.
///
/// # Errors
/// [`Error::Database`].
pub async fn last(read: &AnyPool, subject: Option<&str>, limit: u32) -> Result<Vec<Row>, Error> {
    let select = "SELECT number, gateway, at, event, subject, actor, network, detail, hash FROM audit \
                  WHERE $1 IS NULL OR subject = $1 ORDER BY number DESC LIMIT $2";
    let rows = sqlx::query(select).bind(subject).bind(i64::from(limit)).fetch_all(read).await?;
    let row = |row: &sqlx::any::AnyRow| -> Result<Row, sqlx::Error> {
        Ok(Row {
            number: row.try_get(0)?,
            gateway: row.try_get(1)?,
            at: row.try_get(2)?,
            event: row.try_get(3)?,
            subject: row.try_get(4)?,
            actor: row.try_get(5)?,
            network: row.try_get(6)?,
            detail: row.try_get(7)?,
            hash: HEXLOWER.encode(row.try_get::<&[u8], _>(8)?),
        })
    };
    Ok(rows.iter().rev().map(row).collect::<Result<_, _>>()?)
}

/// Time of the last row; 0 if there is none.
///
/// # Errors
/// [`Error::Database`].
pub async fn latest(read: &AnyPool) -> Result<i64, Error> {
    Ok(sqlx::query("SELECT coalesce(max(at), 0) FROM audit").fetch_one(read).await?.try_get(0)?)
}

fn link(previous: &[u8], number: i64, at: i64, words: &[&str], commitment: &[u8; 32]) -> [u8; 32] {
    let words: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
    sha256(&[previous, &number.to_be_bytes(), &at.to_be_bytes(), &fields(&words), commitment])
}

/// Fields with their lengths before them: no two lists become the same bytes.
fn fields(fields: &[&[u8]]) -> Vec<u8> {
    let with_length = |field: &&[u8]| [&u64::try_from(field.len()).unwrap_or(u64::MAX).to_be_bytes(), *field].concat();
    fields.iter().flat_map(with_length).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Database;

    #[tokio::test]
    async fn rows_are_chained() {
        let dir = tempfile::tempdir().unwrap();
        let database = Database::create(&dir.path().join("db")).await.unwrap();
        let mut write = database.write().await.unwrap();
        let record =
            Record { event: Event::Attempt, subject: "a", actor: "member", network: None, detail: "wrong TAN" };
        for _ in 0..3 {
            append(&mut write, "gw", 7, &record).await.unwrap();
        }
        let select = "SELECT number, at, commitment, previous, hash FROM audit ORDER BY number";
        let rows = sqlx::query(select).fetch_all(&mut *write).await.unwrap();
        let mut previous = vec![0; 32];
        for (row, number) in rows.iter().zip(1..) {
            assert_eq!(row.get::<Vec<u8>, _>("previous"), previous);
            let commitment: [u8; 32] = row.get::<Vec<u8>, _>("commitment").try_into().unwrap();
            let hash = link(&previous, number, 7, &["gw", "attempt", "member", "wrong TAN"], &commitment);
            assert_eq!(row.get::<Vec<u8>, _>("hash"), hash);
            previous = hash.to_vec();
        }
        assert_eq!(rows.len(), 3);
    }

    #[test]
    fn moving_a_letter_between_fields_changes_the_bytes() {
        assert_ne!(fields(&[b"ab", b"c"]), fields(&[b"a", b"bc"]));
    }
}
