//! Good sign-ins beside what Argon2id alone does on the same processors in the same run: the rest of a sign-in must be small beside it.

use std::sync::atomic::AtomicBool;

use super::*;
use crate::passwords::Hasher;

const MEMBERS: usize = 24;
const ROUNDS: usize = 3;
const SPAN: Duration = Duration::from_secs(8);

/// Hashes a second of all processors together.
async fn argon() -> f64 {
    let hands = std::thread::available_parallelism().unwrap().get();
    let done = Arc::new(AtomicU64::new(0));
    let stop = Arc::new(AtomicBool::new(false));
    let begun = Instant::now();
    let work: Vec<_> = (0..hands)
        .map(|_| {
            let (done, stop) = (Arc::clone(&done), Arc::clone(&stop));
            tokio::task::spawn_blocking(move || {
                let mut hasher = Hasher::default();
                let hash = passwords::hash(&Secret::new(PASSWORD)).unwrap();
                while !stop.load(Ordering::Relaxed) {
                    assert!(hasher.fits(&hash, &Secret::new(PASSWORD)));
                    done.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    tokio::time::sleep(SPAN).await;
    let (count, span) = (done.load(Ordering::Relaxed), begun.elapsed());
    stop.store(true, Ordering::Relaxed);
    for hand in work {
        hand.await.unwrap();
    }
    count as f64 / span.as_secs_f64()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a figure: ./dev bench gateway"]
async fn good_sign_ins_beside_argon2_alone() {
    let stage = Stage::with(|config| config.limits.connection_seconds = 3600).await;
    let mut ready = members(&stage, MEMBERS, 400).await;
    let mut clients = Vec::new();
    for number in 0..MEMBERS {
        clients.push(connect_from(&stage, Ipv4Addr::new(127, 10, number as u8, 1)).await.unwrap());
    }
    let (mut alone, mut whole, mut times) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        alone.push(argon().await);
        let begun = Instant::now();
        let hands: Vec<_> = std::mem::take(&mut ready)
            .into_iter()
            .zip(std::mem::take(&mut clients))
            .map(|(mut member, mut client)| {
                tokio::spawn(async move {
                    let mut times = Vec::new();
                    while begun.elapsed() < SPAN {
                        let body = member.body().expect("not enough TANs for so fast a gateway");
                        let asked = Instant::now();
                        // A machine that others keep busy may be too slow for the line's patience; that is no sign-in then.
                        if client.post(&body).await.status == 201 {
                            times.push(asked.elapsed().as_secs_f64());
                        }
                    }
                    (member, client, times)
                })
            })
            .collect();
        let mut done = 0;
        for hand in hands {
            let (member, client, its) = hand.await.unwrap();
            ready.push(member);
            clients.push(client);
            done += its.len();
            times.extend(its);
        }
        whole.push(done as f64 / begun.elapsed().as_secs_f64());
    }
    let median = |sample: &[f64]| statistics::percentile(sample, 50.0);
    println!("Argon2id alone, hashes/s: {:.1} {alone:.1?}", median(&alone));
    println!("good sign-ins/s: {:.1} {whole:.1?}", median(&whole));
    let shares: Vec<f64> = whole.iter().zip(&alone).map(|(whole, alone)| 100.0 * whole / alone).collect();
    println!("of what Argon2id alone allows, %: {:.1} {shares:.1?}", median(&shares));
    let part = |hundredths| 1000.0 * statistics::percentile(&times, hundredths);
    println!("with {MEMBERS} at once, ms: p50 {:.0}, p99 {:.0}", part(50.0), part(99.0));
}
