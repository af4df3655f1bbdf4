//! A service in which anything panics ends at once, with a record of it that outlives it, and the next one serves.
//! The test starts this program again as the service that it happens to: no request of the product panics.
#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail like tests")]

use std::{
    env, fs,
    future::pending,
    os::unix::process::ExitStatusExt as _,
    path::Path,
    pin::pin,
    process::{Command, Output},
    task::Poll,
    time::Duration,
};

use flexnet_events::{AfterPanic, Readers, begin, catch_panics, read};
use flexnet_ipc::Client;
use flexnet_protocol::{
    events::Level,
    local::{Reply, Request},
};
use flexnet_service::{clients, os::fake::Fake, service};
use tokio::sync::mpsc;
use tracing_subscriber::{layer::SubscriberExt as _, util::SubscriberInitExt as _};

const PART: &str = "FLEXNET_SERVICE_PART";
const FOLDER: &str = "FLEXNET_SERVICE_FOLDER";

/// Not a test by itself: the service that the tests start.
#[test]
fn part() {
    let (Ok(part), Ok(folder)) = (env::var(PART), env::var(FOLDER)) else { return };
    let folder = Path::new(&folder);
    let (layer, _written) = begin(folder, "service", Readers::Everybody).unwrap();
    tracing_subscriber::registry().with(layer).init();
    catch_panics(AfterPanic::Abort);
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        match part.as_str() {
            "panics in its loop" => in_its_loop(folder).await,
            "panics in a task" => in_a_task(folder).await,
            "serves" => serves(folder).await,
            other => panic!("{other}"),
        }
    });
}

/// The service, and a client of it.
async fn started(folder: &Path, stop: impl Future<Output = ()> + Send + 'static) -> Client {
    let (asks, asked) = mpsc::channel(8);
    let profile = folder.join("profile.toml");
    tokio::spawn(async move { service::run(&profile, Fake::new(), asked, stop).await });
    let (end, connection) = flexnet_ipc::memory();
    tokio::spawn(clients::attend(connection, asks));
    Client::over(end).await.unwrap().0
}

async fn in_its_loop(folder: &Path) {
    // The loop itself polls it.
    let mut looks = 0;
    let stop = std::future::poll_fn(move |context| {
        looks += 1;
        assert!(looks < 2, "the loop fell over at 192.168.178.20");
        context.waker().wake_by_ref();
        Poll::Pending
    });
    let client = started(folder, stop).await;
    drop(client.request(Request::Health).await);
    pending::<()>().await;
}

async fn in_a_task(folder: &Path) {
    let client = started(folder, pending()).await;
    tokio::spawn(async { panic!("a task fell over at 192.168.178.20") });
    drop(client.request(Request::Health).await);
    pending::<()>().await;
}

async fn serves(folder: &Path) {
    let client = started(folder, pending()).await;
    let answered = pin!(client.request(Request::Events));
    let Reply::Events(events) = tokio::time::timeout(Duration::from_secs(30), answered).await.unwrap().unwrap() else {
        panic!("no events")
    };
    assert!(matches!(client.request(Request::Health).await.unwrap(), Reply::Health(_)));
    println!("told {} panics", events.iter().filter(|event| event.level == Level::Panic && told(&event.text)).count());
}

fn told(text: &str) -> bool {
    text.contains("fell over at …") && text.contains("tests/panics.rs:")
}

fn ended(part: &str, folder: &Path) -> Output {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "part", "--nocapture"]).env(PART, part).env(FOLDER, folder).output().unwrap()
}

#[test]
fn a_service_that_panics_ends_with_a_record_of_it_and_the_next_one_serves() {
    let folder = tempfile::tempdir().unwrap();
    let mut last = 0;
    for (number, part) in ["panics in its loop", "panics in a task"].into_iter().enumerate() {
        let service = ended(part, folder.path());
        assert_eq!(service.status.signal(), Some(6), "{part}: {service:?}");
        let events = read(&folder.path().join(flexnet_events::RING)).unwrap();
        let record = events.iter().rev().find(|event| event.level == Level::Panic && told(&event.text)).unwrap();
        assert!(record.number > last, "{part}: {events:?}");
        last = record.number;
        let log = fs::read_to_string(folder.path().join("service.log")).unwrap();
        assert!(log.contains("fell over") && !log.contains("192.168.178.20"), "{log}");
        let next = ended("serves", folder.path());
        assert!(next.status.success(), "{next:?}");
        let said = String::from_utf8_lossy(&next.stdout).into_owned();
        assert!(said.contains(&format!("told {} panics", number + 1)), "{said}");
    }
}
