//! Each command through Tauri's own door, with the real capability: as the main window calls it, and as a page of the portal would.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use flexnet_ipc::Client;
use flexnet_protocol::{
    desk::{DeskContact, Holidays},
    gateway::EndReason,
    local::{ToClient, ToService},
    snapshot::{Carrier, Portal, Session, Snapshot, State as SessionState, Step, Warning, WrongEntry},
};
use futures_util::FutureExt as _;
use keyring_core::CredentialStore;
use serde_json::{Value, json};
use tauri::{
    App, Manager as _, WebviewUrl, WebviewWindow, WebviewWindowBuilder,
    test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder},
    webview::InvokeRequest,
};

use super::*;
use crate::{keyring::Keyring, link::Keeper, settings::SettingsFile, system::System};

const OUT: SessionState = SessionState::SignedOut { ended: None, refused: None };

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
    assert_eq!(repaired, json!({"undone": ["route 10.210.0.0/24"], "failed": []}));
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
fn settings_are_saved_applied_and_checked() {
    let stage = Stage::with(OUT);
    let mut wanted = stage.call("settings", json!({})).unwrap();
    wanted["theme"] = json!("dark");
    wanted["text_size"] = json!(150);
    wanted["start_with_system"] = json!(true);
    wanted["username"] = json!("written by the window");
    let saved = stage.call("save_settings", json!({"settings": wanted})).unwrap();
    assert_eq!((&saved["theme"], &saved["text_size"], &saved["username"]), (&json!("dark"), &json!(150), &Value::Null));
    assert_eq!(stage.system.done(), ["start with system: true"]);
    assert_eq!(stage.call("settings", json!({})), Ok(saved));
    assert_eq!(SettingsFile::new(stage.folder.path()).load().text_size, TextSize::Percent(150));
    for (field, bad) in [("text_size", json!(20)), ("text_size", json!(999))] {
        wanted[field] = bad;
        assert_eq!(stage.fault("save_settings", json!({"settings": wanted})), FaultCode::BadRequest);
    }
    for (field, bad) in [("theme", json!("pink")), ("language", json!("fr")), ("keep_running", json!("yes"))] {
        let mut settings = stage.call("settings", json!({})).unwrap();
        settings[field] = bad;
        assert!(stage.call("save_settings", json!({"settings": settings})).is_err(), "{field}");
    }
}

