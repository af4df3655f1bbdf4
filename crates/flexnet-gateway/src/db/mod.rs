//! The database: SQLite in this folder, or one PostgreSQL that several gateways share. One statement text for both, parameters `$1 $2 ...`, through sqlx's `Any`.
//! On SQLite a [`Write`] holds the one write lock; on PostgreSQL (READ COMMITTED) it does not, so whoever decides does so in the statement, never by reading first.
//! Next: `write` is the transaction, `retry` what is tried again, `news` how one gateway hears of another's doings, `connect` how each database is spoken to.

mod connect;
mod exact;
mod migrate;
mod news;
mod retry;
mod write;

use std::{path::Path, sync::Arc};

use sqlx::AnyPool;
use tokio::{sync::broadcast, task::AbortHandle};

use crate::{audit::Sealer, config::Place, error::Error, os, seal::random};
pub use exact::exact;
#[cfg(test)]
pub use exact::{CHANGED, RUN};
pub use migrate::Schema;
pub use news::News;
pub use retry::{Retry, retry};
pub use write::Write;

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sqlite,
    Postgres,
}

/// The open database.
#[derive(Debug, Clone)]
pub struct Database {
    kind: Kind,
    writer: AnyPool,
    readers: AnyPool,
    news: broadcast::Sender<News>,
    /// By what it knows its own news again.
    origin: i64,
    listener: Option<Arc<Listener>>,
    sealer: Option<Sealer>,
    /// This process made the schema, and sealed the audit's end by the tests' key.
    #[cfg(test)]
    founded: bool,
}

impl Database {
    /// Makes a new SQLite database that only its owner can read.
    ///
    /// # Errors
    /// [`Error::Write`], [`Error::Database`].
    pub async fn create(path: &Path) -> Result<Self, Error> {
        os::write_private(path, b"").map_err(|e| Error::Write(path.to_owned(), e))?;
        Self::open(&Place::File(path.to_owned())).await
    }

    /// Opens an existing database as it is. [`Database::sealed_by`] brings its schema up to date.
    ///
    /// # Errors
    /// [`Error::Read`] and [`Error::Value`] for the file with the URL, [`Error::Database`].
    pub async fn open(place: &Place) -> Result<Self, Error> {
        let news = broadcast::Sender::new(news::BACKLOG);
        let origin = i64::from_be_bytes(random()?);
        let (kind, writer, readers, listener) = match place {
            Place::File(path) => {
                let (writer, readers) = connect::sqlite(path).await?;
                (Kind::Sqlite, writer, readers, None)
            }
            Place::Url(file) => {
                let url = connect::url(file)?;
                let (writer, readers) = connect::postgres(&url).await?;
                let listener = Listener(tokio::spawn(news::listen(url, origin, news.clone())).abort_handle());
                (Kind::Postgres, writer, readers, Some(Arc::new(listener)))
            }
        };
        let database = Self {
            kind,
            writer,
            readers,
            news,
            origin,
            listener,
            sealer: None,
            #[cfg(test)]
            founded: false,
        };
        #[cfg(test)]
        let database = database.sealed_by(&Sealer::new(b"tests")).await?;
        Ok(database)
    }

    /// Brings the schema up to date, and lets the audit be written, whose end the key seals.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Schema`] for a database that a newer version made.
    pub async fn sealed_by(mut self, sealer: &Sealer) -> Result<Self, Error> {
        self.sealer = Some(sealer.clone());
        let _founded = migrate::migrate(&self).await?;
        #[cfg(test)]
        {
            if self.founded {
                let mut write = self.write().await?;
                crate::audit::seal_end(&mut write).await?;
                write.commit().await?;
            }
            self.founded |= _founded;
        }
        Ok(self)
    }

    /// How far the schema is, changing nothing.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Schema`] for one that a newer version made.
    pub async fn schema(&self) -> Result<Schema, Error> {
        migrate::schema(self).await
    }

    /// Begins a transaction that writes.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn write(&self) -> Result<Write, Error> {
        Write::begin(self).await
    }

    /// For statements that only read. On PostgreSQL each sees what is committed when it begins.
    pub fn read(&self) -> &AnyPool {
        &self.readers
    }

    /// What has changed, here or (PostgreSQL) at another gateway, from now on. A hint: who acts on it reads the database, and looks again
    /// by itself now and then, because news can be lost.
    pub fn news(&self) -> broadcast::Receiver<News> {
        self.news.subscribe()
    }

    /// Whether another server can have taken this one's place, and this one still answer: what a file says is always so.
    pub fn can_fail_over(&self) -> bool {
        self.kind == Kind::Postgres
    }

    /// Closes all connections; SQLite writes its log back into the file.
    pub async fn close(&self) {
        if let Some(listener) = &self.listener {
            listener.0.abort();
        }
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// The task that hears other gateways' news; it ends with the last clone of the database.
#[derive(Debug)]
struct Listener(AbortHandle);

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.abort();
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
        // The same if it is dropped.
        let mut write = database.write().await.unwrap();
        sqlx::raw_sql("ROLLBACK").execute(&mut *write).await.unwrap();
        drop(write);
        database.write().await.unwrap().commit().await.unwrap();
    }

    #[tokio::test]
    async fn opens_twice_and_refuses_a_newer_schema() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a folder with a blank, a % and a ?.sqlite");
        let place = Place::File(path.clone());
        let database = Database::create(&path).await.unwrap();
        database.close().await;
        let database = Database::open(&place).await.unwrap();
        sqlx::raw_sql("PRAGMA user_version = 99").execute(&database.writer).await.unwrap();
        database.close().await;
        assert!(matches!(Database::open(&place).await, Err(Error::Schema(99))));
        assert!(matches!(Database::open(&Place::File(dir.path().join("absent"))).await, Err(Error::Database(_))));
    }

    #[tokio::test]
    async fn every_connection_to_sqlite_is_as_careful_as_the_first() {
        let dir = tempfile::tempdir().unwrap();
        let database = Database::create(&dir.path().join("db")).await.unwrap();
        for pool in [&database.writer, &database.readers] {
            let pragma = async |sql: &'static str| sqlx::query_scalar::<_, i64>(sql).fetch_one(pool).await.unwrap();
            assert_eq!(pragma("PRAGMA synchronous").await, 2, "FULL");
            assert_eq!(pragma("PRAGMA foreign_keys").await, 1);
            assert_eq!(pragma("PRAGMA busy_timeout").await, 10_000);
            let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(pool).await.unwrap();
            assert_eq!(mode, "wal");
        }
        assert!(sqlx::query("DELETE FROM guard").execute(&database.readers).await.is_err(), "readers only read");
    }
}
