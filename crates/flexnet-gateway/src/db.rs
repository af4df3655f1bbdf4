//! The SQLite database: one writer in this process, several readers, and other processes beside it (`admin`) by SQLite's own locks.
//! A transaction that writes takes the write lock at its beginning, so nothing that it reads can change under it.

use std::{path::Path, time::Duration};

use sqlx::{
    Connection as _, Row as _, Sqlite, SqlitePool, Transaction,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{error::Error, os};

/// A transaction that holds the write lock. Dropped without a commit it never was.
pub type Write = Transaction<'static, Sqlite>;

const MIGRATIONS: &[&str] = &[include_str!("../migrations/sqlite/0001_start.sql")];
/// How long one process waits for another's write lock.
const PATIENCE: Duration = Duration::from_secs(10);

/// The open database.
#[derive(Debug, Clone)]
pub struct Database {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl Database {
    /// Makes a new database that only its owner can read.
    ///
    /// # Errors
    /// [`Error::Write`], [`Error::Database`].
    pub async fn create(path: &Path) -> Result<Self, Error> {
        os::write_private(path, b"").map_err(|e| Error::Write(path.to_owned(), e))?;
        Self::open(path).await
    }

    /// Opens an existing database and brings its schema up to date.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Schema`].
    pub async fn open(path: &Path) -> Result<Self, Error> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            // A reservation must survive a power failure, or the failure would give attempts back.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(PATIENCE);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            // After a full disk SQLite rolls back by itself, sqlx's own rollback then fails and it believes in a transaction for ever.
            .before_acquire(|connection, _| {
                Box::pin(async {
                    connection.ping().await?;
                    Ok(!connection.is_in_transaction())
                })
            })
            .connect_with(options.clone())
            .await?;
        let readers = SqlitePoolOptions::new().max_connections(4).connect_with(options.read_only(true)).await?;
        let database = Self { writer, readers };
        database.migrate().await?;
        Ok(database)
    }

    /// Begins a transaction that writes.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn write(&self) -> Result<Write, Error> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// For statements that only read.
    pub fn read(&self) -> &SqlitePool {
        &self.readers
    }

    /// Closes all connections and writes the log back into the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    async fn migrate(&self) -> Result<(), Error> {
        let mut write = self.write().await?;
        let version: i64 = sqlx::query("PRAGMA user_version").fetch_one(&mut *write).await?.try_get(0)?;
        let done = usize::try_from(version).map_err(|_| Error::Schema(version))?;
        let todo = MIGRATIONS.get(done..).ok_or(Error::Schema(version))?;
        if todo.is_empty() {
            return Ok(());
        }
        for migration in todo {
            sqlx::raw_sql(*migration).execute(&mut *write).await?;
        }
        // PRAGMA takes no parameters; the number is ours.
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("PRAGMA user_version = {}", MIGRATIONS.len())))
            .execute(&mut *write)
            .await?;
        write.commit().await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_transaction_that_sqlite_took_back_by_itself_stops_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let database = Database::create(&dir.path().join("db")).await.unwrap();
        let mut write = database.write().await.unwrap();
        sqlx::raw_sql("ROLLBACK").execute(&mut *write).await.unwrap();
        assert!(write.commit().await.is_err());
        database.write().await.unwrap().commit().await.unwrap();
    }

    #[tokio::test]
    async fn opens_twice_and_refuses_a_newer_schema() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("gateway.sqlite");
        let database = Database::create(&path).await.unwrap();
        database.close().await;
        let database = Database::open(&path).await.unwrap();
        sqlx::raw_sql("PRAGMA user_version = 99").execute(&database.writer).await.unwrap();
        database.close().await;
        assert!(matches!(Database::open(&path).await, Err(Error::Schema(99))));
        assert!(matches!(Database::open(&dir.path().join("absent")).await, Err(Error::Database(_))));
    }
}
