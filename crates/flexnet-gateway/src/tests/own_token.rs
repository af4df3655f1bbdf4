//! What a member does about a token from a running session, and what the gateway learns of tokens: lost, out of step, drifting, damaged.

use flexnet_protocol::gateway::{AttemptId, EndReason};

use super::*;
use crate::{
    seal::random,
    tokens::{Learn, Owner},
};

const RESYNC: &str = "/v1/session/resync-token";
const LOST: &str = "/v1/session/report-token-lost";

fn two(first: &str, second: &str) -> String {
    let attempt_id = AttemptId(random().unwrap());
    json!({ "attempt_id": attempt_id, "first": first, "second": second }).to_string()
}

async fn post(stage: &Stage, path: &str, grant: &Grant, body: &str) -> Answer {
    stage.connect().await.call("POST", path, Some(&grant.session_token), body).await
}

/// A second token for a member; its seed.
async fn second_token(stage: &Stage, username: &str, kind: Kind) -> Member {
    let seed = random::<20>().unwrap().to_vec();
    let token = NewToken {
        serial: format!("Z-{username}"),
        kind,
        hash: Hash::Sha1,
        digits: 6,
        period: 30,
        seed: Zeroizing::new(seed.clone()),
    };
    let mut write = stage.gateway.database.write().await.unwrap();
    let account = accounts::named(&mut write, username).await.unwrap();
    let owner = Some(Owner::Account(account.id));
    tokens::add(&mut write, &stage.gateway.keys, owner, &token, 0).await.unwrap();
    write.commit().await.unwrap();
    Member { username: username.into(), seed, presses: 0 }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tans_in_a_row_bring_a_token_back() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let mut other = second_token(&stage, "m.muster", Kind::Hotp).await;
    other.presses = 60;
    let grant = stage.enter(&mut member).await;
    let (first, second) = (other.press(), other.press());
    let request = two(&first, &second);
    for _ in 0..2 {
        assert_eq!(post(&stage, RESYNC, &grant, &request).await.status, 204, "the same again is the same answer");
    }
    assert_eq!(stage.attempts_left("m.muster").await, 5, "what was right is taken back");
    assert_eq!(stage.sign_in("m.muster", PASSWORD, &second).await.fault(), FaultCode::Refused, "both are spent");
    let tan = other.press();
    stage.sign_in("m.muster", PASSWORD, &tan).await.grant();
    assert_eq!(stage.attempts_left("m.muster").await, 5);
    assert_eq!(stage.audited("token_resynchronised").await[0].detail, "Z-m.muster");
}

