//! Each command through Tauri's own door, with the real capability: as the main window calls it, and as a page of the portal would.
//! `twins` are the service and the system in memory.

mod diagnosis;
mod entries;
mod fence;
mod session;
mod settings;
mod twins;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use flexnet_ipc::Client;
use flexnet_protocol::{
    desk::{DeskContact, Holidays},
    gateway::EndReason,
    local::{Health, ToClient, ToService},
    repair::{RepairKind, RepairPlan, RepairStep},
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

use self::{
    diagnosis::Looks,
    twins::{Service, Twin},
};
use super::*;
use crate::{keyring::Keyring, link::Keeper, settings::SettingsFile, system::System};

const OUT: SessionState = SessionState::SignedOut { ended: None, refused: None };

/// The application on Tauri's mock runtime, before a service that does what the test says.
struct Stage {
    app: App<MockRuntime>,
    service: Service,
    system: Twin,
    looks: Looks,
    folder: tempfile::TempDir,
}

impl Stage {
    fn with(state: SessionState) -> Self {
        Self::new(state, Keyring::with(|| keyring_core::mock::Store::new().map(|store| store as Arc<CredentialStore>)))
    }

    fn new(state: SessionState, keyring: Keyring) -> Self {
        let app = mock_builder().invoke_handler(handler()).build(app::context()).unwrap();
        let (folder, service, system) = (tempfile::tempdir().unwrap(), Service::new(state), Twin::default());
        let looks = Looks::default();
        let keeper = Keeper::with(service.door(), PathBuf::from("/nowhere/profile.toml"));
        let settings = SettingsFile::new(folder.path());
        app::begin(app.handle(), Desktop::new(keeper, keyring, looks.doors(), Box::new(system.clone()), settings))
            .unwrap();
        let stage = Self { app, service, system, looks, folder };
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
