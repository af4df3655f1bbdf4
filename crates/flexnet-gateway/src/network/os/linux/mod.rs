//! Linux: filter first, then device, addresses, forwarding; down in the opposite order. Never leaves a device up without its filter.
//! `filter` is the nftables table, `links` addresses and routes by rtnetlink, `forwarding` the sysctls.

mod filter;
mod forwarding;
mod links;

use std::net::IpAddr;

use flexnet_wireguard::{Device, DeviceConfig, Peer, PeerStatus, remove_leftover};
use ipnet::IpNet;
use tracing::{info, warn};

use self::forwarding::Forwarding;
use crate::network::{Error, Settings, own_address};

/// The raised device. Its peers are set by the keeper.
#[derive(Debug)]
pub struct Tunnel {
    device: Device,
    forwarding: Forwarding,
}

impl Tunnel {
    pub async fn raise(settings: &Settings) -> Result<Self, Error> {
        let own = own_addresses(&settings.pools)?;
        let inside = links::devices_towards(&reachable(settings)).await.map_err(Error::Link)?;
        if inside.is_empty() {
            warn!(
                "no route leads to the portal networks: members will reach nothing until there is one and the gateway is restarted"
            );
        }
        clear_leftover(&settings.device).await?;
        filter::set(settings, &inside).await?;
        match Self::raise_filtered(settings, &own, &inside).await {
            Ok(tunnel) => Ok(tunnel),
            Err(error) => {
                if let Err(left) = filter::remove().await {
                    warn!(error = %left, "the packet filter stays");
                }
                Err(error)
            }
        }
    }

    async fn raise_filtered(settings: &Settings, own: &[IpNet], inside: &[String]) -> Result<Self, Error> {
        let Settings { device: name, private_key, listen_port, mtu, .. } = settings;
        let config =
            DeviceConfig { name: name.clone(), private_key: private_key.clone(), listen_port: *listen_port, mtu: *mtu };
        let device = Device::create(config).await.map_err(Error::Device)?;
        let mut tunnel = Self { device, forwarding: Forwarding::default() };
        match tunnel.address_and_forward(own, inside).await {
            Ok(()) => {
                info!(device = %name, backend = ?tunnel.device.backend(), ?inside, "the tunnel device is up");
                Ok(tunnel)
            }
            Err(error) => {
                tunnel.forwarding.put_back();
                if let Err(left) = tunnel.device.remove().await {
                    warn!(error = %left, "the tunnel device stays");
                }
                Err(error)
            }
        }
    }

    async fn address_and_forward(&mut self, own: &[IpNet], inside: &[String]) -> Result<(), Error> {
        links::address_and_raise(self.device.name(), own).await.map_err(Error::Link)?;
        let v6 = own.iter().any(|net| net.addr().is_ipv6());
        let devices = std::iter::once(self.device.name()).chain(inside.iter().map(String::as_str));
        self.forwarding.expect(devices, v6)
    }
}

impl crate::network::Tunnel for Tunnel {
    async fn set_peers(&self, wanted: &[Peer]) -> Result<(), Error> {
        self.device.set_peers(wanted).await.map(drop).map_err(Error::Device)
    }

    async fn peers(&self) -> Result<Vec<PeerStatus>, Error> {
        self.device.peers().await.map_err(Error::Device)
    }

    async fn lower(self) -> Result<(), Error> {
        self.forwarding.put_back();
        let device = self.device.remove().await.map_err(Error::Device);
        filter::remove().await?;
        device
    }
}

/// The gateway's address in each pool, with the pool's prefix: that makes the route to the members.
fn own_addresses(pools: &[IpNet]) -> Result<Vec<IpNet>, Error> {
    let own = |pool: &IpNet| {
        let net = own_address(*pool).and_then(|address| IpNet::new(address, pool.prefix_len()).ok());
        net.ok_or(Error::Pool(*pool))
    };
    pools.iter().map(own).collect()
}

/// Everything that members may reach.
fn reachable(settings: &Settings) -> Vec<IpNet> {
    let servers = settings.dns_servers.iter().copied().map(|address: IpAddr| IpNet::from(address));
    settings.portal_networks.iter().copied().chain(servers).collect()
}

async fn clear_leftover(name: &str) -> Result<(), Error> {
    let device = name.to_owned();
    let found = tokio::task::spawn_blocking(move || remove_leftover(&device)).await.map_err(|_| Error::Stopped)?;
    if found.map_err(Error::Device)? {
        info!(device = %name, "removed what a killed gateway left");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
