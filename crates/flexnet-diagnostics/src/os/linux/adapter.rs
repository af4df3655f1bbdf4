//! What an adapter is: by the kind that the kernel has of it, and, where it has none because it is hardware, by sysfs.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rtnetlink::packet_route::link::LinkLayerType;

use crate::facts::AdapterKind;

/// The service's device.
const OURS: &str = "kvflex0";

/// What the kernel says of a link.
#[derive(Debug, Clone)]
pub(super) struct Link {
    pub(super) index: u32,
    pub(super) name: String,
    /// As in `ip -d link`: `wireguard`, `tun`, `bridge` ...; `None` for hardware.
    pub(super) kind: Option<String>,
    pub(super) layer: LinkLayerType,
    /// The bridge or bond that it is a port of.
    pub(super) controller: Option<u32>,
    /// What it stands on.
    pub(super) lower: Option<u32>,
    /// What it stands on, or its twin, is in another network namespace.
    pub(super) elsewhere: bool,
}

impl Link {
    /// What it is, among all links.
    pub(super) fn is(&self, links: &[Self]) -> AdapterKind {
        if self.name == OURS {
            return AdapterKind::Ours;
        }
        match self.kind.as_deref() {
            None => hardware(&self.name, self.layer),
            Some("ppp") => AdapterKind::Ppp,
            Some("wwan" | "rmnet") => AdapterKind::Mobile,
            Some("wireguard" | "xfrm" | "vti" | "vti6") => AdapterKind::ForeignVpn,
            // A tap in a bridge is a virtual machine's.
            Some("tun") if self.layer == LinkLayerType::Ether && self.controller.is_some() => AdapterKind::Virtual,
            Some("tun") => AdapterKind::ForeignVpn,
            // A container's only cable; the host's end has a port in a bridge or a made-up name.
            Some("veth") if self.controller.is_none() && !self.name.starts_with("veth") => AdapterKind::Cable,
            Some("macvlan" | "ipvlan") if self.elsewhere => AdapterKind::Cable,
            Some("vlan") => self.below(links),
            Some("bridge" | "bond" | "team") => self.of_ports(links),
            Some("ipip" | "sit" | "gre" | "gretap" | "ip6tnl" | "ip6gre" | "ip6gretap") => AdapterKind::Other,
            Some(_) => AdapterKind::Virtual,
        }
    }

    /// A name that says what it is and nothing of the person who named it. `enx` is followed by a MAC address.
    pub(super) fn public_name(&self) -> String {
        let plain = |prefix: &str| {
            let rest = self.name.strip_prefix(prefix)?;
            let short = rest.len() <= 8
                && rest.bytes().all(|b| {
                    b.is_ascii_digit() || matches!(b, b'p' | b's' | b'f' | b'u' | b'i' | b'c' | b'n' | b'd' | b'o')
                });
            let made = if short && !rest.is_empty() { self.name.clone() } else { prefix.to_owned() };
            (short || matches!(prefix, "enx" | "wlx" | "wwx" | "veth" | "br-" | "zt" | "vnet")).then_some(made)
        };
        const KNOWN: [&str; 32] = [
            "kvflex",
            "enx",
            "wlx",
            "wwx",
            "veth",
            "vnet",
            "br-",
            "zt",
            "en",
            "eth",
            "wlan",
            "wlp",
            "wl",
            "wwan",
            "ww",
            "usb",
            "ppp",
            "utun",
            "tun",
            "tap",
            "wg",
            "docker",
            "virbr",
            "vmnet",
            "vboxnet",
            "bond",
            "team",
            "br",
            "tailscale",
            "nordlynx",
            "cscotun",
            "gpd",
        ];
        if let Some(name) = KNOWN.iter().find_map(|prefix| plain(prefix)) {
            return name;
        }
        self.kind.clone().unwrap_or_else(|| "adapter".into())
    }

    fn below(&self, links: &[Self]) -> AdapterKind {
        let lower = links.iter().find(|link| Some(link.index) == self.lower && link.index != self.index);
        match lower {
            // Two of a kind on one another are still hardware below.
            Some(lower) if lower.kind.as_deref() != Some("vlan") => lower.is(links),
            Some(_) | None => AdapterKind::Cable,
        }
    }

    fn of_ports(&self, links: &[Self]) -> AdapterKind {
        let is_cable = |port: &Self| {
            matches!(port.kind.as_deref(), None | Some("bond" | "vlan")) || port.is(links) == AdapterKind::Cable
        };
        if links.iter().any(|link| link.controller == Some(self.index) && is_cable(link)) {
            AdapterKind::Cable
        } else {
            AdapterKind::Virtual
        }
    }
}

fn hardware(name: &str, layer: LinkLayerType) -> AdapterKind {
    let folder = PathBuf::from("/sys/class/net").join(name);
    by_files(&folder, layer)
}

fn by_files(folder: &Path, layer: LinkLayerType) -> AdapterKind {
    let uevent = fs::read_to_string(folder.join("uevent")).unwrap_or_default();
    let is_type = |word: &str| uevent.lines().any(|line| line.strip_prefix("DEVTYPE=") == Some(word));
    let driver = fs::read_link(folder.join("device/driver")).ok();
    let driver = driver.as_deref().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default();
    if is_type("wwan") || is_mobile(driver) {
        AdapterKind::Mobile
    } else if is_type("wlan") || folder.join("wireless").exists() || folder.join("phy80211").exists() {
        AdapterKind::Wifi
    } else if layer == LinkLayerType::Ppp {
        AdapterKind::Ppp
    } else if layer == LinkLayerType::Ether {
        AdapterKind::Cable
    } else {
        AdapterKind::Other
    }
}

