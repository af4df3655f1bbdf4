//! Many sequences or kills in several worlds at once: each world is this program again in private namespaces, a line of JSON for each result.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader, ErrorKind, Write as _},
    path::{Path, PathBuf},
    process::{Child, Stdio},
    time::Instant,
};

use anyhow::{Context as _, Result, ensure};
use fastrand::Rng;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    leaks::{self, keep_logs},
    leftovers::{self, Reached},
    stand::{Kind, Stand},
};
use crate::{
    enter::{private_ground, unshared},
    wire::Rule,
};

/// Kinds of worlds.
const KINDS: u64 = 4;
/// Longest run of one world, seconds.
const LONGEST: u32 = 6 * 3600;
/// Begins a line with a result.
const RESULT: &str = "@ ";

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// [`leaks`].
    Leaks,
    /// [`leftovers`].
    Leftovers,
}

impl Question {
    const fn word(self) -> &'static str {
        match self {
            Self::Leaks => "leaks",
            Self::Leftovers => "leftovers",
        }
    }
}

/// How many, from which seed, and where the logs of failures go.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What is asked.
    pub question: Question,
    /// So many.
    pub count: u64,
    /// The first of these numbers; the same number and seed is the same sequence.
    pub first: u64,
    /// Everything follows from it.
    pub seed: u64,
    /// Worlds at the same time, one to four.
    pub worlds: u64,
    /// Logs of failures.
    pub logs: PathBuf,
    /// The control: the filter is taken away, or nothing is mended; what is found then shows that it would be found.
    pub control: bool,
}

/// Runs the plan; whether everything was right.
///
/// # Errors
/// A world cannot be made, or does not end as it should.
pub fn run(plan: &Plan) -> Result<bool> {
    let begun = Instant::now();
    fs::create_dir_all(&plan.logs)?;
    println!(
        "{}: {} from number {}, seed {}, logs in {}",
        plan.question.word(),
        plan.count,
        plan.first,
        plan.seed,
        plan.logs.display()
    );
    for kind in 0..KINDS {
        // What an earlier run has told there would be counted as this one's.
        match fs::remove_file(log_of(plan, kind)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
    }
    let mut worlds: Vec<(u64, Child)> = Vec::new();
    for kind in (0..KINDS.min(plan.count)).map(|n| (plan.first + n) % KINDS) {
        // With fewer places than kinds the next one begins when the first has ended.
        if worlds.len() as u64 >= plan.worlds {
            let (_, child) = worlds.remove(0);
            ended(child)?;
        }
        worlds.push((kind, start(plan, kind)?));
    }
    for (_, child) in worlds {
        ended(child)?;
    }
    let passed = match plan.question {
        Question::Leaks => tell_leaks(&results(plan)?),
        Question::Leftovers => tell_leftovers(&results(plan)?),
    };
    println!("  seed {}, {} s", plan.seed, begun.elapsed().as_secs());
    Ok(passed)
}

/// One world: every number of its kind, one after the other.
///
/// # Errors
/// The lab itself fails.
pub fn world(plan: &Plan, kind: u64) -> Result<()> {
    private_ground()?;
    let numbers = (plan.first..plan.first + plan.count).filter(|number| number % KINDS == kind);
    let mut stand = None;
    for number in numbers {
        // The seed of a number does not depend on how many were asked for.
        let seed = Rng::with_seed(plan.seed ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15)).u64(..);
        let of = Kind::of(number);
        let folder = plan.logs.join(format!("{}-{number}", plan.question.word()));
        let stand: &mut Stand = match &mut stand {
            Some(stand) => stand,
            none => none.insert(Stand::build(of)?),
        };
        let told = match plan.question {
            Question::Leaks => leaks::sequence(stand, of, number, seed, plan.control).and_then(|report| {
                tell(&report)?;
                Ok(report.leaks.is_empty() && report.findings.is_empty())
            }),
            Question::Leftovers => {
                stand.stop_service_if_it_runs()?;
                leftovers::kill(stand, number, seed, plan.control).and_then(|report| {
                    tell(&report)?;
                    Ok(report.left.is_none())
                })
            }
        };
        if !told.as_ref().is_ok_and(|&right| right) {
            keep_logs(&folder)?;
        }
        told?;
    }
    Ok(())
}

