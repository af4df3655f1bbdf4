//! Many worlds at once: each is `kv-flexnet-faults` again in private namespaces, with one fault, one pair, or a number of healthy runs.

use std::{
    collections::VecDeque,
    fs::{self, File},
    path::{Path, PathBuf},
    process::Stdio,
    sync::Mutex,
    thread,
    time::Instant,
};

use anyhow::{Context as _, Result, bail};
use fastrand::Rng;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{PAIRS, Said, Scene, find};
use crate::{
    command::tail,
    enter::{private_ground, unshared},
};

/// Begins a line with a result.
const RESULT: &str = "@ ";
/// Longest run of one fault's world, seconds.
const LONGEST: u32 = 240;
/// Longest run of a world of healthy runs, seconds.
const LONGEST_HEALTHY: u32 = 3600;

/// What came of one diagnosis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The fault's name, both names of a pair, or `healthy`.
    pub name: String,
    /// What had to be said; `-` for nothing.
    pub wanted: String,
    /// What was said.
    pub said: String,
    /// By its own clock.
    pub took_ms: u64,
    /// All findings, or why there are none.
    pub detail: String,
}

impl Outcome {
    fn of(name: &str, wanted: &str, said: &Said) -> Result<Self> {
        let (said, took_ms, detail) = (said.code(), said.took_ms()?, said.line());
        Ok(Self { name: name.to_owned(), wanted: wanted.to_owned(), said, took_ms, detail })
    }

    /// The cause was named.
    pub fn right(&self) -> bool {
        self.said == self.wanted
    }
}

/// What a world is made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// One fault, by its name.
    One(String),
    /// Two at once, and the code of the first to be mended.
    Two(String, String, String),
    /// So many healthy diagnoses, with a session or without.
    Healthy(u32, bool),
}

impl Task {
    fn name(&self) -> String {
        match self {
            Self::One(name) => name.clone(),
            Self::Two(first, second, _) => format!("{first}+{second}"),
            Self::Healthy(_, false) => "healthy".to_owned(),
            Self::Healthy(_, true) => "healthy-session".to_owned(),
        }
    }

    fn arguments(&self) -> Vec<String> {
        match self {
            Self::One(name) => vec!["one".into(), name.clone()],
            Self::Two(first, second, code) => vec!["two".into(), first.clone(), second.clone(), code.clone()],
            Self::Healthy(count, session) => {
                let mut line = vec!["healthy".into(), count.to_string()];
                line.extend(session.then(|| "--session".to_owned()));
                line
            }
        }
    }
}

/// Runs the tasks in so many worlds at a time; the outcomes are in the order of the tasks. Logs of worlds stay in `logs`.
///
/// # Errors
/// A world fails in itself; every such world is told.
pub fn run(tasks: &[Task], worlds: usize, logs: &Path) -> Result<Vec<Outcome>> {
    fs::create_dir_all(logs)?;
    let waiting = Mutex::new(tasks.iter().enumerate().collect::<VecDeque<_>>());
    let told = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..worlds.max(1) {
            scope.spawn(|| {
                loop {
                    let Some((number, task)) = lock(&waiting).pop_front() else { return };
                    let begun = Instant::now();
                    let result = world(task, logs);
                    let said = match &result {
                        Ok(outcomes) => outcomes.iter().map(show).collect::<Vec<_>>().join("\n"),
                        Err(error) => format!("{}: {error:#}", task.name()),
                    };
                    println!("{said} ({} s in all)", begun.elapsed().as_secs());
                    lock(&told).push((number, result.with_context(|| task.name())));
                }
            });
        }
    });
    let mut told = told.into_inner().unwrap_or_default();
    told.sort_by_key(|(number, _)| *number);
    let (mut outcomes, mut failed) = (Vec::new(), Vec::new());
    for (_, result) in told {
        match result {
            Ok(some) => outcomes.extend(some),
            Err(error) => failed.push(format!("{error:#}")),
        }
    }
    if !failed.is_empty() {
        bail!("{} worlds failed in themselves:\n{}", failed.len(), failed.join("\n"));
    }
    Ok(outcomes)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn show(outcome: &Outcome) -> String {
    let Outcome { name, wanted, said, took_ms, detail } = outcome;
    let word = if outcome.right() { "right" } else { "WRONG" };
    format!("{word} {name}: {said} (wanted {wanted}) in {took_ms} ms: {detail}")
}

