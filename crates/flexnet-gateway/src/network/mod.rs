//! The gateway's own network: one WireGuard device, its address, its packet filter, and the peers of the live leases.
//! Peers are desired state: read from a [`LeaseSource`] on every wake and every second, only differences are made. Never decides who may have a lease.
//! Next: `keeper` reconciles, `activity` tells inner packets from keepalives, `os/` touches the system.

mod activity;
#[cfg(test)]
pub mod fake;
mod keeper;
mod os;

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use flexnet_protocol::{Fault, FaultCode, Key};
use flexnet_wireguard::{Peer, PeerStatus, PrivateKey};
use ipnet::IpNet;

pub use activity::Activity;
use keeper::Keeper;

/// What the gateway's network is made of.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Name of the WireGuard device, for example `kvgw0`.
    pub device: String,
    /// The gateway's WireGuard key.
    pub private_key: PrivateKey,
    /// UDP port of the tunnel.
    pub listen_port: u16,
    /// Bytes of the largest inner packet.
    pub mtu: u16,
    /// Networks from which members get addresses. The gateway itself has the first address of each, see [`own_address`].
    pub pools: Vec<IpNet>,
    /// Where the portal lies.
    pub portal_networks: Vec<IpNet>,
    /// TCP servers in there that a member may reach, and nothing else; empty for everything in there.
    pub portal_servers: Vec<SocketAddr>,
    /// Name servers inside, on port 53 only; they may lie outside the portal networks.
    pub dns_servers: Vec<IpAddr>,
}

/// The gateway's own address in a pool: the first after the network's own. No member may get it.
pub fn own_address(pool: IpNet) -> Option<IpAddr> {
    pool.hosts().find(|address| *address != pool.network())
}

/// What a live session is entitled to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The client's WireGuard key.
    pub public_key: Key,
    /// The session's preshared key.
    pub preshared_key: Key,
    /// The member's addresses; each becomes a /32 or /128.
    pub addresses: Vec<IpAddr>,
}

/// The live leases as they were read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// All of them.
    pub leases: Vec<Lease>,
    /// Whether it is certain that they are those of now. A database that was replaced by another may answer on, and know of no revocation since.
    pub is_current: bool,
}

/// Who knows the live leases: the database.
pub trait LeaseSource: Send + Sync + 'static {
    /// All leases that are live now. After an error, or while it is not certain that they are those of now, peers stay for fifteen minutes at most.
    fn leases(&self) -> impl Future<Output = Result<Reading, SourceError>> + Send;
}

/// Why the leases could not be read.
pub type SourceError = Box<dyn std::error::Error + Send + Sync>;

/// The running network. Dropping it ends the reconciliation; [`Network::stop`] also takes everything off the system.
#[derive(Debug)]
pub struct Network {
    keeper: Keeper,
    takes_early: bool,
}

impl Network {
    /// Replaces what a killed gateway left, sets filter, device and addresses, and installs the peers of the present leases.
    ///
    /// # Errors
    /// The phase that failed; what was set until then is taken back.
    pub async fn start<S: LeaseSource>(settings: Settings, source: Arc<S>) -> Result<Self, Error> {
        let tunnel = os::Tunnel::raise(&settings).await?;
        Ok(Self::over(tunnel, source).await)
    }

    /// The same over any tunnel; tests bring [`fake::Tunnel`].
    pub async fn over<T: Tunnel, S: LeaseSource>(tunnel: T, source: Arc<S>) -> Self {
        let takes_early = tunnel.takes_early();
        let network = Self { keeper: Keeper::start(tunnel, source), takes_early };
        // A source that fails now is asked again every second and has been logged.
        let _ = network.settled().await;
        network
    }

    /// The leases have changed: reconcile in a moment, together with whoever waits for it by then. Returns at once.
    pub fn wake(&self) {
        self.keeper.hint();
    }

