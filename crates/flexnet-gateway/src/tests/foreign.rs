//! Sign-ins whose TAN a FreeRADIUS judges and whose password a slapd does: they judge, the gateway counts.

use super::*;
use crate::verifier::tests::{
    configuration,
    daemons::{Answers, FreeRadius, Slapd},
    radius,
};

const DIRECTORYS: &str = "Verzeichnis-2026";

/// TANs that the token server takes, each as often as it comes.
fn tans() -> Vec<String> {
    (1..=9).map(|n| format!("{n}00{n}00")).collect()
}

fn token_server() -> FreeRadius {
    FreeRadius::start(Answers::Signed, &[("m.muster", &tans())])
}

/// A gateway over these judges, with the account m.muster, who also has a password and a token here. They open nothing.
async fn stage(servers: &[SocketAddr], slapd: &Slapd, wait_ms: u32) -> (Stage, Member, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let verifier = configuration(Some(radius(dir.path(), servers, wait_ms)), Some(slapd.by_name()));
    let stage = Stage::on_with(STORE, |config| config.verifier = verifier).await;
    let member = stage.member("m.muster").await;
    (stage, member, dir)
}

fn directory() -> Slapd {
    Slapd::start(&[("m.muster", DIRECTORYS), ("n.nirgends", DIRECTORYS)])
}

