//! Which name services the system asks: `resolv.conf(5)`, and behind the stub of systemd-resolved what that asks itself.

use std::{
    fs, io,
    net::{IpAddr, SocketAddr, SocketAddrV6},
    path::Path,
};

use nix::net::if_::if_nametoindex;

/// The stub of systemd-resolved (`systemd-resolved.service(8)`).
const STUB: [u8; 4] = [127, 0, 0, 53];
const CONFIGURED: &str = "/etc/resolv.conf";
const BEHIND_THE_STUB: &str = "/run/systemd/resolve/resolv.conf";

/// In the system's order. `None` if it does not tell.
pub(crate) fn resolvers() -> Option<Vec<SocketAddr>> {
    servers_of(Path::new(CONFIGURED), Path::new(BEHIND_THE_STUB))
}

/// Names that are put behind a short one.
pub(crate) fn search_domains() -> Vec<String> {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let mut domains: Vec<String> =
        [CONFIGURED, BEHIND_THE_STUB].into_iter().flat_map(|path| domains(&read(path))).collect();
    domains.dedup();
    domains
}

/// Text of the hosts file.
pub(crate) fn hosts_file() -> Option<String> {
    fs::read_to_string("/etc/hosts").ok()
}

fn servers_of(configured: &Path, behind: &Path) -> Option<Vec<SocketAddr>> {
    let text = match fs::read_to_string(configured) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(_) => return None,
    };
    let mut servers = servers(&text);
    if servers.iter().any(|server| server.ip() == IpAddr::from(STUB)) {
        let more = fs::read_to_string(behind).map(|text| self::servers(&text)).unwrap_or_default();
        servers.extend(more.into_iter().filter(|server| server.ip() != IpAddr::from(STUB)));
    }
    Some(servers)
}

fn servers(text: &str) -> Vec<SocketAddr> {
    let lines = text.lines().filter_map(|line| line.trim_start().strip_prefix("nameserver"));
    lines.filter_map(|rest| server(rest.split_whitespace().next()?)).collect()
}

/// An address, of link-local ones with the adapter.
fn server(word: &str) -> Option<SocketAddr> {
    let Some((ip, adapter)) = word.split_once('%') else { return Some((word.parse::<IpAddr>().ok()?, 53).into()) };
    let index = adapter.parse().ok().or_else(|| if_nametoindex(adapter).ok())?;
    Some(SocketAddrV6::new(ip.parse().ok()?, 53, 0, index).into())
}

fn domains(text: &str) -> Vec<String> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("search ").or_else(|| line.strip_prefix("domain ")));
    lines.flat_map(str::split_whitespace).filter(|domain| *domain != ".").map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stub_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (etc, run) = (folder.path().join("etc"), folder.path().join("run"));
        let told = || servers_of(&etc, &run).map(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(told(), Some(Vec::new()), "no file is no name service");
        fs::write(&etc, "# a\nnameserver 192.168.178.1\nnameserver fe80::1%1\nsearch fritz.box .\nnameserver x\n")
            .unwrap();
        assert_eq!(told().unwrap(), ["192.168.178.1:53", "[fe80::1%1]:53"]);
        fs::write(&etc, "nameserver 127.0.0.53\noptions edns0\n").unwrap();
        assert_eq!(told().unwrap(), ["127.0.0.53:53"]);
        fs::write(&run, "nameserver 192.0.2.53\n").unwrap();
        assert_eq!(told().unwrap(), ["127.0.0.53:53", "192.0.2.53:53"]);
        assert_eq!(domains("search fritz.box .\n"), ["fritz.box"]);
    }
}
