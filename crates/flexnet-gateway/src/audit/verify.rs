//! Follows the chain from its first row to its sealed end and names the first row that is not as it was written.
//! What it cannot see: that the whole database was put back to an older state with an older, rightly sealed end. For that an end is kept elsewhere (`--expect`).

use std::{fmt, str::FromStr};

use data_encoding::HEXLOWER;
use serde::Serialize;
use sqlx::{AnyConnection, AssertSqlSafe};

use super::{
    Sealer,
    head::Head,
    row::{COLUMNS, Flaw, Hash, Stored},
};
use crate::error::Error;

/// Rows that are read at a time.
const BATCH: i64 = 1_000;

/// An end of the chain that was kept elsewhere: `NUMBER:HASH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// A row.
    pub number: i64,
    /// Its hash.
    pub hash: Hash,
}

impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.number, HEXLOWER.encode(&self.hash))
    }
}

impl FromStr for Anchor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let anchor = || {
            let (number, hash) = text.trim().split_once(':')?;
            let hash = HEXLOWER.decode(hash.as_bytes()).ok()?.try_into().ok()?;
            Some(Self { number: number.parse().ok().filter(|number| *number >= 0)?, hash })
        };
        anchor().ok_or_else(|| "must be NUMBER:HASH, as `admin audit head` prints it".into())
    }
}

/// A chain without a flaw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sound {
    /// Rows that were followed.
    pub rows: i64,
    /// Rows before them that were deleted when their time was over.
    pub cut: i64,
    /// The last row's number.
    pub number: i64,
    /// The last row's hash, hexadecimal.
    pub hash: String,
}

/// The first thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A row is not there.
    #[error("row {0} is missing")]
    Missing(i64),
    /// There are rows beyond the end.
    #[error("row {0} stands behind the sealed end")]
    Surplus(i64),
    /// A row does not follow the one before it.
    #[error("row {0} does not follow the row before it")]
    Previous(i64),
    /// A row is not as it was written.
    #[error("row {0} was changed")]
    Changed(i64),
    /// A row's personal fields are not as they were written, and nobody with the key erased them.
    #[error("row {0}: its subject, network or note was changed or taken away")]
    Personal(i64),
    /// The last row is not the one that was sealed.
    #[error("row {0} is not the end that was sealed")]
    End(i64),
    /// The head was changed.
    #[error("the end of the audit was changed: its seal is wrong (head at row {0})")]
    Seal(i64),
    /// The head is gone.
    #[error("the end of the audit is missing")]
    NoHead,
    /// A row that was kept elsewhere is not in the chain: this database is an older copy, or another one.
    #[error("row {0} is not in the audit as it was kept elsewhere: the database is older than that, or another one")]
    Anchor(i64),
    /// The row that was kept elsewhere was deleted when its time was over.
    #[error("row {0} was deleted when its time was over: keep a newer end elsewhere")]
    AnchorCut(i64),
}

/// Follows the chain. The outer result is about reading, the inner one about the chain.
///
/// # Errors
/// [`Error::Database`], [`Error::Row`].
pub async fn verify(
    connection: &mut AnyConnection,
    sealer: &Sealer,
    anchors: &[Anchor],
) -> Result<Result<Sound, Broken>, Error> {
    loop {
        let Some((head, sealed)) = Head::read(connection, sealer).await? else { return Ok(Err(Broken::NoHead)) };
        let followed = follow(connection, sealer, &head, anchors).await?;
        // Rows may have been cut off, and others written, while this one looked.
        if followed.is_err() && Head::read(connection, sealer).await?.is_some_and(|(now, _)| now.cut != head.cut) {
            continue;
        }
        return Ok(followed.and_then(|sound| if sealed { Ok(sound) } else { Err(Broken::Seal(head.number)) }));
    }
}

async fn follow(
    connection: &mut AnyConnection,
    sealer: &Sealer,
    head: &Head,
    anchors: &[Anchor],
) -> Result<Result<Sound, Broken>, Error> {
    let mut chain = Chain { next: head.cut.saturating_add(1), hash: head.cut_hash };
    if let Err(broken) = chain.compare(anchors) {
        return Ok(Err(broken));
    }
    let select = format!("SELECT {COLUMNS} FROM audit WHERE number >= $1 ORDER BY number LIMIT $2");
    let mut from = i64::MIN;
    'all: loop {
        let rows =
            sqlx::query(AssertSqlSafe(select.clone())).bind(from).bind(BATCH).fetch_all(&mut *connection).await?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            let stored = Stored::from_row(row)?;
            // Written after the head was read.
            if stored.row.number > head.number {
                break 'all;
            }
            from = stored.row.number.saturating_add(1);
            if let Err(broken) = chain.add(&stored, sealer).and_then(|()| chain.compare(anchors)) {
                return Ok(Err(broken));
            }
        }
    }
    chain.close(connection, head, anchors).await
}

/// What has been followed so far.
struct Chain {
    next: i64,
    hash: Hash,
}

impl Chain {
    fn add(&mut self, stored: &Stored, sealer: &Sealer) -> Result<(), Broken> {
        let number = stored.row.number;
        if number < self.next {
            return Err(Broken::Surplus(number));
        }
        if number > self.next {
            return Err(Broken::Missing(self.next));
        }
        self.hash = stored.check(&self.hash, sealer).map_err(|flaw| match flaw {
            Flaw::Previous => Broken::Previous(number),
            Flaw::Hash => Broken::Changed(number),
            Flaw::Personal => Broken::Personal(number),
        })?;
        self.next += 1;
        Ok(())
    }

    /// Compares the row just followed with what was kept elsewhere.
    fn compare(&self, anchors: &[Anchor]) -> Result<(), Broken> {
        let here = anchors.iter().filter(|anchor| anchor.number == self.next - 1);
        match here.into_iter().find(|anchor| anchor.hash != self.hash) {
            Some(anchor) => Err(Broken::Anchor(anchor.number)),
            None => Ok(()),
        }
    }

    async fn close(
        &self,
        connection: &mut AnyConnection,
        head: &Head,
        anchors: &[Anchor],
    ) -> Result<Result<Sound, Broken>, Error> {
        if self.next <= head.number {
            return Ok(Err(Broken::Missing(self.next)));
        }
        if self.hash != head.hash || self.next != head.number.saturating_add(1) {
            return Ok(Err(Broken::End(head.number)));
        }
        // Rows that others have written meanwhile moved the head; rows behind a head that stands still are nobody's.
        let beyond = sqlx::query_scalar::<_, i64>(
            "SELECT coalesce(min(number), 0) FROM audit WHERE number > (SELECT number FROM audit_head)",
        );
        let beyond = beyond.fetch_one(connection).await?;
        if beyond > 0 {
            return Ok(Err(Broken::Surplus(beyond)));
        }
        for anchor in anchors {
            if anchor.number < head.cut {
                return Ok(Err(Broken::AnchorCut(anchor.number)));
            }
            if anchor.number > head.number {
                return Ok(Err(Broken::Anchor(anchor.number)));
            }
        }
        Ok(Ok(Sound {
            rows: head.number - head.cut,
            cut: head.cut,
            number: head.number,
            hash: HEXLOWER.encode(&head.hash),
        }))
    }
}
