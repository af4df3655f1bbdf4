//! "Wo hängt es?" of the window: one look at the way at a time, told while it goes on, and the verdict at its end.
//! Looks without the service and without a privilege; what is seen and what follows from it is in flexnet-diagnostics.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use flexnet_diagnostics::{
    checks::judge,
    collect::{Input, Progress, collect},
    facts::Facts,
};
use flexnet_protocol::{
    Fault, FaultCode,
    diagnosis::{Check, Place, Verdict},
    report::Envelope,
};
use futures_util::{FutureExt as _, future::BoxFuture};
use serde::Serialize;
use tokio::sync::{
    OnceCell,
    mpsc::{UnboundedSender, unbounded_channel},
    oneshot,
};

/// Looks at everything once.
pub type Look = Box<dyn Fn(UnboundedSender<Progress>) -> BoxFuture<'static, Facts> + Send + Sync>;

/// The one diagnosis that may run.
pub struct Diagnosis {
    look: Look,
    /// Dropped to give up the one that runs.
    running: Mutex<Option<oneshot::Sender<()>>>,
    /// What the last one saw.
    last: Mutex<Option<Arc<Seen>>>,
}

/// What one run saw and says: a report is made of it.
pub(crate) struct Seen {
    run: u32,
    pub(crate) facts: Facts,
    pub(crate) verdict: Verdict,
    /// Made once, so that what is shown is what is sent.
    pub(crate) report: OnceCell<Envelope>,
}

/// How far a diagnosis is. Payload of the event `diagnosis`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Looked {
    /// Which one, as the ui numbers them.
    run: u32,
    /// In the order of the way.
    way: Vec<Stretch>,
    /// The first check of the way whose facts are not there yet.
    next: Option<Check>,
}

/// A point of the way and how much of it has been looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct Stretch {
    place: Place,
    done: usize,
    of: usize,
}

/// A diagnosis that has come to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Diagnosed {
    run: u32,
    /// By the PC's clock, seconds since 1970 UTC.
    at: i64,
    took_ms: u64,
    verdict: Verdict,
}

impl Diagnosis {
    /// Of this PC, as it is installed.
    pub fn installed() -> Self {
        Self::with(Box::new(|progress| {
            let input = Input::installed();
            async move { collect(&input, progress).await }.boxed()
        }))
    }

    /// One that looks in this way.
    pub fn with(look: Look) -> Self {
        Self { look, running: Mutex::default(), last: Mutex::default() }
    }

    /// Looks once and judges; whatever runs already is given up for it. `None`: this one was given up.
    pub(crate) async fn run(&self, run: u32, mut seen: impl FnMut(Looked)) -> Option<Diagnosed> {
        let (stop, mut stopped) = oneshot::channel();
        *self.running() = Some(stop);
        *self.last() = None;
        let (tell, mut told) = unbounded_channel();
        let began = Instant::now();
        let mut looking = (self.look)(tell);
        let mut done = Vec::new();
        let facts = loop {
            tokio::select! {
                biased;
                // Its sender was dropped: by another run, or because nobody wants to wait.
                _ = &mut stopped => return None,
                Some(Progress { check }) = told.recv() => {
                    done.push(check);
                    seen(looked(run, &done));
                }
                facts = &mut looking => break facts,
            }
        };
        // What was told in the same breath as the end.
        while let Ok(Progress { check }) = told.try_recv() {
            done.push(check);
            seen(looked(run, &done));
        }
        let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (at, verdict) = (facts.at, judge(&facts));
        *self.last() = Some(Arc::new(Seen { run, facts, verdict: verdict.clone(), report: OnceCell::new() }));
        Some(Diagnosed { run, at, took_ms, verdict })
    }

    /// What the last run saw, if that is the one which is meant.
    ///
    /// # Errors
    /// [`FaultCode::BadRequest`]: another ran since, or none has come to its end.
    pub(crate) fn seen(&self, run: u32) -> Result<Arc<Seen>, Fault> {
        let last = self.last().clone().filter(|seen| seen.run == run);
        last.ok_or_else(|| Fault::new(FaultCode::BadRequest, "no such diagnosis"))
    }

    /// Gives up what runs.
    pub(crate) fn stop(&self) {
        *self.running() = None;
    }

    fn last(&self) -> MutexGuard<'_, Option<Arc<Seen>>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn running(&self) -> MutexGuard<'_, Option<oneshot::Sender<()>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn looked(run: u32, done: &[Check]) -> Looked {
    let way = Place::ALL.into_iter().map(|place| {
        let of = Check::ALL.into_iter().filter(|check| check.place() == place);
        Stretch { place, done: of.clone().filter(|check| done.contains(check)).count(), of: of.count() }
    });
    Looked { run, way: way.collect(), next: Check::ALL.into_iter().find(|check| !done.contains(check)) }
}
