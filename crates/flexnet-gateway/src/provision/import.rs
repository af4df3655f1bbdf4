//! Tokens come in by two people: one brings a file, another lets it in or turns it away. Until then its tokens lie sealed and open nothing.
//! What comes in is in stock: it opens nothing until it is given to somebody.

use serde::Serialize;
use sqlx::{AnyPool, Row as _};
use zeroize::Zeroizing;

use super::{Kept, Provisioned, place};
use crate::{
    acts::Hand,
    audit::Event,
    db::{Write, exact},
    error::Error,
    seal::{Keys, sha256},
    tokens,
};

/// An import that waits to be judged, with all that may be shown of it.
#[derive(Debug, Clone, Serialize)]
pub struct Waiting {
    /// To be named by whoever judges it.
    pub id: i64,
    /// SHA-256 of the file, hexadecimal: the two can compare it.
    pub file_hash: String,
    /// Who brought it.
    pub brought_by: String,
    /// When, seconds since 1970 UTC.
    pub brought: i64,
    /// What is in it.
    pub tokens: Vec<Shown>,
}

/// A token of an import, without its seed.
#[derive(Debug, Clone, Serialize)]
pub struct Shown {
    /// As printed on the device.
    pub serial: String,
    /// `hotp` or `totp`.
    pub kind: &'static str,
    /// Its hash function.
    pub algorithm: &'static str,
    /// Digits of a TAN.
    pub digits: u8,
}

/// An import that was judged.
#[derive(Debug, Clone, Serialize)]
pub struct Import {
    /// Its number.
    pub id: i64,
    /// Tokens in it.
    pub count: i64,
}

/// Keeps a file's tokens until another person lets them in; the number of the import.
///
/// # Errors
/// [`Error::Taken`] naming the serial numbers that are known already, [`Error::Seal`], [`Error::Database`].
pub async fn bring(write: &mut Write, hand: Hand<'_>, file: &[u8], tokens: &[Provisioned]) -> Result<Import, Error> {
    refuse_known(write, tokens.iter().map(|token| token.serial.as_str())).await?;
    let file_hash = sha256(&[file]);
    let kept: Vec<Kept> = tokens.iter().map(Kept::of).collect();
    let json = serde_json::to_vec(&kept).map(Zeroizing::new).map_err(|_| Error::Row("import"))?;
    let count = i64::try_from(tokens.len()).unwrap_or(i64::MAX);
    let insert = "INSERT INTO token_import (file_hash, tokens, count, brought_by, brought) VALUES ($1, $2, $3, $4, $5) RETURNING id";
    let row = sqlx::query(insert)
        .bind(file_hash.as_slice())
        .bind(hand.keys.seal(&place(&file_hash), &json)?)
        .bind(count)
        .bind(hand.actor)
        .bind(hand.now)
        .fetch_one(&mut **write)
        .await?;
    let import = Import { id: row.try_get(0)?, count };
    note(write, hand, Event::TokensBrought, &import).await?;
    Ok(import)
}

/// All imports that wait.
///
/// # Errors
/// [`Error::Database`], [`Error::Seal`].
pub async fn waiting(read: &AnyPool, keys: &Keys) -> Result<Vec<Waiting>, Error> {
    let select =
        "SELECT id, file_hash, tokens, brought_by, brought FROM token_import WHERE state = 'waiting' ORDER BY id";
    let rows = sqlx::query(select).fetch_all(read).await?;
    let waiting = |row: &sqlx::any::AnyRow| {
        let hash: Vec<u8> = row.try_get(1)?;
        let tokens = open(keys, &hash, &row.try_get::<Vec<u8>, _>(2)?)?;
        let shown = |token: &Provisioned| Shown {
            serial: token.serial.clone(),
            kind: token.kind.name(),
            algorithm: token.hash.name(),
            digits: token.digits,
        };
        Ok(Waiting {
            id: row.try_get(0)?,
            file_hash: data_encoding::HEXLOWER.encode(&hash),
            brought_by: row.try_get(3)?,
            brought: row.try_get(4)?,
            tokens: tokens.iter().map(shown).collect(),
        })
    };
    rows.iter().map(waiting).collect()
}

