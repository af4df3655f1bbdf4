//! Area 2: adapter, address, router; and the rules of where the PC may stand.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::{Fault, Scene};
use crate::{
    command::eventually,
    world::{Host, wire},
};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "second_network",
        words: "Zweites privates Netz am PC (172.16.5.0/24 auf einem weiteren Adapter)",
        code: "KVF-003-7",
        inject: |scene| second_network(scene, "172.16.5.7/24"),
    },
    Fault {
        name: "adapter_down",
        words: "Adapter ausgeschaltet",
        code: "KVF-201-9",
        inject: |scene| scene.on(Host::Client, "ip link set eth0 down"),
    },
    Fault {
        name: "no_adapter",
        words: "Kein Adapter vorhanden, nur lo",
        code: "KVF-201-9",
        inject: |scene| scene.on(Host::Client, "ip link del eth0"),
    },
    Fault {
        name: "no_carrier",
        words: "Kabel gezogen (anderes Ende ohne Verbindung)",
        code: "KVF-202-4",
        inject: |scene| scene.on(Host::Router, "ip link set lan0 down"),
    },
    Fault {
        name: "no_address",
        words: "Keine Adresse",
        code: "KVF-203-5",
        inject: |scene| scene.on(Host::Client, "ip -4 addr flush dev eth0; ip -6 addr flush dev eth0 scope global"),
    },
    Fault {
        name: "self_assigned_address",
        words: "Nur eine selbst gewählte Adresse (169.254.7.9)",
        code: "KVF-203-5",
        inject: |scene| {
            scene.on(Host::Client, "ip -4 addr flush dev eth0; ip addr add 169.254.7.9/16 dev eth0")?;
            scene.without_v6()
        },
    },
    Fault {
        name: "duplicate_address",
        words: "Zweites Gerät mit derselben Adresse am Kabel (IPv6, DAD)",
        code: "KVF-204-3",
        inject: duplicate_address,
    },
    Fault {
        name: "no_route",
        words: "Keine Standardroute",
        code: "KVF-205-6",
        inject: |scene| scene.on(Host::Client, "ip route flush default; ip -6 route flush default"),
    },
    Fault {
        name: "router_dead",
        words: "Router tot (sein Netz abgeschaltet, Kabel steckt)",
        code: "KVF-206-2",
        inject: |scene| scene.on(Host::Router, "ip link set lan down"),
    },
    Fault {
        name: "router_mute",
        words: "Router ohne Adresse, niemand antwortet auf ARP",
        code: "KVF-206-2",
        inject: |scene| {
            scene.on(Host::Router, "ip addr flush dev lan")?;
            scene.on(Host::Client, "ip neigh flush all")
        },
    },
    Fault {
        name: "other_vpn",
        words: "Ein anderes VPN hat alle Routen (tun7 mit 0.0.0.0/1 und 128.0.0.0/1)",
        code: "KVF-218-4",
        inject: other_vpn,
    },
    Fault {
        name: "network_overlaps",
        words: "Heimnetz mit den Adressen des Portals (10.210.0.77/24)",
        code: "KVF-608-9",
        inject: |scene| second_network(scene, "10.210.0.77/24"),
    },
];

fn second_network(scene: &Scene, address: &str) -> Result<()> {
    wire(Host::Client, "e1", Host::Twin, "e1")?;
    scene.on(Host::Client, &format!("ip addr add {address} dev e1"))
}

/// The address is there, and the kernel has heard that another device has it (RFC 4862 §5.4.5).
fn duplicate_address(scene: &mut Scene) -> Result<()> {
    scene.on(Host::Twin, "ip addr add 2001:db8:178::99/64 dev eth0 nodad")?;
    scene.on(
        Host::Client,
        "sysctl -qw net.ipv6.conf.eth0.accept_dad=1 net.ipv6.conf.all.accept_dad=1; \
         ip addr add 2001:db8:178::99/64 dev eth0",
    )?;
    eventually("a duplicate address", Duration::from_secs(10), || {
        let shown = scene.world.quietly(Host::Client, &["ip", "addr", "show", "dev", "eth0"], "")?.stdout;
        ensure!(shown.contains("dadfailed"), "{shown}");
        Ok(())
    })
}

/// Routes of a tunnel that is up and leads nowhere; somebody holds its other end, as a VPN's program does.
fn other_vpn(scene: &mut Scene) -> Result<()> {
    scene.on(
        Host::Client,
        "ip tuntap add tun7 mode tun; ip addr add 10.99.0.2/24 dev tun7; ip link set tun7 up; \
         ip route add 0.0.0.0/1 dev tun7; ip route add 128.0.0.0/1 dev tun7; ip -6 addr add fd99::2/64 dev tun7; \
         ip -6 route add ::/1 dev tun7; ip -6 route add 8000::/1 dev tun7",
    )
}
