//! The name service: each resolver of the system asked directly, the hosts file, and what the system itself makes of it.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use flexnet_protocol::profile::Profile;
use futures_util::future::{join, join_all, join3};
use ipnet::IpNet;
use tokio::time::timeout;

use super::{
    dns::{self, Kind, Reply},
    icmp, nat64, resolve,
};
use crate::{
    facts::{Answer, Names, Place, Private, Resolver},
    os,
};

/// For the system's own resolver.
const SYSTEM: Duration = Duration::from_secs(4);
/// For the tables that tell what is near.
const TABLES: Duration = Duration::from_secs(2);
/// No system asks more than three; with a stub those behind it come on top.
const MOST: usize = 6;

/// Looks, for at most 6.5 s. Without a profile the gateway's name is not known: [`Resolver::gateway`] is then what the other name came to.
pub(crate) async fn look(profile: Option<&Profile>) -> Names {
    let servers = os::names::resolvers();
    let near = near().await;
    let wanted = Wanted::of(profile);
    let inside = |ip: IpAddr| profile.is_some_and(|p| p.portal_networks.iter().any(|network| network.contains(&ip)));
    let (ours, others): (Vec<SocketAddr>, Vec<SocketAddr>) =
        servers.clone().unwrap_or_default().into_iter().partition(|server| inside(server.ip()));
    let asked = join_all(others.iter().take(MOST).map(|server| one(*server, &wanted)));
    let (seen, system) = join(asked, system(&wanted)).await;
    let prefixes: Vec<nat64::Prefix> = seen.iter().flat_map(|seen| seen.prefixes.clone()).collect();
    let resolvers = others.iter().zip(&seen).map(|(server, seen)| Resolver {
        place: place(server.ip(), &near),
        gateway: seen.gateway(&wanted, &prefixes),
        other: seen.other,
        ms: seen.first.map(|first| u64::try_from(first.as_millis()).unwrap_or(u64::MAX)),
    });
    let told: Vec<bool> = seen.iter().filter_map(|seen| seen.nat64).collect();
    Names {
        // With nothing but resolvers inside the tunnel there is nothing to judge here.
        resolvers: (servers.is_some() && (ours.is_empty() || !others.is_empty())).then(|| resolvers.collect()),
        inside_only: !ours.is_empty() && others.is_empty(),
        hosts_file: profile.and_then(|_| os::names::hosts_file()).map(|text| hosts_lie(&text, &wanted)),
        system: system.map(|found| found.map_or_else(|why| why, |found| wanted.judge(&found, &prefixes))),
        nat64: (!told.is_empty()).then(|| told.contains(&true)),
    }
}

/// The gateway's name, and what it must have.
struct Wanted {
    name: Option<String>,
    addresses: Vec<IpAddr>,
}

impl Wanted {
    fn of(profile: Option<&Profile>) -> Self {
        let Some(profile) = profile else { return Self { name: None, addresses: Vec::new() } };
        let ends = profile.gateway_endpoints.iter().chain(&profile.gateway_udp);
        Self { name: Some(profile.gateway_name.clone()), addresses: ends.map(SocketAddr::ip).collect() }
    }

    fn judge(&self, found: &[IpAddr], prefixes: &[nat64::Prefix]) -> Answer {
        let translated = |ip: IpAddr| {
            self.addresses.iter().any(|wanted| match wanted {
                IpAddr::V4(v4) => prefixes.iter().any(|prefix| prefix.translates(*v4) == ip),
                IpAddr::V6(_) => false,
            })
        };
        if found.iter().any(|ip| self.addresses.contains(ip) || translated(*ip)) {
            Answer::Right
        } else if found.iter().all(|ip| is_filtered(*ip)) {
            Answer::Blocked
        } else {
            Answer::Wrong
        }
    }
}

/// What filters answer with.
const fn is_filtered(ip: IpAddr) -> bool {
    ip.is_unspecified() || ip.is_loopback()
}

/// What one resolver said.
struct Seen {
    gateway: Option<[Reply; 2]>,
    other: Answer,
    nat64: Option<bool>,
    prefixes: Vec<nat64::Prefix>,
    first: Option<Duration>,
}

