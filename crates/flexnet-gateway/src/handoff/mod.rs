//! A sign-in on the gateway's page that goes on in the application: the page gets a ticket, the application redeems it on its own connection, the member
//! says there whose it is, both show the same two digits, the member confirms on the page, and the application's waiting request is answered with the session.
//! Ticket and page's cookie are 128 bits each and kept as hashes. The lock is looked at again at every step. `redeem` is the application's side.

mod redeem;
pub mod ticket;

use std::{fmt, net::IpAddr, sync::Arc};

use data_encoding::BASE64URL_NOPAD;
use flexnet_protocol::Secret;
use serde::{Deserialize, Serialize};

pub use redeem::{Redeemed, give_up, redeem};
pub use ticket::{forget_old, place, revoke};

use self::ticket::{By, State, Ticket};
use crate::{
    accounts::{self, Account},
    attempts::Outcome,
    audit::{self, Event, Record},
    db::{Write, retry},
    error::Error,
    gateway::Gateway,
    guard,
    seal::random,
    sign_in::{self, Entries, NoOutcome, Purpose},
    steps::{Step, reached},
};

/// What a page gets for a sign-in that was right. The only moment at which both exist in the open.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// For the application, by the deep link: 128 bits, base64url.
    pub ticket: Secret,
    /// For the page that signed in: 128 bits, base64url.
    pub page_cookie: Secret,
    /// Seconds since 1970 UTC at which it is too late to redeem.
    pub expires: i64,
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Issued(***)")
    }
}

/// What the page that signed in shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageState {
    /// No application has come yet.
    Waiting {
        /// Whose access it is.
        display_name: String,
        /// Seconds since 1970 UTC at which it is too late.
        expires: i64,
    },
    /// One has come; the member is to compare and to confirm.
    Redeemed {
        /// Whose access it is; the application asks whether it is its member's.
        display_name: String,
        /// Two digits; the application shows the same.
        digits: String,
        /// Seconds since 1970 UTC at which it is too late.
        expires: i64,
    },
    /// Confirmed: the application goes on.
    Done,
    /// The member said no, a second application came, or the access was closed meanwhile.
    Refused,
    /// Too late, or no page of ours has this cookie.
    Expired,
}

/// Signs in on a page: counted, compared and written down like any sign-in, only that success is a ticket ([`Outcome::HandedOff`]).
///
/// # Errors
/// [`NoOutcome`].
pub async fn sign_in(
    gateway: &Arc<Gateway>,
    from: IpAddr,
    body: &[u8],
    entries: Entries,
) -> Result<Outcome, NoOutcome> {
    sign_in::sign_in(gateway, from, body, entries, Purpose::Page).await
}

/// Makes the ticket of a sign-in that was right, in its transaction. Older ones of the member are dead.
///
/// # Errors
/// [`Error::Database`], [`Error::Seal`].
pub async fn issue(
    write: &mut Write,
    account: &Account,
    guard: &[u8; 32],
    network: &str,
    failures_before: u32,
    now: i64,
) -> Result<Issued, Error> {
    let secret = || Ok::<_, Error>(Secret::new(BASE64URL_NOPAD.encode(&random::<16>()?)));
    let issued = Issued { ticket: secret()?, page_cookie: secret()?, expires: now + ticket::LIFE };
    ticket::revoke(write, account.id).await?;
    ticket::insert(write, &issued, account.id, guard, network, failures_before, now).await?;
    Ok(issued)
}

/// What the page with this cookie shows now.
///
/// # Errors
/// [`Error::Database`], [`Error::Row`].
pub async fn page_state(gateway: &Gateway, cookie: &Secret) -> Result<PageState, Error> {
    let found = ticket::find(gateway.database.read(), By::Page(cookie)).await?;
    Ok(found.map_or(PageState::Expired, |ticket| shown(&ticket, gateway.clock.now())))
}

/// The member has compared the digits and says yes. Again is the same answer, and still one session.
///
/// # Errors
/// [`Error::Database`], [`Error::Seal`], [`Error::Row`].
pub async fn confirm(gateway: &Gateway, cookie: &Secret, network: &str) -> Result<PageState, Error> {
    // A clock that cannot be believed confirms nothing.
    let Some(now) = gateway.clock.sane() else { return Ok(PageState::Expired) };
    retry(|| try_confirm(gateway, cookie, network, now)).await?;
    page_state(gateway, cookie).await
}