#[test]
fn settings_that_cannot_be_written_do_not_hold() {
    let stage = Stage::with(OUT);
    std::fs::remove_dir_all(stage.folder.path()).unwrap();
    std::fs::write(stage.folder.path(), "in the way").unwrap();
    let mut wanted = stage.call("settings", json!({})).unwrap();
    wanted["theme"] = json!("dark");
    assert_eq!(stage.fault("save_settings", json!({"settings": wanted})), FaultCode::SettingsUnsaved);
    assert_eq!(stage.call("settings", json!({})).unwrap()["theme"], "system");
    std::fs::remove_file(stage.folder.path()).unwrap();
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
    let capability: Value = serde_json::from_str(include_str!("../../capabilities/main.json")).unwrap();
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

const COMMANDS: [&str; 13] = [
    "link",
    "ask",
    "sign_in",
    "remembered",
    "forget",
    "settings",
    "save_settings",
    "open_portal",
    "about",
    "call_desk",
    "show_folder",
    "ui_ready",
    "quit",
];

/// The application on Tauri's mock runtime, before a service that does what the test says.
struct Stage {
    app: App<MockRuntime>,
    service: Service,
    system: Twin,
    folder: tempfile::TempDir,
}

impl Stage {
    fn with(state: SessionState) -> Self {
        Self::new(state, Keyring::with(|| keyring_core::mock::Store::new().map(|store| store as Arc<CredentialStore>)))
    }

    fn new(state: SessionState, keyring: Keyring) -> Self {
        let app = mock_builder().invoke_handler(handler()).build(app::context()).unwrap();
        let (folder, service, system) = (tempfile::tempdir().unwrap(), Service::new(state), Twin::default());
        let keeper = Keeper::with(service.door(), PathBuf::from("/nowhere/profile.toml"));
        let settings = SettingsFile::new(folder.path());
        app::begin(app.handle(), Desktop::new(keeper, keyring, Box::new(system.clone()), settings)).unwrap();
        let stage = Self { app, service, system, folder };
        stage.until(|link| link["kind"] == "up");
        stage
    }

    fn call(&self, command: &str, arguments: Value) -> Result<Value, Value> {
        invoke(&main_window::window(self.app.handle()), "tauri://localhost", command, arguments)
    }

    fn fault(&self, command: &str, arguments: Value) -> FaultCode {
        let fault: Fault = serde_json::from_value(self.call(command, arguments).unwrap_err()).unwrap();
        fault.code
    }

    fn until(&self, mut wanted: impl FnMut(&Value) -> bool) {
        eventually("the link", || wanted(&self.call("link", json!({})).unwrap()));
    }

    fn wait_for(&self, state: &str) {
        self.until(|link| link["snapshot"]["state"]["name"] == state);
    }
}

fn invoke(window: &WebviewWindow<MockRuntime>, url: &str, command: &str, arguments: Value) -> Result<Value, Value> {
    let request = InvokeRequest {
        cmd: command.into(),
        callback: tauri::ipc::CallbackFn(0),
        error: tauri::ipc::CallbackFn(1),
        url: url.parse().unwrap(),
        body: tauri::ipc::InvokeBody::Json(arguments),
        headers: Default::default(),
        invoke_key: INVOKE_KEY.to_owned(),
    };
    get_ipc_response(window, request).map(|body| body.deserialize().unwrap())
}

fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(std::time::Instant::now() < deadline, "{what}: not within ten seconds");
        std::thread::yield_now();
    }
}

fn entry(password: Option<&str>, keep: bool) -> Value {
    json!({"entry": {"username": "m.muster", "password": password, "tan": "123456", "keep_password": keep}})
}

fn credentials(password: &str) -> Credentials {
    Credentials { username: "m.muster".into(), password: Secret::new(password), tan: Secret::new("123456") }
}

fn connected() -> SessionState {
    let session = Session {
        display_name: "Dr. Martina Muster".into(),
        started: 0,
        absolute_end: 0,
        failures_before: 0,
        last_sign_in: None,
        round_trip_ms: None,
        traffic: Vec::new(),
        portal_fault: None,
        idle_end: 0,
        warning: None,
        carrier: Carrier::Udp,
    };
    SessionState::Connected { session }
}

fn snapshot(state: SessionState) -> Snapshot {
    let desk = DeskContact {
        name: "IT-ServiceDesk".into(),
        phone: "0231 94 32 99 00".into(),
        phone_uri: "+4923194329900".into(),
        time_zone: "Europe/Berlin".into(),
        holidays: Holidays::None,
        hours: Vec::new(),
    };
    Snapshot {
        revision: 0,
        version: "0.1.0".into(),
        organisation: "Muster-KV".into(),
        desk: desk.at(0),
        portal: Portal { url: "http://portal.snk.example/".into(), hosts: vec!["portal.snk.example".into()] },
        state,
    }
}

/// A service in memory: accepts everything, tells what the test publishes, signs out when asked.
#[derive(Clone)]
struct Service(Arc<Mutex<Inner>>);

struct Inner {
    now: Snapshot,
    asked: Vec<Request>,
    clients: Vec<flexnet_ipc::Replies>,
    connections: Vec<tauri::async_runtime::JoinHandle<()>>,
    away: bool,
}

impl Service {
    fn new(state: SessionState) -> Self {
        let now = snapshot(state);
        Self(Arc::new(Mutex::new(Inner { now, asked: vec![], clients: vec![], connections: vec![], away: false })))
    }

