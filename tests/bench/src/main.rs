//! `kv-flexnet-bench`: what `./dev bench` runs, inside namespaces of its own. Never judges: it prints, and writes a result file.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::{Context as _, Result};
use clap::{Args, Parser, Subcommand};
use flexnet_bench::{
    subject::{Programs, Subject},
    table,
    throughput::{self, Plan},
    tun_copy,
};

#[derive(Parser)]
#[command(name = "kv-flexnet-bench", about = "Measures; ./dev bench starts it")]
struct Line {
    #[command(subcommand)]
    word: Word,
}

#[derive(Subcommand)]
enum Word {
    /// Our data plane beside others: TCP, small packets, processor time, memory
    Throughput(Throughput),
    /// The limit of a TUN: a plain copy (started by the bench itself)
    #[command(hide = true)]
    TunCopy,
}

#[derive(Args)]
struct Throughput {
    /// How often each has its turn
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of each transfer
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// One short round
    #[arg(long)]
    quick: bool,
    /// Only these, by the beginning of their names in the table (may be given more than once)
    #[arg(long)]
    only: Vec<String>,
    /// wireguard-go of Debian 12
    #[arg(long)]
    bookworm: Option<PathBuf>,
    /// wireguard-go of Debian 13
    #[arg(long)]
    trixie: Option<PathBuf>,
    /// Where the result file goes
    #[arg(long)]
    results: PathBuf,
}

fn main() -> Result<()> {
    match Line::parse().word {
        Word::Throughput(options) => options.run(),
        Word::TunCopy => tun_copy::copy(),
    }
}

impl Throughput {
    fn run(self) -> Result<()> {
        let programs = Programs::find(self.bookworm, self.trixie)?;
        let plan = if self.quick {
            Plan { rounds: 1, length: Duration::from_secs(1) }
        } else {
            Plan { rounds: self.rounds, length: Duration::from_secs(self.seconds) }
        };
        let chosen =
            |subject: &Subject| self.only.is_empty() || self.only.iter().any(|o| subject.name().starts_with(o));
        let subjects: Vec<Subject> = Subject::ALL.into_iter().filter(chosen).collect();
        // Opened before the world is built, in which this path may not exist.
        let file = fs::File::create(&self.results).with_context(|| self.results.display().to_string())?;
        let results = throughput::measure(&programs, &subjects, plan)?;
        println!("\n{}", table::throughput(&results));
        serde_json::to_writer_pretty(file, &results)?;
        println!("Each transfer: {}", self.results.display());
        Ok(())
    }
}
