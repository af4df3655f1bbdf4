//! A TAN opens one session, ever; an attempt is counted once, however often it is sent, and even if the gateway dies over it.

use std::collections::HashMap;

use flexnet_protocol::gateway::AttemptId;

use super::*;
use crate::{
    attempts::{self, Attempt},
    housekeeping, seal,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_used_tan_opens_nothing_again_not_even_a_hundred_times_at_once() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.benutzt").await;
    let tan = member.press();
    stage.sign_in("m.benutzt", PASSWORD, &tan).await.grant();
    let again = stage.burst(50, (0..100).map(|_| body("m.benutzt", PASSWORD, &tan)).collect()).await;
    assert!(again.iter().all(|answer| [FaultCode::Refused, FaultCode::Locked].contains(&answer.fault())));
    assert_eq!(stage.audited("session_started").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_tan_a_hundred_times_at_once_opens_one_session() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.frisch").await;
    let tan = member.press();
    let answers = stage.burst(50, (0..100).map(|_| body("m.frisch", PASSWORD, &tan)).collect()).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert_eq!(stage.audited("session_started").await.len(), 1);
    assert_eq!(stage.tunnel.installed().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tan_shown_with_a_wrong_password_is_spent() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.gesehen").await;
    let tan = member.press();
    assert_eq!(stage.sign_in("m.gesehen", "falsch", &tan).await.fault(), FaultCode::Refused);
    assert_eq!(stage.sign_in("m.gesehen", PASSWORD, &tan).await.fault(), FaultCode::Refused);
    stage.enter(&mut member).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_token_opens_nothing_even_if_it_was_found_before() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.weg").await;
    let tan = member.press();
    let mut write = stage.gateway.database.write().await.unwrap();
    let tokens = tokens::usable(&mut write, &stage.gateway.keys, Owner::Account(1)).await.unwrap();
    let found = tokens[0].find(&tan, 0).unwrap();
    tokens::lose(&mut write, "T-m.weg").await.unwrap();
    assert!(!tokens::spend_all(&mut write, &[found], tokens::Learn::Drift).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tan_that_two_tokens_show_is_spent_with_both() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.doppelt").await;
    let twin = NewToken {
        serial: "T-twin".into(),
        kind: Kind::Hotp,
        hash: Hash::Sha1,
        digits: 6,
        period: 30,
        seed: Zeroizing::new(member.seed.clone()),
    };
    let mut write = stage.gateway.database.write().await.unwrap();
    tokens::add(&mut write, &stage.gateway.keys, Some(Owner::Account(1)), &twin, 0).await.unwrap();
    write.commit().await.unwrap();
    let tan = member.press();
    stage.sign_in("m.doppelt", PASSWORD, &tan).await.grant();
    assert_eq!(stage.sign_in("m.doppelt", PASSWORD, &tan).await.fault(), FaultCode::Refused);
    stage.enter(&mut member).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_attempt_has_the_same_outcome_and_is_counted_once() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.zweimal").await;
    let mut client = stage.connect().await;

    let wrong = body("m.zweimal", "falsch", &member.wrong());
    let told: Vec<_> = stage.burst(10, vec![wrong.clone(); 30]).await;
    assert!(told.iter().all(|answer| answer.problem().attempts_left == Some(4)), "{told:?}");
    assert_eq!(stage.attempts_left("m.zweimal").await, 4);
    assert_eq!(stage.audited("attempt").await.len(), 1);

    let other = wrong.replace("falsch", "anders");
    let answer = client.post(&other).await;
    assert_eq!((answer.status, answer.fault()), (422, FaultCode::BadRequest));
    assert_eq!(stage.attempts_left("m.zweimal").await, 4, "a 422 counts nothing");

    let right = body("m.zweimal", PASSWORD, &member.press());
    let grants: Vec<_> = stage.burst(10, vec![right.clone(); 30]).await.iter().map(Answer::grant).collect();
    assert!(grants.iter().all(|grant| grant == &grants[0]), "one session, one token");
    assert_eq!(stage.audited("session_started").await.len(), 1);

    let stage = stage.restart().await;
    assert_eq!(stage.connect().await.post(&right).await.grant(), grants[0], "also after a restart");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_is_remembered_for_a_day_and_an_ended_session_for_a_quarter() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.alt").await;
    stage.enter(&mut member).await;
    let rows = async |table: &'static str| -> i64 {
        let count = format!("SELECT count(*) FROM {table}");
        sqlx::query_scalar(sqlx::AssertSqlSafe(count)).fetch_one(stage.gateway.database.read()).await.unwrap()
    };
    let sweep = async |days: i64| {
        stage.gateway.clock.shift(days * 24 * 3600);
        housekeeping::look(&stage.gateway, &HashMap::new(), true).await.unwrap();
        (rows("attempt").await, rows("session").await)
    };
    assert_eq!(sweep(0).await, (1, 1));
    assert_eq!(sweep(2).await, (0, 1));
    assert_eq!(sweep(91).await, (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_based_token_opens_once_in_its_step() {
    let stage = Stage::on(STORE).await;
    let member = stage.member("t.muster").await;
    let seed = BASE32_NOPAD.encode(&member.seed);
    let mut write = stage.gateway.database.write().await.unwrap();
    sqlx::query("UPDATE token SET kind = 'totp'").execute(&mut *write).await.unwrap();
    write.commit().await.unwrap();
    let output = Command::new("oathtool").args(["--totp", "-b", &seed]).output().unwrap();
    let tan = String::from_utf8(output.stdout).unwrap().trim().to_owned();
    stage.sign_in("t.muster", PASSWORD, &tan).await.grant();
    assert_eq!(stage.sign_in("t.muster", PASSWORD, &tan).await.fault(), FaultCode::Refused);
    stage.gateway.clock.shift(30);
    assert_eq!(stage.sign_in("t.muster", PASSWORD, &tan).await.fault(), FaultCode::Refused, "its second step");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_found_the_name_locked_stays_so() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.zu").await;
    for _ in 0..5 {
        stage.sign_in("m.zu", "falsch", &member.wrong()).await;
    }
    let mut client = stage.connect().await;
    let right = body("m.zu", PASSWORD, &member.press());
    assert_eq!(client.post(&right).await.fault(), FaultCode::Locked);
    stage.unlock("m.zu").await;
    assert_eq!(client.post(&right).await.fault(), FaultCode::Locked, "the same attempt");
    stage.enter(&mut member).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_over_which_the_gateway_died_counts_as_wrong() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.absturz").await;
    let right = body("m.absturz", PASSWORD, &member.press());
    // What a process leaves that dies between the reservation and the verdict.
    let id: Value = serde_json::from_str(&right).unwrap();
    let attempt = Attempt {
        id: serde_json::from_value(id["attempt_id"].clone()).unwrap(),
        body: stage.gateway.keys.body(right.as_bytes()),
        guard: stage.gateway.keys.guard("m.absturz"),
    };
    let mut write = stage.gateway.database.write().await.unwrap();
    let seq = guard::reserve(&mut write, &attempt.guard).await.unwrap();
    attempts::note(&mut write, &stage.gateway.config.id, &attempt, seq, stage.gateway.clock.now()).await.unwrap();
    write.commit().await.unwrap();

    let stage = stage.restart().await;
    let answer = stage.connect().await.post(&right).await;
    assert_eq!((answer.fault(), answer.problem().attempts_left), (FaultCode::Refused, Some(4)));
    let rows = stage.audited("attempt").await;
    let told: Vec<_> = rows.iter().map(|row| (row.subject.as_deref(), row.detail.as_str())).collect();
    assert_eq!(told, [(Some("m.absturz"), "abandoned")]);
    assert_eq!(stage.enter(&mut member).await.failures_before, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn five_abandoned_attempts_lock_under_the_name_of_the_account_and_of_nobody() {
    let stage = Stage::on(STORE).await;
    stage.member("m.absturz").await;
    for name in ["m.absturz", "niemand"] {
        for n in 0..5 {
            let attempt = Attempt {
                id: AttemptId(
                    [[n; 8], stage.gateway.keys.guard(name)[..8].try_into().unwrap()].concat().try_into().unwrap(),
                ),
                body: [n; 32],
                guard: stage.gateway.keys.guard(name),
            };
            let mut write = stage.gateway.database.write().await.unwrap();
            let seq = guard::reserve(&mut write, &attempt.guard).await.unwrap();
            attempts::note(&mut write, &stage.gateway.config.id, &attempt, seq, stage.gateway.clock.now())
                .await
                .unwrap();
            write.commit().await.unwrap();
        }
    }
    let stage = stage.restart().await;
    let mut locked: Vec<_> = stage.audited("lock").await.into_iter().filter_map(|row| row.subject).collect();
    locked.sort();
    assert_eq!(locked, [audit::nobody(&stage.gateway.keys.guard("niemand")), "m.absturz".into()]);
    assert_eq!(stage.audited("attempt").await.iter().filter(|row| row.subject == Some("m.absturz".into())).count(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_comes_to_its_end_although_its_connection_breaks() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.abbruch").await;
    let right = body("m.abbruch", PASSWORD, &member.press());
    // All turns at hashing are taken, so the attempt waits when its connection breaks.
    let room = stage.gateway.passwords.room().unwrap();
    let blockers: Vec<_> = (0..8)
        .map(|_| stage.gateway.passwords.room().unwrap())
        .map(|room| tokio::spawn(async move { room.verify(None, Secret::new("x")).await }))
        .collect();
    let mut client = stage.connect().await;
    let call = tokio::spawn({
        let right = right.clone();
        async move { client.post(&right).await }
    });
    while stage.attempts_left("m.abbruch").await == 5 {
        tokio::task::yield_now().await;
    }
    call.abort();
    drop(room);
    for blocker in blockers {
        blocker.await.unwrap();
    }
    let grant = stage.connect().await.post(&right).await.grant();
    assert_eq!(grant.display_name, "Dr. Martina Muster");
    assert_eq!(stage.audited("session_started").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_holds_no_secret_in_clear() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.geheim").await;
    let tan = member.press();
    let grant = stage.sign_in("m.geheim", PASSWORD, &tan).await.grant();
    stage.sign_in("m.geheim", "Vertippt-2026", "000000").await;
    stage.sign_in("Mein-Passwort-im-Namensfeld", "falsch", "000000").await;
    let token = grant.session_token.expose().as_bytes().to_vec();
    let key = grant.tunnel.preshared_key;
    let secrets: [&[u8]; 8] = [
        PASSWORD.as_bytes(),
        b"Vertippt-2026",
        b"mein-passwort-im-namensfeld",
        &member.seed,
        &token,
        key.bytes(),
        key.to_base64().as_bytes().to_vec().leak(),
        &seal::sha256(&[PASSWORD.as_bytes()]),
    ];
    for secret in secrets {
        assert_eq!(stage.holds(secret).await, Vec::<String>::new());
    }
    assert!(!stage.holds(b"m.geheim").await.is_empty(), "this test looks at the wrong files");
}
