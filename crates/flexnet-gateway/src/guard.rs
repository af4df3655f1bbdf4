//! The lockout: count before verify. Every name has a row, invented ones included, under a keyed hash.
//! Nothing but an entry that was right in full, one that nobody could judge, or an unlock by the desk moves `ok_seq`: no timer, no restart, no restored clock.
//! Standard: RFC 4226 §7.3 (the lockout must hold across parallel sessions).

use std::collections::HashMap;

use sqlx::{AnyPool, AssertSqlSafe, Row as _, any::AnyRow};

use crate::{
    config::ATTEMPTS,
    db::{News, Write, exact},
    error::Error,
};

/// Takes one attempt, or none if the name is locked or five are out already. One statement, so no two can take the same.
/// The five is [`ATTEMPTS`]; a test compares them.
const RESERVE: &str = "INSERT INTO guard (key, seq) VALUES ($1, 1) ON CONFLICT (key) DO UPDATE SET seq = guard.seq + 1 \
     WHERE guard.locked = 0 AND guard.seq - guard.ok_seq < 5 RETURNING guard.seq";
/// The count starts anew behind `$2`, unless the name was locked meanwhile. `ok_seq` never falls.
const SUCCEED: &str = "UPDATE guard SET ok_seq = CASE WHEN ok_seq < $2 THEN $2 ELSE ok_seq END \
     WHERE key = $1 AND locked = 0 RETURNING failures";
/// Takes one attempt out of the count, and no more than it has put there. `ok_seq` does not pass `seq`.
const GIVE_BACK: &str = "UPDATE guard SET ok_seq = ok_seq + 1 WHERE key = $1 AND locked = 0 AND ok_seq < $2";
/// Counts a failure. From here to the commit nobody else moves the row.
const FAIL: &str = "UPDATE guard SET failures = failures + 1 WHERE key = $1 RETURNING ok_seq, locked";
/// Locks once, at the fifth since the last success or unlock.
const LOCK: &str = "UPDATE guard SET locked = 1 WHERE key = $1 AND locked = 0 AND $2 - ok_seq >= 5";
/// Opens what is locked, by its mark or by five attempts without an end.
const UNLOCK: &str = "UPDATE guard SET locked = 0, ok_seq = seq WHERE key = $1 AND (locked = 1 OR seq - ok_seq >= 5)";
/// Sets the count back.
const FORGET: &str = "UPDATE guard SET ok_seq = seq WHERE key = $1";
/// Failures are told once, at the success behind them.
const NO_FAILURES: &str = "UPDATE guard SET failures = 0 WHERE key = $1";
/// Nobody locks an open name until the commit.
const HOLD_OPEN: &str = "UPDATE guard SET locked = 0 WHERE key = $1 AND locked = 0";
/// Locks an open name, whatever its count.
const LOCK_NOW: &str = "UPDATE guard SET locked = 1 WHERE key = $1 AND locked = 0";

/// What a failure led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failed {
    /// Entries left before the lock.
    pub attempts_left: u8,
    /// The name is locked now.
    pub locked: bool,
    /// It was this failure that locked it.
    pub just_locked: bool,
}

/// Where a name stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Only the desk opens it.
    pub locked: bool,
    /// Entries left before the lock.
    pub attempts_left: u8,
}

impl Standing {
    /// That of a name that was never tried.
    pub const FRESH: Self = Self { locked: false, attempts_left: ATTEMPTS };

    /// Of `seq, ok_seq, locked`.
    fn of(row: &AnyRow) -> Result<Self, Error> {
        let attempts_left = attempts_left(row.try_get(0)?, row.try_get(1)?);
        let locked = row.try_get::<i64, _>(2)? == 1 || attempts_left == 0;
        Ok(Self { locked, attempts_left: if locked { 0 } else { attempts_left } })
    }
}

/// Reserves one attempt: its number, or nothing if the name is locked. To be committed before anything is checked.
///
/// # Errors
/// [`Error::Database`].
pub async fn reserve(write: &mut Write, key: &[u8; 32]) -> Result<Option<i64>, Error> {
    let row = sqlx::query(exact(RESERVE)).bind(key.as_slice()).fetch_optional(&mut **write).await?;
    row.map(|row| row.try_get(0)).transpose().map_err(Error::from)
}

