//! Addresses, link state and the routing table, by rtnetlink. Never changes a device that is not ours.

use std::{
    collections::BTreeSet,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use futures_util::{TryStreamExt as _, stream::BoxStream};
use ipnet::IpNet;
use nix::net::if_::{if_indextoname, if_nametoindex};
use rtnetlink::{
    Handle, LinkUnspec, RouteMessageBuilder, new_connection,
    packet_route::route::{RouteAddress, RouteAttribute, RouteHeader, RouteMessage, RouteType},
};
use tokio::task::JoinHandle;

/// Gives the device these addresses and sets it up.
pub(super) async fn address_and_raise(device: &str, addresses: &[IpNet]) -> io::Result<()> {
    let index = if_nametoindex(device)?;
    let netlink = Netlink::open()?;
    for net in addresses {
        netlink.handle.address().add(index, net.addr(), net.prefix_len()).execute().await.map_err(io::Error::other)?;
    }
    let up = LinkUnspec::new_with_index(index).up().build();
    netlink.handle.link().set(up).execute().await.map_err(io::Error::other)
}

/// Names of the devices through which these networks are reached: those of all routes into them, or of the narrowest route around them.
pub(super) async fn devices_towards(networks: &[IpNet]) -> io::Result<Vec<String>> {
    let netlink = Netlink::open()?;
    let v4 = RouteMessageBuilder::<Ipv4Addr>::new().build();
    let v6 = RouteMessageBuilder::<Ipv6Addr>::new().build();
    let mut routes = Vec::new();
    for family in [v4, v6] {
        let answers: BoxStream<'_, _> = Box::pin(netlink.handle.route().get(family).execute());
        let answers: Vec<RouteMessage> = answers.try_collect().await.map_err(io::Error::other)?;
        routes.extend(answers.iter().filter_map(route));
    }
    let indices: BTreeSet<u32> = networks.iter().flat_map(|network| towards(*network, &routes)).collect();
    let name = |index: u32| Ok(if_indextoname(index)?.to_string_lossy().into_owned());
    indices.into_iter().map(name).collect()
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

/// Destination and device of a route that forwards packets.
fn route(message: &RouteMessage) -> Option<(IpNet, u32)> {
    // `local` and `broadcast` routes deliver to this machine, and only the table `main` is looked at.
    if message.header.kind != RouteType::Unicast || message.header.table != RouteHeader::RT_TABLE_MAIN {
        return None;
    }
    let device =
        message.attributes.iter().find_map(|a| if let RouteAttribute::Oif(i) = a { Some(*i) } else { None })?;
    let destination = |a: &RouteAttribute| {
        if let RouteAttribute::Destination(destination) = a { Some(destination.clone()) } else { None }
    };
    let address = match message.attributes.iter().find_map(destination) {
        Some(RouteAddress::Inet(address)) => IpAddr::V4(address),
        Some(RouteAddress::Inet6(address)) => IpAddr::V6(address),
        Some(_) => return None,
        None if message.header.address_family == rtnetlink::packet_route::AddressFamily::Inet => {
            Ipv4Addr::UNSPECIFIED.into()
        }
        None => Ipv6Addr::UNSPECIFIED.into(),
    };
    Some((IpNet::new(address, message.header.destination_prefix_length).ok()?, device))
}

fn towards(network: IpNet, routes: &[(IpNet, u32)]) -> Vec<u32> {
    let into: Vec<u32> = routes.iter().filter(|(to, _)| network.contains(to)).map(|(_, device)| *device).collect();
    if !into.is_empty() {
        return into;
    }
    let around = routes.iter().filter(|(to, _)| to.contains(&network));
    around.max_by_key(|(to, _)| to.prefix_len()).map(|(_, device)| *device).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(text: &str) -> IpNet {
        text.parse().unwrap()
    }

    #[test]
    fn the_devices_of_a_network_are_those_of_the_routes_into_it_or_around_it() {
        let routes =
            [(net("0.0.0.0/0"), 1), (net("10.210.0.0/24"), 2), (net("10.210.0.128/25"), 3), (net("10.0.0.0/8"), 4)];
        assert_eq!(towards(net("10.210.0.0/24"), &routes), [2, 3]);
        assert_eq!(towards(net("10.210.0.53/32"), &routes), [2]);
        assert_eq!(towards(net("10.99.0.0/16"), &routes), [4]);
        assert_eq!(towards(net("192.0.2.0/24"), &routes), [1]);
        assert!(towards(net("2001:db8::/64"), &routes).is_empty());
    }
}
