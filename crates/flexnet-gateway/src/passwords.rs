//! Argon2id (RFC 9106) on a bounded pool, so that load cannot exhaust memory: so many computations at once, so many waiting, and no more.
//! A name without an account is checked against a dummy hash: the same work. Never keeps or logs a password.

use std::sync::Arc;

use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _, password_hash::phc::PasswordHash};
use flexnet_protocol::Secret;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
};

use crate::{error::Error, seal};

/// The pool.
#[derive(Debug)]
pub struct Passwords {
    waiting: Arc<Semaphore>,
    running: Arc<Semaphore>,
    dummy: Arc<str>,
}

/// Room for one attempt in the queue. Given back when dropped.
#[derive(Debug)]
pub struct Room {
    _place: OwnedSemaphorePermit,
    running: Arc<Semaphore>,
    dummy: Arc<str>,
}

impl Passwords {
    /// A pool of `running` computations at once (0: one a processor) and `waiting` attempts in all.
    ///
    /// # Errors
    /// [`Error::Hash`].
    pub fn new(running: usize, waiting: usize) -> Result<Self, Error> {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let running = if running == 0 { processors } else { running };
        let nobodys = Secret::new(data_encoding::HEXLOWER.encode(&seal::random::<32>()?));
        Ok(Self {
            waiting: Arc::new(Semaphore::new(waiting)),
            running: Arc::new(Semaphore::new(running)),
            dummy: hash(&nobodys)?.into(),
        })
    }

    /// Computations at once.
    pub fn at_once(&self) -> usize {
        self.running.available_permits()
    }

    /// Room in the queue, or nothing if it is full. To be asked before an attempt is counted.
    pub fn room(&self) -> Option<Room> {
        let place = Arc::clone(&self.waiting).try_acquire_owned().ok()?;
        Some(Room { _place: place, running: Arc::clone(&self.running), dummy: Arc::clone(&self.dummy) })
    }

    /// One turn at computing, held until dropped.
    #[cfg(test)]
    pub async fn turn(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.running).acquire_owned().await.unwrap()
    }
}

impl Room {
    /// Whether the password fits the hash; `None` is a name without an account and never fits.
    pub async fn verify(&self, hash: Option<String>, password: Secret) -> bool {
        // Neither fails: the semaphore is never closed, the computation does not panic. If one did, nothing fits.
        let Ok(turn) = Arc::clone(&self.running).acquire_owned().await else { return false };
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.dummy.to_string());
        let fits = spawn_blocking(move || {
            let fits = fits(&hash, &password);
            drop(turn);
            fits
        });
        fits.await.unwrap_or(false) && known
    }
}

/// Hashes a password: Argon2id, 19 MiB, 2 passes, a salt of its own.
///
/// # Errors
/// [`Error::Hash`].
pub fn hash(password: &Secret) -> Result<String, Error> {
    let hash = Argon2::default().hash_password(password.expose().as_bytes());
    hash.map(|hash: PasswordHash| hash.to_string()).map_err(|e| Error::Hash(e.to_string()))
}

fn fits(hash: &str, password: &Secret) -> bool {
    // The parameters are those of the hash, so old hashes stay valid when the default changes.
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.expose().as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_a_known_name_fits() {
        let passwords = Passwords::new(1, 4).unwrap();
        let room = passwords.room().unwrap();
        let hashed = hash(&Secret::new("geheim")).unwrap();
        assert!(hashed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hashed}");
        assert!(room.verify(Some(hashed.clone()), Secret::new("geheim")).await);
        assert!(!room.verify(Some(hashed), Secret::new("Geheim")).await);
        assert!(!room.verify(None, Secret::new("geheim")).await);
        assert!(!room.verify(Some("damaged".into()), Secret::new("geheim")).await);
    }

    #[tokio::test]
    async fn what_does_not_fit_is_told_before_anything_is_counted() {
        let passwords = Passwords::new(1, 2).unwrap();
        let (first, second) = (passwords.room(), passwords.room());
        assert!(first.is_some() && second.is_some());
        assert!(passwords.room().is_none());
        drop(first);
        assert!(passwords.room().is_some());
    }
}
