//! Reports of diagnoses that members send in (docs/operations.md, "Reports"): taken without a sign-in, kept sealed for thirty days under a number that is read aloud, then
//! deleted. `envelope` reads and verifies one, `keep` gives it its place, `shelf` finds, shows and deletes. Nothing here is about a person; it is sealed all the same.

mod envelope;
mod keep;
mod shelf;

#[cfg(test)]
pub mod samples;

use std::time::{Duration, Instant};

use data_encoding::HEXLOWER;
use tokio::sync::{Semaphore, SemaphorePermit};

pub use envelope::{Opened, Refused, fingerprint, open};
#[cfg(test)]
pub use keep::keep_in;
pub use keep::{Keeping, Room, forget_old, keep};
pub use shelf::{Found, Listed, Wanted, delete, find, known_since, list, show};

use crate::{budgets::Budgets, config};

/// Bodies that are read or written down at once, half a megabyte each.
const AT_ONCE: usize = 16;

/// How many are taken from whom, and at once.
#[derive(Debug)]
pub struct Gate {
    budgets: Budgets,
    places: Semaphore,
}

impl Gate {
    /// Nobody has sent any yet.
    pub fn new(limits: config::Limits, reports: config::Reports) -> Self {
        let limits = config::Limits { address: reports.address, network: reports.network, ..limits };
        Self { budgets: Budgets::new(limits), places: Semaphore::new(AT_ONCE) }
    }

    /// Counts one report of an address, before anything of it is read.
    ///
    /// # Errors
    /// How long to wait.
    pub fn count(&self, from: std::net::IpAddr) -> Result<(), Duration> {
        self.budgets.take(from, Instant::now())
    }

    /// A place to read one; nothing if all are taken.
    pub fn place(&self) -> Option<SemaphorePermit<'_>> {
        self.places.try_acquire().ok()
    }
}

/// Where a report's sealed body belongs.
pub fn place(hash: &[u8]) -> String {
    format!("report {}", HEXLOWER.encode(hash))
}
