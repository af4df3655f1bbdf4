//! Adapters, addresses and routes by rtnetlink, which tells everybody. Never changes anything.

use std::{
    fs, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use futures_util::TryStreamExt as _;
use ipnet::IpNet;
use rtnetlink::{
    Handle, RouteMessageBuilder, new_connection,
    packet_route::{
        AddressFamily,
        address::{AddressAttribute, AddressFlags, AddressMessage},
        link::{LinkAttribute, LinkFlags, LinkInfo, LinkMessage},
        route::{RouteAddress, RouteAttribute, RouteMessage, RouteType, RouteVia},
    },
};
use tokio::task::JoinHandle;

use super::adapter::{Link, signal};
use crate::{
    collect::network::{Lead, Route, Seen},
    facts::{Adapter, Private},
};

/// The kernel's table of what is delivered to the PC itself (`ip-route(8)`).
const LOCAL_TABLE: u8 = 255;

/// Everything at once.
pub(crate) async fn see() -> io::Result<Seen> {
    let netlink = Netlink::open()?;
    let links: Vec<LinkMessage> =
        netlink.handle.link().get().execute().try_collect().await.map_err(io::Error::other)?;
    let addresses: Vec<AddressMessage> =
        netlink.handle.address().get().execute().try_collect().await.map_err(io::Error::other)?;
    let mut routes = Vec::new();
    for family in [RouteMessageBuilder::<Ipv4Addr>::new().build(), RouteMessageBuilder::<Ipv6Addr>::new().build()] {
        let answers: Vec<RouteMessage> =
            netlink.handle.route().get(family).execute().try_collect().await.map_err(io::Error::other)?;
        routes.extend(answers.iter().flat_map(forwarding));
    }
    Ok(Seen { adapters: adapters(&links, &addresses), routes })
}

/// What leads to `ip`, by the rules and tables that a program's packet meets.
pub(crate) async fn lead(ip: IpAddr) -> io::Result<Lead> {
    let netlink = Netlink::open()?;
    let question = RouteMessageBuilder::<IpAddr>::new();
    let question =
        question.destination_prefix(ip, if ip.is_ipv4() { 32 } else { 128 }).map_err(io::Error::other)?.build();
    let answer: Result<Vec<RouteMessage>, _> = netlink.handle.route().get(question).execute().try_collect().await;
    match answer {
        Ok(answers) => Ok(answers.iter().find_map(leads_by).map_or(Lead::Nowhere, Lead::By)),
        Err(rtnetlink::Error::NetlinkError(_)) => Ok(Lead::Nowhere),
        Err(error) => Err(io::Error::other(error)),
    }
}

/// A connection to the kernel; its task ends with it.
struct Netlink {
    handle: Handle,
    task: JoinHandle<()>,
}

impl Netlink {
    fn open() -> io::Result<Self> {
        let (connection, handle, _) = new_connection()?;
        Ok(Self { handle, task: tokio::spawn(connection) })
    }
}

impl Drop for Netlink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn adapters(links: &[LinkMessage], addresses: &[AddressMessage]) -> Vec<(u32, Adapter)> {
    let all: Vec<Link> = links.iter().filter_map(link).collect();
    let wireless = fs::read_to_string("/proc/net/wireless").unwrap_or_default();
    let adapter = |message: &LinkMessage| {
        let flags = message.header.flags;
        if flags.contains(LinkFlags::Loopback) {
            return None;
        }
        let link = all.iter().find(|link| link.index == message.header.index)?;
        let own = || addresses.iter().filter(|address| address.header.index == link.index);
        let adapter = Adapter {
            name: link.public_name(),
            kind: link.is(&all),
            up: flags.contains(LinkFlags::Up),
            carrier: flags.contains(LinkFlags::LowerUp),
            addresses: own().filter_map(network).map(Private::new).collect(),
            duplicate: own().any(is_duplicate),
            signal: signal(&wireless, &link.name),
        };
        Some((link.index, adapter))
    };
    links.iter().filter_map(adapter).collect()
}

fn link(message: &LinkMessage) -> Option<Link> {
    let find = |take: fn(&LinkAttribute) -> Option<u32>| message.attributes.iter().find_map(take);
    let name =
        message.attributes.iter().find_map(|a| if let LinkAttribute::IfName(name) = a { Some(name) } else { None })?;
    let infos =
        message.attributes.iter().find_map(|a| if let LinkAttribute::LinkInfo(infos) = a { Some(infos) } else { None });
    let kind = |info: &LinkInfo| if let LinkInfo::Kind(kind) = info { Some(kind.to_string()) } else { None };
    Some(Link {
        index: message.header.index,
        name: name.clone(),
        kind: infos.and_then(|infos| infos.iter().find_map(kind)),
        layer: message.header.link_layer_type,
        controller: find(|a| if let LinkAttribute::Controller(index) = a { Some(*index) } else { None }),
        lower: find(|a| if let LinkAttribute::Link(index) = a { Some(*index) } else { None }),
        elsewhere: message.attributes.iter().any(|a| matches!(a, LinkAttribute::LinkNetNsId(_))),
    })
}

/// The adapter's own end: of a point-to-point link `Address` is the other one.
fn network(message: &AddressMessage) -> Option<IpNet> {
    let local = |a: &AddressAttribute| if let AddressAttribute::Local(ip) = a { Some(*ip) } else { None };
    let address = |a: &AddressAttribute| if let AddressAttribute::Address(ip) = a { Some(*ip) } else { None };
    let attributes = || message.attributes.iter();
    let ip = attributes().find_map(local).or_else(|| attributes().find_map(address))?;
    IpNet::new(ip, message.header.prefix_len).ok()
}

fn is_duplicate(message: &AddressMessage) -> bool {
    message
        .attributes
        .iter()
        .any(|a| matches!(a, AddressAttribute::Flags(flags) if flags.contains(AddressFlags::Dadfailed)))
}

/// The routes of a message that forward packets: one for each way where there are several.
fn forwarding(message: &RouteMessage) -> Vec<Route> {
    if message.header.kind != RouteType::Unicast || message.header.table == LOCAL_TABLE {
        return Vec::new();
    }
    let Some(to) = destination(message) else { return Vec::new() };
    let metric = message
        .attributes
        .iter()
        .find_map(|a| if let RouteAttribute::Priority(metric) = a { Some(*metric) } else { None });
    let made = |adapter: u32, via: Option<IpAddr>| Route { to, via, adapter, metric: metric.unwrap_or(0) };
    for attribute in &message.attributes {
        if let RouteAttribute::MultiPath(hops) = attribute {
            return hops.iter().map(|hop| made(hop.interface_index, router(&hop.attributes))).collect();
        }
    }
    leads_by(message).map(|adapter| made(adapter, router(&message.attributes))).into_iter().collect()
}

fn leads_by(message: &RouteMessage) -> Option<u32> {
    if message.header.kind != RouteType::Unicast && message.header.kind != RouteType::Local {
        return None;
    }
    message.attributes.iter().find_map(|a| if let RouteAttribute::Oif(index) = a { Some(*index) } else { None })
}

fn destination(message: &RouteMessage) -> Option<IpNet> {
    let to =
        message.attributes.iter().find_map(|a| if let RouteAttribute::Destination(to) = a { Some(to) } else { None });
    let ip = match to {
        Some(to) => address(to)?,
        None if message.header.address_family == AddressFamily::Inet => Ipv4Addr::UNSPECIFIED.into(),
        None => Ipv6Addr::UNSPECIFIED.into(),
    };
    IpNet::new(ip, message.header.destination_prefix_length).ok()
}

fn router(attributes: &[RouteAttribute]) -> Option<IpAddr> {
    attributes.iter().find_map(|attribute| {
        if let RouteAttribute::Gateway(ip) = attribute {
            address(ip)
        } else if let RouteAttribute::Via(RouteVia::Inet6(ip)) = attribute {
            // IPv4 by an IPv6 neighbour (RFC 8950).
            Some((*ip).into())
        } else {
            None
        }
    })
}

fn address(address: &RouteAddress) -> Option<IpAddr> {
    if let RouteAddress::Inet(ip) = address {
        Some((*ip).into())
    } else if let RouteAddress::Inet6(ip) = address {
        Some((*ip).into())
    } else {
        None
    }
}
