//! Who answers for names on this PC while a tunnel stands: the seam over the back ends.
//! With `portal_only_routes` the portal's names only go through the tunnel, with `exclusive` all of them. [`take_back`] finds what any of them left.
//!
//! | | `portal_only_routes` | `exclusive` |
//! |---|---|---|
//! | systemd-resolved | the portal's domains by the device | all names by the device |
//! | NetworkManager, resolvconf, plain `resolv.conf` | the portal's hosts in the file of hosts | its servers are the tunnel's |

use std::{fs, net::IpAddr, path::Path, time::Duration};

use flexnet_protocol::{Fault, FaultCode, gateway::TunnelGrant};
use flexnet_session::{FirewallPolicy, NetworkConfig};
use tokio::{task::JoinHandle, time::interval};

use super::{
    hosts, network_manager, plain,
    resolvconf::{self, Make},
    resolved, settings, system_file, told,
};
use crate::journal::{Change, Journal};

/// Where names are put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Names {
    /// systemd-resolved runs, and the PC's programs ask it.
    Resolved,
    /// NetworkManager writes `resolv.conf`.
    NetworkManager,
    /// The program `resolvconf` writes it.
    Resolvconf(Make),
    /// Nobody keeps it.
    Plain,
    /// Without a split the portal's hosts go into the file of hosts.
    HostsFile,
    /// The grant has neither a name service nor addresses of hosts.
    None,
}

/// Where this PC's programs find the portal's names now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// They ask, and are answered through the tunnel.
    Asking,
    /// All of them in the file of hosts.
    InFile,
    /// In the file of hosts as soon as all are learnt inside the tunnel and put with [`put_hosts`].
    InFileOnceLearnt,
}

/// Puts lines of ours back into a file that another program has written meanwhile, above what it wrote.
pub(super) struct Keeper(JoinHandle<()>);

/// How often is looked.
const LOOK: Duration = Duration::from_secs(1);

impl Keeper {
    fn start(file: &'static str, put: impl Fn() -> Result<bool, system_file::Error> + Send + 'static) -> Self {
        Self(tokio::spawn(async move {
            let mut look = interval(LOOK);
            let mut fails = false;
            loop {
                look.tick().await;
                let put = put();
                match &put {
                    Ok(false) => {}
                    Ok(true) => tracing::warn!(file, "another program has written it; our lines stand above its own"),
                    Err(error) if !fails => tracing::error!(file, error = told(error), "our lines are gone"),
                    Err(_) => {}
                }
                fails = put.is_err();
            }
        }))
    }

