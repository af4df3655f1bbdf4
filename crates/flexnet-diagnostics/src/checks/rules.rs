//! The rule of the stand-alone PC (KV-FlexNet is for one PC apart from the practice's network, or a home office). Passive and local: nobody is asked.

use std::collections::BTreeSet;

use flexnet_protocol::FaultCode;
use ipnet::IpNet;

use super::found::Found;
use crate::facts::{Adapter, AdapterKind, Facts};

/// Hints only: who reads them knows the place, we do not.
pub(super) fn stand_alone(facts: &Facts) -> Vec<Found> {
    let mut found = Vec::new();
    if facts.network.safenet_route == Some(true) {
        found.push(Found::new(FaultCode::SafeNetRoute, "a route of a KV-SafeNet router or a connector"));
    }
    if facts.pc.domain_member == Some(true) {
        found.push(Found::new(FaultCode::DomainMember, "the PC belongs to a domain"));
    }
    let adapters = facts.network.adapters.as_deref().unwrap_or_default();
    let private = private_networks(adapters);
    if private > 1 {
        found.push(Found::new(FaultCode::SecondNetwork, format!("{private} private networks")));
    }
    if let Some(shares) = facts.pc.shares.as_ref().filter(|shares| !shares.is_empty()) {
        found.push(Found::new(FaultCode::PracticeShares, format!("mounted: {}", shares.join(", "))));
    }
    let carries = |one: &&Adapter| one.carrier && !one.addresses.is_empty();
    let fixed = |kind| matches!(kind, AdapterKind::Cable | AdapterKind::Wifi | AdapterKind::Ppp);
    let mobile = adapters.iter().find(|one| one.kind == AdapterKind::Mobile && carries(one));
    if let Some(mobile) = mobile.filter(|_| !adapters.iter().any(|one| fixed(one.kind) && carries(&one))) {
        found.push(Found::new(FaultCode::MobileLine, "the only line is a mobile one").of(&mobile.name));
    }
    found
}

/// Private networks of IPv4 (RFC 1918) that the PC stands in by cable or Wi-Fi.
fn private_networks(adapters: &[Adapter]) -> usize {
    let of_a_network = |kind| matches!(kind, AdapterKind::Cable | AdapterKind::Wifi | AdapterKind::Other);
    let linked = adapters.iter().filter(|one| of_a_network(one.kind) && one.up && one.carrier);
    let nets = linked.flat_map(|one| one.addresses.iter().map(|net| net.reveal().trunc()));
    nets.filter(|net| matches!(net, IpNet::V4(v4) if v4.addr().is_private())).collect::<BTreeSet<_>>().len()
}
