//! Tickets in the database. Each step is one conditional statement, so of two that come at once one does it and the other sees that it is done.
//! issued, redeemed, confirmed, used: forwards only; refused from everywhere but used.

use std::str::FromStr;

use data_encoding::HEXLOWER;
use flexnet_protocol::Secret;
use sqlx::{Row as _, any::AnyRow};

use super::Issued;
use crate::{
    db::{News, Write, exact},
    error::Error,
    seal::sha256,
};

/// Seconds for each step: to redeem, to confirm, to fetch the session.
pub const LIFE: i64 = 60;
/// Seconds for which a ticket can still say what became of it.
const MEMORY: i64 = 3600;

/// A ticket shows its digits to one application, once, and in time.
const REDEEM: &str = "UPDATE ticket SET state = 'redeemed', body = $2, digits = $3, expires = $4 \
     WHERE hash = $1 AND state = 'issued' AND expires > $5";
/// There is something to confirm, and it is not too late.
const CONFIRM: &str =
    "UPDATE ticket SET state = 'confirmed', expires = $2 WHERE hash = $1 AND state = 'redeemed' AND expires > $3";
/// The session begins once, in time, for the application whose digits the member has seen.
const BEGIN: &str = "UPDATE ticket SET state = 'used', expires = $3 \
     WHERE hash = $1 AND body = $2 AND state = 'confirmed' AND expires > $4";
/// Of a used one, told again to whoever lost it.
const ANSWER: &str = "UPDATE ticket SET answer = $2 WHERE hash = $1";
/// What has begun a session is no ticket any more, and what is dead dies once.
const KILL: &str =
    "UPDATE ticket SET state = 'refused' WHERE hash = $1 AND state IN ('issued', 'redeemed', 'confirmed')";
/// The same for whatever an account has under way.
const REVOKE: &str =
    "UPDATE ticket SET state = 'refused' WHERE account = $1 AND state IN ('issued', 'redeemed', 'confirmed')";
/// Behind its memory.
const FORGET: &str = "DELETE FROM ticket WHERE expires < $1";

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// No application has come.
    Issued,
    /// One has come and shows the digits.
    Redeemed,
    /// The member has said yes.
    Confirmed,
    /// It is dead.
    Refused,
    /// The session has begun.
    Used,
}

impl FromStr for State {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "issued" => Ok(Self::Issued),
            "redeemed" => Ok(Self::Redeemed),
            "confirmed" => Ok(Self::Confirmed),
            "refused" => Ok(Self::Refused),
            "used" => Ok(Self::Used),
            _ => Err(Error::Row("state of a ticket")),
        }
    }
}

/// A ticket as it is.
#[derive(Debug)]
pub struct Ticket {
    pub hash: [u8; 32],
    pub username: String,
    /// Whose it is, for both sides to show.
    pub display_name: String,
    pub guard: [u8; 32],
    /// Network prefix of the page.
    pub network: String,
    pub failures_before: u32,
    pub expires: i64,
    pub state: State,
    /// Keyed hash of the request that redeemed it.
    pub body: Option<Vec<u8>>,
    /// The grant, sealed.
    pub answer: Option<Vec<u8>>,
    digits: i64,
}

impl Ticket {
    /// Two digits.
    pub fn shown_digits(&self) -> String {
        format!("{:02}", self.digits)
    }

    /// Under which name it is waited for, as sessions are under theirs.
    pub fn wait(&self) -> String {
        place(&self.hash)
    }

    /// To be told to whoever waits: the application, and pages.
    pub fn announce(&self, write: &mut Write) {
        write.announce(News::Session(self.wait()));
        write.announce(News::Tickets);
    }

    fn of_row(row: &AnyRow) -> Result<Self, Error> {
        let bytes = |column| -> Result<[u8; 32], Error> {
            row.try_get::<Vec<u8>, _>(column)?.try_into().map_err(|_| Error::Row("ticket"))
        };
        Ok(Self {
            hash: bytes("hash")?,
            username: row.try_get("username")?,
            display_name: row.try_get("display_name")?,
            guard: bytes("guard")?,
            network: row.try_get("network")?,
            failures_before: u32::try_from(row.try_get::<i64, _>("failures_before")?).unwrap_or(u32::MAX),
            expires: row.try_get("expires")?,
            state: row.try_get::<String, _>("state")?.parse()?,
            body: row.try_get("body")?,
            answer: row.try_get("answer")?,
            digits: row.try_get::<Option<i64>, _>("digits")?.unwrap_or_default(),
        })
    }
}

