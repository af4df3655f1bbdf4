//! A row of the chain and its arithmetic: the hash covers the row and the hash before it. What is personal enters as a salted commitment, so that it can
//! go and the chain still holds; what is left of such a row then carries a keyed mark in the salt's place, so that nobody else takes fields away unseen.

use data_encoding::HEXLOWER;
use serde::Serialize;
use sqlx::{AnyConnection, Row as _, any::AnyRow};

use super::{Sealer, event::Event};
use crate::{
    error::Error,
    seal::{random, sha256},
};

/// A hash of the chain.
pub type Hash = [u8; 32];

/// Before the first row.
pub const NOTHING: Hash = [0; 32];
/// Bytes of a salt. A mark has the length of a hash.
const SALT: usize = 16;

/// A row to be.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// What happened.
    pub event: Event,
    /// Whose access: the account's name, or [`super::nobody`].
    pub subject: &'a str,
    /// Who did it: `member`, `gateway`, or the administrator's login name.
    pub actor: &'a str,
    /// Network prefix of a member's request.
    pub network: Option<&'a str>,
    /// More, in English. Never a name: it stays as long as the row.
    pub detail: &'a str,
}

/// A row as it is shown.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// From 1, without a gap.
    pub number: i64,
    /// Which gateway wrote it.
    pub gateway: String,
    /// Seconds since 1970 UTC.
    pub at: i64,
    /// [`Event::name`].
    pub event: String,
    /// Whose access; none if erased.
    pub subject: Option<String>,
    /// Who did it.
    pub actor: String,
    /// Network prefix of a member's request; none if erased.
    pub network: Option<String>,
    /// More, in English.
    pub detail: String,
    /// What somebody wrote to it; none if erased.
    pub note: Option<String>,
    /// Hash of this row and of the row before it, hexadecimal.
    pub hash: String,
}

/// A row as it is stored.
#[derive(Debug, Clone)]
pub struct Stored {
    /// What is shown of it.
    pub row: Row,
    /// Salt of the commitment, or the mark of what is left.
    salt: Option<Vec<u8>>,
    commitment: Vec<u8>,
    previous: Vec<u8>,
    hash: Vec<u8>,
}

/// For [`Stored::from_row`].
pub const COLUMNS: &str =
    "number, gateway, at, event, subject, actor, network, detail, note, salt, commitment, previous, hash";

/// What is wrong with a row by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// It does not follow the row before it.
    Previous,
    /// Its hash is another row's.
    Hash,
    /// Its personal fields are not those that were written, or were taken away by somebody without the key.
    Personal,
}

impl Stored {
    /// Writes the row after `previous`.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Seal`].
    pub async fn write(
        connection: &mut AnyConnection,
        (number, previous): (i64, Hash),
        gateway: &str,
        at: i64,
        record: &Record<'_>,
        note: Option<&str>,
    ) -> Result<Hash, Error> {
        let Record { event, subject, actor, network, detail } = *record;
        // A network without a name is none; [`Stored::check`] takes only one of both.
        let network = network.filter(|network| !network.is_empty());
        let salt = random::<SALT>()?;
        let commitment = commitment(&salt, Some(subject), network, note);
        let hash = link(&previous, number, at, &[gateway, event.name(), actor, detail], &commitment);
        let insert = "INSERT INTO audit (number, gateway, at, event, subject, actor, network, detail, note, salt, commitment, previous, hash) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
        sqlx::query(insert)
            .bind(number)
            .bind(gateway)
            .bind(at)
            .bind(event.name())
            .bind(subject)
            .bind(actor)
            .bind(network)
            .bind(detail)
            .bind(note)
            .bind(salt.as_slice())
            .bind(commitment.as_slice())
            .bind(previous.as_slice())
            .bind(hash.as_slice())
            .execute(connection)
            .await?;
        Ok(hash)
    }

