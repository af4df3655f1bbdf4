//! Layer, log and ring together, in one folder each.

use std::{fs, path::Path};

use flexnet_protocol::events::Level;
use proptest::prelude::*;
use tracing_subscriber::layer::SubscriberExt as _;

use super::*;
use crate::ring::{SIZE, SLOTS, parse, record};

fn event(number: u64, text: &str) -> Event {
    Event { number, at_ms: 1_795_534_200_000, level: Level::Warn, place: "flexnet_events".into(), text: text.into() }
}

fn logged(folder: &Path) -> String {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let logs = files.filter(|file| file.to_string_lossy().contains(".log"));
    logs.map(|file| fs::read_to_string(file).unwrap()).collect()
}

fn size(folder: &Path) -> u64 {
    fs::read_dir(folder).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum()
}

#[test]
fn what_happens_is_in_ring_and_log_without_anything_of_anybody() {
    const CANARIES: [&str; 9] = [
        "m.muster",
        "Martina Muster",
        "geheim-Passwort!7",
        "048159",
        "c2Vzc2lvbiB0b2tlbiBvZiAzMiBieXRlcyAgICAgICA",
        "192.168.178.20",
        "aa:bb:cc:dd:ee:ff",
        "/home/muster/geheim",
        "portal.snk.example",
    ];
    let folder = tempfile::tempdir().unwrap();
    let (layer, written) = begin(folder.path(), "service", Readers::Everybody).unwrap();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        for canary in CANARIES {
            tracing::warn!(username = canary, display_name = canary, own = ?canary, "not signed in");
            let in_values = canary.split(' ').next().unwrap();
            if in_values.contains(|c: char| !c.is_alphabetic()) {
                tracing::error!(error = canary, what = format!("at {canary}: busy"), "cannot reach {canary}");
            }
        }
        tracing::info!(state = "connected", version = "0.1.0", "serving");
    });
    drop(written);
    let (ring, log) = (read(&folder.path().join(RING)).unwrap(), logged(folder.path()));
    let all = format!("{ring:?}{log}{}", String::from_utf8_lossy(&fs::read(folder.path().join(RING)).unwrap()));
    for canary in CANARIES {
        for part in canary.split(' ') {
            assert!(!all.contains(part), "{canary} in {all}");
        }
    }
    let last = ring.last().unwrap();
    assert_eq!((last.text.as_str(), last.level), ("serving state=connected version=0.1.0", Level::Info));
    assert!(ring.iter().any(|event| event.text == "not signed in username=… display_name=… own=…"), "{ring:?}");
    assert_eq!(log.lines().count(), ring.len());
    for line in log.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(line["at_ms"].as_i64().unwrap() > 1_700_000_000_000, "{line}");
    }
    assert_eq!(last_of(&ring), ring.len() as u64, "numbers count from one");
}

fn last_of(ring: &[Event]) -> u64 {
    ring.last().unwrap().number
}

#[test]
fn a_log_never_grows_over_its_bound_and_keeps_the_newest() {
    use std::io::Write as _;
    let folder = tempfile::tempdir().unwrap();
    let mut log = Log::new(folder.path(), "service", Readers::Person);
    let ring = Ring::open(&folder.path().join(RING), Readers::Person).unwrap();
    let line = |number: u64| format!("{{\"number\":{number},\"text\":\"{}\"}}\n", "x".repeat(400));
    let mut bytes = 0;
    let mut number = 0;
    while bytes < 45 * 1024 * 1024 {
        number += 1;
        ring.write(event(0, "one more"));
        bytes += line(number).len() as u64;
        log.write_all(line(number).as_bytes()).unwrap();
        if number % 1000 == 0 {
            assert!(size(folder.path()) <= log::MOST, "{} after {bytes}", size(folder.path()));
        }
    }
    assert!(size(folder.path()) > log::MOST / 2, "what there is room for is kept");
    let text = logged(folder.path());
    assert!(text.contains(&line(number)) && !text.contains(&line(1)), "the newest stay, the oldest go");
    // The next run goes on in the same files.
    let mut again = Log::new(folder.path(), "service", Readers::Person);
    for number in 0..20_000 {
        again.write_all(line(number).as_bytes()).unwrap();
    }
    assert!(size(folder.path()) <= log::MOST);
}

#[test]
fn a_ring_goes_on_where_the_last_run_ended() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(RING);
    for run in 0..3_u64 {
        let ring = Ring::open(&file, Readers::Person).unwrap();
        for _ in 0..200 {
            ring.write(event(0, &format!("of run {run}")));
        }
        let events = read(&file).unwrap();
        assert_eq!(last_of(&events), (run + 1) * 200);
        assert_eq!(events.len(), SLOTS.min(usize::try_from((run + 1) * 200).unwrap()));
        assert!(events.windows(2).all(|pair| pair[0].number + 1 == pair[1].number));
    }
    assert_eq!(fs::metadata(&file).unwrap().len(), (SLOTS * SIZE) as u64);
}

#[test]
fn a_file_that_is_no_ring_becomes_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(RING);
    for garbage in [&b"garbage"[..], &[0xff; 3 * SLOTS * SIZE]] {
        fs::write(&file, garbage).unwrap();
        let ring = Ring::open(&file, Readers::Person).unwrap();
        ring.write(event(0, "there"));
        assert_eq!(read(&file).unwrap().len(), 1);
        assert_eq!(fs::metadata(&file).unwrap().len(), (SLOTS * SIZE) as u64);
    }
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert!(Ring::open(&file, Readers::Person).is_err());
    assert!(read(&file).is_err());
}

#[test]
fn the_newest_that_fit_are_kept_in_their_order() {
    let events: Vec<Event> = (1..=300).map(|number| event(number, &"x".repeat(300))).collect();
    let kept = newest(events.clone(), 60_000);
    assert!(serde_json::to_vec(&kept).unwrap().len() <= 60_002);
    assert!(kept.len() > 100 && kept.last() == events.last());
    assert!(kept.windows(2).all(|pair| pair[0].number + 1 == pair[1].number));
    assert_eq!(newest(events.clone(), usize::MAX), events);
    assert_eq!(newest(events, 10), []);
}

proptest! {
    #[test]
    fn a_record_is_read_as_it_was_written(number in 1..u64::MAX, at_ms: i64, place in "[a-z:_]{0,80}", text in "[a-zäöü… ]{0,100}") {
        let event = Event { number, at_ms, level: Level::Panic, place, text };
        prop_assert_eq!(record(&event).len(), SIZE);
        prop_assert_eq!(parse(&record(&event)), vec![event]);
    }

    /// Power may fail while a record is written over an older one: any part of it may be there. Then it is left out, or it is one of the two; the others stay.
    #[test]
    fn a_torn_record_costs_nobody_but_itself(new in "[a-z ]{1,300}", old in "[a-z ]{1,300}", torn in 0..SIZE, sector in any::<bool>()) {
        let torn = if sector { torn / 64 * 64 } else { torn };
        let mut bytes = record(&event(1, &old));
        let other = event(2, "the neighbour");
        bytes.extend(record(&other));
        let written = record(&event(257, &new));
        bytes[..torn].copy_from_slice(&written[..torn]);
        let read = parse(&bytes);
        prop_assert!(read.contains(&other));
        for event in read.iter().filter(|event| event.number != 2) {
            prop_assert!(event == &self::event(1, &old) || event == &self::event(257, &new), "{:?}", event);
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..3 * SIZE)) {
        parse(&bytes);
    }
}