    /// Reconciles now and waits: on return every lease that was live at the call is a peer, and nothing else is.
    ///
    /// # Errors
    /// The leases could not be read or the device refused. The network tries again by itself.
    pub async fn settled(&self) -> Result<(), Error> {
        self.keeper.settled().await
    }

    /// What each installed peer has done, by public key, at most a second old.
    pub fn activity(&self) -> HashMap<[u8; 32], Activity> {
        self.keeper.activity()
    }

    /// How long no inner packet has come from one peer, as in [`Activity::quiet`], at most a second old.
    pub fn quiet(&self, public_key: &[u8; 32]) -> Option<Duration> {
        self.keeper.quiet(public_key)
    }

    /// What stood in the way of setting the peers at the last try.
    pub fn trouble(&self) -> Option<Trouble> {
        self.keeper.trouble()
    }

    /// Whether a handshake may begin before its peer is installed. The kernel's WireGuard forgets such an initiation, and the next one
    /// would be seconds late.
    pub fn takes_early(&self) -> bool {
        self.takes_early
    }

    /// Removes device and packet filter.
    ///
    /// # Errors
    /// The phase that failed. The rest was removed all the same.
    pub async fn stop(self) -> Result<(), Error> {
        self.keeper.stop().await
    }
}

/// The seam to the system: a raised device with its filter.
pub trait Tunnel: Send + Sync + 'static {
    /// Makes the device's peers these and no others; unchanged peers are not touched.
    fn set_peers(&self, wanted: &[Peer]) -> impl Future<Output = Result<(), Error>> + Send;
    /// Counters of the installed peers.
    fn peers(&self) -> impl Future<Output = Result<Vec<PeerStatus>, Error>> + Send;
    /// Whether an initiation that comes before its peer is answered when the peer comes.
    fn takes_early(&self) -> bool;
    /// Takes device and filter off the system.
    fn lower(self) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Why the peers are perhaps not those of the live leases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The database did not tell them, or old ones: the peers are kept as they are for a while.
    Leases,
    /// The device did not take them.
    Device,
}

/// The phase in which the network failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// This operating system has no gateway network yet.
    #[error("the gateway's network is not built for this system")]
    NotOnThisSystem,
    /// Device and filter have one name each.
    #[error("another gateway runs in this network namespace")]
    Taken,
    /// A pool without a host address.
    #[error("the pool {0} has no address for the gateway")]
    Pool(IpNet),
    /// The system does not forward packets, and it could not be told to.
    #[error("the system does not forward packets ({0}); a member would reach nothing")]
    Forwarding(&'static str, #[source] std::io::Error),
    /// The WireGuard device.
    #[error("the WireGuard device")]
    Device(#[source] flexnet_wireguard::Error),
    /// Addresses or link state of the device.
    #[error("the addresses of the WireGuard device")]
    Link(#[source] std::io::Error),
    /// The packet filter.
    #[error("the packet filter")]
    Filter(#[source] SourceError),
    /// The live leases could not be read.
    #[error("the live leases")]
    Leases(#[source] SourceError),
    /// For a long time nothing that the database said was certain to be of now.
    #[error("the live leases that the database tells may be old ones: it keeps no sign of life")]
    Uncertain,
    /// The last reconciliation failed; the log has its cause.
    #[error("the peers could not be reconciled: {0}")]
    Reconcile(String),
    /// The network was stopped.
    #[error("the network is stopped")]
    Stopped,
}

impl From<&Error> for Fault {
    fn from(error: &Error) -> Self {
        let code = match error {
            Error::NotOnThisSystem => FaultCode::NotOnThisSystem,
            Error::Device(_) | Error::Taken => FaultCode::TunnelDevice,
            Error::Pool(_) | Error::Forwarding(..) | Error::Link(_) | Error::Filter(_) => FaultCode::NetworkSettings,
            Error::Leases(_) | Error::Uncertain | Error::Reconcile(_) | Error::Stopped => FaultCode::Internal,
        };
        Self::new(code, error.to_string())
    }
}
