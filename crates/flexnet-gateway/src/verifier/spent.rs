//! One-time use of foreign TANs: each is sent to a server once, for one name, ever within its memory. A server may accept a TAN twice; we do not.
//! Keeps keyed hashes only.

use crate::{db::Write, error::Error};

/// Seconds for which a TAN is remembered: longer than any server looks ahead or back.
const MEMORY: i64 = 24 * 3600;

/// Takes a TAN that is about to be sent: false if it was before, by whatever gateway. To be committed before it is sent.
///
/// # Errors
/// [`Error::Database`].
pub async fn take(write: &mut Write, hash: &[u8; 32], now: i64) -> Result<bool, Error> {
    let insert = "INSERT INTO foreign_tan (hash, at) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING";
    let done = sqlx::query(insert).bind(hash.as_slice()).bind(now).execute(&mut **write).await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets TANs that no server takes any more.
///
/// # Errors
/// [`Error::Database`].
pub async fn forget_old(write: &mut Write, now: i64) -> Result<(), Error> {
    sqlx::query("DELETE FROM foreign_tan WHERE at < $1").bind(now - MEMORY).execute(&mut **write).await?;
    Ok(())
}
