//! What belongs to other programs and could be taken for a leftover of ours: their tunnel devices, and lines about the portal in the file of hosts.
//! Looked at and named, never touched.

use std::{collections::BTreeSet, fs, path::Path};

use flexnet_protocol::repair::{Foreign, ForeignKind};
use futures_util::TryStreamExt as _;
use rtnetlink::{
    new_connection,
    packet_route::link::{InfoKind, LinkAttribute, LinkFlags, LinkInfo, LinkLayerType, LinkMessage},
};

use super::{DEVICE, hosts};

/// Programs that hold a tunnel device, by the names of their processes, and what people know them as.
const PROGRAMS: [(&str, &str); 12] = [
    ("openvpn", "OpenVPN"),
    ("openconnect", "OpenConnect"),
    ("vpnagentd", "Cisco Secure Client"),
    ("vpnc", "vpnc"),
    ("tailscaled", "Tailscale"),
    ("zerotier-one", "ZeroTier"),
    ("nordvpnd", "NordVPN"),
    ("mullvad-daemon", "Mullvad VPN"),
    ("PanGPS", "GlobalProtect"),
    ("snx", "Check Point SNX"),
    ("warp-svc", "Cloudflare WARP"),
    ("pppd", "pppd"),
];

/// All of it, in a stable order. `portal`: the hosts of the profile, if there is one.
pub(super) async fn of_this_pc(portal: &[String]) -> Vec<Foreign> {
    let processes = Process::all();
    let devices = tunnels().await.into_iter().map(|Tunnel { name, wireguard }| {
        let owner = owner(&name, &processes).or_else(|| wireguard.then(|| "WireGuard".to_owned()));
        Foreign { kind: ForeignKind::Device, name, owner: owner.unwrap_or_default() }
    });
    let mut all: Vec<Foreign> = devices.collect();
    if hosts::others_name(Path::new(hosts::FILE), portal) {
        all.push(Foreign { kind: ForeignKind::HostsFile, name: hosts::FILE.to_owned(), owner: String::new() });
    }
    all.sort();
    all
}

struct Tunnel {
    name: String,
    wireguard: bool,
}

/// Tunnel devices that are up and not ours. Those of virtual machines stand in a bridge.
async fn tunnels() -> Vec<Tunnel> {
    let Ok((connection, handle, _)) = new_connection() else { return Vec::new() };
    let driver = tokio::spawn(connection).abort_handle();
    let links: Result<Vec<LinkMessage>, _> = handle.link().get().execute().try_collect().await;
    driver.abort();
    links.unwrap_or_default().iter().filter_map(tunnel).collect()
}

fn tunnel(link: &LinkMessage) -> Option<Tunnel> {
    let (mut name, mut kind, mut in_bridge) = (None, None, false);
    for attribute in &link.attributes {
        if let LinkAttribute::IfName(text) = attribute {
            name = Some(text.clone());
        }
        if let LinkAttribute::Controller(bridge) = attribute {
            in_bridge = *bridge != 0;
        }
        if let LinkAttribute::LinkInfo(info) = attribute {
            kind = info.iter().find_map(|part| if let LinkInfo::Kind(kind) = part { Some(kind.clone()) } else { None });
        }
    }
    let wireguard = kind == Some(InfoKind::Wireguard);
    let tunnel = wireguard
        || matches!(&kind, Some(kind) if [InfoKind::Tun, InfoKind::Xfrm, InfoKind::Vti].contains(kind))
        || link.header.link_layer_type == LinkLayerType::Ppp;
    let name = name.filter(|name| name != DEVICE)?;
    (tunnel && !in_bridge && link.header.flags.contains(LinkFlags::Up)).then_some(Tunnel { name, wireguard })
}

/// A process that could hold a device.
struct Process {
    name: String,
    /// Names of the tun devices that it holds; empty also where the kernel does not tell.
    holds: Vec<String>,
}

impl Process {
    fn all() -> Vec<Self> {
        let folders = fs::read_dir("/proc").into_iter().flatten().flatten();
        folders.filter_map(|folder| Self::at(&folder.path())).collect()
    }

    fn at(folder: &Path) -> Option<Self> {
        let name = fs::read_to_string(folder.join("comm")).ok()?.trim_end().to_owned();
        let open = fs::read_dir(folder.join("fdinfo")).into_iter().flatten().flatten();
        let told = open.filter_map(|file| fs::read_to_string(file.path()).ok());
        // The kernel tells the device of a descriptor of /dev/net/tun (drivers/net/tun.c, tun_chr_show_fdinfo).
        let holds =
            told.filter_map(|text| text.lines().find_map(|l| l.strip_prefix("iff:").map(|n| n.trim().to_owned())));
        Some(Self { name, holds: holds.collect() })
    }
}

/// Who holds it; where the kernel does not tell that, the one program that it can be.
fn owner(device: &str, processes: &[Process]) -> Option<String> {
    let known = |process: &Process| {
        // The kernel cuts names of processes after 15 bytes.
        PROGRAMS.iter().find(|(name, _)| process.name == name.get(..15).unwrap_or(name)).map(|(_, known)| *known)
    };
    if let Some(process) = processes.iter().find(|process| process.holds.iter().any(|name| name == device)) {
        return Some(known(process).map_or_else(|| process.name.clone(), str::to_owned));
    }
    let running: BTreeSet<&str> = processes.iter().filter_map(known).collect();
    (running.len() == 1).then(|| running.into_iter().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(name: &str, holds: &[&str]) -> Process {
        Process { name: name.into(), holds: holds.iter().map(|name| (*name).to_owned()).collect() }
    }

    #[test]
    fn a_device_belongs_to_who_holds_it_or_to_the_one_that_it_can_be() {
        let held = [process("openvpn", &["tun0"]), process("acme-vpn", &["tun1"]), process("pppd", &[])];
        assert_eq!(owner("tun0", &held).as_deref(), Some("OpenVPN"));
        assert_eq!(owner("tun1", &held).as_deref(), Some("acme-vpn"));
        assert_eq!(owner("tun2", &held), None, "two could be it");
        assert_eq!(owner("tun2", &held[..1]).as_deref(), Some("OpenVPN"));
        assert_eq!(owner("tun2", &[process("bash", &[])]), None);
    }

    #[test]
    fn processes_are_read() {
        assert!(Process::all().iter().any(|process| process.name.starts_with("os::linux") || !process.name.is_empty()));
    }
}
