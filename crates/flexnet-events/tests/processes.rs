//! What is left when a program is killed, panics, or has no room on the disk. Each test starts this program again as the one that it happens to.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail like tests")]

use std::{
    env, fs,
    io::{BufRead as _, BufReader},
    os::unix::process::ExitStatusExt as _,
    path::Path,
    process::{Child, Command, Output, Stdio},
    thread::sleep,
    time::Duration,
};

use flexnet_events::{AfterPanic, RING, Readers, begin, catch_panics, read};
use flexnet_protocol::events::{Event, Level};
use tracing_subscriber::{layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// Which part the started program plays, and where.
const PART: &str = "FLEXNET_EVENTS_PART";
const FOLDER: &str = "FLEXNET_EVENTS_FOLDER";

/// Not a test by itself: what the started program does.
#[test]
fn part() {
    let (Ok(part), Ok(folder)) = (env::var(PART), env::var(FOLDER)) else { return };
    let (layer, written) = begin(Path::new(&folder), "service", Readers::Everybody).unwrap();
    tracing_subscriber::registry().with(layer).init();
    match part.as_str() {
        "writes" => {
            println!("begun");
            for step in 0_u32.. {
                tracing::info!(
                    step = step % 1000,
                    "goes on and on, with a text that is long enough to be torn in the middle of it"
                );
            }
        }
        "panics" => {
            catch_panics(AfterPanic::Abort);
            falls_over("/home/muster/geheim 192.168.178.20");
        }
        "has no room" => {
            for step in 0..20_000 {
                tracing::warn!(step = step % 1000, "a line that the disk has no room for");
            }
            drop(written);
            println!("lives");
        }
        other => panic!("{other}"),
    }
}

#[inline(never)]
fn falls_over(about: &str) {
    let missing: Option<u8> = None;
    assert!(missing.is_some(), "nothing there of {about}");
}

fn command(part: &str, folder: &Path) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "part", "--nocapture"]).env(PART, part).env(FOLDER, folder);
    command
}

fn begun(folder: &Path) -> Child {
    let mut child = command("writes", folder).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("begun")), "it ended before it began");
    child
}

#[test]
fn whoever_is_killed_in_the_middle_leaves_all_it_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(RING);
    let mut last = 0;
    for _ in 0..40 {
        let mut child = begun(folder.path());
        sleep(Duration::from_micros(fastrand::u64(0..20_000)));
        child.kill().unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(9));
        let events = read(&file).unwrap();
        let numbers: Vec<u64> = events.iter().map(|event| event.number).collect();
        let newest = numbers.last().copied().unwrap_or(last);
        assert!(newest >= last, "numbers go on over a kill: {last}, {newest}");
        // The record that was under the pen may be missing; a hole anywhere else may not be.
        let first = numbers.first().copied().unwrap_or(newest);
        assert!(newest - first <= numbers.len() as u64, "{numbers:?}");
        assert!(events.iter().all(|event: &Event| event.text.starts_with("goes on and on")), "{events:?}");
        last = newest;
    }
    assert!(last > 256, "the ring went round: {last}");
}

#[test]
fn a_panic_is_told_and_ends_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let ended: Output = command("panics", folder.path()).output().unwrap();
    assert_eq!(ended.status.signal(), Some(6), "{ended:?}");
    let events = read(&folder.path().join(RING)).unwrap();
    let told: Vec<&Event> = events.iter().filter(|event| event.level == Level::Panic).collect();
    assert!(told[0].text.contains("crates/flexnet-events/tests/processes.rs:"), "{told:?}");
    assert!(told[0].text.contains("nothing there of"), "{told:?}");
    assert!(told.iter().any(|event| event.text.contains("falls_over")), "the functions that led there: {told:?}");
    let log = fs::read_to_string(folder.path().join("service.log")).unwrap();
    assert_eq!(log.lines().filter(|line| line.contains("\"panic\"")).count(), told.len(), "{log}");
    let all = format!("{told:?}{log}{}", String::from_utf8_lossy(&ended.stderr));
    for canary in ["muster/geheim", "192.168.178.20", "0x"] {
        assert!(!all.contains(canary), "{canary} in {all}");
    }
}

#[test]
fn a_full_disk_costs_lines_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    // Room for the ring and a few lines. A namespace of its own, so that nothing has to be taken down.
    let script = r#"mount -t tmpfs -o size=300k,mode=700 none "$FLEXNET_EVENTS_FOLDER" && "$0" --exact part --nocapture;
        ended=$?; df -k "$FLEXNET_EVENTS_FOLDER"; ls -l "$FLEXNET_EVENTS_FOLDER"; tail -c 200 "$FLEXNET_EVENTS_FOLDER"/service.log; exit $ended"#;
    let ended = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", script])
        .arg(env::current_exe().unwrap())
        .env(PART, "has no room")
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success() && said.contains("lives"), "{ended:?}");
    assert!(said.contains("100%"), "the disk was full: {said}");
    assert!(said.trim_end().ends_with('}'), "no line is cut: {said}");
}
