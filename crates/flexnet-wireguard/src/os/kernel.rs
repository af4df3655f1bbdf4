//! The kernel's WireGuard, by wireguard-control. Its calls block, so each runs beside the async threads. Of its two backends only the
//! kernel's is used: the other prints to standard output and starts a `wireguard-go` where it finds no socket.

use std::{
    io,
    net::{Ipv4Addr, UdpSocket},
    time::SystemTime,
};

use flexnet_protocol::Key;
use ipnet::IpNet;
use nix::net::if_::if_nametoindex;
use rtnetlink::{LinkUnspec, new_connection};
use tokio::task::spawn_blocking;
use wireguard_control::{self as wg, DeviceUpdate, InterfaceName, PeerConfigBuilder};

use crate::{
    Backend, Changes, DeviceConfig, Error, Peer,
    system::{Found, System},
};

#[derive(Debug)]
pub(crate) struct Kernel {
    name: InterfaceName,
    listen_port: u16,
}

impl Kernel {
    /// Makes the device, or takes over the one that stands under this name.
    ///
    /// # Errors
    /// [`io::ErrorKind::Unsupported`] if the kernel has no WireGuard.
    pub(crate) async fn create(config: &DeviceConfig) -> io::Result<Self> {
        let name: InterfaceName = config.name.parse()?;
        // wireguard-control takes "there is one already" for success, whatever kind of link it is.
        if if_nametoindex(config.name.as_str()).is_ok() && !blocking(move || is_wireguard(&name)).await? {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let listen_port = if config.listen_port == 0 { free_port()? } else { config.listen_port };
        let update =
            DeviceUpdate::new().set_private_key(wg::Key(*config.private_key.bytes())).set_listen_port(listen_port);
        let done = async {
            blocking(move || update.apply(&name, wg::Backend::Kernel)).await?;
            set_mtu(&config.name, config.mtu).await?;
            blocking(move || wg::Device::get(&name, wg::Backend::Kernel)).await
        };
        match done.await {
            Ok(device) => Ok(Self { name, listen_port: device.listen_port.unwrap_or(listen_port) }),
            Err(error) => {
                if error.kind() != io::ErrorKind::Unsupported {
                    // A device without its key or its MTU is none. What went wrong first is what is told.
                    let half = config.name.clone();
                    let _ = blocking(move || remove_leftover(&half)).await;
                }
                Err(error)
            }
        }
    }

    fn failed(&self, phase: fn(String, io::Error) -> Error) -> impl FnOnce(io::Error) -> Error {
        let name = self.name.to_string();
        // ENODEV: someone else has taken the link away.
        move |source| if source.raw_os_error() == Some(19) { Error::Gone(name) } else { phase(name, source) }
    }

    async fn apply(&self, update: DeviceUpdate) -> Result<(), Error> {
        let name = self.name;
        let apply = move || {
            // To apply is also to create: a device that was taken away must not come back without its key.
            wg::Device::get(&name, wg::Backend::Kernel)?;
            update.apply(&name, wg::Backend::Kernel)
        };
        blocking(apply).await.map_err(self.failed(|name, source| Error::Change { name, source }))
    }
}

impl System for Kernel {
    fn backend(&self) -> Backend {
        Backend::Kernel
    }

    fn listen_port(&self) -> u16 {
        self.listen_port
    }

    fn keeps_sessions(&self) -> bool {
        false
    }

    async fn read(&self) -> Result<Vec<Found>, Error> {
        let name = self.name;
        let device = blocking(move || wg::Device::get(&name, wg::Backend::Kernel))
            .await
            .map_err(self.failed(|name, source| Error::Read { name, source }))?;
        Ok(device.peers.into_iter().map(found).collect())
    }

    async fn change(&self, changes: &Changes) -> Result<(), Error> {
        let mut update = DeviceUpdate::new();
        for key in &changes.removed {
            update = update.remove_peer_by_key(&wg::Key(*key.bytes()));
        }
        for peer in changes.modified.iter().chain(&changes.added) {
            update = update.add_peer(configured(peer));
        }
        self.apply(update).await
    }

