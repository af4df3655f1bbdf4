//! What the window asks about a session, what it hears of one, and how it leaves.

use super::*;

#[test]
fn the_link_is_the_services_last_word() {
    let stage = Stage::with(OUT);
    let link = stage.call("link", json!({})).unwrap();
    assert_eq!(link["kind"], "up");
    assert_eq!(link["snapshot"]["state"], json!({"name": "signed_out", "ended": null, "refused": null}));
    stage.service.publish(SessionState::SigningIn { step: Step::Gateway });
    stage.wait_for("signing_in");
}

#[test]
fn a_service_that_goes_away_is_told_and_comes_back() {
    let stage = Stage::with(OUT);
    stage.service.away(true);
    stage.until(|link| link["kind"] == "down");
    assert_eq!(stage.call("link", json!({})).unwrap()["fault"]["code"], FaultCode::ServiceDown.to_string());
    assert_eq!(stage.fault("ask", json!({"question": "prepare"})), FaultCode::ServiceDown);
    assert_eq!(stage.fault("sign_in", entry(Some("geheim"), false)), FaultCode::ServiceDown);
    stage.service.away(false);
    stage.wait_for("signed_out");
    stage.call("ask", json!({"question": "prepare"})).unwrap();
}

#[test]
fn every_question_reaches_the_service() {
    let stage = Stage::with(OUT);
    let questions = [
        ("prepare", Request::Prepare),
        ("acknowledge", Request::Acknowledge),
        ("cancel", Request::Cancel),
        ("extend", Request::Extend),
        ("sign_out", Request::SignOut),
    ];
    for (question, request) in questions {
        assert_eq!(stage.call("ask", json!({"question": question})), Ok(Value::Null));
        assert_eq!(stage.service.last(), Some(request));
    }
    let repaired = stage.call("ask", json!({"question": "repair"})).unwrap();
    assert_eq!(
        repaired,
        json!({"undone": [{"kind": "device", "detail": "device kvflex0"}], "failed": [], "foreign": []})
    );
}

#[test]
fn what_a_repair_would_do_is_shown_before_it_does_it() {
    let stage = Stage::with(OUT);
    let plan = stage.call("repair_plan", json!({})).unwrap();
    assert_eq!(stage.service.last(), Some(Request::RepairPreview));
    assert!(!plan["steps"].as_array().unwrap().is_empty() && plan["foreign"].is_array(), "{plan}");
    stage.service.away(true);
    stage.until(|link| link["kind"] == "down");
    assert_eq!(stage.fault("repair_plan", json!({})), FaultCode::ServiceDown);
}

#[test]
fn a_lost_token_and_two_tans_are_answered_with_what_came_of_them() {
    let stage = Stage::with(connected());
    assert_eq!(stage.call("report_token_lost", json!({})), Ok(Value::Null));
    assert_eq!(stage.service.last(), Some(Request::ReportTokenLost));
    let resync = |first: &str| json!({"first": first, "second": "222222"});
    assert_eq!(stage.call("resync_token", resync("333333")), Ok(Value::Null));
    let sent = Request::ResyncToken { first: Secret::new("333333"), second: Secret::new("222222") };
    assert_eq!(stage.service.last(), Some(sent));
    let wrong = stage.call("resync_token", resync("111111")).unwrap();
    assert_eq!(wrong, json!({"fault": {"code": FaultCode::TokenOutOfStep.to_string()}, "attempts_left": 3}));
    assert_eq!(stage.fault("resync_token", resync("1")), FaultCode::EntryShape);
}

#[test]
fn a_link_of_the_browser_reaches_the_service_as_a_ticket_and_nothing_else_does() {
    let stage = Stage::with(OUT);
    let started = |arguments: &[&str]| {
        crate::handoff::started(stage.app.handle(), arguments.iter().map(|&argument| argument.to_owned()).collect());
    };
    started(&["kv-flexnet://connect?ticket=zu-kurz"]);
    started(&[]);
    started(&["kv-flexnet://connect?ticket=MDEyMzQ1Njc4OWFiY2RlZg"]);
    let ticket = Request::Redeem { ticket: Secret::new("MDEyMzQ1Njc4OWFiY2RlZg") };
    eventually("the ticket", || stage.service.last() == Some(ticket.clone()));
    let asked = stage.service.0.lock().unwrap().asked.clone();
    assert_eq!(asked, [Request::Watch, ticket]);
}

#[test]
fn whose_access_it_is_reaches_the_service_as_it_was_shown() {
    let stage = Stage::with(OUT);
    for display_name in [Some("Dr. Martina Muster".to_owned()), None] {
        let shown = json!({"displayName": display_name});
        assert_eq!(stage.call("confirm_identity", shown), Ok(Value::Null));
        assert_eq!(stage.service.last(), Some(Request::ConfirmIdentity { display_name }));
    }
}

#[test]
fn a_near_end_is_told_over_whatever_window_is_in_front() {
    let stage = Stage::with(OUT);
    let SessionState::Connected { session } = connected() else { unreachable!() };
    let warning = Some(Warning { reason: EndReason::Idle, at: 600, last_minute: false });
    stage.service.publish(SessionState::Connected { session: Session { warning, ..session } });
    stage.until(|link| link["snapshot"]["state"]["session"]["warning"]["at"] == 600);
    eventually("the reminder", || stage.system.done() == ["remind"]);
}

#[test]
fn the_portal_opens_with_a_session_only() {
    let stage = Stage::with(OUT);
    assert_eq!(stage.fault("open_portal", json!({})), FaultCode::BadRequest);
    stage.service.publish(SessionState::Connecting { step: Step::Portal });
    stage.service.publish(connected());
    eventually("the portal opens by itself", || stage.app.get_webview_window(portal::LABEL).is_some());
    stage.call("open_portal", json!({})).unwrap();
    stage.service.publish(SessionState::Ending);
    stage.wait_for("ending");
    assert_eq!(stage.fault("open_portal", json!({})), FaultCode::BadRequest);
}

#[test]
fn leaving_signs_out_first() {
    let stage = Stage::with(OUT);
    stage.service.publish(connected());
    stage.wait_for("connected");
    stage.call("quit", json!({})).unwrap();
    assert_eq!(stage.service.last(), Some(Request::SignOut));
    assert_eq!(stage.system.done(), ["end"]);
    assert_eq!(
        stage.call("link", json!({})).unwrap()["snapshot"]["state"]["name"],
        "signed_out",
        "it ended after the session"
    );
}

#[test]
fn leaving_gives_up_what_is_being_built_and_asks_nothing_without_a_session() {
    let stage = Stage::with(OUT);
    stage.call("quit", json!({})).unwrap();
    assert_eq!((stage.service.last(), stage.system.done()), (Some(Request::Watch), vec!["end".to_owned()]));
    stage.service.publish(SessionState::SigningIn { step: Step::Gateway });
    stage.wait_for("signing_in");
    stage.call("quit", json!({})).unwrap();
    assert_eq!(stage.service.last(), Some(Request::Cancel));
    stage.service.away(true);
    stage.until(|link| link["kind"] == "down");
    stage.call("quit", json!({})).unwrap();
    assert_eq!(stage.system.done().len(), 3);
}
