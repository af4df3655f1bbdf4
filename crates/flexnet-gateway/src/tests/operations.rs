//! What the KV's network operations see: the probes, the metrics, the log; and that none of it says who a member is.

use std::sync::Mutex;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;
use crate::{
    config::Maintenance,
    operations::{self, Pulse},
};

/// The listener of a stage's gateway; asks it as a watching machine would.
pub(super) struct Watch {
    address: SocketAddr,
    served: JoinHandle<()>,
}

impl Watch {
    pub(super) async fn of(stage: &Stage) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        operations::look(&stage.gateway).await;
        Self { address, served: tokio::spawn(operations::serve(Arc::downgrade(&stage.gateway), Some(listener))) }
    }

    pub(super) async fn get(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    /// This line stands among the metrics.
    async fn expect(&self, line: &str) {
        let text = self.get("/metrics").await.1;
        assert!(text.lines().any(|told| told == line), "{line} is missing:\n{text}");
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.served.abort();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_in_order_is_alive_and_ready() {
    let stage = Stage::new().await;
    let watch = Watch::of(&stage).await;
    assert_eq!(watch.get("/readyz").await, (200, "ready\n".into()));
    assert_eq!(watch.get("/healthz").await, (200, "alive\ngateway flexnet.example\n".into()));
    for path in ["/", "/v1/info", "/metrics/x"] {
        assert_eq!(watch.get(path).await.0, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_hindrance_is_named_and_none_of_them_asks_for_a_new_start() {
    let stage = Stage::with(|config| config.limits.waiting = 1).await;
    let watch = Watch::of(&stage).await;
    let expect = async |word: &str| {
        assert_eq!(watch.get("/readyz").await, (503, format!("{word}\n")));
        assert_eq!(watch.get("/healthz").await.0, 200, "{word}");
    };
    assert_eq!(watch.get("/readyz").await.0, 200, "it has seen this hour");
    stage.gateway.clock.shift(-3600);
    expect("clock").await;
    stage.gateway.clock.shift(3600);
    stage.tunnel.refuse(true);
    assert!(stage.gateway.network.settled().await.is_err());
    expect("device").await;
    stage.tunnel.refuse(false);
    stage.gateway.network.settled().await.unwrap();
    assert_eq!(watch.get("/readyz").await.0, 200);
    stage.gateway.note.configure(Maintenance { on: true, until: None });
    expect("maintenance").await;
    stage.gateway.note.configure(Maintenance::default());
    assert_eq!(watch.get("/readyz").await.0, 200);
    stage.gateway.pulse.drain();
    expect("draining").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_that_cannot_go_on_is_told_and_nobody_is_counted_meanwhile() {
    let stage = Stage::new().await;
    let mut member = stage.member("m.muster").await;
    let watch = Watch::of(&stage).await;
    watch.expect("kv_flexnet_audit_intact 1").await;
    let mut write = stage.gateway.database.write().await.unwrap();
    sqlx::query("UPDATE audit_head SET hash = seal").execute(&mut *write).await.unwrap();
    write.commit().await.unwrap();
    operations::look(&stage.gateway).await;
    assert_eq!(watch.get("/readyz").await, (503, "audit\n".into()));
    assert_eq!(watch.get("/healthz").await.0, 200, "a new start mends nothing");
    let tan = member.press();
    let answer = stage.sign_in("m.muster", PASSWORD, &tan).await;
    assert_eq!((answer.status, answer.fault()), (503, FaultCode::GatewayDatabase));
    assert_eq!(stage.attempts_left("m.muster").await, 5);
    for line in ["kv_flexnet_audit_intact 0", "kv_flexnet_ready 0", "kv_flexnet_refusals_total{reason=\"audit\"} 1"] {
        watch.expect(line).await;
    }
    let mut write = stage.gateway.database.write().await.unwrap();
    audit::seal_end(&mut write).await.unwrap();
    write.commit().await.unwrap();
    operations::look(&stage.gateway).await;
    assert_eq!(watch.get("/readyz").await, (200, "ready\n".into()));
    stage.sign_in("m.muster", PASSWORD, &tan).await.grant();
}

#[tokio::test]
async fn a_database_that_never_answered_is_a_hindrance_and_a_loop_that_stands_still_is_none() {
    let pulse = Pulse::new();
    assert!(pulse.beats());
    let stage = Stage::new().await;
    stage.gateway.database.close().await;
    operations::look(&stage.gateway).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let served = tokio::spawn(operations::serve(Arc::downgrade(&stage.gateway), Some(listener)));
    let watch = Watch { address, served };
    let mut told = watch.get("/readyz").await;
    // Its last answer was a moment ago.
    let patience = std::time::Instant::now();
    while told.0 == 200 && patience.elapsed() < std::time::Duration::from_secs(20) {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        told = watch.get("/readyz").await;
    }
    assert_eq!(told.0, 503);
    assert!(stage.gateway.network.settled().await.is_err(), "no leases are told");
    assert_eq!(watch.get("/readyz").await, (503, "database\n".into()), "the device is well");
    assert_eq!(watch.get("/healthz").await.0, 200);
    assert_eq!(watch.get("/metrics").await.0, 200, "what needs no database is counted all the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrators_note_closes_every_gateway_and_opens_it_again() {
    let stage = Stage::new().await;
    let mut member = stage.member("m.muster").await;
    let note = async |note: Maintenance| {
        let mut write = stage.gateway.database.write().await.unwrap();
        operations::announce(&mut write, note).await.unwrap();
        write.commit().await.unwrap();
        operations::look(&stage.gateway).await;
    };
    let watch = Watch::of(&stage).await;
    watch.expect("kv_flexnet_maintenance 0").await;
    note(Maintenance { on: true, until: Some(1_800_000_000) }).await;
    watch.expect("kv_flexnet_maintenance 1").await;
    watch.expect("kv_flexnet_maintenance_until_timestamp_seconds 1800000000").await;
    assert_eq!(watch.get("/readyz").await.0, 200, "another would be closed as well");
    let answer = stage.sign_in("m.muster", PASSWORD, &member.press()).await;
    assert_eq!((answer.fault(), answer.problem().until), (FaultCode::Maintenance, Some(1_800_000_000)));
    let info = stage.connect().await.call("GET", "/v1/info", None, "").await;
    assert_eq!(info.body["maintenance"]["until"], 1_800_000_000);
    assert_eq!(stage.attempts_left("m.muster").await, 5);
    note(Maintenance::default()).await;
    watch.expect("kv_flexnet_maintenance_until_timestamp_seconds 0").await;
    stage.enter(&mut member).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_drains_sends_new_sign_ins_away_uncounted_and_keeps_sessions() {
    let stage = Stage::new().await;
    let (mut first, mut second) = (stage.member("m.eins").await, stage.member("n.zwei").await);
    let grant = stage.enter(&mut first).await;
    let mut client = stage.connect().await;
    client.call("GET", "/v1/info", None, "").await;
    operations::drain(&stage.gateway).await;
    let answer = client.post(&body("n.zwei", PASSWORD, &second.press())).await;
    assert_eq!((answer.status, answer.fault()), (503, FaultCode::GatewayBusy));
    assert!(answer.headers.contains_key("retry-after"));
    assert_eq!(stage.attempts_left("n.zwei").await, 5);
    assert_eq!(client.call("GET", "/v1/session", Some(&grant.session_token), "").await.status, 200);
    let stage = stage.restart().await;
    let answer = stage.connect().await.call("GET", "/v1/session", Some(&grant.session_token), "").await;
    assert_eq!(answer.status, 200, "the session is there again");
    stage.enter(&mut second).await;
}

/// Everything that a member types or is, and what a session is made of.
struct Story {
    told: Vec<String>,
}

impl Story {
    /// A whole one: wrong name, wrong password, wrong TAN, lock, unlock, sign-in, extension, sign-out, another end, and garbage.
    pub(super) async fn of(stage: &Stage) -> Self {
        let mut member = stage.member("m.mustermann").await;
        let mut told: Vec<String> = [
            "m.mustermann",
            "Muster",
            "Praxis-Muster-2026",
            "T-m.mustermann",
            "n.niemand",
            "geheim-geraten",
            "127.0.0.1",
            "127.0.0.0",
        ]
        .map(String::from)
        .into();
        told.push(BASE32_NOPAD.encode(&member.seed));
        stage.sign_in("n.niemand", "geheim-geraten", "737373").await;
        for _ in 0..5 {
            let tan = member.wrong();
            stage.sign_in("m.mustermann", "geheim-geraten", &tan).await;
            told.push(tan);
        }
        stage.unlock("m.mustermann").await;
        let mut client = stage.connect().await;
        for _ in 0..2 {
            let tan = member.press();
            let grant = stage.sign_in("m.mustermann", PASSWORD, &tan).await.grant();
            let token = grant.session_token.clone();
            client.call("POST", "/v1/session/extend", Some(&token), "").await;
            client.call("GET", "/v1/session", Some(&token), "").await;
            client.call("DELETE", "/v1/session", Some(&token), "").await;
            told.extend([tan, token.expose().to_owned(), BASE64.encode(grant.tunnel.preshared_key.bytes())]);
        }
        client.post("{\"username\":\"m.mustermann\",\"password\":\"geheim-geraten\"").await;
        client.call("GET", "/m.mustermann?tan=737373", None, "").await;
        stage.tunnel.refuse(true);
        let tan = member.press();
        stage.sign_in("m.mustermann", PASSWORD, &tan).await;
        told.extend([tan, "737373".into()]);
        stage.gateway.clock.shift(-3600);
        stage.sign_in("m.mustermann", PASSWORD, "737373").await;
        stage.gateway.clock.shift(3600);
        stage.gateway.database.close().await;
        stage.sign_in("m.mustermann", PASSWORD, "737373").await;
        Self { told }
    }

    fn expect_absent(&self, what: &str, text: &str) {
        for secret in &self.told {
            let found = text.lines().find(|line| line.contains(secret.as_str()));
            assert!(found.is_none(), "{what} holds {secret}: {found:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_metric_can_say_who_a_member_is() {
    let stage = Stage::new().await;
    let watch = Watch::of(&stage).await;
    let story = Story::of(&stage).await;
    let (status, text) = watch.get("/metrics").await;
    assert_eq!(status, 200);
    story.expect_absent("/metrics", &text);
    assert!(text.contains("kv_flexnet_attempts_total{outcome=\"accepted\"} 3"), "{text}");
    assert!(text.contains("kv_flexnet_locks_total 1"), "{text}");
    assert!(text.contains("kv_flexnet_refusals_total{reason=\"clock\"} 1"), "{text}");
    // However much happens, there are as many lines: every label value is a word of the program.
    let series = |text: &str| text.lines().filter(|line| !line.starts_with('#')).count();
    let before = series(&text);
    for name in ["a", "b", "c"] {
        stage.sign_in(name, "falsch", "123456").await;
    }
    assert_eq!(series(&watch.get("/metrics").await.1), before);
}

/// What was written into the log of this thread's subscriber.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// In a process of its own, because who listens to the log is a matter of the whole process; and on one thread.
#[test]
fn the_log_of_a_whole_story_says_nothing_of_members() {
    const ALONE: &str = "KV_LOG_ALONE";
    if std::env::var_os(ALONE).is_none() {
        let name = "tests::operations::the_log_of_a_whole_story_says_nothing_of_members";
        let alone =
            Command::new(std::env::current_exe().unwrap()).args(["--exact", name]).env(ALONE, "1").output().unwrap();
        assert!(alone.status.success(), "{}", String::from_utf8_lossy(&alone.stdout));
        return;
    }
    let lines = Lines::default();
    let writer = lines.clone();
    let log = tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let story = tracing::subscriber::with_default(log, || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { Story::of(&Stage::new().await).await })
    });
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    // What our own code says; libraries speak at levels that nobody turns on without asking for them by name.
    let ours: String = text.lines().filter(|line| line.contains("\"target\":\"flexnet")).collect::<Vec<_>>().join("\n");
    assert!(ours.contains("the clock lies before"), "nothing was heard: {text:.2000}");
    story.expect_absent("the log", &ours);
    let usual: String = text
        .lines()
        .filter(|line| !line.contains("\"level\":\"TRACE\"") && !line.contains("\"level\":\"DEBUG\""))
        .collect::<Vec<_>>()
        .join("\n");
    story.expect_absent("the log of all parts", &usual);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_whole_private_and_made_once_while_the_gateway_runs() {
    let stage = Stage::new().await;
    let mut member = stage.member("m.muster").await;
    stage.enter(&mut member).await;
    let (config, to) = (stage.folder.join("gateway.toml"), stage.folder.join("copy.sqlite"));
    operations::backup(&config, &to).await.unwrap();
    assert!(crate::os::is_private(&to).unwrap());
    assert!(matches!(operations::backup(&config, &to).await, Err(crate::error::Error::Write(..))), "overwritten");
    stage.enter(&mut member).await;
    let copy = Database::open(&crate::config::Place::File(to)).await.unwrap();
    let count = "SELECT count(*) FROM session";
    assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(copy.read()).await.unwrap(), 1);
    assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(stage.gateway.database.read()).await.unwrap(), 2);
    copy.close().await;
}
