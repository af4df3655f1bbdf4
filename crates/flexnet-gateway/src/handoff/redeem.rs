//! The application's side of a hand-off: the first request takes the ticket, the same one again asks how far it is, and after the member's yes it begins
//! the session, at the gateway that it stands at. Another request for the same ticket kills it: two have it who should be one.

use flexnet_protocol::gateway::{Grant, Handoff, Redeem};
use zeroize::Zeroizing;

use super::{
    Closed, close, closed, note,
    ticket::{self, By, State, Ticket},
};
use crate::{
    accounts,
    audit::{self, Event},
    db::retry,
    error::Error,
    gateway::Gateway,
    guard,
    opening::{self, Opened, Opening},
    seal::random,
    sessions,
    sign_in::{KEY_TAKEN, NoOutcome},
    steps::{Step, reached},
};

/// How far it is.
#[derive(Debug)]
pub enum Redeemed {
    /// The member has not said anything yet.
    Waiting {
        /// What the application shows.
        handoff: Handoff,
        /// Under which name a change is told to `waits`.
        wait: String,
    },
    /// Confirmed: the session.
    Granted(Box<Grant>),
    /// Expired, unknown or used: it is all the same.
    Over,
    /// The member said no, or a second application came.
    Refused,
    /// The access was locked meanwhile.
    Locked,
    /// The account was switched off meanwhile.
    Disabled,
}

/// A request, as often as it is sent.
#[derive(Debug, Clone, Copy)]
struct Request<'a> {
    keys: &'a Redeem,
    body: [u8; 32],
    network: &'a str,
    now: i64,
}

/// Redeems, or says how far it is. `body` is the request as it came; `within_budget` is asked before anything is written.
///
/// # Errors
/// [`NoOutcome`]; none of them kills the ticket.
pub async fn redeem(
    gateway: &Gateway,
    body: &[u8],
    keys: &Redeem,
    network: &str,
    within_budget: impl Fn() -> Result<(), NoOutcome>,
) -> Result<Redeemed, NoOutcome> {
    let now = gateway.clock.sane().ok_or(NoOutcome::Clock)?;
    let request = Request { keys, body: gateway.keys.body(body), network, now };
    loop {
        let Some(ticket) = ticket::find(gateway.database.read(), By::Ticket(&keys.ticket)).await? else {
            return Ok(Redeemed::Over);
        };
        let same = ticket.body.as_deref() == Some(request.body.as_slice());
        let in_time = ticket.expires > now;
        // Each act moves the ticket on, or finds that somebody else did; then it is looked at again.
        let done = match ticket.state {
            State::Issued if in_time => {
                within_budget()?;
                retry(|| take(gateway, &ticket, request)).await?
            }
            State::Redeemed if in_time && same => Some(waiting(&ticket)),
            State::Confirmed if in_time && same => {
                within_budget()?;
                retry(|| begin(gateway, &ticket, request)).await?
            }
            State::Redeemed | State::Confirmed if in_time => {
                within_budget()?;
                retry(|| second(gateway, &ticket, request)).await?
            }
            State::Used if in_time && same => Some(Redeemed::Granted(granted(gateway, &ticket)?)),
            State::Refused => Some(why(gateway, &ticket).await?),
            State::Issued | State::Redeemed | State::Confirmed | State::Used => Some(Redeemed::Over),
        };
        if let Some(done) = done {
            return Ok(done);
        }
    }
}

/// The application's member gives it up: nobody gets anything for it. Only the request that took the ticket can say so, and a session that has begun stays.
///
/// # Errors
/// [`NoOutcome`].
pub async fn give_up(
    gateway: &Gateway,
    body: &[u8],
    keys: &Redeem,
    network: &str,
    within_budget: impl FnOnce() -> Result<(), NoOutcome>,
) -> Result<(), NoOutcome> {
    let now = gateway.clock.sane().ok_or(NoOutcome::Clock)?;
    let Some(ticket) = ticket::find(gateway.database.read(), By::Ticket(&keys.ticket)).await? else { return Ok(()) };
    let same = ticket.body.as_deref() == Some(gateway.keys.body(body).as_slice());
    if !same || ticket.expires <= now {
        return Ok(());
    }
    within_budget()?;
    retry(|| kill(gateway, &ticket, network, "in the application", now)).await?;
    Ok(())
}

/// Issued to redeemed.
async fn take(gateway: &Gateway, ticket: &Ticket, request: Request<'_>) -> Result<Option<Redeemed>, NoOutcome> {
    let mut write = gateway.database.write().await?;
    if sessions::key_taken(&mut write, &request.keys.client_public_key, &ticket.username).await? {
        return Err(NoOutcome::Conflict(KEY_TAKEN));
    }
    let digits = two_digits()?;
    if !ticket::redeem(&mut write, &ticket.hash, &request.body, digits, request.now).await? {
        return Ok(None);
    }
    reached(Step::TicketRedeemed);
    let network = Some(request.network);
    let done = match closed(&mut write, ticket).await? {
        None => {
            let detail = if ticket.network == request.network { "" } else { "from another network than the page" };
            note(gateway, &mut write, ticket, Event::HandoffRedeemed, network, detail, request.now).await?;
            None
        }
        Some(reason) => {
            close(gateway, &mut write, ticket, reason, network, request.now).await?;
            Some(refused(reason))
        }
    };
    ticket.announce(&mut write);
    reached(Step::Redeeming);
    write.commit().await?;
    reached(Step::Redeemed);
    Ok(done)
}

