//! Area 4: TCP to the gateway.

use anyhow::Result;

use super::{Fault, Scene};
use crate::world::Host;

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "gateway_down",
        words: "Gateway beendet",
        code: "KVF-401-7",
        inject: |scene| scene.gateway.take().map_or(Ok(()), |mut gateway| gateway.kill()),
    },
    Fault {
        name: "port_443_reset",
        words: "Ein Gerät setzt TCP 443 zurück (nft reject with tcp reset)",
        code: "KVF-401-7",
        inject: |scene| scene.filter(Host::Router, "pass", &["tcp dport 443 reject with tcp reset"]),
    },
    Fault {
        name: "port_443_dropped",
        words: "TCP 443 zum Gateway verworfen",
        code: "KVF-402-5",
        inject: |scene| scene.filter(Host::Router, "pass", &["tcp dport 443 drop"]),
    },
    Fault {
        name: "port_443_dropped_on_return",
        words: "Antworten von TCP 443 verworfen",
        code: "KVF-402-5",
        inject: |scene| scene.filter(Host::Router, "pass", &["tcp sport 443 drop"]),
    },
    Fault {
        name: "port_443_dropped_here",
        words: "Firewall des PCs verwirft TCP 443 still",
        code: "KVF-402-5",
        inject: |scene| scene.filter(Host::Client, "output", &["tcp dport 443 drop"]),
    },
    Fault {
        name: "gateway_off",
        words: "Gateway ausgeschaltet: alles zu ihm schweigt",
        code: "KVF-402-5",
        inject: |scene| scene.filter(Host::Gateway, "before", &["iifname eth0 drop"]),
    },
    Fault {
        name: "connection_cut",
        words: "Verbindung wird sofort nach dem Aufbau beendet",
        code: "KVF-403-0",
        inject: |scene| middlebox(scene, "cut"),
    },
    Fault {
        name: "mtu_black_hole",
        words: "Leitung mit MTU 1300, ICMP verworfen, MSS zu groß",
        code: "KVF-404-9",
        inject: mtu_black_hole,
    },
    Fault {
        name: "large_hello_reset",
        words: "Ein Gerät setzt den großen ClientHello zurück (über 1000 Bytes)",
        code: "KVF-405-8",
        inject: |scene| middlebox(scene, "reset:1000"),
    },
    Fault {
        name: "large_hello_dropped",
        words: "Ein Gerät verschluckt den großen ClientHello",
        code: "KVF-405-8",
        inject: |scene| middlebox(scene, "drop:1000"),
    },
    Fault {
        name: "way_forbidden",
        words: "Ein Gerät auf dem Weg verbietet TCP 443 (ICMP admin-prohibited)",
        code: "KVF-420-8",
        inject: |scene| scene.filter(Host::Router, "pass", &["tcp dport 443 reject with icmpx admin-prohibited"]),
    },
    Fault {
        name: "gateway_unreachable",
        words: "Netz des Gateways für den Anbieter unerreichbar (ICMP host unreachable)",
        code: "KVF-420-8",
        inject: |scene| {
            let ways = "ip route add unreachable 203.0.113.10/32; ip -6 route add unreachable 2001:db8:113::10/128";
            scene.on(Host::Internet, ways)
        },
    },
];

/// A box on the router takes the place of the gateway on port 443.
pub(super) fn middlebox(scene: &mut Scene, how: &str) -> Result<()> {
    scene.stand_in(Host::Router, &["middlebox", "--listen", "[::]:8443", "--how", how])?;
    scene.divert("tcp dport 443", 8443)
}

fn mtu_black_hole(scene: &mut Scene) -> Result<()> {
    scene.without_v6()?;
    scene.on(Host::Router, "ip link set wan mtu 1300")?;
    scene.on(Host::Internet, "ip link set cpe mtu 1300")?;
    scene.filter(Host::Router, "pass", &["tcp option maxseg size set 1460"])?;
    for host in [Host::Router, Host::Internet] {
        scene.filter(host, "output", &["icmp type destination-unreachable drop"])?;
    }
    Ok(())
}