/// The attempt `seq` was right: the count starts anew. The failures before it, or nothing if the name was locked meanwhile: then it is no success.
///
/// # Errors
/// [`Error::Database`].
pub async fn succeed(write: &mut Write, key: &[u8; 32], seq: i64) -> Result<Option<u32>, Error> {
    let row = sqlx::query(exact(SUCCEED)).bind(key.as_slice()).bind(seq).fetch_optional(&mut **write).await?;
    let Some(failures) = row.map(|row| row.try_get::<i64, _>(0)).transpose()? else { return Ok(None) };
    if failures != 0 {
        sqlx::query(exact(NO_FAILURES)).bind(key.as_slice()).execute(&mut **write).await?;
    }
    Ok(Some(u32::try_from(failures).unwrap_or(u32::MAX)))
}

/// The attempt `seq` was right in full and opened nothing, for a cause that is not the member's: it does not count. Whether the name is still open.
///
/// `seq` never falls, and a number given back could be evaluated twice; so this moves `ok_seq` as a success does. Only who has both factors comes here,
/// and pays with a fresh TAN each time: it lets nobody guess a sixth time. The failures stay to be told at the next success.
///
/// # Errors
/// [`Error::Database`].
pub async fn excuse(write: &mut Write, key: &[u8; 32], seq: i64) -> Result<bool, Error> {
    let row = sqlx::query(exact(SUCCEED)).bind(key.as_slice()).bind(seq).fetch_optional(&mut **write).await?;
    Ok(row.is_some())
}

/// Nobody could say whether the attempt `seq` was right: it does not count. Whether it was taken back.
///
/// Unlike a success this moves `ok_seq` by one alone: the attempts before it count as they did, so whoever keeps a judge from answering
/// gains no guess. An attempt before the last success, or before later ones that were given back first, stays as it is: then one more counts than
/// should, and never one less.
///
/// # Errors
/// [`Error::Database`].
pub async fn give_back(write: &mut Write, key: &[u8; 32], seq: i64) -> Result<bool, Error> {
    let done = sqlx::query(exact(GIVE_BACK)).bind(key.as_slice()).bind(seq).execute(&mut **write).await?;
    Ok(done.rows_affected() == 1)
}

/// The attempt `seq` was wrong. The fifth since the last success or unlock locks.
///
/// # Errors
/// [`Error::Database`], [`Error::Row`] if the attempt was never reserved.
pub async fn fail(write: &mut Write, key: &[u8; 32], seq: i64) -> Result<Failed, Error> {
    let row = sqlx::query(exact(FAIL)).bind(key.as_slice()).fetch_optional(&mut **write).await?;
    let row = row.ok_or(Error::Row("reservation"))?;
    let (ok_seq, was_locked): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    let done = sqlx::query(exact(LOCK)).bind(key.as_slice()).bind(seq).execute(&mut **write).await?;
    let just_locked = done.rows_affected() == 1;
    if just_locked {
        write.announce(News::Guard);
    }
    let locked = was_locked == 1 || just_locked;
    Ok(Failed { attempts_left: if locked { 0 } else { attempts_left(seq, ok_seq) }, locked, just_locked })
}

/// Whether a name is open, and so until the end of this transaction.
///
/// # Errors
/// [`Error::Database`].
pub async fn hold_open(write: &mut Write, key: &[u8; 32]) -> Result<bool, Error> {
    Ok(sqlx::query(exact(HOLD_OPEN)).bind(key.as_slice()).execute(&mut **write).await?.rows_affected() == 1)
}

/// Locks a name that was tried before, without an attempt; whether it was open.
///
/// # Errors
/// [`Error::Database`].
pub async fn lock(write: &mut Write, key: &[u8; 32]) -> Result<bool, Error> {
    write.announce(News::Guard);
    Ok(sqlx::query(exact(LOCK_NOW)).bind(key.as_slice()).execute(&mut **write).await?.rows_affected() == 1)
}

/// Opens a name; whether it was locked. Only the desk does this.
///
/// # Errors
/// [`Error::Database`].
pub async fn unlock(write: &mut Write, key: &[u8; 32]) -> Result<bool, Error> {
    let was = sqlx::query(exact(UNLOCK)).bind(key.as_slice()).execute(&mut **write).await?.rows_affected() == 1;
    if !was {
        sqlx::query(exact(FORGET)).bind(key.as_slice()).execute(&mut **write).await?;
    }
    write.announce(News::Guard);
    Ok(was)
}

