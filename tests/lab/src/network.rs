//! What happens to a member's network: addresses, uplinks and families come and go, the router drops, rebinds and narrows.
//! Each is one command or a few, as a DHCP client, a cable or a cheap router would do it; [`World::heal`] brings back the first day.

use anyhow::Result;

use crate::{
    command::run,
    world::{GATEWAYS, Host, World},
};

/// The member's way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uplink {
    /// `eth0`.
    Cable,
    /// `wifi0`; only where [`World::wifi`] was called.
    Wifi,
}

/// An address family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

/// What the router lets vanish, in both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dropped {
    /// WireGuard's UDP.
    Udp,
    /// TCP to port 443.
    Tcp,
    /// One of the gateway's two addresses, in both families.
    Address(usize),
    /// Everything that it forwards.
    All,
    /// What it says about packets that are too big: a black hole.
    TooBig,
}

impl Uplink {
    /// Name of the device.
    pub const fn device(self) -> &'static str {
        match self {
            Self::Cable => "eth0",
            Self::Wifi => "wifi0",
        }
    }

    /// The router's wire to it.
    pub const fn wire(self) -> &'static str {
        match self {
            Self::Cable => "lan",
            Self::Wifi => "wifi",
        }
    }

    const fn net(self) -> u8 {
        match self {
            Self::Cable => 178,
            Self::Wifi => 180,
        }
    }

    /// Adds addresses and default routes of these families; the last number of the addresses is `host`.
    fn configured(self, host: u8, families: &[Family]) -> String {
        let (device, net) = (self.device(), self.net());
        let of = |family: &Family| match family {
            Family::V4 => format!(
                "ip addr replace 192.168.{net}.{host}/24 dev {device}; ip route replace default via 192.168.{net}.1 dev {device};"
            ),
            Family::V6 => format!(
                "ip addr replace 2001:db8:{net}::{host}/64 dev {device}; ip -6 route replace default via 2001:db8:{net}::1 dev {device};"
            ),
        };
        families.iter().map(of).collect()
    }
}

/// Both families.
pub const BOTH: [Family; 2] = [Family::V4, Family::V6];
/// Last number of the client's addresses on the first day.
pub const FIRST_HOST: u8 = 20;

impl World {
    /// Another address on an uplink, as after a new lease.
    ///
    /// # Errors
    /// A command failed.
    pub fn address_changes(&self, uplink: Uplink, from: u8, to: u8, families: &[Family]) -> Result<()> {
        let (device, net) = (uplink.device(), uplink.net());
        let gone = format!(
            "ip addr del 192.168.{net}.{from}/24 dev {device} 2>/dev/null; ip addr del 2001:db8:{net}::{from}/64 dev {device} 2>/dev/null; true;"
        );
        self.client_script(&format!("{gone} {}", uplink.configured(to, families)))
    }

    /// The default routes go by this uplink now. The other one keeps its addresses.
    ///
    /// # Errors
    /// A command failed.
    pub fn uplink_moves(&self, to: Uplink, host: u8, families: &[Family]) -> Result<()> {
        self.client_script(&format!("ip link set {} up; {}", to.device(), to.configured(host, families)))
    }

    /// Pulls the plug: the system takes addresses of IPv6 and all routes away.
    ///
    /// # Errors
    /// A command failed.
    pub fn link_falls(&self, uplink: Uplink) -> Result<()> {
        self.client_script(&format!("ip link set {} down", uplink.device()))
    }

    /// Puts it in again.
    ///
    /// # Errors
    /// A command failed.
    pub fn link_returns(&self, uplink: Uplink, host: u8, families: &[Family]) -> Result<()> {
        self.client_script(&format!("ip link set {} up; {}", uplink.device(), uplink.configured(host, families)))
    }

    /// A family has no address and no default route any more on this uplink.
    ///
    /// # Errors
    /// A command failed.
    pub fn family_goes(&self, uplink: Uplink, family: Family) -> Result<()> {
        let word = match family {
            Family::V4 => "-4",
            Family::V6 => "-6",
        };
        let device = uplink.device();
        self.client_script(&format!(
            "ip {word} addr flush dev {device} scope global; ip {word} route flush default dev {device} 2>/dev/null; true"
        ))
    }

    /// It is back.
    ///
    /// # Errors
    /// A command failed.
    pub fn family_returns(&self, uplink: Uplink, host: u8, family: Family) -> Result<()> {
        self.client_script(&uplink.configured(host, &[family]))
    }

