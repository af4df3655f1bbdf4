//! Whether the answers or their times tell a name that exists from one that does not, or from one that is locked.

use super::*;
use crate::config::Budget;

/// Interleaved sign-ins of each kind; another number by `KV_RUNS`.
const SAMPLES: usize = 5_000;
/// Before anything is measured.
const WARM: usize = 40;
/// At once, as an attacker would who is in a hurry.
const HANDS: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Known,
    Unknown,
    Locked,
}

const KINDS: [Kind; 3] = [Kind::Known, Kind::Unknown, Kind::Locked];

/// A name of this kind that was not tried before, but for the locked ones.
fn name(kind: Kind, number: usize) -> String {
    match kind {
        Kind::Known => format!("m{:05}", number),
        Kind::Unknown => format!("u{:05}", number),
        Kind::Locked => format!("m{:05}", number % 2),
    }
}

/// `seconds[kind]` of interleaved wrong entries. Known and unknown names have each been tried as often before.
async fn sample(stage: &Stage, first: usize, count: usize) -> [Vec<f64>; 3] {
    let mut seconds: [Vec<f64>; 3] = Default::default();
    let mut hands = Vec::new();
    for hand in 0..HANDS {
        let mut client = stage.connect().await;
        let mine: Vec<usize> = (first + hand..first + count).step_by(HANDS).collect();
        hands.push(async move {
            let mut seconds: [Vec<f64>; 3] = Default::default();
            for number in mine {
                // In another order each time: who comes first must not matter.
                for turn in 0..3 {
                    let at = (number + turn) % 3;
                    // Four tries of each name, so that none of them locks.
                    let body = body(&name(KINDS[at], 2 + number / 4), "falsch", "123456");
                    let asked = Instant::now();
                    let answer = client.post(&body).await;
                    seconds[at].push(asked.elapsed().as_secs_f64());
                    assert_eq!(answer.status, 403, "{answer:?}");
                }
            }
            seconds
        });
    }
    for its in futures_util::future::join_all(hands).await {
        for (all, part) in seconds.iter_mut().zip(its) {
            all.extend(part);
        }
    }
    seconds
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a long one: ./dev soak enumeration"]
async fn times_do_not_tell_who_exists() {
    let count = std::env::var("KV_RUNS").ok().and_then(|count| count.parse().ok()).unwrap_or(SAMPLES);
    let stage = Stage::with(|config| {
        config.limits.connection_seconds = 100_000;
        // All of it comes from one address.
        let budget = Budget { per_minute: u32::MAX, burst: u32::MAX };
        (config.limits.address, config.limits.network) = (budget, budget);
    })
    .await;
    members(&stage, (WARM + count) / 4 + 3, 1).await;
    for number in 0..2 {
        for _ in 0..5 {
            stage.sign_in(&name(Kind::Locked, number), "falsch", "123456").await;
        }
    }
    // Warm, and thrown away.
    sample(&stage, 0, WARM).await;
    let seconds = sample(&stage, WARM, count).await;
    for (kind, its) in KINDS.iter().zip(&seconds) {
        let part = |hundredths| 1000.0 * statistics::percentile(its, hundredths);
        println!(
            "{kind:?}: {} answers, ms: p1 {:.2}, p50 {:.2}, p99 {:.2}",
            its.len(),
            part(1.0),
            part(50.0),
            part(99.0)
        );
    }
    for (a, b) in [(0, 1), (0, 2), (1, 2)] {
        let t = statistics::welch(&seconds[a], &seconds[b]);
        println!("Welch's t of {:?} and {:?}: {t:.2}", KINDS[a], KINDS[b]);
        assert!(t.abs() < 4.5, "the times of {:?} and {:?} differ", KINDS[a], KINDS[b]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_the_same_byte_for_byte() {
    let stage = Stage::new().await;
    stage.member("m.muster").await;
    let mut client = stage.connect().await;
    let mut told = Vec::new();
    for name in ["m.muster", "niemand"] {
        let mut its = Vec::new();
        for _ in 0..7 {
            let (status, headers, bytes) =
                client.raw(request("POST", "/v1/sessions", None), &body(name, "falsch", "123456")).await.unwrap();
            let mut headers: Vec<String> =
                headers.iter().filter(|(name, _)| *name != "date").map(|pair| format!("{pair:?}")).collect();
            headers.sort();
            its.push((status, bytes, headers));
        }
        told.push(its);
    }
    assert_eq!(told[0], told[1], "wrong entries, and the lock after the fifth");
    assert_eq!(told[0][5], told[0][6]);
    assert_ne!(told[0][0].1, told[0][5].1, "a lock is told to everybody");
}
