//! Linux: os-release(5), what updates leave behind, mount points, the Secret Service, signs of a domain.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use rustix::io::Errno;
use zbus::{Connection, Proxy, fdo::DBusProxy, names::BusName, proxy::CacheProperties, zvariant::OwnedObjectPath};

use crate::{
    facts::{Keyring, Product, System},
    os::{SETTINGS, end_of_life, is_near_host},
};

/// A file that can always be opened.
pub(crate) const NULL: &str = "/dev/null";

/// EMFILE or ENFILE.
pub(crate) fn is_out_of_handles(error: &io::Error) -> bool {
    [Errno::MFILE, Errno::NFILE].into_iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

/// The deepest folder on the way to this person's settings that is there. `None` if not even the home is.
pub(crate) fn settings_folder() -> Option<PathBuf> {
    let home = env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    let given = env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute());
    let config = given.or_else(|| home.as_ref().map(|home| home.join(".config")))?;
    [Some(config.join(SETTINGS)), Some(config), home].into_iter().flatten().find(|folder| folder.is_dir())
}

pub(crate) fn system() -> Option<System> {
    let text = fs::read_to_string("/etc/os-release").or_else(|_| fs::read_to_string("/usr/lib/os-release")).ok()?;
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim().to_owned();
    let updates_waiting = updates(Path::new("/"));
    Some(System { updates_waiting, ..described(&text, &kernel) })
}

fn described(os_release: &str, kernel: &str) -> System {
    let field = |name: &str| os_release.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).map(bare);
    let version = field("VERSION_ID").unwrap_or_default();
    System {
        name: field("PRETTY_NAME").or_else(|| field("NAME")).unwrap_or_else(|| "Linux".to_owned()),
        version: if version.is_empty() { kernel.to_owned() } else { format!("{version} ({kernel})") },
        supported: field("ID").and_then(|id| end_of_life::linux(&id, &version)),
        updates_waiting: None,
    }
}

fn bare(value: &str) -> String {
    value.trim().trim_matches(['"', '\'']).to_owned()
}

/// A restart is wanted. Only Debian and its kin leave a file, and only where a package is installed that writes it.
fn updates(root: &Path) -> Option<bool> {
    let there = |path: &str| root.join(path).exists();
    if there("run/reboot-required") || there("var/run/reboot-required") {
        return Some(true);
    }
    let writers = ["usr/share/update-notifier/notify-reboot-required", "usr/share/unattended-upgrades"];
    writers.into_iter().any(there).then_some(false)
}

/// Joined to a domain: a keytab of this host, the configuration of sssd, or Samba as a member.
pub(crate) fn domain_member() -> Option<bool> {
    Some(is_member(Path::new("/")))
}

fn is_member(root: &Path) -> bool {
    let joined = ["etc/krb5.keytab", "etc/sssd/sssd.conf"].into_iter().any(|path| root.join(path).exists());
    let samba = fs::read_to_string(root.join("etc/samba/smb.conf")).unwrap_or_default();
    let security = samba.lines().filter_map(|line| line.trim().split_once('='));
    let mut security = security.filter(|(name, _)| name.trim().eq_ignore_ascii_case("security"));
    joined || security.any(|(_, value)| ["ads", "domain"].contains(&value.trim().to_ascii_lowercase().as_str()))
}

/// Shares of servers with private addresses, by kind. Reads what is mounted; asks no server and no name service.
pub(crate) fn shares() -> Option<Vec<String>> {
    fs::read_to_string("/proc/self/mountinfo").ok().map(|text| mounted(&text))
}

/// proc_pid_mountinfo(5): behind ` - ` stand the kind, the source and the options of the super block.
fn mounted(mountinfo: &str) -> Vec<String> {
    let mut kinds: Vec<String> = mountinfo
        .lines()
        .filter_map(|line| {
            let mut fields = line.split_once(" - ")?.1.split(' ');
            let (kind, source, options) = (fields.next()?, fields.next()?, fields.next().unwrap_or_default());
            let kind = match kind {
                "cifs" | "smb3" => "cifs",
                "nfs" | "nfs4" => "nfs",
                _ => return None,
            };
            is_near(source, options).then(|| kind.to_owned())
        })
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// By the address that the kernel has connected to, else by a name that only a private network has.
fn is_near(source: &str, options: &str) -> bool {
    let address = options.split(',').find_map(|option| option.strip_prefix("addr="));
    let host = match source.strip_prefix("//") {
        Some(cifs) => cifs.split('/').next(),
        None => source.rsplit_once(":/").map(|(host, _)| host.trim_matches(['[', ']'])),
    };
    is_near_host(address.or(host).unwrap_or_default())
}

/// Linux has no place where scanners are named.
pub(crate) fn scanners() -> Option<Vec<Product>> {
    None
}

/// Nor firewalls: nftables shows its rules to root only.
pub(crate) fn firewalls() -> Option<Vec<Product>> {
    None
}

/// Filters of packets are the kernel's own here.
pub(crate) fn filters() -> Vec<String> {
    Vec::new()
}

/// The property `Locked` of the default collection of the Secret Service (freedesktop.org, 0.2). Starts no service that does not run.
pub(crate) async fn keyring() -> Option<Keyring> {
    match Connection::session().await {
        Ok(bus) => keyring_on(&bus).await,
        Err(_) => Some(Keyring::Absent),
    }
}

async fn keyring_on(bus: &Connection) -> Option<Keyring> {
    const NAME: &str = "org.freedesktop.secrets";
    let names = DBusProxy::new(bus).await.ok()?;
    let name = BusName::try_from(NAME).ok()?;
    if !names.name_has_owner(name.clone()).await.ok()? {
        // It would be started by whoever asks for a secret; how it is then nobody knows yet.
        let startable = names.list_activatable_names().await.ok()?;
        return (!startable.iter().any(|other| other.as_str() == NAME)).then_some(Keyring::Absent);
    }
    let service = Proxy::new(bus, NAME, "/org/freedesktop/secrets", "org.freedesktop.Secret.Service").await.ok()?;
    let collection: OwnedObjectPath = service.call("ReadAlias", &("default",)).await.ok()?;
    if collection.as_str() == "/" {
        return Some(Keyring::Absent);
    }
    let collection: Proxy<'_> = zbus::proxy::Builder::new(bus)
        .destination(NAME)
        .ok()?
        .path(collection)
        .ok()?
        .interface("org.freedesktop.Secret.Collection")
        .ok()?
        .cache_properties(CacheProperties::No)
        .build()
        .await
        .ok()?;
    let locked: bool = collection.get_property("Locked").await.ok()?;
    Some(if locked { Keyring::Locked } else { Keyring::Open })
}

#[cfg(test)]
mod tests;
