//! 2,000 bad requests a second from many networks, and members who sign in meanwhile.

use std::sync::atomic::AtomicBool;

use tokio::time::{MissedTickBehavior, interval, interval_at};

use super::*;

const RATE: u64 = 2_000;
const NETWORKS: u64 = 600;
const SPAN: Duration = Duration::from_secs(180);
/// Members who have signed in before from their networks, and members from networks that are new to the gateway.
const KNOWN: usize = 40;
const NEW: usize = 40;

/// One member's sign-ins during a flood.
#[derive(Default)]
struct Told {
    /// Seconds from the connection to the session, tries in vain included.
    times: Vec<f64>,
    /// Answers that were no session.
    in_vain: usize,
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a figure: ./dev bench gateway"]
async fn a_flood_of_bad_requests_from_many_networks() {
    let stage = Arc::new(Stage::with(|config| config.limits.connection_seconds = 3600).await);
    let mut known = members(&stage, KNOWN + NEW, 200).await;
    for number in 0..20 {
        stage.member(&format!("ziel{number:02}")).await;
    }
    let new = known.split_off(KNOWN);
    for (number, member) in known.iter_mut().enumerate() {
        let mut client = stage.connect_from(home(0, number)).await.unwrap();
        client.post(&member.body().unwrap()).await.grant();
    }
    let before = memory();
    let stop = Arc::new(AtomicBool::new(false));
    let sent = Arc::new(AtomicU64::new(0));
    let statuses: Arc<[AtomicU64; 600]> = Arc::new(std::array::from_fn(|_| AtomicU64::new(0)));
    let mut flood = Vec::new();
    for network in 0..NETWORKS {
        flood.push(tokio::spawn(pour(
            Arc::clone(&stage),
            network,
            Arc::clone(&stop),
            Arc::clone(&sent),
            Arc::clone(&statuses),
        )));
    }
    let begun = Instant::now();
    let mut hands = Vec::new();
    for (kind, members) in [known, new].into_iter().enumerate() {
        for (number, member) in members.into_iter().enumerate() {
            hands.push((kind, tokio::spawn(sign_in_now_and_then(Arc::clone(&stage), kind, number, member, begun))));
        }
    }
    let mut levels = Vec::new();
    while begun.elapsed() < SPAN {
        tokio::time::sleep(SPAN / 6).await;
        levels.push(memory() >> 20);
    }
    let rate = sent.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64();
    stop.store(true, Ordering::Relaxed);
    let mut told = [Told::default(), Told::default()];
    for (kind, hand) in hands {
        let one = hand.await.unwrap();
        told[kind].times.extend(one.times);
        told[kind].in_vain += one.in_vain;
    }
    for hand in flood {
        hand.await.unwrap();
    }
    println!("bad requests/s: {rate:.0} from {NETWORKS} networks");
    for (status, count) in statuses.iter().enumerate().filter(|(_, count)| count.load(Ordering::Relaxed) > 0) {
        println!("  answered {status}: {}", count.load(Ordering::Relaxed));
    }
    for (kind, told) in ["networks of members", "new networks"].iter().zip(&told) {
        let part = |hundredths| statistics::percentile(&told.times, hundredths);
        println!(
            "good sign-ins from {kind}: {}, seconds: p50 {:.2}, p99 {:.2}, most {:.2}; tries in vain: {}",
            told.times.len(),
            part(50.0),
            part(99.0),
            part(100.0),
            told.in_vain
        );
    }
    println!("memory, MiB: {} before, then {levels:?}", before >> 20);
    for number in 0..KNOWN + NEW {
        let name = format!("m{number:05}");
        assert_eq!(stage.attempts_left(&name).await, 5, "{name} was touched");
    }
    println!(
        "locked: {} of 20 attacked names, none of the others",
        stage
            .audited("lock")
            .await
            .iter()
            .filter(|row| row.subject.as_deref().is_some_and(|name| name.starts_with("ziel")))
            .count()
    );
}

/// Where a member lives.
fn home(kind: usize, number: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, 20 + kind as u8, number as u8, 7)
}

/// One network's part of the flood, at its pace however slowly it is answered.
async fn pour(
    stage: Arc<Stage>,
    network: u64,
    stop: Arc<AtomicBool>,
    sent: Arc<AtomicU64>,
    statuses: Arc<[AtomicU64; 600]>,
) {
    let from = Ipv4Addr::new(127, 100 + (network >> 8) as u8, network as u8, 1);
    // One behind the other, so that it is the rate from the first moment.
    let first = tokio::time::Instant::now() + Duration::from_secs_f64(network as f64 / RATE as f64);
    let mut tick = interval_at(first, Duration::from_secs_f64(NETWORKS as f64 / RATE as f64));
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut client = None;
    let mut number = network;
    while !stop.load(Ordering::Relaxed) {
        tick.tick().await;
        if client.is_none() {
            client = stage.connect_from(from).await.ok();
        }
        let Some(open) = &mut client else { continue };
        number += NETWORKS;
        // Every eighth for somebody who exists.
        let name =
            if number.is_multiple_of(8) { format!("ziel{:02}", number % 20) } else { format!("niemand{number}") };
        sent.fetch_add(1, Ordering::Relaxed);
        match open.raw(request("POST", "/v1/sessions", None), &body(&name, "falsch", "123456")).await {
            Some((status, ..)) => drop(statuses[usize::from(status)].fetch_add(1, Ordering::Relaxed)),
            None => client = None,
        }
    }
}

/// Signs in every two seconds from an own connection, and again after a refusal, as the client does.
async fn sign_in_now_and_then(
    stage: Arc<Stage>,
    kind: usize,
    number: usize,
    mut member: Ready,
    begun: Instant,
) -> Told {
    let mut told = Told::default();
    let mut tick = interval(Duration::from_secs(2));
    tokio::time::sleep(Duration::from_millis(number as u64 * 37)).await;
    // A new network each time for the new ones.
    for visit in 0.. {
        tick.tick().await;
        if begun.elapsed() > SPAN {
            return told;
        }
        let from = if kind == 0 {
            home(0, number)
        } else {
            Ipv4Addr::new(127, 30 + (visit / 4) as u8, (4 * number + visit % 4) as u8, 7)
        };
        let body = member.body().expect("enough TANs");
        let asked = Instant::now();
        while asked.elapsed() < Duration::from_secs(20) {
            if let Ok(mut client) = stage.connect_from(from).await
                && let Some((201, ..)) = client.raw(request("POST", "/v1/sessions", None), &body).await
            {
                break;
            }
            told.in_vain += 1;
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        told.times.push(asked.elapsed().as_secs_f64());
    }
    told
}
