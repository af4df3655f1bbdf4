//! Extend and resume: what a live session gets without a TAN, and that no race revives a dead one or leaves a peer behind.

use flexnet_protocol::gateway::{EndReason, SessionState};

use super::*;

const EXTEND: &str = "/v1/session/extend";
const RESUME: &str = "/v1/session/resume";

async fn post(stage: &Stage, path: &str, grant: &Grant, body: &str) -> Answer {
    stage.connect().await.call("POST", path, Some(&grant.session_token), body).await
}

async fn state(stage: &Stage, grant: &Grant) -> Answer {
    stage.connect().await.call("GET", "/v1/session", Some(&grant.session_token), "").await
}

fn live(answer: &Answer) -> SessionState {
    assert_eq!(answer.status, 200, "{answer:?}");
    serde_json::from_value(answer.body.clone()).unwrap()
}

fn keys(public: u8, preshared: Option<u8>) -> String {
    let key = |byte: u8| BASE64.encode(&[byte; 32]);
    match preshared {
        Some(preshared) => json!({ "client_public_key": key(public), "preshared_key": key(preshared) }),
        None => json!({ "client_public_key": key(public) }),
    }
    .to_string()
}

fn resumed(answer: &Answer) -> Grant {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.headers["cache-control"], "no-store");
    serde_json::from_value(answer.body.clone()).unwrap()
}

/// The one peer is that of this grant.
fn assert_installed(stage: &Stage, key: u8, grant: &Grant) {
    let peers = stage.tunnel.installed();
    assert_eq!(peers.len(), 1);
    assert_eq!(peers[0].public_key, Key::new([key; 32]));
    assert_eq!(peers[0].preshared_key.as_ref(), Some(&grant.tunnel.preshared_key));
    assert_eq!(peers[0].allowed_ips, grant.tunnel.addresses);
}

