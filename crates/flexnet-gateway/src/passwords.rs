//! Argon2id (RFC 9106) by a few threads of its own, so that load cannot exhaust memory: so many computations at once, so many waiting, and no more.
//! A name without an account is checked against a dummy hash: the same work. Never keeps or logs a password.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};

use argon2::{
    Algorithm, Argon2, Block, Params, PasswordHasher as _, Version,
    password_hash::phc::{Output, PasswordHash},
};
use flexnet_protocol::Secret;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::{error::Error, seal};

/// The threads and the queue in front of them. The threads end with the last handle.
#[derive(Debug)]
pub struct Passwords {
    waiting: Arc<Semaphore>,
    jobs: Sender<Job>,
    at_once: usize,
    dummy: Arc<str>,
}

/// Room for one attempt in the queue. Given back when dropped.
#[derive(Debug)]
pub struct Room {
    _place: OwnedSemaphorePermit,
    jobs: Sender<Job>,
    dummy: Arc<str>,
}

/// What a thread does next.
struct Job(Box<dyn FnOnce(&mut Hasher) + Send>);

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Job")
    }
}

impl Passwords {
    /// So many threads that compute (0: one a processor), and room for `waiting` attempts in all.
    ///
    /// # Errors
    /// [`Error::Hash`], also if a thread cannot be started.
    pub fn new(running: usize, waiting: usize) -> Result<Self, Error> {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let at_once = if running == 0 { processors } else { running };
        let nobodys = Secret::new(data_encoding::HEXLOWER.encode(&seal::random::<32>()?));
        let dummy = hash(&nobodys)?.into();
        let (jobs, queue) = channel();
        let queue = Arc::new(Mutex::new(queue));
        for number in 0..at_once {
            let queue = Arc::clone(&queue);
            let thread = thread::Builder::new().name(format!("argon2-{number}"));
            thread.spawn(move || work(&queue)).map_err(|error| Error::Hash(error.to_string()))?;
        }
        Ok(Self { waiting: Arc::new(Semaphore::new(waiting)), jobs, at_once, dummy })
    }

    /// Computations at once.
    pub fn at_once(&self) -> usize {
        self.at_once
    }

    /// Room in the queue, or nothing if it is full. To be asked before an attempt is counted.
    pub fn room(&self) -> Option<Room> {
        let place = Arc::clone(&self.waiting).try_acquire_owned().ok()?;
        Some(Room { _place: place, jobs: self.jobs.clone(), dummy: Arc::clone(&self.dummy) })
    }

    /// Keeps one thread busy until what is returned is dropped.
    #[cfg(test)]
    pub async fn turn(&self) -> Sender<()> {
        let (release, held) = channel();
        let (begun, begins) = oneshot::channel();
        let job = move |_: &mut Hasher| {
            begun.send(()).unwrap();
            // An error is what says that it is over.
            let _ = held.recv();
        };
        self.jobs.send(Job(Box::new(job))).unwrap();
        begins.await.unwrap();
        release
    }
}

impl Room {
    /// Whether the password fits the hash; `None` is a name without an account and never fits.
    pub async fn verify(&self, hash: Option<String>, password: Secret) -> bool {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.dummy.to_string());
        let (tell, told) = oneshot::channel();
        let job = move |hasher: &mut Hasher| {
            // Whoever asked may be gone.
            let _ = tell.send(hasher.fits(&hash, &password));
        };
        // Neither fails while this room is there. If one did, nothing fits.
        self.jobs.send(Job(Box::new(job))).is_ok() && told.await.unwrap_or(false) && known
    }
}

fn work(queue: &Mutex<Receiver<Job>>) {
    let mut hasher = Hasher::default();
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job(job)) = next else { return };
        job(&mut hasher);
    }
}

/// Checks passwords one after the other in memory that it keeps: to have it anew for each costs an eighth of the whole. What stays in it is of no use to
/// whoever has not the hash as well.
#[derive(Default)]
pub struct Hasher {
    memory: Vec<Block>,
}

impl Hasher {
    /// Whether a password fits a hash in PHC's string format. The parameters are the hash's, so old ones stay valid when the default changes.
    pub fn fits(&mut self, hash: &str, password: &Secret) -> bool {
        PasswordHash::new(hash).is_ok_and(|hash| self.computes(&hash, password).unwrap_or(false))
    }

    fn computes(&mut self, hash: &PasswordHash, password: &Secret) -> Option<bool> {
        let expected = hash.hash.as_ref()?;
        let params = Params::try_from(hash).ok()?;
        let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
        let version = Version::try_from(hash.version?).ok()?;
        if self.memory.len() < params.block_count() {
            self.memory.resize(params.block_count(), Block::new());
        }
        let mut out = [0; Output::MAX_LENGTH];
        let out = out.get_mut(..expected.len())?;
        let memory = self.memory.get_mut(..params.block_count())?;
        let argon2 = Argon2::new(algorithm, version, params);
        argon2.hash_password_into_with_memory(password.expose().as_bytes(), hash.salt.as_ref()?, out, memory).ok()?;
        // In constant time.
        Some(Output::new(out).ok()? == *expected)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_a_known_name_fits() {
        let passwords = Passwords::new(1, 4).unwrap();
        let room = passwords.room().unwrap();
        let hashed = hash(&Secret::new("geheim")).unwrap();
        assert!(hashed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hashed}");
        for _ in 0..2 {
            assert!(room.verify(Some(hashed.clone()), Secret::new("geheim")).await);
            assert!(!room.verify(Some(hashed.clone()), Secret::new("Geheim")).await);
        }
        assert!(!room.verify(None, Secret::new("geheim")).await);
        assert!(!room.verify(Some("damaged".into()), Secret::new("geheim")).await);
    }

    #[test]
    fn hashes_of_other_parameters_fit_in_any_order() {
        let mut hasher = Hasher::default();
        let password = Secret::new("geheim");
        let hashes = [64, 256, 8].map(|kib| {
            let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(kib, 1, 1, None).unwrap());
            let hash: PasswordHash = argon2.hash_password(password.expose().as_bytes()).unwrap();
            hash.to_string()
        });
        for hash in hashes.iter().chain(hashes.iter().rev()) {
            assert!(hasher.fits(hash, &password), "{hash}");
            assert!(!hasher.fits(hash, &Secret::new("anders")), "{hash}");
        }
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