fn start(plan: &Plan, kind: u64) -> Result<Child> {
    let (count, first, seed, kind_word) =
        (plan.count.to_string(), plan.first.to_string(), plan.seed.to_string(), kind.to_string());
    let logs = plan.logs.display().to_string();
    let line = ["world", plan.question.word(), "--count", &count, "--first", &first, "--seed", &seed];
    let rest = ["--logs", &logs, "--kind", &kind_word];
    let control: &[&str] = if plan.control { &["--control"] } else { &[] };
    let mut command = unshared(&[&line[..], &rest, control].concat(), LONGEST)?;
    let log = File::create(log_of(plan, kind))?;
    Ok(command.stdout(log.try_clone()?).stderr(log).stdin(Stdio::null()).spawn()?)
}

fn log_of(plan: &Plan, kind: u64) -> PathBuf {
    plan.logs.join(format!("{}-world{kind}.log", plan.question.word()))
}

fn ended(mut child: Child) -> Result<()> {
    child.wait()?;
    Ok(())
}

fn tell(report: &impl Serialize) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{RESULT}{}", serde_json::to_string(report)?)?;
    Ok(out.flush()?)
}

fn results<T: DeserializeOwned>(plan: &Plan) -> Result<Vec<T>> {
    let mut all = Vec::new();
    for kind in 0..KINDS {
        let Ok(file) = File::open(log_of(plan, kind)) else { continue };
        for line in BufReader::new(file).lines() {
            if let Some(json) = line?.strip_prefix(RESULT) {
                all.push(serde_json::from_str(json)?);
            }
        }
    }
    let told = || format!("{} of {} ended; the rest is in {}", all.len(), plan.count, plan.logs.display());
    ensure!(all.len() as u64 == plan.count, told());
    Ok(all)
}

fn tell_leaks(all: &[leaks::Report]) -> bool {
    let with = |what: fn(&leaks::Report) -> bool| all.iter().filter(|report| what(report)).count();
    for report in all.iter().filter(|report| !report.leaks.is_empty() || !report.findings.is_empty()) {
        println!("\nnumber {} (seed {})", report.number, report.seed);
        // Some of each kind.
        let some = [Rule::PortalAddress, Rule::PortalName, Rule::Other].map(|rule| format!(" {rule:?}: "));
        let leaks = some.iter().flat_map(|rule| report.leaks.iter().filter(move |leak| leak.contains(rule)).take(4));
        for line in report.events.iter().chain(&report.findings).chain(leaks) {
            println!("  {line}");
        }
    }
    let watched: f64 = all.iter().map(|report| report.watched).sum();
    let (leaks, findings) = (with(|r| !r.leaks.is_empty()), with(|r| !r.findings.is_empty()));
    println!(
        "\n{} sequences, {leaks} with a leak, {findings} with something else, {watched:.0} s with a tunnel watched",
        all.len()
    );
    leaks == 0 && findings == 0
}

fn tell_leftovers(all: &[leftovers::Report]) -> bool {
    for report in all {
        if let Some(left) = &report.left {
            println!("\nnumber {} (seed {}): {}\n{left}", report.number, report.seed, report.what);
        }
    }
    let left = all.iter().filter(|report| report.left.is_some()).count();
    println!("\n{} kills, {left} with something left", all.len());
    for reached in [Reached::Start, Reached::SigningIn, Reached::Ending, Reached::Over] {
        println!("  {:5} at {reached:?}", all.iter().filter(|report| report.reached == reached).count());
    }
    left == 0
}

/// Folder for the logs of failures, by default.
///
/// # Errors
/// No home and no cache.
pub fn logs() -> Result<PathBuf> {
    let named = |variable: &str| std::env::var_os(variable).map(PathBuf::from);
    let cache = named("XDG_CACHE_HOME").or_else(|| named("HOME").map(|home| home.join(".cache")));
    Ok(cache.context("neither XDG_CACHE_HOME nor HOME")?.join(Path::new("kv-flexnet/soak")))
}