/// The member says no, or leaves. A session that has begun is ended in the application.
///
/// # Errors
/// [`Error::Database`], [`Error::Seal`], [`Error::Row`].
pub async fn refuse(gateway: &Gateway, cookie: &Secret, network: &str) -> Result<PageState, Error> {
    let now = gateway.clock.now();
    let try_refuse = async || {
        let mut write = gateway.database.write().await?;
        let Some(ticket) = ticket::find(&mut *write, By::Page(cookie)).await? else { return Ok(()) };
        if ticket::kill(&mut write, &ticket.hash).await? {
            note(gateway, &mut write, &ticket, Event::HandoffRefused, Some(network), "by the member", now).await?;
            ticket.announce(&mut write);
            reached(Step::Refusing);
            write.commit().await?;
            reached(Step::Refused);
        }
        Ok::<_, Error>(())
    };
    retry(try_refuse).await?;
    page_state(gateway, cookie).await
}

async fn try_confirm(gateway: &Gateway, cookie: &Secret, network: &str, now: i64) -> Result<(), Error> {
    let mut write = gateway.database.write().await?;
    let Some(ticket) = ticket::find(&mut *write, By::Page(cookie)).await? else { return Ok(()) };
    if !ticket::confirm(&mut write, &ticket.hash, now).await? {
        return Ok(());
    }
    reached(Step::TicketConfirmed);
    match closed(&mut write, &ticket).await? {
        None => note(gateway, &mut write, &ticket, Event::HandoffConfirmed, Some(network), "", now).await?,
        Some(closed) => close(gateway, &mut write, &ticket, closed, Some(network), now).await?,
    }
    ticket.announce(&mut write);
    reached(Step::Confirming);
    write.commit().await?;
    reached(Step::Confirmed);
    Ok(())
}

fn shown(ticket: &Ticket, now: i64) -> PageState {
    let (expires, in_time) = (ticket.expires, ticket.expires > now);
    let display_name = ticket.display_name.clone();
    match ticket.state {
        State::Issued if in_time => PageState::Waiting { display_name, expires },
        State::Redeemed if in_time => PageState::Redeemed { display_name, digits: ticket.shown_digits(), expires },
        State::Confirmed if in_time => PageState::Done,
        State::Used => PageState::Done,
        State::Refused => PageState::Refused,
        State::Issued | State::Redeemed | State::Confirmed => PageState::Expired,
    }
}

/// What became of an access since the page's sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Closed {
    /// Five wrong entries.
    Locked,
    /// The account is switched off.
    Disabled,
}

/// Whether the access was closed meanwhile. If not, it stays open until this transaction ends.
async fn closed(write: &mut Write, ticket: &Ticket) -> Result<Option<Closed>, Error> {
    if !guard::hold_open(write, &ticket.guard).await? {
        return Ok(Some(Closed::Locked));
    }
    let active = accounts::find(write, &ticket.username).await?.is_some_and(|account| account.active);
    Ok((!active).then_some(Closed::Disabled))
}

/// The ticket of an access that was closed meanwhile is dead.
async fn close(
    gateway: &Gateway,
    write: &mut Write,
    ticket: &Ticket,
    closed: Closed,
    network: Option<&str>,
    now: i64,
) -> Result<(), Error> {
    if !ticket::kill(write, &ticket.hash).await? {
        return Ok(());
    }
    let detail = match closed {
        Closed::Locked => "locked meanwhile",
        Closed::Disabled => "account disabled meanwhile",
    };
    note(gateway, write, ticket, Event::HandoffRefused, network, detail, now).await
}

async fn note(
    gateway: &Gateway,
    write: &mut Write,
    ticket: &Ticket,
    event: Event,
    network: Option<&str>,
    detail: &str,
    now: i64,
) -> Result<(), Error> {
    let record = Record { event, subject: &ticket.username, actor: "member", network, detail };
    audit::append(write, &gateway.config.id, now, &record).await
}
