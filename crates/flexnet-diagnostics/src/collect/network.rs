//! The PC's own network, up to the router: from the system's tables, and from a few packets that go no further than the router.

use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr, SocketAddrV6},
    time::Duration,
};

use flexnet_protocol::profile::Profile;
use futures_util::{
    FutureExt as _, StreamExt as _,
    future::{BoxFuture, join, join_all},
    stream::FuturesUnordered,
};
use ipnet::IpNet;
use tokio::time::timeout;

use super::{hops, icmp, tcp};
use crate::{
    facts::{Adapter, AdapterKind, Leads, Network, Private, Reach, Router, Routes},
    os,
};

/// For the system's own tables.
const TABLES: Duration = Duration::from_secs(2);
/// For the router.
const ROUTER: Duration = Duration::from_millis(1500);
/// What the routers of KV-SafeNet and the connectors of the telematics infrastructure take routes to: the KVs' own network, and the
/// open services beside it (gematik, gemSpec_Net: "Bestandsnetze", "offene Fachdienste").
const SAFENET: [&str; 2] = ["188.144.0.0/15", "100.102.0.0/15"];

/// The system's tables.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// All but the loopback, with the system's numbers.
    pub(crate) adapters: Vec<(u32, Adapter)>,
    /// Of all tables that forward.
    pub(crate) routes: Vec<Route>,
}

/// A route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Route {
    /// Where to.
    pub(crate) to: IpNet,
    /// The next router, if there is one.
    pub(crate) via: Option<IpAddr>,
    /// The adapter's number.
    pub(crate) adapter: u32,
    /// The lower, the sooner.
    pub(crate) metric: u32,
}

/// What leads to an address.
#[allow(dead_code, reason = "not every system is asked for its routes yet")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lead {
    /// Nothing.
    Nowhere,
    /// The adapter of this number.
    By(u32),
}

/// Looks at adapters, addresses, routes and the router, for at most 4 s.
pub(crate) async fn look(profile: Option<&Profile>) -> Network {
    let Ok(Ok(seen)) = timeout(TABLES, os::network::see()).await else { return Network::default() };
    let routes = default_routes(&seen);
    let towards = profile.and_then(|profile| profile.gateway_endpoints.first().copied());
    let asked = join(router(&seen, &routes, towards), leads(&seen, profile));
    let (router, (to_gateway, to_portal)) = asked.await;
    Network {
        routes: Some(routes),
        router,
        to_gateway,
        to_portal,
        overlaps_portal: profile.map(|profile| overlaps(&seen, &profile.portal_networks)),
        safenet_route: Some(leads_into_safenet(&seen)),
        adapters: Some(seen.adapters.into_iter().map(|(_, adapter)| adapter).collect()),
    }
}

impl Seen {
    fn adapter(&self, index: u32) -> Option<&Adapter> {
        self.adapters.iter().find(|(number, _)| *number == index).map(|(_, adapter)| adapter)
    }

    fn is_ours(&self, index: u32) -> bool {
        self.adapter(index).is_some_and(|adapter| adapter.kind == AdapterKind::Ours)
    }

    /// The default routes of a family, the one that is used first.
    fn defaults(&self, v4: bool) -> Vec<&Route> {
        let is_default = |route: &&Route| {
            route.to.prefix_len() == 0 && route.to.addr().is_ipv4() == v4 && !self.is_ours(route.adapter)
        };
        let mut routes: Vec<&Route> = self.routes.iter().filter(is_default).collect();
        routes.sort_by_key(|route| route.metric);
        routes
    }
}

fn default_routes(seen: &Seen) -> Routes {
    let router = |routes: &[&Route]| routes.iter().find_map(|route| route.via).map(Private::new);
    let (v4, v6) = (seen.defaults(true), seen.defaults(false));
    Routes { v4: router(&v4), v6: router(&v6), default_v4: !v4.is_empty(), default_v6: !v6.is_empty() }
}

