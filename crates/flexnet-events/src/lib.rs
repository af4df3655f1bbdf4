//! What a program of ours keeps of what happened: a log of JSON lines that never grows over [`log::MOST`] bytes, and a ring of the last events that
//! survives SIGKILL and a power cut. Both hold what [`redact`] lets through and nothing else.
//! Never stops a program: what cannot be written is not written. Start at [`begin`]; [`read`] is for whoever looks at another program's ring.

mod layer;
pub mod log;
mod os;
mod panics;
pub mod redact;
pub mod ring;

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use flexnet_protocol::events::Event;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::{Layer, registry::LookupSpan};

pub use layer::Events;
pub use os::{person_folder, service_folder};
pub use panics::{AfterPanic, catch_panics};
pub use ring::read;

use log::Log;
use ring::Ring;

/// Name of the ring in a program's folder.
pub const RING: &str = "events.ring";
/// Lines that wait for a slow disk; more are left out.
const WAITING: usize = 2048;

/// The ring of this process, for [`last`] and for panics.
static KEPT: OnceLock<Kept> = OnceLock::new();

struct Kept {
    ring: Option<Arc<Ring>>,
    log: Log,
    file: PathBuf,
}

/// Who may read what a program writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// The ring everybody, so that a diagnosis can read it when the program is dead; the log who owns it and its group.
    Everybody,
    /// Nobody but the person whose folder it is.
    Person,
}

/// Held as long as events are to be written; dropping it writes what waits.
pub struct Written {
    _log: WorkerGuard,
}

/// Begins to keep the events of this process in `folder`, as `NAME.log` and [`RING`]. Once a process; the layer is for its subscriber.
///
/// # Errors
/// The folder cannot be made. A ring that cannot be made is told by the log only.
pub fn begin<S>(folder: &Path, name: &str, readers: Readers) -> io::Result<(impl Layer<S> + use<S>, Written)>
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a>,
{
    os::make_folder(folder, readers)?;
    let file = folder.join(RING);
    let ring = Ring::open(&file, readers).map(Arc::new).ok();
    let log = Log::new(folder, name, readers);
    let (writer, guard) = NonBlockingBuilder::default().lossy(true).buffered_lines_limit(WAITING).finish(log.clone());
    // A second beginning in one process keeps the first one's place for panics.
    let _ = KEPT.set(Kept { ring: ring.clone(), log, file });
    Ok((Events::new(ring, writer), Written { _log: guard }))
}

/// The last events of this process and of those before it that wrote into the same folder, oldest first. Empty before [`begin`].
pub fn last() -> Vec<Event> {
    KEPT.get().and_then(|kept| read(&kept.file).ok()).unwrap_or_default()
}

/// The newest of these events whose JSON has at most `most` bytes together.
pub fn newest(mut events: Vec<Event>, most: usize) -> Vec<Event> {
    let mut taken: usize = 0;
    let fitting = events.iter().rev().take_while(|event| {
        taken = taken.saturating_add(serde_json::to_vec(event).map_or(most, |json| json.len() + 1));
        taken <= most
    });
    let first = events.len() - fitting.count();
    events.split_off(first)
}

#[cfg(test)]
mod tests;
