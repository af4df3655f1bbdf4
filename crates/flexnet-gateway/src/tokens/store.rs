//! Tokens in the database: whose they are, in which state, and what of them is spent. Every change is decided in its statement, never before it.
//! A token goes from stock to active, and from there to lost or withdrawn, and never back.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use sqlx::{Row as _, any::AnyRow};
use zeroize::Zeroizing;

use super::{Hash, Kind, Match, Owner, Token};
use crate::{
    db::{Write, exact},
    error::Error,
    seal::Keys,
};

/// A TAN is spent once: none of the same step or counter, or of an earlier one, ever again.
const SPEND: &str = "UPDATE token SET last = $2 WHERE id = $1 AND last < $2 AND state = 'active'";
/// The same, and what it teaches of the token's clock.
const SPEND_AND_LEARN: &str = "UPDATE token SET last = $2, drift = $3 WHERE id = $1 AND last < $2 AND state = 'active'";

/// Brought back into step by what is unspent, of a token in use.
const RESYNC: &str =
    "UPDATE token SET last = $2, drift = $3 WHERE id = $1 AND last < $4 AND state = 'active' RETURNING serial";
/// Nobody's becomes somebody's, once.
const ASSIGN: &str =
    "UPDATE token SET account = $2, staff = $3, state = 'active' WHERE serial = $1 AND state = 'stock'";
/// What nobody has, or is out of use for good, cannot be lost; what is lost may be reported again.
const LOSE: &str =
    "UPDATE token SET state = 'lost' WHERE serial = $1 AND state IN ('active', 'lost') RETURNING account, staff";
/// All that a member might have lost.
const LOSE_ALL: &str = "UPDATE token SET state = 'lost' WHERE account = $1 AND state = 'active' RETURNING serial";
/// The same of one of the staff.
const LOSE_ALL_OF_STAFF: &str =
    "UPDATE token SET state = 'lost' WHERE staff = $1 AND state = 'active' RETURNING serial";
/// For good, from whatever it was.
const WITHDRAW: &str = "UPDATE token SET state = 'withdrawn' WHERE serial = $1 RETURNING account, staff";
/// A member's own, and only those in use open anything.
const IN_STATE: &str = "SELECT * FROM token WHERE account = $1 AND state = $2 ORDER BY id";
/// The same of one of the staff.
const IN_STATE_OF_STAFF: &str = "SELECT * FROM token WHERE staff = $1 AND state = $2 ORDER BY id";

/// The usable tokens of somebody. One whose row is damaged, or whose seed another key sealed, is left out: it opens nothing and denies nothing.
///
/// # Errors
/// [`Error::Database`].
pub async fn usable(write: &mut Write, keys: &Keys, owner: Owner) -> Result<Vec<Token>, Error> {
    in_state(write, keys, owner, "active").await
}

/// Whether a token that was reported lost shows these two TANs one after the other. Nothing is spent: it opens nothing anyway.
///
/// # Errors
/// [`Error::Database`].
pub async fn lost_shows(
    write: &mut Write,
    keys: &Keys,
    owner: Owner,
    first: &str,
    second: &str,
    now: i64,
) -> Result<bool, Error> {
    let lost = in_state(write, keys, owner, "lost").await?;
    Ok(lost.iter().filter(|token| token.find_pair(first, second, now).is_some()).count() > 0)
}

/// What a spent TAN teaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Learn {
    /// Where the token's clock stands: the sign-in was right (RFC 6238 §6).
    Drift,
    /// Nothing: something else was wrong.
    Nothing,
}

/// Spends a TAN with every token that shows it, so that none of them opens anything with it later. `false` if there is none, or with one of them it, or a later
/// one, was spent already, or the token is active no longer.
///
/// # Errors
/// [`Error::Database`].
pub async fn spend_all(write: &mut Write, found: &[Match], learn: Learn) -> Result<bool, Error> {
    let mut fresh = !found.is_empty();
    for found in found {
        fresh &= spend(write, *found, learn).await?;
    }
    Ok(fresh)
}