async fn one(server: SocketAddr, wanted: &Wanted) -> Seen {
    let name = wanted.name.as_deref();
    let gateway = async {
        match name {
            Some(name) => {
                let (v4, v6) = join(dns::ask(server, name, Kind::V4), dns::ask(server, name, Kind::V6)).await;
                Some([v4, v6])
            }
            None => None,
        }
    };
    let (gateway, other, prefix) =
        join3(gateway, dns::ask(server, nat64::NAME, Kind::V4), dns::ask(server, nat64::NAME, Kind::V6)).await;
    let times = gateway.iter().flatten().chain([&other, &prefix]).filter_map(|(_, took)| *took);
    let first = times.min();
    let told = |found: &[IpAddr]| -> Vec<nat64::Prefix> {
        let v6 = |ip: &IpAddr| if let IpAddr::V6(ip) = ip { nat64::Prefix::of(*ip) } else { None };
        found.iter().filter_map(v6).collect()
    };
    let prefixes = if let Reply::Addresses(found) = &prefix.0 { Some(told(found)) } else { None };
    Seen {
        gateway: gateway.map(|both| both.map(|(reply, _)| reply)),
        other: answer(
            &other.0,
            |found| if found.iter().all(|ip| is_filtered(*ip)) { Answer::Blocked } else { Answer::Right },
        ),
        nat64: prefixes.as_ref().map(|prefixes| !prefixes.is_empty()),
        prefixes: prefixes.unwrap_or_default(),
        first,
    }
}

impl Seen {
    /// The better one of A and AAAA; a name without addresses of one kind says nothing of the other.
    fn gateway(&self, wanted: &Wanted, prefixes: &[nat64::Prefix]) -> Answer {
        let Some(replies) = &self.gateway else { return self.other };
        let told = replies.iter().filter(|reply| !matches!(reply, Reply::Addresses(found) if found.is_empty()));
        let answers = told.map(|reply| answer(reply, |found| wanted.judge(found, prefixes)));
        answers.min_by_key(|answer| rank(*answer)).unwrap_or(Answer::Blocked)
    }
}

fn answer(reply: &Reply, judge: impl Fn(&[IpAddr]) -> Answer) -> Answer {
    match reply {
        Reply::Addresses(found) => judge(found),
        Reply::NoSuchName => Answer::NoSuchName,
        Reply::Failure => Answer::Failure,
        Reply::Refused => Answer::Refused,
        Reply::Truncated => Answer::Truncated,
        Reply::Garbage => Answer::Garbage,
        Reply::Silent => Answer::Silent,
    }
}

const fn rank(answer: Answer) -> u8 {
    match answer {
        Answer::Right => 0,
        Answer::Wrong => 1,
        Answer::Blocked => 2,
        Answer::NoSuchName => 3,
        Answer::Refused => 4,
        Answer::Failure => 5,
        Answer::Truncated => 6,
        Answer::Garbage => 7,
        Answer::Silent => 8,
    }
}

async fn system(wanted: &Wanted) -> Option<Result<Vec<IpAddr>, Answer>> {
    Some(resolve::addresses(wanted.name.as_deref()?, SYSTEM).await)
}

/// Networks that the PC stands in, and its routers.
async fn near() -> Vec<IpNet> {
    let Ok(Ok(seen)) = timeout(TABLES, os::network::see()).await else { return Vec::new() };
    let own = seen.adapters.iter().flat_map(|(_, adapter)| &adapter.addresses).map(|network| *Private::reveal(network));
    let routers = seen.routes.iter().filter(|route| route.to.prefix_len() == 0).filter_map(|route| route.via);
    own.chain(routers.map(IpNet::from)).collect()
}

fn place(ip: IpAddr, near: &[IpNet]) -> Place {
    let ip = ip.to_canonical();
    let is_private = match ip {
        IpAddr::V4(v4) => v4.is_private() || matches!(v4.octets(), [100, 64..=127, ..]),
        IpAddr::V6(v6) => v6.is_unique_local(),
    };
    let is_link_local = match ip {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    };
    if ip.is_loopback() || icmp::is_own(ip) {
        Place::ThisPc
    } else if is_link_local || near.iter().any(|network| network.contains(&ip)) {
        Place::Near
    } else if is_private {
        Place::ForeignPrivate
    } else {
        Place::Internet
    }
}

/// A line of `hosts(5)` has the name with an address that is not the gateway's.
fn hosts_lie(text: &str, wanted: &Wanted) -> bool {
    let Some(name) = &wanted.name else { return false };
    text.lines().any(|line| {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        let ip = words.next().and_then(|word| word.parse::<IpAddr>().ok());
        ip.is_some_and(|ip| !wanted.addresses.contains(&ip)) && words.any(|word| word.eq_ignore_ascii_case(name))
    })
}

#[cfg(test)]
mod tests;
