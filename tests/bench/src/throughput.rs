//! Rounds of transfers, each subject in each round, so that whatever else the machine does meets all of them.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::{
    ground::{self, End},
    iperf::{self, Load},
    reading,
    statistics::Spread,
    subject::{Programs, Standing, Subject},
};

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// How often each subject has its turn.
    pub rounds: usize,
    /// How long each transfer is.
    pub length: Duration,
}

/// One transfer with its costs.
#[derive(Debug, Clone, Serialize)]
pub struct Sample {
    /// Which round, from 1.
    pub round: usize,
    /// Whose ([`Subject::name`]).
    pub subject: &'static str,
    /// What was sent ([`Load::name`]).
    pub load: String,
    /// Gigabits of payload per second that arrived.
    pub gigabits_per_second: f64,
    /// Packets per second that arrived; small packets only.
    pub packets_per_second: Option<f64>,
    /// Share of the packets that were lost; small packets only.
    pub lost: Option<f64>,
    /// Processor seconds of the subject's programs, both ends, for each gigabyte of payload.
    pub seconds_per_gigabyte: f64,
    /// Processor seconds of the subject's programs and of iperf3 at both ends, for each gigabyte of payload.
    pub all_seconds_per_gigabyte: f64,
    /// Processor seconds of the whole machine, for each gigabyte of payload: the cross-check, with everything else that runs.
    pub machine_seconds_per_gigabyte: f64,
    /// Processors that others kept busy meanwhile: what the machine used beyond the subject and iperf3.
    pub others: f64,
}

/// Memory of one end of a subject in kilobytes (proportional share).
#[derive(Debug, Clone, Serialize)]
pub struct Memory {
    /// Which round, from 1.
    pub round: usize,
    /// Whose ([`Subject::name`]).
    pub subject: &'static str,
    /// After the first packet.
    pub idle: f64,
    /// After all transfers.
    pub after: f64,
}

/// Everything that was measured.
#[derive(Debug, Default, Serialize)]
pub struct Results {
    /// Transfers.
    pub samples: Vec<Sample>,
    /// Memory.
    pub memory: Vec<Memory>,
    /// Subjects that could not be had.
    pub missing: Vec<&'static str>,
}

/// Measures all subjects that can be had.
///
/// # Errors
/// A subject does not come to carry, or a transfer fails.
pub fn measure(programs: &Programs, subjects: &[Subject], plan: Plan) -> Result<Results> {
    ground::build()?;
    let (have, missing): (Vec<_>, Vec<_>) = subjects.iter().copied().partition(|subject| programs.have(*subject));
    let mut results = Results { missing: missing.into_iter().map(Subject::name).collect(), ..Results::default() };
    for round in 1..=plan.rounds {
        let mut order = have.clone();
        // Another one begins each time, so that nobody always follows the same.
        order.rotate_left((round - 1) % have.len().max(1));
        for subject in order {
            println!("round {round} of {}: {}", plan.rounds, subject.name());
            one_turn(programs, subject, round, plan, &mut results).with_context(|| subject.name().to_owned())?;
        }
    }
    Ok(results)
}

fn one_turn(programs: &Programs, subject: Subject, round: usize, plan: Plan, results: &mut Results) -> Result<()> {
    let standing = Standing::up(subject, programs)?;
    let server = End::Far.start(&["iperf3", "-s"])?;
    iperf::wait_for_server(&server, |line| End::Far.run(line))?;
    let idle = standing.memory()?;
    for load in Load::ALL {
        let before = (standing.processor_time()?, iperf_time(server.id())?, reading::machine()?);
        let started = Instant::now();
        let transfer = iperf::transfer(load, standing.target, plan.length, |line| End::Near.run(line))?;
        let elapsed = started.elapsed();
        let own = standing.processor_time()?.saturating_sub(before.0);
        let all = own + iperf_time(server.id())?.saturating_sub(before.1);
        let machine = reading::machine()?.saturating_sub(before.2);
        let per_gigabyte = |time: Duration| time.as_secs_f64() / (transfer.bytes / 1e9);
        results.samples.push(Sample {
            round,
            subject: subject.name(),
            load: load.name(),
            gigabits_per_second: transfer.gigabits_per_second(),
            packets_per_second: transfer.packets_per_second(),
            lost: transfer.lost,
            seconds_per_gigabyte: per_gigabyte(own),
            all_seconds_per_gigabyte: per_gigabyte(all),
            machine_seconds_per_gigabyte: per_gigabyte(machine),
            others: machine.saturating_sub(all).as_secs_f64() / elapsed.as_secs_f64(),
        });
    }
    if let (Some(idle), Some(after)) = (idle, standing.memory()?) {
        results.memory.push(Memory { round, subject: subject.name(), idle, after });
    }
    Ok(())
}

/// The server's time and that of the clients, which have ended.
fn iperf_time(server: u32) -> Result<Duration> {
    Ok(reading::processor_time(server)? + reading::of_ended_children()?)
}

impl Results {
    /// A figure of one load, summed up for each subject that was measured, in the order of [`Subject::ALL`].
    pub fn spread(&self, load: Load, figure: impl Fn(&Sample) -> Option<f64>) -> BTreeMap<Subject, Spread> {
        let name = load.name();
        let of = |subject: Subject| {
            let samples = self.samples.iter().filter(|s| s.subject == subject.name() && s.load == name);
            Some((subject, Spread::of(samples.filter_map(&figure))?))
        };
        Subject::ALL.into_iter().filter_map(of).collect()
    }

    /// Memory idle and after, for each subject that has a program.
    pub fn memory_spread(&self, figure: impl Fn(&Memory) -> f64) -> BTreeMap<Subject, Spread> {
        let of = |subject: Subject| {
            Some((subject, Spread::of(self.memory.iter().filter(|m| m.subject == subject.name()).map(&figure))?))
        };
        Subject::ALL.into_iter().filter_map(of).collect()
    }
}
