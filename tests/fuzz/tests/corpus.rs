//! Every target over its corpus. Changing it at random is libFuzzer's: `./dev fuzz`.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail like tests")]

use std::{fs, path::PathBuf};

use flexnet_fuzz::{TARGETS, os};
use flexnet_gateway::{fuzz::api, provision::read, verifier::radius::packet::Packet};

#[test]
fn strangers_bytes_panic_nowhere() {
    for (name, target) in TARGETS.iter().chain(os::TARGETS) {
        let corpus = corpus(name);
        assert!(corpus.len() >= 3, "the corpus of {name}");
        // Or it would only ever be refused at its first byte.
        assert!(corpus.iter().filter(|bytes| target(bytes)).count() > 0, "the corpus of {name} is never taken");
    }
}

#[test]
fn libfuzzer_has_each_of_them() {
    let programs = fs::read_dir(fuzz().join("fuzz_targets")).unwrap();
    let programs = programs.map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned());
    let known = |name: &String| TARGETS.iter().chain(os::TARGETS).any(|(target, _)| target == name);
    let programs: Vec<String> = programs.collect();
    assert!(programs.len() >= TARGETS.len() + os::TARGETS.len());
    // Elsewhere there are fewer.
    assert!(TARGETS.iter().all(|(target, _)| programs.iter().any(|name| name == target)), "{programs:?}");
    assert!(os::TARGETS.is_empty() || programs.iter().all(known), "{programs:?}");
}

#[test]
fn the_corpus_holds_one_of_each_kind() {
    let taken = |name: &str, takes: fn(&[u8]) -> bool| assert!(corpus(name).iter().any(|bytes| takes(bytes)), "{name}");
    taken("api", |bytes| api::sign_in(bytes).is_some());
    taken("api", |bytes| api::redeem(bytes).is_some());
    taken("api", |bytes| api::resume(bytes).is_some());
    taken("api", |bytes| api::resync(bytes).is_some());
    taken("provision", |bytes| bytes[0] == b'n' && read(&bytes[1..], None, 0).is_ok());
    taken("provision", |bytes| {
        bytes[0] == b'k' && read(&bytes[1..], Some("12345678901234567890123456789012"), 0).is_ok()
    });
    taken("provision", |bytes| bytes[0] == b'p' && read(&bytes[1..], Some("qwerty"), 0).is_ok());
    taken("radius", |bytes| Packet::decode(bytes).is_ok_and(|packet| packet.value(80).is_some()));
    taken("link", |bytes| flexnet_protocol::link::ticket(std::str::from_utf8(bytes).unwrap_or_default()).is_ok());
}

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let mut files: Vec<_> =
        fs::read_dir(fuzz().join("corpus").join(name)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

fn fuzz() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}
