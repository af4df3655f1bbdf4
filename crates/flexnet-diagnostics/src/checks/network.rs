//! The PC's own network, up to the router.

use std::net::IpAddr;

use flexnet_protocol::FaultCode;

use super::{found::Found, outside, way};
use crate::facts::{Adapter, AdapterKind, Facts, Leads, Router};

/// Adapter, link, address, default route, other VPNs, router: the first that fails ends it.
pub(super) fn up_to_the_router(facts: &Facts) -> Vec<Found> {
    let mut found: Vec<Found> = facts.network.adapters.as_deref().and_then(adapters).into_iter().collect();
    if let Some(routes) = &facts.network.routes
        && !routes.default_v4
        && !routes.default_v6
    {
        found.push(Found::new(FaultCode::NoDefaultRoute, "no default route of either family"));
    }
    // One that leads to the gateway does no harm.
    if let Some(Leads::Foreign(name)) = &facts.network.to_gateway
        && !way::is_ours(facts)
    {
        found.push(Found::new(FaultCode::ForeignVpn, "the route to the gateway leaves by a foreign device").of(name));
    }
    // A router that answers nobody and forwards everything is no fault.
    if facts.network.router == Some(Router::Silent) && !outside::anything_beyond(facts) {
        found.push(Found::new(FaultCode::RouterSilent, "silent on TCP 53 and 80 and at the first hop"));
    }
    found
}

/// The PC stands in a network with addresses of the portal's.
pub(super) fn overlap(facts: &Facts) -> Option<Found> {
    let overlaps = facts.network.overlaps_portal == Some(true);
    overlaps.then(|| Found::new(FaultCode::NetworksOverlap, "an own network overlaps a network of the portal"))
}

fn adapters(all: &[Adapter]) -> Option<Found> {
    let candidates = uplinks(all);
    let up: Vec<&Adapter> = candidates.iter().copied().filter(|one| one.up).collect();
    if up.is_empty() {
        return Some(Found::new(FaultCode::NoAdapter, format!("{} adapters, none is up", candidates.len())));
    }
    let linked: Vec<&Adapter> = up.iter().copied().filter(|one| one.carrier).collect();
    if linked.is_empty() {
        return Some(Found::new(FaultCode::LinkDown, "no adapter that is up has a link").of(first_name(&up)));
    }
    if !linked.iter().any(|one| one.addresses.iter().any(|net| leads_out(net.reveal().addr()))) {
        return Some(Found::new(FaultCode::NoAddress, "no address beyond the link").of(first_name(&linked)));
    }
    let twin = linked.iter().find(|one| one.duplicate)?;
    Some(Found::new(FaultCode::DuplicateAddress, "another device has the same address").of(&twin.name))
}

/// What could lead out: no tunnels; what is virtual only where nothing else is there, as in a virtual machine.
fn uplinks(all: &[Adapter]) -> Vec<&Adapter> {
    let of = |wanted: fn(AdapterKind) -> bool| all.iter().filter(|one| wanted(one.kind)).collect::<Vec<_>>();
    let real = of(|kind| !matches!(kind, AdapterKind::Ours | AdapterKind::ForeignVpn | AdapterKind::Virtual));
    if real.is_empty() { of(|kind| kind == AdapterKind::Virtual) } else { real }
}

/// Neither self-assigned (RFC 3927) nor valid on the link only (RFC 4291 §2.5.6).
fn leads_out(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !ip.is_link_local() && !ip.is_loopback(),
        IpAddr::V6(ip) => !ip.is_unicast_link_local() && !ip.is_loopback(),
    }
}

fn first_name<'a>(adapters: &[&'a Adapter]) -> &'a str {
    adapters.first().map_or("", |one| one.name.as_str())
}