    fn door(&self) -> crate::link::Connect {
        let service = self.clone();
        Box::new(move || {
            let service = service.clone();
            async move {
                if service.0.lock().unwrap().away {
                    return Err(FaultCode::ServiceDown.into());
                }
                let (end, connection) = flexnet_ipc::memory();
                let serving = tauri::async_runtime::spawn(service.clone().serve(connection));
                service.0.lock().unwrap().connections.push(serving);
                Client::over(end).await
            }
            .boxed()
        })
    }

    async fn serve(self, connection: flexnet_ipc::Connection) {
        let (mut requests, replies) = connection.split();
        while let Some(Ok(ToService { id, request })) = requests.next().await {
            let reply = match &request {
                Request::Hello { .. } => Reply::Hello { version: VERSION.into() },
                Request::Repair => {
                    Reply::Repaired(Repaired { undone: vec!["route 10.210.0.0/24".into()], failed: Vec::new() })
                }
                Request::ReportTokenLost => Reply::Done,
                Request::ResyncToken { first, .. } if first.expose() == "111111" => {
                    Reply::WrongEntry(WrongEntry { fault: FaultCode::TokenOutOfStep.into(), attempts_left: Some(3) })
                }
                Request::ResyncToken { first, .. } if first.expose() == "1" => {
                    Reply::Refused(FaultCode::EntryShape.into())
                }
                Request::ResyncToken { .. } => Reply::Done,
                Request::Watch
                | Request::Prepare
                | Request::SignIn(_)
                | Request::Redeem { .. }
                | Request::ConfirmIdentity { .. }
                | Request::Cancel
                | Request::Extend
                | Request::SignOut
                | Request::Acknowledge => Reply::Accepted,
            };
            replies.send(ToClient::Reply { id, reply });
            if request == Request::Watch {
                let mut inner = self.0.lock().unwrap();
                inner.clients.push(replies.clone());
                replies.send(ToClient::Snapshot(Box::new(inner.now.clone())));
            }
            let ends = matches!(request, Request::SignOut | Request::Cancel);
            if !matches!(request, Request::Hello { .. }) {
                self.0.lock().unwrap().asked.push(request);
            }
            if ends {
                self.publish(OUT);
            }
        }
    }

    fn publish(&self, state: SessionState) {
        let mut next = self.0.lock().unwrap().now.clone();
        next.state = state;
        next.revision += 1;
        self.send(&next);
    }

    fn send(&self, snapshot: &Snapshot) {
        let mut inner = self.0.lock().unwrap();
        inner.now = snapshot.clone();
        inner.clients.iter().for_each(|client| client.send(ToClient::Snapshot(Box::new(snapshot.clone()))));
    }

    fn last(&self) -> Option<Request> {
        self.0.lock().unwrap().asked.last().cloned()
    }

    fn away(&self, away: bool) {
        let mut inner = self.0.lock().unwrap();
        inner.away = away;
        inner.clients.clear();
        inner.connections.drain(..).for_each(|connection| connection.abort());
    }
}

/// The operating system in memory.
#[derive(Debug, Clone, Default)]
struct Twin(Arc<Mutex<Vec<String>>>);

impl Twin {
    fn done(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    fn note(&self, what: String) -> Result<(), String> {
        self.0.lock().unwrap().push(what);
        Ok(())
    }
}

impl System for Twin {
    fn dial(&self, number: &str) -> Result<(), String> {
        self.note(format!("dial {number}"))
    }

    fn show_folder(&self, folder: &Path) -> Result<(), String> {
        self.note(format!("show {}", folder.display()))
    }

    fn start_with_system(&self, wanted: bool) -> Result<(), String> {
        self.note(format!("start with system: {wanted}"))
    }

    fn remind(&self) -> Result<(), String> {
        self.note("remind".into())
    }

    fn end(&self) {
        self.note("end".into()).unwrap();
    }
}
