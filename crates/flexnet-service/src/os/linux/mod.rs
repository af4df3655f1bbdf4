//! The network on Linux: packet filter by nftables, the tunnel device, addresses and routes by rtnetlink, names by systemd-resolved or the file of hosts.
//! Every change is in the journal before it is made, and is found again by its fixed name. Nothing else of the system is touched.
//! [`System::apply`] is the order; `filter`, `link`, `names` make and undo one kind of change each; `probe` looks through the tunnel.

mod dns;
mod filter;
mod host;
mod hosts;
mod link;
mod monitor;
mod names;
mod nft;
mod probe;
mod resolved;

use std::path::Path;

use flexnet_protocol::{Fault, FaultCode, local::Repaired};
use flexnet_session::{Counters, Proof};
use flexnet_wireguard::{Device, DeviceConfig};
use ipnet::IpNet;

use self::{link::Own, monitor::Monitor, names::Names, probe::Way};
use crate::{
    early::Early,
    journal::{Change, Journal},
    network::{Event, Network, Wanted},
};

pub use host::{
    belongs_to_the_administrator, is_administrator, make_private_folder, now, open_without_waiting, stopped,
    sync_folder,
};

/// The tunnel device.
const DEVICE: &str = "kvflex0";

/// The network of this PC, and what of it is ours.
pub struct System {
    journal: Journal,
    tunnel: Option<Tunnel>,
}

/// A network that stands.
struct Tunnel {
    way: Way,
    monitor: Monitor,
}

impl System {
    /// Changes nothing yet.
    pub fn new(state: &Path) -> Self {
        Self { journal: Journal::new(state), tunnel: None }
    }

    /// What an earlier session left must go before a new one begins.
    async fn take_back_leftovers(&mut self) -> Result<(), Fault> {
        let repaired = self.undo().await;
        for what in &repaired.undone {
            tracing::warn!(what, "left by an earlier session and taken back now");
        }
        if repaired.failed.is_empty() {
            return Ok(());
        }
        Err(Fault::new(FaultCode::Leftovers, repaired.failed.join("; ")))
    }

    /// Writes the change down; only then may it be made.
    fn record(&self, change: Change) -> Result<(), Fault> {
        self.journal.record(change).map_err(|error| error.fault())
    }

    async fn take_back(&mut self, changes: Vec<Change>) -> Repaired {
        let mut repaired = Repaired::default();
        let mut stand = Vec::new();
        for change in changes.into_iter().rev() {
            if change.outlives().is_some_and(|other| stand.contains(&other)) {
                repaired.failed.push(format!("{change:?} is kept until then"));
                continue;
            }
            let outcome = match change {
                Change::HostsFile => hosts::remove(Path::new(hosts::FILE)),
                Change::NameService => resolved::revert(DEVICE).await,
                Change::Device => self.remove_device().await,
                Change::PacketFilter => filter::remove().await,
            };
            match outcome {
                Ok(None) => {}
                Ok(Some(what)) => repaired.undone.push(what),
                Err(what) => {
                    stand.push(change);
                    repaired.failed.push(what);
                }
            }
        }
        if repaired.failed.is_empty()
            && let Err(error) = self.journal.clear()
        {
            repaired.failed.push(error.fault().detail);
        }
        repaired
    }

    async fn remove_device(&mut self) -> Result<Option<String>, String> {
        let gone = || Ok(Some(format!("device {DEVICE}")));
        if let Some(tunnel) = self.tunnel.take() {
            tunnel.way.device.remove().await.map_err(|e| told(&e))?;
            return gone();
        }
        match flexnet_wireguard::remove_leftover(DEVICE) {
            Ok(true) => gone(),
            Ok(false) => Ok(None),
            Err(error) => Err(told(&error)),
        }
    }
}

impl Network for System {
    async fn ready(&mut self, portal: &[IpNet], _early: Option<Early>) -> Result<(), Fault> {
        self.take_back_leftovers().await?;
        link::refuse_overlap(portal, DEVICE)?;
        filter::usable().await?;
        if Names::of_this_pc().await == Names::HostsFile {
            hosts::writable(Path::new(hosts::FILE)).map_err(|e| settings("names", &e))?;
        }
        self.journal.has_room().map_err(|error| error.fault())
    }

