//! The network on Linux: packet filter by nftables, the tunnel device, addresses and routes by rtnetlink, names by whoever keeps them on this PC.
//! Every change is in the journal before it is made, and is found again by its fixed name. Nothing else of the system is touched.
//! [`System::apply`] is the order; `filter`, `link`, `names` make and undo one kind of change each; `probe` looks through the tunnel.

mod ahead;
mod carry;
mod dns;
mod echo;
mod filter;
mod foreign;
pub mod fuzz;
mod host;
mod hosts;
mod leftovers;
mod link;
mod manager;
mod mark;
mod monitor;
mod name_cache;
mod names;
mod network_manager;
mod nft;
mod plain;
mod probe;
mod program;
mod questions;
mod resolvconf;
mod resolved;
mod rules;
mod stacks;
mod system_file;
mod upkeep;

use std::{path::Path, sync::Arc};

use flexnet_protocol::{
    Fault, FaultCode,
    repair::{RepairKind, RepairPlan, RepairStep, Repaired},
};
use flexnet_session::{Counters, Proof};
use flexnet_wireguard::{Device, DeviceConfig};
use ipnet::IpNet;

use self::{
    ahead::Ahead,
    carry::Carry,
    filter::Filter,
    link::{Needs, Own},
    monitor::Monitor,
    names::{Found, Keeper},
    probe::Looks,
    rules::Bounds,
    upkeep::Upkeep,
};
use crate::{
    early::Early,
    journal::{Change, Journal},
    network::{Event, Network, Wanted},
};

pub use host::{
    belongs_to_the_administrator, is_administrator, keep_segments_small, leave_no_core, machine_environment,
    make_private_folder, now, open_without_waiting, stopped, sync_folder,
};
pub use manager::tell_manager;
pub use mark::mark_as_ours;
pub use stacks::end_with_stacks;

/// The tunnel device.
const DEVICE: &str = "kvflex0";

/// The network of this PC, and what of it is ours.
pub struct System {
    journal: Journal,
    ahead: Option<Ahead>,
    filter: Option<Filter>,
    keeper: Option<Keeper>,
    tunnel: Option<Tunnel>,
}

/// A network that stands.
struct Tunnel {
    device: Arc<Device>,
    carry: Carry,
    looks: Looks,
    monitor: Monitor,
    upkeep: Upkeep,
}

impl Tunnel {
    /// When this returns, the device is gone.
    async fn remove(self) -> Result<(), String> {
        let Self { device, carry, looks, monitor, upkeep } = self;
        upkeep.end().await;
        carry.end().await;
        drop((looks, monitor));
        match Arc::into_inner(device) {
            Some(device) => device.remove().await.map_err(|e| told(&e)),
            None => Err("the tunnel device is still in use".to_owned()),
        }
    }
}

impl System {
    /// Changes nothing yet.
    pub fn new(state: &Path) -> Self {
        Self { journal: Journal::new(state), ahead: None, filter: None, keeper: None, tunnel: None }
    }

    /// What an earlier session left must go before a new one begins.
    async fn take_back_leftovers(&mut self) -> Result<(), Fault> {
        let repaired = self.undo().await;
        for step in &repaired.undone {
            tracing::warn!(what = step.detail, "left by an earlier session and taken back now");
        }
        if repaired.failed.is_empty() {
            return Ok(());
        }
        Err(Fault::new(FaultCode::Leftovers, repaired.reasons()))
    }

    /// The device whose handshake has begun already, if it is the one that was granted. All else that stands is taken back,
    /// but for a tunnel that is exchanged: its filter stands until the new one's, so that nothing escapes between the two.
    async fn device_ahead(&mut self, wanted: &Wanted) -> Result<Option<Device>, Fault> {
        if let Some(ahead) = self.ahead.take_if(|ahead| ahead.fits(&wanted.config.tunnel, &wanted.private_key))
            && let Some(device) = ahead.into_device().await
        {
            return Ok(Some(device));
        }
        if self.tunnel.is_none() {
            self.take_back_leftovers().await?;
        }
        Ok(None)
    }

