//! Two gateways over one PostgreSQL, in this process: what one does the other knows, and neither touches what is the other's.

use std::time::{Duration, Instant};

use flexnet_protocol::gateway::EndReason;

use super::*;
use crate::{
    accounts,
    acts::Hand,
    db::{self, Retry as _},
    handoff,
};

/// Two gateways with pools of their own.
async fn two() -> (Stage, Stage) {
    let first = Stage::on_with(Store::Postgres, |config| config.id = "gw1".into()).await;
    let second = first.beside("gw2", "10.201.0.0/16").await;
    (first, second)
}

async fn eventually(what: &str, mut is: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !is().await {
        assert!(Instant::now() < deadline, "{what}: not within twenty seconds");
        tokio::task::yield_now().await;
    }
}

async fn resume(stage: &Stage, grant: &Grant, key: u8) -> Answer {
    let body = json!({ "client_public_key": BASE64.encode(&[key; 32]) }).to_string();
    stage.connect().await.call("POST", "/v1/session/resume", Some(&grant.session_token), &body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_moves_with_its_member_and_its_peer_is_at_one_gateway() {
    let (first, second) = two().await;
    let mut member = first.member("m.muster").await;
    let grant = first.enter(&mut member).await;
    assert_eq!((first.tunnel.installed().len(), second.tunnel.installed().len()), (1, 0));

    let answer = resume(&second, &grant, 7).await;
    let moved: Grant = serde_json::from_value(answer.body.clone()).unwrap_or_else(|_| panic!("{answer:?}"));
    assert_eq!((&moved.session_id, &moved.session_token), (&grant.session_id, &grant.session_token));
    assert!(moved.tunnel.addresses[0].to_string().starts_with("10.201."), "{:?}", moved.tunnel.addresses);
    let peers = second.tunnel.installed();
    assert_eq!((peers.len(), &peers[0].public_key), (1, &Key::new([7; 32])));
    assert_eq!(peers[0].allowed_ips, moved.tunnel.addresses);
    eventually("the old gateway lets the peer go", async || first.tunnel.installed().is_empty()).await;

    // The same again is the same answer; back again is a move.
    assert_eq!(resume(&second, &grant, 7).await.body, answer.body);
    let back = resume(&first, &grant, 8).await;
    assert_eq!((back.status, installed(&first.tunnel)), (200, vec![Key::new([8; 32])]));
    eventually("the other way round as well", async || second.tunnel.installed().is_empty()).await;
    let resumed: Vec<_> = first.audited("session_resumed").await.into_iter().map(|row| row.gateway).collect();
    assert_eq!(resumed, ["gw2", "gw1"]);
    assert_eq!(first.audited("attempt").await.len(), 1, "no TAN was asked for");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ends_at_one_gateway_is_told_at_the_other_and_its_peer_goes() {
    let (first, second) = two().await;
    let mut member = first.member("m.muster").await;
    let grant = first.enter(&mut member).await;
    let mut waiting = first.connect().await;
    let token = grant.session_token.clone();
    let wait = tokio::spawn(async move { waiting.wait(&token, 60).await });
    eventually("somebody waits", async || first.gateway.waits.newest(&grant.session_id) != 0).await;
    let begun = Instant::now();
    let ended = second.connect().await.call("DELETE", "/v1/session", Some(&grant.session_token), "").await;
    assert_eq!(ended.status, 204);
    let told = wait.await.unwrap();
    assert_eq!((told.status, told.problem().end_reason), (410, Some(EndReason::SignedOut)), "{told:?}");
    eventually("the peer goes", async || first.tunnel.installed().is_empty()).await;
    println!("told and gone {:?} after it was asked for elsewhere", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_sign_in_elsewhere_ends_the_session_here() {
    let (first, second) = two().await;
    let mut member = first.member("m.muster").await;
    let older = first.enter(&mut member).await;
    second.enter(&mut member).await;
    assert_eq!(second.tunnel.installed().len(), 1);
    eventually("the older peer goes", async || first.tunnel.installed().is_empty()).await;
    let state = first.connect().await.call("GET", "/v1/session", Some(&older.session_token), "").await;
    assert_eq!(state.problem().end_reason, Some(EndReason::NewerSignIn));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_members_who_bring_one_key_to_two_gateways_at_once_get_one_session() {
    let (first, second) = two().await;
    let key = |body: &str| serde_json::from_str::<Value>(body).unwrap()["client_public_key"].to_string();
    for round in 0..5 {
        let (mut one, mut other) =
            (first.member(&format!("m.eins{round}")).await, first.member(&format!("n.zwei{round}")).await);
        let (here, there) = (
            body(&one.username.clone(), PASSWORD, &one.press()),
            body(&other.username.clone(), PASSWORD, &other.press()),
        );
        let there = there.replace(&key(&there), &key(&here));
        let (mut a, mut b) = (first.connect().await, second.connect().await);
        let (here, there) = tokio::join!(a.post(&here), b.post(&there));
        let statuses = [here.status, there.status];
        assert!(statuses.contains(&201) && statuses.contains(&422), "{here:?} {there:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_members_sign_in_at_two_gateways_at_once_and_the_audit_is_one_chain() {
    let (first, second) = two().await;
    let mut hands = Vec::new();
    for number in 0..12 {
        let mut member = first.member(&format!("m.viele{number}")).await;
        let stage = if number % 2 == 0 { &first } else { &second };
        let (mut client, tan) = (stage.connect().await, member.press());
        hands.push(tokio::spawn(async move { client.post(&body(&member.username, PASSWORD, &tan)).await.grant() }));
    }
    let mut addresses = Vec::new();
    for hand in hands {
        addresses.extend(hand.await.unwrap().tunnel.addresses);
    }
    addresses.sort();
    addresses.dedup();
    assert_eq!(addresses.len(), 12, "an address of their own each: {addresses:?}");
    let rows = audit::last(first.gateway.database.read(), None, 1000).await.unwrap();
    let numbers: Vec<_> = rows.iter().map(|row| row.number).collect();
    assert_eq!(numbers, (1..=24).collect::<Vec<_>>(), "two rows each, no gap");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_under_one_id_the_older_one_ends() {
    let (first, _second) = two().await;
    let again = first.beside("gw1", "10.200.0.0/16").await;
    eventually("the older one ends", async || first.served.is_finished()).await;
    assert!(!again.served.is_finished());
}

#[tokio::test]
async fn a_deadlock_is_tried_again_and_both_get_through() {
    let fresh = postgres().await;
    let database = Database::open(&fresh.place).await.unwrap();
    let mut write = database.write().await.unwrap();
    for name in ["a", "b"] {
        let insert = sqlx::query("INSERT INTO gateway (name, started, seen) VALUES ($1, 0, 0)").bind(name);
        insert.execute(&mut *write).await.unwrap();
    }
    write.commit().await.unwrap();
    let conflicts = AtomicU64::new(0);
    let barrier = tokio::sync::Barrier::new(2);
    let work = async |names: [&'static str; 2]| {
        let first = std::sync::atomic::AtomicBool::new(true);
        db::retry(async || {
            let mut write = database.write().await?;
            for name in names {
                let update = sqlx::query("UPDATE gateway SET turn = turn + 1 WHERE name = $1").bind(name);
                let done = update.execute(&mut *write).await.map_err(crate::error::Error::from);
                if let Err(error) = &done {
                    assert!(error.is_conflict(), "{error:?}");
                    conflicts.fetch_add(1, Ordering::SeqCst);
                }
                done?;
                if name == names[0] && first.swap(false, Ordering::SeqCst) {
                    barrier.wait().await;
                }
            }
            write.commit().await
        })
        .await
        .unwrap();
    };
    tokio::join!(work(["a", "b"]), work(["b", "a"]));
    assert_eq!(conflicts.load(Ordering::SeqCst), 1);
    let turns: Vec<i64> = sqlx::query_scalar("SELECT turn FROM gateway").fetch_all(database.read()).await.unwrap();
    assert_eq!(turns, [2, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_is_being_made_dies_with_its_token() {
    let stage = Stage::on(Store::Postgres).await;
    let member = stage.member("m.muster").await;
    let gateway = &stage.gateway;
    // A sign-in on a page, just before its commit: it holds the token and the account.
    let mut sign_in = gateway.database.write().await.unwrap();
    let account = accounts::find(&mut sign_in, &member.username).await.unwrap().unwrap();
    let hold = async |write: &mut db::Write, sql: &'static str| {
        sqlx::query(sql).bind(account.id).execute(&mut **write).await.unwrap();
    };
    hold(&mut sign_in, "UPDATE token SET last = last + 1 WHERE account = $1").await;
    hold(&mut sign_in, "UPDATE account SET created = created WHERE id = $1").await;
    let guard = gateway.keys.guard(&member.username);
    let now = gateway.clock.now();
    let issued = handoff::issue(&mut sign_in, &account, &guard, "192.0.2.0/24", 0, now).await.unwrap();
    let serial: String = sqlx::query_scalar("SELECT serial FROM token WHERE account = $1")
        .bind(account.id)
        .fetch_one(gateway.database.read())
        .await
        .unwrap();

    let elsewhere = Arc::clone(gateway);
    let lost = tokio::spawn(async move {
        let id = &elsewhere.config.id;
        let hand = Hand { gateway: id, keys: &elsewhere.keys, actor: "b.desk", network: None, now };
        let mut write = elsewhere.database.write().await.unwrap();
        hand.lose_token(&mut write, &serial).await.unwrap();
        write.commit().await.unwrap();
    });
    eventually("the desk waits for the token", async || {
        let waiting =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        sqlx::query_scalar::<_, i64>(waiting).fetch_one(gateway.database.read()).await.unwrap() > 0
    })
    .await;
    sign_in.commit().await.unwrap();
    lost.await.unwrap();
    assert_eq!(handoff::page_state(gateway, &issued.page_cookie).await.unwrap(), handoff::PageState::Refused);
}