/// Alive by the first sign of life. `None` if there is nobody to ask, or this PC lets nobody ask.
async fn router(seen: &Seen, routes: &Routes, towards: Option<SocketAddr>) -> Option<Router> {
    let mut asked: FuturesUnordered<BoxFuture<'_, Life>> = FuturesUnordered::new();
    for route in seen.defaults(true).into_iter().take(1).chain(seen.defaults(false).into_iter().take(1)) {
        let Some(via) = route.via else { continue };
        for port in [53, 80] {
            asked.push(answers(scoped(via, port, route.adapter)).boxed());
        }
    }
    if let Some(end) = towards
        && (if end.is_ipv4() { routes.default_v4 } else { routes.default_v6 })
    {
        asked.push(lets_die(end).boxed());
    }
    let mut router = None;
    while let Some(life) = asked.next().await {
        match life {
            Life::Sign => return Some(Router::Alive),
            Life::None => router = Some(Router::Silent),
            Life::NotAsked => {}
        }
    }
    router
}

enum Life {
    Sign,
    None,
    NotAsked,
}

/// TCP to the router itself, where a refusal is life.
async fn answers(router: SocketAddr) -> Life {
    match tcp::connect(router, ROUTER).await.0 {
        Reach::Open { .. } | Reach::Refused => Life::Sign,
        Reach::Unreachable(offender) if offender.who.is_some_and(|who| *who.reveal() == router.ip()) => Life::Sign,
        // Rules of this PC drop TCP without a word; of UDP they tell.
        Reach::Silent if icmp::is_forbidden(router).await => Life::NotAsked,
        Reach::Silent | Reach::Unreachable(_) => Life::None,
        Reach::ForbiddenHere | Reach::NoRoute | Reach::Other(_) => Life::NotAsked,
    }
}

/// A packet that ends at the first hop.
async fn lets_die(end: SocketAddr) -> Life {
    match hops::ends_at(end, 1, ROUTER).await {
        Some(_) => Life::Sign,
        None if os::icmp::TELLS => Life::None,
        None => Life::NotAsked,
    }
}

/// A link-local address means nothing without its adapter (RFC 4007 §6).
fn scoped(ip: IpAddr, port: u16, adapter: u32) -> SocketAddr {
    match ip {
        IpAddr::V6(ip) if ip.is_unicast_link_local() => SocketAddrV6::new(ip, port, 0, adapter).into(),
        IpAddr::V4(_) | IpAddr::V6(_) => SocketAddr::new(ip, port),
    }
}

async fn leads(seen: &Seen, profile: Option<&Profile>) -> (Option<Leads>, Option<Leads>) {
    let Some(profile) = profile else { return (None, None) };
    let ends: BTreeSet<IpAddr> = profile.gateway_endpoints.iter().map(SocketAddr::ip).collect();
    let inside = probes(seen, profile);
    let (to_gateway, to_portal) = join(asked(ends), asked(inside)).await;
    (to_gateway.map(|leads| towards_gateway(seen, &leads)), to_portal.map(|leads| towards_portal(seen, &leads)))
}

/// Asks the system what leads to each.
async fn asked(ends: BTreeSet<IpAddr>) -> Option<Vec<(IpAddr, Lead)>> {
    let one = |ip: IpAddr| async move { os::network::lead(ip).await.ok().map(|lead| (ip, lead)) };
    let leads = timeout(TABLES, join_all(ends.into_iter().map(one))).await.ok()?;
    leads.into_iter().collect()
}

/// Addresses of the portal's networks that may be led apart: the first and the last of each, the name services, and the first of each route into them.
fn probes(seen: &Seen, profile: &Profile) -> BTreeSet<IpAddr> {
    let networks = profile.portal_networks.iter();
    let routes = seen.routes.iter().map(|route| route.to);
    let into = routes.filter(|to| profile.portal_networks.iter().any(|network| network.contains(to)));
    let ends = networks.copied().chain(into).flat_map(|network| [second(network), last_but_one(network)]);
    ends.chain(profile.portal_name_servers.iter().copied()).collect()
}

/// The first that can be a host's.
fn second(network: IpNet) -> IpAddr {
    network.hosts().next().unwrap_or_else(|| network.addr())
}