#[tokio::test(flavor = "multi_thread")]
async fn five_tries_to_bring_a_token_back_lock_and_no_sixth_is_evaluated() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let grant = stage.enter(&mut member).await;
    let wrong = member.wrong();
    let mut hands = Vec::new();
    for _ in 0..40 {
        let (mut client, token, body) = (stage.connect().await, grant.session_token.clone(), two(&wrong, &wrong));
        hands.push(tokio::spawn(async move { client.call("POST", RESYNC, Some(&token), &body).await }));
    }
    let mut told = Vec::new();
    for hand in hands {
        let answer = hand.await.unwrap();
        assert!([FaultCode::TokenOutOfStep, FaultCode::Locked].contains(&answer.fault()), "{answer:?}");
        told.extend(answer.problem().attempts_left.filter(|_| answer.fault() == FaultCode::TokenOutOfStep));
    }
    told.sort_unstable();
    // The fifth may come to its end before another one, which is told of the lock then.
    assert!(told.windows(2).all(|two| two[0] < two[1]) && told.iter().all(|left| (1..=4).contains(left)), "{told:?}");
    let evaluated = stage.audited("attempt").await.into_iter().filter(|row| row.detail.contains("resync")).count();
    assert_eq!((evaluated, stage.audited("lock").await.len()), (5, 1));
    let (first, second) = (member.press(), member.press());
    assert_eq!(post(&stage, RESYNC, &grant, &two(&first, &second)).await.fault(), FaultCode::Locked);
    let live = stage.connect().await.call("GET", "/v1/session", Some(&grant.session_token), "").await;
    assert_eq!(live.status, 200, "who is inside stays inside");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resynchronisation_does_not_set_the_count_back() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let grant = stage.enter(&mut member).await;
    for _ in 0..3 {
        stage.sign_in("m.muster", "falsch", &member.wrong()).await;
    }
    let (first, second) = (member.press(), member.press());
    assert_eq!(post(&stage, RESYNC, &grant, &two(&first, &second)).await.status, 204);
    // Whoever has session and token, and not the password, has no more guesses for it than anybody.
    assert_eq!(stage.attempts_left("m.muster").await, 2, "its own attempt is taken back, the three before it are not");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_token_is_told_and_not_brought_back() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let mut lost = second_token(&stage, "m.muster", Kind::Hotp).await;
    let mut write = stage.gateway.database.write().await.unwrap();
    tokens::lose(&mut write, "Z-m.muster").await.unwrap();
    write.commit().await.unwrap();
    let grant = stage.enter(&mut member).await;
    let (first, second) = (lost.press(), lost.press());
    let answer = post(&stage, RESYNC, &grant, &two(&first, &second)).await;
    assert_eq!((answer.fault(), answer.problem().attempts_left), (FaultCode::TokenLost, Some(4)));
    let tan = lost.press();
    assert_eq!(stage.sign_in("m.muster", PASSWORD, &tan).await.fault(), FaultCode::Refused);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_resynchronisation_is_not_counted() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let grant = stage.enter(&mut member).await;
    for (body, fault) in [
        (two("12345", "123456"), FaultCode::EntryShape),
        (two("123456", "12345678a"), FaultCode::EntryShape),
        ("{}".to_owned(), FaultCode::BadRequest),
    ] {
        assert_eq!(post(&stage, RESYNC, &grant, &body).await.fault(), fault, "{body}");
    }
    let wrong = member.wrong();
    let request = two(&wrong, &wrong);
    assert_eq!(post(&stage, RESYNC, &grant, &request).await.fault(), FaultCode::TokenOutOfStep);
    let other = request.replacen(&wrong, &member.press(), 1);
    assert_eq!(post(&stage, RESYNC, &grant, &other).await.status, 422, "another body under the same id");
    assert_eq!(stage.attempts_left("m.muster").await, 4);
    let nobody = stage.connect().await.call("POST", RESYNC, Some(&Secret::new("none")), &two("123456", "654321")).await;
    assert_eq!((nobody.status, nobody.fault()), (401, FaultCode::SessionEnded));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_reported_lost_opens_nothing_and_ends_everything() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let grant = stage.enter(&mut member).await;
    assert_eq!(post(&stage, LOST, &grant, "").await.status, 204);
    assert!(stage.tunnel.installed().is_empty(), "the peer is gone before the answer");
    let ended = stage.connect().await.call("GET", "/v1/session", Some(&grant.session_token), "").await;
    assert_eq!((ended.status, ended.problem().end_reason), (410, Some(EndReason::TokenLost)));
    assert_eq!(post(&stage, LOST, &grant, "").await.status, 410, "again");
    let tan = member.press();
    assert_eq!(stage.sign_in("m.muster", PASSWORD, &tan).await.fault(), FaultCode::Refused);
    let lost = stage.audited("token_lost").await;
    assert_eq!((lost.len(), lost[0].detail.as_str(), lost[0].actor.as_str()), (1, "T-m.muster", "member"));
    assert_eq!(stage.audited("session_ended").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_of_ours_a_loss_locks() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let grant = stage.enter(&mut member).await;
    let mut write = stage.gateway.database.write().await.unwrap();
    tokens::withdraw(&mut write, "T-m.muster").await.unwrap();
    write.commit().await.unwrap();
    assert_eq!(post(&stage, LOST, &grant, "").await.status, 204);
    assert_eq!(stage.sign_in("m.muster", PASSWORD, "123456").await.fault(), FaultCode::Locked);
    assert_eq!(stage.audited("lock").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_token_denies_nobody_the_other_one() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let mut other = second_token(&stage, "m.muster", Kind::Hotp).await;
    let mut write = stage.gateway.database.write().await.unwrap();
    sqlx::query("UPDATE token SET seed = $1 WHERE serial = 'Z-m.muster'")
        .bind(vec![7_u8; 48])
        .execute(&mut *write)
        .await
        .unwrap();
    write.commit().await.unwrap();
    let tan = other.press();
    assert_eq!(stage.sign_in("m.muster", PASSWORD, &tan).await.fault(), FaultCode::Refused);
    stage.enter(&mut member).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_creeps_is_followed_from_sign_in_to_sign_in() {
    let stage = Stage::on(STORE).await;
    stage.member("m.muster").await;
    let totp = second_token(&stage, "m.muster", Kind::Totp).await;
    for drift in 1..=4 {
        stage.gateway.clock.shift(3600);
        let tan = at(&totp, stage.gateway.clock.now() + drift * 30);
        stage.sign_in("m.muster", PASSWORD, &tan).await.grant();
        assert_eq!(drift_of(&stage).await, drift);
        assert_eq!(stage.sign_in("m.muster", PASSWORD, &tan).await.fault(), FaultCode::Refused, "spent");
    }
    stage.gateway.clock.shift(3600);
    // One that comes from where the token's clock is not.
    let tan = at(&totp, stage.gateway.clock.now());
    assert_eq!(stage.sign_in("m.muster", PASSWORD, &tan).await.fault(), FaultCode::Refused);
    // With a wrong password it is spent and teaches nothing.
    let tan = at(&totp, stage.gateway.clock.now() + 5 * 30);
    assert_eq!(stage.sign_in("m.muster", "falsch", &tan).await.fault(), FaultCode::Refused);
    assert_eq!(drift_of(&stage).await, 4);
    assert_eq!(stage.sign_in("m.muster", PASSWORD, &tan).await.fault(), FaultCode::Refused);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumped_is_brought_back_by_two_tans() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let totp = second_token(&stage, "m.muster", Kind::Totp).await;
    let grant = stage.enter(&mut member).await;
    let then = stage.gateway.clock.now() - 40 * 30;
    let request = two(&at(&totp, then), &at(&totp, then + 30));
    assert_eq!(post(&stage, RESYNC, &grant, &request).await.status, 204);
    assert!((-40..=-38).contains(&drift_of(&stage).await));
    stage.gateway.clock.shift(600);
    let tan = at(&totp, stage.gateway.clock.now() - 39 * 30);
    stage.sign_in("m.muster", PASSWORD, &tan).await.grant();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_goes_from_stock_to_one_owner_and_never_back() {
    let stage = Stage::on(STORE).await;
    stage.member("m.muster").await;
    let keys = &stage.gateway.keys;
    let stock = NewToken {
        serial: "S1".into(),
        kind: Kind::Hotp,
        hash: Hash::Sha256,
        digits: 8,
        period: 30,
        seed: Zeroizing::new(vec![1; 32]),
    };
    let mut write = stage.gateway.database.write().await.unwrap();
    let account = accounts::named(&mut write, "m.muster").await.unwrap();
    let owner = Owner::Account(account.id);
    tokens::add(&mut write, keys, None, &stock, 0).await.unwrap();
    assert!(tokens::add(&mut write, keys, None, &stock, 0).await.is_err(), "one serial number, one token");
    assert_eq!(tokens::usable(&mut write, keys, owner).await.unwrap().len(), 1);
    assert!(tokens::lose(&mut write, "S1").await.is_err(), "nobody has it");
    tokens::assign(&mut write, "S1", owner).await.unwrap();
    assert!(tokens::assign(&mut write, "S1", owner).await.is_err(), "it is in stock no longer");
    let usable = tokens::usable(&mut write, keys, owner).await.unwrap();
    assert_eq!(usable.len(), 2, "several tokens an account");
    assert_eq!(tokens::lose(&mut write, "S1").await.unwrap(), owner);
    assert_eq!(tokens::usable(&mut write, keys, owner).await.unwrap().len(), 1);
    assert!(tokens::assign(&mut write, "S1", owner).await.is_err());
    assert_eq!(tokens::withdraw(&mut write, "S1").await.unwrap(), Some(owner));
    assert!(tokens::lose(&mut write, "S1").await.is_err());
    assert!(tokens::assign(&mut write, "S1", owner).await.is_err());
    assert!(!tokens::spend_all(&mut write, &[], Learn::Drift).await.unwrap(), "no TAN is no success");
}

async fn drift_of(stage: &Stage) -> i64 {
    let select = "SELECT drift FROM token WHERE serial = 'Z-m.muster'";
    sqlx::query_scalar(select).fetch_one(stage.gateway.database.read()).await.unwrap()
}

/// What a token with a clock shows then.
fn at(member: &Member, time: i64) -> String {
    let now = format!("--now=@{time}");
    let line = ["--totp", "-b", &now, &BASE32_NOPAD.encode(&member.seed)];
    let output = Command::new("oathtool").args(line).output().expect("oathtool is installed by ./dev setup");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
