//! Extend and resume: what a live session may ask for without a TAN. Both are written down; neither moves the absolute end or opens a session again.

use std::{net::IpAddr, time::Duration};

use flexnet_protocol::{
    Key, Secret,
    gateway::{EndReason, Grant, Resume},
};
use sqlx::Row as _;

use crate::{
    audit::{self, Event, Record},
    db::{News, Write, exact, retry},
    error::Error,
    gateway::Gateway,
    grants, leases,
    seal::{random, sha256},
    sessions,
    steps::{Step, reached},
};

/// Other keys for a session that lives and is where it was when it was looked at.
const MOVE: &str = "UPDATE session SET public_key = $2, preshared_key = $3, gateway = $5, \
     last_active = CASE WHEN last_active < $4 THEN $4 ELSE last_active END WHERE id = $1 AND ended IS NULL AND gateway = $6";

/// Addresses of the gateway that it has moved to.
const ADDRESSES: &str = "UPDATE session SET addresses = $2 WHERE id = $1";
/// What a bearer token is good for.
const LIVE: &str = "SELECT session.*, username, display_name FROM session JOIN account ON account.id = session.account \
     WHERE token_hash = $1 AND ended IS NULL AND absolute_end > $2";

/// Looks at a session that ends or moves while it is resumed.
const TRIES: u32 = 5;

/// What came of it.
#[derive(Debug)]
pub enum Resumed {
    /// The session with these keys.
    Live(Box<Grant>),
    /// It is over.
    Ended(EndReason),
    /// Another member's session has this WireGuard key.
    KeyTaken,
    /// No session has this token.
    Unknown,
}

/// Puts a session's idle end off, written down once a second at the most: what is asked again within it has nothing left to put off.
/// Whether it lived.
///
/// # Errors
/// [`Error::Database`], [`Error::Seal`].
pub async fn extend(gateway: &Gateway, token: &Secret, network: &str) -> Result<bool, Error> {
    retry(|| try_extend(gateway, token, network)).await
}

async fn try_extend(gateway: &Gateway, token: &Secret, network: &str) -> Result<bool, Error> {
    let now = gateway.clock.now();
    let mut write = gateway.database.write().await?;
    let Some(row) = live(&mut write, token, now).await? else { return Ok(false) };
    if row.last_active >= now {
        return Ok(true);
    }
    // Or it has ended meanwhile; the caller looks.
    if !sessions::used(&mut write, row.id, now).await? {
        return Ok(true);
    }
    note(gateway, &mut write, &row, Event::SessionExtended, network, now).await?;
    write.announce(News::Session(row.name));
    write.commit().await?;
    Ok(true)
}

/// Gives a session other keys, at whichever gateway its member asks: if it was another's, it moves here, with addresses of this one's pools.
/// The same keys again are the same answer, so that a lost one may be asked for once more.
/// When this returns, the old peer is gone; the new one is installed by [`crate::network::Network::settled`].
///
/// # Errors
/// [`Error::Database`], [`Error::Seal`].
pub async fn resume(gateway: &Gateway, token: &Secret, keys: &Resume, network: &str) -> Result<Resumed, Error> {
    for _ in 0..TRIES {
        if let Some(resumed) = retry(|| try_resume(gateway, token, keys, network)).await? {
            return Ok(resumed);
        }
    }
    Err(Error::Row("session that moves all the time"))
}

