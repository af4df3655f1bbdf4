//! What a database took back to let another transaction through is tried again, as a whole.

use std::time::Duration;

use crate::error::Error;

/// More than any honest crowd needs: of those that collide one always gets through.
const TRIES: u32 = 12;

/// An error that knows whether the same work, done again, may succeed.
pub trait Retry {
    /// The database took the transaction back for another's sake, and nothing of it was done.
    fn is_conflict(&self) -> bool;
}

impl Retry for Error {
    fn is_conflict(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else { return false };
        // SQLSTATE: serialization_failure, deadlock_detected, lock_not_available is not one of them (it has waited long enough).
        let taken_back = matches!(error.code().as_deref(), Some("40001" | "40P01"));
        // Another transaction made the same row meanwhile; the next look sees it.
        taken_back || error.is_unique_violation()
    }
}

/// Does `work`, a whole transaction, again as long as the database takes it back for another's sake.
///
/// # Errors
/// The first error that is none of those, or the last of them.
pub async fn retry<T, E: Retry, F: Future<Output = Result<T, E>>>(work: impl Fn() -> F) -> Result<T, E> {
    for tries in 1..TRIES {
        match work().await {
            Err(error) if error.is_conflict() => tokio::time::sleep(Duration::from_millis(u64::from(tries))).await,
            done => return done,
        }
    }
    work().await
}
