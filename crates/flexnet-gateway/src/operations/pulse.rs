//! What a gateway knows of itself, from one look a second: its loop turns, its database answers, the audit can go on, the maintenance note is this one.
//! The service manager hears from the same loop (`WatchdogSec`): a gateway that hangs is started anew.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use flexnet_protocol::gateway::Readiness;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::maintenance;
use crate::{
    audit,
    error::Error,
    gateway::Gateway,
    metrics::Asked,
    network::Trouble,
    os::{self, Word},
};

const PERIOD: Duration = Duration::from_secs(1);
/// How long the database may take for the smallest question.
const PROBE_LIMIT: Duration = Duration::from_secs(2);
/// How long a look may take. The service manager waits no longer than thirty seconds for the next.
const LOOK_LIMIT: Duration = Duration::from_secs(5);
/// How old its last answer may be.
const ANSWERED: Duration = Duration::from_secs(5);
/// How old the last turn of the loop may be.
const TURNED: Duration = Duration::from_secs(15);

/// The looks at oneself.
#[derive(Debug)]
pub struct Pulse {
    turned: Mutex<Instant>,
    answered: Mutex<Option<Instant>>,
    audit_flaw: Mutex<Option<&'static str>>,
    draining: AtomicBool,
    certificate_end: AtomicI64,
}

/// Why no sign-in should come here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hindrance {
    /// It is about to stop.
    Draining,
    /// A note in its own configuration closes it, while others may be open. A note in the database closes all of them, and hinders none.
    Maintenance,
    /// The database has not answered for some seconds, or has not kept what was to be written: its commits wait for a standby, or it is a primary no more;
    /// or it does not tell the live leases.
    Database,
    /// The audit's end was changed: nothing can be appended.
    Audit,
    /// The clock lies before what was written already.
    Clock,
    /// It did not take the peers at the last try.
    Device,
    /// More sign-ins wait than there is room for.
    Queue,
}

impl Hindrance {
    /// As `/readyz` says it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Draining => "draining",
            Self::Maintenance => "maintenance",
            Self::Database => "database",
            Self::Audit => "audit",
            Self::Clock => "clock",
            Self::Device => "device",
            Self::Queue => "queue",
        }
    }
}

impl Pulse {
    /// Begins to look.
    pub fn new() -> Self {
        Self {
            turned: Mutex::new(Instant::now()),
            answered: Mutex::new(None),
            audit_flaw: Mutex::new(None),
            draining: AtomicBool::new(false),
            certificate_end: AtomicI64::new(0),
        }
    }

    /// Whether the loop has turned of late.
    pub fn beats(&self) -> bool {
        lock(&self.turned).elapsed() < TURNED
    }

    /// The database has answered just now.
    pub fn answered(&self) {
        *lock(&self.answered) = Some(Instant::now());
    }

    /// From now on no new sign-ins should come.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::SeqCst);
    }

    /// Takes note of the certificate that is served, by the end of its time in seconds since 1970 UTC.
    pub fn certificate(&self, end: i64) {
        self.certificate_end.store(end, Ordering::SeqCst);
    }

    /// End of the certificate, seconds since 1970 UTC; 0 if it is not known.
    pub fn certificate_end(&self) -> i64 {
        self.certificate_end.load(Ordering::SeqCst)
    }

    /// Whether the audit can go on, as of the last look. To be asked before an attempt is counted: its outcome could not be written down.
    ///
    /// # Errors
    /// [`Error::Audit`] if not.
    pub fn audit_stands(&self) -> Result<(), Error> {
        lock(&self.audit_flaw).map_or(Ok(()), |flaw| Err(Error::Audit(flaw)))
    }

    fn audit(&self, flaw: Option<&'static str>) {
        let mut known = lock(&self.audit_flaw);
        match flaw {
            Some(flaw) if known.is_none() => tracing::error!(flaw, "nobody is let in: the audit cannot go on"),
            None if known.is_some() => tracing::info!("the audit goes on"),
            Some(_) | None => {}
        }
        *known = flaw;
    }

    fn database_answers(&self) -> bool {
        lock(&self.answered).is_some_and(|at| at.elapsed() < ANSWERED)
    }
}

impl Default for Pulse {
    fn default() -> Self {
        Self::new()
    }
}

/// Why no sign-in should come here; nothing if one should.
pub fn hindrances(gateway: &Gateway) -> Vec<Hindrance> {
    let pulse = &gateway.pulse;
    let trouble = gateway.network.trouble();
    let database = pulse.database_answers() && gateway.own.is_kept() && trouble != Some(Trouble::Leases);
    let hindrances = [
        (Hindrance::Draining, pulse.draining.load(Ordering::SeqCst)),
        (Hindrance::Maintenance, gateway.note.is_its_own()),
        (Hindrance::Database, !database),
        (Hindrance::Audit, pulse.audit_stands().is_err()),
        (Hindrance::Clock, gateway.clock.sane().is_none()),
        (Hindrance::Device, trouble == Some(Trouble::Device)),
        (Hindrance::Queue, !gateway.admission.has_room()),
    ];
    hindrances.into_iter().filter(|(_, is)| *is).map(|(hindrance, _)| hindrance).collect()
}

/// The same in a client's words, the first of them: asks nobody, so it is told as fast without a database. A note of maintenance is told beside it.
pub fn readiness(gateway: &Gateway) -> Readiness {
    let word = |hindrance| match hindrance {
        Hindrance::Draining => Some(Readiness::Draining),
        Hindrance::Database => Some(Readiness::Database),
        Hindrance::Audit | Hindrance::Clock | Hindrance::Device => Some(Readiness::Closed),
        Hindrance::Queue => Some(Readiness::Busy),
        Hindrance::Maintenance => None,
    };
    hindrances(gateway).into_iter().find_map(word).unwrap_or_default()
}

/// Looks once a second, until dropped.
pub async fn follow(gateway: &Gateway) {
    let mut tick = interval(PERIOD);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        look(gateway).await;
    }
}

/// One look.
pub async fn look(gateway: &Gateway) {
    *lock(&gateway.pulse.turned) = Instant::now();
    os::tell_manager(Word::Alive);
    if timeout(LOOK_LIMIT, look_at_database(gateway)).await.is_err() {
        tracing::error!("the database stopped in the middle of a look");
    }
}

async fn look_at_database(gateway: &Gateway) {
    let asked = Instant::now();
    let probe = sqlx::query("SELECT 1").fetch_one(gateway.database.read());
    match timeout(PROBE_LIMIT, probe).await {
        Ok(Ok(_)) => {
            gateway.metrics.database(Asked::Probe, asked.elapsed());
            gateway.pulse.answered();
        }
        // It is told by `/readyz`, and by everybody who needs it.
        Ok(Err(_)) | Err(_) => return,
    }
    match audit::stands(gateway.database.read(), gateway.keys.audit()).await {
        Ok(()) => gateway.pulse.audit(None),
        Err(Error::Audit(flaw)) => gateway.pulse.audit(Some(flaw)),
        Err(error) => tracing::error!(error = &error as &dyn std::error::Error, "the audit's end cannot be read"),
    }
    if let Err(error) = maintenance::read(gateway).await {
        tracing::error!(error = &error as &dyn std::error::Error, "the maintenance note cannot be read");
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
