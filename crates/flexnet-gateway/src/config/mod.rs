//! `gateway.toml`: [`ConfigFile`] is the file as written, [`Config`] what was checked. Only the latter reaches the rest of the program.
//! Holds no secret: keys lie in files of their own beside it.

use std::{
    fs,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
};

use flexnet_protocol::{
    desk::DeskContact,
    gateway::{Policy, PortalHost, TrafficPolicy},
};
use ipnet::IpNet;
use serde::Deserialize;

use crate::{error::Error, network::own_address, portal_hosts};

/// Wrong entries in a row that lock an access. A rule of the field, not a setting.
pub const ATTEMPTS: u8 = 5;

/// The file as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigFile {
    name: String,
    organisation: String,
    api: ApiFile,
    tunnel: TunnelFile,
    portal: PortalFile,
    policy: PolicyFile,
    #[serde(default)]
    limits: Limits,
    #[serde(default)]
    maintenance: Maintenance,
    desk: DeskContact,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ApiFile {
    listen: SocketAddr,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct TunnelFile {
    device: String,
    listen_port: u16,
    endpoints: Vec<SocketAddr>,
    pools: Vec<IpNet>,
    mtu: u16,
    keepalive_seconds: u16,
    traffic: TrafficPolicy,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct PortalFile {
    url: String,
    networks: Vec<IpNet>,
    addresses: Vec<SocketAddr>,
    dns_servers: Vec<IpAddr>,
    dns_domains: Vec<String>,
    hosts: Option<Vec<PortalHost>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyFile {
    idle_seconds: u32,
    absolute_seconds: u32,
    min_client_version: String,
}

/// `[limits]`: how much of the outside world is served at once.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Sign-ins a minute from one address (/32 or /56), and how many at once.
    pub address: Budget,
    /// The same for its network (/24 or /48).
    pub network: Budget,
    /// The same for everybody together.
    pub total: Budget,
    /// Argon2id computations at the same time, 19 MiB each; 0 for one a processor.
    pub hashes: usize,
    /// Sign-ins that may wait for one of them; more are refused as busy.
    pub waiting: usize,
    /// Open connections.
    pub connections: usize,
    /// Open connections from one address (/32 or /56).
    pub connections_per_address: usize,
    /// Connections that carry WireGuard, beside those; 0 for none.
    pub carriers: usize,
    /// Seconds after which a connection takes no further request; a quarter later it is cut.
    pub connection_seconds: u32,
}

/// A token bucket.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Refilled so many a minute.
    pub per_minute: u32,
    /// At most so many at once.
    pub burst: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            address: Budget { per_minute: 600, burst: 5_000 },
            network: Budget { per_minute: 3_000, burst: 20_000 },
            total: Budget { per_minute: 30_000, burst: 100_000 },
            hashes: 0,
            waiting: 200,
            connections: 800,
            connections_per_address: 250,
            carriers: 1_000,
            connection_seconds: 120,
        }
    }
}

/// `[maintenance]`: while it is on, nobody can sign in; sessions go on.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Maintenance {
    /// Whether it is on.
    pub on: bool,
    /// Should be over at, seconds since 1970 UTC.
    pub until: Option<i64>,
}

/// The checked configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Name in the certificate; the gateway's name in the audit.
    pub name: String,
    /// Name of the KV.
    pub organisation: String,
    /// Where the sign-in API listens.
    pub listen: SocketAddr,
    /// The way in, as members are told and as the device is made.
    pub tunnel: Tunnel,
    /// What lies behind.
    pub portal: Portal,
    /// The rules of sign-in and session.
    pub policy: Policy,
    /// Oldest client that may sign in.
    pub min_client_version: Version,
    /// How much is served at once.
    pub limits: Limits,
    /// Whether the access is being worked on.
    pub maintenance: Maintenance,
    /// Whom members telephone.
    pub desk: DeskContact,
    /// Where keys, certificates and database lie.
    pub files: Files,
}

/// `[tunnel]`.
#[derive(Debug, Clone)]
pub struct Tunnel {
    /// Name of the WireGuard device.
    pub device: String,
    /// Its UDP port.
    pub listen_port: u16,
    /// Its UDP addresses as seen from outside, best first.
    pub endpoints: Vec<SocketAddr>,
    /// Networks from which members get addresses.
    pub pools: Vec<IpNet>,
    /// Bytes of the largest inner packet.
    pub mtu: u16,
    /// Seconds between the client's keepalives; 0 for none.
    pub keepalive_seconds: u16,
    /// What the rest of the member's traffic may do.
    pub traffic: TrafficPolicy,
}

/// `[portal]`.
#[derive(Debug, Clone)]
pub struct Portal {
    /// First page.
    pub url: String,
    /// What is routed into the tunnel.
    pub networks: Vec<IpNet>,
    /// TCP servers inside those networks that a member reaches, and no others; empty for all of the networks.
    pub addresses: Vec<SocketAddr>,
    /// Name servers inside.
    pub dns_servers: Vec<IpAddr>,
    /// Names that only these servers may be asked for.
    pub dns_domains: Vec<String>,
    /// Hosts whose addresses members are told, so that they need not ask. Each must be a host of the installed profiles.
    pub hosts: Vec<PortalHost>,
}