/// By whose secret a ticket is looked for.
#[derive(Debug, Clone, Copy)]
pub enum By<'a> {
    /// The application's.
    Ticket(&'a Secret),
    /// The page's.
    Page(&'a Secret),
}

pub async fn find<'e, E>(database: E, by: By<'_>) -> Result<Option<Ticket>, Error>
where
    E: sqlx::Executor<'e, Database = sqlx::Any>,
{
    let (select, secret) = match by {
        By::Ticket(secret) => (
            "SELECT ticket.*, account.username, account.display_name FROM ticket JOIN account ON account.id = ticket.account WHERE ticket.hash = $1",
            secret,
        ),
        By::Page(secret) => (
            "SELECT ticket.*, account.username, account.display_name FROM ticket JOIN account ON account.id = ticket.account WHERE ticket.page_hash = $1",
            secret,
        ),
    };
    let row = sqlx::query(select).bind(hash(secret).to_vec()).fetch_optional(database).await?;
    row.map(|row| Ticket::of_row(&row)).transpose()
}

pub async fn insert(
    write: &mut Write,
    issued: &Issued,
    account: i64,
    guard: &[u8; 32],
    network: &str,
    failures_before: u32,
    now: i64,
) -> Result<(), Error> {
    let insert = "INSERT INTO ticket (hash, page_hash, account, guard, network, created, expires, failures_before) \
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    sqlx::query(insert)
        .bind(hash(&issued.ticket).to_vec())
        .bind(hash(&issued.page_cookie).to_vec())
        .bind(account)
        .bind(guard.to_vec())
        .bind(network)
        .bind(now)
        .bind(issued.expires)
        .bind(i64::from(failures_before))
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// Issued to redeemed, by the application with this request; whether it was that one.
pub async fn redeem(write: &mut Write, hash: &[u8; 32], body: &[u8; 32], digits: i64, now: i64) -> Result<bool, Error> {
    let update = sqlx::query(exact(REDEEM)).bind(hash.to_vec()).bind(body.to_vec());
    let update = update.bind(digits).bind(now + LIFE).bind(now);
    Ok(update.execute(&mut **write).await?.rows_affected() == 1)
}

/// Redeemed to confirmed; whether it was that one.
pub async fn confirm(write: &mut Write, hash: &[u8; 32], now: i64) -> Result<bool, Error> {
    let update = sqlx::query(exact(CONFIRM)).bind(hash.to_vec()).bind(now + LIFE).bind(now);
    Ok(update.execute(&mut **write).await?.rows_affected() == 1)
}

/// Confirmed to used, for the application that redeemed it; whether it was that one.
pub async fn begin(write: &mut Write, hash: &[u8; 32], body: &[u8; 32], now: i64) -> Result<bool, Error> {
    let update = sqlx::query(exact(BEGIN)).bind(hash.to_vec()).bind(body.to_vec()).bind(now + LIFE).bind(now);
    Ok(update.execute(&mut **write).await?.rows_affected() == 1)
}

/// Keeps the answer of a used one.
pub async fn answer(write: &mut Write, hash: &[u8; 32], sealed: Vec<u8>) -> Result<(), Error> {
    sqlx::query(exact(ANSWER)).bind(hash.to_vec()).bind(sealed).execute(&mut **write).await?;
    Ok(())
}

/// Nobody gets anything for it any more; whether it was alive.
pub async fn kill(write: &mut Write, hash: &[u8; 32]) -> Result<bool, Error> {
    Ok(sqlx::query(exact(KILL)).bind(hash.to_vec()).execute(&mut **write).await?.rows_affected() == 1)
}

/// Kills whatever an account has under way: because of a newer one, a lost token, another password, or the desk.
///
/// To be called behind the change of token or account that is the cause: a sign-in holds these rows until its ticket is committed, so that on
/// PostgreSQL too no ticket is made behind this.
///
/// # Errors
/// [`Error::Database`].
pub async fn revoke(write: &mut Write, account: i64) -> Result<(), Error> {
    if sqlx::query(exact(REVOKE)).bind(account).execute(&mut **write).await?.rows_affected() > 0 {
        write.announce(News::Tickets);
    }
    Ok(())
}

/// Forgets tickets that are long over.
///
/// # Errors
/// [`Error::Database`].
pub async fn forget_old(write: &mut Write, now: i64) -> Result<(), Error> {
    sqlx::query(exact(FORGET)).bind(now - MEMORY).execute(&mut **write).await?;
    Ok(())
}

fn hash(secret: &Secret) -> [u8; 32] {
    sha256(&[secret.expose().as_bytes()])
}

/// By its hash; also where its sealed answer belongs.
pub fn place(hash: &[u8]) -> String {
    format!("ticket {}", HEXLOWER.encode(hash))
}
