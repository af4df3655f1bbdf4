//! An attempt that nobody repeats (staff at the console, a resynchronisation): counted at the guard before anything is compared, and noted
//! among the attempts until it has ended, so that one over which the gateway dies is closed as wrong like any other.

use flexnet_protocol::gateway::AttemptId;

use crate::{
    attempts::{self, Attempt},
    db::{Write, exact},
    error::Error,
    guard,
    seal::random,
};

/// An attempt ends once; who comes second has to take back everything.
const CLOSE: &str = "DELETE FROM attempt WHERE id = $1 AND outcome IS NULL";

/// The attempt. Its verdict may be released only in the transaction that closes it.
#[derive(Debug)]
pub struct Counted {
    /// Key of the name's guard row.
    pub key: [u8; 32],
    /// Its number there.
    pub seq: i64,
    id: AttemptId,
}

/// Counts an attempt for a name; nothing if the name is locked. To be committed before anything is compared.
///
/// # Errors
/// [`Error::Database`], [`Error::Seal`].
pub async fn count(write: &mut Write, gateway: &str, key: [u8; 32], now: i64) -> Result<Option<Counted>, Error> {
    let Some(seq) = guard::reserve(write, &key).await? else { return Ok(None) };
    let id = AttemptId(random()?);
    // No body came with it that could be told from another one.
    let attempt = Attempt { id, body: [0; 32], guard: key };
    attempts::note(write, gateway, &attempt, Some(seq), now).await?;
    Ok(Some(Counted { key, seq, id }))
}

impl Counted {
    /// Ends it. To be called after what follows for the guard, whose row comes first.
    ///
    /// # Errors
    /// [`Error::Database`]; [`Error::Row`] if it was closed meanwhile as one that the gateway died over: what was to follow must be rolled back.
    pub async fn close(&self, write: &mut Write) -> Result<(), Error> {
        let delete = sqlx::query(exact(CLOSE));
        let done = delete.bind(self.id.0.to_vec()).execute(&mut **write).await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(Error::Row("second end of an attempt")) }
    }
}
