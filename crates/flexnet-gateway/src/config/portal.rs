//! `[portal]`: what lies behind the gateway.

use std::net::{IpAddr, SocketAddr};

use flexnet_protocol::gateway::PortalHost;
use ipnet::IpNet;
use serde::Deserialize;

use super::wrong;
use crate::{error::Error, portal_hosts};

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

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PortalFile {
    url: String,
    networks: Vec<IpNet>,
    addresses: Vec<SocketAddr>,
    dns_servers: Vec<IpAddr>,
    dns_domains: Vec<String>,
    hosts: Option<Vec<PortalHost>>,
}

impl PortalFile {
    pub(super) fn resolve(self) -> Result<Portal, Error> {
        let Self { url, networks, addresses, dns_servers, dns_domains, hosts } = self;
        if networks.is_empty() {
            return Err(wrong("portal.networks", "needs at least one network"));
        }
        let inside = |ip: IpAddr| networks.iter().any(|net| net.contains(&ip));
        if !addresses.iter().all(|address| inside(address.ip())) {
            return Err(wrong("portal.addresses", "must lie inside portal.networks"));
        }
        let servers: Vec<IpAddr> = addresses.iter().map(SocketAddr::ip).collect();
        let hosts = portal_hosts::resolve(hosts, &url, &networks, &servers);
        let hosts = hosts.map_err(|reason| wrong("portal.hosts", reason))?;
        Ok(Portal { url, networks, addresses, dns_servers, dns_domains, hosts })
    }
}