/// Lets an import in: its tokens are in stock.
///
/// # Errors
/// [`Error::SamePerson`] for who brought it, [`Error::Unknown`], [`Error::Taken`] if a serial number came in otherwise meanwhile, [`Error::Seal`],
/// [`Error::Database`].
pub async fn accept(write: &mut Write, hand: Hand<'_>, id: i64) -> Result<Import, Error> {
    let select =
        sqlx::query("SELECT file_hash, tokens, brought_by FROM token_import WHERE id = $1 AND tokens IS NOT NULL");
    let row = select.bind(id).fetch_optional(&mut **write).await?.ok_or_else(|| unknown(id))?;
    // Decided in the statement; said here, so that whoever brought it hears why.
    let brought_by: String = row.try_get(2)?;
    if brought_by == hand.actor {
        return Err(same_person(hand, id, brought_by));
    }
    let tokens = open(hand.keys, &row.try_get::<Vec<u8>, _>(0)?, &row.try_get::<Vec<u8>, _>(1)?)?;
    let import = judge(write, hand, id, "accepted").await?;
    refuse_known(write, tokens.iter().map(|token| token.serial.as_str())).await?;
    for token in &tokens {
        tokens::add(write, hand.keys, None, &token.token(), hand.now).await?;
        let start = "UPDATE token SET last = $2, drift = $3 WHERE serial = $1 AND state = 'stock'";
        sqlx::query(start).bind(&token.serial).bind(token.counter - 1).bind(token.drift).execute(&mut **write).await?;
    }
    note(write, hand, Event::TokensAccepted, &import).await?;
    Ok(import)
}

/// Turns an import away. Its tokens are gone.
///
/// # Errors
/// [`Error::Unknown`], [`Error::SamePerson`], [`Error::Database`].
pub async fn refuse(write: &mut Write, hand: Hand<'_>, id: i64) -> Result<Import, Error> {
    let import = judge(write, hand, id, "refused").await?;
    note(write, hand, Event::TokensRefused, &import).await?;
    Ok(import)
}

/// Judged once, by another than who brought it.
const JUDGE: &str = "UPDATE token_import SET state = $2, judged_by = $3, judged = $4, tokens = NULL \
     WHERE id = $1 AND state = 'waiting' AND brought_by <> $3 RETURNING count";

async fn judge(write: &mut Write, hand: Hand<'_>, id: i64, state: &str) -> Result<Import, Error> {
    let update = sqlx::query(exact(JUDGE)).bind(id).bind(state).bind(hand.actor).bind(hand.now);
    let row = update.fetch_optional(&mut **write).await?;
    let Some(row) = row else {
        let select = "SELECT brought_by FROM token_import WHERE id = $1 AND state = 'waiting'";
        let own = sqlx::query_scalar::<_, String>(select).bind(id).fetch_optional(&mut **write).await?;
        return Err(own.map_or_else(|| unknown(id), |brought_by| same_person(hand, id, brought_by)));
    };
    Ok(Import { id, count: row.try_get(0)? })
}

/// Names what is known already, ten at the most.
async fn refuse_known(write: &mut Write, serials: impl Iterator<Item = &str>) -> Result<(), Error> {
    let mut known = Vec::new();
    for serial in serials {
        let select = sqlx::query("SELECT 1 FROM token WHERE serial = $1").bind(serial);
        if select.fetch_optional(&mut **write).await?.is_some() {
            known.push(serial.to_owned());
        }
        if known.len() == 10 {
            known.push("and perhaps more".into());
            break;
        }
    }
    if known.is_empty() { Ok(()) } else { Err(Error::Taken(format!("a token {}", known.join(", ")))) }
}

fn open(keys: &Keys, file_hash: &[u8], sealed: &[u8]) -> Result<Vec<Provisioned>, Error> {
    let json = keys.open(&place(file_hash), sealed)?;
    let kept: Vec<Kept> = serde_json::from_slice(&json).map_err(|_| Error::Row("import"))?;
    kept.into_iter().map(Kept::token).collect::<Option<_>>().ok_or(Error::Row("import"))
}

async fn note(write: &mut Write, hand: Hand<'_>, event: Event, import: &Import) -> Result<(), Error> {
    let detail = format!("import {}: {} tokens", import.id, import.count);
    hand.note(write, event, "", &detail).await
}

fn same_person(hand: Hand<'_>, import: i64, brought_by: String) -> Error {
    Error::SamePerson { import, brought_by, you: hand.actor.to_owned() }
}

fn unknown(id: i64) -> Error {
    Error::Unknown(format!("import {id} that waits"))
}