/// The gateway's folder: where each file lies.
#[derive(Debug, Clone)]
pub struct Files {
    /// The database.
    pub database: PathBuf,
    /// 32 bytes from which everything keyed is derived.
    pub keys: PathBuf,
    /// The WireGuard key.
    pub wireguard: PathBuf,
    /// Certificate of the server.
    pub certificate: PathBuf,
    /// Its key.
    pub certificate_key: PathBuf,
    /// Certificate of the authority, for the profile.
    pub authority: PathBuf,
    /// Its key. Not needed to run; keep it elsewhere.
    pub authority_key: PathBuf,
}

impl Files {
    /// The names inside a folder.
    pub fn inside(folder: &Path) -> Self {
        Self {
            database: folder.join("gateway.sqlite"),
            keys: folder.join("secrets.key"),
            wireguard: folder.join("wireguard.key"),
            certificate: folder.join("server.pem"),
            certificate_key: folder.join("server-key.pem"),
            authority: folder.join("ca.pem"),
            authority_key: folder.join("ca-key.pem"),
        }
    }
}

impl Config {
    /// Reads and checks a configuration; the other files lie beside it.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Syntax`], [`Error::Value`].
    pub fn load(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(|e| Error::Read(path.to_owned(), e))?;
        let file = toml::from_str(&text).map_err(|e| Error::Syntax(path.to_owned(), Box::new(e)))?;
        Self::resolve(file, path.parent().unwrap_or(Path::new(".")))
    }

    fn resolve(file: ConfigFile, folder: &Path) -> Result<Self, Error> {
        let bad = |field, reason: &str| Err(Error::Value { field, reason: reason.to_owned() });
        if file.name.is_empty() || file.organisation.is_empty() {
            return bad("name, organisation", "must not be empty");
        }
        if file.tunnel.endpoints.is_empty() {
            return bad("tunnel.endpoints", "needs at least one address");
        }
        if file.tunnel.pools.is_empty() || file.tunnel.pools.iter().any(|pool| own_address(*pool).is_none()) {
            return bad("tunnel.pools", "needs networks with host addresses");
        }
        if !(1280..=1500).contains(&file.tunnel.mtu) {
            return bad("tunnel.mtu", "must be between 1280 and 1500");
        }
        if file.portal.networks.is_empty() {
            return bad("portal.networks", "needs at least one network");
        }
        let inside = |ip: IpAddr| file.portal.networks.iter().any(|net| net.contains(&ip));
        if !file.portal.addresses.iter().all(|address| inside(address.ip())) {
            return bad("portal.addresses", "must lie inside portal.networks");
        }
        let addresses: Vec<IpAddr> = file.portal.addresses.iter().map(SocketAddr::ip).collect();
        let hosts = portal_hosts::resolve(file.portal.hosts, &file.portal.url, &file.portal.networks, &addresses);
        let hosts = hosts.map_err(|reason| Error::Value { field: "portal.hosts", reason: reason.to_owned() })?;
        if file.policy.idle_seconds < 60 || file.policy.absolute_seconds < file.policy.idle_seconds {
            return bad("policy", "idle_seconds must be at least 60, absolute_seconds at least idle_seconds");
        }
        let Some(min_client_version) = Version::parse(&file.policy.min_client_version) else {
            return bad("policy.min_client_version", "must look like 1.2.3");
        };
        if file.limits.waiting == 0 || file.limits.connections == 0 || file.limits.connections_per_address == 0 {
            return bad("limits", "waiting and connections must not be 0");
        }
        if file.limits.connection_seconds < 60 {
            return bad("limits.connection_seconds", "must be at least 60: clients open one while the member types");
        }
        let TunnelFile { device, listen_port, endpoints, pools, mtu, keepalive_seconds, traffic } = file.tunnel;
        let PortalFile { url, networks, addresses, dns_servers, dns_domains, .. } = file.portal;
        Ok(Self {
            name: file.name,
            organisation: file.organisation,
            listen: file.api.listen,
            tunnel: Tunnel { device, listen_port, endpoints, pools, mtu, keepalive_seconds, traffic },
            portal: Portal { url, networks, addresses, dns_servers, dns_domains, hosts },
            policy: Policy {
                attempts: ATTEMPTS,
                idle_seconds: file.policy.idle_seconds,
                absolute_seconds: file.policy.absolute_seconds,
            },
            min_client_version,
            limits: file.limits,
            maintenance: file.maintenance,
            desk: file.desk,
            files: Files::inside(folder),
        })
    }
}

/// `major.minor.patch`; what follows a hyphen or plus does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version([u32; 3]);

impl Version {
    /// Reads a version.
    pub fn parse(text: &str) -> Option<Self> {
        let core = text.split(['-', '+']).next()?;
        let parts: Vec<u32> = core.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
        parts.try_into().ok().map(Self)
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [major, minor, patch] = self.0;
        write!(f, "{major}.{minor}.{patch}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        let version = |text| Version::parse(text).unwrap();
        assert!(version("0.9.0") < version("0.10.0"));
        assert_eq!(version("1.2.3-beta+7"), version("1.2.3"));
        assert_eq!(version("1.2.3").to_string(), "1.2.3");
        assert!(Version::parse("1.2").is_none() && Version::parse("one").is_none());
    }
}
