//! The judge of a wire: what left the member's PC beside the tunnel while it must not. It reads captures of the router's side with tcpdump
//! and knows nothing of the product but its ports.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use flexnet_protocol::gateway::TrafficPolicy;

use crate::{
    command::{Process, eventually, run},
    network::{Uplink, hardware_address},
    parts::PATIENCE,
    world::{GATEWAYS, Host, LAB, PORTAL_NETWORKS, World},
};

/// Names of the portal end so, in a question of DNS, in TLS and in HTTP.
const NAMES: &str = "snk.example";

/// First byte of an echo, behind the header of UDP.
const ECHO: &str = "(ip and udp[8] = 0xf5) or (ip6 and ip6[48] = 0xf5)";

/// A capture of one of the wires between the member's PC and the router.
#[derive(Debug)]
pub struct Wire {
    process: Process,
    file: PathBuf,
    from_client: String,
}

/// A packet that should not be there.
#[derive(Debug, Clone, PartialEq)]
pub struct Leak {
    /// Seconds since 1970.
    pub at: f64,
    /// Which rule it breaks.
    pub rule: Rule,
    /// The packet, as tcpdump shows it.
    pub packet: String,
}

/// What must not be on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// To or from a portal address.
    PortalAddress,
    /// With a portal's name in clear text.
    PortalName,
    /// Under `exclusive`: to anything but the gateway.
    Other,
}

impl Wire {
    /// Begins to listen.
    ///
    /// # Errors
    /// There is no tcpdump, or no such wire.
    pub fn listen(world: &World, uplink: Uplink) -> Result<Self> {
        let wire = uplink.wire();
        let file = Path::new(LAB).join(format!("{wire}.pcap"));
        let path = file.display().to_string();
        let log = crate::world::log_of(wire);
        let _first = std::fs::remove_file(&log);
        let line = ["tcpdump", "-Z", "root", "-i", wire, "-U", "-s", "0", "-B", "16384", "-w", &path];
        let process = world.start(Host::Router, wire, &line)?;
        eventually("tcpdump", PATIENCE, || {
            ensure!(process.log().contains("listening on"), "{}", process.log());
            Ok(())
        })?;
        let mac = hardware_address(uplink)?;
        Ok(Self { process, file, from_client: format!("ether src {mac}") })
    }

    /// Ends the capture and names every packet that breaks a rule, whenever it was.
    ///
    /// # Errors
    /// tcpdump lost packets, or does not end.
    pub fn judge(mut self, policy: TrafficPolicy) -> Result<Vec<Leak>> {
        self.process.stop()?;
        let told = self.process.log();
        ensure!(told.contains("\n0 packets dropped by kernel"), "the capture has holes: {told}");
        let portal = PORTAL_NETWORKS.map(|net| format!("net {net}")).join(" or ");
        let mut leaks = self.packets(Rule::PortalAddress, &portal)?;
        leaks.extend(self.names()?);
        if policy == TrafficPolicy::Exclusive {
            leaks.extend(self.packets(Rule::Other, &format!("{} and not ({})", self.from_client, allowed()))?);
        }
        Ok(leaks)
    }

    /// How often the sides took turns in WireGuard's messages from a time on, until the gateway sent something of the portal's: round trips.
    /// Echoes go beside them and are left out: on a line this fast nobody sees whether one was waited for (the tests of the service's
    /// `carriers` do). `None` while nothing came.
    ///
    /// # Errors
    /// tcpdump cannot read the capture.
    pub fn round_trips(&self, from: f64) -> Result<Option<u32>> {
        // Type and keys, then at least one packet: no keepalive, no message of the handshake (whitepaper §5.4).
        const DATA: u32 = 96;
        const INITIATION: u32 = 148;
        let (mut turns, mut waiting) = (0, false);
        for line in self.read(&[], &format!("udp port 51820 and not ({ECHO})"))?.lines() {
            let at: f64 = line.split(' ').next().unwrap_or_default().parse().unwrap_or(0.0);
            let length = line.rsplit(' ').next().unwrap_or_default().parse().unwrap_or(0);
            let inward = line.contains(".51820 > ");
            if at < from {
                continue;
            }
            if !inward && !waiting {
                (turns, waiting) = (turns + 1, true);
            } else if inward {
                waiting = false;
                if length >= DATA && length != INITIATION {
                    return Ok(Some(turns.max(1)));
                }
            }
        }
        Ok(None)
    }

    fn packets(&self, rule: Rule, filter: &str) -> Result<Vec<Leak>> {
        let lines = self.read(&[], filter)?;
        lines.lines().map(|line| leak(line, rule)).collect()
    }

    /// Clear text only: what WireGuard or TLS with the gateway holds cannot be read, by anybody.
    fn names(&self) -> Result<Vec<Leak>> {
        let text = self.read(&["-A"], &format!("not ({})", to_gateway()))?;
        let (mut leaks, mut header) = (Vec::new(), "");
        for line in text.lines() {
            let begins = line.split('.').next().is_some_and(|s| s.len() == 10 && s.bytes().all(|b| b.is_ascii_digit()));
            if begins {
                header = line;
            }
            if line.to_ascii_lowercase().contains(NAMES) {
                leaks.push(leak(header, Rule::PortalName)?);
            }
        }
        Ok(leaks)
    }

    fn read(&self, how: &[&str], filter: &str) -> Result<String> {
        let path = self.file.display().to_string();
        let mut line = vec!["-n", "-tt", "-r", path.as_str()];
        line.extend(how);
        line.push(filter);
        let seen = run("tcpdump", &line)?;
        ensure!(seen.ok() || seen.stderr.contains("truncated"), "tcpdump: {}", seen.stderr);
        Ok(seen.stdout)
    }
}

fn leak(line: &str, rule: Rule) -> Result<Leak> {
    let at = line.split(' ').next().unwrap_or_default();
    Ok(Leak { at: at.parse().with_context(|| format!("no time in {line}"))?, rule, packet: line.to_owned() })
}

fn to_gateway() -> String {
    let gateway = GATEWAYS.map(|address| format!("host {address}")).join(" or ");
    format!("(udp port 51820 or tcp port 443) and ({gateway})")
}

/// DHCP, ARP, neighbour discovery, and the kernel's own multicast listener reports (RFC 3810 §5.2, behind a hop-by-hop header).
fn allowed() -> String {
    let neighbours = "icmp6 and ip6[40] >= 133 and ip6[40] <= 136";
    let listener = "ip6[6] == 0 and ip6[40] == 58 and ip6[48] == 143";
    let dhcp = "(udp src port 68 and udp dst port 67) or (udp src port 546 and udp dst port 547)";
    format!("({}) or arp or ({neighbours}) or ({listener}) or {dhcp}", to_gateway())
}
