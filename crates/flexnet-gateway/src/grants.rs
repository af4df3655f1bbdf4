//! What a member is told of the tunnel, by a sign-in and by a resumed session alike: the configuration, and the session's own part.

use std::net::IpAddr;

use flexnet_protocol::{Key, gateway::TunnelGrant};
use ipnet::IpNet;

use crate::gateway::Gateway;

/// The tunnel of one session.
pub fn tunnel(gateway: &Gateway, preshared_key: Key, addresses: Vec<IpAddr>) -> TunnelGrant {
    let (tunnel, portal) = (&gateway.config.tunnel, &gateway.config.portal);
    TunnelGrant {
        gateway_public_key: gateway.public_key.clone(),
        preshared_key,
        endpoints: tunnel.endpoints.clone(),
        addresses: addresses.into_iter().map(IpNet::from).collect(),
        portal_networks: portal.networks.clone(),
        dns_servers: portal.dns_servers.clone(),
        dns_domains: portal.dns_domains.clone(),
        portal_hosts: portal.hosts.clone(),
        mtu: tunnel.mtu,
        keepalive_seconds: tunnel.keepalive_seconds,
        policy: tunnel.traffic,
    }
}
