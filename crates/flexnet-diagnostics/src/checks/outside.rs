//! Beyond the router: log-in pages, proxies, the internet itself.

use flexnet_protocol::FaultCode;

use super::{found::Found, way};
use crate::facts::{Anchor, Answer, Facts, Place, Plain, ProxyAnswer, Reach};

/// Log-in page, proxy, local block, internet.
pub(super) fn beyond_the_router(facts: &Facts) -> Vec<Found> {
    [captive(facts), proxy(facts), blocked_here(facts), only_ipv6(facts), internet(facts)]
        .into_iter()
        .flatten()
        .collect()
}

/// Whether anything at all came from beyond the router. A log-in page counts: its network works.
pub(super) fn anything_beyond(facts: &Facts) -> bool {
    let anchored = facts.outside.anchors.iter().any(|anchor| lives(&anchor.reach));
    let gateway = facts.way.ends.iter().any(|end| lives(&end.reach));
    let echoed = facts.line.echo.as_ref().is_some_and(|echo| echo.answered > 0);
    // A resolver may answer from memory, so it proves something only where no anchor could.
    let named = facts.outside.anchors.is_empty() && named(facts);
    anchored || gateway || echoed || named || through_proxy(facts)
}

/// A proxy that is set here, or announced, leads to the gateway.
pub(super) fn through_proxy(facts: &Facts) -> bool {
    let open = |proxy: &Option<crate::facts::Proxy>| proxy.as_ref().is_some_and(|p| p.answer == ProxyAnswer::Open);
    open(&facts.outside.proxy)
}

fn lives(reach: &Reach) -> bool {
    matches!(reach, Reach::Open { .. } | Reach::Refused)
}

fn named(facts: &Facts) -> bool {
    let resolvers = facts.names.resolvers.iter().flatten();
    resolvers.filter(|one| one.place != Place::ThisPc).any(|one| one.other == Answer::Right)
}

/// The status of somebody else's page.
fn foreign(plain: &Plain) -> Option<u16> {
    if let Plain::LogIn { status } | Plain::Page { status } = plain { Some(*status) } else { None }
}

/// A page of somebody else where an anchor should answer, while no certificate of ours gets through.
fn captive(facts: &Facts) -> Option<Found> {
    if way::is_ours(facts) {
        return None;
    }
    let anchors = facts.outside.anchors.iter().filter_map(|anchor| anchor.plain.as_ref());
    let status = anchors.chain(&facts.outside.gateway_plain).find_map(foreign)?;
    Some(Found::new(FaultCode::CaptivePortal, format!("plain HTTP is answered by somebody else, with status {status}")))
}

/// A proxy that fails stops nobody who gets through without it.
fn proxy(facts: &Facts) -> Option<Found> {
    let direct = facts.way.ends.iter().any(|end| matches!(end.reach, Reach::Open { .. }));
    if let Some(proxy) = &facts.outside.proxy {
        let (code, what) = match &proxy.answer {
            ProxyAnswer::Open => return None,
            ProxyAnswer::WantsPassword => (FaultCode::ProxyWantsPassword, "407".to_owned()),
            ProxyAnswer::Refuses { status } => (FaultCode::ProxyFails, format!("status {status}")),
            ProxyAnswer::Unreached(reach) => (FaultCode::ProxyFails, format!("not reached: {reach:?}")),
            ProxyAnswer::Silent => (FaultCode::ProxyFails, "silent".to_owned()),
            ProxyAnswer::BadAddress => (FaultCode::ProxyFails, "its address makes no sense".to_owned()),
        };
        return Some(Found::new(code, format!("from {}: {what}", proxy.source)).stopping(!direct));
    }
    let announced = facts.outside.announced_proxy.as_ref()?;
    let there = !matches!(announced.answer, ProxyAnswer::Unreached(_) | ProxyAnswer::Silent | ProxyAnswer::BadAddress);
    (there && !direct && !facts.way.ends.is_empty())
        .then(|| Found::new(FaultCode::ProxyNeeded, format!("announced by {}", announced.source)))
}

/// The PC itself refuses to send: a firewall or scanner on it.
fn blocked_here(facts: &Facts) -> Option<Found> {
    let tcp = facts.way.ends.iter().any(|end| end.reach == Reach::ForbiddenHere);
    let open = facts.way.ends.iter().any(|end| lives(&end.reach));
    let udp = facts.line.echo.as_ref().is_some_and(|echo| echo.forbidden_here && echo.answered == 0);
    let what = match (tcp && !open, udp) {
        (true, true) => "TCP and UDP to the gateway are forbidden here",
        (true, false) => "TCP to the gateway is forbidden here",
        (false, true) => "UDP to the gateway is forbidden here",
        (false, false) => return None,
    };
    let filter = facts.pc.filters.first().map_or("", String::as_str);
    Some(Found::new(FaultCode::BlockedHere, what).of(filter))
}

/// IPv6 works, the gateway has none or it does not lead there, and nothing translates.
fn only_ipv6(facts: &Facts) -> Option<Found> {
    let routes = facts.network.routes.as_ref()?;
    let v6_lives = facts.outside.anchors.iter().any(|anchor| !anchor.v4 && lives(&anchor.reach));
    let reached = facts.way.ends.iter().any(|end| lives(&end.reach));
    let stands = routes.default_v6 && !routes.default_v4 && v6_lives && !reached;
    (stands && facts.names.nat64 == Some(false) && !facts.way.ends.is_empty())
        .then(|| Found::new(FaultCode::OnlyIpv6, "no IPv4, no NAT64, and the gateway's IPv6 is not reached"))
}

fn internet(facts: &Facts) -> Option<Found> {
    let looked = !facts.outside.anchors.is_empty() || !facts.way.ends.is_empty();
    if !looked || anything_beyond(facts) || facts.outside.anchors.iter().any(says_something) {
        return None;
    }
    // Without anchors a dead gateway looks the same, unless somebody far away told of himself.
    if facts.outside.anchors.is_empty() && facts.outside.last_hop.unwrap_or(0) > 2 {
        return None;
    }
    let hop =
        facts.outside.last_hop.map_or_else(String::new, |hop| format!(", the last hop that told of itself is {hop}"));
    Some(Found::new(FaultCode::InternetGone, format!("nothing beyond the router answers{hop}")))
}

fn says_something(anchor: &Anchor) -> bool {
    anchor.plain.as_ref().is_some_and(|plain| !matches!(plain, Plain::Silent | Plain::Unreached(_)))
}

/// One family is dead on its way to the gateway and the other works.
pub(super) fn families(facts: &Facts) -> Option<Found> {
    let routes = facts.network.routes.as_ref()?;
    let of = |v4: bool| facts.way.ends.iter().filter(move |end| end.v4 == v4);
    let works = |v4: bool| of(v4).any(|end| matches!(end.reach, Reach::Open { .. }));
    let dead = |v4: bool| {
        of(v4).next().is_some() && of(v4).all(|end| matches!(end.reach, Reach::Silent | Reach::Unreachable(_)))
    };
    if routes.default_v6 && dead(false) && works(true) {
        return Some(Found::new(FaultCode::Ipv6Broken, "no IPv6 endpoint answers, an IPv4 one does"));
    }
    (routes.default_v4 && dead(true) && works(false))
        .then(|| Found::new(FaultCode::Ipv4Broken, "no IPv4 endpoint answers, an IPv6 one does"))
}
