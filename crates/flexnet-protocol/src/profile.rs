//! The installed profile: which gateway, which authority, which portal. It belongs to the administrator.
//! [`ProfileFile`] is the TOML as written, [`Profile`] what was checked; only the latter leaves this module's callers' hands.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::{desk::DeskContact, gateway::TunnelGrant, snapshot::Portal};

/// More endpoints, networks, name servers or names than that are no gateway's: each is a rule or a route on the PC.
const MAX_IN_GRANT: usize = 16;

/// The file as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileFile {
    /// Name of the KV.
    pub organisation: String,
    /// The gateway.
    pub gateway: GatewayFile,
    /// The member portal.
    pub portal: PortalFile,
    /// The service desk.
    pub desk: DeskContact,
}

/// `[gateway]` of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewayFile {
    /// Name in the certificate.
    pub name: String,
    /// Literal HTTPS endpoints, so that a dead name service does not matter.
    pub endpoints: Vec<SocketAddr>,
    /// PEM of the only authority that is trusted, inline.
    pub ca: String,
    /// Where its WireGuard port answers echoes, for the diagnosis.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub udp: Vec<SocketAddr>,
    /// Hosts of the KV, elsewhere than the gateway, that answer 204 to plain HTTP: by these a dead gateway is told from a dead line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub anchors: Vec<SocketAddr>,
}

/// `[portal]` of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortalFile {
    /// First page.
    pub url: String,
    /// Hosts that the portal window may reach.
    pub hosts: Vec<String>,
    /// The only networks that may ever be routed into the tunnel.
    pub networks: Vec<IpNet>,
    /// Name services inside these networks, for the diagnosis.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub name_servers: Vec<IpAddr>,
}

/// The checked profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Name of the KV.
    pub organisation: String,
    /// Name in the gateway's certificate.
    pub gateway_name: String,
    /// HTTPS endpoints, at least one.
    pub gateway_endpoints: Vec<SocketAddr>,
    /// PEM of the only authority that is trusted.
    pub gateway_ca: String,
    /// Where the gateway answers echoes over UDP; may be empty.
    pub gateway_udp: Vec<SocketAddr>,
    /// Hosts that answer when the gateway does not; may be empty.
    pub anchors: Vec<SocketAddr>,
    /// The member portal.
    pub portal: Portal,
    /// Host of the portal's first page.
    pub portal_host: String,
    /// TCP port of the portal's first page.
    pub portal_port: u16,
    /// The only networks that may ever be routed into the tunnel.
    pub portal_networks: Vec<IpNet>,
    /// Name services inside them; may be empty.
    pub portal_name_servers: Vec<IpAddr>,
    /// The service desk.
    pub desk: DeskContact,
}

/// Why a profile is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadProfile {
    /// Not TOML, a field missing, unknown or of another type.
    #[error("{0}")]
    Syntax(String),
    /// A value that cannot be right.
    #[error("{field}: {reason}")]
    Value {
        /// Where.
        field: &'static str,
        /// Why.
        reason: &'static str,
    },
}

impl Profile {
    /// Reads and checks the text of a profile file.
    ///
    /// # Errors
    /// [`BadProfile`], naming the field.
    pub fn parse(text: &str) -> Result<Self, BadProfile> {
        let file: ProfileFile = toml::from_str(text).map_err(|e| BadProfile::Syntax(e.to_string()))?;
        Self::resolve(file)
    }