    /// When this returns, it writes no more.
    pub(super) async fn stop(mut self) {
        self.0.abort();
        drop((&mut self.0).await);
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A host of the portal and its addresses.
pub(super) type Host = (String, Vec<IpAddr>);

/// Proves that names could be put somewhere, before anything depends on it.
pub(super) async fn usable() -> Result<(), Fault> {
    if split().await {
        return Ok(());
    }
    system_file::writable(Path::new(hosts::FILE)).map_err(|e| settings("names", &e))
}

/// Makes it so, each change written down before.
pub(super) async fn set(
    journal: &Journal,
    index: u32,
    config: &NetworkConfig,
    portal: &[String],
) -> Result<(Found, Option<Keeper>), Fault> {
    let grant = &config.tunnel;
    let chosen = choose(config).await;
    tracing::info!(?chosen, "names");
    if !matches!(chosen, Names::HostsFile | Names::None) {
        journal.record(Change::NameService).map_err(|error| error.fault())?;
    }
    match chosen {
        Names::Resolved => resolved::set(index, grant, is_exclusive(config)).await?,
        Names::NetworkManager => {
            let failed = |what| Fault::new(FaultCode::NetworkSettings, format!("names: {what}"));
            network_manager::set(&grant.dns_servers).await.map_err(failed)?;
        }
        Names::Resolvconf(make) => {
            resolvconf::set(make, &grant.dns_servers).await.map_err(|e| settings("resolvconf", &e))?;
        }
        Names::Plain => {
            let servers = grant.dns_servers.clone();
            let put = move || plain::put(Path::new(plain::FILE), &servers);
            put().map_err(|e| settings("names", &e))?;
            return Ok((Found::Asking, Some(Keeper::start(plain::FILE, put))));
        }
        Names::HostsFile => {
            let known = known(grant, portal);
            if !known.is_empty() {
                put_hosts(journal, &known)?;
            }
            let all = portal.iter().filter(|host| host.parse::<IpAddr>().is_err()).count();
            if known.len() < all {
                return Ok((Found::InFileOnceLearnt, None));
            }
            let keeper = Keeper::start(hosts::FILE, move || hosts::put(Path::new(hosts::FILE), &known));
            return Ok((Found::InFile, Some(keeper)));
        }
        Names::None => {}
    }
    Ok((Found::Asking, None))
}

/// Writes the portal's hosts into the file of hosts. Nothing is awaited between the entry and the change, so whoever gives up cannot stop in between.
pub(super) fn put_hosts(journal: &Journal, found: &[Host]) -> Result<(), Fault> {
    journal.record(Change::HostsFile).map_err(|error| error.fault())?;
    hosts::put(Path::new(hosts::FILE), found).map(drop).map_err(|e| settings("names", &e))
}

/// Takes back what was made with this back end or any other, found by the fixed names of ours. `device` is the tunnel's.
pub(super) async fn take_back(device: &str) -> Result<Option<String>, String> {
    of_all([
        resolved::revert(device).await,
        network_manager::remove().await,
        resolvconf::remove().await,
        plain::remove(Path::new(plain::FILE)),
    ])
}

/// What [`take_back`] would take back.
pub(super) async fn left(device: &str) -> Result<Option<String>, String> {
    of_all([
        resolved::left(device).await,
        Ok(network_manager::left()),
        Ok(resolvconf::left()),
        plain::left(Path::new(plain::FILE)),
    ])
}

fn of_all(outcomes: [Result<Option<String>, String>; 4]) -> Result<Option<String>, String> {
    let (mut undone, mut failed) = (Vec::new(), Vec::new());
    for outcome in outcomes {
        match outcome {
            Ok(what) => undone.extend(what),
            Err(what) => failed.push(what),
        }
    }
    if !failed.is_empty() {
        return Err(failed.join("; "));
    }
    Ok((!undone.is_empty()).then(|| undone.join(", ")))
}

async fn choose(config: &NetworkConfig) -> Names {
    let grant = &config.tunnel;
    if grant.dns_servers.is_empty() {
        return if grant.portal_hosts.is_empty() { Names::None } else { Names::HostsFile };
    }
    if split().await {
        return Names::Resolved;
    }
    if !is_exclusive(config) {
        return Names::HostsFile;
    }
    let resolv = fs::read_to_string(plain::FILE).unwrap_or_default();
    if network_manager::keeps(&resolv).await {
        return Names::NetworkManager;
    }
    resolvconf::of_this_pc(&resolv).map_or(Names::Plain, Names::Resolvconf)
}

fn is_exclusive(config: &NetworkConfig) -> bool {
    match config.firewall {
        FirewallPolicy::Exclusive => true,
        FirewallPolicy::None | FirewallPolicy::PortalOnlyRoutes => false,
    }
}

/// Addresses that came with the grant, of the profile's hosts and inside the portal's networks only.
fn known(grant: &TunnelGrant, portal: &[String]) -> Vec<Host> {
    let of = |name: &String| -> Vec<IpAddr> {
        let hosts = grant.portal_hosts.iter().filter(|host| host.name.eq_ignore_ascii_case(name));
        let addresses = hosts.flat_map(|host| host.addresses.iter().copied());
        addresses.filter(|ip| grant.portal_networks.iter().any(|net| net.contains(ip))).collect()
    };
    let hosts = portal.iter().filter(|name| name.parse::<IpAddr>().is_err()).map(|name| (name.clone(), of(name)));
    hosts.filter(|(_, addresses)| !addresses.is_empty()).collect()
}

/// Whether names can be split here: programs ask systemd-resolved, by its stub or by the name service switch, and it runs.
async fn split() -> bool {
    let resolv = fs::read_to_string(plain::FILE).unwrap_or_default();
    let switch = fs::read_to_string("/etc/nsswitch.conf").unwrap_or_default();
    asks_resolved(&resolv, &switch) && resolved::runs().await
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
    use flexnet_protocol::gateway::PortalHost;

    use super::*;
    use crate::os::linux::tests::grant;

    #[test]
    fn a_resolver_that_nobody_asks_does_not_count() {
        assert!(asks_resolved("# stub\nnameserver 127.0.0.53\noptions edns0\n", ""));
        assert!(asks_resolved("", "passwd: files\nhosts: mymachines resolve [!UNAVAIL=return] files dns\n"));
        assert!(!asks_resolved("nameserver 192.168.178.1\n", "hosts: files dns\n"));
    }

    #[test]
    fn hosts_of_the_grant_are_bound_by_profile_and_networks() {
        let mut grant = grant();
        let host =
            |name: &str, address: &str| PortalHost { name: name.into(), addresses: vec![address.parse().unwrap()] };
        grant.portal_hosts = vec![
            host("portal.snk.example", "10.210.0.10"),
            host("bank.example", "10.210.0.10"),
            host("b.snk.example", "192.0.2.1"),
        ];
        let profile = ["portal.snk.example".to_owned(), "b.snk.example".to_owned(), "10.210.0.10".to_owned()];
        assert_eq!(known(&grant, &profile), [("portal.snk.example".to_owned(), vec!["10.210.0.10".parse().unwrap()])]);
    }
}
