//! `kv-flexnet-bench`: what `./dev bench` runs, inside namespaces of its own. Never judges: it prints, and writes a result file.

use std::{fs::File, path::PathBuf, time::Duration};

use anyhow::{Context as _, Result};
use clap::{Args, Parser, Subcommand};
use flexnet_bench::{
    delay, fallback, idle, roundtrips,
    subject::{Programs, Subject},
    table,
    throughput::{self, Plan},
    tun_copy,
};
use serde::Serialize;

#[derive(Parser)]
#[command(name = "kv-flexnet-bench", about = "Measures; ./dev bench starts it")]
struct Line {
    #[command(subcommand)]
    word: Word,
}

#[derive(Subcommand)]
enum Word {
    /// Our data plane beside others: TCP, small packets, processor time, memory
    Throughput {
        #[command(flatten)]
        options: Options,
        #[command(flatten)]
        who: Who,
    },
    /// From the entry to the portal's first byte, in round trips of a 50 ms path
    Roundtrips(Options),
    /// The tunnel through 443 beside the same over UDP
    Fallback(Options),
    /// The service when nothing happens
    Idle(Options),
    /// The limit of a TUN: a plain copy (started by the bench itself)
    #[command(hide = true)]
    TunCopy,
    /// A slow wire (started by the bench itself)
    #[command(hide = true)]
    Delay {
        /// Milliseconds in each direction
        #[arg(long)]
        one_way_ms: u64,
        /// NAMESPACE/NAME
        near: String,
        /// NAMESPACE/NAME
        far: String,
    },
}

#[derive(Args)]
struct Options {
    /// How often each has its turn
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of each transfer
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// One short round
    #[arg(long)]
    quick: bool,
    /// Where the result file goes
    #[arg(long)]
    results: PathBuf,
}

#[derive(Args)]
struct Who {
    /// Only these, by the beginning of their names in the table (may be given more than once)
    #[arg(long)]
    only: Vec<String>,
    /// wireguard-go of Debian 12
    #[arg(long)]
    bookworm: Option<PathBuf>,
    /// wireguard-go of Debian 13
    #[arg(long)]
    trixie: Option<PathBuf>,
}

/// Half of the path that sign-ins are measured on.
const ONE_WAY: Duration = Duration::from_millis(25);

fn main() -> Result<()> {
    match Line::parse().word {
        Word::Throughput { options, who } => {
            let (programs, subjects) = who.chosen()?;
            options.run(|plan| throughput::measure(&programs, &subjects, plan), table::throughput)
        }
        Word::Roundtrips(options) => {
            options.run(|plan| roundtrips::measure(plan.rounds, ONE_WAY), |results| roundtrips::shown(results))
        }
        Word::Fallback(options) => options.run(fallback::measure, |results| fallback::shown(results)),
        Word::Idle(options) => {
            let length = Duration::from_secs(if options.quick { 5 } else { 60 });
            options.run(|_| idle::measure(length), |results| idle::shown(results))
        }
        Word::TunCopy => tun_copy::copy(),
        Word::Delay { one_way_ms, near, far } => delay::carry(Duration::from_millis(one_way_ms), [&near, &far]),
    }
}

impl Options {
    fn run<T: Serialize>(
        self,
        measure: impl FnOnce(Plan) -> Result<T>,
        shown: impl FnOnce(&T) -> String,
    ) -> Result<()> {
        let plan = if self.quick {
            Plan { rounds: 1, length: Duration::from_secs(1) }
        } else {
            Plan { rounds: self.rounds, length: Duration::from_secs(self.seconds) }
        };
        // Opened before the world is built, in which this path may not exist.
        let file = File::create(&self.results).with_context(|| self.results.display().to_string())?;
        let results = measure(plan)?;
        println!("\n{}", shown(&results));
        serde_json::to_writer_pretty(file, &results)?;
        println!("Each figure: {}", self.results.display());
        Ok(())
    }
}

impl Who {
    fn chosen(self) -> Result<(Programs, Vec<Subject>)> {
        let Self { only, bookworm, trixie } = self;
        let chosen = |subject: &Subject| only.is_empty() || only.iter().any(|o| subject.name().starts_with(o));
        Ok((Programs::find(bookworm, trixie)?, Subject::ALL.into_iter().filter(chosen).collect()))
    }
}
