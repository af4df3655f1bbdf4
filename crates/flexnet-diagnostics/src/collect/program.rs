//! Our own parts on this PC: whether the service is installed, who serves its socket, what it says, and what a session left behind.
//! Reads and asks; repairs nothing.

use std::{path::Path, time::Duration};

use flexnet_ipc::{Client, Snapshots};
use flexnet_protocol::{
    Fault, FaultCode, VERSION,
    gateway::EndReason,
    local::{Reply, Request},
    snapshot::{Session, Snapshot, State},
};
use tokio::{task::spawn_blocking, time::timeout};

use crate::{
    facts::{Program, Service, SessionFacts},
    os::{self, Door, Left},
};

/// A service that does not answer hello in this time hangs.
const HELLO_WITHIN: Duration = Duration::from_secs(2);
/// The same for what is asked behind it.
const REPLY_WITHIN: Duration = Duration::from_secs(1);
/// Files and devices.
const LOOK_WITHIN: Duration = Duration::from_secs(2);

/// What the lane brings.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) program: Program,
    pub(super) session: Option<SessionFacts>,
}

/// Asks whoever serves the socket, and looks for what is left.
pub(super) async fn look(socket: &Path, version: &str) -> Seen {
    let (asked, installed, left) =
        tokio::join!(ask(socket, version), in_time(os::service::is_installed), in_time(|| Some(os::service::left())),);
    let Asked { service, session, told } = asked;
    let answers = matches!(service, Service::Answers { .. });
    let Left { changes, foreign } = left.unwrap_or_default();
    let leftovers = match &service {
        Service::Answers { .. } => match &session {
            Some(session) if holds_changes(&session.state) => Some(Vec::new()),
            // The service reads its journal; what it does not tell is seen from here.
            Some(_) => Some(told.unwrap_or(changes)),
            None => None,
        },
        // Nobody is there who could still need them.
        Service::NoSocket | Service::Refused => Some(changes),
        Service::Hangs | Service::NotPermitted | Service::Impostor(_) | Service::Strange => None,
    };
    Seen {
        program: Program {
            installed: if answers { Some(true) } else { installed },
            service: Some(service),
            leftovers,
            foreign,
            setup_runs: None,
            portal_only: false,
        },
        session,
    }
}

struct Asked {
    service: Service,
    session: Option<SessionFacts>,
    /// What the service itself says of leftovers.
    told: Option<Vec<String>>,
}

async fn ask(socket: &Path, version: &str) -> Asked {
    let only = |service| Asked { service, session: None, told: None };
    match timeout(HELLO_WITHIN, os::service::knock(socket)).await {
        Err(_) => return only(Service::Hangs),
        Ok(Door::Open) => {}
        Ok(Door::NoSocket) => return only(Service::NoSocket),
        Ok(Door::Refused) => return only(Service::Refused),
        Ok(Door::Full) => return only(Service::Hangs),
        Ok(Door::NotPermitted) => return only(Service::NotPermitted),
        Ok(Door::Impostor(who)) => return only(Service::Impostor(who)),
        Ok(Door::Strange) => return only(Service::Strange),
    }
    let (client, snapshots) = match timeout(HELLO_WITHIN, Client::connect(socket)).await {
        Err(_) => return only(Service::Hangs),
        Ok(Err(fault)) => return only(refused(&fault)),
        Ok(Ok(connected)) => connected,
    };
    // Hello is taken by the very same version only.
    let service = Service::Answers { version: VERSION.to_owned(), fits: version == VERSION };
    let Some(session) = session(&client, snapshots).await else { return only(service) };
    // A service that does not tell leaves it open.
    let health = match timeout(REPLY_WITHIN, client.request(Request::Health)).await {
        Ok(Ok(Reply::Health(health))) => Some(health),
        Ok(Ok(_) | Err(_)) | Err(_) => None,
    };
    let handshake_age = health.as_ref().and_then(|health| health.handshake_age);
    let told = health.map(|health| health.leftovers);
    Asked { service, session: Some(SessionFacts { handshake_age, ..session }), told }
}

/// Hello was not taken.
#[expect(clippy::wildcard_enum_match_arm, reason = "of the whole catalogue these are the answers to hello")]
fn refused(fault: &Fault) -> Service {
    match fault.code {
        // "client 0.1.0, service 0.2.0"
        FaultCode::VersionsDiffer => {
            let version = fault.detail.rsplit_once("service ").map_or("", |(_, version)| version);
            Service::Answers { version: version.to_owned(), fits: false }
        }
        FaultCode::NotPermitted => Service::NotPermitted,
        FaultCode::ServiceHangs => Service::Hangs,
        FaultCode::ServiceImpostor => Service::Impostor(String::new()),
        FaultCode::ServiceDown => Service::Refused,
        _ => Service::Strange,
    }
}

async fn session(client: &Client, mut snapshots: Snapshots) -> Option<SessionFacts> {
    let watched = timeout(REPLY_WITHIN, client.request(Request::Watch)).await.ok()?.ok()?;
    if watched != Reply::Accepted {
        return None;
    }
    let snapshot = timeout(REPLY_WITHIN, snapshots.next()).await.ok()??;
    Some(told(&snapshot))
}

fn told(snapshot: &Snapshot) -> SessionFacts {
    let session = snapshot.state.session();
    SessionFacts {
        state: name(&snapshot.state).to_owned(),
        fault: fault(&snapshot.state),
        carrier: session.map(|session| session.carrier),
        handshake_age: None,
    }
}

/// As it is written in JSON.
const fn name(state: &State) -> &'static str {
    match state {
        State::SignedOut { .. } => "signed_out",
        State::SigningIn { .. } => "signing_in",
        State::Confirming { .. } => "confirming",
        State::Connecting { .. } => "connecting",
        State::Connected { .. } => "connected",
        State::Reconnecting { .. } => "reconnecting",
        State::Ending => "ending",
        State::Locked { .. } => "locked",
        State::Failed { .. } => "failed",
    }
}

/// Whether the system is changed, or being changed, in that state.
fn holds_changes(state: &str) -> bool {
    ["signing_in", "connecting", "connected", "reconnecting", "ending"].contains(&state)
}

fn fault(state: &State) -> Option<Fault> {
    match state {
        State::Failed { fault, .. } | State::Locked { fault, .. } => Some(fault.clone()),
        State::SignedOut { refused: Some(wrong), .. } => Some(wrong.fault.clone()),
        State::SignedOut { ended: Some(ended), .. } => ended_by(ended.reason),
        State::Connected { session } | State::Reconnecting { session, .. } => portal_fault(session),
        State::SignedOut { ended: None, refused: None }
        | State::SigningIn { .. }
        | State::Confirming { .. }
        | State::Connecting { .. }
        | State::Ending => None,
    }
}

fn portal_fault(session: &Session) -> Option<Fault> {
    session.portal_fault.clone()
}

/// A member who has signed out misses nothing.
fn ended_by(reason: EndReason) -> Option<Fault> {
    let why = match reason {
        EndReason::SignedOut => return None,
        EndReason::Idle => "idle",
        EndReason::Absolute => "the longest time",
        EndReason::NewerSignIn => "a newer sign-in",
        EndReason::Desk => "the service desk",
        EndReason::TokenLost => "the token was reported lost",
    };
    Some(Fault::new(FaultCode::SessionEnded, why))
}

async fn in_time<T: Send + 'static>(look: impl FnOnce() -> Option<T> + Send + 'static) -> Option<T> {
    timeout(LOOK_WITHIN, spawn_blocking(look)).await.ok()?.ok()?
}

#[cfg(test)]
mod tests;
