//! Our own parts on this PC: profile, service, leftovers.

use flexnet_protocol::FaultCode;

use super::found::Found;
use crate::facts::{Facts, ProfileFacts, Service};

/// Setup, installation, service, profile, leftovers.
pub(super) fn program(facts: &Facts) -> Vec<Found> {
    let program = &facts.program;
    let mut found = Vec::new();
    // Other packages are installed too; a service that answers is not waiting for any of them.
    if program.setup_runs == Some(true) && !matches!(program.service, Some(Service::Answers { fits: true, .. })) {
        found.push(Found::new(FaultCode::SetupRuns, "a package is being installed"));
    }
    found.extend(service(facts));
    match &facts.profile {
        ProfileFacts::Broken(why) => found.push(Found::new(FaultCode::ProfileBroken, why.as_str())),
        ProfileFacts::Missing if program.installed == Some(true) => {
            found.push(Found::new(FaultCode::ProfileBroken, "there is none"));
        }
        ProfileFacts::Missing | ProfileFacts::Unknown | ProfileFacts::Good { .. } => {}
    }
    let live = facts.inside.session.as_ref().is_some_and(|session| session.is_live());
    if let Some(left) = program.leftovers.as_ref().filter(|left| !left.is_empty() && !live) {
        found.push(Found::new(FaultCode::Leftovers, left.join("; ")));
    }
    found
}

fn service(facts: &Facts) -> Option<Found> {
    let program = &facts.program;
    let absent = program.installed == Some(false);
    Some(match program.service.as_ref()? {
        Service::Answers { fits: true, .. } => return None,
        Service::Answers { version, .. } => {
            Found::new(FaultCode::VersionsDiffer, format!("service {version}, this program {}", facts.version))
        }
        // Portal-only mode needs no service.
        Service::NoSocket | Service::Refused if program.portal_only => return None,
        Service::NoSocket if absent => Found::new(FaultCode::NotInstalled, "no service, no profile, no program"),
        Service::NoSocket => Found::new(FaultCode::ServiceDown, "it is installed and there is no socket"),
        Service::Refused => Found::new(FaultCode::ServiceDown, "nobody is behind its socket"),
        Service::Hangs => Found::new(FaultCode::ServiceHangs, "it takes a connection and says nothing"),
        Service::NotPermitted => Found::new(FaultCode::NotPermitted, "the socket refuses this person"),
        Service::Impostor(who) => Found::new(FaultCode::ServiceImpostor, "who serves is not the service").of(who),
        Service::Strange => Found::new(FaultCode::VersionsDiffer, "its answer makes no sense to this program"),
    })
}
