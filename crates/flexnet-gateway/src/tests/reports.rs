//! Reports of diagnoses over HTTPS: what is taken, what is not, for how long, and what of it stands in the database.

use std::collections::{BTreeSet, HashMap};

use flexnet_protocol::report::{CheckCode, Envelope, Kept, MAX_REPORT};

use super::*;
use crate::{
    acts::Hand,
    config::{Budget, Maintenance},
    housekeeping,
    reports::{self, Wanted, samples},
    seal::sha256,
};

const DAY: i64 = 24 * 3600;

async fn send(stage: &Stage, body: &[u8]) -> Answer {
    stage.connect().await.call("POST", "/v1/reports", None, std::str::from_utf8(body).unwrap()).await
}

fn kept(answer: &Answer) -> Kept {
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.headers["cache-control"], "no-store");
    serde_json::from_value(answer.body.clone()).unwrap()
}

fn refused(answer: &Answer) -> (u16, FaultCode) {
    (answer.status, answer.fault())
}

/// Reports that differ.
fn numbered(n: usize) -> Vec<u8> {
    samples::seal(1, samples::text("KVF-102-9", &json!({ "n": n })).to_string())
}

async fn sweep(stage: &Stage) {
    housekeeping::look(&stage.gateway, &HashMap::new(), true).await.unwrap();
}

