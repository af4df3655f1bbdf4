//! What follows from a verdict, each in one transaction: a success, an attempt that does not count, or a failure.

use super::{
    Entry, Purpose,
    evaluate::{Tan, Verdict},
};
use crate::{
    accounts::{self, Account},
    attempts::{self, Cause, Outcome},
    audit::{self, Event, Record},
    db::{self, News, Write},
    error::Error,
    gateway::Gateway,
    guard, handoff,
    opening::{self, Opened, Opening},
    steps::{Step, reached},
    tokens::Learn,
};

/// Writes down what follows, in one transaction. What should be a success but touches no row turns the whole into a failure;
/// what cannot be opened although everything was right is written down as undecided.
pub(super) async fn conclude(
    gateway: &Gateway,
    entry: &Entry,
    seq: i64,
    account: Option<&Account>,
    verdict: Result<Verdict, Option<Tan>>,
) -> Result<Outcome, Error> {
    let verdict = match verdict {
        Ok(verdict) => verdict,
        Err(tan) => return db::retry(|| give_back(gateway, entry, seq, account, tan.as_ref())).await,
    };
    if let Some(account) = account
        && verdict.password
        && verdict.tan.fits()
        && account.active
    {
        let cause = match db::retry(|| try_success(gateway, entry, seq, account, &verdict.tan)).await {
            Ok(Success::Opened(outcome)) => return Ok(outcome),
            Ok(Success::Lost) => None,
            Ok(Success::KeyTaken) => Some(Cause::KeyTaken),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a right entry could not open its session");
                Some(if let Error::PoolExhausted(_) = error { Cause::NoAddress } else { Cause::Failed })
            }
        };
        if let Some(cause) = cause
            && let Some(outcome) = db::retry(|| excuse(gateway, entry, seq, account, &verdict.tan, cause)).await?
        {
            return Ok(outcome);
        }
    }
    db::retry(|| fail(gateway, entry, seq, account, &verdict)).await
}

/// What became of an entry that was right.
enum Success {
    Opened(Outcome),
    /// The TAN was spent, the name locked or the account changed meanwhile: no success.
    Lost,
    KeyTaken,
}

/// A transaction of its own; rolled back unless it opened the session.
async fn try_success(
    gateway: &Gateway,
    entry: &Entry,
    seq: i64,
    account: &Account,
    tan: &Tan,
) -> Result<Success, Error> {
    let mut write = gateway.database.write().await?;
    let done = succeed(gateway, &mut write, entry, seq, account, tan).await;
    match &done {
        Ok(Success::Opened(_)) => {
            write.commit().await?;
            reached(Step::Opened);
        }
        Ok(Success::Lost | Success::KeyTaken) | Err(_) => write.rollback().await?,
    }
    done
}

/// Ends an attempt that was right and opened nothing. That it was right may be told, as for a disabled account: both factors were shown, and the TAN is spent.
/// Nothing if the TAN was spent or the name locked meanwhile: then it is a failure like any other.
async fn excuse(
    gateway: &Gateway,
    entry: &Entry,
    seq: i64,
    account: &Account,
    tan: &Tan,
    cause: Cause,
) -> Result<Option<Outcome>, Error> {
    let mut write = gateway.database.write().await?;
    if !guard::excuse(&mut write, &entry.attempt.guard, seq).await? || !tan.spend(&mut write, Learn::Nothing).await? {
        write.rollback().await?;
        return Ok(None);
    }
    end_undecided(gateway, write, entry, &account.username, cause).await.map(Some)
}

/// Ends an attempt that nobody could judge. It does not count.
async fn give_back(
    gateway: &Gateway,
    entry: &Entry,
    seq: i64,
    account: Option<&Account>,
    tan: Option<&Tan>,
) -> Result<Outcome, Error> {
    let mut write = gateway.database.write().await?;
    guard::give_back(&mut write, &entry.attempt.guard, seq).await?;
    if let Some(tan) = tan {
        tan.spend(&mut write, Learn::Nothing).await?;
    }
    let nobody = audit::nobody(&entry.attempt.guard);
    let subject = account.map_or(nobody.as_str(), |account| account.username.as_str());
    end_undecided(gateway, write, entry, subject, Cause::NoVerdict).await
}

async fn end_undecided(
    gateway: &Gateway,
    mut write: Write,
    entry: &Entry,
    subject: &str,
    cause: Cause,
) -> Result<Outcome, Error> {
    let detail = match cause {
        Cause::NoAddress => "not decided: no address is left",
        Cause::KeyTaken => "not decided: another session has this key",
        Cause::Failed => "not decided: the gateway failed",
        Cause::NoVerdict => "not decided: a foreign server gave no verdict",
    };
    let outcome = Outcome::Undecided(cause);
    attempts::end(&mut write, &gateway.keys, &entry.attempt.id, &outcome).await?;
    let network = Some(entry.network.as_str());
    let record = Record { event: Event::Attempt, subject, actor: "member", network, detail };
    audit::append(&mut write, &gateway.config.id, entry.now, &record).await?;
    write.announce(News::Guard);
    write.commit().await?;
    Ok(outcome)
}