    fn resolve(file: ProfileFile) -> Result<Self, BadProfile> {
        let bad = |field, reason| Err(BadProfile::Value { field, reason });
        if file.gateway.name.is_empty() {
            return bad("gateway.name", "is empty");
        }
        if file.gateway.endpoints.is_empty() {
            return bad("gateway.endpoints", "needs at least one address");
        }
        if !file.gateway.ca.contains("BEGIN CERTIFICATE") {
            return bad("gateway.ca", "holds no PEM certificate");
        }
        if file.portal.networks.is_empty() {
            return bad("portal.networks", "needs at least one network");
        }
        if file.portal.networks.iter().any(|net| net.prefix_len() < 8) {
            return bad("portal.networks", "is wider than /8: that is not a portal's network");
        }
        let networks: Vec<IpNet> = file.portal.networks.iter().map(IpNet::trunc).collect();
        if file.gateway.endpoints.iter().any(|e| networks.iter().any(|n| n.contains(&e.ip()))) {
            return bad("gateway.endpoints", "lies inside portal.networks: the tunnel would swallow itself");
        }
        let inside = |ip: IpAddr| networks.iter().any(|net| net.contains(&ip));
        if file.gateway.udp.iter().any(|end| inside(end.ip())) {
            return bad("gateway.udp", "lies inside portal.networks: the tunnel would swallow itself");
        }
        if file.gateway.anchors.iter().any(|anchor| inside(anchor.ip())) {
            return bad("gateway.anchors", "lies inside portal.networks: an anchor stands outside");
        }
        if !file.portal.name_servers.iter().all(|ip| inside(*ip)) {
            return bad("portal.name_servers", "lies outside portal.networks");
        }
        let looked_at = [file.gateway.udp.len(), file.gateway.anchors.len(), file.portal.name_servers.len()];
        if looked_at.iter().any(|length| *length > MAX_IN_GRANT) {
            return bad("gateway", "names more than 16 echoes, anchors or name services");
        }
        let Some((host, port)) = host_and_port(&file.portal.url) else {
            return bad("portal.url", "is not an http or https address");
        };
        let hosts: Vec<String> = file.portal.hosts.iter().map(|h| h.to_ascii_lowercase()).collect();
        if !hosts.contains(&host) {
            return bad("portal.hosts", "does not hold the host of portal.url");
        }
        if !hosts.iter().all(|h| is_host_name(h)) {
            return bad("portal.hosts", "holds something that is not a host name");
        }
        Ok(Self {
            organisation: file.organisation,
            gateway_name: file.gateway.name,
            gateway_endpoints: file.gateway.endpoints,
            gateway_ca: file.gateway.ca,
            gateway_udp: file.gateway.udp,
            anchors: file.gateway.anchors,
            portal: Portal { url: file.portal.url, hosts },
            portal_host: host,
            portal_port: port,
            portal_networks: networks,
            portal_name_servers: file.portal.name_servers,
            desk: file.desk,
        })
    }

    /// Checks that a grant stays inside the profile: no route, name server or name beyond the portal's,
    /// and addresses that are this PC's alone, because the system makes a route of every wider one.
    ///
    /// # Errors
    /// What lies outside, for the desk.
    pub fn permits(&self, grant: &TunnelGrant) -> Result<(), String> {
        let inside = |ip: IpAddr| self.portal_networks.iter().any(|net| net.contains(&ip));
        if let Some(net) = grant.portal_networks.iter().find(|n| !self.portal_networks.iter().any(|p| p.contains(*n))) {
            return Err(format!("route {net} is outside the profile's portal networks"));
        }
        if let Some(ip) = grant.dns_servers.iter().find(|&&ip| !inside(ip)) {
            return Err(format!("name server {ip} is outside the profile's portal networks"));
        }
        let ours = |domain: &str| self.portal.hosts.iter().any(|h| h == domain || h.ends_with(&format!(".{domain}")));
        if let Some(domain) = grant.dns_domains.iter().find(|d| !ours(&d.to_ascii_lowercase()) || !d.contains('.')) {
            return Err(format!("name {domain} belongs to no host of the portal"));
        }
        if let Some(end) = grant.endpoints.iter().find(|e| inside(e.ip())) {
            return Err(format!("endpoint {end} lies inside the portal networks"));
        }
        let ends = || self.gateway_endpoints.iter().chain(&grant.endpoints);
        for net in &grant.addresses {
            let ip = net.addr();
            if !is_host(*net) || inside(ip) || ends().any(|end| end.ip() == ip) {
                return Err(format!("address {net} cannot be this PC's alone"));
            }
        }
        let of_family = |v4: bool| grant.addresses.iter().filter(|net| net.addr().is_ipv4() == v4).count();
        if of_family(true) > 1 || of_family(false) > 1 {
            return Err("more than one address of a family".into());
        }
        for host in &grant.portal_hosts {
            if !self.portal.hosts.contains(&host.name) {
                return Err(format!("{} is no host of the portal", host.name));
            }
            if let Some(ip) = host.addresses.iter().find(|&&ip| !inside(ip)) {
                return Err(format!("{} has {ip}, outside the profile's portal networks", host.name));
            }
        }
        let widest_host = grant.portal_hosts.iter().map(|host| host.addresses.len()).max().unwrap_or(0);
        let lengths = [
            grant.endpoints.len(),
            grant.portal_networks.len(),
            grant.dns_servers.len(),
            grant.dns_domains.len(),
            grant.portal_hosts.len(),
            widest_host,
        ];
        if let Some(length) = lengths.iter().find(|length| **length > MAX_IN_GRANT) {
            return Err(format!("{length} endpoints, networks, name servers or names: more than {MAX_IN_GRANT}"));
        }
        if grant.endpoints.is_empty() || grant.addresses.is_empty() || grant.portal_networks.is_empty() {
            return Err("no endpoint, no address or no network".into());
        }
        if !(1280..=1500).contains(&grant.mtu) {
            return Err(format!("mtu {} is not between 1280 and 1500", grant.mtu));
        }
        Ok(())
    }
}

