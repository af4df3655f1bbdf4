//! One SIGKILL of the service, at a step of its journal, at another call to the kernel or at a random moment; then a start or `repair`:
//! the PC must be as before, byte for byte.

use std::{
    fs,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use fastrand::Rng;
use serde::{Deserialize, Serialize};

use super::{event::wait, stand::Stand};
use crate::{command::eventually, traces::Traces, traffic::now, world::LAB};

/// Calls that a journal step makes, and calls between them.
const STEPS: [(&str, u32); 2] = [("fsync,fdatasync", 12), ("sendto,sendmsg,rename,ftruncate", 100)];
/// A session with its end takes about so long, milliseconds.
const SESSION: u64 = 1200;

/// When it dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// At the so-manieth of these calls.
    Call(&'static str, u32),
    /// After so many milliseconds.
    Time(u64),
}

/// What one kill came to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    /// Which of them.
    pub number: u64,
    /// Seed of this one.
    pub seed: u64,
    /// When, and how it was mended.
    pub what: String,
    /// How far the session was when it died.
    pub reached: Reached,
    /// What is left.
    pub left: Option<String>,
    /// Seconds that it took.
    pub seconds: f64,
}

/// How far a session was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Reached {
    /// The service was starting.
    Start,
    /// The entry was given.
    SigningIn,
    /// It was connected, and was ending.
    Ending,
    /// It was over.
    Over,
}

impl Moment {
    /// The journal's steps in turn, then other calls, then times.
    pub fn draw(number: u64, rng: &mut Rng) -> Self {
        // Numbers of one kind of world come four apart.
        let turn = number / 4;
        match turn % 3 {
            0 => Self::Call(STEPS[0].0, u32::try_from(turn / 3).unwrap_or(0) % STEPS[0].1 + 1),
            1 => Self::Call(STEPS[1].0, rng.u32(1..=STEPS[1].1)),
            _ => Self::Time(rng.u64(0..SESSION)),
        }
    }
}

/// Kills it once, in a world where no service runs. For the control nothing is mended.
///
/// # Errors
/// The lab itself fails.
pub fn kill(stand: &mut Stand, number: u64, seed: u64, control: bool) -> Result<Report> {
    let (begun, mut rng) = (now(), Rng::with_seed(seed));
    let moment = Moment::draw(number, &mut rng);
    let repaired = rng.bool();
    let what = format!("{moment:?}, then {}", if repaired { "repair" } else { "a start" });
    let trace = format!("{LAB}/strace");
    let _old = fs::remove_file(&trace);
    match moment {
        Moment::Call(..) if control => stand.starts_service(&[])?,
        Moment::Call(calls, step) => {
            let inject = format!("inject={calls}:signal=SIGKILL:when={step}");
            let traced = format!("trace={calls}");
            // Each thread counts by itself: the one that changes the network must always be the same. Traced from beside (-D).
            let mut one = vec!["env", "TOKIO_WORKER_THREADS=1", "strace", "-D", "-f", "-q", "-o", &trace];
            one.extend(["-e", &traced, "-e", &inject]);
            stand.starts_service(&one)?;
        }
        Moment::Time(_) => stand.starts_service(&[])?,
    }
    let time = match moment {
        Moment::Call(..) => None,
        Moment::Time(time) => Some(Duration::from_millis(time)),
    };
    let reached = session(stand, time, control)?;
    let left = if control { stand.expect_nothing_left() } else { stand.mend(repaired) };
    let left = left.err().map(|error| format!("{error:#}"));
    Ok(Report { number, seed, what, reached, left, seconds: now() - begun })
}

/// A session with its end, until the service is dead; at the latest it is killed when all is over, for the control while it is connected.
fn session(stand: &mut Stand, time: Option<Duration>, control: bool) -> Result<Reached> {
    let begun = Instant::now();
    let mut reached = Reached::Start;
    while stand.service_runs()? {
        let now = !control && time.is_some_and(|time| begun.elapsed() >= time);
        let last = if control { Reached::Ending } else { Reached::Over };
        if now || (reached == last && (control || time.is_none())) {
            stand.kill_service()?;
            break;
        }
        ensure!(begun.elapsed() < Duration::from_secs(90), "a session without end: {}", stand.log());
        reached = match reached {
            Reached::Start if stand.answers() => {
                stand.signs_in()?;
                Reached::SigningIn
            }
            Reached::SigningIn if stand.is_connected_or_failed() => {
                if !control {
                    stand.signs_out()?;
                }
                Reached::Ending
            }
            Reached::Ending if stand.is_signed_out().unwrap_or(false) => Reached::Over,
            Reached::Start | Reached::SigningIn | Reached::Ending | Reached::Over => reached,
        };
        wait(5);
    }
    Ok(reached)
}

impl Stand {
    /// A start or a repair, after which nothing may be left.
    ///
    /// # Errors
    /// What is left.
    fn mend(&mut self, repaired: bool) -> Result<()> {
        if repaired {
            self.world.cli_quietly(&["repair", "--json"], "")?.expect_ok("repair")?;
        } else {
            self.starts_service(&[])?;
            eventually("the service", crate::parts::PATIENCE, || {
                ensure!(self.answers(), "{}", self.log());
                Ok(())
            })?;
        }
        let left = self.expect_nothing_left();
        if !repaired {
            self.stop_service()?;
        }
        left?;
        // A start that is stopped again must not leave anything either.
        self.expect_nothing_left()
    }

    fn expect_nothing_left(&self) -> Result<()> {
        Traces::take(&self.world)?.expect_same(self.before())
    }
}