/// Where a name stands; nothing for a name that was never tried. Five unfinished attempts count as locked: only the desk opens that, too.
///
/// # Errors
/// [`Error::Database`].
pub async fn standing(write: &mut Write, key: &[u8; 32]) -> Result<Option<Standing>, Error> {
    let row = sqlx::query("SELECT seq, ok_seq, locked FROM guard WHERE key = $1").bind(key.as_slice());
    let Some(row) = row.fetch_optional(&mut **write).await? else { return Ok(None) };
    Standing::of(&row).map(Some)
}

/// Where many names stand, in one question; those that were never tried are not among them.
///
/// # Errors
/// [`Error::Database`], [`Error::Row`].
pub async fn standings(read: &AnyPool, keys: &[[u8; 32]]) -> Result<HashMap<[u8; 32], Standing>, Error> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let list = (1..=keys.len()).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ");
    let select = format!("SELECT seq, ok_seq, locked, key FROM guard WHERE key IN ({list})");
    let mut query = sqlx::query(AssertSqlSafe(select));
    for key in keys {
        query = query.bind(key.as_slice());
    }
    let rows = query.fetch_all(read).await?;
    let standing = |row: &AnyRow| {
        let key = row.try_get::<&[u8], _>(3)?.try_into().map_err(|_| Error::Row("guard key"))?;
        Ok((key, Standing::of(row)?))
    };
    rows.iter().map(standing).collect()
}

