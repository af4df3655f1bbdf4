//! Members as the desk sees them: found by a part of the name, by an address inside, or because they are locked; and everything about one of them.
//! Only reads. No password, seed or TAN is among it, not even sealed.

use std::net::IpAddr;

use sqlx::{AnyPool, Row as _, any::AnyRow};

use crate::{
    audit,
    error::Error,
    guard::{self, Standing},
    seal::Keys,
    sessions,
    tokens::Kind,
};

/// More hits than anybody reads.
const MOST: usize = 50;

/// What the desk knows of whom it looks for.
#[derive(Debug, Clone)]
pub enum Search {
    /// A part of the user name or of the display name.
    Name(String),
    /// An address inside the tunnel.
    Address(IpAddr),
    /// The access is locked.
    Locked,
}

/// One who was found.
#[derive(Debug, Clone)]
pub struct Hit {
    /// Row of the database.
    pub id: i64,
    /// Normal form of the name.
    pub username: String,
    /// How the member is greeted.
    pub display_name: String,
    /// Not switched off.
    pub active: bool,
    /// Where the name stands.
    pub standing: Standing,
}

/// Who was found.
#[derive(Debug, Default)]
pub struct Found {
    /// By name.
    pub hits: Vec<Hit>,
    /// There are more.
    pub more: bool,
}

/// Looks for members.
///
/// # Errors
/// [`Error::Database`].
pub async fn search(read: &AnyPool, keys: &Keys, search: &Search, now: i64) -> Result<Found, Error> {
    let mut hits = candidates(read, search, now).await?;
    let mut found = Found::default();
    // A part at a time: in a large KV nearly everybody is a candidate for being locked.
    while !hits.is_empty() && found.hits.len() <= MOST {
        let rest = hits.split_off(hits.len().min(PART));
        let names: Vec<[u8; 32]> = hits.iter().map(|hit| keys.guard(&hit.username)).collect();
        let standings = guard::standings(read, &names).await?;
        for (mut hit, key) in hits.into_iter().zip(&names) {
            hit.standing = standings.get(key).copied().unwrap_or(Standing::FRESH);
            if hit.standing.locked || !matches!(search, Search::Locked) {
                found.hits.push(hit);
            }
        }
        hits = rest;
    }
    found.more = found.hits.len() > MOST;
    found.hits.truncate(MOST);
    Ok(found)
}

/// How many names are asked for at once.
const PART: usize = 200;

async fn candidates(read: &AnyPool, search: &Search, now: i64) -> Result<Vec<Hit>, Error> {
    let hit = |row: &AnyRow| -> Result<Hit, sqlx::Error> {
        Ok(Hit {
            id: row.try_get(0)?,
            username: row.try_get(1)?,
            display_name: row.try_get(2)?,
            active: row.try_get::<i64, _>(3)? == 1,
            standing: Standing::FRESH,
        })
    };
    let select = "SELECT id, username, display_name, CASE WHEN state = 'active' THEN 1 ELSE 0 END FROM account ORDER BY username";
    let all = sqlx::query(select).fetch_all(read).await?;
    let mut all = all.iter().map(hit).collect::<Result<Vec<_>, _>>()?;
    match search {
        Search::Locked => {}
        // Compared here: SQLite's LOWER knows no umlauts.
        Search::Name(part) => {
            let part = part.trim().to_lowercase();
            all.retain(|hit| hit.username.contains(&part) || hit.display_name.to_lowercase().contains(&part));
        }
        Search::Address(address) => {
            let live = sessions::live(read, now).await?;
            let owners: Vec<_> = live
                .iter()
                .filter(|listed| listed.addresses.contains(address))
                .map(|listed| &listed.username)
                .collect();
            all.retain(|hit| owners.contains(&&hit.username));
        }
    }
    Ok(all)
}

