//! The name service.

use flexnet_protocol::FaultCode;

use super::found::Found;
use crate::facts::{Answer, Facts, Place, Resolver};

/// What says nothing false, and nothing useful.
const MUTE: [FaultCode; 5] = [
    FaultCode::NamesSilent,
    FaultCode::NamesFail,
    FaultCode::NamesRefused,
    FaultCode::NamesTruncated,
    FaultCode::ForeignNameServer,
];
/// Milliseconds from which an answer is slow.
const SLOW_MS: u64 = 2000;

/// The hosts file, then the resolver that the system would believe.
pub(super) fn names(facts: &Facts) -> Vec<Found> {
    let mut found = Vec::new();
    if facts.names.hosts_file == Some(true) {
        found.push(Found::new(FaultCode::HostsFile, "a line of the hosts file has the gateway's name"));
    }
    match facts.names.resolvers.as_deref() {
        Some([]) => found.push(Found::new(FaultCode::NoNameServers, "no resolver is set")),
        Some([first, rest @ ..]) => {
            // Some systems ask another way than we do, such as over TLS: who finds the name has no fault in being mute to us.
            let finds = facts.names.system == Some(Answer::Right);
            found.extend(resolvers(first, rest).filter(|one| !(finds && MUTE.contains(&one.finding.code))));
        }
        None => {}
    }
    found
}

/// The first that says something is believed; one before it that says nothing makes every start slow.
fn resolvers(first: &Resolver, rest: &[Resolver]) -> Option<Found> {
    if is_mute(first.gateway)
        && let Some(next) = rest.iter().find(|one| !is_mute(one.gateway))
    {
        return fault(next).or_else(|| {
            Some(Found::new(FaultCode::NamesSlow, format!("the first resolver ({}) is silent", place(first.place))))
        });
    }
    fault(first)
}

const fn is_mute(answer: Answer) -> bool {
    matches!(answer, Answer::Silent | Answer::Garbage)
}

fn fault(resolver: &Resolver) -> Option<Found> {
    let code = match resolver.gateway {
        Answer::Right => {
            let ms = resolver.ms.filter(|ms| *ms >= SLOW_MS)?;
            return Some(Found::new(FaultCode::NamesSlow, format!("the first answer took {ms} ms")));
        }
        Answer::Wrong => FaultCode::NamesFalse,
        Answer::Blocked => FaultCode::NameBlocked,
        Answer::NoSuchName => FaultCode::NameUnknown,
        Answer::Failure => FaultCode::NamesFail,
        Answer::Refused => FaultCode::NamesRefused,
        Answer::Truncated => FaultCode::NamesTruncated,
        Answer::Garbage | Answer::Silent => FaultCode::NamesSilent,
    };
    // Whoever set it has gone; what it says or does not say comes of that.
    let code = if resolver.place == Place::ForeignPrivate { FaultCode::ForeignNameServer } else { code };
    let other = format!("another name: {:?}", resolver.other);
    Some(Found::new(code, format!("resolver ({}): {:?}, {other}", place(resolver.place), resolver.gateway)))
}

const fn place(place: Place) -> &'static str {
    match place {
        Place::ThisPc => "on this PC",
        Place::Near => "in the own network",
        Place::ForeignPrivate => "in a private network that is not ours",
        Place::Internet => "in the internet",
    }
}
