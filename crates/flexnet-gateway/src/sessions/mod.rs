//! Sessions: begun by a sign-in, ended with a reason that the member is told. The bearer token is kept as a hash only, the preshared key sealed.
//! A member has one live session; a newer sign-in ends the older.

mod ending;

use std::{net::IpAddr, time::Duration};

use data_encoding::BASE64URL_NOPAD;
use flexnet_protocol::{
    Key, Secret,
    gateway::{EndReason, LastSignIn, OpenSession, Policy, SessionState},
};
use serde::Serialize;
use sqlx::{AnyPool, Row as _, any::AnyRow};

use self::ending::reason_of;
pub use self::ending::{Ended, Which, close, end, ended_of, note_ended};
use crate::{
    accounts::{self, Account},
    db::{News, Write, exact},
    error::Error,
    leases,
    seal::{Keys, random, sha256},
};

/// What a new session is made from.
#[derive(Debug)]
pub struct Beginning<'a> {
    /// Whose.
    pub account: &'a Account,
    /// Which gateway holds its peer.
    pub gateway: &'a str,
    /// The client's WireGuard key.
    pub public_key: &'a Key,
    /// The preshared key that the client made; without one it is made here.
    pub preshared_key: Option<Key>,
    /// The member's addresses inside.
    pub addresses: Vec<IpAddr>,
    /// Network prefix of the request.
    pub network: &'a str,
    /// Wrong entries before this sign-in.
    pub failures_before: u32,
    /// Now, seconds since 1970 UTC.
    pub now: i64,
    /// For the absolute end.
    pub policy: Policy,
}

/// A session that has just begun. The only moment at which its secrets exist in the open.
#[derive(Debug)]
pub struct Begun {
    /// Its public name.
    pub name: String,
    /// Its bearer token.
    pub token: Secret,
    /// Its preshared key.
    pub preshared_key: Key,
    /// The member's addresses inside.
    pub addresses: Vec<IpAddr>,
    /// Ends at the latest at.
    pub absolute_end: i64,
    /// The sign-in before this one.
    pub last_sign_in: Option<LastSignIn>,
}

/// Begins a session.
///
/// # Errors
/// [`Error::Database`], [`Error::Seal`].
pub async fn begin(write: &mut Write, keys: &Keys, beginning: Beginning<'_>) -> Result<Begun, Error> {
    let Beginning { account, gateway, public_key, preshared_key, addresses, network, failures_before, now, policy } =
        beginning;
    let name = BASE64URL_NOPAD.encode(&random::<12>()?);
    let token = Secret::new(BASE64URL_NOPAD.encode(&random::<32>()?));
    let preshared_key = preshared_key.map_or_else(|| random().map(Key::new), Ok)?;
    let absolute_end = now + i64::from(policy.absolute_seconds);
    let last_sign_in = account.last_sign_in.as_ref();
    let last_sign_in = last_sign_in.map(|(at, from)| LastSignIn { at: *at, same_network: from == network });
    let insert = "INSERT INTO session (name, account, token_hash, public_key, preshared_key, addresses, network, gateway, started, last_active, \
                  absolute_end, failures_before, last_sign_in, same_network) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11, $12, $13)";
    sqlx::query(insert)
        .bind(&name)
        .bind(account.id)
        .bind(sha256(&[token.expose().as_bytes()]).as_slice())
        .bind(public_key.bytes().as_slice())
        .bind(keys.seal(&leases::preshared_place(&name), preshared_key.bytes())?)
        .bind(leases::format(&addresses))
        .bind(network)
        .bind(gateway)
        .bind(now)
        .bind(absolute_end)
        .bind(i64::from(failures_before))
        .bind(last_sign_in.as_ref().map(|last| last.at))
        .bind(i64::from(last_sign_in.as_ref().is_some_and(|last| last.same_network)))
        .execute(&mut **write)
        .await?;
    write.announce(News::Sessions);
    Ok(Begun { name, token, preshared_key, addresses, absolute_end, last_sign_in })
}

/// A member's own key may come again.
const KEY_TAKEN: &str = "SELECT 1 FROM session JOIN account ON account.id = session.account \
     WHERE ended IS NULL AND public_key = $1 AND username <> $2";

/// Whether another member's live session has this WireGuard key: two peers cannot share one.
///
/// # Errors
/// [`Error::Database`].
pub async fn key_taken(write: &mut Write, public_key: &Key, name: &str) -> Result<bool, Error> {
    let select = sqlx::query(exact(KEY_TAKEN)).bind(public_key.bytes().as_slice()).bind(name);
    Ok(select.fetch_optional(&mut **write).await?.is_some())
}

/// Use comes later than what is written down, and revives nothing.
const USED: &str = "UPDATE session SET last_active = $2 WHERE id = $1 AND ended IS NULL AND last_active < $2";

/// Puts the idle end of a live session off, if its last use is later than what is written down; whether it was.
///
/// # Errors
/// [`Error::Database`].
pub async fn used(write: &mut Write, id: i64, at: i64) -> Result<bool, Error> {
    Ok(sqlx::query(exact(USED)).bind(id).bind(at).execute(&mut **write).await?.rows_affected() == 1)
}

/// Whoever has the bearer token of a live session.
const MEMBER: &str = "SELECT username FROM session JOIN account ON account.id = session.account \
     WHERE token_hash = $1 AND ended IS NULL AND absolute_end > $2";

/// Whose live session has this bearer token.
///
/// # Errors
/// [`Error::Database`].
pub async fn member(write: &mut Write, token: &Secret, now: i64) -> Result<Option<Account>, Error> {
    let hash = sha256(&[token.expose().as_bytes()]);
    let select = sqlx::query_scalar::<_, String>(exact(MEMBER)).bind(hash.to_vec()).bind(now);
    let Some(username) = select.fetch_optional(&mut **write).await? else { return Ok(None) };
    accounts::find(write, &username).await
}

