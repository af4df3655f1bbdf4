//! What the service shows, with the time at which it was shown: `kv-flexnet status --watch --json` for as long as a service lives.
//! Beside it the routes into the tunnel, read from the kernel, because the service may not be asked when the tunnel stands.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::Result;
use serde_json::Value;

use crate::{
    traffic::now,
    world::{Host, World},
};

/// Between two looks at the routes.
const PERIOD: Duration = Duration::from_millis(5);
/// The product's device.
const DEVICE: &str = "kvflex0";

/// A snapshot, and when it came.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Seconds since 1970. Not before the service said it.
    pub at: f64,
    /// Name of the state.
    pub name: String,
    /// All of it.
    pub state: Value,
}

/// A stretch of time, seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    /// Not before it began.
    pub from: f64,
    /// Not after it ended.
    pub to: f64,
}

/// Both watchers; they end with this.
#[derive(Debug)]
pub struct Watch {
    seen: Arc<Mutex<Seen>>,
    over: Arc<AtomicBool>,
}

#[derive(Debug, Default)]
struct Seen {
    shown: Vec<Shown>,
    tunnels: Vec<Stretch>,
}

impl Watch {
    /// Begins. `client` is any process on the member's PC that stays.
    ///
    /// # Errors
    /// The programs are missing.
    pub fn begin(world: &World, client: u32) -> Result<Self> {
        let (seen, over) = (Arc::new(Mutex::new(Seen::default())), Arc::new(AtomicBool::new(false)));
        let cli = world.binary("kv-flexnet")?;
        let (pictures, ended) = (seen.clone(), over.clone());
        thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                // Without a service it ends at once.
                let _ = follow(&cli, &pictures);
                thread::sleep(Duration::from_millis(100));
            }
        });
        let (routes, ended) = (seen.clone(), over.clone());
        thread::spawn(move || look(client, &routes, &ended));
        Ok(Self { seen, over })
    }

    /// Everything shown since a time, and what stood then.
    pub fn shown_since(&self, from: f64) -> Vec<Shown> {
        let seen = lock(&self.seen);
        let first = seen.shown.partition_point(|shown| shown.at < from).saturating_sub(1);
        seen.shown.iter().skip(first).cloned().collect()
    }

    /// What is shown now.
    pub fn last(&self) -> Option<Shown> {
        lock(&self.seen).shown.last().cloned()
    }

    /// When routes led into the tunnel.
    pub fn tunnels(&self) -> Vec<Stretch> {
        lock(&self.seen).tunnels.clone()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

fn follow(cli: &str, seen: &Mutex<Seen>) -> Result<()> {
    let net = format!("--net=/run/netns/{}", Host::Client.name());
    let mut command = Command::new("nsenter");
    command.args([&net, "--", cli, "status", "--watch", "--json"]);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    if let Some(out) = child.stdout.take() {
        for line in BufReader::new(out).lines() {
            let at = now();
            let Ok(snapshot) = serde_json::from_str::<Value>(&line?) else { continue };
            let Some(state) = snapshot.get("state").cloned() else { continue };
            let name = state.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
            lock(seen).shown.push(Shown { at, name, state });
        }
    }
    child.wait()?;
    // The service is gone; what it said last is no truth any more.
    lock(seen).shown.push(Shown { at: now(), name: String::new(), state: Value::Null });
    Ok(())
}

fn look(client: u32, seen: &Mutex<Seen>, over: &AtomicBool) {
    let mut standing = false;
    while !over.load(Ordering::Relaxed) {
        let before = now();
        let routes = ["route", "ipv6_route"].map(|file| fs::read_to_string(format!("/proc/{client}/net/{file}")));
        let stands = routes.iter().flatten().any(|routes| routes.contains(DEVICE));
        if stands {
            let mut seen = lock(seen);
            match seen.tunnels.last_mut().filter(|_| standing) {
                Some(stretch) => stretch.to = before,
                // It stood when it was read, but perhaps not yet before.
                None => seen.tunnels.push(Stretch { from: now(), to: before }),
            }
        }
        standing = stands;
        thread::sleep(PERIOD);
    }
}

fn lock(seen: &Mutex<Seen>) -> std::sync::MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