/// Brings a token back into step by two TANs that it shows one after the other, and spends both; its serial number. Nothing if no usable token shows
/// them: then what of them a token would have taken by itself is spent, as with any entry that was wrong.
///
/// # Errors
/// [`Error::Database`].
pub async fn resync(
    write: &mut Write,
    keys: &Keys,
    owner: Owner,
    first: &str,
    second: &str,
    now: i64,
) -> Result<Option<String>, Error> {
    let tokens = usable(write, keys, owner).await?;
    let mut in_step = None;
    for token in &tokens {
        let Some(found) = token.find_pair(first, second, now) else { continue };
        in_step = back_in_step(write, found).await?.or(in_step);
    }
    if in_step.is_none() {
        let shown = tokens.iter().flat_map(|token| [token.find(first, now), token.find(second, now)]);
        spend_all(write, &shown.flatten().collect::<Vec<_>>(), Learn::Nothing).await?;
    }
    Ok(in_step)
}

/// A token as it comes in.
pub struct NewToken {
    /// Serial number, as printed on it.
    pub serial: String,
    /// By what its TANs follow each other.
    pub kind: Kind,
    /// Its hash function.
    pub hash: Hash,
    /// 6 to 8.
    pub digits: u8,
    /// Seconds of a step; TOTP only.
    pub period: u32,
    /// At least 16 bytes (RFC 4226 §4, R6).
    pub seed: Zeroizing<Vec<u8>>,
}

/// Adds a token: somebody's, active at once, or nobody's, in stock.
///
/// # Errors
/// [`Error::Taken`] if the serial number is known, [`Error::Value`] for a short seed, [`Error::Seal`], [`Error::Database`].
pub async fn add(
    write: &mut Write,
    keys: &Keys,
    owner: Option<Owner>,
    token: &NewToken,
    now: i64,
) -> Result<(), Error> {
    if token.seed.len() < 16 {
        return Err(Error::Value { field: "seed", reason: "must have at least 16 bytes".into() });
    }
    let (account, staff) = columns(owner);
    let insert = "INSERT INTO token (account, staff, state, serial, kind, algorithm, digits, period, seed, created) \
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (serial) DO NOTHING";
    let done = sqlx::query(insert)
        .bind(account)
        .bind(staff)
        .bind(if owner.is_some() { "active" } else { "stock" })
        .bind(&token.serial)
        .bind(token.kind.name())
        .bind(token.hash.name())
        .bind(i64::from(token.digits))
        .bind(i64::from(token.period.max(1)))
        .bind(keys.seal(&place(&token.serial), &token.seed)?)
        .bind(now)
        .execute(&mut **write)
        .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::Taken(format!("a token {}", token.serial))) }
}

/// Gives a token in stock to somebody.
///
/// # Errors
/// [`Error::Unknown`] if there is none of this number in stock, [`Error::Database`].
pub async fn assign(write: &mut Write, serial: &str, owner: Owner) -> Result<(), Error> {
    let (account, staff) = columns(Some(owner));
    let done = sqlx::query(exact(ASSIGN)).bind(serial).bind(account).bind(staff).execute(&mut **write).await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::Unknown(format!("token {serial} in stock"))) }
}

/// Marks a token as lost; whose it was. From now on it opens nothing.
///
/// # Errors
/// [`Error::Unknown`] if nobody has it, [`Error::Database`].
pub async fn lose(write: &mut Write, serial: &str) -> Result<Owner, Error> {
    let row = sqlx::query(exact(LOSE)).bind(serial).fetch_optional(&mut **write).await?;
    owner(&row.ok_or_else(|| Error::Unknown(format!("token {serial} of anybody")))?)
}

/// Marks every active token of somebody as lost; their serial numbers.
///
/// # Errors
/// [`Error::Database`].
pub async fn lose_all(write: &mut Write, owner: Owner) -> Result<Vec<String>, Error> {
    let (update, id) = match owner {
        Owner::Account(id) => (LOSE_ALL, id),
        Owner::Staff(id) => (LOSE_ALL_OF_STAFF, id),
    };
    let rows = sqlx::query(exact(update)).bind(id).fetch_all(&mut **write).await?;
    Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
}

