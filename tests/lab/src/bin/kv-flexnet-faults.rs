//! The fault lab as a program: all faults or some, in worlds of their own; the stand-ins that they use; healthy runs by the hundred.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::{Parser, Subcommand};
use flexnet_lab::faults::{
    PAIRS, all, find,
    run::{self, Outcome, Task},
    stand_in::StandIn,
    table,
};

#[derive(Debug, Parser)]
#[command(name = "kv-flexnet-faults", about = "Faults injected for real, and what the diagnosis says of them")]
struct Arguments {
    #[command(subcommand)]
    word: Word,
}

#[derive(Debug, Subcommand)]
enum Word {
    /// Every fault, or those named
    Every {
        /// Names of faults; none means all
        names: Vec<String>,
        /// Worlds at the same time
        #[arg(long, default_value_t = 5)]
        worlds: usize,
        /// Writes the table there
        #[arg(long)]
        table: Option<PathBuf>,
    },
    /// Every pair
    Pairs {
        /// Worlds at the same time
        #[arg(long, default_value_t = 5)]
        worlds: usize,
    },
    /// Healthy runs without a session and as many with one, then pairs in a random order
    Soak {
        /// How many of each
        #[arg(long)]
        count: u32,
        /// The pairs follow from it; by default the time
        #[arg(long)]
        seed: Option<u64>,
        /// How many pairs
        #[arg(long, default_value_t = 40)]
        pairs: usize,
        /// Worlds at the same time
        #[arg(long, default_value_t = 4)]
        worlds: usize,
    },
    /// One fault (internal)
    #[command(hide = true)]
    One { name: String },
    /// Two faults (internal)
    #[command(hide = true)]
    Two { first: String, second: String, wanted: String },
    /// Healthy runs in one world (internal)
    #[command(hide = true)]
    Healthy {
        count: u32,
        #[arg(long)]
        session: bool,
    },
    /// What stands in the way, on a host of a world
    #[command(subcommand)]
    StandIn(StandIn),
}

fn main() -> Result<ExitCode> {
    match Arguments::parse().word {
        Word::Every { names, worlds, table: file } => {
            let named = names.iter().map(|name| find(name)).collect::<Result<Vec<_>>>()?;
            let chosen = if named.is_empty() { all().collect() } else { named };
            let tasks: Vec<Task> = chosen.into_iter().map(|fault| Task::One(fault.name.to_owned())).collect();
            let outcomes = run::run(&tasks, worlds, &run::logs()?)?;
            if let Some(file) = file {
                std::fs::write(file, table(&outcomes))?;
            }
            Ok(told(&outcomes))
        }
        Word::Pairs { worlds } => {
            let tasks: Vec<Task> = PAIRS.iter().map(run::pair).collect();
            Ok(told(&run::run(&tasks, worlds, &run::logs()?)?))
        }
        Word::Soak { count, seed, pairs, worlds } => {
            let seed = seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
            println!("{count} healthy runs without a session, {count} with one, {pairs} pairs, seed {seed}");
            let mut tasks = vec![Task::Healthy(count, false), Task::Healthy(count, true)];
            tasks.extend(run::random_pairs(pairs, seed));
            let passed = told(&run::run(&tasks, worlds, &run::logs()?)?);
            println!("  seed {seed}");
            Ok(passed)
        }
        Word::One { name } => run::one(&name).map(|()| ExitCode::SUCCESS),
        Word::Two { first, second, wanted } => run::two(&first, &second, &wanted).map(|()| ExitCode::SUCCESS),
        Word::Healthy { count, session } => run::healthy(count, session).map(|()| ExitCode::SUCCESS),
        Word::StandIn(stand_in) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(stand_in.run()).map(|()| ExitCode::SUCCESS)
        }
    }
}

/// The count, and the longest.
fn told(outcomes: &[Outcome]) -> ExitCode {
    let right = outcomes.iter().filter(|outcome| outcome.right()).count();
    let longest = outcomes.iter().map(|outcome| outcome.took_ms).max().unwrap_or_default();
    println!("\n{} diagnoses, {right} right, the longest took {longest} ms", outcomes.len());
    if right == outcomes.len() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