/// A member.
#[derive(Debug, Clone)]
pub struct Member {
    /// Row of the database.
    pub id: i64,
    /// Normal form of the name.
    pub username: String,
    /// How the member is greeted.
    pub display_name: String,
    /// Not switched off.
    pub active: bool,
    /// Seconds since 1970 UTC.
    pub created: i64,
    /// The last successful sign-in, seconds since 1970 UTC, and from which network.
    pub last_sign_in: Option<(i64, String)>,
    /// Where the name stands.
    pub standing: Standing,
    /// Tokens, the usable ones first.
    pub tokens: Vec<Token>,
    /// Live sessions.
    pub sessions: Vec<sessions::Listed>,
    /// Rows of the audit, the newest first.
    pub history: Vec<audit::Row>,
}

/// A token, without anything that opens something.
#[derive(Debug, Clone)]
pub struct Token {
    /// As printed on it.
    pub serial: String,
    /// By what its TANs follow each other.
    pub kind: Kind,
    /// `active`, `lost`, `withdrawn`.
    pub state: String,
    /// When or how often it was used last.
    pub last_use: LastUse,
}

/// What a spent TAN tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastUse {
    /// Never.
    Never,
    /// A time-based token: seconds since 1970 UTC, by its own clock.
    At(i64),
    /// An event-based token: so many of its TANs are spent or passed over.
    Counter(i64),
}

/// Everything about a member; nothing if there is none.
///
/// # Errors
/// [`Error::Database`].
pub async fn member(read: &AnyPool, keys: &Keys, id: i64, now: i64) -> Result<Option<Member>, Error> {
    /// Rows of the audit that fit on a page.
    const HISTORY: u32 = 30;
    let select = "SELECT username, display_name, CASE WHEN state = 'active' THEN 1 ELSE 0 END, created, last_sign_in, last_network \
                  FROM account WHERE id = $1";
    let Some(row) = sqlx::query(select).bind(id).fetch_optional(read).await? else { return Ok(None) };
    let username: String = row.try_get(0)?;
    let key = keys.guard(&username);
    let standing = guard::standings(read, &[key]).await?.get(&key).copied().unwrap_or(Standing::FRESH);
    let mut live = sessions::live(read, now).await?;
    live.retain(|listed| listed.username == username);
    let mut history = audit::last(read, Some(&username), HISTORY).await?;
    history.reverse();
    Ok(Some(Member {
        id,
        display_name: row.try_get(1)?,
        active: row.try_get::<i64, _>(2)? == 1,
        created: row.try_get(3)?,
        last_sign_in: row.try_get::<Option<i64>, _>(4)?.zip(row.try_get::<Option<String>, _>(5)?),
        standing,
        tokens: tokens(read, id).await?,
        sessions: live,
        history,
        username,
    }))
}

async fn tokens(read: &AnyPool, account: i64) -> Result<Vec<Token>, Error> {
    let select = "SELECT serial, kind, state, last, period FROM token WHERE account = $1 \
                  ORDER BY CASE WHEN state = 'active' THEN 0 ELSE 1 END, id";
    let token = |row: &AnyRow| -> Result<Token, sqlx::Error> {
        let kind = if row.try_get::<String, _>(1)? == Kind::Totp.name() { Kind::Totp } else { Kind::Hotp };
        let (last, period): (i64, i64) = (row.try_get(3)?, row.try_get(4)?);
        let last_use = match kind {
            Kind::Totp | Kind::Hotp if last < 0 => LastUse::Never,
            Kind::Totp => LastUse::At(last.saturating_mul(period)),
            Kind::Hotp => LastUse::Counter(last + 1),
        };
        Ok(Token { serial: row.try_get(0)?, kind, state: row.try_get(2)?, last_use })
    };
    let rows = sqlx::query(select).bind(account).fetch_all(read).await?;
    Ok(rows.iter().map(token).collect::<Result<_, _>>()?)
}

/// Serial numbers of tokens in stock, and how many there are in all.
///
/// # Errors
/// [`Error::Database`].
pub async fn stock(read: &AnyPool, most: i64) -> Result<(Vec<String>, i64), Error> {
    let count = sqlx::query("SELECT count(*) FROM token WHERE state = 'stock'").fetch_one(read).await?.try_get(0)?;
    let select = "SELECT serial FROM token WHERE state = 'stock' ORDER BY serial LIMIT $1";
    let rows = sqlx::query(select).bind(most).fetch_all(read).await?;
    Ok((rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?, count))
}