/// Takes a token out of use for good: given back, broken, or never given out. Whose it was, if anybody's.
///
/// # Errors
/// [`Error::Unknown`], [`Error::Database`].
pub async fn withdraw(write: &mut Write, serial: &str) -> Result<Option<Owner>, Error> {
    let row = sqlx::query(exact(WITHDRAW)).bind(serial).fetch_optional(&mut **write).await?;
    let row = row.ok_or_else(|| Error::Unknown(format!("token {serial}")))?;
    Ok(owner(&row).ok())
}

/// Spends both of two TANs, if neither is yet and the token is still in use; its serial number.
pub async fn back_in_step(write: &mut Write, found: Match) -> Result<Option<String>, Error> {
    let update = sqlx::query(exact(RESYNC)).bind(found.token).bind(found.factor).bind(found.drift);
    let row = update.bind(found.factor - 1).fetch_optional(&mut **write).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

async fn spend(write: &mut Write, found: Match, learn: Learn) -> Result<bool, Error> {
    let update = match learn {
        Learn::Drift => sqlx::query(exact(SPEND_AND_LEARN)).bind(found.token).bind(found.factor).bind(found.drift),
        Learn::Nothing => sqlx::query(exact(SPEND)).bind(found.token).bind(found.factor),
    };
    Ok(update.execute(&mut **write).await?.rows_affected() == 1)
}

async fn in_state(write: &mut Write, keys: &Keys, owner: Owner, state: &str) -> Result<Vec<Token>, Error> {
    let (select, id) = match owner {
        Owner::Account(id) => (IN_STATE, id),
        Owner::Staff(id) => (IN_STATE_OF_STAFF, id),
    };
    let rows = sqlx::query(exact(select)).bind(id).bind(state).fetch_all(&mut **write).await?;
    let mut tokens = Vec::with_capacity(rows.len());
    for row in &rows {
        match of_row(row, keys) {
            Ok(token) => tokens.push(token),
            Err(error) => tell_once(row.try_get("id")?, &error),
        }
    }
    Ok(tokens)
}

fn of_row(row: &AnyRow, keys: &Keys) -> Result<Token, Error> {
    let serial: String = row.try_get("serial")?;
    let seed: Vec<u8> = row.try_get("seed")?;
    Ok(Token {
        id: Some(row.try_get("id")?),
        kind: row.try_get::<String, _>("kind")?.parse()?,
        hash: row.try_get::<String, _>("algorithm")?.parse()?,
        digits: u8::try_from(row.try_get::<i64, _>("digits")?).map_err(|_| Error::Row("token"))?,
        period: row.try_get::<i64, _>("period")?.max(1),
        seed: keys.open(&place(&serial), &seed)?,
        last: row.try_get("last")?,
        drift: row.try_get("drift")?,
    })
}

/// Whoever tries to sign in can ask for the row again and again; the log hears of it once.
fn tell_once(token: i64, error: &Error) {
    static TOLD: Mutex<BTreeSet<i64>> = Mutex::new(BTreeSet::new());
    if TOLD.lock().unwrap_or_else(PoisonError::into_inner).insert(token) {
        let error = error as &dyn std::error::Error;
        tracing::error!(token, error, "the row of a token cannot be read: the token opens nothing");
    }
}

fn columns(owner: Option<Owner>) -> (Option<i64>, Option<i64>) {
    match owner {
        Some(Owner::Account(id)) => (Some(id), None),
        Some(Owner::Staff(id)) => (None, Some(id)),
        None => (None, None),
    }
}

fn owner(row: &AnyRow) -> Result<Owner, Error> {
    let account = row.try_get::<Option<i64>, _>("account")?.map(Owner::Account);
    let staff = row.try_get::<Option<i64>, _>("staff")?.map(Owner::Staff);
    account.or(staff).ok_or(Error::Row("token of nobody"))
}

/// A sealed seed cannot be moved to another token.
pub fn place(serial: &str) -> String {
    format!("token {serial}")
}
