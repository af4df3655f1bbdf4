//! Refused, given up, locked, switched off or overtaken meanwhile: nothing opens. What is no ticket, or not one's own, costs nobody anything.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_no_is_told_to_the_application() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let issued = issued(&stage, &mut member).await;
    let request = request_for(&issued.ticket);
    digits(&redeem(&stage, &request).await);
    let waiting = waiting(&stage, &request).await;
    let no = handoff::refuse(&stage.gateway, &issued.page_cookie, NETWORK).await.unwrap();
    assert_eq!(no, PageState::Refused);
    assert_eq!(waiting.await.unwrap().fault(), FaultCode::HandoffRefused);
    assert_eq!(stage.audited("handoff_refused").await[0].detail, "by the member");
}

async fn give_up(stage: &Stage, request: &str) {
    let answer = stage.connect().await.call("POST", "/v1/sessions/redeem/refuse", None, request).await;
    assert_eq!(answer.status, 204, "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn given_up_in_the_application_it_opens_nothing_any_more() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    for confirmed in [false, true] {
        let issued = issued(&stage, &mut member).await;
        let request = request_for(&issued.ticket);
        digits(&redeem(&stage, &request).await);
        if confirmed {
            assert_eq!(confirm(&stage, &issued).await, PageState::Done);
        }
        give_up(&stage, &request).await;
        assert_eq!(state(&stage, &issued).await, PageState::Refused);
        assert_eq!(confirm(&stage, &issued).await, PageState::Refused);
        assert_eq!(redeem(&stage, &request).await.fault(), FaultCode::HandoffRefused);
        give_up(&stage, &request).await;
    }
    let details: Vec<_> = stage.audited("handoff_refused").await.into_iter().map(|row| row.detail).collect();
    assert_eq!(details, ["in the application"; 2]);
    assert_eq!(sessions(&stage).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_has_taken_a_ticket_gives_it_up_and_no_session_ends_by_that() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let issued = issued(&stage, &mut member).await;
    let request = request_for(&issued.ticket);
    for before in ["issued", "redeemed"] {
        if before == "redeemed" {
            digits(&redeem(&stage, &request).await);
        }
        give_up(&stage, &request_for(&issued.ticket)).await;
        give_up(&stage, &request_for(&Secret::new(BASE64URL_NOPAD.encode(&[7; 16])))).await;
        assert!(!matches!(state(&stage, &issued).await, PageState::Refused), "{before}");
    }
    assert_eq!(confirm(&stage, &issued).await, PageState::Done);
    let grant = redeem(&stage, &request).await.grant();
    give_up(&stage, &request).await;
    let live = stage.connect().await.call("GET", "/v1/session", Some(&grant.session_token), "").await;
    assert_eq!(live.status, 200);
    assert!(stage.audited("handoff_refused").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_that_is_locked_meanwhile_loses_at_every_step() {
    let stage = Stage::on(STORE).await;
    for step in ["issued", "redeemed", "confirmed"] {
        let mut member = stage.member(&format!("m.{step}")).await;
        let issued = issued(&stage, &mut member).await;
        let request = request_for(&issued.ticket);
        if step != "issued" {
            digits(&redeem(&stage, &request).await);
        }
        if step == "confirmed" {
            assert_eq!(confirm(&stage, &issued).await, PageState::Done);
        }
        for _ in 0..5 {
            stage.sign_in(&member.username, "falsch", &member.wrong()).await;
        }
        if step == "redeemed" {
            assert_eq!(confirm(&stage, &issued).await, PageState::Refused);
        }
        for _ in 0..2 {
            assert_eq!(redeem(&stage, &request).await.fault(), FaultCode::Locked, "{step}");
        }
        assert_eq!(state(&stage, &issued).await, PageState::Refused, "{step}");
        // What was dead stays dead.
        stage.unlock(&member.username).await;
        assert_eq!(redeem(&stage, &request).await.fault(), FaultCode::HandoffRefused, "{step}");
    }
    assert_eq!(sessions(&stage).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn why_a_ticket_is_dead_is_told_without_a_write() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let issued = issued(&stage, &mut member).await;
    let request = request_for(&issued.ticket);
    digits(&redeem(&stage, &request).await);
    give_up(&stage, &request).await;
    // Somebody else has the row, and on SQLite the only write there is.
    let mut held = stage.gateway.database.write().await.unwrap();
    assert!(guard::hold_open(&mut held, &stage.gateway.keys.guard(&member.username)).await.unwrap());
    let answer = redeem(&stage, &request);
    let answer = tokio::time::timeout(std::time::Duration::from_secs(5), answer).await.expect("it waits for a write");
    assert_eq!(answer.fault(), FaultCode::HandoffRefused);
    held.rollback().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_switched_off_meanwhile_loses_at_every_step() {
    let stage = Stage::on(STORE).await;
    for step in ["issued", "redeemed", "confirmed"] {
        let mut member = stage.member(&format!("m.{step}")).await;
        let issued = issued(&stage, &mut member).await;
        let request = request_for(&issued.ticket);
        if step != "issued" {
            digits(&redeem(&stage, &request).await);
        }
        if step == "confirmed" {
            assert_eq!(confirm(&stage, &issued).await, PageState::Done);
        }
        let mut write = stage.gateway.database.write().await.unwrap();
        let account = accounts::named(&mut write, &member.username).await.unwrap();
        accounts::set_active(&mut write, account.id, false).await.unwrap();
        write.commit().await.unwrap();
        if step == "redeemed" {
            assert_eq!(confirm(&stage, &issued).await, PageState::Refused);
        }
        assert_eq!(redeem(&stage, &request).await.fault(), FaultCode::AccountDisabled, "{step}");
        assert_eq!(state(&stage, &issued).await, PageState::Refused, "{step}");
    }
    assert_eq!(sessions(&stage).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_page_ends_the_older_one() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let older = issued(&stage, &mut member).await;
    let request = request_for(&older.ticket);
    digits(&redeem(&stage, &request).await);
    let newer = issued(&stage, &mut member).await;
    assert_eq!(state(&stage, &older).await, PageState::Refused);
    assert_eq!(redeem(&stage, &request).await.fault(), FaultCode::HandoffRefused);
    digits(&redeem(&stage, &request_for(&newer.ticket)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_ticket_costs_nobody_anything() {
    let stage = Stage::on(STORE).await;
    let unknown = Secret::new(BASE64URL_NOPAD.encode(&[7; 16]));
    let answers = at_once(&stage, (0..200).map(|_| request_for(&unknown)).collect()).await;
    assert!(answers.iter().all(|answer| (answer.status, answer.fault()) == (410, FaultCode::HandoffOver)));
    for (request, fault) in [
        (request_for(&Secret::new("short")), FaultCode::EntryShape),
        (request_for(&unknown).replace("\"ticket\"", "\"token\""), FaultCode::BadRequest),
        (request_for(&unknown).replace(flexnet_protocol::VERSION, "0.0.0"), FaultCode::ClientTooOld),
        ("{".to_owned(), FaultCode::BadRequest),
    ] {
        assert_eq!(redeem(&stage, &request).await.fault(), fault, "{request}");
    }
    let cookie = Secret::new(BASE64URL_NOPAD.encode(&[8; 16]));
    assert_eq!(handoff::page_state(&stage.gateway, &cookie).await.unwrap(), PageState::Expired);
    assert_eq!(handoff::confirm(&stage.gateway, &cookie, NETWORK).await.unwrap(), PageState::Expired);
    assert_eq!(handoff::refuse(&stage.gateway, &cookie, NETWORK).await.unwrap(), PageState::Expired);
    assert!(stage.audited("handoff_refused").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_members_key_is_refused_and_the_ticket_lives() {
    let stage = Stage::on(STORE).await;
    let (mut member, mut other) = (stage.member("m.muster").await, stage.member("m.other").await);
    let tan = other.press();
    let taken = body("m.other", PASSWORD, &tan);
    stage.connect().await.post(&taken).await.grant();
    let key = serde_json::from_str::<Value>(&taken).unwrap()["client_public_key"].as_str().unwrap().to_owned();
    let issued = issued(&stage, &mut member).await;
    let request = request_for(&issued.ticket);
    let mut with_taken: Value = serde_json::from_str(&request).unwrap();
    with_taken["client_public_key"] = key.into();
    assert_eq!(redeem(&stage, &with_taken.to_string()).await.status, 422);
    digits(&redeem(&stage, &request).await);
}