    async fn apply(&mut self, wanted: Wanted) -> Result<(), Fault> {
        let Wanted { config, private_key, gateway, portal } = wanted;
        self.take_back_leftovers().await?;
        link::refuse_overlap(&config.tunnel.portal_networks, DEVICE)?;

        self.record(Change::PacketFilter)?;
        filter::set(&config, &gateway).await?;

        self.record(Change::Device)?;
        let device = DeviceConfig { name: DEVICE.into(), private_key, listen_port: 0, mtu: config.tunnel.mtu, serves: false };
        let device = Device::create(device).await.map_err(|e| Fault::new(FaultCode::TunnelDevice, told(&e)))?;
        tracing::info!(backend = ?device.backend(), "tunnel device");
        let way = Way::new(device, config.tunnel.clone(), portal).await?;
        let own = Own::find(DEVICE).await?;
        let monitor = Monitor::start(DEVICE, &config.tunnel.endpoints)?;
        let tunnel = self.tunnel.insert(Tunnel { way, monitor });
        own.raise(&config.tunnel).await?;

        match Names::choose(&config.tunnel).await {
            Names::Resolved => {
                self.journal.record(Change::NameService).map_err(|error| error.fault())?;
                resolved::set(own.index(), &config.tunnel).await
            }
            // Its lines need addresses that only the portal's own name service knows: `probe` writes them when it answers.
            Names::HostsFile => {
                tunnel.way.write_hosts(&self.journal);
                Ok(())
            }
            Names::None => Ok(()),
        }
    }

    async fn undo(&mut self) -> Repaired {
        let changes = self.journal.changes().unwrap_or_else(|error| {
            tracing::error!(fault = %error.fault(), "looking for everything of ours by name");
            Change::ALL.to_vec()
        });
        if changes.is_empty() && self.tunnel.is_none() {
            return Repaired::default();
        }
        self.take_back(changes).await
    }

    async fn repair(&mut self) -> Repaired {
        self.take_back(Change::ALL.to_vec()).await
    }

    async fn probe(&self, fresh: bool) -> Proof {
        match &self.tunnel {
            Some(tunnel) => tunnel.way.probe(fresh).await,
            None => Proof {
                handshake: false,
                network_ms: None,
                portal: Err(FaultCode::TunnelNoHandshake.into()),
                carrier: flexnet_protocol::snapshot::Carrier::Udp,
            },
        }
    }

    async fn counters(&self) -> Option<Counters> {
        self.tunnel.as_ref()?.way.counters().await
    }

    async fn event(&self) -> Event {
        match &self.tunnel {
            Some(tunnel) => tunnel.monitor.event().await,
            None => std::future::pending().await,
        }
    }
}

/// An error with its sources, for the detail of a fault.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text = format!("{text}: {source}");
        next = source.source();
    }
    text
}

/// A fault of the settings: which one, and why.
fn settings(what: &str, error: &dyn std::error::Error) -> Fault {
    Fault::new(FaultCode::NetworkSettings, format!("{what}: {}", told(error)))
}

#[cfg(test)]
mod tests {
    use flexnet_protocol::{
        Key,
        gateway::{TrafficPolicy, TunnelGrant},
    };

    pub(super) fn grant() -> TunnelGrant {
        TunnelGrant {
            gateway_public_key: Key::new([1; 32]),
            preshared_key: Key::new([2; 32]),
            endpoints: vec!["203.0.113.10:51820".parse().unwrap()],
            addresses: vec!["10.200.0.2/32".parse().unwrap()],
            portal_networks: vec!["10.210.0.0/24".parse().unwrap(), "2001:db8:210::/64".parse().unwrap()],
            dns_servers: vec!["10.210.0.53".parse().unwrap()],
            dns_domains: vec!["snk.example".into()],
            portal_hosts: Vec::new(),
            mtu: 1420,
            keepalive_seconds: 25,
            policy: TrafficPolicy::PortalOnlyRoutes,
        }
    }
}
