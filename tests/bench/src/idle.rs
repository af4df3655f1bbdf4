//! What the service costs when nothing happens: at rest, and with a session that stands and is not used.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::Result;
use serde::Serialize;

use crate::{path, reading};

/// What a sign-in leaves to be done, after which a session that nobody uses is idle.
const SETTLES: Duration = Duration::from_secs(15);

/// The service over a while.
#[derive(Debug, Clone, Serialize)]
pub struct Idle {
    /// In which state.
    pub state: &'static str,
    /// How long it was watched, in seconds.
    pub seconds: f64,
    /// Processor time in thousandths of what one processor could have given.
    pub per_mille: f64,
    /// Its share of memory at the end, in kilobytes (proportional).
    pub proportional: u64,
    /// Resident memory at the end, in kilobytes.
    pub resident: u64,
}

/// Watches the service for so long, without a session and with one.
///
/// # Errors
/// The world does not come to stand.
pub fn measure(length: Duration) -> Result<Vec<Idle>> {
    let world = path::world()?;
    let running = world.everything()?;
    let mut member = world.member("m.muster", &["--kind", "hotp"])?;
    let rest = watch(running.service.id(), "at rest", length)?;
    world.sign_in(&mut member)?;
    thread::sleep(SETTLES);
    let session = watch(running.service.id(), "with a session", length)?;
    world.cli(&["disconnect"], "")?.expect_ok("disconnect")?;
    Ok(vec![rest, session])
}

fn watch(process: u32, state: &'static str, length: Duration) -> Result<Idle> {
    let (before, started) = (reading::processor_time(process)?, Instant::now());
    // This is the measurement itself, and waits for nothing.
    thread::sleep(length);
    let used = reading::processor_time(process)?.saturating_sub(before).as_secs_f64();
    let seconds = started.elapsed().as_secs_f64();
    Ok(Idle {
        state,
        seconds,
        per_mille: used / seconds * 1e3,
        proportional: reading::proportional_memory(process)?,
        resident: reading::resident_memory(process)?,
    })
}

/// What a person reads of it.
pub fn shown(results: &[Idle]) -> String {
    let mut text = String::from("| service | processor | PSS | RSS |\n|---|---:|---:|---:|\n");
    for Idle { state, seconds, per_mille, proportional, resident } in results {
        let (pss, rss) = (*proportional as f64 / 1024.0, *resident as f64 / 1024.0);
        let percent = per_mille / 10.0;
        text.push_str(&format!("| {state}, {seconds:.0} s | {percent:.3} % | {pss:.1} MiB | {rss:.1} MiB |\n"));
    }
    text
}
