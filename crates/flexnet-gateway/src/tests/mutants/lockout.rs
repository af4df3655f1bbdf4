//! The lockout: what is reserved, what is set back, what locks and what opens.

use super::*;
use crate::guard;

const KEY: [u8; 32] = [3; 32];
const OTHER: [u8; 32] = [4; 32];

pub async fn keeps(ground: &Ground) -> Kept {
    let write = &mut ground.database.write().await?;
    for other in [(9, 5, 0, 2), (9, 5, 1, 2), (9, 4, 0, 2)] {
        set(write, &OTHER, other).await?;
        set(write, &KEY, (0, 0, 0, 0)).await?;
        for seq in 1..=5 {
            ensure!(guard::reserve(write, &KEY).await? == Some(seq));
        }
        ensure!(guard::reserve(write, &KEY).await?.is_none());
        // A success behind which others are out, and one that comes late.
        ensure!(guard::succeed(write, &KEY, 3).await? == Some(0));
        ensure!(guard::succeed(write, &KEY, 1).await? == Some(0));
        ensure!(row(write, &KEY).await? == (5, 3, 0, 0));
        ensure!(guard::excuse(write, &KEY, 2).await?);
        ensure!(row(write, &KEY).await? == (5, 3, 0, 0));
        ensure!(!guard::give_back(write, &KEY, 3).await?);
        ensure!(guard::give_back(write, &KEY, 5).await?);
        ensure!(row(write, &KEY).await? == (5, 4, 0, 0));
        for (seq, left) in [(5, 4), (6, 3), (7, 2), (8, 1)] {
            let failed = guard::fail(write, &KEY, seq).await?;
            ensure!((failed.attempts_left, failed.locked, failed.just_locked) == (left, false, false));
        }
        ensure!(row(write, &KEY).await? == (5, 4, 0, 4));
        ensure!(guard::hold_open(write, &KEY).await?);
        set(write, &KEY, (9, 4, 0, 4)).await?;
        let failed = guard::fail(write, &KEY, 9).await?;
        ensure!((failed.attempts_left, failed.locked, failed.just_locked) == (0, true, true));
        let failed = guard::fail(write, &KEY, 9).await?;
        ensure!((failed.locked, failed.just_locked) == (true, false));
        // Locked: nothing but the desk opens it.
        set(write, &KEY, (9, 7, 1, 6)).await?;
        ensure!(guard::reserve(write, &KEY).await?.is_none());
        ensure!(guard::succeed(write, &KEY, 9).await?.is_none());
        ensure!(!guard::excuse(write, &KEY, 9).await?);
        ensure!(!guard::give_back(write, &KEY, 9).await?);
        ensure!(!guard::hold_open(write, &KEY).await?);
        ensure!(!guard::lock(write, &KEY).await?);
        ensure!(row(write, &KEY).await? == (9, 7, 1, 6));
        ensure!(guard::unlock(write, &KEY).await?);
        ensure!(row(write, &KEY).await? == (9, 9, 0, 6));
        ensure!(guard::succeed(write, &KEY, 9).await? == Some(6));
        ensure!(row(write, &KEY).await? == (9, 9, 0, 0));
        // Five that never ended are as good as a lock, four are not.
        set(write, &KEY, (9, 4, 0, 0)).await?;
        ensure!(guard::unlock(write, &KEY).await?);
        set(write, &KEY, (9, 5, 0, 0)).await?;
        ensure!(!guard::unlock(write, &KEY).await?);
        ensure!(row(write, &KEY).await? == (9, 9, 0, 0));
        ensure!(guard::lock(write, &KEY).await?);
        ensure!(row(write, &KEY).await? == (9, 9, 1, 0));
        ensure!(row(write, &OTHER).await? == other);
    }
    Ok(())
}

/// What a guard row holds: `seq`, `ok_seq`, `locked`, `failures`.
async fn row(write: &mut Write, key: &[u8; 32]) -> sqlx::Result<(i64, i64, i64, i64)> {
    let select = "SELECT seq, ok_seq, locked, failures FROM guard WHERE key = $1";
    sqlx::query_as(select).bind(key.as_slice()).fetch_one(&mut **write).await
}

async fn set(write: &mut Write, key: &[u8; 32], values: (i64, i64, i64, i64)) -> Kept {
    let insert = "INSERT INTO guard (key, seq, ok_seq, locked, failures) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (key) \
                  DO UPDATE SET seq = excluded.seq, ok_seq = excluded.ok_seq, locked = excluded.locked, failures = excluded.failures";
    let (seq, ok_seq, locked, failures) = values;
    let query = sqlx::query(insert).bind(key.as_slice()).bind(seq).bind(ok_seq).bind(locked).bind(failures);
    query.execute(&mut **write).await?;
    Ok(())
}
