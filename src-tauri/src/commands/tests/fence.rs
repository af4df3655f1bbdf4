//! Who may call what: the main window its commands, a page of the portal none; and nothing beyond what a command is for.

use super::*;

#[test]
fn the_window_cannot_ask_what_is_no_question() {
    let stage = Stage::with(OUT);
    for bad in [
        json!({"question": "sign_in"}),
        json!({"question": {"sign_in": {"username": "m", "password": "p", "tan": "1"}}}),
        json!({"question": "hello"}),
        json!({"question": 7}),
        json!({"question": null}),
        json!({}),
    ] {
        assert!(stage.call("ask", bad.clone()).is_err(), "{bad}");
    }
    assert_eq!(stage.service.last(), Some(Request::Watch), "nothing reached the service");
}

#[test]
fn only_the_desks_number_is_dialled() {
    let stage = Stage::with(OUT);
    stage.call("call_desk", json!({"number": "+490900", "phone_uri": "+490900"})).unwrap();
    assert_eq!(stage.system.done(), ["dial +4923194329900"]);
    let mut snapshot = snapshot(OUT);
    for (revision, bad) in
        ["", "0231", "+49 231", "+49;ext=1", "+49\u{661}", "+", "//evil.example", "+1234567890123456"]
            .into_iter()
            .enumerate()
    {
        snapshot.revision = 100 + revision as u64;
        snapshot.desk.contact.phone_uri = bad.into();
        stage.service.send(&snapshot);
        stage.until(|link| link["snapshot"]["desk"]["contact"]["phone_uri"] == bad);
        assert_eq!(stage.fault("call_desk", json!({})), FaultCode::ProfileBroken, "{bad:?}");
    }
    assert_eq!(stage.system.done().len(), 1);
}

#[test]
fn the_folder_is_shown_and_about_says_who_is_there() {
    let stage = Stage::with(OUT);
    stage.call("show_folder", json!({"path": "/etc"})).unwrap();
    let shown = stage.system.done().concat();
    assert!(shown.starts_with("show ") && !shown.contains("/etc"), "{shown}");
    let about = stage.call("about", json!({})).unwrap();
    assert_eq!((&about["version"], &about["service_version"]), (&json!(VERSION), &json!("0.1.0")));
    assert_eq!(about["organisation"], "Muster-KV");
    assert!(["de", "en"].contains(&about["system_language"].as_str().unwrap()));
    stage.call("ui_ready", json!({})).unwrap();
}

#[test]
fn no_command_answers_a_page_of_the_portal() {
    let stage = Stage::with(OUT);
    let page = WebviewUrl::External("http://portal.snk.example/".parse().unwrap());
    for label in [portal::LABEL, "portal-2"] {
        let window = WebviewWindowBuilder::new(&stage.app, label, page.clone()).build().unwrap();
        // With the page's own address, and with ours, should a page ever be able to pretend that.
        for url in ["http://portal.snk.example/", "tauri://localhost"] {
            for command in COMMANDS {
                let refused = invoke(&window, url, command, json!({"question": "sign_out", "username": "m.muster"}));
                let reason = refused.expect_err(command).to_string();
                assert!(reason.contains("not allowed"), "{command} from {url} in {label}: {reason}");
            }
            for plugin in [
                "plugin:event|listen",
                "plugin:opener|open_url",
                "plugin:window|close",
                "plugin:webview|create_webview",
            ] {
                assert!(
                    invoke(&window, url, plugin, json!({"event": "link", "url": "http://x/"})).is_err(),
                    "{plugin}"
                );
            }
        }
    }
    assert_eq!(stage.service.last(), Some(Request::Watch), "nothing reached the service");
}

#[test]
fn the_main_window_has_its_commands_and_no_plugin() {
    let stage = Stage::with(OUT);
    let capability: Value = serde_json::from_str(include_str!("../../../capabilities/main.json")).unwrap();
    let allowed: Vec<_> = capability["permissions"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    for command in COMMANDS {
        assert!(allowed.contains(&format!("allow-{}", command.replace('_', "-")).as_str()), "{command}");
    }
    for plugin in
        ["plugin:opener|open_url", "plugin:autostart|enable", "plugin:window-state|filename", "plugin:window|create"]
    {
        assert!(stage.call(plugin, json!({"url": "http://example.com/", "path": "/"})).is_err(), "{plugin}");
    }
    // A page from elsewhere in the main window would be a page from elsewhere.
    let elsewhere = invoke(&main_window::window(stage.app.handle()), "https://example.com/", "link", json!({}));
    assert!(elsewhere.unwrap_err().to_string().contains("not allowed"));
}

const COMMANDS: [&str; 23] = [
    "link",
    "ask",
    "sign_in",
    "confirm_identity",
    "report_token_lost",
    "resync_token",
    "remembered",
    "forget",
    "settings",
    "save_settings",
    "open_portal",
    "about",
    "call_desk",
    "show_folder",
    "repair_plan",
    "diagnose",
    "stop_diagnosis",
    "report_preview",
    "report_save",
    "report_send",
    "widen",
    "ui_ready",
    "quit",
];