    /// Writes the change down; only then may it be made.
    fn record(&self, change: Change) -> Result<(), Fault> {
        self.journal.record(change).map_err(|error| error.fault())
    }

    async fn take_back(&mut self, mut changes: Vec<Change>) -> Repaired {
        // A device whose handshake began early stands in the journal before its filter, and still goes first.
        changes.sort();
        changes.dedup();
        if let Some(keeper) = self.keeper.take() {
            keeper.stop().await;
        }
        let mut repaired = Repaired::default();
        let mut stand = Vec::new();
        for change in changes.into_iter().rev() {
            if change.outlives().is_some_and(|other| stand.contains(&other)) {
                repaired.failed.push(RepairStep::new(change.into(), format!("{change:?} is kept until then")));
                continue;
            }
            let outcome = match change {
                Change::HostsFile => hosts::remove(Path::new(hosts::FILE)),
                Change::NameService => names::take_back(DEVICE).await,
                Change::Device => self.remove_device().await,
                Change::PacketFilter => filter::remove(self.filter.take()).await,
            };
            match outcome {
                Ok(None) => {}
                Ok(Some(what)) => repaired.undone.push(RepairStep::new(change.into(), what)),
                Err(what) => {
                    stand.push(change);
                    repaired.failed.push(RepairStep::new(change.into(), what));
                }
            }
        }
        if repaired.failed.is_empty()
            && let Err(error) = self.journal.clear()
        {
            repaired.failed.push(RepairStep::new(RepairKind::Journal, error.fault().detail));
        }
        repaired
    }

