//! Sessions: what is granted, how they end, and what the member is told of it.

use std::{collections::HashMap, time::Duration};

use flexnet_protocol::gateway::{EndReason, PortalHost, SessionState, TrafficPolicy};

use super::*;
use crate::{
    housekeeping,
    network::Activity,
    sessions::{self, Which},
};

async fn state(stage: &Stage, grant: &Grant) -> Answer {
    stage.connect().await.call("GET", "/v1/session", Some(&grant.session_token), "").await
}

async fn expect_ended(stage: &Stage, grant: &Grant, reason: EndReason) {
    let answer = state(stage, grant).await;
    assert_eq!(
        (answer.status, answer.fault(), answer.problem().end_reason),
        (410, FaultCode::SessionEnded, Some(reason))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_entry_opens_a_session_and_signing_out_ends_it() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let grant = stage.enter(&mut member).await;
    let peers = stage.tunnel.installed();
    assert_eq!(peers.len(), 1, "the peer stands before the answer");
    assert_eq!(peers[0].preshared_key.as_ref(), Some(&grant.tunnel.preshared_key));
    assert_eq!(peers[0].allowed_ips, grant.tunnel.addresses);
    assert_eq!(grant.tunnel.addresses, ["10.200.0.2/32".parse().unwrap()]);
    assert_eq!(grant.tunnel.gateway_public_key, stage.gateway.public_key);
    assert_eq!(grant.tunnel.policy, TrafficPolicy::PortalOnlyRoutes);
    let portal = PortalHost { name: "portal.snk.example".into(), addresses: vec![[10, 210, 0, 10].into()] };
    assert_eq!(grant.tunnel.portal_hosts, [portal]);
    assert_eq!((grant.failures_before, grant.last_sign_in.clone(), grant.idle_seconds), (0, None, 1800));

    let live: SessionState = serde_json::from_value(state(&stage, &grant).await.body).unwrap();
    assert_eq!((live.session_id.as_str(), live.absolute_end), (grant.session_id.as_str(), grant.absolute_end));
    assert_eq!(live.idle_end, live.started + 1800);
    assert_eq!(live.absolute_end, live.started + 36_000);

    let answer = stage.connect().await.call("DELETE", "/v1/session", Some(&grant.session_token), "").await;
    assert_eq!(answer.status, 204);
    assert!(stage.tunnel.installed().is_empty(), "the peer is gone before the answer");
    expect_ended(&stage, &grant, EndReason::SignedOut).await;
    let again = stage.connect().await.call("DELETE", "/v1/session", Some(&grant.session_token), "").await;
    assert_eq!(again.fault(), FaultCode::SessionEnded);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_sign_in_ends_the_older_session_and_says_so() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let older = stage.enter(&mut member).await;
    stage.sign_in("m.muster", "falsch", &member.wrong()).await;
    let newer = stage.enter(&mut member).await;
    expect_ended(&stage, &older, EndReason::NewerSignIn).await;
    assert_eq!(state(&stage, &newer).await.status, 200);
    assert_eq!(newer.failures_before, 1);
    assert!(newer.last_sign_in.is_some_and(|last| last.same_network));
    assert_ne!(newer.tunnel.addresses, older.tunnel.addresses, "an address rests before it is given out again");
    assert_eq!(stage.tunnel.installed().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_without_inner_packets_ends_and_one_with_them_does_not() {
    let stage = Stage::on(STORE).await;
    let (mut one, mut other) = (stage.member("m.still").await, stage.member("m.aktiv").await);
    let still = stage.enter(&mut one).await;
    let active = stage.enter(&mut other).await;
    let of = async |grant: &Grant| {
        let address = grant.tunnel.addresses.clone();
        stage.tunnel.installed().into_iter().find(|peer| peer.allowed_ips == address).unwrap().public_key
    };
    let seen = |quiet| Activity { received: 0, sent: 0, last_handshake: None, quiet: Some(Duration::from_secs(quiet)) };
    let activity = HashMap::from([(*of(&still).await.bytes(), seen(1801)), (*of(&active).await.bytes(), seen(5))]);
    stage.gateway.clock.shift(1801);
    housekeeping::look(&stage.gateway, &activity, false).await.unwrap();
    stage.gateway.network.settled().await.unwrap();
    expect_ended(&stage, &still, EndReason::Idle).await;
    let live: SessionState = serde_json::from_value(state(&stage, &active).await.body).unwrap();
    assert!(live.idle_end > stage.gateway.clock.now() + 1700, "its idle end has moved");
    assert_eq!(installed(&stage.tunnel).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_at_its_absolute_end_whatever_happens_inside() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.lang").await;
    let grant = stage.enter(&mut member).await;
    stage.gateway.clock.shift(36_001);
    expect_ended(&stage, &grant, EndReason::Absolute).await;
    stage.gateway.network.settled().await.unwrap();
    assert!(stage.tunnel.installed().is_empty(), "no lease outlives it, written down or not");
    housekeeping::look(&stage.gateway, &HashMap::new(), true).await.unwrap();
    expect_ended(&stage, &grant, EndReason::Absolute).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_and_a_lost_token_end_a_session_within_a_second() {
    let stage = Stage::on(STORE).await;
    for (username, reason) in [("m.desk", EndReason::Desk), ("m.token", EndReason::TokenLost)] {
        let mut member = stage.member(username).await;
        let grant = stage.enter(&mut member).await;
        // As `admin` does from another process: nobody wakes the network.
        let mut write = stage.gateway.database.write().await.unwrap();
        let account = accounts::named(&mut write, username).await.unwrap();
        sessions::end(&mut write, "x", Which::Of(account.id), reason, "desk", stage.gateway.clock.now()).await.unwrap();
        write.commit().await.unwrap();
        expect_ended(&stage, &grant, reason).await;
        let gone = async {
            while !stage.tunnel.installed().is_empty() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), gone).await.expect("the peer outlives its session");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_survive_a_restart_of_the_gateway() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.bleibt").await;
    let grant = stage.enter(&mut member).await;
    let stage = stage.restart().await;
    assert_eq!(stage.tunnel.installed().len(), 1);
    assert_eq!(state(&stage, &grant).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_members_cannot_have_one_wireguard_key() {
    let stage = Stage::on(STORE).await;
    let (mut one, mut other) = (stage.member("m.eins").await, stage.member("n.zwei").await);
    let first = body("m.eins", PASSWORD, &one.press());
    stage.connect().await.post(&first).await.grant();
    let key = |body: &str| serde_json::from_str::<Value>(body).unwrap()["client_public_key"].to_string();
    let second = body("n.zwei", PASSWORD, &other.press());
    let second = second.replace(&key(&second), &key(&first));
    let answer = stage.connect().await.post(&second).await;
    assert_eq!((answer.status, answer.fault()), (422, FaultCode::BadRequest));
    assert_eq!(stage.attempts_left("n.zwei").await, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_with_a_damaged_row_takes_no_other_down() {
    let stage = Stage::on(STORE).await;
    let (mut one, mut other) = (stage.member("m.eins").await, stage.member("n.zwei").await);
    let damaged = stage.enter(&mut one).await;
    let mut write = stage.gateway.database.write().await.unwrap();
    sqlx::query("UPDATE session SET preshared_key = public_key").execute(&mut *write).await.unwrap();
    write.commit().await.unwrap();
    let whole = stage.enter(&mut other).await;
    let peers = stage.tunnel.installed();
    assert_eq!(peers.len(), 1, "the damaged session has no peer");
    assert_eq!(peers[0].allowed_ips, whole.tunnel.addresses);
    assert_eq!(state(&stage, &damaged).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_none_of_ours_opens_no_session() {
    let stage = Stage::on(STORE).await;
    for method in ["GET", "DELETE"] {
        let wrong = Secret::new("AAAA");
        for token in [None, Some(&wrong)] {
            let answer = stage.connect().await.call(method, "/v1/session", token, "").await;
            assert_eq!((answer.status, answer.fault()), (401, FaultCode::SessionEnded));
            assert_eq!(answer.headers["www-authenticate"], "Bearer");
        }
    }
}
