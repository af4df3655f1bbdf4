//! Which name services the system asks, from the settings of its adapters. Type-checked, not run.

use std::{
    env, fs,
    net::{IpAddr, SocketAddr},
    path::Path,
};

use windows_registry::{Key, LOCAL_MACHINE};

const ADAPTERS: [&str; 2] = [
    r"SYSTEM\CurrentControlSet\Services\Tcpip\Parameters\Interfaces",
    r"SYSTEM\CurrentControlSet\Services\Tcpip6\Parameters\Interfaces",
];
/// What a person set goes before what the network said.
const SERVERS: [&str; 2] = ["NameServer", "DhcpNameServer"];
const DOMAINS: [&str; 2] = ["Domain", "DhcpDomain"];

/// Of all adapters. `None` if the system does not tell.
pub(crate) fn resolvers() -> Option<Vec<SocketAddr>> {
    let mut servers: Vec<SocketAddr> = Vec::new();
    let told = texts(&SERVERS)?;
    let words = told.iter().flat_map(|text| text.split([',', ' ']));
    for ip in words.filter_map(|word| word.trim().parse::<IpAddr>().ok()) {
        if !servers.contains(&(ip, 53).into()) {
            servers.push((ip, 53).into());
        }
    }
    Some(servers)
}

/// Names that are put behind a short one.
pub(crate) fn search_domains() -> Vec<String> {
    texts(&DOMAINS).unwrap_or_default()
}

/// Text of the hosts file.
pub(crate) fn hosts_file() -> Option<String> {
    let root = env::var_os("SystemRoot")?;
    fs::read_to_string(Path::new(&root).join(r"System32\drivers\etc\hosts")).ok()
}

/// Of each adapter the first of these values that says something.
fn texts(values: &[&str]) -> Option<Vec<String>> {
    let mut texts = Vec::new();
    for adapters in ADAPTERS.iter().filter_map(|path| LOCAL_MACHINE.open(path).ok()) {
        let Ok(names) = adapters.keys() else { continue };
        let keys: Vec<Key> = names.filter_map(|name| adapters.open(name).ok()).collect();
        let said =
            |key: &Key| values.iter().find_map(|value| key.get_string(value).ok().filter(|text| !text.is_empty()));
        texts.extend(keys.iter().filter_map(said));
    }
    (!texts.is_empty()).then_some(texts)
}
