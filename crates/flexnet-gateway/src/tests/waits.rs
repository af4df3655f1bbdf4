//! A session's client waits for its end, and hears of it within a second, whoever ends it.

use std::time::Duration;

use flexnet_protocol::gateway::{EndReason, SessionState};
use tokio::time::{Instant, timeout};

use super::*;
use crate::{
    sessions::{self, Which},
    waits::Woken,
};

/// Far less than the waits below, and more than a busy machine needs for a second.
const SOON: Duration = Duration::from_secs(10);

/// A request that waits, and that the gateway is known to have.
async fn waiting(stage: &Stage, grant: &Grant) -> JoinHandle<Answer> {
    let mut client = stage.connect().await;
    let token = grant.session_token.clone();
    let (session, before) = (grant.session_id.clone(), stage.gateway.waits.newest(&grant.session_id));
    let waiting = tokio::spawn(async move { client.wait(&token, 30).await });
    let begun = Instant::now();
    while stage.gateway.waits.newest(&session) == before && !waiting.is_finished() {
        assert!(begun.elapsed() < SOON, "it does not wait");
        tokio::task::yield_now().await;
    }
    waiting
}

async fn answered(waiting: JoinHandle<Answer>) -> Answer {
    timeout(SOON, waiting).await.expect("nobody told it").unwrap()
}

fn assert_ended(answer: &Answer, reason: EndReason) {
    assert_eq!((answer.status, answer.problem().end_reason), (410, Some(reason)));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_end_is_told_to_who_waits_for_it() {
    let stage = Stage::new().await;
    let mut member = stage.member("m.muster").await;

    let grant = stage.enter(&mut member).await;
    let wait = waiting(&stage, &grant).await;
    stage.connect().await.call("DELETE", "/v1/session", Some(&grant.session_token), "").await;
    assert_ended(&answered(wait).await, EndReason::SignedOut);

    let grant = stage.enter(&mut member).await;
    let wait = waiting(&stage, &grant).await;
    let newer = stage.enter(&mut member).await;
    assert_ended(&answered(wait).await, EndReason::NewerSignIn);

    // As `admin` does from another process: nobody wakes anybody.
    let wait = waiting(&stage, &newer).await;
    let mut write = stage.gateway.database.write().await.unwrap();
    let now = stage.gateway.clock.now();
    sessions::end(&mut write, "x", Which::Named(&newer.session_id), EndReason::Desk, "desk", now).await.unwrap();
    write.commit().await.unwrap();
    assert_ended(&answered(wait).await, EndReason::Desk);

    let grant = stage.enter(&mut member).await;
    let wait = waiting(&stage, &grant).await;
    stage.gateway.clock.shift(1801);
    assert_ended(&answered(wait).await, EndReason::Idle);

    let stage = Stage::with(|config| config.policy.absolute_seconds = 1800).await;
    let mut member = stage.member("m.muster").await;
    let grant = stage.enter(&mut member).await;
    let wait = waiting(&stage, &grant).await;
    stage.gateway.clock.shift(1800);
    assert_ended(&answered(wait).await, EndReason::Absolute);
}

#[tokio::test]
async fn one_look_at_the_database_tells_all_who_wait_and_nobody_else() {
    let stage = Stage::new().await;
    let (mut one, mut other) = (stage.member("m.eins").await, stage.member("n.zwei").await);
    let (ended, lives) = (stage.enter(&mut one).await, stage.enter(&mut other).await);
    let waits = &stage.gateway.waits;
    let (woken, left) = (waits.enter(&ended.session_id), waits.enter(&lives.session_id));
    let mut write = stage.gateway.database.write().await.unwrap();
    let (which, now) = (Which::Named(&ended.session_id), stage.gateway.clock.now());
    sessions::end(&mut write, "x", which, EndReason::Desk, "desk", now).await.unwrap();
    write.commit().await.unwrap();
    let deadline = Instant::now() + SOON;
    assert_eq!(woken.woken(deadline).await, Woken::Look);
    // Some looks later: they are over before this ends.
    assert_eq!(woken.woken(deadline).await, Woken::Look);
    assert_eq!(left.woken(Instant::now()).await, Woken::GoHome, "another's change");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_change_the_wait_ends_with_the_session_as_it_is() {
    let stage = Stage::new().await;
    let mut member = stage.member("m.muster").await;
    let grant = stage.enter(&mut member).await;
    let mut client = stage.connect().await;
    let answer = client.wait(&grant.session_token, 1).await;
    assert_eq!(answer.headers["preference-applied"], "wait=1");
    let state: SessionState = serde_json::from_value(answer.body).unwrap();
    assert_eq!(state.session_id, grant.session_id);
    let answer = client.call("GET", "/v1/session", Some(&grant.session_token), "").await;
    assert!(!answer.headers.contains_key("preference-applied"), "nothing was preferred");
    assert_eq!(client.wait(&Secret::new("AAAA"), 30).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_wait_is_granted_that_its_connection_would_not_outlive() {
    let stage = Stage::with(|config| config.limits.connection_seconds = 8).await;
    let mut member = stage.member("m.muster").await;
    let grant = stage.enter(&mut member).await;
    let answer = stage.connect().await.wait(&grant.session_token, 30).await;
    assert_eq!((answer.status, &answer.headers["preference-applied"]), (200, &"wait=2".parse().unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_was_put_off_is_told() {
    let stage = Stage::new().await;
    let mut member = stage.member("m.muster").await;
    let grant = stage.enter(&mut member).await;
    stage.gateway.clock.shift(1200);
    let wait = waiting(&stage, &grant).await;
    let extended = stage.connect().await.call("POST", "/v1/session/extend", Some(&grant.session_token), "").await;
    let told: SessionState = serde_json::from_value(answered(wait).await.body).unwrap();
    assert_eq!(told, serde_json::from_value(extended.body).unwrap());
    // So is use that no write has told of yet.
    stage.gateway.clock.shift(1200);
    let wait = waiting(&stage, &grant).await;
    stage.tunnel.receive(1000);
    let told: SessionState = serde_json::from_value(answered(wait).await.body).unwrap();
    assert!(told.idle_end > stage.gateway.clock.now() + 1700, "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_session_waits_once_and_who_waits_takes_no_place() {
    let stage = Stage::with(|config| config.limits.connections = 3).await;
    let (mut one, mut other) = (stage.member("m.eins").await, stage.member("n.zwei").await);
    let first = stage.enter(&mut one).await;
    let older = waiting(&stage, &first).await;
    let newer = waiting(&stage, &first).await;
    assert_eq!(answered(older).await.status, 200, "the older one is sent home");
    let second = stage.enter(&mut other).await;
    let third = waiting(&stage, &second).await;
    // All three connections that there may be, beside the two that wait.
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut client = stage.connect().await;
        assert_eq!(client.call("GET", "/v1/info", None, "").await.status, 200);
        held.push(client);
    }
    drop(held);
    assert!(!newer.is_finished() && !third.is_finished());
    let begun = Instant::now();
    stage.gateway.waits.close();
    assert_eq!((answered(newer).await.status, answered(third).await.status), (200, 200));
    assert!(begun.elapsed() < SOON, "a gateway that stops lets nobody wait");
}
