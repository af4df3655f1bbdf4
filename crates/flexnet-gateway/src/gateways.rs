//! The gateways over one database: each has a row there, says every five seconds that it lives, and finds out if another has taken its name.
//! Nothing is decided by whether a gateway seems dead: sessions wait for their member to resume them elsewhere, or for their end.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::{AnyConnection, AnyPool, Row as _};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    db::{Database, exact},
    error::Error,
};

/// More than twice as long as a gateway leaves between two signs of life (`housekeeping`).
pub const TWO_BEATS: Duration = Duration::from_secs(12);
/// Between two looks for one.
const LOOK: Duration = Duration::from_millis(250);

/// Names of gateways over this database that say within `patience` that they live; the first look that finds any ends it. No clock is asked: a gateway's
/// may be wrong, and a copy that was put back holds times of long ago.
///
/// # Errors
/// [`Error::Database`].
pub async fn living(read: &AnyPool, patience: Duration) -> Result<Vec<String>, Error> {
    let before = Signs::look(read).await?;
    let until = Instant::now() + patience;
    // Nobody has a row here: whoever runs all the same ends itself at its next sign of life.
    while !before.0.is_empty() && Instant::now() < until {
        sleep(LOOK).await;
        let moved = Signs::look(read).await?.moved_since(&before);
        if !moved.is_empty() {
            return Ok(moved);
        }
    }
    Ok(Vec::new())
}

#[derive(PartialEq, Eq)]
struct SignOfLife {
    name: String,
    started: i64,
    seen: i64,
}

/// When each gateway over this database last said that it lives, as it stood at one moment.
pub struct Signs(Vec<SignOfLife>);

impl Signs {
    /// As it stands now.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn look(read: &AnyPool) -> Result<Self, Error> {
        let rows = sqlx::query("SELECT name, started, seen FROM gateway ORDER BY name").fetch_all(read).await?;
        let sign = |row: &sqlx::any::AnyRow| -> Result<SignOfLife, sqlx::Error> {
            Ok(SignOfLife { name: row.try_get(0)?, started: row.try_get(1)?, seen: row.try_get(2)? })
        };
        Ok(Self(rows.iter().map(sign).collect::<Result<_, _>>()?))
    }

    /// Names of the gateways that have said it between `before` and this.
    pub fn moved_since(self, before: &Self) -> Vec<String> {
        self.0.into_iter().filter(|sign| !before.0.contains(sign)).map(|sign| sign.name).collect()
    }
}

/// Whoever began later under this name has it.
const BEAT: &str = "UPDATE gateway SET seen = $3 WHERE name = $1 AND started = $2";

/// One run of a gateway, by what its row knows it.
#[derive(Debug, Clone)]
pub struct Own {
    name: String,
    started: i64,
    lost: CancellationToken,
    kept: Arc<Mutex<Kept>>,
}

/// The last sign of life that the database has kept.
#[derive(Debug, Clone, Copy)]
struct Kept {
    seen: i64,
    at: Instant,
}

impl Own {
    /// Enters a gateway that begins now. Whoever ran under its name before is none any more.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn appear(database: &Database, name: &str, now: i64) -> Result<Self, Error> {
        let mut write = database.write().await?;
        // Later than any run before, also within one second and after the clock was set back.
        let enter = "INSERT INTO gateway (name, started, seen) VALUES ($1, $2, $2) ON CONFLICT (name) DO UPDATE \
                     SET started = CASE WHEN gateway.started < $2 THEN $2 ELSE gateway.started + 1 END, seen = $2 RETURNING started";
        let row = sqlx::query(enter).bind(name).bind(now).fetch_one(&mut *write).await?;
        let started = row.try_get(0)?;
        // Sessions of the time when there was only one.
        sqlx::query("UPDATE session SET gateway = $1 WHERE gateway = ''").bind(name).execute(&mut *write).await?;
        write.commit().await?;
        let kept = Arc::new(Mutex::new(Kept { seen: now, at: Instant::now() }));
        Ok(Self { name: name.to_owned(), started, lost: CancellationToken::new(), kept })
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the database has kept a sign of life of late: its commits come back.
    pub fn is_kept(&self) -> bool {
        self.kept().at.elapsed() < TWO_BEATS
    }

