//! How sessions end: by whom, for what reason, and the row in the audit that each end has. Whoever waits is told with the commit.

use flexnet_protocol::gateway::EndReason;
use sqlx::{AnyPool, AssertSqlSafe, Row as _};

use crate::{
    audit::{self, Event, Record},
    db::{News, Write, exact},
    error::Error,
};

// A session ends once: the first reason is the one that its member is told.
const NAMED: &str =
    "UPDATE session SET ended = $1, end_reason = $2 WHERE ended IS NULL AND name = $3 RETURNING name, account";
const OF: &str =
    "UPDATE session SET ended = $1, end_reason = $2 WHERE ended IS NULL AND account = $3 RETURNING name, account";
const ABSOLUTE: &str =
    "UPDATE session SET ended = $1, end_reason = $2 WHERE ended IS NULL AND absolute_end <= $3 RETURNING name, account";
const IDLE: &str = "UPDATE session SET ended = $1, end_reason = $2 \
     WHERE ended IS NULL AND last_active <= $3 AND gateway = $4 RETURNING name, account";
const DEAD: &str =
    "UPDATE session SET ended = $1, end_reason = $2 WHERE ended IS NULL AND last_active <= $3 RETURNING name, account";

/// Which sessions are to end.
#[derive(Debug, Clone, Copy)]
pub enum Which<'a> {
    /// This one.
    Named(&'a str),
    /// The live one of an account.
    Of(i64),
    /// All whose absolute end lies before this time.
    AbsoluteEndBefore(i64),
    /// All of a gateway without inner packets since this time. The gateway sees the packets; what the database knows of them is rough.
    IdleSince(&'a str, i64),
    /// The same of any gateway, if it died over them.
    DeadSince(i64),
}

/// A session that has just been ended.
#[derive(Debug)]
pub struct Ended {
    /// Its public name.
    pub name: String,
    account: i64,
}

impl Ended {
    /// How it ended, as the audit says it.
    pub fn detail(&self, reason: EndReason) -> String {
        format!("{} {}", reason_name(reason), self.name)
    }
}

/// Ends live sessions, each with its row in the audit; their names.
///
/// # Errors
/// [`Error::Database`], [`Error::Seal`].
pub async fn end(
    write: &mut Write,
    gateway: &str,
    which: Which<'_>,
    reason: EndReason,
    actor: &str,
    now: i64,
) -> Result<Vec<String>, Error> {
    let ended = close(write, which, reason, now).await?;
    note_ended(write, gateway, &ended, reason, actor, now).await?;
    Ok(ended.into_iter().map(|ended| ended.name).collect())
}

/// Ends live sessions without their rows in the audit: [`note_ended`] is to follow in the same transaction, behind all other changes.
///
/// # Errors
/// [`Error::Database`].
pub async fn close(write: &mut Write, which: Which<'_>, reason: EndReason, now: i64) -> Result<Vec<Ended>, Error> {
    let update = match which {
        Which::Named(_) => NAMED,
        Which::Of(_) => OF,
        Which::AbsoluteEndBefore(_) => ABSOLUTE,
        Which::IdleSince(..) => IDLE,
        Which::DeadSince(_) => DEAD,
    };
    let query = sqlx::query(exact(update)).bind(now).bind(reason_name(reason));
    let query = match which {
        Which::Named(name) => query.bind(name.to_owned()),
        Which::Of(number) | Which::AbsoluteEndBefore(number) | Which::DeadSince(number) => query.bind(number),
        Which::IdleSince(gateway, since) => query.bind(since).bind(gateway.to_owned()),
    };
    let rows = query.fetch_all(&mut **write).await?;
    let mut ended = Vec::new();
    for row in &rows {
        let session = Ended { name: row.try_get(0)?, account: row.try_get(1)? };
        write.announce(News::Session(session.name.clone()));
        ended.push(session);
    }
    if !ended.is_empty() {
        write.announce(News::Sessions);
    }
    Ok(ended)
}

/// The rows in the audit for sessions that [`close`] has ended.
///
/// # Errors
/// [`Error::Database`], [`Error::Seal`].
pub async fn note_ended(
    write: &mut Write,
    gateway: &str,
    ended: &[Ended],
    reason: EndReason,
    actor: &str,
    now: i64,
) -> Result<(), Error> {
    for session in ended {
        let select = sqlx::query("SELECT username FROM account WHERE id = $1").bind(session.account);
        let subject: String = select.fetch_one(&mut **write).await?.try_get(0)?;
        let detail = session.detail(reason);
        let record = Record { event: Event::SessionEnded, subject: &subject, actor, network: None, detail: &detail };
        audit::append(write, gateway, now, &record).await?;
    }
    Ok(())
}

/// Which of these sessions have been ended, in one question.
///
/// # Errors
/// [`Error::Database`].
pub async fn ended_of(read: &AnyPool, names: &[String]) -> Result<Vec<String>, Error> {
    /// Parameters of one statement.
    const AT_ONCE: usize = 500;
    let mut ended = Vec::new();
    for names in names.chunks(AT_ONCE) {
        let places: Vec<String> = (1..=names.len()).map(|number| format!("${number}")).collect();
        // Nothing but the places of parameters is put together here.
        let select = format!("SELECT name FROM session WHERE ended IS NOT NULL AND name IN ({})", places.join(", "));
        let query = names.iter().fold(sqlx::query(AssertSqlSafe(select)), |query, name| query.bind(name.clone()));
        for row in query.fetch_all(read).await? {
            ended.push(row.try_get(0)?);
        }
    }
    Ok(ended)
}

/// As in JSON and in the database.
pub const fn reason_name(reason: EndReason) -> &'static str {
    match reason {
        EndReason::SignedOut => "signed_out",
        EndReason::Idle => "idle",
        EndReason::Absolute => "absolute",
        EndReason::NewerSignIn => "newer_sign_in",
        EndReason::Desk => "desk",
        EndReason::TokenLost => "token_lost",
    }
}

pub(super) fn reason_of(name: &str) -> Result<EndReason, Error> {
    const ALL: [EndReason; 6] = [
        EndReason::SignedOut,
        EndReason::Idle,
        EndReason::Absolute,
        EndReason::NewerSignIn,
        EndReason::Desk,
        EndReason::TokenLost,
    ];
    ALL.into_iter().find(|reason| reason_name(*reason) == name).ok_or(Error::Row("end of a session"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_written_as_in_json() {
        for reason in [EndReason::SignedOut, EndReason::Idle, EndReason::NewerSignIn, EndReason::TokenLost] {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason_name(reason));
            assert_eq!(reason_of(reason_name(reason)).unwrap(), reason);
        }
    }
}