async fn succeed(
    gateway: &Gateway,
    write: &mut Write,
    entry: &Entry,
    seq: i64,
    account: &Account,
    tan: &Tan,
) -> Result<Success, Error> {
    let config = &gateway.config;
    let Some(failures_before) = guard::succeed(write, &entry.attempt.guard, seq).await? else {
        return Ok(Success::Lost);
    };
    reached(Step::GuardMoved);
    if !tan.spend(write, Learn::Drift).await? {
        return Ok(Success::Lost);
    }
    reached(Step::TanSpent);
    let attempt = Record {
        event: Event::Attempt,
        subject: &account.username,
        actor: "member",
        network: Some(&entry.network),
        detail: "accepted",
    };
    let outcome = match &entry.purpose {
        Purpose::Session { public_key, preshared_key } => {
            let opening = Opening {
                account,
                public_key,
                preshared_key: preshared_key.as_ref(),
                network: &entry.network,
                failures_before,
                now: entry.now,
            };
            let session = match opening::open(gateway, write, opening).await? {
                Opened::Session(session) => session,
                Opened::Changed => return Ok(Success::Lost),
                // It was free when the attempt was reserved.
                Opened::KeyTaken => return Ok(Success::KeyTaken),
            };
            let outcome = Outcome::Granted(Box::new(session.grant.clone()));
            attempts::end(write, &gateway.keys, &entry.attempt.id, &outcome).await?;
            reached(Step::OutcomeNoted);
            let records: Vec<_> = [attempt].into_iter().chain(session.records(&opening)).collect();
            audit::append_all(write, &config.id, entry.now, &records).await?;
            outcome
        }
        Purpose::Page => {
            if !accounts::hold_unchanged(write, account).await? {
                return Ok(Success::Lost);
            }
            let (guard, network) = (&entry.attempt.guard, &entry.network);
            let issued = handoff::issue(write, account, guard, network, failures_before, entry.now).await?;
            reached(Step::TicketIssued);
            let outcome = Outcome::HandedOff(Box::new(issued));
            attempts::end(write, &gateway.keys, &entry.attempt.id, &outcome).await?;
            reached(Step::OutcomeNoted);
            let attempt = Record { detail: "accepted: on the page", ..attempt };
            audit::append(write, &config.id, entry.now, &attempt).await?;
            outcome
        }
    };
    write.announce(News::Guard);
    reached(Step::Opening);
    Ok(Success::Opened(outcome))
}

async fn fail(
    gateway: &Gateway,
    entry: &Entry,
    seq: i64,
    account: Option<&Account>,
    verdict: &Verdict,
) -> Result<Outcome, Error> {
    let mut write = gateway.database.write().await?;
    let failed = guard::fail(&mut write, &entry.attempt.guard, seq).await?;
    // A TAN that was shown to us is spent, whatever else was wrong: who watched cannot use it again.
    let fresh = verdict.tan.spend(&mut write, Learn::Nothing).await?;
    reached(Step::Failing);
    let nobody = audit::nobody(&entry.attempt.guard);
    let subject = account.map_or(nobody.as_str(), |account| account.username.as_str());
    let detail = match (account, verdict.password, fresh) {
        (None, _, _) => "refused: no such name",
        (Some(account), true, true) if !account.active => "refused: account disabled",
        (Some(_), true, true) => "refused: locked or changed meanwhile",
        (Some(_), true, false) => "refused: TAN",
        (Some(_), false, true) => "refused: password",
        (Some(_), false, false) => "refused: password and TAN",
    };
    let disabled = account.is_some_and(|account| !account.active) && verdict.password && fresh;
    let outcome = if failed.locked {
        Outcome::Locked
    } else if disabled {
        Outcome::Disabled { attempts_left: failed.attempts_left }
    } else {
        Outcome::Refused { attempts_left: failed.attempts_left }
    };
    attempts::end(&mut write, &gateway.keys, &entry.attempt.id, &outcome).await?;
    write.announce(News::Guard);
    let record = Record { event: Event::Attempt, subject, actor: "member", network: Some(&entry.network), detail };
    audit::append(&mut write, &gateway.config.id, entry.now, &record).await?;
    if failed.just_locked {
        let lock = Record { event: Event::Lock, detail: "", ..record };
        audit::append(&mut write, &gateway.config.id, entry.now, &lock).await?;
    }
    write.commit().await?;
    reached(Step::Failed);
    if failed.just_locked {
        gateway.metrics.lock();
    }
    Ok(outcome)
}