    /// Whether what this connection reads is of now: its server has the last sign of life, and that is not old. A primary that was cut off answers questions as
    /// before, but a commit there does not come back, and it does not have what was kept by its successor.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn is_known_to(&self, read: &mut AnyConnection) -> Result<bool, Error> {
        let query = sqlx::query("SELECT seen FROM gateway WHERE name = $1 AND started = $2");
        let row = query.bind(&self.name).bind(self.started).fetch_optional(read).await?;
        let seen = row.map(|row| row.try_get::<i64, _>(0)).transpose()?;
        Ok(self.is_kept() && seen == Some(self.kept().seen))
    }

    fn kept(&self) -> Kept {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until another run has begun under this one's name. Then this one has to end, because both would have the same peers.
    pub async fn lost(&self) {
        self.lost.cancelled().await;
    }

    /// Says that this run lives; whether it still has its name.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn beat(&self, database: &Database, now: i64) -> Result<bool, Error> {
        let mut write = database.write().await?;
        let update = sqlx::query(exact(BEAT));
        let done = update.bind(&self.name).bind(self.started).bind(now).execute(&mut *write).await?;
        write.commit().await?;
        let has_it = done.rows_affected() == 1;
        if has_it {
            *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Kept { seen: now, at: Instant::now() };
        }
        if !has_it && !self.lost.is_cancelled() {
            tracing::error!(id = self.name, "another gateway has begun under this one's id: this one ends");
            self.lost.cancel();
        }
        Ok(has_it)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_newer_run_has_the_name() {
        let dir = tempfile::tempdir().unwrap();
        let database = Database::create(&dir.path().join("db")).await.unwrap();
        let first = Own::appear(&database, "gw1", 100).await.unwrap();
        let other = Own::appear(&database, "gw2", 100).await.unwrap();
        assert!(first.beat(&database, 101).await.unwrap());
        let second = Own::appear(&database, "gw1", 100).await.unwrap();
        assert!(!first.beat(&database, 102).await.unwrap());
        assert!(second.beat(&database, 102).await.unwrap() && other.beat(&database, 102).await.unwrap());
    }

    #[tokio::test]
    async fn what_is_read_is_of_now_where_the_last_kept_sign_of_life_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let database = Database::create(&dir.path().join("db")).await.unwrap();
        let own = Own::appear(&database, "gw1", 100).await.unwrap();
        let mut read = database.read().acquire().await.unwrap();
        assert!(own.is_known_to(&mut read).await.unwrap());
        // A server that has not heard of the last one.
        own.kept.lock().unwrap().seen = 105;
        assert!(!own.is_known_to(&mut read).await.unwrap());
        assert!(own.beat(&database, 105).await.unwrap() && own.is_known_to(&mut read).await.unwrap());
        // A server that has it, and keeps no other.
        own.kept.lock().unwrap().at -= TWO_BEATS;
        assert!(!own.is_kept() && !own.is_known_to(&mut read).await.unwrap());
    }

    #[tokio::test]
    async fn who_lives_is_told_by_what_moves_and_by_no_clock() {
        let dir = tempfile::tempdir().unwrap();
        let database = Database::create(&dir.path().join("db")).await.unwrap();
        let own = Own::appear(&database, "gw1", 100).await.unwrap();
        Own::appear(&database, "gw2", i64::MAX).await.unwrap();
        let short = Duration::from_millis(600);
        assert_eq!(living(database.read(), short).await.unwrap(), Vec::<String>::new(), "a row alone is no life");
        let long = Duration::from_secs(60);
        // Its clock may be years behind.
        let beats = async {
            for now in 1.. {
                own.beat(&database, now).await.unwrap();
                sleep(LOOK).await;
            }
        };
        let living =
            tokio::select! { living = living(database.read(), long) => living.unwrap(), () = beats => Vec::new() };
        assert_eq!(living, ["gw1"]);
    }
}