/// Nothing if the session ended or moved between the look and the write.
async fn try_resume(gateway: &Gateway, token: &Secret, keys: &Resume, network: &str) -> Result<Option<Resumed>, Error> {
    let now = gateway.clock.now();
    let mut write = gateway.database.write().await?;
    let Some(mut row) = live(&mut write, token, now).await? else {
        drop(write);
        let found = sessions::find(gateway.database.read(), token, gateway.config.policy, now, |_| None).await?;
        return Ok(Some(match found {
            Some(sessions::Found::Ended(reason)) => Resumed::Ended(reason),
            // It cannot live: sessions do not come back.
            Some(sessions::Found::Live(_)) | None => Resumed::Unknown,
        }));
    };
    let place = leases::preshared_place(&row.name);
    let here = row.gateway == gateway.config.id;
    let same_key = here && row.public_key == *keys.client_public_key.bytes();
    let old = match same_key {
        // What cannot be opened is replaced.
        true => gateway.keys.open(&place, &row.preshared_key).ok().and_then(|key| key.as_slice().try_into().ok()),
        false => None,
    };
    let repeated = old.map(Key::new).filter(|old| keys.preshared_key.as_ref().is_none_or(|wanted| wanted == old));
    let preshared_key = match repeated {
        Some(preshared_key) => preshared_key,
        None => {
            if sessions::key_taken(&mut write, &keys.client_public_key, &row.username).await? {
                return Ok(Some(Resumed::KeyTaken));
            }
            let preshared_key = keys.preshared_key.clone().map_or_else(|| random().map(Key::new), Ok)?;
            // The old peer's last use goes with it. A resumed session is not a used one.
            let quiet = gateway.network.quiet(&row.public_key);
            let used = quiet.map_or(row.last_active, |quiet| now - seconds(quiet)).max(row.last_active);
            let own = &gateway.config.id;
            let sealed = gateway.keys.seal(&place, preshared_key.bytes())?;
            if !take_over(&mut write, &row, &keys.client_public_key, sealed, used, own).await? {
                return Ok(None);
            }
            reached(Step::SessionMoved);
            if !here {
                row.addresses = leases::take(&mut write, own, &gateway.config.tunnel.pools).await?;
                give_addresses(&mut write, row.id, &row.addresses).await?;
                reached(Step::AddressTaken);
            }
            write.announce(News::Sessions);
            note(gateway, &mut write, &row, Event::SessionResumed, network, now).await?;
            reached(Step::Resuming);
            write.commit().await?;
            reached(Step::Resumed);
            preshared_key
        }
    };
    let config = &gateway.config;
    Ok(Some(Resumed::Live(Box::new(Grant {
        session_id: row.name,
        session_token: token.clone(),
        absolute_end: row.absolute_end,
        idle_seconds: config.policy.idle_seconds,
        failures_before: row.failures_before,
        last_sign_in: row.last_sign_in,
        display_name: row.display_name,
        portal_url: config.portal.url.clone(),
        tunnel: grants::tunnel(gateway, preshared_key, row.addresses),
    }))))
}

/// Other keys for a session, which is `to`'s from now on; false if it ended or moved since it was looked at.
pub async fn take_over(
    write: &mut Write,
    row: &Live,
    public_key: &Key,
    preshared_key: Vec<u8>,
    used: i64,
    to: &str,
) -> Result<bool, Error> {
    let update = sqlx::query(exact(MOVE))
        .bind(row.id)
        .bind(public_key.bytes().as_slice())
        .bind(preshared_key)
        .bind(used)
        .bind(to)
        .bind(&row.gateway);
    Ok(update.execute(&mut **write).await?.rows_affected() == 1)
}

/// Its place in the network of the gateway that it has moved to.
pub async fn give_addresses(write: &mut Write, id: i64, addresses: &[IpAddr]) -> Result<(), Error> {
    sqlx::query(exact(ADDRESSES)).bind(id).bind(leases::format(addresses)).execute(&mut **write).await?;
    Ok(())
}

/// A live session, by its own token.
#[derive(Debug)]
pub struct Live {
    pub id: i64,
    pub name: String,
    username: String,
    display_name: String,
    public_key: [u8; 32],
    preshared_key: Vec<u8>,
    addresses: Vec<IpAddr>,
    gateway: String,
    last_active: i64,
    absolute_end: i64,
    failures_before: u32,
    last_sign_in: Option<flexnet_protocol::gateway::LastSignIn>,
}

/// The live session of this bearer token.
pub async fn live(write: &mut Write, token: &Secret, now: i64) -> Result<Option<Live>, Error> {
    let hash = sha256(&[token.expose().as_bytes()]);
    let select = sqlx::query(exact(LIVE)).bind(hash.as_slice()).bind(now);
    let Some(row) = select.fetch_optional(&mut **write).await? else { return Ok(None) };
    Ok(Some(Live {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        username: row.try_get("username")?,
        display_name: row.try_get("display_name")?,
        public_key: row.try_get::<&[u8], _>("public_key")?.try_into().map_err(|_| Error::Row("WireGuard key"))?,
        preshared_key: row.try_get("preshared_key")?,
        addresses: leases::parse(row.try_get("addresses")?),
        gateway: row.try_get("gateway")?,
        last_active: row.try_get("last_active")?,
        absolute_end: row.try_get("absolute_end")?,
        failures_before: sessions::failures_before(&row)?,
        last_sign_in: sessions::last_sign_in(&row)?,
    }))
}

async fn note(
    gateway: &Gateway,
    write: &mut Write,
    row: &Live,
    event: Event,
    network: &str,
    now: i64,
) -> Result<(), Error> {
    let record = Record { event, subject: &row.username, actor: "member", network: Some(network), detail: &row.name };
    audit::append(write, &gateway.config.id, now, &record).await
}

fn seconds(time: Duration) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}
