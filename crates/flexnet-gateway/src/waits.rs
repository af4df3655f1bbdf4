//! Requests that wait for their session to change: woken by whoever changes one here, and by a look at the database once a second,
//! because `admin` and other gateways write there too. One a session: a newer one sends the older home.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, timeout_at},
};
use tokio_util::sync::CancellationToken;

/// How often somebody who waits looks by itself.
const LOOK: Duration = Duration::from_secs(1);

/// Everybody who waits.
#[derive(Debug, Default)]
pub struct Waits {
    changed: Notify,
    closing: CancellationToken,
    by_session: Mutex<HashMap<String, Arc<Notify>>>,
}

/// One who waits.
#[derive(Debug)]
pub struct Wait<'a> {
    waits: &'a Waits,
    session: String,
    sent_home: Arc<Notify>,
}

/// Why a wait may look again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Woken {
    /// Something may have changed.
    Look,
    /// It is time to answer, changed or not.
    GoHome,
}

impl Waits {
    /// Sessions have changed: who waits looks now.
    pub fn wake(&self) {
        self.changed.notify_waiters();
    }

    /// Nobody waits from now on.
    pub fn close(&self) {
        self.closing.cancel();
    }

    /// Begins to wait for a session's change, in place of whoever waits for it already.
    pub fn enter(&self, session: &str) -> Wait<'_> {
        let sent_home = Arc::new(Notify::new());
        if let Some(older) = self.by_session().insert(session.to_owned(), Arc::clone(&sent_home)) {
            older.notify_one();
        }
        Wait { waits: self, session: session.to_owned(), sent_home }
    }

    /// Who waits for a session: another value for another request.
    #[cfg(test)]
    pub fn newest(&self, session: &str) -> usize {
        self.by_session().get(session).map_or(0, |newest| Arc::as_ptr(newest).addr())
    }

    fn by_session(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Notify>>> {
        self.by_session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wait<'_> {
    /// What wakes from now on, also if it happens before [`Next::woken`] is awaited: look at the session in between.
    pub fn next(&self) -> Next<'_> {
        let mut changed = Box::pin(self.waits.changed.notified());
        changed.as_mut().enable();
        Next { wait: self, changed }
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        let mut by_session = self.waits.by_session();
        if by_session.get(&self.session).is_some_and(|newest| Arc::ptr_eq(newest, &self.sent_home)) {
            by_session.remove(&self.session);
        }
    }
}

/// The next reason to look.
pub struct Next<'a> {
    wait: &'a Wait<'a>,
    changed: std::pin::Pin<Box<tokio::sync::futures::Notified<'a>>>,
}

impl Next<'_> {
    /// Waits for it, until `deadline`.
    pub async fn woken(self, deadline: Instant) -> Woken {
        let look = deadline.min(Instant::now() + LOOK);
        let woken = timeout_at(look, async {
            tokio::select! {
                biased;
                () = self.wait.waits.closing.cancelled() => Woken::GoHome,
                () = self.wait.sent_home.notified() => Woken::GoHome,
                () = self.changed => Woken::Look,
            }
        });
        match woken.await {
            Ok(woken) => woken,
            Err(_) if look < deadline => Woken::Look,
            Err(_) => Woken::GoHome,
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn far() -> Instant {
        Instant::now() + Duration::from_secs(3600)
    }

    #[tokio::test]
    async fn a_change_between_the_look_and_the_wait_is_not_missed() {
        let waits = Waits::default();
        let wait = waits.enter("s");
        let next = wait.next();
        waits.wake();
        // Polled once: it does not wait for the look of the next second.
        assert_eq!(next.woken(far()).now_or_never(), Some(Woken::Look));
        assert_eq!(wait.next().woken(far()).await, Woken::Look, "nobody wakes, and it looks all the same");
        assert_eq!(wait.next().woken(Instant::now()).await, Woken::GoHome);
    }

    #[tokio::test]
    async fn a_newer_wait_sends_the_older_home_and_the_end_everybody() {
        let waits = Waits::default();
        let (older, other) = (waits.enter("s"), waits.enter("t"));
        let newer = waits.enter("s");
        assert_eq!(older.next().woken(far()).await, Woken::GoHome);
        drop(older);
        assert_eq!(newer.next().woken(far()).await, Woken::Look);
        waits.close();
        assert_eq!(newer.next().woken(far()).await, Woken::GoHome);
        assert_eq!(other.next().woken(far()).await, Woken::GoHome);
        drop((newer, other));
        assert!(waits.by_session().is_empty());
    }
}