async fn rows(stage: &Stage) -> i64 {
    let select = "SELECT count(*) FROM report";
    sqlx::query_scalar(select).fetch_one(stage.gateway.database.read()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_kept_sealed_for_thirty_days_under_one_number() {
    let stage = Stage::on(STORE).await;
    let text = samples::text("KVF-102-9", &json!({ "adapter": "Musterkarte-9000" })).to_string();
    let body = samples::seal(3, text.clone());
    let first = kept(&send(&stage, &body).await);
    assert_eq!(first.number.len(), 5);
    assert!(first.number.bytes().all(|b| b.is_ascii_digit()) && !first.number.starts_with('0'), "{first:?}");
    let now = stage.gateway.clock.now();
    assert!((now + 30 * DAY - first.until).abs() < 5, "{first:?}");
    assert_eq!(kept(&send(&stage, &body).await), first, "the same again");
    assert!(stage.holds(b"Musterkarte-9000").await.is_empty(), "it is sealed");

    let hand = Hand { gateway: "gw", keys: &stage.gateway.keys, actor: "b.desk", network: None, now };
    let found = reports::show(&stage.gateway.database, hand, first.number.parse().unwrap()).await.unwrap();
    assert!(found.report.is_genuine());
    assert_eq!(found.report.envelope.report, text);
    let code = CheckCode::of(&sha256(&[text.as_bytes()]));
    assert_eq!(found.listed.check_code, code.to_string());
    let by_code = reports::find(stage.gateway.database.read(), Wanted::Code(code), now).await.unwrap();
    assert_eq!(by_code, [found.listed]);
    let shown = stage.audited("report_shown").await;
    assert_eq!((shown.len(), shown[0].actor.as_str()), (1, "b.desk"));
    assert_eq!(shown[0].subject.as_deref(), Some(first.number.as_str()));

    stage.gateway.clock.shift(30 * DAY - 60);
    sweep(&stage).await;
    assert_eq!(rows(&stage).await, 1, "not before");
    stage.gateway.clock.shift(120);
    sweep(&stage).await;
    assert_eq!(rows(&stage).await, 0, "thirty days later it is gone");
    let again = kept(&send(&stage, &body).await);
    assert!(again.until > first.until + 29 * DAY);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_genuine_report_is_refused_and_kept_nowhere() {
    let stage = Stage::on_with(STORE, |config| config.reports.address.burst = 100).await;
    let good = samples::sealed(1, "KVF-102-9");
    let envelope: Envelope = serde_json::from_slice(&good).unwrap();
    let with = |change: &dyn Fn(&mut Envelope)| {
        let mut envelope = envelope.clone();
        change(&mut envelope);
        serde_json::to_vec(&envelope).unwrap()
    };
    let format_2 = samples::text("KVF-102-9", &json!({})).to_string().replace("\"format\":1", "\"format\":2");
    let long = samples::seal(1, samples::text("KVF-102-9", &json!({ "x": "y".repeat(MAX_REPORT) })).to_string());
    let cases: [(&str, Vec<u8>, u16); 9] = [
        ("too large", long, 413),
        ("no JSON", b"report".to_vec(), 400),
        ("a member more", b"{\"report\":\"\",\"key\":\"\",\"signature\":\"\",\"x\":1}".to_vec(), 400),
        ("a flipped byte", with(&|e| e.report = e.report.replace("812", "813")), 422),
        ("another's signature", with(&|e| e.key = BASE64.encode(&[9; 32])), 422),
        ("a short key", with(&|e| e.key = BASE64.encode(&[9; 31])), 400),
        ("format 2", samples::seal(1, format_2), 422),
        ("no head", samples::seal(1, "{\"format\":1}".into()), 422),
        ("no report", samples::seal(1, "[]".into()), 422),
    ];
    for (what, body, status) in cases {
        assert_eq!(refused(&send(&stage, &body).await), (status, FaultCode::BadRequest), "{what}");
    }
    assert_eq!(stage.connect().await.call("GET", "/v1/reports", None, "").await.status, 405);
    let origin = client::request("POST", "/v1/reports", None).header("origin", "https://elsewhere.example");
    let page = stage.connect().await.send(origin, std::str::from_utf8(&good).unwrap()).await;
    assert_eq!(page.status, 403, "a page of another site spends nobody's budget");
    assert_eq!(rows(&stage).await, 0);
    let first = kept(&send(&stage, &good).await);
    let foreign = samples::seal(2, envelope.report.clone());
    assert_eq!(refused(&send(&stage, &foreign).await), (409, FaultCode::BadRequest), "the same text of another");
    assert_eq!(kept(&send(&stage, &good).await), first);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_has_its_budget_and_it_is_not_that_of_sign_ins() {
    let budget = Budget { per_minute: 1, burst: 3 };
    let stage = Stage::on_with(STORE, |config| config.reports.address = budget).await;
    for n in 0..3 {
        kept(&send(&stage, &numbered(n)).await);
    }
    // Counted before it is read.
    let answer = send(&stage, b"garbage").await;
    assert_eq!(refused(&answer), (429, FaultCode::GatewayBusy));
    let wait: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(rows(&stage).await, 3);
    let mut member = stage.member("m.muster").await;
    stage.enter(&mut member).await;
    let mut other = stage.connect_from(Ipv4Addr::new(127, 9, 9, 9)).await.unwrap();
    let body = numbered(9);
    let answer = other.call("POST", "/v1/reports", None, std::str::from_utf8(&body).unwrap()).await;
    kept(&answer);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_place_is_given_once_and_no_report_makes_room_before_its_time() {
    let stage = Stage::on_with(STORE, |config| {
        config.reports.kept = 5;
        config.reports.address.burst = 100;
    })
    .await;
    let mut numbers = BTreeSet::new();
    for n in 0..4 {
        numbers.insert(kept(&send(&stage, &numbered(n)).await).number);
    }
    let bodies: Vec<Vec<u8>> = (10..18).map(numbered).collect();
    let answers = futures_util::future::join_all(bodies.iter().map(|body| send(&stage, body))).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
    assert_eq!((won.len(), lost.len()), (1, 7), "{answers:?}");
    numbers.insert(kept(won[0]).number);
    for answer in lost {
        assert_eq!(refused(answer), (503, FaultCode::GatewayBusy));
    }
    assert_eq!((numbers.len(), rows(&stage).await), (5, 5), "each has its own number");
    let known = kept(&send(&stage, &numbered(0)).await);
    assert!(numbers.contains(&known.number), "one that is kept is told its number all the same");
    stage.gateway.clock.shift(29 * DAY);
    sweep(&stage).await;
    assert_eq!(send(&stage, &numbered(20)).await.status, 503, "the oldest stays its thirty days");
    stage.gateway.clock.shift(DAY + 60);
    kept(&send(&stage, &numbered(20)).await);
    assert_eq!(rows(&stage).await, 1, "room is made by the next one, without waiting for housekeeping");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_report_many_times_at_once_has_one_number() {
    let stage = Stage::on_with(STORE, |config| config.reports.address.burst = 100).await;
    let body = numbered(1);
    let answers = futures_util::future::join_all((0..12).map(|_| send(&stage, &body))).await;
    let numbers: BTreeSet<String> = answers.iter().map(|answer| kept(answer).number).collect();
    assert_eq!((numbers.len(), rows(&stage).await), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_are_bounded_too() {
    let stage = Stage::on_with(STORE, |config| config.reports.megabytes = 1).await;
    let large = |n: u8| {
        let facts = json!({ "n": n, "x": "y".repeat(400_000) });
        samples::seal(1, samples::text("KVF-102-9", &facts).to_string())
    };
    for n in 0..2 {
        kept(&send(&stage, &large(n)).await);
    }
    assert_eq!(refused(&send(&stage, &large(2)).await), (503, FaultCode::GatewayBusy));
    kept(&send(&stage, &numbered(1)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn maintenance_hinders_no_report_and_a_database_that_is_gone_is_said() {
    let stage = Stage::on(STORE).await;
    stage.gateway.note.configure(Maintenance { on: true, until: None });
    kept(&send(&stage, &numbered(1)).await);
    stage.gateway.database.close().await;
    let begun = std::time::Instant::now();
    assert_eq!(refused(&send(&stage, &numbered(2)).await), (503, FaultCode::GatewayDatabase));
    assert!(begun.elapsed() < std::time::Duration::from_secs(8), "{:?}", begun.elapsed());
}