    async fn remove_device(&mut self) -> Result<Option<String>, String> {
        let gone = || Ok(Some(leftovers::device()));
        if let Some(ahead) = self.ahead.take()
            && let Some(device) = ahead.into_device().await
        {
            device.remove().await.map_err(|e| told(&e))?;
            return gone();
        }
        if let Some(tunnel) = self.tunnel.take() {
            tunnel.remove().await?;
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
    async fn ready(&mut self, portal: &[IpNet], early: Option<Early>) -> Result<(), Fault> {
        self.take_back_leftovers().await?;
        link::refuse_overlap(portal, DEVICE)?;
        filter::usable().await?;
        names::usable().await?;
        self.journal.has_room().map_err(|error| error.fault())?;
        if let Some(early) = early {
            self.record(Change::Device)?;
            match Ahead::start(early).await {
                Ok(ahead) => self.ahead = Some(ahead),
                Err(fault) => {
                    tracing::warn!(%fault, "the handshake waits for the sign-in");
                    return self.take_back_leftovers().await;
                }
            }
        }
        Ok(())
    }

    async fn apply(&mut self, wanted: Wanted) -> Result<(), Fault> {
        let ahead = self.device_ahead(&wanted).await?;
        let begun = ahead.is_some();
        let Wanted { config, private_key, gateway, https, portal } = wanted;
        link::refuse_overlap(&config.tunnel.portal_networks, DEVICE)?;

        self.record(Change::PacketFilter)?;
        let bounds = Bounds { config: &config, gateway: &gateway, hosts: &portal.hosts };
        if let Some(filter) = self.filter.take() {
            filter.let_go().await;
        }
        self.filter = Filter::set(&bounds).await?;
        if let Some(tunnel) = self.tunnel.take() {
            tunnel.remove().await.map_err(|what| Fault::new(FaultCode::TunnelDevice, what))?;
        }

        let device = match ahead {
            Some(device) => device,
            None => {
                self.record(Change::Device)?;
                let (name, mtu) = (DEVICE.into(), config.tunnel.mtu);
                let device = DeviceConfig { name, private_key, listen_port: 0, mtu, serves: false };
                Device::create(device).await.map_err(|e| Fault::new(FaultCode::TunnelDevice, told(&e)))?
            }
        };
        tracing::info!(backend = ?device.backend(), "tunnel device");
        let (device, hosts) = (Arc::new(device), portal.hosts.clone());
        let own = Own::find(DEVICE).await?;
        let monitor = Monitor::start(DEVICE, &config.tunnel.endpoints)?;
        let carry = Carry::start(Arc::clone(&device), config.tunnel.clone(), https, begun).await?;
        let looks = Looks::new(Arc::clone(&device), config.tunnel.clone(), portal);
        let index = own.index();
        let raised = own.raise(&Needs::of(&config.tunnel)).await;
        let upkeep = Upkeep::start(own, config.tunnel.clone())?;
        let tunnel = self.tunnel.insert(Tunnel { device, carry, looks, monitor, upkeep });
        raised?;

        let (found, keeper) = names::set(&self.journal, index, &config, &hosts).await?;
        self.keeper = keeper;
        match found {
            Found::Asking => {}
            Found::InFile => tunnel.looks.names_are_in_the_file(None),
            Found::InFileOnceLearnt => tunnel.looks.names_are_in_the_file(Some(&self.journal)),
        }
        Ok(())
    }

    async fn undo(&mut self) -> Repaired {
        let changes = self.journal.changes().unwrap_or_else(|error| {
            tracing::error!(fault = %error.fault(), "looking for everything of ours by name");
            Change::ALL.to_vec()
        });
        if changes.is_empty() && self.tunnel.is_none() && self.ahead.is_none() {
            return Repaired::default();
        }
        self.take_back(changes).await
    }

    async fn repair(&mut self, portal: &[String]) -> Repaired {
        let noted = leftovers::noted(&self.journal);
        let mut repaired = self.take_back(Change::ALL.to_vec()).await;
        if repaired.undone.is_empty() && repaired.failed.is_empty() {
            repaired.undone.extend(noted);
        }
        match name_cache::flush().await {
            Ok(done) => repaired.undone.extend(done),
            Err(failed) => repaired.failed.push(failed),
        }
        repaired.foreign = foreign::of_this_pc(portal).await;
        repaired
    }

    async fn plan(&self, portal: &[String]) -> RepairPlan {
        let mut steps = leftovers::steps().await;
        if steps.is_empty() {
            steps.extend(leftovers::noted(&self.journal));
        }
        steps.extend(name_cache::step().await);
        RepairPlan { steps, foreign: foreign::of_this_pc(portal).await }
    }

    async fn leftovers(&self) -> Vec<String> {
        if self.tunnel.is_some() || self.ahead.is_some() {
            return Vec::new();
        }
        leftovers::in_journal(&self.journal)
    }

    async fn probe(&self, whole: bool) -> Proof {
        match &self.tunnel {
            Some(tunnel) => {
                let proof = tunnel.looks.probe(&tunnel.carry, whole).await;
                match tunnel.upkeep.lost() {
                    // A look goes by the device; the member's programs go by its routes.
                    Some(fault) => Proof { network_ms: None, portal: Err(fault), ..proof },
                    None => proof,
                }
            }
            None => Proof {
                handshake: false,
                network_ms: None,
                portal: Err(FaultCode::TunnelNoHandshake.into()),
                carrier: flexnet_protocol::snapshot::Carrier::Udp,
            },
        }
    }

    async fn counters(&self) -> Option<Counters> {
        self.tunnel.as_ref()?.looks.counters().await
    }

    async fn event(&self) -> Event {
        match &self.tunnel {
            Some(tunnel) => {
                tokio::select! {
                    event = tunnel.monitor.event() => {
                        // Before anybody looks: what carried may be gone.
                        tunnel.carry.race();
                        event
                    }
                    () = tunnel.upkeep.changed() => Event::Changed,
                    carrier = tunnel.carry.another() => Event::Carried(carrier),
                }
            }
            None => std::future::pending().await,
        }
    }

    async fn echo(&self) -> bool {
        match &self.tunnel {
            Some(tunnel) => tunnel.carry.echo().await,
            None => false,
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