/// The last that can be a host's. Of IPv6 the first does: its networks have no end that anybody uses.
fn last_but_one(network: IpNet) -> IpAddr {
    match network {
        IpNet::V4(v4) if v4.prefix_len() < 31 => (u32::from(v4.broadcast()) - 1).to_be_bytes().into(),
        IpNet::V4(_) | IpNet::V6(_) => second(network),
    }
}

fn towards_gateway(seen: &Seen, leads: &[(IpAddr, Lead)]) -> Leads {
    let mut sum = Leads::Nowhere;
    for (_, lead) in leads {
        let Lead::By(index) = lead else { continue };
        match seen.adapter(*index) {
            Some(adapter) if takes_elsewhere(seen, adapter) => return Leads::Foreign(adapter.name.clone()),
            Some(_) | None => sum = Leads::Right,
        }
    }
    sum
}

/// With our device: it must lead. Without: nobody else's tunnel may.
fn towards_portal(seen: &Seen, leads: &[(IpAddr, Lead)]) -> Leads {
    let session = seen.adapters.iter().any(|(_, adapter)| adapter.kind == AdapterKind::Ours && adapter.up);
    let (mut ours, mut beside) = (false, false);
    for (ip, lead) in leads {
        let Lead::By(index) = lead else { continue };
        let Some(adapter) = seen.adapter(*index) else { continue };
        if adapter.kind == AdapterKind::Ours {
            ours = true;
        } else if is_foreign(seen, adapter) || (session && has_own_route(seen, *ip, *index)) {
            return Leads::Foreign(adapter.name.clone());
        } else {
            beside = true;
        }
    }
    match (session, ours, beside) {
        // The gateway may grant fewer networks than the profile allows.
        (true, true, _) | (false, _, true) => Leads::Right,
        (true, false, true) => Leads::Beside,
        (_, _, false) => Leads::Nowhere,
    }
}

fn takes_elsewhere(seen: &Seen, adapter: &Adapter) -> bool {
    adapter.kind == AdapterKind::Ours || is_foreign(seen, adapter)
}

/// PPP is the way out where nothing else has an address, and a tunnel where something has.
fn is_foreign(seen: &Seen, adapter: &Adapter) -> bool {
    match adapter.kind {
        AdapterKind::ForeignVpn => true,
        AdapterKind::Ppp => seen.adapters.iter().any(|(_, other)| {
            matches!(other.kind, AdapterKind::Cable | AdapterKind::Wifi) && other.carrier && has_wide_address(other)
        }),
        AdapterKind::Cable
        | AdapterKind::Wifi
        | AdapterKind::Mobile
        | AdapterKind::Ours
        | AdapterKind::Virtual
        | AdapterKind::Other => false,
    }
}

fn has_wide_address(adapter: &Adapter) -> bool {
    adapter.addresses.iter().any(|network| match network.reveal().addr() {
        IpAddr::V4(ip) => !ip.is_link_local(),
        IpAddr::V6(ip) => !ip.is_unicast_link_local(),
    })
}

/// It is led there by more than the default route.
fn has_own_route(seen: &Seen, ip: IpAddr, adapter: u32) -> bool {
    seen.routes.iter().any(|route| route.adapter == adapter && route.to.prefix_len() > 1 && route.to.contains(&ip))
}

fn overlaps(seen: &Seen, portal: &[IpNet]) -> bool {
    let others = seen.adapters.iter().filter(|(_, adapter)| adapter.kind != AdapterKind::Ours);
    let mut networks = others.flat_map(|(_, adapter)| &adapter.addresses).map(Private::reveal);
    networks.any(|own| portal.iter().any(|network| network.contains(&own.trunc()) || own.contains(network)))
}

fn leads_into_safenet(seen: &Seen) -> bool {
    let known: Vec<IpNet> = SAFENET.iter().filter_map(|network| network.parse().ok()).collect();
    let into = |route: &Route| known.iter().any(|network| network.contains(&route.to));
    seen.routes.iter().any(|route| into(route) && !seen.is_ours(route.adapter))
}

#[cfg(test)]
mod tests;
