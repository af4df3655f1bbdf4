//! What happens without being asked: idle and absolute ends, and forgetting what is old. Once a second; the peers follow by themselves.

use std::{collections::HashMap, sync::Arc, time::Duration};

use flexnet_protocol::gateway::EndReason;
use sqlx::Row as _;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::{
    attempts::{self, Abandoned},
    audit,
    db::{self, News},
    error::Error,
    gateway::Gateway,
    handoff,
    network::Activity,
    reports,
    seal::rotate,
    sessions::{self, Which},
    staff,
    verifier::spent,
};

/// `last_active` is written when it is older than this, so that an active session does not cost a write a second.
const ROUGHLY: i64 = 20;
/// So much later any gateway ends an idle session: its own would have known of use, if it were there.
const DEAD: i64 = 3 * ROUGHLY;
/// Seconds after which no attempt is still being evaluated. One that is open all the same lost its end to a failing database.
const ABANDONED: i64 = 300;
/// Ticks between two sweeps of what is old.
const SWEEP: u32 = 300;
/// Between two signs of life.
const BEAT: Duration = Duration::from_secs(5);
/// How long it may take to be kept. A server that is gone says nothing for ever, and the next one is asked by the next sign of life.
const BEAT_LIMIT: Duration = Duration::from_secs(10);
/// How long one round of everything else may take.
const ROUND_LIMIT: Duration = Duration::from_secs(120);
/// Batches of the audit's old rows in one sweep: 2.8 million rows a day.
const BATCHES: u32 = 20;

/// Runs until dropped.
pub async fn run(gateway: &Arc<Gateway>) {
    tokio::join!(live(gateway), keep(gateway));
}

/// Says now and then that this gateway lives, whatever else takes long.
async fn live(gateway: &Gateway) {
    let mut tick = interval(BEAT);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        match timeout(BEAT_LIMIT, gateway.own.beat(&gateway.database, gateway.clock.now())).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::error!(error = &error as &dyn std::error::Error, "the database does not answer"),
            Err(_) => tracing::error!("the database does not keep a sign of life"),
        }
    }
}

async fn keep(gateway: &Arc<Gateway>) {
    let mut tick = interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for count in (0..SWEEP).cycle() {
        tick.tick().await;
        if timeout(ROUND_LIMIT, round(gateway, count == 0)).await.is_err() {
            tracing::error!("housekeeping did not come to its end and is tried again");
        }
    }
}

async fn round(gateway: &Gateway, sweep: bool) {
    if let Err(error) = rotate::follow(&gateway.database, &gateway.keys, Some(&gateway.config.id)).await {
        tracing::error!(error = &error as &dyn std::error::Error, "the keys");
    }
    if let Err(error) = look(gateway, &gateway.network.activity(), sweep).await {
        tracing::error!(error = &error as &dyn std::error::Error, "housekeeping failed and is tried again");
    }
}

/// One look at all live sessions and at what their peers have done.
///
/// # Errors
/// [`Error::Database`], [`Error::Seal`].
pub async fn look(gateway: &Gateway, activity: &HashMap<[u8; 32], Activity>, sweep: bool) -> Result<(), Error> {
    // A clock that jumped back ends nothing and keeps nothing alive; it is told elsewhere.
    let Some(now) = gateway.clock.sane() else { return ask_about_clock(gateway).await };
    let idle_since = now - i64::from(gateway.config.policy.idle_seconds);
    let active = newly_active(gateway, activity, now, idle_since).await?;
    if !active.is_empty() {
        db::retry(|| note_used(gateway, &active)).await?;
    }
    let due = "SELECT count(*) FROM session WHERE ended IS NULL AND (absolute_end <= $1 OR last_active <= $2)";
    let due = sqlx::query(due).bind(now).bind(idle_since);
    if due.fetch_one(gateway.database.read()).await?.try_get::<i64, _>(0)? > 0 {
        end(gateway, Which::AbsoluteEndBefore(now), EndReason::Absolute, now).await?;
        end(gateway, Which::IdleSince(&gateway.config.id, idle_since), EndReason::Idle, now).await?;
        end(gateway, Which::DeadSince(idle_since - DEAD), EndReason::Idle, now).await?;
    }
    if sweep {
        let abandoned = Abandoned::Since(now - ABANDONED);
        attempts::close_abandoned(&gateway.database, &gateway.keys, &gateway.config.id, abandoned, now).await?;
        forget(gateway, now).await?;
    }
    Ok(())
}