/// One unicast address that may be a host's in any network (RFC 4291 §2.4, RFC 6890 §2.2).
fn is_host(net: IpNet) -> bool {
    let special = match net.addr() {
        IpAddr::V4(ip) => {
            ip.is_loopback() || ip.is_multicast() || ip.is_link_local() || ip.is_broadcast() || ip.octets()[0] == 0
        }
        IpAddr::V6(ip) => {
            ip.is_loopback()
                || ip.is_multicast()
                || ip.is_unicast_link_local()
                || ip.is_unspecified()
                || ip.to_ipv4_mapped().is_some()
        }
    };
    net.prefix_len() == net.max_prefix_len() && !special
}

/// Lower-case host and TCP port of an `http` or `https` address.
fn host_and_port(url: &str) -> Option<(String, u16)> {
    let (rest, default) =
        url.strip_prefix("https://").map(|r| (r, 443)).or_else(|| url.strip_prefix("http://").map(|r| (r, 80)))?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, port.parse().ok()?),
        None => (authority, default),
    };
    let host = host.to_ascii_lowercase();
    is_host_name(&host).then_some((host, port))
}

/// Letters, digits, hyphens and dots, no empty label (RFC 1123 §2.1).
fn is_host_name(text: &str) -> bool {
    text.len() <= 253
        && text.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Key, gateway::TrafficPolicy};

    pub(crate) const GOOD: &str = r#"
