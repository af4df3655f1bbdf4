//! `./dev soak`: leaks and leftovers by the hundred, from a seed. Every world is private; nothing outside them is changed.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::{Args, Parser, Subcommand, ValueEnum};
use flexnet_lab::{
    soak::run::{self, Plan},
    traffic,
};

#[derive(Debug, Parser)]
#[command(name = "kv-flexnet-soak", about = "Random sequences and kills in worlds of their own")]
struct Arguments {
    #[command(subcommand)]
    word: Word,
}

#[derive(Debug, Subcommand)]
enum Word {
    /// Random sequences of events; the capture must hold no leak
    Leaks(Options),
    /// SIGKILLs of the service; a start or repair must leave nothing
    Leftovers(Options),
    /// One world of a run (internal)
    #[command(hide = true)]
    World {
        question: Question,
        #[command(flatten)]
        options: Options,
        #[arg(long)]
        kind: u64,
    },
    /// Programs that want something all the time (internal)
    #[command(hide = true)]
    Traffic,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Question {
    Leaks,
    Leftovers,
}

#[derive(Debug, Args)]
struct Options {
    /// How many
    #[arg(long)]
    count: u64,
    /// Number of the first; with the seed it tells the sequence
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Everything random follows from it; by default the time
    #[arg(long)]
    seed: Option<u64>,
    /// Worlds at the same time
    #[arg(long, default_value_t = 4)]
    worlds: u64,
    /// The filter is taken away by hand, or nothing is mended: it must be seen
    #[arg(long)]
    control: bool,
    /// Where the logs of failures go
    #[arg(long)]
    logs: Option<PathBuf>,
}

impl Options {
    fn plan(self, question: Question) -> Result<Plan> {
        let question = match question {
            Question::Leaks => run::Question::Leaks,
            Question::Leftovers => run::Question::Leftovers,
        };
        let seed = self.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
        let logs = self.logs.map_or_else(run::logs, Ok)?;
        Ok(Plan {
            question,
            count: self.count,
            first: self.first,
            seed,
            worlds: self.worlds,
            logs,
            control: self.control,
        })
    }
}

fn main() -> Result<ExitCode> {
    let passed = match Arguments::parse().word {
        Word::Leaks(options) => run::run(&options.plan(Question::Leaks)?)?,
        Word::Leftovers(options) => run::run(&options.plan(Question::Leftovers)?)?,
        Word::World { question, options, kind } => {
            run::world(&options.plan(question)?, kind)?;
            true
        }
        Word::Traffic => {
            traffic::generate();
            true
        }
    };
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