/// Perhaps somebody has said that the clock is right and what was written is not.
async fn ask_about_clock(gateway: &Gateway) -> Result<(), Error> {
    let read = gateway.database.read();
    let accepted = audit::clock_accepted(read).await?;
    gateway.clock.accept(accepted, audit::latest(read).await?.max(accepted));
    Ok(())
}

/// Lets go what is old, some batches of it, each in a transaction of its own; the next sweep goes on.
async fn forget(gateway: &Gateway, now: i64) -> Result<(), Error> {
    let retention = gateway.config.retention;
    let before = |days: u32| now - i64::from(days) * 24 * 3600;
    let (members, all) = (before(retention.sign_in_days), before(retention.admin_days));
    for _ in 0..BATCHES {
        let blank = async || {
            let mut write = gateway.database.write().await?;
            let more = audit::retention::blank_old(&mut write, gateway.keys.audit(), members).await?;
            write.commit().await?;
            Ok::<_, Error>(more)
        };
        let cut = async || {
            let mut write = gateway.database.write().await?;
            let more = audit::retention::cut_old(&mut write, gateway.keys.audit(), all).await?;
            write.commit().await?;
            Ok::<_, Error>(more)
        };
        if !(db::retry(blank).await? | db::retry(cut).await?) {
            break;
        }
    }
    let mut write = gateway.database.write().await?;
    attempts::forget_old(&mut write, now).await?;
    sessions::forget_old(&mut write, members).await?;
    handoff::forget_old(&mut write, now).await?;
    staff::forget_old(&mut write, now).await?;
    spent::forget_old(&mut write, now).await?;
    write.commit().await?;
    db::retry(async || {
        let mut write = gateway.database.write().await?;
        reports::forget_old(&mut write, now).await?;
        write.commit().await
    })
    .await
}

async fn note_used(gateway: &Gateway, active: &[Used]) -> Result<(), Error> {
    let mut write = gateway.database.write().await?;
    for used in active {
        sessions::used(&mut write, used.id, used.at).await?;
        if used.is_news {
            write.announce(News::Session(used.session.clone()));
        }
    }
    write.commit().await
}

/// In a transaction of its own, so that nobody waits for sessions while holding the audit.
async fn end(gateway: &Gateway, which: Which<'_>, reason: EndReason, now: i64) -> Result<(), Error> {
    db::retry(|| async {
        let mut write = gateway.database.write().await?;
        sessions::end(&mut write, &gateway.config.id, which, reason, "gateway", now).await?;
        write.commit().await
    })
    .await
}

/// A session that has been used since it was last written down.
struct Used {
    id: i64,
    session: String,
    /// When, seconds since 1970 UTC.
    at: i64,
    /// Whoever waits for the session wants to know.
    is_news: bool,
}

/// Live sessions of this gateway whose last inner packet is clearly later than written down, or late enough to save them.
async fn newly_active(
    gateway: &Gateway,
    activity: &HashMap<[u8; 32], Activity>,
    now: i64,
    idle_since: i64,
) -> Result<Vec<Used>, Error> {
    let select =
        "SELECT id, public_key, last_active, name FROM session WHERE ended IS NULL AND gateway = $1 ORDER BY id";
    let mut active = Vec::new();
    for row in sqlx::query(select).bind(&gateway.config.id).fetch_all(gateway.database.read()).await? {
        let key: &[u8] = row.try_get(1)?;
        let seen = <[u8; 32]>::try_from(key).ok().and_then(|key| activity.get(&key));
        let Some(quiet) = seen.and_then(|seen| seen.quiet) else { continue };
        let at = now - i64::try_from(quiet.as_secs()).unwrap_or(i64::MAX);
        let written: i64 = row.try_get(2)?;
        let idle = now - idle_since;
        let is_news = sessions::matters(written + idle, at + idle, now);
        if at > written && (at > written + ROUGHLY || is_news || written <= idle_since) {
            active.push(Used { id: row.try_get(0)?, session: row.try_get(3)?, at, is_news });
        }
    }
    Ok(active)
}
