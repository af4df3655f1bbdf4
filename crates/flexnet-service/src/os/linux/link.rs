//! The tunnel device's addresses, size, state and routes, by rtnetlink. They all go with the device.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use flexnet_protocol::{Fault, FaultCode, gateway::TunnelGrant};
use futures_util::TryStreamExt as _;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use nix::{ifaddrs::getifaddrs, net::if_::InterfaceFlags, sys::socket::SockaddrStorage};
use rtnetlink::{
    Handle, LinkUnspec, RouteMessageBuilder, new_connection,
    packet_route::{
        address::AddressAttribute,
        link::LinkFlags,
        route::{RouteAddress, RouteAttribute, RouteHeader, RouteMessage},
    },
};
use tokio::task::AbortHandle;

use super::settings;

/// Our device, found by its name.
pub(super) struct Own {
    handle: Handle,
    driver: AbortHandle,
    index: u32,
}

impl Drop for Own {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Own {
    /// The device of that name.
    pub(super) async fn find(name: &str) -> Result<Self, Fault> {
        let (connection, handle, _) = new_connection().map_err(|e| settings("netlink", &e))?;
        let driver = tokio::spawn(connection).abort_handle();
        let mut links = handle.link().get().match_name(name).execute();
        let link = links.try_next().await.map_err(|e| Fault::new(FaultCode::TunnelDevice, format!("{name}: {e}")))?;
        let link = link.ok_or_else(|| Fault::new(FaultCode::TunnelDevice, format!("{name} is not there")))?;
        drop(links);
        Ok(Self { handle, driver, index: link.header.index })
    }

    /// The kernel's number of the device.
    pub(super) fn index(&self) -> u32 {
        self.index
    }

    /// Size and up, nothing else.
    pub(super) async fn up(&self, mtu: u16) -> Result<(), Fault> {
        let up = LinkUnspec::new_with_index(self.index).mtu(u32::from(mtu)).up().build();
        self.handle.link().set(up).execute().await.map_err(|e| settings("device up", &e))
    }

    /// What it lacks of what [`Own::raise`] gave it; its size is another's matter.
    pub(super) async fn needs(&self, grant: &TunnelGrant) -> Result<Needs, Fault> {
        let mut needs = Needs::of(grant);
        let gone = |e| Fault::new(FaultCode::TunnelDevice, format!("the tunnel device: {e}"));
        let link = self.handle.link().get().match_index(self.index).execute().try_next().await.map_err(gone)?;
        needs.up = !link.is_some_and(|link| link.header.flags.contains(LinkFlags::Up));
        needs.size = None;

        let failed = |e| settings("reading addresses and routes", &e);
        let mut addresses = self.handle.address().get().set_link_index_filter(self.index).execute();
        while let Some(message) = addresses.try_next().await.map_err(failed)? {
            let stands = |address: &IpNet| {
                message.header.prefix_len == address.prefix_len()
                    && message.attributes.contains(&AddressAttribute::Address(address.addr()))
            };
            needs.addresses.retain(|address| !stands(address));
        }
        let families = [RouteMessageBuilder::<Ipv4Addr>::new().build(), RouteMessageBuilder::<Ipv6Addr>::new().build()];
        for family in families {
            let mut routes = self.handle.route().get(family).execute();
            while let Some(message) = routes.try_next().await.map_err(failed)? {
                if message.header.table == RouteHeader::RT_TABLE_MAIN
                    && message.attributes.contains(&RouteAttribute::Oif(self.index))
                {
                    needs.routes.retain(|network| !leads_to(&message, network));
                }
            }
        }
        Ok(needs)
    }

    /// Gives it what it needs.
    pub(super) async fn raise(&self, needs: &Needs) -> Result<(), Fault> {
        for address in &needs.addresses {
            let address_added = self.handle.address().add(self.index, address.addr(), address.prefix_len()).execute();
            address_added.await.map_err(|e| settings(&format!("address {address}"), &e))?;
        }
        if needs.up {
            let up = LinkUnspec::new_with_index(self.index).up();
            let up = needs.size.iter().fold(up, |up, size| up.mtu(u32::from(*size))).build();
            self.handle.link().set(up).execute().await.map_err(|e| settings("device up", &e))?;
        }
        for network in &needs.routes {
            let route = match network {
                IpNet::V4(net) => RouteMessageBuilder::<Ipv4Addr>::new()
                    .destination_prefix(net.network(), net.prefix_len())
                    .output_interface(self.index)
                    .build(),
                IpNet::V6(net) => RouteMessageBuilder::<Ipv6Addr>::new()
                    .destination_prefix(net.network(), net.prefix_len())
                    .output_interface(self.index)
                    .build(),
            };
            let route = self.handle.route().add(route).execute();
            route.await.map_err(|e| settings(&format!("route {network}"), &e))?;
        }
        Ok(())
    }
}

/// What the device lacks to be the tunnel's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Needs {
    addresses: Vec<IpNet>,
    up: bool,
    /// With [`Needs::up`].
    size: Option<u16>,
    routes: Vec<IpNet>,
}

