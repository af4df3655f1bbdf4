//! Our own parts on Linux: the unit and the service's program, who listens on the socket, and what a session changes.

use std::{
    env, fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    process,
};

use tokio::net::UnixStream;

use crate::os::{Door, Left};

const UNIT: &str = "kv-flexnet-service.service";
const PROGRAM: &str = "kv-flexnet-service";
const DEVICE: &str = "kvflex0";
/// All marks of the service begin so (`os/linux/{hosts,plain}.rs` there).
const MARK: &str = "# kv-flexnet: ";

/// The service's program is where its unit says, where it is installed, or beside this one.
pub(crate) fn is_installed() -> Option<bool> {
    let beside = env::current_exe().ok().and_then(|path| path.parent().map(|folder| folder.join(PROGRAM)));
    Some(is_installed_below(Path::new("/"), beside.as_deref()))
}

fn is_installed_below(root: &Path, beside: Option<&Path>) -> bool {
    let folders =
        ["etc/systemd/system", "usr/local/lib/systemd/system", "usr/lib/systemd/system", "lib/systemd/system"];
    let unit = folders.iter().find_map(|folder| fs::read_to_string(root.join(folder).join(UNIT)).ok());
    let started = unit.as_deref().and_then(|unit| {
        let line = unit.lines().find_map(|line| line.trim().strip_prefix("ExecStart="))?;
        line.trim_start_matches(['-', '@', ':', '+', '!']).split_whitespace().next().map(PathBuf::from)
    });
    let below = |path: &Path| root.join(path.strip_prefix("/").unwrap_or(path));
    let installed = started.map(|path| below(&path)).unwrap_or_else(|| root.join("usr/sbin").join(PROGRAM));
    installed.is_file() || beside.is_some_and(Path::is_file)
}

/// Connects once, looks who listens, and says nothing.
pub(crate) async fn knock(socket: &Path) -> Door {
    let stream = match UnixStream::connect(socket).await {
        Ok(stream) => stream,
        Err(error) => return shut(&error),
    };
    match stream.peer_cred() {
        Ok(who) => door(who.uid(), rustix::process::geteuid().as_raw(), who.pid()),
        Err(_) => Door::Impostor("somebody unknown".to_owned()),
    }
}

fn shut(error: &io::Error) -> Door {
    let kind = error.kind();
    if kind == ErrorKind::NotFound {
        Door::NoSocket
    } else if kind == ErrorKind::ConnectionRefused {
        Door::Refused
    } else if kind == ErrorKind::PermissionDenied {
        Door::NotPermitted
    } else if kind == ErrorKind::WouldBlock {
        // EAGAIN: nobody takes what waits (connect(2)).
        Door::Full
    } else {
        Door::Strange
    }
}

/// Root may serve, and this person, if the program is the service's. Whose program is not to be seen is believed by its user, as the window does.
/// The service manager listens for the service where it hands over the socket.
fn door(uid: u32, own: u32, pid: Option<i32>) -> Door {
    let process = |name: &str| format!("/proc/{}/{name}", pid.unwrap_or_default());
    let comm = fs::read_to_string(process("comm")).unwrap_or_default().trim().to_owned();
    if uid != 0 && uid != own {
        return Door::Impostor(if comm.is_empty() { "another user's program".to_owned() } else { comm });
    }
    let itself = pid.and_then(|pid| u32::try_from(pid).ok()).is_some_and(|pid| pid == 1 || pid == process::id());
    let program = fs::read_link(process("exe")).ok();
    let name = program.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    match name.as_deref().map(|name| name.trim_end_matches(" (deleted)")) {
        Some(name) if name != PROGRAM && !itself => Door::Impostor(name.to_owned()),
        Some(_) | None => Door::Open,
    }
}

/// What a session changes and still stands, found by its names; and devices of other programs that carry a tunnel.
pub(crate) fn left() -> Left {
    let mut left = left_below(Path::new("/"));
    if rustix::process::geteuid().is_root() && table_stands() {
        left.changes.push("table inet kv_flexnet of the packet filter".to_owned());
    }
    left
}

/// The kernel tells its tables to root only.
fn table_stands() -> bool {
    let mut list = process::Command::new("nft");
    list.args(["list", "table", "inet", "kv_flexnet"]).stdout(process::Stdio::null()).stderr(process::Stdio::null());
    list.stdin(process::Stdio::null()).status().is_ok_and(|status| status.success())
}

fn left_below(root: &Path) -> Left {
    let mut changes = Vec::new();
    let net = root.join("sys/class/net");
    if net.join(DEVICE).exists() {
        changes.push(format!("tunnel device {DEVICE}"));
    }
    for (file, what) in
        [("etc/hosts", "portal names in /etc/hosts"), ("etc/resolv.conf", "name servers in /etc/resolv.conf")]
    {
        let text = fs::read(root.join(file)).unwrap_or_default();
        if text.split(|b| *b == b'\n').any(|line| line.starts_with(MARK.as_bytes())) {
            changes.push(what.to_owned());
        }
    }
    let manager = fs::read_to_string(root.join("run/NetworkManager/conf.d/zz-kv-flexnet.conf")).unwrap_or_default();
    if manager.lines().any(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        changes.push("name servers in NetworkManager".to_owned());
    }
    let records = ["run/resolvconf/interface/tun.kvflex0", "run/resolvconf/interfaces/kvflex0"];
    if records.into_iter().any(|record| root.join(record).exists()) {
        changes.push("name servers in resolvconf".to_owned());
    }
    // For root only, as a rule: to others it is not there.
    let journal = fs::read_to_string(root.join("var/lib/kv-flexnet/journal")).unwrap_or_default();
    if changes.is_empty() && journal.lines().any(|line| !line.trim().is_empty()) {
        changes.push("entries in the journal".to_owned());
    }
    Left { changes, foreign: foreign(&net) }
}

/// Devices of other programs that are made as tunnels, with their owner where the name tells it.
fn foreign(net: &Path) -> Vec<String> {
    let devices = fs::read_dir(net).into_iter().flatten().flatten();
    let mut told: Vec<String> = devices
        .filter_map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            let kind = fs::read_to_string(entry.path().join("uevent")).unwrap_or_default();
            let tunnel = entry.path().join("tun_flags").exists() && !is_bridged(&entry.path())
                || kind.contains("DEVTYPE=wireguard");
            (tunnel && name != DEVICE).then(|| owner(&name).map_or(name.clone(), |owner| format!("{owner} ({name})")))
        })
        .collect();
    told.sort_unstable();
    told
}

/// Of a virtual machine, as a rule.
fn is_bridged(device: &Path) -> bool {
    device.join("master").exists()
}

/// Products that name their device.
fn owner(device: &str) -> Option<&'static str> {
    const OWNERS: [(&str, &str); 11] = [
        ("tailscale", "Tailscale"),
        ("nordlynx", "NordVPN"),
        ("nordtun", "NordVPN"),
        ("proton", "Proton VPN"),
        ("mullvad", "Mullvad VPN"),
        ("wg-mullvad", "Mullvad VPN"),
        ("cscotun", "Cisco AnyConnect"),
        ("gpd", "GlobalProtect"),
        ("zt", "ZeroTier"),
        ("CloudflareWARP", "Cloudflare WARP"),
        ("vpn0", "NetworkManager"),
    ];
    OWNERS.iter().find(|(prefix, _)| device.starts_with(prefix)).map(|(_, owner)| *owner)
}

#[cfg(test)]
mod tests;
