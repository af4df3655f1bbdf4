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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{db::Database, tests::postgres};

    const TAN: [u8; 32] = [1; 32];

    async fn taken(database: &Database, now: i64) -> bool {
        let mut write = database.write().await.unwrap();
        let taken = take(&mut write, &TAN, now).await.unwrap();
        write.commit().await.unwrap();
        taken
    }

    async fn is_taken_once(database: Database) {
        let hands: Vec<_> = (0..20)
            .map(|_| {
                let database = database.clone();
                tokio::spawn(async move { taken(&database, 100).await })
            })
            .collect();
        let mut first = 0;
        for hand in hands {
            first += u32::from(hand.await.unwrap());
        }
        assert_eq!(first, 1);
        for (now, forgotten) in [(100 + MEMORY, false), (101 + MEMORY, true)] {
            let mut write = database.write().await.unwrap();
            forget_old(&mut write, now).await.unwrap();
            write.commit().await.unwrap();
            assert_eq!(taken(&database, now).await, forgotten);
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_tan_is_taken_once_by_whoever_comes_first() {
        let dir = tempfile::tempdir().unwrap();
        is_taken_once(Database::create(&dir.path().join("db")).await.unwrap()).await;
        let fresh = postgres().await;
        is_taken_once(Database::open(&fresh.place).await.unwrap()).await;
    }
}