    /// The kernel has no call for it, but it sends a keepalive, and with it an initiation, when persistent keepalives are turned on.
    async fn invite(&self, peers: &[Peer]) -> Result<(), Error> {
        let mut update = DeviceUpdate::new();
        for peer in peers {
            let interval = |seconds| {
                PeerConfigBuilder::new(&wg::Key(*peer.public_key.bytes())).set_persistent_keepalive_interval(seconds)
            };
            update = update.add_peer(interval(0)).add_peer(interval(peer.keepalive_seconds.max(1)));
            if peer.keepalive_seconds == 0 {
                update = update.add_peer(interval(0));
            }
        }
        self.apply(update).await
    }

    async fn remove(self) -> Result<(), Error> {
        let name = self.name.to_string();
        let leftover = name.clone();
        let removed = blocking(move || remove_leftover(&leftover)).await;
        removed.map(drop).map_err(|source| Error::Remove { name, source })
    }
}

/// Whether there is a link of this name, and it is one of WireGuard.
pub(crate) fn leftover(name: &str) -> io::Result<bool> {
    is_wireguard(&name.parse()?)
}

/// Takes the link away if it is one of WireGuard: the kernel would delete any other link of this name as well.
pub(crate) fn remove_leftover(name: &str) -> io::Result<bool> {
    let name: InterfaceName = name.parse()?;
    if !is_wireguard(&name)? {
        return Ok(false);
    }
    wg::Device::get(&name, wg::Backend::Kernel)?.delete().map(|()| true)
}

fn is_wireguard(name: &InterfaceName) -> io::Result<bool> {
    Ok(wg::Device::list(wg::Backend::Kernel)?.contains(name))
}

fn configured(peer: &Peer) -> PeerConfigBuilder {
    let mut config = PeerConfigBuilder::new(&wg::Key(*peer.public_key.bytes()))
        .replace_allowed_ips()
        .set_persistent_keepalive_interval(peer.keepalive_seconds)
        // All zeros is the kernel's word for none.
        .set_preshared_key(wg::Key(peer.preshared_key.as_ref().map_or([0; 32], |key| *key.bytes())));
    if let Some(endpoint) = peer.endpoint {
        config = config.set_endpoint(endpoint);
    }
    peer.allowed_ips
        .iter()
        .fold(config, |config, network| config.add_allowed_ip(network.network(), network.prefix_len()))
}

fn found(info: wg::PeerInfo) -> Found {
    let network = |ip: wg::AllowedIp| IpNet::new(ip.address, ip.cidr).ok();
    Found {
        peer: Peer {
            public_key: Key::new(info.config.public_key.0),
            preshared_key: info.config.preshared_key.filter(|key| key.0 != [0; 32]).map(|key| Key::new(key.0)),
            endpoint: info.config.endpoint,
            allowed_ips: info.config.allowed_ips.into_iter().filter_map(network).collect(),
            keepalive_seconds: info.config.persistent_keepalive_interval.unwrap_or(0),
        },
        last_handshake: info.stats.last_handshake_time.filter(|time| *time != SystemTime::UNIX_EPOCH),
        received: info.stats.rx_bytes,
        sent: info.stats.tx_bytes,
    }
}

/// A port that is free now. The kernel would choose one only when the device goes up, and a relay on this PC must know it.
fn free_port() -> io::Result<u16> {
    Ok(UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?.local_addr()?.port())
}

async fn set_mtu(name: &str, mtu: u16) -> io::Result<()> {
    let (connection, handle, _) = new_connection()?;
    let task = tokio::spawn(connection);
    let link = LinkUnspec::new_with_name(name).mtu(u32::from(mtu)).build();
    let done = handle.link().set(link).execute().await.map_err(io::Error::other);
    task.abort();
    done
}

async fn blocking<T: Send + 'static>(call: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    spawn_blocking(call).await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer() -> Peer {
        Peer {
            public_key: Key::new([1; 32]),
            preshared_key: Some(Key::new([2; 32])),
            endpoint: Some("[2001:db8::1]:51820".parse().unwrap()),
            allowed_ips: vec!["10.200.0.7/32".parse().unwrap(), "2001:db8:1::/48".parse().unwrap()],
            keepalive_seconds: 25,
        }
    }

    /// What is written is what is read: otherwise every reconciliation would find a change.
    #[test]
    fn a_peer_survives_the_kernels_words() {
        for wanted in [peer(), Peer { preshared_key: None, endpoint: None, keepalive_seconds: 0, ..peer() }] {
            let config = configured(&wanted).into_peer_config();
            let read = found(wg::PeerInfo { config, stats: wg::PeerStats::default() });
            assert_eq!(read.peer, wanted);
        }
    }
}
