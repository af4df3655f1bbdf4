//! A short run of every target: its corpus, and inputs of it changed at random. The seed is printed, and `SEED=N` repeats a run.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests may fail like tests")]

use std::{fs, panic::catch_unwind, path::PathBuf};

use flexnet_fuzz::TARGETS;

const RUNS: usize = 4_000;
/// Longer ones cost time and find nothing more.
const LONGEST: usize = 4_096;
/// What parsers look for.
const WORDS: [&[u8]; 14] = [
    b"{\"",
    b"\":",
    b"null",
    b"\\u0000",
    b"<!DOCTYPE x [",
    b"<!ENTITY a \"&a;\">",
    b"&a;",
    b"]]>",
    b"-1",
    b"99999999999999999999",
    b"\xff",
    b"\0",
    b"kv-flexnet://connect?ticket=",
    b";",
];

#[test]
fn strangers_bytes_panic_nowhere() {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| fastrand::u64(..));
    println!("SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    for (name, target) in TARGETS {
        let corpus = corpus(name);
        assert!(corpus.len() >= 3, "the corpus of {name}");
        for bytes in &corpus {
            target(bytes);
        }
        for run in 0..RUNS {
            let bytes = changed(&corpus, &mut random);
            if catch_unwind(|| target(&bytes)).is_err() {
                panic!("{name}, SEED={seed}, run {run}: {:?}", String::from_utf8_lossy(&bytes));
            }
        }
    }
}

/// Or the corpus would only ever be refused at its first byte.
#[test]
fn the_corpus_holds_what_is_taken() {
    let taken = |name: &str, takes: fn(&[u8]) -> bool| assert!(corpus(name).iter().any(|bytes| takes(bytes)), "{name}");
    taken("api", |bytes| serde_json::from_slice::<flexnet_protocol::gateway::SignIn>(bytes).is_ok());
    taken("api", |bytes| serde_json::from_slice::<flexnet_protocol::gateway::Redeem>(bytes).is_ok());
    taken("api", |bytes| serde_json::from_slice::<flexnet_protocol::gateway::Resync>(bytes).is_ok());
    let key = Some("12345678901234567890123456789012");
    taken("provision", |bytes| bytes[0] == b'n' && flexnet_gateway::provision::read(&bytes[1..], None, 0).is_ok());
    assert!(corpus("provision").iter().any(|bytes| flexnet_gateway::provision::read(&bytes[1..], key, 0).is_ok()));
    taken("radius", |bytes| flexnet_gateway::verifier::radius::packet::Packet::decode(bytes).is_ok());
    taken("link", |bytes| flexnet_protocol::link::ticket(std::str::from_utf8(bytes).unwrap_or_default()).is_ok());
}

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(name);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

fn changed(corpus: &[Vec<u8>], random: &mut fastrand::Rng) -> Vec<u8> {
    let mut bytes = corpus[random.usize(..corpus.len())].clone();
    for _ in 0..random.usize(1..5) {
        let at = random.usize(..=bytes.len());
        let to = random.usize(at..=bytes.len());
        match random.u8(..6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << random.u8(..8),
            1 if at < bytes.len() => bytes[at] = random.u8(..),
            2 => drop(bytes.drain(at..to)),
            3 => {
                let again = bytes[at..to].to_vec();
                drop(bytes.splice(at..at, again));
            }
            4 => {
                let other = &corpus[random.usize(..corpus.len())];
                let from = random.usize(..=other.len());
                drop(bytes.splice(at..to, other[from..].iter().copied()));
            }
            _ => drop(bytes.splice(at..at, WORDS[random.usize(..WORDS.len())].iter().copied())),
        }
        bytes.truncate(LONGEST);
    }
    bytes
}