#[tokio::test(flavor = "multi_thread")]
async fn extending_puts_the_idle_end_off_and_never_the_absolute_one() {
    let stage = Stage::on_with(STORE, |config| config.policy.absolute_seconds = 3000).await;
    let mut member = stage.member("m.muster").await;
    let grant = stage.enter(&mut member).await;
    stage.gateway.clock.shift(900);
    let before = live(&state(&stage, &grant).await);
    let extended = live(&post(&stage, EXTEND, &grant, "").await);
    assert!(extended.idle_end >= before.idle_end + 899, "{before:?} {extended:?}");
    assert_eq!(live(&state(&stage, &grant).await).idle_end, extended.idle_end, "it is written down");
    stage.gateway.clock.shift(900);
    let extended = live(&post(&stage, EXTEND, &grant, "").await);
    assert_eq!((extended.idle_end, extended.absolute_end), (grant.absolute_end, grant.absolute_end));
    assert_eq!(stage.audited("session_extended").await.len(), 2);
    stage.gateway.clock.shift(1300);
    let answer = post(&stage, EXTEND, &grant, "").await;
    assert_eq!((answer.status, answer.problem().end_reason), (410, Some(EndReason::Absolute)));
    assert_eq!(stage.audited("session_extended").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn extending_is_written_once_a_second_however_often_it_is_asked_for() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let grant = stage.enter(&mut member).await;
    stage.gateway.clock.shift(900);
    let asked = async || {
        let mut client = stage.connect().await;
        for _ in 0..20 {
            let extended = live(&client.call("POST", EXTEND, Some(&grant.session_token), "").await);
            assert!(extended.idle_end >= stage.gateway.clock.now() + 1790, "{extended:?}");
        }
    };
    tokio::join!(asked(), asked(), asked());
    let rows = stage.audited("session_extended").await;
    let seconds: std::collections::HashSet<i64> = rows.iter().map(|row| row.at).collect();
    assert!(!rows.is_empty() && seconds.len() == rows.len(), "{rows:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resumed_session_has_other_keys_and_is_the_same_otherwise() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    stage.sign_in("m.muster", "falsch", &member.wrong()).await;
    let grant = stage.enter(&mut member).await;
    let again = resumed(&post(&stage, RESUME, &grant, &keys(9, Some(10))).await);
    assert_installed(&stage, 9, &again);
    assert_eq!(again.tunnel.preshared_key, Key::new([10; 32]));
    let mut same = again.clone();
    same.tunnel.preshared_key = grant.tunnel.preshared_key.clone();
    assert_eq!(same, grant, "nothing else is another");
    assert_eq!(stage.holds(&[10; 32]).await, Vec::<String>::new(), "it is sealed");

    // A lost answer is asked for once more, with or without the key that is known.
    assert_eq!(resumed(&post(&stage, RESUME, &grant, &keys(9, Some(10))).await), again);
    assert_eq!(resumed(&post(&stage, RESUME, &grant, &keys(9, None)).await), again);
    assert_eq!(stage.audited("session_resumed").await.len(), 1);
    // Another preshared key is another tunnel, and without one the gateway makes it.
    let other = resumed(&post(&stage, RESUME, &grant, &keys(9, Some(11))).await);
    assert_installed(&stage, 9, &other);
    let made = resumed(&post(&stage, RESUME, &grant, &keys(12, None)).await);
    assert_installed(&stage, 12, &made);
    assert_ne!(made.tunnel.preshared_key, other.tunnel.preshared_key);
    assert_eq!(stage.audited("session_resumed").await.len(), 3);
    let stage = stage.restart().await;
    assert_installed(&stage, 12, &made);
}

#[tokio::test(flavor = "multi_thread")]
async fn resuming_is_no_use() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let grant = stage.enter(&mut member).await;
    let before = live(&state(&stage, &grant).await).idle_end;
    stage.gateway.clock.shift(1000);
    post(&stage, RESUME, &grant, &keys(9, None)).await;
    stage.gateway.network.settled().await.unwrap();
    assert_eq!(live(&state(&stage, &grant).await).idle_end, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_shape_or_no_session_is_refused_and_changes_nothing() {
    let stage = Stage::on(STORE).await;
    let (mut one, mut other) = (stage.member("m.eins").await, stage.member("n.zwei").await);
    let (grant, theirs) = (stage.enter(&mut one).await, stage.enter(&mut other).await);
    let before = stage.tunnel.installed();
    let zero = keys(9, None).replace(&BASE64.encode(&[9; 32]), &BASE64.encode(&[0; 32]));
    for (body, status, fault) in [
        ("".to_owned(), 400, FaultCode::BadRequest),
        ("[]".to_owned(), 400, FaultCode::BadRequest),
        (keys(9, None).replace('}', ",\"x\":1}"), 400, FaultCode::BadRequest),
        (zero, 400, FaultCode::EntryShape),
        (keys(9, Some(0)), 400, FaultCode::EntryShape),
        ("x".repeat(9000), 413, FaultCode::BadRequest),
    ] {
        let answer = post(&stage, RESUME, &grant, &body).await;
        assert_eq!((answer.status, answer.fault()), (status, fault), "{body}");
        assert!(!answer.body.to_string().contains(&BASE64.encode(&[9; 32])), "nothing comes back");
    }
    // The key of somebody else's session.
    let taken = before.iter().find(|peer| peer.allowed_ips == theirs.tunnel.addresses).unwrap();
    let body = json!({ "client_public_key": BASE64.encode(taken.public_key.bytes()) }).to_string();
    let answer = post(&stage, RESUME, &grant, &body).await;
    assert_eq!((answer.status, answer.fault()), (422, FaultCode::BadRequest));
    let wrong = Secret::new("AAAA");
    for path in [EXTEND, RESUME] {
        for token in [None, Some(&wrong)] {
            let answer = stage.connect().await.call("POST", path, token, &keys(9, None)).await;
            assert_eq!(
                (answer.status, answer.fault(), answer.problem().end_reason),
                (401, FaultCode::SessionEnded, None)
            );
        }
        assert_eq!(stage.connect().await.call("GET", path, Some(&grant.session_token), "").await.status, 405);
    }
    assert_eq!(stage.tunnel.installed(), before);
    stage.connect().await.call("DELETE", "/v1/session", Some(&grant.session_token), "").await;
    for path in [EXTEND, RESUME] {
        let answer = post(&stage, path, &grant, &keys(9, None)).await;
        assert_eq!((answer.status, answer.problem().end_reason), (410, Some(EndReason::SignedOut)));
    }
    assert_eq!(stage.audited("session_resumed").await.len() + stage.audited("session_extended").await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn renewals_are_bounded_by_the_network_s_budget() {
    let stage =
        Stage::on_with(STORE, |config| config.limits.address = crate::config::Budget { per_minute: 1, burst: 3 }).await;
    let mut member = stage.member("m.muster").await;
    let grant = stage.enter(&mut member).await;
    let wrong = stage.connect().await.call("POST", EXTEND, Some(&Secret::new("AAAA")), "").await;
    assert_eq!(wrong.status, 401, "costs the budget nothing");
    live(&post(&stage, EXTEND, &grant, "").await);
    resumed(&post(&stage, RESUME, &grant, &keys(9, None)).await);
    for path in [EXTEND, RESUME] {
        let answer = post(&stage, path, &grant, &keys(8, None)).await;
        assert_eq!((answer.status, answer.fault()), (429, FaultCode::GatewayBusy));
        assert!(answer.headers.contains_key("retry-after"));
    }
    live(&state(&stage, &grant).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_revives_a_session_that_ends_at_the_same_moment() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    for round in 0..12 {
        let grant = stage.enter(&mut member).await;
        let token = &grant.session_token;
        let (mut a, mut b, mut c) = (stage.connect().await, stage.connect().await, stage.connect().await);
        let body = keys(100 + round, None);
        let (ended, extended, again) = tokio::join!(
            a.call("DELETE", "/v1/session", Some(token), ""),
            b.call("POST", EXTEND, Some(token), ""),
            c.call("POST", RESUME, Some(token), &body),
        );
        assert_eq!(ended.status, 204);
        for answer in [extended, again] {
            assert!(answer.status == 200 || answer.problem().end_reason == Some(EndReason::SignedOut), "{answer:?}");
        }
        assert_eq!(state(&stage, &grant).await.problem().end_reason, Some(EndReason::SignedOut));
        stage.gateway.network.settled().await.unwrap();
        assert_eq!(stage.tunnel.installed(), []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_resumes_one_has_the_peer_and_the_newer_sign_in_beats_both() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    for round in 0..8 {
        let grant = stage.enter(&mut member).await;
        let token = &grant.session_token;
        let (mut a, mut b) = (stage.connect().await, stage.connect().await);
        let (one, other) = (keys(100 + round, None), keys(200 + round, None));
        let (one, other) =
            tokio::join!(a.call("POST", RESUME, Some(token), &one), b.call("POST", RESUME, Some(token), &other));
        let (one, other) = (resumed(&one), resumed(&other));
        let peers = stage.tunnel.installed();
        assert_eq!(peers.len(), 1);
        let last = if peers[0].public_key == Key::new([100 + round; 32]) { &one } else { &other };
        assert_eq!(peers[0].preshared_key.as_ref(), Some(&last.tunnel.preshared_key));

        let entry = body("m.muster", PASSWORD, &member.press());
        let late = keys(50 + round, None);
        let (newer, late) = tokio::join!(b.post(&entry), a.call("POST", RESUME, Some(token), &late));
        let newer = newer.grant();
        assert!(late.status == 200 || late.problem().end_reason == Some(EndReason::NewerSignIn), "{late:?}");
        assert_eq!(state(&stage, &grant).await.problem().end_reason, Some(EndReason::NewerSignIn));
        stage.gateway.network.settled().await.unwrap();
        let peers = stage.tunnel.installed();
        assert_eq!(peers.len(), 1);
        assert_eq!(peers[0].allowed_ips, newer.tunnel.addresses);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_may_bring_its_preshared_key_and_the_same_attempt_brings_the_same() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let with = |body: &str, byte: u8| {
        let mut value: Value = serde_json::from_str(body).unwrap();
        value["preshared_key"] = BASE64.encode(&[byte; 32]).into();
        value.to_string()
    };
    let entry = body("m.muster", PASSWORD, &member.press());
    let answer = stage.connect().await.post(&with(&entry, 0)).await;
    assert_eq!((answer.status, answer.fault()), (400, FaultCode::EntryShape));
    assert_eq!(stage.attempts_left("m.muster").await, 5);
    let grant = stage.connect().await.post(&with(&entry, 77)).await.grant();
    assert_eq!(grant.tunnel.preshared_key, Key::new([77; 32]));
    assert_eq!(stage.tunnel.installed()[0].preshared_key, Some(Key::new([77; 32])));
    assert_eq!(stage.connect().await.post(&with(&entry, 77)).await.grant(), grant);
    assert_eq!(stage.connect().await.post(&with(&entry, 78)).await.status, 422);
    assert_eq!(stage.connect().await.post(&entry).await.status, 422);
    assert_eq!(stage.holds(&[77; 32]).await, Vec::<String>::new());
}
