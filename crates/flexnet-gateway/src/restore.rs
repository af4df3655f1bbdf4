//! After a restore from an older copy: what was spent since then must not open anything once more. Floors go up, everything that was open is closed.
//! What the copy does not know cannot be brought back: locks and tokens reported lost since then are to be set again (docs/operations.md).

use serde::Serialize;

use crate::{
    acts::Hand,
    audit::{self, Event},
    clock::utc,
    db::{News, Write, exact},
    error::Error,
    sessions::{self, Which},
    tokens,
};
use flexnet_protocol::gateway::EndReason;

/// Numbers of attempts that may have been given out since the copy, for one name.
const ATTEMPTS_SINCE: i64 = 1_000_000;
/// Presses of an event-based token that a member may have spent on one day.
const PRESSES_A_DAY: i64 = 20;
/// Steps by which a drift moves between a copy and its restore, by learning alone, and one for the TAN that is shown early.
const LEARNED: i64 = 4;
const DAY: i64 = 24 * 3600;

/// A floor goes up and never down, and each kind of token has its own.
const TOTP: &str = "UPDATE token SET last = $1 / period + $2 + drift * $3 WHERE kind = 'totp' AND last < $1 / period + $2 + drift * $3";
const HOTP: &str = "UPDATE token SET last = last + $1 WHERE kind = 'hotp'";
/// What has ended keeps its end.
const STAFF: &str = "UPDATE staff_session SET ended = $1 WHERE ended IS NULL";
/// Done once, unless another copy is said.
const REMEMBER: &str =
    "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2 WHERE $3 = 1";

/// Row of the table of settings: when all this was done last, seconds since 1970 UTC.
const RESTORED: &str = "restored";

/// What is known of the time between the copy and now.
#[derive(Debug, Clone, Copy, Default)]
pub struct Since {
    /// More TANs than any event-based token can have spent.
    pub hotp_jump: Option<i64>,
    /// No token was resynchronised.
    pub no_resync: bool,
    /// Another copy was put back since this database remembers the last restore.
    pub another: bool,
}

/// What was done.
#[derive(Debug, Clone, Serialize)]
pub struct Restored {
    /// Sessions that were live in the copy and have ended now.
    pub sessions_ended: usize,
    /// Time-based tokens whose TANs up to now are spent.
    pub totp: i64,
    /// Event-based tokens whose next TANs are spent.
    pub hotp: i64,
    /// How many of each.
    pub hotp_jump: i64,
}

/// Raises all floors and ends all sessions and hand-offs. The gateways should be stopped until this is done.
///
/// A time-based token's floor is exact: no TAN that was spent until now opens anything. An event-based token says nothing of the time, so its floor goes up by
/// `hotp_jump`; without one, by twenty for each day that began since the copy was made. That must be done once for one restore: the database remembers it.
///
/// # Errors
/// [`Error::Value`] if the database remembers a restore, unless another one is said, and if nobody says `hotp_jump` where the copy's age cannot be known;
/// [`Error::Database`], [`Error::Audit`].
pub async fn done(write: &mut Write, hand: Hand<'_>, since: Since) -> Result<Restored, Error> {
    remember(write, hand.now, since.another).await?;
    let hotp_jump = match since.hotp_jump {
        Some(presses) => presses,
        None => days_since_the_copy(write, hand.now).await? * PRESSES_A_DAY,
    };
    // A TAN is found one step ahead of the token's drift. A drift that was learned since the copy lies a few steps off, one that a resynchronisation
    // brought up to its bound.
    let (ahead, drifts) = if since.no_resync { (LEARNED, 1) } else { (tokens::MAX_DRIFT + 1, 0) };
    // In the order in which everybody takes rows.
    execute(write, "DELETE FROM ticket", &[]).await?;
    execute(write, "UPDATE guard SET seq = seq + $1, ok_seq = ok_seq + $1", &[ATTEMPTS_SINCE]).await?;
    execute(write, "UPDATE attempt SET seq = seq + $1", &[ATTEMPTS_SINCE]).await?;
    let totp = execute(write, TOTP, &[hand.now, ahead, drifts]).await?;
    let hotp = execute(write, HOTP, &[hotp_jump]).await?;
    execute(write, STAFF, &[hand.now]).await?;
    let all = Which::AbsoluteEndBefore(i64::MAX);
    let ended = sessions::end(write, hand.gateway, all, EndReason::Desk, hand.actor, hand.now).await?;
    let detail = format!("event-based tokens go on {hotp_jump} TANs later");
    hand.note(write, Event::Restored, "", &detail).await?;
    write.announce(News::Sessions);
    Ok(Restored { sessions_ended: ended.len(), totp, hotp, hotp_jump })
}

/// Days that began since the copy was made. Its last row tells when that was, unless a clock that ran ahead wrote it.
async fn days_since_the_copy(write: &mut Write, now: i64) -> Result<i64, Error> {
    let copied = audit::latest(&mut **write).await?;
    if copied > now {
        let reason = format!(
            "must be said: the last row of the audit is of {}, and this clock says {}, so nobody can tell how old the copy is. Nothing was done",
            utc(copied),
            utc(now)
        );
        return Err(Error::Value { field: "--hotp-jump", reason });
    }
    Ok(now.saturating_sub(copied) / DAY + 1)
}

/// Copies made before do not hold this row, so a restore of one of them is not mistaken for this one; copies made later do, so somebody has to say it.
async fn remember(write: &mut Write, now: i64, another: bool) -> Result<(), Error> {
    let upsert = sqlx::query(exact(REMEMBER)).bind(RESTORED).bind(now.to_string()).bind(i64::from(another));
    if upsert.execute(&mut **write).await?.rows_affected() == 1 {
        return Ok(());
    }
    let select = sqlx::query_scalar::<_, String>("SELECT value FROM setting WHERE name = $1").bind(RESTORED);
    let at = select.fetch_one(&mut **write).await?;
    let time = at.parse().map_or(at, utc);
    let reason = format!(
        "this database remembers that it was done at {time}. For the copy that was put back before then nothing is left to do, and nothing was done now. \
         If a copy was put back again after that: --another-restore"
    );
    Err(Error::Value { field: "after-restore", reason })
}

async fn execute(write: &mut Write, statement: &'static str, values: &[i64]) -> Result<i64, Error> {
    let statement = values.iter().fold(sqlx::query(exact(statement)), |statement, value| statement.bind(*value));
    let done = statement.execute(&mut **write).await?;
    Ok(i64::try_from(done.rows_affected()).unwrap_or(i64::MAX))
}
