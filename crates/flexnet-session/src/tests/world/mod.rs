//! Whole runs of the machine in virtual time, against a model of everything around it: a gateway with its lockout and its sessions, a line that
//! loses, sleeps and roams, a system that fails, a member who types, works and goes away. Held to the rules of every step and to what is promised
//! of whole runs. `KV_RUNS` and `KV_SEED` choose how many runs and which; a broken promise names the seed of its run.

mod caller;
mod chance;
mod gateway;
mod line;
mod member;
mod promises;
mod run;

use self::{chance::Chance, run::Run};
use super::{
    Sut, machine,
    mutants::{BREAKS_A_PROMISE, BREAKS_A_RULE, Mutant},
};

/// Runs in `./dev test`; `./dev soak` asks for more.
const RUNS: u64 = 300;
/// Runs within which every planted defect must be found.
const WITHIN: u64 = 400;

fn asked_for(name: &str, otherwise: u64) -> u64 {
    std::env::var(name)
        .map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number, not {text}")))
}

/// One run; what it saw, or the promise that it broke.
fn run<S: Sut>(sut: S, seed: u64) -> Result<run::Seen, String> {
    Run::new(sut, Chance::new(seed)).whole().map_err(|broken| format!("{broken}\nKV_SEED={seed} KV_RUNS=1"))
}

#[test]
fn no_run_breaks_a_promise() {
    let (runs, first) = (asked_for("KV_RUNS", RUNS), asked_for("KV_SEED", 1));
    println!("KV_SEED={first} KV_RUNS={runs}");
    let mut all = run::Seen::default();
    for seed in first..first + runs {
        all.add(&run(machine(), seed).unwrap_or_else(|broken| panic!("{broken}")));
    }
    println!("{all:?}");
    if runs >= RUNS {
        all.has_everything().unwrap_or_else(|missing| panic!("the world is too tame: {missing}: {all:?}"));
    }
}

#[test]
fn every_planted_defect_is_found() {
    let mut missed = Vec::new();
    // In a whole run a defect can break another rule first than in the shortest one.
    let rules = BREAKS_A_RULE.map(|(defect, _)| (defect, ""));
    for (defect, told) in BREAKS_A_PROMISE.into_iter().chain(rules) {
        let broken = |seed| run(Mutant::new(defect), seed).err().filter(|broken| broken.starts_with(told));
        match (1..=WITHIN).find_map(|seed| broken(seed).map(|broken| (seed, broken))) {
            Some((seed, broken)) => {
                let what: String = broken.lines().next().unwrap_or_default().chars().take(90).collect();
                println!("{defect:?} is found in run {seed}: {what}");
            }
            None => missed.push(format!("{defect:?} never breaks {told:?}")),
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}
