//! Linux: filter first, then device, addresses, forwarding; down in the opposite order. Never leaves a device up without its filter.
//! `filter` is the nftables table, `links` addresses and routes by rtnetlink, `forwarding` the sysctls.

mod filter;
mod forwarding;
mod links;

use std::net::IpAddr;

use flexnet_wireguard::{Device, DeviceConfig, Peer, PeerStatus, remove_leftover};
use ipnet::IpNet;
use tracing::{info, warn};

use self::forwarding::Forwarding;
use crate::network::{Error, Settings, own_address};

/// The raised device. Its peers are set by the keeper.
#[derive(Debug)]
pub struct Tunnel {
    device: Device,
    forwarding: Forwarding,
}

impl Tunnel {
    pub async fn raise(settings: &Settings) -> Result<Self, Error> {
        let own = own_addresses(&settings.pools)?;
        let inside = links::devices_towards(&reachable(settings)).await.map_err(Error::Link)?;
        if inside.is_empty() {
            warn!(
                "no route leads to the portal networks: members will reach nothing until there is one and the gateway is restarted"
            );
        }
        clear_leftover(&settings.device).await?;
        filter::set(settings, &inside).await?;
        match Self::raise_filtered(settings, &own, &inside).await {
            Ok(tunnel) => Ok(tunnel),
            Err(error) => {
                if let Err(left) = filter::remove().await {
                    warn!(error = %left, "the packet filter stays");
                }
                Err(error)
            }
        }
    }

    async fn raise_filtered(settings: &Settings, own: &[IpNet], inside: &[String]) -> Result<Self, Error> {
        let Settings { device: name, private_key, listen_port, mtu, .. } = settings;
        let config =
            DeviceConfig { name: name.clone(), private_key: private_key.clone(), listen_port: *listen_port, mtu: *mtu };
        let device = Device::create(config).await.map_err(Error::Device)?;
        let mut tunnel = Self { device, forwarding: Forwarding::default() };
        match tunnel.address_and_forward(own, inside).await {
            Ok(()) => {
                info!(device = %name, backend = ?tunnel.device.backend(), ?inside, "the tunnel device is up");
                Ok(tunnel)
            }
            Err(error) => {
                tunnel.forwarding.put_back();
                if let Err(left) = tunnel.device.remove().await {
                    warn!(error = %left, "the tunnel device stays");
                }
                Err(error)
            }
        }
    }

    async fn address_and_forward(&mut self, own: &[IpNet], inside: &[String]) -> Result<(), Error> {
        links::address_and_raise(self.device.name(), own).await.map_err(Error::Link)?;
        let v6 = own.iter().any(|net| net.addr().is_ipv6());
        let devices = std::iter::once(self.device.name()).chain(inside.iter().map(String::as_str));
        self.forwarding.expect(devices, v6)
    }
}

impl crate::network::Tunnel for Tunnel {
    async fn set_peers(&self, wanted: &[Peer]) -> Result<(), Error> {
        self.device.set_peers(wanted).await.map(drop).map_err(Error::Device)
    }

    async fn peers(&self) -> Result<Vec<PeerStatus>, Error> {
        self.device.peers().await.map_err(Error::Device)
    }

    async fn lower(self) -> Result<(), Error> {
        self.forwarding.put_back();
        let device = self.device.remove().await.map_err(Error::Device);
        filter::remove().await?;
        device
    }
}

/// The gateway's address in each pool, with the pool's prefix: that makes the route to the members.
fn own_addresses(pools: &[IpNet]) -> Result<Vec<IpNet>, Error> {
    let own = |pool: &IpNet| {
        let net = own_address(*pool).and_then(|address| IpNet::new(address, pool.prefix_len()).ok());
        net.ok_or(Error::Pool(*pool))
    };
    pools.iter().map(own).collect()
}

/// Everything that members may reach.
fn reachable(settings: &Settings) -> Vec<IpNet> {
    let servers = settings.dns_servers.iter().copied().map(|address: IpAddr| IpNet::from(address));
    settings.portal_networks.iter().copied().chain(servers).collect()
}

