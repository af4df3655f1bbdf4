//! The world with a provider between router and gateway, so that a dead line and a dead gateway can be told apart.
//!
//! ```text
//!  client                    router                     inet                      gateway                    portal
//! ┌──────────────────┐  ┌──────────────────────┐  ┌───────────────────────┐  ┌──────────────────────┐  ┌──────────────────────┐
//! │ eth0             │  │ lan (lan0, lan1) wan │  │ cpe              core │  │ eth0             snk │  │ eth0                 │
//! │ 192.168.178.20   ├──┤ .178.1  198.51.100.2 ├──┤ 198.51.100.1   .113.1 ├──┤ 203.0.113.10         ├──┤ 10.210.0.10 portal   │
//! │ 2001:db8:178::20 │  │ NAT44, dnsmasq       │  │ 192.0.2.53 names      │  │ 443, 80, 51820       │  │ 10.210.0.53 names    │
//! └──────────────────┘  │                      │  │ 192.0.2.80 anchor     │  └──────────────────────┘  └──────────────────────┘
//!  twin ────── lan1 ────┘                      │  │ 2001:db8:53::53 :80:: │
//!                       └──────────────────────┘  └───────────────────────┘
//! ```

use anyhow::Result;

use crate::{
    command::Process,
    world::{Host, World, binaries, ip, settle, wire},
};

/// Addresses of the gateway, IPv4 first.
pub const GATEWAY: [&str; 2] = ["203.0.113.10", "2001:db8:113::10"];
/// The anchors.
pub const ANCHORS: [&str; 2] = ["192.0.2.80:80", "[2001:db8:80::80]:80"];

/// Name services, by who runs them; dropping one ends it.
#[derive(Debug)]
pub struct NameServices {
    /// The provider's.
    pub provider: Option<Process>,
    /// The router's, which asks the provider's.
    pub router: Option<Process>,
    /// The one inside.
    pub inside: Option<Process>,
}

impl World {
    /// Hosts and wires; see the picture. Name services are started by [`World::named`].
    ///
    /// # Errors
    /// A command failed.
    pub fn provided() -> Result<Self> {
        for host in [Host::Client, Host::Twin, Host::Router, Host::Internet, Host::Gateway, Host::Portal] {
            settle(host)?;
        }
        ip("-n router link add lan type bridge")?;
        ip("-n router link set lan up")?;
        wire(Host::Client, "eth0", Host::Router, "lan0")?;
        wire(Host::Twin, "eth0", Host::Router, "lan1")?;
        wire(Host::Router, "wan", Host::Internet, "cpe")?;
        wire(Host::Internet, "core", Host::Gateway, "eth0")?;
        wire(Host::Gateway, "snk", Host::Portal, "eth0")?;
        for line in [
            "-n router link set lan0 master lan",
            "-n router link set lan1 master lan",
            "-n client addr add 192.168.178.20/24 dev eth0",
            "-n client addr add 2001:db8:178::20/64 dev eth0",
            "-n router addr add 192.168.178.1/24 dev lan",
            "-n router addr add 2001:db8:178::1/64 dev lan",
            "-n router addr add 198.51.100.2/30 dev wan",
            "-n router addr add 2001:db8:100::2/64 dev wan",
            "-n inet addr add 198.51.100.1/30 dev cpe",
            "-n inet addr add 2001:db8:100::1/64 dev cpe",
            "-n inet addr add 203.0.113.1/24 dev core",
            "-n inet addr add 2001:db8:113::1/64 dev core",
            "-n inet addr add 192.0.2.53/32 dev lo",
            "-n inet addr add 192.0.2.80/32 dev lo",
            "-n inet addr add 2001:db8:53::53/128 dev lo",
            "-n inet addr add 2001:db8:80::80/128 dev lo",
            "-n gateway addr add 203.0.113.10/24 dev eth0",
            "-n gateway addr add 2001:db8:113::10/64 dev eth0",
            "-n gateway addr add 10.210.0.1/24 dev snk",
            "-n gateway addr add 2001:db8:210::1/64 dev snk",
            "-n portal addr add 10.210.0.10/24 dev eth0",
            "-n portal addr add 10.210.0.53/24 dev eth0",
            "-n portal addr add 2001:db8:210::10/64 dev eth0",
            "-n portal addr add 2001:db8:210::53/64 dev eth0 preferred_lft 0",
            "-n client route add default via 192.168.178.1",
            "-n client -6 route add default via 2001:db8:178::1",
            "-n router route add default via 198.51.100.1",
            "-n router -6 route add default via 2001:db8:100::1",
            "-n inet -6 route add 2001:db8:178::/64 via 2001:db8:100::2",
            "-n gateway route add default via 203.0.113.1",
            "-n gateway -6 route add default via 2001:db8:113::1",
            "-n portal route add default via 10.210.0.1",
            "-n portal -6 route add default via 2001:db8:210::1",
        ] {
            ip(line)?;
        }
        let world = Self { binaries: binaries()?, _names: Vec::new() };
        for host in [Host::Router, Host::Internet, Host::Gateway] {
            let forwarding = ["sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"];
            world.on(host, &forwarding)?.expect_ok("forwarding")?;
        }
        let nat = "add table ip nat; add chain ip nat post { type nat hook postrouting priority srcnat; }; \
                   add rule ip nat post oifname wan masquerade";
        world.on(Host::Router, &["nft", nat])?.expect_ok("NAT")?;
        Ok(world)
    }

    /// All name services.
    ///
    /// # Errors
    /// One does not start.
    pub fn named(&self) -> Result<NameServices> {
        Ok(NameServices {
            provider: Some(self.provider_names(&[])?),
            router: Some(self.router_names(&[])?),
            inside: Some(self.inside_names(&["--host-record=portal.snk.example,10.210.0.10,2001:db8:210::10"])?),
        })
    }

    /// The provider's name service with further rules.
    ///
    /// # Errors
    /// It does not start.
    pub fn provider_names(&self, rules: &[&str]) -> Result<Process> {
        let mut all = vec!["--listen-address=192.0.2.53,2001:db8:53::53", "--local=/example/", "--local=/arpa/"];
        all.push("--host-record=flexnet.example,203.0.113.10,2001:db8:113::10");
        // RFC 7050 §8.1: everybody knows these two.
        all.push("--host-record=ipv4only.arpa,192.0.0.170");
        all.push("--host-record=ipv4only.arpa,192.0.0.171");
        all.extend(rules);
        self.name_service(Host::Internet, &all)
    }

    /// The router's name service with further rules.
    ///
    /// # Errors
    /// It does not start.
    pub fn router_names(&self, rules: &[&str]) -> Result<Process> {
        let mut all = vec!["--listen-address=192.168.178.1,2001:db8:178::1", "--server=192.0.2.53"];
        all.extend(rules);
        self.name_service(Host::Router, &all)
    }

    /// The name service inside with these rules.
    ///
    /// # Errors
    /// It does not start.
    pub fn inside_names(&self, rules: &[&str]) -> Result<Process> {
        let mut all = vec!["--listen-address=10.210.0.53,2001:db8:210::53", "--local=/snk.example/"];
        all.extend(rules);
        self.name_service(Host::Portal, &all)
    }
}
