//! Every message as it crosses a wire, one file each in `golden/`: what changes there is a change of the contract.
//! `UPDATE=1 cargo test -p flexnet-protocol` writes them anew; without it each is compared, and read back into the same value.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail like tests")]

use std::{collections::BTreeSet, env, fmt::Debug, fs, path::PathBuf};

use flexnet_protocol::{
    Fault, FaultCode, Key, Secret,
    desk::{Day, DeskContact, DeskStatus, Holidays, Hours},
    events::{Event, Level},
    gateway::{
        AttemptId, Client, EndReason, Grant, Handoff, Info, LastSignIn, Maintenance, OpenSession, Policy, PortalHost,
        Problem, Readiness, Redeem, Resume, Resync, SessionState, SignIn, TrafficPolicy, TunnelGrant, TunnelHint,
    },
    local::{Credentials, Health, Reply, Request, ToClient, ToService},
    repair::{Foreign, ForeignKind, RepairKind, RepairPlan, RepairStep, Repaired},
    snapshot::{Carrier, Counted, Ended, Portal, Session, Snapshot, State, Step, Warning, WrongEntry},
};
use serde::{Serialize, de::DeserializeOwned};

/// 2026-11-24 15:30:00 UTC, a Tuesday.
const NOW: i64 = 1_795_534_200;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// Compares messages with their files and collects the names.
#[derive(Default)]
struct Golden {
    names: BTreeSet<String>,
    wrong: Vec<String>,
}

impl Golden {
    fn message<T: Serialize + DeserializeOwned + PartialEq + Debug>(&mut self, name: &str, message: &T) {
        let json = serde_json::to_string_pretty(message).unwrap() + "\n";
        if ["reply-", "snapshot-"].iter().any(|outward| name.starts_with(outward)) {
            has_no_room_for_a_secret(name, &json);
        }
        let file = folder().join(format!("{name}.json"));
        if env::var_os("UPDATE").is_some() {
            fs::write(&file, &json).unwrap();
        }
        let written = fs::read_to_string(&file).unwrap_or_default();
        if written != json {
            self.wrong.push(format!("{name}.json holds\n{written}\nand the message is\n{json}"));
        }
        assert_eq!(&serde_json::from_str::<T>(&json).unwrap(), message, "{name} is not read back");
        assert!(self.names.insert(format!("{name}.json")), "{name} is there twice");
    }
}

/// Nothing that leaves the service holds what only the sign-in may hold.
fn has_no_room_for_a_secret(name: &str, json: &str) {
    for word in ["password", "\"tan\"", "token\"", "key\"", "secret", "seed"] {
        assert!(!json.contains(word), "{name} has {word}");
    }
}