    /// The router forgets its connections, and maps to other ports from now on.
    ///
    /// # Errors
    /// A command failed.
    pub fn nat_rebinds(&self, first_port: u16) -> Result<()> {
        let last_port = first_port.saturating_add(999);
        let rules = format!(
            "flush chain ip nat post; \
             add rule ip nat post oifname wan meta l4proto {{ tcp, udp }} masquerade to :{first_port}-{last_port}; \
             add rule ip nat post oifname wan masquerade"
        );
        self.quietly(Host::Router, &["nft", &rules], "")?.expect_ok("NAT")?;
        self.quietly(Host::Router, &["conntrack", "-F"], "")?.expect_ok("conntrack").map(drop)
    }

    /// The router drops exactly this from now on; nothing for an empty list.
    ///
    /// # Errors
    /// A command failed.
    pub fn router_drops(&self, dropped: &[Dropped]) -> Result<()> {
        let mut rules = String::from(
            "add table inet lab; flush table inet lab; \
             add chain inet lab forward { type filter hook forward priority 0; }; \
             add chain inet lab output { type filter hook output priority 0; };",
        );
        for each in dropped {
            rules.push_str(&each.rules());
        }
        self.quietly(Host::Router, &["nft", &rules], "")?.expect_ok("what the router drops").map(drop)
    }

    /// The line behind the router takes packets up to this size only.
    ///
    /// # Errors
    /// A command failed.
    pub fn line_narrows(&self, mtu: u16) -> Result<()> {
        let mtu = mtu.to_string();
        self.quietly(Host::Router, &["ip", "link", "set", "wan", "mtu", &mtu], "")?.expect_ok("MTU").map(drop)
    }

    /// Whether anything in the portal's network answers.
    ///
    /// # Errors
    /// A command failed.
    pub fn portal_answers(&self, answers: bool) -> Result<()> {
        let rules = "add table inet lab; flush table inet lab; \
                     add chain inet lab input { type filter hook input priority 0; };";
        let drops = if answers { "" } else { "add rule inet lab input tcp dport 80 drop" };
        self.quietly(Host::Portal, &["nft", &format!("{rules}{drops}")], "")?.expect_ok("the portal").map(drop)
    }

    /// Everything as on the first day: the member's lines, the router, the portal.
    ///
    /// # Errors
    /// A command failed.
    pub fn heal(&self) -> Result<()> {
        self.router_drops(&[])?;
        self.portal_answers(true)?;
        self.line_narrows(1500)?;
        let mut script = String::new();
        for uplink in [Uplink::Wifi, Uplink::Cable] {
            let device = uplink.device();
            // A default route of the other line would stay beside the first day's.
            script.push_str(&format!(
                "ip link set {device} up; ip addr flush dev {device} scope global; ip route flush default dev {device}; \
                 ip -6 route flush default dev {device}; {}",
                uplink.configured(FIRST_HOST, &BOTH)
            ));
        }
        script.push_str("ip route del default dev wifi0 2>/dev/null; ip -6 route del default dev wifi0 2>/dev/null; ");
        script.push_str(&Uplink::Cable.configured(FIRST_HOST, &BOTH));
        self.client_script(&script)
    }

    fn client_script(&self, script: &str) -> Result<()> {
        self.quietly(Host::Client, &["sh", "-c", script], "")?.expect_ok("the member's network").map(drop)
    }
}

impl Dropped {
    fn rules(self) -> String {
        let both = |what: &str| format!("add rule inet lab forward {what} drop;");
        match self {
            Self::Udp => both("udp dport 51820") + &both("udp sport 51820"),
            Self::Tcp => both("tcp dport 443") + &both("tcp sport 443"),
            Self::All => both(""),
            Self::TooBig => "add rule inet lab output icmp type destination-unreachable drop; \
                             add rule inet lab output icmpv6 type packet-too-big drop;"
                .into(),
            Self::Address(which) => {
                let of = |each: &str| {
                    let family = if each.contains(':') { "ip6" } else { "ip" };
                    both(&format!("{family} daddr {each}")) + &both(&format!("{family} saddr {each}"))
                };
                GATEWAYS.iter().skip(2 * (which % 2)).take(2).map(|each| of(each)).collect()
            }
        }
    }
}

/// Takes the hardware address of one of the client's devices.
///
/// # Errors
/// There is no such device.
pub fn hardware_address(uplink: Uplink) -> Result<String> {
    let line = ["-n", "client", "-o", "link", "show", uplink.device()];
    let shown = run("ip", &line)?.expect_ok("ip link")?;
    let mut words = shown.split_whitespace().skip_while(|word| *word != "link/ether").skip(1);
    Ok(words.next().unwrap_or_default().to_owned())
}
