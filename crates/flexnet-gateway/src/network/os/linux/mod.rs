//! Linux: filter first, then device, addresses, forwarding; down in the opposite order. Never leaves a device up without its filter.
//! `filter` is the nftables table, `links` addresses and routes by rtnetlink, `forwarding` the sysctls.

mod filter;
mod forwarding;
mod hold;
mod links;

use std::net::IpAddr;

use flexnet_wireguard::{Backend, Device, DeviceConfig, Error as DeviceError, Peer, PeerStatus, remove_leftover};
use ipnet::IpNet;
use tokio::sync::Mutex;
use tracing::{info, warn};

use self::{forwarding::Forwarding, hold::Hold};
use crate::network::{Error, Settings, own_address};

/// The tunnel as it should be, and the device that makes it so. The filter stands for as long as this value.
#[derive(Debug)]
pub struct Tunnel {
    config: DeviceConfig,
    own: Vec<IpNet>,
    /// Devices towards the portal.
    inside: Vec<String>,
    backend: Backend,
    /// `None` after somebody took the device away, until it is made again.
    raised: Mutex<Option<Raised>>,
    /// Last, so that it comes free when all else is gone.
    _hold: Hold,
}

impl Tunnel {
    pub async fn raise(settings: &Settings) -> Result<Self, Error> {
        let hold = Hold::take()?;
        let own = own_addresses(&settings.pools)?;
        let inside = links::devices_towards(&reachable(settings)).await.map_err(Error::Link)?;
        if inside.is_empty() {
            warn!(
                "no route leads to the portal networks: members reach nothing until there is one and the gateway was started again"
            );
        }
        clear_leftover(&settings.device).await?;
        filter::set(settings, &inside).await?;
        let Settings { device: name, private_key, listen_port, mtu, .. } = settings.clone();
        let config = DeviceConfig { name, private_key, listen_port, mtu, serves: true };
        match Raised::raise(&config, &own, &inside).await {
            Ok(raised) => {
                let backend = raised.device.backend();
                Ok(Self { config, own, inside, backend, raised: Mutex::new(Some(raised)), _hold: hold })
            }
            Err(error) => {
                if let Err(left) = filter::remove().await {
                    warn!(error = %left, "the packet filter stays");
                }
                Err(error)
            }
        }
    }
}

impl crate::network::Tunnel for Tunnel {
    async fn set_peers(&self, wanted: &[Peer]) -> Result<(), Error> {
        let mut place = self.raised.lock().await;
        if let Some(raised) = place.as_ref() {
            match raised.device.set_peers(wanted).await {
                Err(DeviceError::Gone(name)) => {
                    warn!(device = %name, "somebody took the tunnel device away; it is made again");
                }
                outcome => return outcome.map(drop).map_err(Error::Device),
            }
        }
        if let Some(gone) = place.take() {
            // What is left of it: the UDP port, the forwarding. The device itself cannot be removed any more.
            let _ = gone.lower().await;
        }
        let raised = place.insert(Raised::raise(&self.config, &self.own, &self.inside).await?);
        raised.device.set_peers(wanted).await.map(drop).map_err(Error::Device)
    }

    async fn peers(&self) -> Result<Vec<PeerStatus>, Error> {
        match self.raised.lock().await.as_ref() {
            Some(raised) => raised.device.peers().await.map_err(Error::Device),
            None => Ok(Vec::new()),
        }
    }

    fn takes_early(&self) -> bool {
        self.backend == Backend::UserSpace
    }

    async fn lower(self) -> Result<(), Error> {
        let Self { raised, _hold, .. } = self;
        let lowered = match raised.into_inner() {
            Some(raised) => raised.lower().await,
            None => Ok(()),
        };
        filter::remove().await?;
        lowered
    }
}

/// A device that is up, and the forwarding that was switched on for it.
#[derive(Debug)]
struct Raised {
    device: Device,
    forwarding: Forwarding,
}

impl Raised {
    async fn raise(config: &DeviceConfig, own: &[IpNet], inside: &[String]) -> Result<Self, Error> {
        let device = Device::create(config.clone()).await.map_err(Error::Device)?;
        let mut raised = Self { device, forwarding: Forwarding::default() };
        match raised.address_and_forward(own, inside).await {
            Ok(()) => {
                info!(device = %config.name, backend = ?raised.device.backend(), ?inside, "the tunnel device is up");
                Ok(raised)
            }
            Err(error) => {
                if let Err(left) = raised.lower().await {
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

    async fn lower(self) -> Result<(), Error> {
        self.forwarding.put_back();
        self.device.remove().await.map_err(Error::Device)
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