/// Confirmed to used, with the session.
async fn begin(gateway: &Gateway, ticket: &Ticket, request: Request<'_>) -> Result<Option<Redeemed>, NoOutcome> {
    let now = request.now;
    let mut write = gateway.database.write().await?;
    if !ticket::begin(&mut write, &ticket.hash, &request.body, now).await? {
        return Ok(None);
    }
    reached(Step::TicketUsed);
    if let Some(reason) = closed(&mut write, ticket).await? {
        write.rollback().await?;
        return shut(gateway, ticket, request, reason).await;
    }
    let Some(account) = accounts::find(&mut write, &ticket.username).await? else {
        return Err(Error::Row("ticket").into());
    };
    let opening = Opening {
        account: &account,
        public_key: &request.keys.client_public_key,
        preshared_key: request.keys.preshared_key.as_ref(),
        network: request.network,
        failures_before: ticket.failures_before,
        now,
    };
    let session = match opening::open(gateway, &mut write, opening).await {
        Ok(Opened::Session(session)) => session,
        Ok(Opened::KeyTaken) => return Err(NoOutcome::Conflict(KEY_TAKEN)),
        Ok(Opened::Changed) => {
            write.rollback().await?;
            return shut(gateway, ticket, request, Closed::Disabled).await;
        }
        Err(Error::PoolExhausted(pool)) => {
            tracing::error!(%pool, "no address is left: a confirmed hand-off waits");
            return Err(NoOutcome::Full);
        }
        Err(error) => return Err(error.into()),
    };
    let json = serde_json::to_vec(&session.grant).map(Zeroizing::new).map_err(|_| Error::Row("grant"))?;
    let sealed = gateway.keys.seal(&ticket.wait(), &json)?;
    ticket::answer(&mut write, &ticket.hash, sealed).await?;
    reached(Step::AnswerKept);
    ticket.announce(&mut write);
    let records: Vec<_> = session.records(&opening).collect();
    audit::append_all(&mut write, &gateway.config.id, request.now, &records).await?;
    reached(Step::Beginning);
    write.commit().await?;
    reached(Step::Begun);
    Ok(Some(Redeemed::Granted(Box::new(session.grant))))
}

/// A second application has the ticket: nobody gets anything for it.
async fn second(gateway: &Gateway, ticket: &Ticket, request: Request<'_>) -> Result<Option<Redeemed>, NoOutcome> {
    kill(gateway, ticket, request.network, "a second application", request.now).await?;
    Ok(None)
}

/// Ends it, and writes down by whom.
async fn kill(gateway: &Gateway, ticket: &Ticket, network: &str, by: &str, now: i64) -> Result<(), Error> {
    let mut write = gateway.database.write().await?;
    if ticket::kill(&mut write, &ticket.hash).await? {
        note(gateway, &mut write, ticket, Event::HandoffRefused, Some(network), by, now).await?;
        ticket.announce(&mut write);
        reached(Step::Refusing);
        write.commit().await?;
        reached(Step::Refused);
    }
    Ok(())
}

/// The access was closed after the member's yes.
async fn shut(
    gateway: &Gateway,
    ticket: &Ticket,
    request: Request<'_>,
    reason: Closed,
) -> Result<Option<Redeemed>, NoOutcome> {
    let mut write = gateway.database.write().await?;
    close(gateway, &mut write, ticket, reason, Some(request.network), request.now).await?;
    ticket.announce(&mut write);
    write.commit().await?;
    Ok(Some(refused(reason)))
}

/// A dead ticket: the access may be closed, and that is what matters then. Whoever asks pays nothing for it, so nothing is written and no row is taken.
async fn why(gateway: &Gateway, ticket: &Ticket) -> Result<Redeemed, NoOutcome> {
    let read = gateway.database.read();
    if guard::standings(read, &[ticket.guard]).await?.get(&ticket.guard).is_some_and(|standing| standing.locked) {
        return Ok(Redeemed::Locked);
    }
    let active = accounts::is_active(read, &ticket.username).await?;
    Ok(if active { Redeemed::Refused } else { Redeemed::Disabled })
}

fn waiting(ticket: &Ticket) -> Redeemed {
    let display_name = Some(ticket.display_name.clone());
    let handoff = Handoff { display_name, digits: ticket.shown_digits(), expires: ticket.expires };
    Redeemed::Waiting { handoff, wait: ticket.wait() }
}

/// What was answered when the session began.
fn granted(gateway: &Gateway, ticket: &Ticket) -> Result<Box<Grant>, Error> {
    let sealed = ticket.answer.as_deref().ok_or(Error::Row("ticket"))?;
    let json = gateway.keys.open(&ticket.wait(), sealed)?;
    serde_json::from_slice(&json).map(Box::new).map_err(|_| Error::Row("grant"))
}

const fn refused(reason: Closed) -> Redeemed {
    match reason {
        Closed::Locked => Redeemed::Locked,
        Closed::Disabled => Redeemed::Disabled,
    }
}

/// 0 to 99, each as likely.
fn two_digits() -> Result<i64, Error> {
    loop {
        let [byte] = random::<1>()?;
        if byte < 200 {
            return Ok(i64::from(byte % 100));
        }
    }
}
