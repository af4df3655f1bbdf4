//! The world and its picture. Addresses are documentation ranges outside, 10.x inside.
//!
//! ```text
//!  client                      router                        gateway                      portal
//! ┌────────────────────┐   ┌───────────────────────┐    ┌───────────────────────┐    ┌───────────────────────┐
//! │ eth0               │   │ lan               wan │    │ eth0              snk │    │ eth0                  │
//! │ 192.168.178.20     ├───┤ .178.1    203.0.113.1 ├────┤ 203.0.113.10 and .11  ├────┤ 10.210.0.10 portal 80 │
//! │ kv-flexnet-service │   │ NAT, outside DNS      │    │ 443 sign-in           │    │ 10.210.0.53 inside DNS│
//! │ kvflex0 10.200.x.x │   │ capture on lan, wifi  │    │ 51820 WireGuard kvgw0 │    │ portal.snk.example    │
//! │ wifi0   .180.20 ╌╌╌├╌╌╌┤ wifi .180.1           │    │                       │    │                       │
//! └────────────────────┘   └───────────────────────┘    └───────────────────────┘    └───────────────────────┘
//! ```
//! The same in IPv6, without NAT: 2001:db8:178::20, 2001:db8:113::10 and ::11, 2001:db8:210::10 and ::53, wifi 2001:db8:180::20.
//! The router has a default route to a host that does not exist, so a packet for the portal that escapes the tunnel is seen leaving.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};

use crate::command::{Finished, Process, eventually, print_command, run, run_with};

/// The gateway's address outside.
pub const GATEWAY: &str = "203.0.113.10";
/// All of its addresses outside, the main one of each family first.
pub const GATEWAYS: [&str; 4] = ["203.0.113.10", "2001:db8:113::10", "203.0.113.11", "2001:db8:113::11"];
/// The portal's address inside.
pub const PORTAL: &str = "10.210.0.10";
/// The same in IPv6.
pub const PORTAL_V6: &str = "2001:db8:210::10";
/// What is routed into the tunnel.
pub const PORTAL_NETWORKS: [&str; 2] = ["10.210.0.0/24", "2001:db8:210::/64"];
/// The portal's name inside.
pub const PORTAL_NAME: &str = "portal.snk.example";
/// Logs and captures.
pub const LAB: &str = "/run/lab";

/// One of the hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// The member's PC.
    Client,
    /// The member's router.
    Router,
    /// The KV's gateway.
    Gateway,
    /// Another gateway; only where [`World::several`] was called.
    Second,
    /// The KV's portal and inside name service.
    Portal,
    /// Another member's PC behind the same router; only where [`World::neighbour`] was called.
    Neighbour,
    /// The provider between router and gateway; only in [`World::provided`].
    Internet,
    /// Another device on the member's wire; only in [`World::provided`].
    Twin,
}

impl Host {
    /// Name of its network namespace.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Router => "router",
            Self::Gateway => "gateway",
            Self::Second => "gateway2",
            Self::Portal => "portal",
            Self::Neighbour => "neighbour",
            Self::Internet => "inet",
            Self::Twin => "twin",
        }
    }
}

/// The four hosts, their wires and name services. What runs on them is added by [`crate::parts`].
#[derive(Debug)]
pub struct World {
    /// Folder of the product's binaries.
    pub binaries: PathBuf,
    /// Name services; they end with the world.
    pub(crate) _names: Vec<Process>,
}

