//! The end of the chain, in a row of its own, sealed by a key outside the database: without it nobody can cut the end off unseen.
//! Who appends takes this row first, so over several gateways the chain has no gap and no fork. Its twin is the mark of a row whose personal fields went.

use std::fmt;

use aws_lc_rs::hmac;
use sqlx::{AnyConnection, Row as _};

use super::row::{Hash, NOTHING, Record, Stored, fields};
use crate::error::Error;

/// What seals the end and marks erased rows.
#[derive(Clone)]
pub struct Sealer(hmac::Key);

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(***)")
    }
}

impl Sealer {
    /// With a key of this one use.
    pub fn new(key: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    pub(super) fn sign(&self, parts: &[&[u8]]) -> Hash {
        let mut hash = [0; 32];
        hash.copy_from_slice(hmac::sign(&self.0, &fields(parts)).as_ref());
        hash
    }

    pub(super) fn is_signed(&self, parts: &[&[u8]], signature: &[u8]) -> bool {
        hmac::verify(&self.0, &fields(parts), signature).is_ok()
    }
}

/// Where the chain begins and ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Number of the last row; 0 before the first.
    pub number: i64,
    /// Its hash; zeros before the first.
    pub hash: Hash,
    /// Rows up to this number were deleted when their time was over.
    pub cut: i64,
    /// Hash of the last of those; zeros if there are none.
    pub cut_hash: Hash,
}

impl Head {
    /// Reads the head; whether its seal is right, too. Nothing if there is none.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Row`].
    pub async fn read(connection: &mut AnyConnection, sealer: &Sealer) -> Result<Option<(Self, bool)>, Error> {
        let select = sqlx::query("SELECT number, hash, seal, cut, cut_hash FROM audit_head WHERE one = 1");
        let row = select.fetch_optional(connection).await?;
        row.map(|row| Self::from_row(&row, sealer)).transpose()
    }

    /// Takes the row until the end of the transaction.
    ///
    /// # Errors
    /// [`Error::Database`]; [`Error::Audit`] if it is gone or was changed from outside: sealed once more, that could not be found any longer.
    pub async fn take(connection: &mut AnyConnection, sealer: &Sealer) -> Result<Self, Error> {
        let update = "UPDATE audit_head SET one = 1 WHERE one = 1 RETURNING number, hash, seal, cut, cut_hash";
        match sqlx::query(update)
            .fetch_optional(connection)
            .await?
            .map(|row| Self::from_row(&row, sealer))
            .transpose()?
        {
            Some((head, true)) => Ok(head),
            Some((_, false)) => Err(Error::Audit("its end was changed from outside")),
            None => Err(Error::Audit("its end is missing")),
        }
    }

    /// Takes the row until the end of the transaction, whatever is wrong with it; whether it was there. If not, there is an unsealed one then.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn hold(connection: &mut AnyConnection) -> Result<bool, Error> {
        // Whoever comes second waits here for the first.
        let insert = "INSERT INTO audit_head (one, number, hash, seal, cut, cut_hash) VALUES (1, 0, $1, $1, 0, $1) ON CONFLICT (one) DO NOTHING";
        let made = sqlx::query(insert).bind(NOTHING.as_slice()).execute(&mut *connection).await?.rows_affected() == 1;
        sqlx::query("UPDATE audit_head SET one = 1 WHERE one = 1").execute(connection).await?;
        Ok(!made)
    }

    /// Writes a row behind the last, which is the last then. [`Head::write`] is to follow.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Seal`].
    pub async fn add(
        &mut self,
        connection: &mut AnyConnection,
        gateway: &str,
        at: i64,
        record: &Record<'_>,
        note: Option<&str>,
    ) -> Result<(), Error> {
        self.hash = Stored::write(connection, (self.number + 1, self.hash), gateway, at, record, note).await?;
        self.number += 1;
        Ok(())
    }

    /// Seals and writes the head.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn write(&self, connection: &mut AnyConnection, sealer: &Sealer) -> Result<(), Error> {
        let upsert = "INSERT INTO audit_head (one, number, hash, seal, cut, cut_hash) VALUES (1, $1, $2, $3, $4, $5) \
                      ON CONFLICT (one) DO UPDATE SET number = $1, hash = $2, seal = $3, cut = $4, cut_hash = $5";
        let seal = sealer.sign(&self.parts().each_ref().map(Vec::as_slice));
        sqlx::query(upsert)
            .bind(self.number)
            .bind(self.hash.as_slice())
            .bind(seal.as_slice())
            .bind(self.cut)
            .bind(self.cut_hash.as_slice())
            .execute(connection)
            .await?;
        Ok(())
    }

    fn from_row(row: &sqlx::any::AnyRow, sealer: &Sealer) -> Result<(Self, bool), Error> {
        let hash = |column| -> Result<Hash, Error> {
            row.try_get::<Vec<u8>, _>(column)?.try_into().map_err(|_| Error::Row("audit head"))
        };
        let head = Self { number: row.try_get(0)?, hash: hash(1)?, cut: row.try_get(3)?, cut_hash: hash(4)? };
        let sealed = sealer.is_signed(&head.parts().each_ref().map(Vec::as_slice), &row.try_get::<Vec<u8>, _>(2)?);
        Ok((head, sealed))
    }

    fn parts(&self) -> [Vec<u8>; 5] {
        let numbers = [self.number, self.cut].map(|number| number.to_be_bytes().to_vec());
        let [number, cut] = numbers;
        [b"head".to_vec(), number, self.hash.to_vec(), cut, self.cut_hash.to_vec()]
    }
}
