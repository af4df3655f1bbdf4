//! Entries and what is kept of them.

use super::*;

#[test]
fn an_entry_is_sent_once_and_what_it_asks_for_is_kept_when_it_was_right() {
    let stage = Stage::with(OUT);
    stage.call("sign_in", entry(Some("geheim"), true)).unwrap();
    assert_eq!(stage.service.last(), Some(Request::SignIn(credentials("geheim"))));
    assert_eq!(
        stage.call("remembered", json!({"username": "m.muster"})),
        Ok(json!(false)),
        "not yet known to be right"
    );
    stage.service.publish(SessionState::SigningIn { step: Step::SignIn });
    stage.service.publish(SessionState::Connecting { step: Step::Tunnel });
    stage.wait_for("connecting");
    assert_eq!(stage.call("settings", json!({})).unwrap()["username"], "m.muster");
    eventually("the password is kept", || stage.call("remembered", json!({"username": "M.Muster"})) == Ok(json!(true)));
    // Next time the webview does not have it and does not get it.
    stage.call("sign_in", entry(None, true)).unwrap();
    assert_eq!(stage.service.last(), Some(Request::SignIn(credentials("geheim"))));
    stage.call("forget", json!({"username": "m.muster"})).unwrap();
    assert_eq!(stage.call("remembered", json!({"username": "m.muster"})), Ok(json!(false)));
    assert_eq!(stage.fault("sign_in", entry(None, false)), FaultCode::EntryShape);
}

#[test]
fn a_wrong_entry_keeps_nothing() {
    let stage = Stage::with(OUT);
    stage.call("sign_in", entry(Some("falsch"), true)).unwrap();
    stage.service.publish(SessionState::SigningIn { step: Step::SignIn });
    let refused = Some(WrongEntry { fault: FaultCode::Refused.into(), attempts_left: Some(4) });
    stage.service.publish(SessionState::SignedOut { ended: None, refused });
    stage.until(|link| link["snapshot"]["state"]["refused"]["attempts_left"] == 4);
    stage.service.publish(connected());
    stage.wait_for("connected");
    assert_eq!(stage.call("settings", json!({})).unwrap()["username"], Value::Null);
    assert_eq!(stage.call("remembered", json!({"username": "m.muster"})), Ok(json!(false)));
}

#[test]
fn broken_entries_are_refused_without_a_word_of_them() {
    let stage = Stage::with(OUT);
    for bad in [
        json!({}),
        json!({"entry": null}),
        json!({"entry": {"username": "m.muster", "password": "geheim", "tan": 123_456, "keep_password": false}}),
        json!({"entry": {"username": "m.muster", "password": "geheim", "keep_password": false}}),
        json!({"entry": {"username": "m.muster", "password": ["geheim"], "tan": "123456", "keep_password": false}}),
    ] {
        let error = stage.call("sign_in", bad).unwrap_err().to_string();
        assert!(!error.contains("geheim"), "{error}");
    }
    assert_eq!(stage.service.last(), Some(Request::Watch));
    let shown = format!("{:?}", serde_json::from_value::<Entry>(entry(Some("geheim"), true)["entry"].clone()).unwrap());
    assert!(!shown.contains("geheim") && !shown.contains("123456"), "{shown}");
}

#[test]
fn without_a_key_store_the_fault_says_so_and_signing_in_goes_on() {
    let stage = Stage::new(OUT, Keyring::with(|| Err(keyring_core::Error::NoStorageAccess("none".into()))));
    assert_eq!(stage.fault("remembered", json!({"username": "m.muster"})), FaultCode::KeyringLocked);
    assert_eq!(stage.fault("forget", json!({"username": "m.muster"})), FaultCode::KeyringLocked);
    assert_eq!(stage.fault("sign_in", entry(None, false)), FaultCode::KeyringLocked);
    assert_eq!(stage.call("remembered", json!({"username": " "})), Ok(json!(false)));
    stage.call("sign_in", entry(Some("geheim"), true)).unwrap();
    assert_eq!(stage.service.last(), Some(Request::SignIn(credentials("geheim"))));
}

#[test]
fn a_name_that_is_not_to_be_remembered_leaves_nothing_behind() {
    let stage = Stage::with(OUT);
    stage.call("sign_in", entry(Some("geheim"), true)).unwrap();
    stage.service.publish(connected());
    eventually("the password is kept", || stage.call("remembered", json!({"username": "m.muster"})) == Ok(json!(true)));
    let mut wanted = stage.call("settings", json!({})).unwrap();
    assert_eq!(wanted["username"], "m.muster");
    wanted["remember_username"] = json!(false);
    assert_eq!(stage.call("save_settings", json!({"settings": wanted})).unwrap()["username"], Value::Null);
    assert_eq!(stage.call("remembered", json!({"username": "m.muster"})), Ok(json!(false)));
}
