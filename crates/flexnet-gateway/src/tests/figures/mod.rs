//! What a gateway can bear, measured. `./dev bench gateway` and `./dev soak enumeration` run these in an optimised build; docs/performance.md has the figures.
//! The generator is in the same process, so it shares the processors with the gateway, and what it costs is the gateway's loss.

mod enumeration;
mod flood;
mod load;
mod sessions;
mod statistics;

use std::time::{Duration, Instant};

use super::*;

/// A member whose next TANs are made beforehand, so that a program that makes them is not measured.
struct Ready {
    username: String,
    tans: std::vec::IntoIter<String>,
}

impl Ready {
    /// The next right entry.
    fn body(&mut self) -> Option<String> {
        Some(body(&self.username, PASSWORD, &self.tans.next()?))
    }
}

/// So many members, each with so many TANs.
async fn members(stage: &Stage, count: usize, tans: u64) -> Vec<Ready> {
    let hash = passwords::hash(&Secret::new(PASSWORD)).unwrap();
    let now = stage.gateway.clock.now();
    let mut ready = Vec::new();
    for number in 0..count {
        let username = format!("m{number:05}");
        let seed: Vec<u8> = (0..20).map(|n| n ^ number as u8 ^ (number >> 8) as u8).collect();
        let mut write = stage.gateway.database.write().await.unwrap();
        accounts::add(&mut write, &username, "Dr. Martina Muster", &hash, now).await.unwrap();
        let account = accounts::named(&mut write, &username).await.unwrap();
        let token = NewToken {
            serial: format!("T-{username}"),
            kind: Kind::Hotp,
            hash: Hash::Sha1,
            digits: 6,
            period: 30,
            seed: Zeroizing::new(seed.clone()),
        };
        tokens::add(&mut write, &stage.gateway.keys, Some(tokens::Owner::Account(account.id)), &token, now)
            .await
            .unwrap();
        write.commit().await.unwrap();
        let tans = Member { username: username.clone(), seed, presses: 0 }.tans(0, tans).into_iter();
        ready.push(Ready { username, tans });
    }
    ready
}

/// Bytes of memory that this process has.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("figures are made on Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap() * 1024
}

/// Processor time that this process has had.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("figures are made on Linux");
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    // utime and stime, in hundredths of a second.
    Duration::from_millis((fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()) * 10)
}
