//! Right entries that open nothing, because the gateway cannot: never counted as wrong, never left without an end, each with its one row.

use std::sync::mpsc::Sender;

use super::*;
use crate::housekeeping;

/// A gateway that verifies one entry at a time, and holds it back for as long as the permit lives.
async fn held(change: impl FnOnce(&mut Config)) -> (Stage, Sender<()>) {
    let stage = Stage::on_with(STORE, |config| {
        config.limits.hashes = 1;
        change(config);
    })
    .await;
    let turn = stage.gateway.passwords.turn().await;
    (stage, turn)
}

/// Sends the bodies at once and lets them be verified only after all of them are counted.
async fn at_once(stage: &Stage, turn: Sender<()>, bodies: &[String]) -> Vec<Answer> {
    let calls = send(stage, bodies).await;
    drop(turn);
    let mut answers = Vec::new();
    for call in calls {
        answers.push(call.await.unwrap());
    }
    answers
}

async fn send(stage: &Stage, bodies: &[String]) -> Vec<JoinHandle<Answer>> {
    let mut calls = Vec::new();
    for body in bodies {
        let (mut client, body) = (stage.connect().await, body.clone());
        calls.push(tokio::spawn(async move { client.post(&body).await }));
    }
    while open(stage).await < bodies.len() {
        tokio::task::yield_now().await;
    }
    calls
}

/// Attempts without an outcome.
async fn open(stage: &Stage) -> usize {
    let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM attempt WHERE outcome IS NULL");
    usize::try_from(count.fetch_one(stage.gateway.database.read()).await.unwrap()).unwrap()
}

async fn details(stage: &Stage) -> Vec<String> {
    let mut details: Vec<_> = stage.audited("attempt").await.into_iter().map(|row| row.detail).collect();
    details.sort();
    details
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_address_goes_to_one_of_two_and_the_other_is_not_counted() {
    let (stage, turn) = held(|c| c.tunnel.pools = vec!["10.9.0.0/30".parse().unwrap()]).await;
    let (mut one, mut other) = (stage.member("m.eins").await, stage.member("n.zwei").await);
    let bodies = [body("m.eins", PASSWORD, &one.press()), body("n.zwei", PASSWORD, &other.press())];
    let answers = at_once(&stage, turn, &bodies).await;
    let lost = answers.iter().position(|answer| answer.status != 201).expect("one address for two");
    assert_eq!((answers[lost].status, answers[lost].fault()), (503, FaultCode::GatewayBusy));
    answers[1 - lost].grant();
    for name in ["m.eins", "n.zwei"] {
        assert_eq!(stage.attempts_left(name).await, 5, "{name}");
    }
    assert_eq!(
        (open(&stage).await, details(&stage).await),
        (0, vec!["accepted".into(), "not decided: no address is left".into()])
    );
    let again = stage.connect().await.post(&bodies[lost]).await;
    assert_eq!(again.body, answers[lost].body, "the same attempt");
    assert_eq!(stage.audited("attempt").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_members_who_bring_one_key_at_once_get_one_session() {
    let (stage, turn) = held(|_| {}).await;
    let (mut one, mut other) = (stage.member("m.eins").await, stage.member("n.zwei").await);
    let key = |body: &str| serde_json::from_str::<Value>(body).unwrap()["client_public_key"].to_string();
    let (first, second) = (body("m.eins", PASSWORD, &one.press()), body("n.zwei", PASSWORD, &other.press()));
    let second = second.replace(&key(&second), &key(&first));
    let answers = at_once(&stage, turn, &[first, second]).await;
    let lost = answers.iter().find(|answer| answer.status != 201).expect("one key for two");
    assert_eq!((lost.status, lost.fault()), (422, FaultCode::BadRequest));
    for name in ["m.eins", "n.zwei"] {
        assert_eq!(stage.attempts_left(name).await, 5, "{name}");
    }
    let expected: [String; 2] = ["accepted".into(), "not decided: another session has this key".into()];
    assert_eq!((open(&stage).await, details(&stage).await), (0, expected.to_vec()));
    assert_eq!(stage.tunnel.installed().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn right_entries_into_a_broken_database_do_not_lock_and_wrong_ones_do() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let run = async |sql: &'static str| {
        let mut write = stage.gateway.database.write().await.unwrap();
        sqlx::raw_sql(sql).execute(&mut *write).await.unwrap();
        write.commit().await.unwrap();
    };
    stage.sign_in("m.muster", "falsch", &member.wrong()).await;
    run("ALTER TABLE session RENAME COLUMN same_network TO broken").await;
    let mut used = String::new();
    for _ in 0..7 {
        used = member.press();
        let answer = stage.sign_in("m.muster", PASSWORD, &used).await;
        assert_eq!((answer.status, answer.fault()), (503, FaultCode::GatewayDatabase));
        assert_eq!(stage.attempts_left("m.muster").await, 5);
    }
    let answer = stage.sign_in("m.muster", PASSWORD, &used).await;
    assert_eq!((answer.fault(), answer.problem().attempts_left), (FaultCode::Refused, Some(4)), "its TAN is spent");
    for left in (1..4).rev() {
        assert_eq!(stage.sign_in("m.muster", PASSWORD, &member.wrong()).await.problem().attempts_left, Some(left));
    }
    run("ALTER TABLE session RENAME COLUMN broken TO same_network").await;
    assert_eq!(stage.enter(&mut member).await.failures_before, 5, "what was wrong is still told");
    assert_eq!(stage.audited("attempt").await.len(), 1 + 7 + 4 + 1);
    assert!(stage.audited("lock").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outcome_that_cannot_be_written_is_told_as_unknown_whatever_the_verdict() {
    for password in [PASSWORD, "falsch"] {
        let (stage, turn) = held(|_| {}).await;
        let mut member = stage.member("m.muster").await;
        let entry = body("m.muster", password, &member.press());
        let call = send(&stage, std::slice::from_ref(&entry)).await.remove(0);
        stage.gateway.database.close().await;
        drop(turn);
        let answer = call.await.unwrap();
        assert_eq!(
            (answer.status, answer.fault(), answer.problem().attempts_left),
            (504, FaultCode::GatewayHangs, None)
        );
        let stage = stage.restart().await;
        let answer = stage.connect().await.post(&entry).await;
        assert_eq!((answer.fault(), answer.problem().attempts_left), (FaultCode::Refused, Some(4)));
        assert_eq!(details(&stage).await, ["abandoned"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_stays_open_is_closed_by_housekeeping_and_its_late_end_counts_for_nothing() {
    let (stage, turn) = held(|_| {}).await;
    let mut member = stage.member("m.muster").await;
    let entry = body("m.muster", PASSWORD, &member.press());
    let call = send(&stage, std::slice::from_ref(&entry)).await.remove(0);
    let sweep = async || housekeeping::look(&stage.gateway, &Default::default(), true).await.unwrap();
    sweep().await;
    assert_eq!(open(&stage).await, 1, "it may still be evaluated");
    stage.gateway.clock.shift(600);
    sweep().await;
    assert_eq!((open(&stage).await, details(&stage).await), (0, vec!["abandoned".into()]));
    drop(turn);
    assert_eq!(call.await.unwrap().status, 504);
    let again = stage.connect().await.post(&entry).await;
    assert_eq!((again.fault(), again.problem().attempts_left), (FaultCode::Refused, Some(4)));
    assert_eq!((details(&stage).await.len(), stage.tunnel.installed().len()), (1, 0));
}