    /// Of a row with [`COLUMNS`].
    ///
    /// # Errors
    /// [`Error::Database`].
    pub fn from_row(row: &AnyRow) -> Result<Self, Error> {
        let hash: Vec<u8> = row.try_get(12)?;
        Ok(Self {
            row: Row {
                number: row.try_get(0)?,
                gateway: row.try_get(1)?,
                at: row.try_get(2)?,
                event: row.try_get(3)?,
                subject: row.try_get(4)?,
                actor: row.try_get(5)?,
                network: row.try_get(6)?,
                detail: row.try_get(7)?,
                note: row.try_get(8)?,
                hash: HEXLOWER.encode(&hash),
            },
            salt: row.try_get(9)?,
            commitment: row.try_get(10)?,
            previous: row.try_get(11)?,
            hash,
        })
    }

    /// Checks the row after the one with the hash `previous`; its own hash.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self, previous: &Hash, sealer: &Sealer) -> Result<Hash, Flaw> {
        if self.previous != previous {
            return Err(Flaw::Previous);
        }
        let Row { number, gateway, at, event, actor, detail, .. } = &self.row;
        let hash = link(previous, *number, *at, &[gateway, event, actor, detail], &self.commitment);
        if self.hash != hash {
            return Err(Flaw::Hash);
        }
        let Row { subject, network, note, .. } = &self.row;
        let (subject, network, note) = (subject.as_deref(), network.as_deref(), note.as_deref());
        // Neither arithmetic tells a field that is empty from one that is not there, so each kind of row says which it has.
        let holds = match self.salt.as_deref() {
            Some(salt) if salt.len() == SALT => {
                let as_written = subject.is_some() && network != Some("");
                as_written && self.commitment == commitment(salt, subject, network, note)
            }
            Some(mark) => {
                let is_blank = subject.is_none() && network.is_none() && note.is_none();
                is_blank && sealer.is_signed(&self.left(), mark)
            }
            None => false,
        };
        if holds { Ok(hash) } else { Err(Flaw::Personal) }
    }

    /// Takes the personal fields away, and the salt with them: nobody can try out names any more. Whether the row was still as it was read.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn blank(&self, connection: &mut AnyConnection, sealer: &Sealer) -> Result<bool, Error> {
        let mark = sealer.sign(&self.left());
        let update =
            "UPDATE audit SET subject = NULL, network = NULL, note = NULL, salt = $2 WHERE number = $1 AND salt = $3";
        let done = sqlx::query(update)
            .bind(self.row.number)
            .bind(mark.as_slice())
            .bind(self.salt.as_deref())
            .execute(connection)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// What a mark covers: which row, and that nothing personal is left of it.
    fn left(&self) -> [&[u8]; 6] {
        // The hash stands for the number and everything else of the row.
        [b"left", &self.hash, &self.commitment, b"", b"", b""]
    }
}

/// Without a note as it was before there were notes.
fn commitment(salt: &[u8], subject: Option<&str>, network: Option<&str>, note: Option<&str>) -> Hash {
    let (subject, network) = (subject.unwrap_or_default().as_bytes(), network.unwrap_or_default().as_bytes());
    match note {
        None => sha256(&[&fields(&[salt, subject, network])]),
        Some(note) => sha256(&[&fields(&[salt, subject, network, note.as_bytes()])]),
    }
}

fn link(previous: &[u8], number: i64, at: i64, words: &[&str], commitment: &[u8]) -> Hash {
    let words: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
    sha256(&[previous, &number.to_be_bytes(), &at.to_be_bytes(), &fields(&words), commitment])
}

/// Fields with their lengths before them: no two lists become the same bytes.
pub(super) fn fields(fields: &[&[u8]]) -> Vec<u8> {
    let with_length = |field: &&[u8]| [&u64::try_from(field.len()).unwrap_or(u64::MAX).to_be_bytes(), *field].concat();
    fields.iter().flat_map(with_length).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moving_a_letter_between_fields_changes_the_bytes() {
        assert_ne!(fields(&[b"ab", b"c"]), fields(&[b"a", b"bc"]));
        let salt = [0; SALT];
        assert_ne!(commitment(&salt, Some("ab"), Some("c"), None), commitment(&salt, Some("a"), Some("bc"), None));
        assert_ne!(commitment(&salt, Some("a"), None, None), commitment(&salt, Some("a"), None, Some("")));
    }
}
