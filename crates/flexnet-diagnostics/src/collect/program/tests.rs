//! Services of each kind on a socket of their own.

#![cfg(unix)]

use std::{fs, path::PathBuf};

use flexnet_ipc::{Access, Listener};
use flexnet_protocol::{
    desk::{Desk, DeskContact, DeskStatus, Holidays},
    local::{Health, ToClient},
    snapshot::{Ended, Portal, WrongEntry},
};
use tempfile::TempDir;
use tokio::net::UnixListener;

use super::*;

/// What a service that rests has in its journal.
const LEFT: &str = "the journal holds Device";

fn socket() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("service.sock");
    (folder, path)
}

fn snapshot(state: State) -> Snapshot {
    let contact = DeskContact {
        name: "IT-ServiceDesk".into(),
        phone: String::new(),
        phone_uri: String::new(),
        time_zone: "UTC".into(),
        holidays: Holidays::None,
        hours: Vec::new(),
    };
    Snapshot {
        revision: 1,
        version: VERSION.into(),
        organisation: "KV".into(),
        desk: Desk { contact, status: DeskStatus::Closed { opens: None } },
        portal: Portal { url: "http://portal.snk.example/".into(), hosts: vec!["portal.snk.example".into()] },
        state,
    }
}

/// A service that shows this state, and whatever it is asked.
fn serve(path: &Path, state: State) {
    let listener = Listener::bind(path, Access::installed()).unwrap();
    tokio::spawn(async move {
        loop {
            let Ok((_, connection)) = listener.accept().await else { return };
            let state = state.clone();
            tokio::spawn(async move {
                let (mut requests, replies) = connection.split();
                while let Some(Ok(asked)) = requests.next().await {
                    if asked.request == Request::Watch {
                        replies.send(ToClient::Snapshot(Box::new(snapshot(state.clone()))));
                    }
                    let health = Health { leftovers: vec![LEFT.into()], ..Health::default() };
                    let reply = if asked.request == Request::Health { Reply::Health(health) } else { Reply::Accepted };
                    replies.send(ToClient::Reply { id: asked.id, reply });
                }
            });
        }
    });
}

#[tokio::test]
async fn a_service_tells_its_version_and_its_session() {
    let (_folder, path) = socket();
    serve(&path, State::SignedOut { ended: Some(Ended { at: 1, reason: EndReason::Desk }), refused: None });
    let Seen { program, session } = look(&path, VERSION).await;
    assert_eq!(program.service, Some(Service::Answers { version: VERSION.into(), fits: true }));
    assert_eq!(program.installed, Some(true));
    assert_eq!(program.leftovers.unwrap(), [LEFT]);
    let session = session.unwrap();
    assert_eq!((session.state.as_str(), session.fault.unwrap().code), ("signed_out", FaultCode::SessionEnded));
    let Seen { program, .. } = look(&path, "9.9.9").await;
    assert_eq!(program.service, Some(Service::Answers { version: VERSION.into(), fits: false }));
}

#[tokio::test]
async fn without_a_service_it_is_told_why() {
    let (_folder, path) = socket();
    let asked = async |path: &Path| look(path, VERSION).await.program;
    let program = asked(&path).await;
    assert_eq!(program.service, Some(Service::NoSocket));
    assert!(program.leftovers.is_some(), "nobody is there who could need what is left");
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    assert_eq!(asked(&path).await.service, Some(Service::Refused));
    fs::remove_file(&path).unwrap();
    fs::write(&path, "no socket").unwrap();
    assert_eq!(asked(&path).await.service, Some(Service::Refused));
}

#[tokio::test]
async fn a_service_that_says_nothing_hangs() {
    let (_folder, path) = socket();
    let _silent = UnixListener::bind(&path).unwrap();
    let program = look(&path, VERSION).await.program;
    assert_eq!((program.service, program.leftovers), (Some(Service::Hangs), None));
}

#[tokio::test]
async fn what_makes_no_sense_and_another_version_are_told_apart() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let (_folder, path) = socket();
    let listener = UnixListener::bind(&path).unwrap();
    let refusal = Reply::Refused(Fault::new(FaultCode::VersionsDiffer, "client 0.1.0, service 0.2.0"));
    let json = serde_json::to_vec(&ToClient::Reply { id: 0, reply: refusal }).unwrap();
    let mut frame = u32::try_from(json.len()).unwrap().to_be_bytes().to_vec();
    frame.extend(json);
    let answers = [frame, b"\x00\x00\x00\x02{}".to_vec()];
    tokio::spawn(async move {
        for answer in answers {
            // Whoever knocks first only looks who is there.
            drop(listener.accept().await.unwrap());
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut hello = [0; 16];
            stream.read_exact(&mut hello).await.unwrap();
            stream.write_all(&answer).await.unwrap();
            let mut rest = Vec::new();
            let _ = stream.read_to_end(&mut rest).await;
        }
    });
    let service = async || look(&path, VERSION).await.program.service;
    assert_eq!(service().await, Some(Service::Answers { version: "0.2.0".into(), fits: false }));
    assert!(matches!(service().await, Some(Service::Impostor(_))));
}

#[test]
fn each_state_has_its_name_in_json_and_tells_its_fault() {
    let wrong = WrongEntry { fault: FaultCode::Refused.into(), attempts_left: Some(3) };
    for (state, code) in [
        (State::SignedOut { ended: None, refused: Some(wrong) }, Some(FaultCode::Refused)),
        (State::SignedOut { ended: Some(Ended { at: 1, reason: EndReason::SignedOut }), refused: None }, None),
        (State::Ending, None),
        (State::Locked { username: "m.muster".into(), fault: FaultCode::Locked.into() }, Some(FaultCode::Locked)),
    ] {
        let json = serde_json::to_value(&state).unwrap();
        let told = told(&snapshot(state));
        assert_eq!(json["name"], told.state.as_str());
        assert_eq!(told.fault.map(|fault| fault.code), code);
    }
}