#[test]
fn every_message_is_as_agreed() {
    let mut golden = Golden::default();
    requests(&mut golden);
    replies(&mut golden);
    snapshots(&mut golden);
    gateway(&mut golden);
    golden.message("faults", &FaultCode::ALL.iter().map(|&code| Fault::from(code)).collect::<Vec<_>>());
    assert!(golden.wrong.is_empty(), "UPDATE=1 takes these over:\n{}", golden.wrong.join("\n"));
    let there: BTreeSet<_> =
        fs::read_dir(folder()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(there, golden.names, "a file without a message");
}

fn requests(golden: &mut Golden) {
    let credentials =
        Credentials { username: "m.muster".into(), password: Secret::new("geheim"), tan: Secret::new("048159") };
    for request in [
        Request::Hello { version: "0.1.0".into() },
        Request::Watch,
        Request::Prepare,
        Request::SignIn(credentials),
        Request::Redeem { ticket: Secret::new("MDEyMzQ1Njc4OWFiY2RlZg") },
        Request::ConfirmIdentity { display_name: Some("Dr. Martina Muster".into()) },
        Request::ReportTokenLost,
        Request::ResyncToken { first: Secret::new("048159"), second: Secret::new("926532") },
        Request::Cancel,
        Request::Extend,
        Request::SignOut,
        Request::Acknowledge,
        Request::Repair,
        Request::RepairPreview,
        Request::Health,
        Request::Events,
    ] {
        // A new request does not compile here until it is in the list above.
        let name = match request {
            Request::Hello { .. } => "hello",
            Request::Watch => "watch",
            Request::Prepare => "prepare",
            Request::SignIn(_) => "sign-in",
            Request::Redeem { .. } => "redeem",
            Request::ConfirmIdentity { .. } => "confirm-identity",
            Request::ReportTokenLost => "report-token-lost",
            Request::ResyncToken { .. } => "resync-token",
            Request::Cancel => "cancel",
            Request::Extend => "extend",
            Request::SignOut => "sign-out",
            Request::Acknowledge => "acknowledge",
            Request::Repair => "repair",
            Request::RepairPreview => "repair-preview",
            Request::Health => "health",
            Request::Events => "events",
        };
        golden.message(&format!("request-{name}"), &ToService { id: 7, request });
    }
}

fn replies(golden: &mut Golden) {
    let filter = RepairStep::new(RepairKind::PacketFilter, "nft table inet kv_flexnet");
    let device = RepairStep::new(RepairKind::Device, "device kvflex0: busy");
    let foreign = vec![Foreign { kind: ForeignKind::Device, name: "tun0".into(), owner: "Muster-VPN".into() }];
    let plan = RepairPlan { steps: vec![device.clone(), filter.clone()], foreign: foreign.clone() };
    let repaired = Repaired { undone: vec![filter], failed: vec![device], foreign };
    let health = Health {
        handshake_age: Some(42),
        leftovers: vec!["table inet kv_flexnet".into()],
        duplicate_address: Some(false),
    };
    let event = Event {
        number: 17,
        at_ms: NOW * 1000 + 250,
        level: Level::Warn,
        place: "flexnet_service::service".into(),
        text: "left by an earlier run and taken back now what=device kvflex0".into(),
    };
    for reply in [
        Reply::Hello { version: "0.1.0".into() },
        Reply::Accepted,
        Reply::Done,
        Reply::WrongEntry(WrongEntry { fault: FaultCode::Refused.into(), attempts_left: Some(3) }),
        Reply::Refused(Fault::new(FaultCode::Busy, "a session lives")),
        Reply::Repaired(repaired),
        Reply::RepairPlan(plan),
        Reply::Health(health),
        Reply::Events(vec![event]),
    ] {
        let name = match reply {
            Reply::Hello { .. } => "hello",
            Reply::Accepted => "accepted",
            Reply::Done => "done",
            Reply::WrongEntry(_) => "wrong-entry",
            Reply::Refused(_) => "refused",
            Reply::Repaired(_) => "repaired",
            Reply::RepairPlan(_) => "repair-plan",
            Reply::Health(_) => "health",
            Reply::Events(_) => "events",
        };
        golden.message(&format!("reply-{name}"), &ToClient::Reply { id: 7, reply });
    }
}

fn snapshots(golden: &mut Golden) {
    let ended = |reason| State::SignedOut { ended: Some(Ended { at: NOW - 60, reason }), refused: None };
    let refused = |code: FaultCode, attempts_left| {
        let wrong = WrongEntry { fault: code.into(), attempts_left };
        State::SignedOut { ended: None, refused: Some(wrong) }
    };
    let warned = |reason, at, last_minute| {
        let warning = Some(Warning { reason, at, last_minute });
        State::Connected { session: Session { warning, carrier: Carrier::Https, ..session(None) } }
    };
    let confirming = |name: Option<&str>, digits: Option<&str>| State::Confirming {
        display_name: name.map(str::to_owned),
        digits: digits.map(str::to_owned),
        expires: NOW + 52,
    };
    let failed = |code: FaultCode, counted, until| State::Failed { fault: code.into(), counted, until };
    for (name, state) in [
        ("signed-out", State::SignedOut { ended: None, refused: None }),
        ("ended-signed-out", ended(EndReason::SignedOut)),
        ("ended-idle", ended(EndReason::Idle)),
        ("ended-absolute", ended(EndReason::Absolute)),
        ("ended-newer-sign-in", ended(EndReason::NewerSignIn)),
        ("ended-desk", ended(EndReason::Desk)),
        ("ended-token-lost", ended(EndReason::TokenLost)),
        ("refused", refused(FaultCode::Refused, Some(3))),
        ("tan-used", refused(FaultCode::TanUsed, None)),
        ("signing-in-gateway", State::SigningIn { step: Step::Gateway }),
        ("signing-in-sign-in", State::SigningIn { step: Step::SignIn }),
        ("identity", confirming(Some("Dr. Martina Muster"), None)),
        ("identity-unnamed", confirming(None, None)),
        ("confirming", confirming(Some("Dr. Martina Muster"), Some("47"))),
        ("connecting-tunnel", State::Connecting { step: Step::Tunnel }),
        ("connecting-portal", State::Connecting { step: Step::Portal }),
        ("connected", State::Connected { session: session(None) }),
        ("connected-portal-silent", State::Connected { session: session(Some(FaultCode::PortalSilent.into())) }),
        ("connected-idle-soon", warned(EndReason::Idle, NOW + 588, false)),
        ("connected-absolute-now", warned(EndReason::Absolute, NOW + 58, true)),
        ("reconnecting", State::Reconnecting { session: session(None), since: NOW - 20, next_try: NOW + 3 }),
        ("ending", State::Ending),
        ("locked", State::Locked { username: "m.muster".into(), fault: FaultCode::Locked.into() }),
        (
            "failed",
            State::Failed {
                fault: Fault::new(FaultCode::GatewaySilent, "203.0.113.10:443: time-out"),
                counted: Counted::No,
                until: None,
            },
        ),
        ("failed-unknown", failed(FaultCode::GatewayHangs, Counted::Unknown, None)),
        ("failed-counted", failed(FaultCode::AccountDisabled, Counted::Yes, None)),
        ("failed-maintenance", failed(FaultCode::Maintenance, Counted::No, Some(NOW + 1800))),
    ] {
        let snapshot = snapshot(state);
        golden.message(&format!("snapshot-{name}"), &ToClient::Snapshot(Box::new(snapshot)));
    }
}

fn gateway(golden: &mut Golden) {
    let policy = Policy { attempts: 5, idle_seconds: 1800, absolute_seconds: 36_000 };
    let info = Info {
        name: "Muster-KV".into(),
        version: "0.1.0".into(),
        min_client_version: "0.1.0".into(),
        server_time: NOW,
        policy,
        desk: desk(),
        portal_url: "http://portal.snk.example/".into(),
        tunnel: Some(TunnelHint {
            public_key: Key::new([2; 32]),
            endpoints: vec!["203.0.113.10:51820".parse().unwrap()],
        }),
        maintenance: None,
        readiness: Readiness::Ready,
    };
    golden.message("gateway-info", &info);
    golden.message("gateway-info-maintenance", &Info { maintenance: Some(Maintenance { until: Some(NOW) }), ..info });
    golden.message(
        "gateway-sign-in",
        &SignIn {
            attempt_id: AttemptId(*b"0123456789abcdef"),
            username: "m.muster".into(),
            password: Secret::new("geheim"),
            tan: Secret::new("048159"),
            client_public_key: Key::new([1; 32]),
            preshared_key: Some(Key::new([3; 32])),
            client: Client { version: "0.1.0".into(), os: "linux".into() },
        },
    );
    let last_sign_in = Some(LastSignIn { at: NOW - 86_400, same_network: true });
    for (name, policy) in
        [("portal-only-routes", TrafficPolicy::PortalOnlyRoutes), ("exclusive", TrafficPolicy::Exclusive)]
    {
        golden.message(
            &format!("gateway-grant-{name}"),
            &Grant {
                session_id: "s-0001".into(),
                session_token: Secret::new("c2Vzc2lvbiB0b2tlbiBvZiAzMiBieXRlcyAgICAgICA"),
                absolute_end: NOW + 36_000,
                idle_seconds: 1800,
                failures_before: 1,
                last_sign_in: last_sign_in.clone(),
                display_name: "Dr. Martina Muster".into(),
                portal_url: "http://portal.snk.example/".into(),
                tunnel: TunnelGrant {
                    gateway_public_key: Key::new([2; 32]),
                    preshared_key: Key::new([3; 32]),
                    endpoints: vec!["203.0.113.10:51820".parse().unwrap(), "[2001:db8:113::10]:51820".parse().unwrap()],
                    addresses: vec!["10.200.0.2/32".parse().unwrap()],
                    portal_networks: vec!["10.210.0.0/24".parse().unwrap()],
                    dns_servers: vec!["10.210.0.53".parse().unwrap()],
                    dns_domains: vec!["snk.example".into()],
                    portal_hosts: vec![PortalHost {
                        name: "portal.snk.example".into(),
                        addresses: vec!["10.210.0.10".parse().unwrap()],
                    }],
                    mtu: 1420,
                    keepalive_seconds: 25,
                    policy,
                },
            },
        );
    }
    golden.message(
        "gateway-session",
        &SessionState {
            session_id: "s-0001".into(),
            started: NOW,
            absolute_end: NOW + 36_000,
            idle_end: NOW + 1800,
            failures_before: 1,
            last_sign_in,
            open_sessions: vec![OpenSession {
                session_id: "s-0001".into(),
                started: NOW,
                network: "203.0.113.0/24".into(),
                own: true,
            }],
        },
    );
    golden.message(
        "gateway-redeem",
        &Redeem {
            ticket: Secret::new("dGlja2V0IG9mIDE2IGJ5dA"),
            client_public_key: Key::new([1; 32]),
            preshared_key: Some(Key::new([3; 32])),
            client: Client { version: "0.1.0".into(), os: "linux".into() },
        },
    );
    let handoff =
        |name: Option<&str>| Handoff { display_name: name.map(str::to_owned), digits: "07".into(), expires: NOW + 60 };
    golden.message("gateway-handoff", &handoff(Some("Dr. Martina Muster")));
    golden.message("gateway-handoff-unnamed", &handoff(None));
    golden.message(
        "gateway-resync",
        &Resync {
            attempt_id: AttemptId(*b"0123456789abcdef"),
            first: Secret::new("048159"),
            second: Secret::new("620018"),
        },
    );
    golden.message("gateway-resume", &Resume { client_public_key: Key::new([1; 32]), preshared_key: None });
    let problem = |fault, status, title: &str| Problem {
        kind: "about:blank".into(),
        title: title.into(),
        status,
        fault,
        attempts_left: None,
        end_reason: None,
        until: None,
    };
    let refused = Problem { attempts_left: Some(3), ..problem(FaultCode::Refused, 401, "refused") };
    golden.message("gateway-problem-refused", &refused);
    let over = Problem { end_reason: Some(EndReason::Idle), ..problem(FaultCode::SessionEnded, 401, "session ended") };
    golden.message("gateway-problem-session-ended", &over);
    let maintenance = Problem { until: Some(NOW + 1800), ..problem(FaultCode::Maintenance, 503, "maintenance") };
    golden.message("gateway-problem-maintenance", &maintenance);
}

fn desk() -> DeskContact {
    let time = |text: &str| text.parse().unwrap();
    DeskContact {
        name: "IT-ServiceDesk".into(),
        phone: "0231 94 32 99 00".into(),
        phone_uri: "+4923194329900".into(),
        time_zone: "Europe/Berlin".into(),
        holidays: Holidays::NordrheinWestfalen,
        hours: vec![
            Hours { days: vec![Day::Mon, Day::Tue, Day::Wed, Day::Thu], from: time("08:00"), to: time("17:00") },
            Hours { days: vec![Day::Fri], from: time("08:00"), to: time("14:00") },
        ],
    }
}

fn snapshot(state: State) -> Snapshot {
    Snapshot {
        revision: 12,
        version: "0.1.0".into(),
        organisation: "Muster-KV".into(),
        desk: desk().at(NOW),
        portal: Portal { url: "http://portal.snk.example/".into(), hosts: vec!["portal.snk.example".into()] },
        state,
    }
}

fn session(portal_fault: Option<Fault>) -> Session {
    Session {
        display_name: "Dr. Martina Muster".into(),
        started: NOW - 600,
        absolute_end: NOW + 35_400,
        failures_before: 1,
        last_sign_in: Some(LastSignIn { at: NOW - 86_400, same_network: false }),
        round_trip_ms: Some(21),
        traffic: vec![0, 51_200, 8_192],
        portal_fault,
        idle_end: NOW + 1200,
        warning: None,
        carrier: Carrier::Udp,
    }
}

/// What is shown as open or closed is what the desk's hours say.
#[test]
fn a_closed_desk_is_told_with_its_next_opening() {
    let mut golden = serde_json::to_value(desk().at(NOW + 7200)).unwrap();
    assert_eq!(golden["status"].take(), serde_json::json!({ "is": "closed", "opens": NOW + 55_800 }));
    assert!(matches!(desk().at(NOW).status, DeskStatus::Open { .. }));
}
