//! Requests that wait for their session to change: woken by the database's news, and by one look at the database for all of them,
//! because `admin` ends sessions there from another process. Nobody looks while nobody waits. One a session: a newer one sends the older home.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, MissedTickBehavior, interval, timeout_at},
};
use tokio_util::sync::CancellationToken;

use crate::{error::Error, gateway::Gateway, sessions};

/// Between two looks for what other processes have ended.
const LOOK: Duration = Duration::from_millis(400);

/// Everybody who waits.
#[derive(Debug, Default)]
pub struct Waits {
    closing: CancellationToken,
    by_session: Mutex<HashMap<String, Arc<Bells>>>,
}

/// One who waits.
#[derive(Debug)]
pub struct Wait<'a> {
    waits: &'a Waits,
    session: String,
    bells: Arc<Bells>,
}

/// What wakes one who waits. Each keeps one ring that nobody has heard yet.
#[derive(Debug, Default)]
struct Bells {
    changed: Notify,
    sent_home: Notify,
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
    /// A session has changed: who waits for it looks now.
    pub fn wake(&self, session: &str) {
        if let Some(bells) = self.by_session().get(session) {
            bells.changed.notify_one();
        }
    }

    /// Any session may have changed: everybody looks.
    pub fn wake_all(&self) {
        self.by_session().values().for_each(|bells| bells.changed.notify_one());
    }

    /// Nobody waits from now on.
    pub fn close(&self) {
        self.closing.cancel();
    }

    /// Begins to wait for a session's change, in place of whoever waits for it already. A change after this is never missed.
    pub fn enter(&self, session: &str) -> Wait<'_> {
        let bells = Arc::<Bells>::default();
        if let Some(older) = self.by_session().insert(session.to_owned(), Arc::clone(&bells)) {
            older.sent_home.notify_one();
        }
        Wait { waits: self, session: session.to_owned(), bells }
    }

    /// Who waits for a session: another value for another request.
    #[cfg(test)]
    pub fn newest(&self, session: &str) -> usize {
        self.by_session().get(session).map_or(0, |newest| Arc::as_ptr(newest).addr())
    }

    fn sessions(&self) -> Vec<String> {
        self.by_session().keys().cloned().collect()
    }

    fn by_session(&self) -> MutexGuard<'_, HashMap<String, Arc<Bells>>> {
        self.by_session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wait<'_> {
    /// Waits for a reason to look, until `deadline`. Whatever happened since [`Waits::enter`] or the last call is one.
    pub async fn woken(&self, deadline: Instant) -> Woken {
        let woken = timeout_at(deadline, async {
            tokio::select! {
                biased;
                () = self.waits.closing.cancelled() => Woken::GoHome,
                () = self.bells.sent_home.notified() => Woken::GoHome,
                () = self.bells.changed.notified() => Woken::Look,
            }
        });
        woken.await.unwrap_or(Woken::GoHome)
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        let mut by_session = self.waits.by_session();
        if by_session.get(&self.session).is_some_and(|newest| Arc::ptr_eq(newest, &self.bells)) {
            by_session.remove(&self.session);
        }
    }
}

/// Wakes whoever waits for a session that another process has ended. Runs until dropped.
pub async fn follow(gateway: &Gateway) {
    let mut tick = interval(LOOK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if let Err(error) = look(gateway).await {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the sessions that are waited for cannot be read"
            );
        }
    }
}

async fn look(gateway: &Gateway) -> Result<(), Error> {
    let waiting = gateway.waits.sessions();
    if waiting.is_empty() {
        return Ok(());
    }
    for ended in sessions::ended_of(gateway.database.read(), &waiting).await? {
        gateway.waits.wake(&ended);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn far() -> Instant {
        Instant::now() + Duration::from_secs(3600)
    }

    #[tokio::test]
    async fn a_change_before_the_wait_is_not_missed_and_wakes_nobody_else() {
        let waits = Waits::default();
        let (wait, other) = (waits.enter("s"), waits.enter("t"));
        waits.wake("s");
        waits.wake("s");
        waits.wake("nobody waits for this one");
        assert_eq!(wait.woken(far()).now_or_never(), Some(Woken::Look));
        assert_eq!(wait.woken(far()).now_or_never(), None, "one look for both changes");
        assert_eq!(other.woken(far()).now_or_never(), None, "a stranger's change");
        assert_eq!(wait.woken(Instant::now()).await, Woken::GoHome);
    }

    #[tokio::test]
    async fn a_newer_wait_sends_the_older_home_and_the_end_everybody() {
        let waits = Waits::default();
        let (older, other) = (waits.enter("s"), waits.enter("t"));
        let newer = waits.enter("s");
        assert_eq!(older.woken(far()).await, Woken::GoHome);
        drop(older);
        waits.wake("s");
        assert_eq!(newer.woken(far()).await, Woken::Look);
        waits.close();
        assert_eq!(newer.woken(far()).await, Woken::GoHome);
        assert_eq!(other.woken(far()).await, Woken::GoHome);
        drop((newer, other));
        assert!(waits.by_session().is_empty());
    }
}