/// One world in a process of its own.
fn world(task: &Task, logs: &Path) -> Result<Vec<Outcome>> {
    let log = logs.join(format!("{}.log", task.name()));
    let file = File::create(&log)?;
    let longest = if matches!(task, Task::Healthy(..)) { LONGEST_HEALTHY } else { LONGEST };
    let arguments = task.arguments();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let status = unshared(&arguments, longest)?.stdout(file.try_clone()?).stderr(file).stdin(Stdio::null()).status()?;
    let text = fs::read_to_string(&log)?;
    if !status.success() {
        bail!("{status}, {}:\n{}", log.display(), tail(&text));
    }
    results(&text)
}

fn results<T: DeserializeOwned>(text: &str) -> Result<Vec<T>> {
    let lines = text.lines().filter_map(|line| line.strip_prefix(RESULT));
    lines.map(|line| serde_json::from_str(line).context("a result")).collect()
}

fn tell(outcome: &Outcome) -> Result<()> {
    println!("{RESULT}{}", serde_json::to_string(outcome)?);
    Ok(())
}

/// Inside: one fault, in a world of its own.
///
/// # Errors
/// The world cannot be made, the fault not be injected, or the diagnosis says nothing.
pub fn one(name: &str) -> Result<()> {
    private_ground()?;
    let fault = find(name)?;
    let mut scene = Scene::healthy()?;
    (fault.inject)(&mut scene)?;
    let said = scene.diagnose()?;
    println!("{}", serde_json::to_string_pretty(&said.facts)?);
    tell(&Outcome::of(name, fault.code, &said)?)
}

/// Inside: two faults at once. One that needs a session is injected first: the other may not let it begin any more.
///
/// # Errors
/// As [`one`].
pub fn two(first: &str, second: &str, wanted: &str) -> Result<()> {
    private_ground()?;
    let mut scene = Scene::healthy()?;
    let mut pair = [find(first)?, find(second)?];
    pair.sort_by_key(|fault| !needs_a_whole_world(fault.name));
    for fault in pair {
        (fault.inject)(&mut scene)?;
    }
    let said = scene.diagnose()?;
    println!("{}", serde_json::to_string_pretty(&said.facts)?);
    tell(&Outcome::of(&format!("{first} + {second}"), wanted, &said)?)
}

/// Whoever signs in, restarts the gateway and waits for it, or asks it, must do so before the way is broken.
fn needs_a_whole_world(name: &str) -> bool {
    ["leftovers", "certificate_", "maintenance", "draining", "client_too_old"].iter().any(|word| name.starts_with(word))
}

/// Inside: healthy diagnoses, one after the other.
///
/// # Errors
/// As [`one`].
pub fn healthy(count: u32, session: bool) -> Result<()> {
    private_ground()?;
    let mut scene = Scene::healthy()?;
    if session {
        scene.sign_in()?;
    }
    let name = if session { "healthy, signed in" } else { "healthy" };
    for _ in 0..count {
        let said = scene.diagnose()?;
        let mut outcome = Outcome::of(name, "-", &said)?;
        if !outcome.right() {
            outcome.detail.push_str(&serde_json::to_string(&said.facts)?);
        }
        tell(&outcome)?;
    }
    Ok(())
}

/// So many pairs of faults that can be had together, from a seed: the written ones in another order, each as often as it comes.
pub fn random_pairs(count: usize, seed: u64) -> Vec<Task> {
    let mut rng = Rng::with_seed(seed);
    let mut pairs: Vec<Task> = PAIRS.iter().map(pair).collect();
    rng.shuffle(&mut pairs);
    pairs.into_iter().cycle().take(count).collect()
}

/// A written pair as a task.
pub fn pair(pair: &super::Pair) -> Task {
    let (first, second, code) = pair;
    Task::Two((*first).to_owned(), (*second).to_owned(), (*code).to_owned())
}

/// Where the logs of worlds go.
///
/// # Errors
/// No home and no cache.
pub fn logs() -> Result<PathBuf> {
    Ok(crate::soak::run::logs()?.with_file_name("faults"))
}