impl World {
    /// Builds it. The caller stands on a private ground ([`crate::enter::private_ground`]).
    ///
    /// # Errors
    /// A command failed; which one and what it said.
    pub fn build() -> Result<Self> {
        for host in [Host::Client, Host::Router, Host::Gateway, Host::Portal] {
            settle(host)?;
        }
        wire(Host::Client, "eth0", Host::Router, "lan")?;
        wire(Host::Router, "wan", Host::Gateway, "eth0")?;
        wire(Host::Gateway, "snk", Host::Portal, "eth0")?;
        for line in [
            "-n client addr add 192.168.178.20/24 dev eth0",
            "-n router addr add 192.168.178.1/24 dev lan",
            "-n router addr add 203.0.113.1/24 dev wan",
            "-n gateway addr add 203.0.113.10/24 dev eth0",
            "-n gateway addr add 10.210.0.1/24 dev snk",
            "-n portal addr add 10.210.0.10/24 dev eth0",
            "-n portal addr add 10.210.0.53/24 dev eth0",
            "-n client route add default via 192.168.178.1",
            "-n router neigh add 203.0.113.254 lladdr 02:00:00:00:00:fe dev wan",
            "-n router route add default via 203.0.113.254",
            "-n gateway route add default via 203.0.113.1",
            "-n portal route add default via 10.210.0.1",
            "-n gateway addr add 203.0.113.11/24 dev eth0",
            "-n client addr add 2001:db8:178::20/64 dev eth0",
            "-n router addr add 2001:db8:178::1/64 dev lan",
            "-n router addr add 2001:db8:113::1/64 dev wan",
            "-n gateway addr add 2001:db8:113::10/64 dev eth0",
            // Never a source by itself: what leaves it was asked for there.
            "-n gateway addr add 2001:db8:113::11/64 dev eth0 preferred_lft 0",
            "-n gateway addr add 2001:db8:210::1/64 dev snk",
            "-n portal addr add 2001:db8:210::10/64 dev eth0",
            "-n portal addr add 2001:db8:210::53/64 dev eth0 preferred_lft 0",
            "-n client -6 route add default via 2001:db8:178::1",
            "-n router neigh add 2001:db8:113::254 lladdr 02:00:00:00:00:fe dev wan",
            "-n router -6 route add default via 2001:db8:113::254",
            "-n gateway -6 route add default via 2001:db8:113::1",
            "-n portal -6 route add default via 2001:db8:210::1",
        ] {
            ip(line)?;
        }
        let mut world = Self { binaries: binaries()?, _names: Vec::new() };
        let forwarding = ["sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"];
        world.on(Host::Router, &forwarding)?.expect_ok("forwarding")?;
        let nat = "add table ip nat; add chain ip nat post { type nat hook postrouting priority srcnat; }; \
                   add rule ip nat post oifname wan masquerade";
        world.on(Host::Router, &["nft", nat])?.expect_ok("NAT")?;
        let outside = [
            "--listen-address=192.168.178.1",
            "--host-record=flexnet.example,203.0.113.10",
            "--host-record=proxy.praxis.example,192.168.178.1",
            "--local=/example/",
        ];
        let inside = [
            "--listen-address=10.210.0.53",
            "--listen-address=2001:db8:210::53",
            "--host-record=portal.snk.example,10.210.0.10,2001:db8:210::10",
            "--local=/snk.example/",
        ];
        let names = [world.name_service(Host::Router, &outside)?, world.name_service(Host::Portal, &inside)?];
        world._names.extend(names);
        Ok(world)
    }

    /// Adds another PC behind the same router: 192.168.179.20, on the wire `lan2`.
    ///
    /// # Errors
    /// A command failed.
    pub fn neighbour(&self) -> Result<()> {
        ip("netns add neighbour")?;
        ip("-n neighbour link set lo up")?;
        wire(Host::Neighbour, "eth0", Host::Router, "lan2")?;
        ip("-n neighbour addr add 192.168.179.20/24 dev eth0")?;
        ip("-n router addr add 192.168.179.1/24 dev lan2")?;
        ip("-n neighbour route add default via 192.168.179.1")
    }

    /// Adds a second uplink of the member's PC: 192.168.180.20 and 2001:db8:180::20 on `wifi0`, at the router's `wifi`. No default route.
    ///
    /// # Errors
    /// A command failed.
    pub fn wifi(&self) -> Result<()> {
        wire(Host::Client, "wifi0", Host::Router, "wifi")?;
        for line in [
            "-n client addr add 192.168.180.20/24 dev wifi0",
            "-n client addr add 2001:db8:180::20/64 dev wifi0",
            "-n router addr add 192.168.180.1/24 dev wifi",
            "-n router addr add 2001:db8:180::1/64 dev wifi",
        ] {
            ip(line)?;
        }
        Ok(())
    }