impl Needs {
    /// Everything. What the PC has no protocol for is left out; the packet filter holds it back all the same.
    pub(super) fn of(grant: &TunnelGrant) -> Self {
        let has_v6 = std::path::Path::new("/proc/net/if_inet6").exists();
        let of_this_pc = |net: &&IpNet| has_v6 || matches!(net, IpNet::V4(_));
        let addresses: Vec<IpNet> = grant.addresses.iter().filter(of_this_pc).copied().collect();
        let inside =
            |net: &&IpNet| addresses.iter().any(|own| matches!(own, IpNet::V4(_)) == matches!(net, IpNet::V4(_)));
        let routes = grant.portal_networks.iter().filter(inside).map(IpNet::trunc).collect();
        Self { addresses, up: true, size: Some(grant.mtu), routes }
    }

    /// Nothing is needed.
    pub(super) fn is_met(&self) -> bool {
        self.addresses.is_empty() && !self.up && self.routes.is_empty()
    }
}

impl fmt::Display for Needs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let up = self.up.then(|| "up".to_owned());
        let addresses = self.addresses.iter().map(|address| format!("address {address}"));
        let routes = self.routes.iter().map(|network| format!("route {network}"));
        f.write_str(&up.into_iter().chain(addresses).chain(routes).collect::<Vec<_>>().join(", "))
    }
}

/// A default route is told without a destination.
fn leads_to(message: &RouteMessage, network: &IpNet) -> bool {
    let to = match network {
        IpNet::V4(net) => RouteAddress::Inet(net.network()),
        IpNet::V6(net) => RouteAddress::Inet6(net.network()),
    };
    message.header.destination_prefix_length == network.prefix_len()
        && message.attributes.contains(&RouteAttribute::Destination(to))
}

/// Gives the device of that name another size.
pub(super) async fn set_mtu(name: &str, mtu: u16) -> Result<(), Fault> {
    let own = Own::find(name).await?;
    let sized = LinkUnspec::new_with_index(own.index).mtu(u32::from(mtu)).build();
    own.handle.link().set(sized).execute().await.map_err(|e| settings("device size", &e))
}

/// An address of this PC, other than those of the device `except` and of loopback.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Address {
    pub(super) interface: String,
    pub(super) network: IpNet,
}

/// All of them, in a stable order.
pub(super) fn addresses(except: &str) -> Vec<Address> {
    let mut all: Vec<Address> = getifaddrs()
        .into_iter()
        .flatten()
        .filter(|each| each.interface_name != except && !each.flags.contains(InterfaceFlags::IFF_LOOPBACK))
        .filter_map(|each| {
            let network = network(&each.address?, each.netmask.as_ref())?;
            Some(Address { interface: each.interface_name, network })
        })
        .collect();
    all.sort();
    all
}

/// Links that have a cable or a base station, but for the device `except` and loopback.
pub(super) fn cables(except: &str) -> Vec<String> {
    let all = getifaddrs().into_iter().flatten().filter(|each| each.flags.contains(InterfaceFlags::IFF_RUNNING));
    let others = all.filter(|each| each.interface_name != except && !each.flags.contains(InterfaceFlags::IFF_LOOPBACK));
    let mut names: Vec<String> = others.map(|each| each.interface_name).collect();
    names.sort();
    names.dedup();
    names
}

/// Refuses a portal network that this PC already knows as its own: packets could not be told apart.
pub(super) fn refuse_overlap(portal: &[IpNet], except: &str) -> Result<(), Fault> {
    let own = addresses(except);
    let overlap = own.iter().find_map(|own| {
        let net = portal.iter().find(|net| net.contains(&own.network) || own.network.contains(*net))?;
        Some(format!("{} has {}, the portal has {net}", own.interface, own.network))
    });
    overlap.map_or(Ok(()), |what| Err(Fault::new(FaultCode::NetworksOverlap, what)))
}

fn network(address: &SockaddrStorage, mask: Option<&SockaddrStorage>) -> Option<IpNet> {
    if let Some(v4) = address.as_sockaddr_in() {
        let mask = mask.and_then(SockaddrStorage::as_sockaddr_in).map_or(Ipv4Addr::BROADCAST, |mask| mask.ip());
        return Ipv4Net::with_netmask(v4.ip(), mask).ok().map(IpNet::from);
    }
    let v6 = address.as_sockaddr_in6()?;
    let mask = mask.and_then(SockaddrStorage::as_sockaddr_in6).map(|mask| mask.ip());
    let host = IpAddr::from(v6.ip());
    match mask {
        Some(mask) => Ipv6Net::with_netmask(v6.ip(), mask).ok().map(IpNet::from),
        None => Some(IpNet::from(host)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_of_this_pc_are_no_portal() {
        assert_eq!(refuse_overlap(&["203.0.113.0/24".parse().unwrap()], "none"), Ok(()));
        // Whatever the machine of the test has: a network around one of its own addresses must be refused.
        if let Some(own) = addresses("none").first() {
            let wider = IpNet::new(own.network.addr(), own.network.prefix_len() - 1).unwrap().trunc();
            let host = IpNet::from(own.network.addr());
            for portal in [wider, own.network.trunc(), host] {
                assert_eq!(refuse_overlap(&[portal], "none").unwrap_err().code, FaultCode::NetworksOverlap);
            }
            assert_eq!(refuse_overlap(&[host], &own.interface), Ok(()));
        }
    }
}