async fn details(stage: &Stage) -> Vec<String> {
    let mut rows = stage.audited("attempt").await;
    rows.sort_by_key(|row| row.number);
    rows.into_iter().map(|row| row.detail).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn others_judge_and_the_gateway_counts() {
    let (server, slapd) = (token_server(), directory());
    let (stage, mut member, _dir) = stage(&[server.address], &slapd, 4_000).await;
    let tans = tans();
    stage.sign_in("M.Muster", DIRECTORYS, &tans[0]).await.grant();
    let refused = async |password: &str, tan: &str, left: u8| {
        let problem = stage.sign_in("m.muster", password, tan).await.problem();
        assert_eq!((problem.fault, problem.attempts_left), (FaultCode::Refused, Some(left)), "{password} {tan}");
    };
    refused(PASSWORD, &tans[1], 4).await;
    refused(DIRECTORYS, "999999", 3).await;
    refused(DIRECTORYS, &member.press(), 2).await;
    assert_eq!(stage.sign_in("m.muster", DIRECTORYS, &tans[2]).await.grant().failures_before, 3);
    // The token server would take both again.
    refused(DIRECTORYS, &tans[2], 4).await;
    refused(DIRECTORYS, &tans[1], 3).await;
    let known = stage.sign_in("m.muster", DIRECTORYS, "999998").await;
    // In the directory and not here: no account, no way in.
    for left in (2..5).rev() {
        let unknown = stage.sign_in("n.nirgends", DIRECTORYS, &tans[3]).await;
        assert_eq!(unknown.problem().attempts_left, Some(left));
        if left == 2 {
            assert_eq!(unknown.body, known.body);
        }
    }
    refused(DIRECTORYS, "999997", 1).await;
    assert_eq!(stage.sign_in("m.muster", DIRECTORYS, "999996").await.fault(), FaultCode::Locked);
    assert_eq!(stage.sign_in("m.muster", DIRECTORYS, &tans[4]).await.fault(), FaultCode::Locked);
    stage.unlock("m.muster").await;
    stage.sign_in("m.muster", DIRECTORYS, &tans[4]).await.grant();
    assert_eq!(stage.audited("lock").await.len(), 1);
    let told = details(&stage).await;
    assert_eq!(told.len(), 14, "one row for each that was evaluated: {told:?}");
    assert_eq!(told[1..4], ["refused: password", "refused: TAN", "refused: TAN"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_answer_costs_no_attempt_and_gives_none() {
    let slapd = directory();
    let (dead, second) = (token_server().stop(), token_server());
    let (stage, _, _dir) = stage(&[dead, second.address], &slapd, 200).await;
    let tans = tans();
    let mut bodies = Vec::new();
    for (tan, password) in tans.iter().zip([DIRECTORYS, "falsch", DIRECTORYS]) {
        let entry = body("m.muster", password, tan);
        let answer = stage.connect().await.post(&entry).await;
        assert_eq!((answer.status, answer.fault()), (503, FaultCode::VerifierSilent));
        assert_eq!(answer.problem().attempts_left, None);
        assert_eq!(stage.attempts_left("m.muster").await, 5);
        assert_eq!(stage.connect().await.post(&entry).await.body, answer.body, "the same attempt");
        bodies.push(answer.body);
    }
    assert_eq!(bodies[0], bodies[1], "the password's verdict is not told");
    // Now it is known to be dead. What was sent to it goes to nobody else.
    let problem = stage.sign_in("m.muster", DIRECTORYS, &tans[0]).await.problem();
    assert_eq!((problem.fault, problem.attempts_left), (FaultCode::Refused, Some(4)));
    assert_eq!(stage.sign_in("m.muster", DIRECTORYS, &tans[3]).await.grant().failures_before, 1);
    let none = "not decided: a foreign server gave no verdict";
    assert_eq!(details(&stage).await, [none, none, none, "refused: TAN", "accepted"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_silences_a_judge_gains_no_guess() {
    let (server, mut slapd) = (token_server(), directory());
    let (stage, ..) = stage(&[server.address], &slapd, 4_000).await;
    for (left, tan) in (1..5).rev().zip(tans()) {
        let problem = stage.sign_in("m.muster", "falsch", &tan).await.problem();
        assert_eq!((problem.fault, problem.attempts_left), (FaultCode::Refused, Some(left)));
    }
    slapd.stop();
    for tan in tans().iter().skip(4).take(3) {
        assert_eq!(stage.sign_in("m.muster", DIRECTORYS, tan).await.fault(), FaultCode::VerifierSilent);
        assert_eq!(stage.attempts_left("m.muster").await, 1, "neither more nor fewer");
    }
    let rows = stage.audited("attempt").await.len();
    let answer = stage.sign_in("m.muster", DIRECTORYS, &tans()[8]).await;
    assert_eq!((answer.status, answer.fault()), (503, FaultCode::VerifierSilent), "nobody is left to be asked");
    assert_eq!(stage.sign_in("n.nirgends", DIRECTORYS, "123456").await.body, answer.body);
    assert_eq!(stage.audited("attempt").await.len(), rows, "nothing was counted, nothing evaluated");
    assert_eq!(stage.attempts_left("m.muster").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tan_of_ours_is_spent_also_where_the_directory_says_nothing() {
    let mut slapd = directory();
    let by_name = slapd.by_name();
    let stage = Stage::on_with(STORE, |config| config.verifier = configuration(None, Some(by_name))).await;
    let mut member = stage.member("m.muster").await;
    let tan = member.press();
    slapd.stop();
    assert_eq!(stage.sign_in("m.muster", DIRECTORYS, &tan).await.fault(), FaultCode::VerifierSilent);
    assert_eq!(stage.attempts_left("m.muster").await, 5);
    let spent = sqlx::query_scalar::<_, i64>("SELECT last FROM token");
    assert_eq!(spent.fetch_one(stage.gateway.database.read()).await.unwrap(), 0, "the first TAN was shown to us");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_told_no_earlier_than_a_slow_server_would_refuse() {
    let (server, slapd, dir) = (token_server(), directory(), tempfile::tempdir().unwrap());
    let mut verifier = configuration(Some(radius(dir.path(), &[server.address], 4_000)), Some(slapd.by_name()));
    verifier.refusal_step_ms = 900;
    let stage = Stage::on_with(STORE, |config| config.verifier = verifier).await;
    stage.member("m.muster").await;
    for (name, password, tan) in
        [("m.muster", DIRECTORYS, "999999"), ("m.muster", "falsch", "100100"), ("n.niemand", DIRECTORYS, "200200")]
    {
        let begun = std::time::Instant::now();
        assert_eq!(stage.sign_in(name, password, tan).await.fault(), FaultCode::Refused);
        assert!(begun.elapsed() >= std::time::Duration::from_millis(900), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_token_of_a_foreign_server_is_kept_out_by_the_lock() {
    let (server, slapd) = (token_server(), directory());
    let (stage, ..) = stage(&[server.address], &slapd, 4_000).await;
    let grant = stage.sign_in("m.muster", DIRECTORYS, "100100").await.grant();
    let (mut client, token) = (stage.connect().await, Some(&grant.session_token));
    assert_eq!(client.call("POST", "/v1/session/report-token-lost", token, "").await.status, 204);
    assert_eq!(stage.sign_in("m.muster", DIRECTORYS, "200200").await.fault(), FaultCode::Locked);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_tan_presented_many_times_at_once_opens_one_session() {
    let (server, slapd) = (token_server(), directory());
    let (stage, ..) = stage(&[server.address], &slapd, 4_000).await;
    let bodies: Vec<_> = (0..50).map(|_| body("m.muster", DIRECTORYS, "100100")).collect();
    let answers = stage.burst(10, bodies).await;
    let opened = answers.iter().filter(|answer| answer.status == 201).count();
    assert!(opened <= 1, "{opened} sessions");
    let evaluated = details(&stage).await;
    assert_eq!(evaluated.iter().filter(|detail| *detail == "accepted").count(), opened);
    assert!(evaluated.len() <= 10, "five before a success and five after it: {}", evaluated.len());
    // Either the right one was concluded in time, or four others locked the name before it.
    assert_eq!(stage.audited("lock").await.len(), 1);
}
