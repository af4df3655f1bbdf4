//! Who answers for the portal's names on this PC.

use std::fs;

use flexnet_protocol::gateway::TunnelGrant;

use super::resolved;

/// Where the portal's names are put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// systemd-resolved runs, and the PC's programs ask it: it sends the portal's names, and only these, into the tunnel.
    Resolved,
    /// Plain `resolv.conf` has no split: the portal's hosts go into the file of hosts.
    HostsFile,
    /// The grant has no name service.
    None,
}

impl Names {
    /// What fits this PC.
    pub(super) async fn choose(grant: &TunnelGrant) -> Self {
        let chosen = if grant.dns_servers.is_empty() { Self::None } else { Self::of_this_pc().await };
        tracing::info!(?chosen, "names");
        chosen
    }

    /// What a grant with a name service would get here.
    pub(super) async fn of_this_pc() -> Self {
        if is_asked() && resolved::runs().await { Self::Resolved } else { Self::HostsFile }
    }
}

/// Whether programs ask systemd-resolved at all: by its stub, or by the name service switch.
fn is_asked() -> bool {
    let resolv = fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
    let switch = fs::read_to_string("/etc/nsswitch.conf").unwrap_or_default();
    asks_resolved(&resolv, &switch)
}

fn asks_resolved(resolv: &str, switch: &str) -> bool {
    let stub = resolv
        .lines()
        .filter_map(|line| line.trim().strip_prefix("nameserver"))
        .any(|server| matches!(server.trim(), "127.0.0.53" | "127.0.0.54"));
    let hosts = switch.lines().filter_map(|line| line.trim().strip_prefix("hosts:"));
    stub || hosts.flat_map(str::split_whitespace).any(|source| source == "resolve")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resolver_that_nobody_asks_does_not_count() {
        assert!(asks_resolved("# stub\nnameserver 127.0.0.53\noptions edns0\n", ""));
        assert!(asks_resolved("", "passwd: files\nhosts: mymachines resolve [!UNAVAIL=return] files dns\n"));
        assert!(!asks_resolved("nameserver 192.168.178.1\n", "hosts: files dns\n"));
    }
}