organisation = "Muster-KV"
[gateway]
name = "flexnet.example"
endpoints = ["203.0.113.10:443", "[2001:db8:113::10]:443"]
ca = """
-----BEGIN CERTIFICATE-----
-----END CERTIFICATE-----
"""
[portal]
url = "http://portal.snk.example/"
hosts = ["portal.snk.example"]
networks = ["10.210.0.0/24"]
[desk]
name = "IT-ServiceDesk"
phone = "0231 94 32 99 00"
phone_uri = "+4923194329900"
time_zone = "Europe/Berlin"
holidays = "nordrhein-westfalen"
hours = [{ days = ["mon"], from = "08:00", to = "17:00" }]
"#;

    #[test]
    fn a_good_profile_is_resolved() {
        let profile = Profile::parse(GOOD).unwrap();
        assert_eq!((profile.portal_host.as_str(), profile.portal_port), ("portal.snk.example", 80));
    }

    #[test]
    fn what_cannot_be_right_is_named() {
        for (from, to, field) in [
            ("10.210.0.0/24", "0.0.0.0/0", "portal.networks"),
            ("10.210.0.0/24", "203.0.113.0/24", "gateway.endpoints"),
            ("http://portal", "ftp://portal", "portal.url"),
            ("[portal]", "udp = [\"10.210.0.1:51820\"]\n[portal]", "gateway.udp"),
            ("[portal]", "anchors = [\"10.210.0.1:80\"]\n[portal]", "gateway.anchors"),
            ("[desk]", "name_servers = [\"192.0.2.53\"]\n[desk]", "portal.name_servers"),
            ("hosts = [\"portal.snk.example\"]", "hosts = []", "portal.hosts"),
            ("BEGIN CERTIFICATE", "BEGIN NOTHING", "gateway.ca"),
        ] {
            let error = Profile::parse(&GOOD.replace(from, to)).unwrap_err();
            assert!(matches!(&error, BadProfile::Value { field: f, .. } if *f == field), "{field}: {error}");
        }
        let error = Profile::parse(&GOOD.replace("organisation =", "organisation ==")).unwrap_err();
        assert!(error.to_string().contains("line 2"), "{error}");
    }

    #[test]
    fn a_grant_stays_inside_the_profile() {
        let profile = Profile::parse(GOOD).unwrap();
        let grant = TunnelGrant {
            gateway_public_key: Key::new([1; 32]),
            preshared_key: Key::new([2; 32]),
            endpoints: vec!["203.0.113.10:51820".parse().unwrap()],
            addresses: vec!["10.200.0.2/32".parse().unwrap()],
            portal_networks: vec!["10.210.0.0/24".parse().unwrap()],
            dns_servers: vec!["10.210.0.53".parse().unwrap()],
            dns_domains: vec!["snk.example".into()],
            portal_hosts: Vec::new(),
            mtu: 1420,
            keepalive_seconds: 25,
            policy: TrafficPolicy::PortalOnlyRoutes,
        };
        assert_eq!(profile.permits(&grant), Ok(()));
        let outside: [fn(&mut TunnelGrant); 10] = [
            |g| g.portal_networks.push("192.168.0.0/16".parse().unwrap()),
            |g| g.dns_servers.push("8.8.8.8".parse().unwrap()),
            |g| g.dns_domains.push("example".into()),
            |g| g.dns_domains.push("bank.example".into()),
            |g| g.endpoints.push("10.210.0.9:51820".parse().unwrap()),
            |g| g.mtu = 600,
            |g| g.endpoints = vec!["203.0.113.10:51820".parse().unwrap(); 17],
            |g| g.portal_networks = vec!["10.210.0.1/32".parse().unwrap(); 17],
            |g| g.dns_servers = vec!["10.210.0.53".parse().unwrap(); 17],
            |g| g.dns_domains = vec!["snk.example".into(); 17],
        ];
        for change in outside {
            let mut grant = grant.clone();
            change(&mut grant);
            assert!(profile.permits(&grant).is_err(), "{grant:?}");
        }
        let addresses = |nets: &[&str]| {
            let addresses = nets.iter().map(|net| net.parse().unwrap()).collect();
            profile.permits(&TunnelGrant { addresses, ..grant.clone() })
        };
        assert_eq!(addresses(&["10.200.0.2/32", "fd00:200::2/128"]), Ok(()));
        for nets in [
            // The kernel makes a route to the whole of it.
            &["1.2.3.4/1"] as &[&str],
            &["10.200.0.2/16"],
            &["10.200.0.2/32", "fd00:200::2/64"],
            &["10.200.0.2/32", "10.200.0.3/32"],
            &["fd00:200::2/128", "fd00:200::3/128"],
            &["10.210.0.7/32"],
            &["203.0.113.10/32"],
            &["2001:db8:113::10/128"],
            &["127.0.0.1/32"],
            &["0.0.0.0/32"],
            &["224.0.0.251/32"],
            &["169.254.1.1/32"],
            &["255.255.255.255/32"],
            &["::/128"],
            &["::1/128"],
            &["fe80::1/128"],
            &["ff02::1/128"],
            &["::ffff:10.200.0.2/128"],
            &[],
        ] {
            assert!(addresses(nets).is_err(), "{nets:?}");
        }
    }
}