    /// Runs a command on a host and prints it.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn on(&self, host: Host, command: &[&str]) -> Result<Finished> {
        self.on_with(host, command, "")
    }

    /// The same with text on its standard input.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn on_with(&self, host: Host, command: &[&str], input: &str) -> Result<Finished> {
        print_command(&format!("[{}]", host.name()), command);
        self.quietly(host, command, input)
    }

    /// The same without printing it: for conditions that are asked again and again.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn quietly(&self, host: Host, command: &[&str], input: &str) -> Result<Finished> {
        let net = format!("--net=/run/netns/{}", host.name());
        let mut arguments = vec![net.as_str(), "--"];
        arguments.extend(command);
        run_with("nsenter", &arguments, input)
    }

    /// Starts a command on a host; its log is `LAB/NAME.log`.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(&self, host: Host, name: &str, command: &[&str]) -> Result<Process> {
        print_command(&format!("[{}] (in the background)", host.name()), command);
        let mut line = Command::new("nsenter");
        line.arg(format!("--net=/run/netns/{}", host.name())).arg("--").args(command);
        Process::start(name, line, &log_of(name))
    }

    /// Absolute path of one of the product's binaries.
    ///
    /// # Errors
    /// It was not built.
    pub fn binary(&self, name: &str) -> Result<String> {
        let path = self.binaries.join(name);
        ensure!(path.is_file(), "{} is missing: cargo build --workspace", path.display());
        Ok(path.display().to_string())
    }

    /// Starts dnsmasq on a host with these rules and waits until it answers.
    ///
    /// # Errors
    /// It does not start.
    pub fn name_service(&self, host: Host, rules: &[&str]) -> Result<Process> {
        let mut command = vec!["dnsmasq", "--no-hosts", "--no-resolv", "--conf-file=/dev/null"];
        // As a daemon it answers several questions at once, but changes its group, which nobody may in a user namespace.
        let daemon = ["--keep-in-foreground", "--user=root", "--pid-file"];
        command.extend(if is_in_user_namespace()? { &["--no-daemon"][..] } else { &daemon });
        command.extend(["--bind-interfaces", "--log-queries", "--log-facility=-"]);
        command.extend(rules);
        let name = format!("dns-{}", host.name());
        let process = self.start(host, &name, &command)?;
        eventually("a name service", std::time::Duration::from_secs(10), || {
            let log = process.log();
            ensure!(log.contains("started"), "{log}");
            Ok(())
        })?;
        Ok(process)
    }
}

/// The log of a process by its name.
pub fn log_of(name: &str) -> PathBuf {
    Path::new(LAB).join(format!("{name}.log"))
}

/// Where the product's binaries are: beside this one, or one folder up for a test.
///
/// # Errors
/// This program does not know where it is.
pub fn binaries() -> Result<PathBuf> {
    let exe = std::env::current_exe()?;
    let mut folder = exe.parent().context("no folder")?;
    if folder.ends_with("deps") {
        folder = folder.parent().context("no folder")?;
    }
    Ok(folder.to_owned())
}

pub(crate) fn ip(line: &str) -> Result<()> {
    let arguments: Vec<&str> = line.split(' ').collect();
    print_command("ip", &arguments);
    run("ip", &arguments)?.expect_ok("ip").map(drop)
}

/// Makes the namespace of a host.
pub(crate) fn settle(host: Host) -> Result<()> {
    let host = host.name();
    ip(&format!("netns add {host}"))?;
    ip(&format!("-n {host} link set lo up"))?;
    // Nobody else is on these wires, and an address that becomes valid later would look like a trace of the service.
    let net = format!("--net=/run/netns/{host}");
    let no_detection = ["net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0"];
    run("nsenter", &[&net, "--", "sysctl", "-qw", no_detection[0], no_detection[1]])?.expect_ok("accept_dad").map(drop)
}

pub(crate) fn wire(a: Host, a_device: &str, b: Host, b_device: &str) -> Result<()> {
    let (a, b) = (a.name(), b.name());
    ip(&format!("link add {a_device} netns {a} type veth peer name {b_device} netns {b}"))?;
    ip(&format!("-n {a} link set {a_device} up"))?;
    ip(&format!("-n {b} link set {b_device} up"))
}

/// Whether root here is somebody else outside (user_namespaces(7)).
fn is_in_user_namespace() -> Result<bool> {
    let map = std::fs::read_to_string("/proc/self/uid_map").context("the map of users")?;
    Ok(map.split_whitespace().collect::<Vec<_>>() != ["0", "0", "4294967295"])
}