fn attempts_left(seq: i64, ok_seq: i64) -> u8 {
    let used = u8::try_from(seq.saturating_sub(ok_seq).max(0)).unwrap_or(u8::MAX);
    ATTEMPTS.saturating_sub(used)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::{collection::vec, prelude::*, sample::Index};

    use super::*;
    use crate::db::Database;

    const KEY: [u8; 32] = [3; 32];

    async fn database() -> (tempfile::TempDir, Database) {
        let dir = tempfile::tempdir().unwrap();
        let database = Database::create(&dir.path().join("db")).await.unwrap();
        (dir, database)
    }

    #[test]
    fn the_statement_and_the_rule_say_the_same_number() {
        assert!(RESERVE.contains(&format!("guard.seq - guard.ok_seq < {ATTEMPTS} ")), "{RESERVE}");
        assert!(LOCK.ends_with(&format!("$2 - ok_seq >= {ATTEMPTS}")), "{LOCK}");
        assert!(UNLOCK.ends_with(&format!("seq - ok_seq >= {ATTEMPTS})")), "{UNLOCK}");
    }

    #[tokio::test]
    async fn five_are_let_through_and_no_sixth() {
        let (_dir, database) = database().await;
        let mut write = database.write().await.unwrap();
        for seq in 1..=5 {
            assert_eq!(reserve(&mut write, &KEY).await.unwrap(), Some(seq));
        }
        // Not one of the five has failed yet, and the sixth is refused all the same.
        assert_eq!(reserve(&mut write, &KEY).await.unwrap(), None);
        assert_eq!(reserve(&mut write, &[4; 32]).await.unwrap(), Some(1), "another name has its own count");
    }

    #[tokio::test]
    async fn a_locked_name_stays_locked_whatever_its_count() {
        let (_dir, database) = database().await;
        let mut write = database.write().await.unwrap();
        reserve(&mut write, &KEY).await.unwrap();
        sqlx::query("UPDATE guard SET locked = 1").execute(&mut *write).await.unwrap();
        assert_eq!(reserve(&mut write, &KEY).await.unwrap(), None);
        assert_eq!(succeed(&mut write, &KEY, 1).await.unwrap(), None, "a success in flight loses");
        assert!(unlock(&mut write, &KEY).await.unwrap());
        assert_eq!(reserve(&mut write, &KEY).await.unwrap(), Some(2));
    }

    #[tokio::test]
    async fn the_fifth_failure_locks_and_only_it() {
        let (_dir, database) = database().await;
        let mut write = database.write().await.unwrap();
        for left in (0..5).rev() {
            let seq = reserve(&mut write, &KEY).await.unwrap().unwrap();
            let failed = fail(&mut write, &KEY, seq).await.unwrap();
            assert_eq!(failed, Failed { attempts_left: left, locked: left == 0, just_locked: left == 0 });
        }
        assert!(unlock(&mut write, &KEY).await.unwrap());
        assert!(!unlock(&mut write, &KEY).await.unwrap(), "it is open already");
        assert_eq!(standing(&mut write, &KEY).await.unwrap(), Some(Standing { locked: false, attempts_left: 5 }));
    }

    #[tokio::test]
    async fn a_success_counts_anew_and_tells_the_failures() {
        let (_dir, database) = database().await;
        let mut write = database.write().await.unwrap();
        for _ in 0..3 {
            let seq = reserve(&mut write, &KEY).await.unwrap().unwrap();
            fail(&mut write, &KEY, seq).await.unwrap();
        }
        let seq = reserve(&mut write, &KEY).await.unwrap().unwrap();
        assert_eq!(succeed(&mut write, &KEY, seq).await.unwrap(), Some(3));
        let seq = reserve(&mut write, &KEY).await.unwrap().unwrap();
        assert_eq!(fail(&mut write, &KEY, seq).await.unwrap().attempts_left, 4);
        // A success that comes late does not take the count back behind a later one.
        assert_eq!(succeed(&mut write, &KEY, 2).await.unwrap(), Some(1));
        assert_eq!(standing(&mut write, &KEY).await.unwrap().unwrap().attempts_left, 4);
    }

    #[tokio::test]
    async fn what_is_given_back_is_one_attempt_and_no_more() {
        let (_dir, database) = database().await;
        let mut write = database.write().await.unwrap();
        for _ in 0..3 {
            let seq = reserve(&mut write, &KEY).await.unwrap().unwrap();
            fail(&mut write, &KEY, seq).await.unwrap();
        }
        for _ in 0..10 {
            let seq = reserve(&mut write, &KEY).await.unwrap().unwrap();
            assert!(give_back(&mut write, &KEY, seq).await.unwrap());
            assert_eq!(standing(&mut write, &KEY).await.unwrap().unwrap().attempts_left, 2);
        }
        for left in [1, 0] {
            let seq = reserve(&mut write, &KEY).await.unwrap().unwrap();
            assert_eq!(fail(&mut write, &KEY, seq).await.unwrap().attempts_left, left);
        }
        assert!(!give_back(&mut write, &KEY, 15).await.unwrap(), "it opens nothing that is locked");
    }

    #[tokio::test]
    async fn nothing_is_given_back_twice_by_a_success_between() {
        let (_dir, database) = database().await;
        let mut write = database.write().await.unwrap();
        let (first, second) =
            (reserve(&mut write, &KEY).await.unwrap().unwrap(), reserve(&mut write, &KEY).await.unwrap().unwrap());
        succeed(&mut write, &KEY, second).await.unwrap();
        assert!(!give_back(&mut write, &KEY, first).await.unwrap(), "it counts no more");
        for _ in 0..5 {
            reserve(&mut write, &KEY).await.unwrap().unwrap();
        }
        assert_eq!(reserve(&mut write, &KEY).await.unwrap(), None);
    }

    /// However many run at once and in whatever order they end: never more than five of one count are out or wrong.
    #[test]
    fn no_order_of_ends_gives_a_sixth_guess() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (_dir, database) = runtime.block_on(database());
        proptest!(|(steps in vec((0_u8..4, any::<Index>()), 1..60))| runtime.block_on(async {
            let mut write = database.write().await.unwrap();
            let (mut out, mut counted) = (Vec::new(), BTreeSet::new());
            for (step, index) in steps {
                if step == 0 || out.is_empty() {
                    if let Some(seq) = reserve(&mut write, &KEY).await.unwrap() {
                        out.push(seq);
                        counted.insert(seq);
                    }
                } else {
                    let seq = out.remove(index.index(out.len()));
                    match step {
                        1 => drop(fail(&mut write, &KEY, seq).await.unwrap()),
                        2 if succeed(&mut write, &KEY, seq).await.unwrap().is_some() => counted.retain(|other| *other > seq),
                        _ => {
                            give_back(&mut write, &KEY, seq).await.unwrap();
                            counted.remove(&seq);
                        }
                    }
                }
                prop_assert!(counted.len() <= usize::from(ATTEMPTS), "{:?}", counted);
            }
            write.rollback().await.unwrap();
            Ok(())
        })?);
    }

    #[tokio::test]
    async fn five_crashed_attempts_are_locked_until_the_desk_opens() {
        let (_dir, database) = database().await;
        let mut write = database.write().await.unwrap();
        for _ in 0..5 {
            reserve(&mut write, &KEY).await.unwrap();
        }
        assert!(standing(&mut write, &KEY).await.unwrap().unwrap().locked);
        assert!(unlock(&mut write, &KEY).await.unwrap());
        assert!(reserve(&mut write, &KEY).await.unwrap().is_some());
    }
}
