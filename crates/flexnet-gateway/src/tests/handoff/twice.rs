//! What comes twice, at once, or from two sides: one session or none.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_second_application_ends_it_for_both() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    for confirmed in [false, true] {
        let issued = issued(&stage, &mut member).await;
        let (own, other) = (request_for(&issued.ticket), request_for(&issued.ticket));
        digits(&redeem(&stage, &own).await);
        if confirmed {
            assert_eq!(confirm(&stage, &issued).await, PageState::Done);
        }
        assert_eq!(redeem(&stage, &other).await.fault(), FaultCode::HandoffRefused);
        let answer = redeem(&stage, &own).await;
        assert_eq!((answer.status, answer.fault()), (403, FaultCode::HandoffRefused));
        assert_eq!(state(&stage, &issued).await, PageState::Refused);
        assert_eq!(confirm(&stage, &issued).await, PageState::Refused);
    }
    assert_eq!(sessions(&stage).await, 0);
    let details: Vec<_> = stage.audited("handoff_refused").await.into_iter().map(|row| row.detail).collect();
    assert_eq!(details, ["a second application", "a second application"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_the_ticket_has_no_session_of_somebody_elses_keys() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let issued = issued(&stage, &mut member).await;
    let own = request_for(&issued.ticket);
    redeem(&stage, &own).await;
    confirm(&stage, &issued).await;
    let grant = redeem(&stage, &own).await.grant();
    // The session has begun with the keys whose digits the member has seen; the ticket is worth nothing any more.
    let other = redeem(&stage, &request_for(&issued.ticket)).await;
    assert_eq!((other.status, other.fault()), (410, FaultCode::HandoffOver));
    let key = serde_json::from_str::<Value>(&own).unwrap()["client_public_key"].clone();
    let without = json!({ "ticket": issued.ticket.expose(), "client_public_key": key,
        "client": { "version": flexnet_protocol::VERSION, "os": "linux" } });
    assert_eq!(
        redeem(&stage, &without.to_string()).await.fault(),
        FaultCode::HandoffOver,
        "not by the public key alone"
    );
    let live = stage.connect().await.call("GET", "/v1/session", Some(&grant.session_token), "").await;
    assert_eq!(live.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_applications_at_once_get_nothing() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let issued = issued(&stage, &mut member).await;
    let bodies: Vec<_> = (0..30).map(|_| request_for(&issued.ticket)).collect();
    let answers = at_once(&stage, bodies).await;
    let shown = answers.iter().filter(|answer| answer.status == 202).count();
    assert!(shown <= 1, "{shown} applications show digits");
    assert!(answers.iter().filter(|answer| answer.status != 202).all(|a| a.fault() == FaultCode::HandoffRefused));
    assert_eq!(confirm(&stage, &issued).await, PageState::Refused);
    assert_eq!(sessions(&stage).await, 0);
    assert_eq!(stage.audited("handoff_refused").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_twice_and_at_once_is_one_session() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let issued = issued(&stage, &mut member).await;
    let request = request_for(&issued.ticket);
    let shown: Vec<_> = at_once(&stage, vec![request.clone(); 20]).await.iter().map(digits).collect();
    assert!(shown.iter().all(|digits| *digits == shown[0]), "{shown:?}");
    let yes = futures_util::future::join_all((0..20).map(|_| confirm(&stage, &issued))).await;
    assert!(yes.iter().all(|state| *state == PageState::Done));
    let grants: Vec<_> = at_once(&stage, vec![request; 20]).await.iter().map(Answer::grant).collect();
    assert!(grants.iter().all(|grant| *grant == grants[0]));
    assert_eq!(sessions(&stage).await, 1);
    assert_eq!(stage.tunnel.installed().len(), 1);
    for event in ["handoff_redeemed", "handoff_confirmed", "session_started"] {
        assert_eq!(stage.audited(event).await.len(), 1, "{event}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn yes_and_no_at_once_is_one_of_them() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    for _ in 0..5 {
        let issued = issued(&stage, &mut member).await;
        let request = request_for(&issued.ticket);
        digits(&redeem(&stage, &request).await);
        let before = sessions(&stage).await;
        let no = handoff::refuse(&stage.gateway, &issued.page_cookie, NETWORK);
        let (yes, no, answer) = tokio::join!(confirm(&stage, &issued), no, redeem(&stage, &request));
        let (last, shown) = (redeem(&stage, &request).await, state(&stage, &issued).await);
        let begun = sessions(&stage).await - before;
        match last.status {
            201 => assert_eq!((begun, &shown), (1, &PageState::Done), "{yes:?} {no:?} {answer:?}"),
            403 => assert_eq!((begun, &shown), (0, &PageState::Refused), "{yes:?} {no:?} {answer:?}"),
            _ => panic!("{last:?}"),
        }
    }
}
