//! What was found, in order: the first that stops is the cause, and what follows from it is told as such.

use std::collections::BTreeSet;

use flexnet_protocol::{
    FaultCode,
    diagnosis::{Check, Finding, Place, Point, PointState, Verdict},
};

use super::found::Found;
use crate::facts::{Facts, ProfileFacts};

/// Hints that a member need not read while something is broken: what was measured over a way that fails, and a second network, which is often its mend.
const QUIET: [FaultCode; 10] = [
    FaultCode::SecondNetwork,
    FaultCode::LineSlow,
    FaultCode::LineDelays,
    FaultCode::Ipv6Broken,
    FaultCode::Ipv4Broken,
    FaultCode::NamesSlow,
    FaultCode::CertificateEndsSoon,
    FaultCode::UdpBlocked,
    FaultCode::UdpThrottled,
    FaultCode::UdpPacketsSmall,
];

/// The verdict. `found` is in the order of the way.
pub(super) fn verdict(facts: &Facts, found: Vec<Found>) -> Verdict {
    let first = found.iter().find(|one| one.stops).map(|one| one.finding.clone());
    let follows = |code| first.as_ref().is_some_and(|first| first.code.explains(code));
    let follows: Vec<bool> = found.iter().map(|one| follows(one.finding.code)).collect();
    let way = points(facts, &found, first.as_ref());
    let mut verdict = Verdict { first, hints: Vec::new(), later: Vec::new(), explained: Vec::new(), way };
    for (Found { finding, stops }, follows) in found.into_iter().zip(follows) {
        if verdict.first.as_ref() == Some(&finding) {
            continue;
        }
        let idle = verdict.first.is_some() && QUIET.contains(&finding.code);
        let place = match stops {
            _ if idle || follows => &mut verdict.explained,
            true => &mut verdict.later,
            false => &mut verdict.hints,
        };
        place.push(finding);
    }
    verdict
}

/// The six points: green up to where it breaks, and beyond it only what does not hang on it.
fn points(facts: &Facts, found: &[Found], first: Option<&Finding>) -> Vec<Point> {
    let broken = first.map(|first| check_of(first.code));
    let point = |place: Place| {
        let checks = || Check::ALL.into_iter().filter(move |check| check.place() == place);
        let looked: BTreeSet<Check> = checks().filter(|check| is_looked(facts, *check)).collect();
        let bad: BTreeSet<Check> =
            found.iter().map(|one| check_of(one.finding.code)).filter(|check| check.place() == place).collect();
        let state = match broken {
            Some(check) if check.place() == place => PointState::Broken,
            Some(check) if !is_apart(check) && check.place() < place => PointState::Open,
            Some(_) if place >= Place::SignIn && first.is_some_and(|first| check_of(first.code).place() < place) => {
                PointState::Open
            }
            Some(_) | None if looked.is_empty() => PointState::Open,
            Some(_) | None if bad.is_empty() => PointState::Good,
            Some(_) | None => PointState::Care,
        };
        let number = |n: usize| u8::try_from(n).unwrap_or(u8::MAX);
        let good = looked.difference(&bad).count();
        Point { place, state, good: number(good), looked: number(looked.union(&bad).count()) }
    };
    Place::ALL.into_iter().map(point).collect()
}

/// The way to the gateway does not hang on our own parts: where these fail, it is judged all the same.
const fn is_apart(check: Check) -> bool {
    matches!(check, Check::Service | Check::Leftovers | Check::StandAlone)
}

/// Whether there were facts to judge.
fn is_looked(facts: &Facts, check: Check) -> bool {
    let Facts { pc, network, outside, names, line, way, inside, program, .. } = facts;
    let live = inside.session.as_ref().is_some_and(crate::facts::SessionFacts::is_live);
    match check {
        Check::Clock => pc.clock_ahead.is_some(),
        Check::System => pc.system.is_some(),
        Check::Protection => pc.scanners.is_some() || pc.firewalls.is_some(),
        Check::Room => pc.home.is_some(),
        Check::Keyring => pc.keyring.is_some(),
        Check::Service => program.service.is_some() && facts.profile != ProfileFacts::Unknown,
        Check::Leftovers => program.leftovers.is_some(),
        Check::StandAlone => pc.domain_member.is_some() || network.safenet_route.is_some(),
        Check::Adapter | Check::Address => network.adapters.is_some(),
        Check::Router => network.routes.is_some(),
        Check::Internet => !outside.anchors.is_empty() || !way.ends.is_empty(),
        Check::CaptivePortal => outside.gateway_plain.is_some() || !outside.anchors.is_empty(),
        Check::Proxy => outside.proxy.is_some() || outside.announced_proxy.is_some(),
        Check::Names => names.resolvers.is_some(),
        Check::Quality => line.echo.as_ref().is_some_and(|echo| echo.answered > 0),
        Check::PacketSize => line.echo.as_ref().is_some_and(|echo| echo.largest.is_some()),
        Check::Reach => !way.ends.is_empty(),
        Check::Tls => way.through_proxy.is_some() || way.ends.iter().any(|end| end.tls.is_some()),
        Check::Gateway => facts.gateway.answer.is_some(),
        Check::Udp => line.echo.is_some(),
        Check::SignIn => inside.session.as_ref().is_some_and(|session| live || session.fault.is_some()),
        Check::Tunnel => live,
        Check::InnerNames => inside.names.is_some(),
        Check::Portal => inside.portal.is_some(),
    }
}

/// The check that finds a fault.
pub(super) const fn check_of(code: FaultCode) -> Check {
    match code.number() {
        1..=5 => Check::StandAlone,
        101..=102 => Check::Clock,
        103..=104 => Check::System,
        105..=106 | 108 => Check::Protection,
        107 => Check::Keyring,
        110..=114 => Check::Room,
        201..=202 => Check::Adapter,
        203..=204 | 608 => Check::Address,
        205..=206 | 218 => Check::Router,
        207 | 215..=217 => Check::Internet,
        208 => Check::CaptivePortal,
        209..=211 => Check::Proxy,
        212..=214 => Check::Quality,
        301..=311 => Check::Names,
        404 | 604 => Check::PacketSize,
        401..=403 | 420 => Check::Reach,
        405..=419 => Check::Tls,
        500..=508 => Check::Gateway,
        601..=603 => Check::Udp,
        605..=611 => Check::Tunnel,
        801..=802 => Check::InnerNames,
        803..=806 => Check::Portal,
        906 => Check::Leftovers,
        901..=910 => Check::Service,
        _ => Check::SignIn,
    }
}
