//! Hosts of the portal and their addresses, as members are told them: checked, and made up from what else the configuration says.

use std::net::IpAddr;

use flexnet_protocol::gateway::PortalHost;
use ipnet::IpNet;

/// As many as a client takes.
const MAX: usize = 16;

/// The hosts as configured; without any the host of the first page, at the portal's addresses.
///
/// # Errors
/// What cannot be right, in words.
pub fn resolve(
    configured: Option<Vec<PortalHost>>,
    url: &str,
    networks: &[IpNet],
    addresses: &[IpAddr],
) -> Result<Vec<PortalHost>, &'static str> {
    let hosts = configured.unwrap_or_else(|| of_first_page(url, addresses).into_iter().collect());
    if hosts.len() > MAX || hosts.iter().any(|host| host.addresses.len() > MAX) {
        return Err("at most 16, each with at most 16 addresses");
    }
    if !hosts.iter().all(|host| is_name(&host.name)) {
        return Err("each needs a host name, lower case");
    }
    let inside = |ip: &IpAddr| networks.iter().any(|network| network.contains(ip));
    if hosts.iter().any(|host| host.addresses.is_empty() || !host.addresses.iter().all(inside)) {
        return Err("each needs addresses, all inside portal.networks");
    }
    Ok(hosts)
}

/// The host of the first page, if it has a name and the addresses are known.
pub fn of_first_page(url: &str, addresses: &[IpAddr]) -> Option<PortalHost> {
    let name = host(url).to_lowercase();
    let mut distinct: Vec<IpAddr> = Vec::new();
    for address in addresses {
        if !distinct.contains(address) {
            distinct.push(*address);
        }
    }
    (is_name(&name) && name.parse::<IpAddr>().is_err() && !distinct.is_empty())
        .then_some(PortalHost { name, addresses: distinct })
}

/// Host of an address of the web, as written.
pub fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', ':', '?', '#']).next().unwrap_or_default()
}

fn is_name(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    name.len() <= 253 && name.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ips(texts: &[&str]) -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn configured(name: &str, addresses: &[&str]) -> Result<Vec<PortalHost>, &'static str> {
        let hosts = vec![PortalHost { name: name.into(), addresses: ips(addresses) }];
        resolve(Some(hosts), "http://portal.snk.example/", &["10.210.0.0/24".parse().unwrap()], &[])
    }

    #[test]
    fn without_hosts_the_first_page_is_told() {
        let networks = ["10.210.0.0/24".parse().unwrap()];
        let addresses = ips(&["10.210.0.10", "10.210.0.11", "10.210.0.10"]);
        let told = resolve(None, "https://Portal.snk.example:8443/start?x", &networks, &addresses).unwrap();
        let first = PortalHost { name: "portal.snk.example".into(), addresses: ips(&["10.210.0.10", "10.210.0.11"]) };
        assert_eq!(told, [first]);
        assert_eq!(resolve(None, "http://portal.snk.example/", &networks, &[]).unwrap(), []);
        assert_eq!(resolve(None, "http://10.210.0.10/", &networks, &addresses).unwrap(), []);
        assert_eq!(resolve(Some(Vec::new()), "http://portal.snk.example/", &networks, &addresses).unwrap(), []);
    }

    #[test]
    fn what_a_client_would_refuse_is_refused_at_the_start() {
        assert!(configured("portal.snk.example", &["10.210.0.10"]).is_ok());
        for name in ["", "Portal.snk.example", "portal..example", "portal.snk.example/", &"a".repeat(64)] {
            assert!(configured(name, &["10.210.0.10"]).is_err(), "{name}");
        }
        assert!(configured("portal.snk.example", &[]).is_err());
        assert!(configured("portal.snk.example", &["10.210.0.10", "10.211.0.1"]).is_err());
        assert!(configured("portal.snk.example", &["10.210.0.10"; 17]).is_err());
    }
}