async fn clear_leftover(name: &str) -> Result<(), Error> {
    let device = name.to_owned();
    let found = tokio::task::spawn_blocking(move || remove_leftover(&device)).await.map_err(|_| Error::Stopped)?;
    if found.map_err(Error::Device)? {
        info!(device = %name, "removed what a killed gateway left");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use flexnet_wireguard::PrivateKey;

    use super::*;
    use crate::network::Tunnel as _;

    fn settings() -> Settings {
        Settings {
            device: "kvgw0".to_owned(),
            private_key: PrivateKey::generate().unwrap(),
            listen_port: 51820,
            mtu: 1420,
            pools: vec!["10.200.0.0/16".parse().unwrap()],
            portal_networks: vec!["10.210.0.0/24".parse().unwrap(), "10.210.0.10/32".parse().unwrap()],
            dns_servers: vec!["10.210.0.53".parse().unwrap(), "10.211.0.53".parse().unwrap()],
        }
    }

    /// Runs this test again in namespaces of its own; `true` inside. The machine's own network is never touched.
    fn in_namespaces(test: &str) -> bool {
        const INSIDE: &str = "KV_FLEXNET_TEST_NAMESPACES";
        if std::env::var_os(INSIDE).is_some() {
            return true;
        }
        let test = format!("{}::{test}", module_path!().split_once("::").unwrap().1);
        let mut line = Command::new("unshare");
        if !nix::unistd::geteuid().is_root() {
            line.args(["--user", "--map-root-user"]);
        }
        line.args(["--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c"]);
        line.arg("mount -t tmpfs tmpfs /run && ip link set lo up && exec \"$@\"").arg("sh");
        line.arg(std::env::current_exe().unwrap()).args([&test, "--exact", "--nocapture"]).env(INSIDE, "1");
        let output = line.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
        false
    }

    fn sh(line: &str) -> String {
        let output = Command::new("sh").args(["-ec", line]).output().unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn snk() {
        sh("ip link add snk type veth peer name portal; ip addr add 10.210.0.1/24 dev snk; ip link set snk up; ip link set portal up
            echo 0 > /proc/sys/net/ipv4/ip_forward");
    }

    #[tokio::test]
    async fn the_filter_is_set_replaced_and_removed_as_a_whole() {
        if !in_namespaces("the_filter_is_set_replaced_and_removed_as_a_whole") {
            return;
        }
        filter::set(&settings(), &["snk".to_owned()]).await.unwrap();
        let first = sh("nft list table inet kv_flexnet_gateway");
        for line in [
            "elements = { 10.210.0.0/24 }",
            "elements = { 10.210.0.53, 10.211.0.53 }",
            "oifname \"kvgw0\" drop",
            "ip daddr @portal4 accept",
            "ip6 daddr @portal6 accept",
            "ip daddr @names4 meta l4proto { tcp, udp } th dport 53 accept",
            "ct state { established, related } accept",
            "iifname \"kvgw0\" goto from_members",
            "oifname \"kvgw0\" goto into_tunnel",
            "iifname \"snk\" drop",
            "iifname \"kvgw0\" drop",
        ] {
            assert!(first.contains(line), "no `{line}` in\n{first}");
        }
        filter::set(&settings(), &["snk".to_owned()]).await.unwrap();
        assert_eq!(sh("nft list table inet kv_flexnet_gateway"), first, "a second gateway replaces, it does not add");
        filter::remove().await.unwrap();
        filter::remove().await.unwrap();
        assert_eq!(sh("nft list ruleset"), "");
    }

    #[tokio::test]
    async fn what_is_raised_is_lowered_again() {
        if !in_namespaces("what_is_raised_is_lowered_again") {
            return;
        }
        snk();
        let before =
            sh("ip -o link | sed 's/@.*//'; ip route; nft list ruleset; cat /proc/sys/net/ipv4/conf/snk/forwarding");
        let tunnel = Tunnel::raise(&settings()).await.unwrap();
        let address = sh("ip -o -4 addr show dev kvgw0");
        assert!(address.contains("10.200.0.1/16"), "{address}");
        assert!(sh("ip link show kvgw0").contains("mtu 1420"));
        assert!(sh("ip route get 10.200.3.4").contains("dev kvgw0"));
        assert_eq!(sh("cat /proc/sys/net/ipv4/conf/snk/forwarding /proc/sys/net/ipv4/conf/kvgw0/forwarding"), "1\n1\n");
        assert!(sh("nft list ruleset").contains("iifname \"snk\" drop"));
        tunnel.lower().await.unwrap();
        let after =
            sh("ip -o link | sed 's/@.*//'; ip route; nft list ruleset; cat /proc/sys/net/ipv4/conf/snk/forwarding");
        assert_eq!(after, before);
    }

    #[tokio::test]
    async fn a_port_that_is_taken_leaves_nothing() {
        if !in_namespaces("a_port_that_is_taken_leaves_nothing") {
            return;
        }
        snk();
        let _taken = std::net::UdpSocket::bind("0.0.0.0:51820").unwrap();
        assert!(matches!(Tunnel::raise(&settings()).await, Err(Error::Device(_))));
        assert_eq!(sh("nft list ruleset; ip -o link show kvgw0 2>/dev/null || true"), "");
    }

    #[test]
    fn the_gateway_has_the_first_address_of_each_pool() {
        let own = own_addresses(&["10.200.0.0/16".parse().unwrap(), "fd00:200::/64".parse().unwrap()]).unwrap();
        assert_eq!(own, ["10.200.0.1/16".parse::<IpNet>().unwrap(), "fd00:200::1/64".parse().unwrap()]);
    }
}
