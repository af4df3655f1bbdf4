//! Good sign-ins beside what Argon2id alone does on the same processors in the same run, as the library offers it and in memory that is kept: the rest of a
//! sign-in must be small beside it.

use std::sync::atomic::AtomicBool;

use argon2::{Argon2, PasswordVerifier as _, password_hash::phc::PasswordHash};
use tokio::runtime::{Builder, Runtime};

use super::*;
use crate::passwords::Hasher;

const MEMBERS: usize = 24;
/// Short turns, for a processor's speed changes in a minute by more than what is looked for.
const ROUNDS: usize = 8;
const SPAN: Duration = Duration::from_secs(4);

/// How Argon2id is called.
#[derive(Clone, Copy)]
enum Call {
    /// As the library offers it: memory anew for each password.
    Plain,
    /// In memory that is kept, as the gateway's own threads do.
    Kept,
}

/// Hashes a second of all processors together.
async fn argon(call: Call) -> f64 {
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
                let parsed = PasswordHash::new(&hash).unwrap();
                while !stop.load(Ordering::Relaxed) {
                    match call {
                        Call::Plain => Argon2::default().verify_password(PASSWORD.as_bytes(), &parsed).unwrap(),
                        Call::Kept => assert!(hasher.fits(&hash, &Secret::new(PASSWORD))),
                    }
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

/// The members' PCs: a thread of their own, whose processor time no gateway has beside it.
struct Generator(Runtime);

impl Generator {
    fn start() -> Self {
        Self(Builder::new_multi_thread().worker_threads(1).thread_name("generator").enable_all().build().unwrap())
    }

    async fn run<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> T {
        self.0.spawn(work).await.unwrap()
    }

    /// Processor time so far, seconds (proc(5), schedstat).
    async fn spent(&self) -> f64 {
        let told = self.run(async { std::fs::read_to_string("/proc/thread-self/schedstat").unwrap() }).await;
        told.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
    }
}

/// A member who signs in again and again until the span is over, and what each took.
async fn keep_signing_in(mut member: Ready, mut client: Client) -> (Ready, Client, Vec<f64>) {
    let mut times = Vec::new();
    let begun = Instant::now();
    while begun.elapsed() < SPAN {
        let body = member.body().expect("not enough TANs for so fast a gateway");
        let asked = Instant::now();
        // A machine that others keep busy may be too slow for the line's patience; that is no sign-in then.
        if client.post(&body).await.status == 201 {
            times.push(asked.elapsed().as_secs_f64());
        }
    }
    (member, client, times)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a figure: ./dev bench gateway"]
async fn good_sign_ins_beside_argon2_alone() {
    let stage = Arc::new(Stage::with(|config| config.limits.connection_seconds = 3600).await);
    let generator = Generator::start();
    let processors = std::thread::available_parallelism().unwrap().get() as f64;
    let mut ready = Vec::new();
    for (number, member) in members(&stage, MEMBERS, 400).await.into_iter().enumerate() {
        let stage = Arc::clone(&stage);
        let from = Ipv4Addr::new(127, 10, number as u8, 1);
        ready.push((member, generator.run(async move { stage.connect_from(from).await.unwrap() }).await));
    }
    let (mut plain, mut alone, mut whole, mut times) = (vec![], vec![], vec![], vec![]);
    let (mut plain_shares, mut shares, mut own_shares) = (vec![], vec![], vec![]);
    for _ in 0..ROUNDS {
        plain.push(argon(Call::Plain).await);
        let hashes = argon(Call::Kept).await;
        let (begun, spent) = (Instant::now(), generator.spent().await);
        let hands: Vec<_> =
            ready.drain(..).map(|(member, client)| generator.0.spawn(keep_signing_in(member, client))).collect();
        let mut done = 0;
        for hand in hands {
            let (member, client, its) = hand.await.unwrap();
            ready.push((member, client));
            done += its.len();
            times.extend(its);
        }
        let span = begun.elapsed().as_secs_f64();
        let sign_ins = done as f64 / span;
        let generators = (generator.spent().await - spent) / (span * processors);
        alone.push(hashes);
        whole.push(sign_ins);
        plain_shares.push(100.0 * sign_ins / plain[plain.len() - 1]);
        shares.push(100.0 * sign_ins / hashes);
        own_shares.push(100.0 * sign_ins / (hashes * (1.0 - generators)));
    }
    generator.0.shutdown_background();
    let median = |sample: &[f64]| statistics::percentile(sample, 50.0);
    println!("Argon2id alone as the library offers it, hashes/s: {:.1} {plain:.1?}", median(&plain));
    println!("Argon2id alone in memory that is kept, hashes/s: {:.1} {alone:.1?}", median(&alone));
    println!("good sign-ins/s: {:.1} {whole:.1?}", median(&whole));
    println!("of what the library's call allows, %: {:.1} {plain_shares:.1?}", median(&plain_shares));
    println!("of what memory that is kept allows, %: {:.1} {shares:.1?}", median(&shares));
    println!("the same on the time that the members' side left, %: {:.1} {own_shares:.1?}", median(&own_shares));
    let part = |hundredths| 1000.0 * statistics::percentile(&times, hundredths);
    println!("with {MEMBERS} at once, ms: p50 {:.0}, p99 {:.0}", part(50.0), part(99.0));
}