/// What lives is not forgotten.
const FORGET: &str = "DELETE FROM session WHERE ended < $1";

/// Forgets sessions that ended before a time; until then they can say why.
///
/// # Errors
/// [`Error::Database`].
pub async fn forget_old(write: &mut Write, before: i64) -> Result<(), Error> {
    sqlx::query(exact(FORGET)).bind(before).execute(&mut **write).await?;
    Ok(())
}

/// A session as its own bearer token finds it.
#[derive(Debug, Clone)]
pub enum Found {
    /// It lives.
    Live(SessionState),
    /// It is over.
    Ended(EndReason),
}

/// The session of a bearer token; nothing if the token is none of ours. `quiet` tells how long its peer has sent nothing: the database knows it roughly.
///
/// # Errors
/// [`Error::Database`], [`Error::Row`].
pub async fn find(
    read: &AnyPool,
    token: &Secret,
    policy: Policy,
    now: i64,
    quiet: impl Fn(&[u8; 32]) -> Option<Duration>,
) -> Result<Option<Found>, Error> {
    let hash = sha256(&[token.expose().as_bytes()]);
    let select = "SELECT name, started, absolute_end, last_active, failures_before, last_sign_in, same_network, network, end_reason, public_key \
                  FROM session WHERE token_hash = $1";
    let Some(row) = sqlx::query(select).bind(hash.as_slice()).fetch_optional(read).await? else { return Ok(None) };
    if let Some(reason) = row.try_get::<Option<&str>, _>("end_reason")? {
        return Ok(Some(Found::Ended(reason_of(reason)?)));
    }
    let key = row.try_get::<&[u8], _>("public_key")?.try_into().map_err(|_| Error::Row("WireGuard key"))?;
    let used = quiet(key).map(|quiet| now - i64::try_from(quiet.as_secs()).unwrap_or(now));
    let state = state(&row, policy, used)?;
    Ok(Some(if state.absolute_end <= now { Found::Ended(EndReason::Absolute) } else { Found::Live(state) }))
}

fn state(row: &AnyRow, policy: Policy, used: Option<i64>) -> Result<SessionState, Error> {
    let written: i64 = row.try_get("last_active")?;
    let last_active = used.map_or(written, |used| used.max(written));
    let absolute_end = row.try_get("absolute_end")?;
    Ok(SessionState {
        session_id: row.try_get("name")?,
        started: row.try_get("started")?,
        absolute_end,
        idle_end: (last_active + i64::from(policy.idle_seconds)).min(absolute_end),
        failures_before: failures_before(row)?,
        last_sign_in: last_sign_in(row)?,
        // All there are: a member has one live session (index session_one_live).
        open_sessions: vec![OpenSession {
            session_id: row.try_get("name")?,
            started: row.try_get("started")?,
            network: row.try_get("network")?,
            own: true,
        }],
    })
}

/// The sign-in before that of a session's row.
///
/// # Errors
/// [`Error::Database`].
pub fn last_sign_in(row: &AnyRow) -> Result<Option<LastSignIn>, Error> {
    let at: Option<i64> = row.try_get("last_sign_in")?;
    let same_network = row.try_get::<i64, _>("same_network")? == 1;
    Ok(at.map(|at| LastSignIn { at, same_network }))
}

/// Wrong entries before the sign-in of a session's row.
///
/// # Errors
/// [`Error::Database`].
pub fn failures_before(row: &AnyRow) -> Result<u32, Error> {
    Ok(u32::try_from(row.try_get::<i64, _>("failures_before")?).unwrap_or(u32::MAX))
}

/// Use puts the idle end off with every packet. It is told to whoever waits when that matters: by more than a tenth of what was left.
pub fn matters(known: i64, idle_end: i64, now: i64) -> bool {
    /// A move by less is none, in seconds.
    const SAME_END: i64 = 5;
    (idle_end - known).abs() > SAME_END.max((known - now) / 10)
}

/// A live session as an administrator sees it.
#[derive(Debug, Clone, Serialize)]
pub struct Listed {
    /// Its public name.
    pub session_id: String,
    /// Whose.
    pub username: String,
    /// Network prefix of the sign-in.
    pub network: String,
    /// The member's addresses inside.
    pub addresses: Vec<IpAddr>,
    /// Seconds since 1970 UTC.
    pub started: i64,
    /// Last inner packet, seconds since 1970 UTC, to the minute.
    pub last_active: i64,
    /// Seconds since 1970 UTC.
    pub absolute_end: i64,
}

/// All live sessions, oldest first.
///
/// # Errors
/// [`Error::Database`].
pub async fn live(read: &AnyPool, now: i64) -> Result<Vec<Listed>, Error> {
    let select = "SELECT name, username, network, addresses, started, last_active, absolute_end FROM session \
                  JOIN account ON account.id = session.account WHERE ended IS NULL AND absolute_end > $1 ORDER BY session.id";
    let listed = |row: &AnyRow| -> Result<Listed, sqlx::Error> {
        Ok(Listed {
            session_id: row.try_get(0)?,
            username: row.try_get(1)?,
            network: row.try_get(2)?,
            addresses: leases::parse(row.try_get(3)?),
            started: row.try_get(4)?,
            last_active: row.try_get(5)?,
            absolute_end: row.try_get(6)?,
        })
    };
    let rows = sqlx::query(select).bind(now).fetch_all(read).await?;
    Ok(rows.iter().map(listed).collect::<Result<_, _>>()?)
}
