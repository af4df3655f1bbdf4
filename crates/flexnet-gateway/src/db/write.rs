//! The transaction. What it announces is told when it is committed, and not before.

use std::ops::{Deref, DerefMut};

use sqlx::{Any, AnyConnection, Transaction};
use tokio::sync::broadcast;

use super::{Database, Kind, News, news};
use crate::{audit::Sealer, error::Error};

/// A transaction that writes; on SQLite it holds the write lock. Dropped without a commit it never was.
#[derive(Debug)]
pub struct Write {
    transaction: Transaction<'static, Any>,
    kind: Kind,
    origin: i64,
    told: broadcast::Sender<News>,
    news: Vec<News>,
    sealer: Option<Sealer>,
}

impl Write {
    pub(super) async fn begin(database: &Database) -> Result<Self, Error> {
        let begin = match database.kind {
            Kind::Sqlite => "BEGIN IMMEDIATE",
            // Said, because a database may have another default. READ WRITE is not: it would write past an operator who has set the server to read only.
            Kind::Postgres => "BEGIN ISOLATION LEVEL READ COMMITTED",
        };
        let transaction = database.writer.begin_with(begin).await?;
        let (kind, origin, told) = (database.kind, database.origin, database.news.clone());
        Ok(Self { transaction, kind, origin, told, news: Vec::new(), sealer: database.sealer.clone() })
    }

    /// To be told to all gateways over this database as soon as this is committed.
    pub fn announce(&mut self, news: News) {
        if !self.news.contains(&news) {
            self.news.push(news);
        }
    }

    /// What seals the audit's end.
    ///
    /// # Errors
    /// [`Error::Audit`] if the database was opened without the keys.
    pub fn sealer(&self) -> Result<Sealer, Error> {
        self.sealer.clone().ok_or(Error::Audit("the database was opened without its keys"))
    }

    /// Commits. After an error it may be committed all the same, if the connection broke over it.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn commit(mut self) -> Result<(), Error> {
        if self.kind == Kind::Postgres {
            for piece in &self.news {
                news::send(&mut self.transaction, self.origin, piece).await?;
            }
        }
        self.transaction.commit().await?;
        for news in self.news {
            // Nobody has to listen.
            let _ = self.told.send(news);
        }
        Ok(())
    }

    /// Takes everything back.
    ///
    /// # Errors
    /// [`Error::Database`]; it is taken back all the same.
    pub async fn rollback(self) -> Result<(), Error> {
        Ok(self.transaction.rollback().await?)
    }
}

impl Deref for Write {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.transaction
    }
}

impl DerefMut for Write {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.transaction
    }
}
