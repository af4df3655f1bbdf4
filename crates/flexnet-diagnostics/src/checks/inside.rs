//! Sign-in, tunnel, and what is inside it.

use flexnet_protocol::FaultCode;

use super::found::Found;
use crate::facts::{Answer, Facts, Leads, Page, Reach, SessionFacts};

/// Seconds after which a tunnel without a new handshake is dead (WireGuard's REJECT_AFTER_TIME).
const HANDSHAKE_OLD: u64 = 180;

/// What the service was told at the last sign-in. What could be measured now is not taken from it: it may be mended since.
pub(super) fn sign_in(facts: &Facts) -> Option<Found> {
    let session = facts.inside.session.as_ref().filter(|session| !session.is_live())?;
    let fault = session.fault.as_ref()?;
    // These stop the next sign-in, or this one; the others of the area tell of an entry that is over.
    const STOP: [FaultCode; 5] = [
        FaultCode::Locked,
        FaultCode::Refused,
        FaultCode::AccountDisabled,
        FaultCode::TokenOutOfStep,
        FaultCode::TokenLost,
    ];
    let found = Found::new(fault.code, fault.detail.as_str());
    match fault.code.number() {
        700..=799 => Some(found.stopping(STOP.contains(&fault.code))),
        110..=111 | 509 | 605..=606 | 609..=611 | 999 => Some(found),
        _ => None,
    }
}

/// The tunnel of a session that lives.
pub(super) fn tunnel(facts: &Facts) -> Vec<Found> {
    let Some(session) = facts.inside.session.as_ref().filter(|session| session.is_live()) else { return Vec::new() };
    let mut found = Vec::new();
    match &facts.network.to_portal {
        Some(Leads::Foreign(name)) => {
            found.push(Found::new(FaultCode::RouteTaken, "the portal's route leaves by another device").of(name));
        }
        Some(Leads::Beside) => {
            found.push(Found::new(FaultCode::RouteTaken, "the portal's route leaves beside the tunnel"));
        }
        Some(Leads::Right | Leads::Nowhere) | None => {}
    }
    if let Some(why) = silent(facts, session) {
        found.push(Found::new(FaultCode::TunnelLost, why).stopping(true));
    }
    found
}

fn silent(facts: &Facts, session: &SessionFacts) -> Option<String> {
    if session.state == "reconnecting" {
        return Some("the service is bringing it back".to_owned());
    }
    // A tunnel that nobody uses makes no handshakes; what answers inside proves it.
    let carries = facts.inside.names == Some(Answer::Right) || matches!(facts.inside.portal, Some(Reach::Open { .. }));
    if let Some(age) = session.handshake_age.filter(|age| *age > HANDSHAKE_OLD && !carries) {
        return Some(format!("the last handshake was {age} s ago"));
    }
    let dead = facts.inside.names == Some(Answer::Silent) && facts.inside.portal == Some(Reach::Silent);
    dead.then(|| "names and portal inside are both silent".to_owned())
}

/// Names inside, then the portal.
pub(super) fn portal(facts: &Facts) -> Vec<Found> {
    let inside = &facts.inside;
    if !inside.session.as_ref().is_some_and(SessionFacts::is_live) {
        return Vec::new();
    }
    let names = match inside.names {
        Some(Answer::Silent | Answer::Failure | Answer::Refused | Answer::Garbage | Answer::Truncated) => {
            Some(FaultCode::PortalNameService)
        }
        Some(Answer::NoSuchName | Answer::Blocked | Answer::Wrong) => Some(FaultCode::PortalNoName),
        Some(Answer::Right) | None => None,
    };
    let names = names.map(|code| Found::new(code, format!("the portal's name inside: {:?}", inside.names)));
    names.into_iter().chain(page(facts)).collect()
}

fn page(facts: &Facts) -> Option<Found> {
    let inside = &facts.inside;
    let down = |what: String| Some(Found::new(FaultCode::PortalSilent, what));
    let reach = inside.portal.as_ref()?;
    if !matches!(reach, Reach::Open { .. }) {
        return down(format!("TCP: {reach:?}"));
    }
    if inside.portal_untrusted {
        return down(
            "its certificate is not trusted by this system, and the portal's window shows no such page".to_owned(),
        );
    }
    match inside.head? {
        Page::Status(503) => Some(Found::new(FaultCode::PortalMaintenance, "503")),
        Page::Status(status @ 500..) => down(format!("status {status}")),
        Page::Cut => down("it ends without a word".to_owned()),
        Page::Silent | Page::Stalled => Some(Found::new(FaultCode::PortalSlow, "connected, no answer in 4 s")),
        Page::Status(_) => {
            let cut = matches!(inside.whole?, Page::Silent | Page::Stalled | Page::Cut);
            cut.then(|| Found::new(FaultCode::PortalPagesCut, "a small answer comes, a page does not"))
        }
    }
}