/// Drivers of surf sticks and of telephones that lend their network by USB.
fn is_mobile(driver: &str) -> bool {
    const EXACT: [&str; 9] = [
        "rndis_host",
        "qmi_wwan",
        "qmi_wwan_q",
        "huawei_cdc_ncm",
        "sierra_net",
        "ipheth",
        "hso",
        "mhi_net",
        "mhi_wwan_mbim",
    ];
    driver.starts_with("cdc_") || EXACT.contains(&driver)
}

/// Signal in percent of each Wi-Fi adapter, from the text of `/proc/net/wireless`: quality is counted up to 70 by cfg80211.
pub(super) fn signal(wireless: &str, name: &str) -> Option<u8> {
    let values = wireless.lines().find_map(|line| line.trim_start().strip_prefix(name)?.strip_prefix(':'))?;
    let quality: f32 = values.split_whitespace().nth(1)?.trim_end_matches('.').parse().ok()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 100")]
    Some((quality / 70.0 * 100.0).clamp(0.0, 100.0) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(index: u32, name: &str, kind: &str) -> Link {
        Link {
            index,
            name: name.into(),
            kind: Some(kind.into()),
            layer: LinkLayerType::Ether,
            controller: None,
            lower: None,
            elsewhere: false,
        }
    }

    #[test]
    fn what_an_adapter_is_follows_from_what_it_stands_on() {
        let bridge = link(1, "br0", "bridge");
        let port = Link { controller: Some(1), kind: None, ..link(2, "eth7", "") };
        let machine = Link { controller: Some(1), ..link(3, "vnet0", "tun") };
        let tunnel = Link { layer: LinkLayerType::None, ..link(4, "tun7", "tun") };
        let vlan = Link { lower: Some(2), ..link(5, "eth7.4", "vlan") };
        let links = [bridge.clone(), port.clone(), machine.clone(), tunnel.clone(), vlan.clone()];
        let is = |link: &Link| link.is(&links);
        assert_eq!(links.iter().map(is).collect::<Vec<_>>(), {
            use AdapterKind::{Cable, ForeignVpn, Virtual};
            [Cable, Cable, Virtual, ForeignVpn, Cable]
        });
        assert_eq!(bridge.is(&[bridge.clone(), machine]), AdapterKind::Virtual);
        assert_eq!(link(6, "kvflex0", "wireguard").is(&links), AdapterKind::Ours);
        assert_eq!(link(6, "wg0", "wireguard").is(&links), AdapterKind::ForeignVpn);
        assert_eq!(link(6, "eth0", "veth").is(&links), AdapterKind::Cable);
        assert_eq!(link(6, "vethab12", "veth").is(&links), AdapterKind::Virtual);
        let loops = Link { lower: Some(5), ..vlan };
        assert_eq!(loops.is(std::slice::from_ref(&loops)), AdapterKind::Cable);
    }

    #[test]
    fn hardware_is_told_by_its_driver() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        assert_eq!(by_files(at, LinkLayerType::Ether), AdapterKind::Cable);
        assert_eq!(by_files(at, LinkLayerType::Ppp), AdapterKind::Ppp);
        fs::create_dir_all(at.join("device")).unwrap();
        for (driver, kind) in
            [("e1000e", AdapterKind::Cable), ("cdc_ether", AdapterKind::Mobile), ("qmi_wwan", AdapterKind::Mobile)]
        {
            std::os::unix::fs::symlink(format!("../drivers/{driver}"), at.join("device/driver")).unwrap();
            assert_eq!(by_files(at, LinkLayerType::Ether), kind, "{driver}");
            fs::remove_file(at.join("device/driver")).unwrap();
        }
        fs::write(at.join("uevent"), "DEVTYPE=wlan\nINTERFACE=x\n").unwrap();
        assert_eq!(by_files(at, LinkLayerType::Ether), AdapterKind::Wifi);
        fs::write(at.join("uevent"), "DEVTYPE=wwan\n").unwrap();
        assert_eq!(by_files(at, LinkLayerType::None), AdapterKind::Mobile);
    }

    #[test]
    fn no_name_tells_a_person_or_a_mac_address() {
        for (name, kind, public) in [
            ("eth0", "veth", "eth0"),
            ("enp0s31f6", "x", "enp0s31f6"),
            ("wlp3s0", "x", "wlp3s0"),
            ("enx001122aabbcc", "x", "enx"),
            ("veth8a2f", "veth", "veth"),
            ("wg0", "wireguard", "wg0"),
            ("wg-mueller", "wireguard", "wireguard"),
            ("praxis", "tun", "tun"),
            ("eth-mueller", "veth", "veth"),
        ] {
            assert_eq!(link(1, name, kind).public_name(), public, "{name}");
        }
    }

    #[test]
    fn the_signal_is_a_share_of_seventy() {
        let text = "Inter-| sta-|   Quality\n face | tus | link level noise\n wlp3s0: 0000   35.  -75.  -256        0      0\n";
        assert_eq!(signal(text, "wlp3s0"), Some(50));
        assert_eq!(signal(text, "wlp3"), None);
    }
}
