//! Area 2: beyond the router. Internet, log-in pages, proxies, quality, families.

use std::fs;

use anyhow::{Context as _, Result, ensure};

use super::{Fault, Scene, ground::GATEWAY};
use crate::{
    command::{Process, eventually},
    parts::PATIENCE,
    world::Host,
};

pub(super) const PROXY: &str = "https_proxy=http://192.168.178.1:8888";
const PROHIBITED: &str = "oifname wan reject with icmpx admin-prohibited";

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "line_down",
        words: "Leitung des Routers getrennt",
        code: "KVF-207-0",
        inject: |scene| scene.on(Host::Router, "ip link set wan down"),
    },
    Fault {
        name: "line_dead",
        words: "Leitung verschluckt alles (nft forward drop)",
        code: "KVF-207-0",
        inject: |scene| scene.filter(Host::Router, "pass", &["oifname wan drop"]),
    },
    Fault {
        name: "log_in_page",
        words: "Anmeldeseite des Netzes mit 302, sonst alles verworfen",
        code: "KVF-208-1",
        inject: |scene| log_in_page(scene, "302", "oifname wan drop"),
    },
    Fault {
        name: "log_in_page_200",
        words: "Anmeldeseite des Netzes mit 200 und Formular, sonst alles verboten",
        code: "KVF-208-1",
        inject: |scene| log_in_page(scene, "200", PROHIBITED),
    },
    Fault {
        name: "log_in_page_by_names",
        words: "Anmeldeseite mit 511, dazu lügender Namensdienst und Webseite auf 443",
        code: "KVF-208-1",
        inject: |scene| {
            scene.lie("hijack:192.168.178.1")?;
            scene.stand_in(Host::Router, &["middlebox", "--listen", "[::]:8443", "--how", "http"])?;
            scene.divert("tcp dport 443", 8443)?;
            log_in_page(scene, "511", "oifname wan drop")
        },
    },
    Fault {
        name: "proxy_needed",
        words: "Nur ein Proxy führt hinaus, das Netz nennt ihn (WPAD), der PC kennt ihn nicht",
        code: "KVF-209-7",
        inject: |scene| {
            scene.without_v6()?;
            proxy(scene, "")?;
            announce_proxy(scene)?;
            scene.filter(Host::Router, "pass", &[PROHIBITED])
        },
    },
    Fault {
        name: "proxy_dead",
        words: "Eingestellter Proxy ist nicht da, direkt führt nichts hinaus",
        code: "KVF-210-0",
        inject: |scene| {
            scene.asked.environment.push(PROXY.to_owned());
            scene.without_v6()?;
            scene.filter(Host::Router, "pass", &[PROHIBITED])
        },
    },
    Fault {
        name: "proxy_refuses",
        words: "Eingestellter Proxy lehnt das Gateway ab (403), direkt führt nichts hinaus",
        code: "KVF-210-0",
        inject: |scene| {
            scene.without_v6()?;
            fs::write("/run/lab/filter", "^nothing$\n")?;
            proxy(scene, "Filter \"/run/lab/filter\"\nFilterDefaultDeny Yes\n")?;
            scene.asked.environment.push(PROXY.to_owned());
            scene.filter(Host::Router, "pass", &[PROHIBITED])
        },
    },
    Fault {
        name: "proxy_wants_password",
        words: "Eingestellter Proxy verlangt ein Passwort (407), direkt führt nichts hinaus",
        code: "KVF-211-3",
        inject: |scene| {
            scene.without_v6()?;
            proxy(scene, "BasicAuth praxis geheim\n")?;
            scene.asked.environment.push(PROXY.to_owned());
            scene.filter(Host::Router, "pass", &[PROHIBITED])
        },
    },
    Fault {
        name: "slow_line",
        words: "Leitung mit 128 kbit/s hinauf und 384 herab (tc tbf)",
        code: "KVF-212-1",
        inject: |scene| {
            scene.on(Host::Internet, "tc qdisc add dev cpe root tbf rate 384kbit burst 4k latency 3s")?;
            scene.on(Host::Router, "tc qdisc add dev wan root tbf rate 128kbit burst 2k latency 3s")
        },
    },
    Fault {
        name: "loss",
        words: "20 % der UDP-Pakete gehen verloren (nft numgen)",
        code: "KVF-213-7",
        inject: |scene| scene.filter(Host::Router, "pass", &["meta l4proto udp numgen random mod 100 < 20 drop"]),
    },
    Fault {
        name: "loss_of_everything",
        words: "20 % aller Pakete gehen verloren",
        code: "KVF-213-7",
        inject: |scene| scene.filter(Host::Router, "pass", &["numgen random mod 100 < 20 drop"]),
    },
    Fault {
        name: "long_way",
        words: "400 ms Laufzeit für UDP (Umweg in Software)",
        code: "KVF-214-5",
        inject: long_way,
    },
    Fault {
        name: "only_v6",
        words: "Nur IPv6, kein NAT64, Gateway nur mit IPv4 erreichbar",
        code: "KVF-215-9",
        inject: |scene| {
            only_v6(scene)?;
            scene.on(Host::Gateway, "ip -6 addr flush dev eth0 scope global")
        },
    },
    Fault {
        name: "only_v6_is_enough",
        words: "Nur IPv6, Gateway hat IPv6: kein Fehler",
        code: "-",
        inject: |scene| only_v6(scene),
    },
    Fault {
        name: "nat64",
        words: "Nur IPv6 mit NAT64 und DNS64 (tayga), Gateway nur mit IPv4: kein Fehler",
        code: "-",
        inject: nat64,
    },
    Fault {
        name: "v6_broken",
        words: "IPv6 hat eine Adresse, und nichts kommt an",
        code: "KVF-216-8",
        inject: |scene| scene.filter(Host::Router, "pass", &["meta nfproto ipv6 drop"]),
    },
    Fault {
        name: "v4_broken",
        words: "DS-Lite: IPv4 kommt nicht an, IPv6 schon",
        code: "KVF-217-6",
        inject: |scene| scene.filter(Host::Router, "pass", &["meta nfproto ipv4 drop"]),
    },
];

fn log_in_page(scene: &mut Scene, status: &str, otherwise: &str) -> Result<()> {
    scene.without_v6()?;
    scene.stand_in(Host::Router, &["web", "--listen", "[::]:8080", "--status", status])?;
    scene.divert("tcp dport 80", 8080)?;
    scene.filter(Host::Router, "pass", &[otherwise])
}

/// Debian's tinyproxy on the router, which asks its own name service.
pub(super) fn proxy(scene: &mut Scene, settings: &str) -> Result<()> {
    let all = "Port 8888\nListen 192.168.178.1\nTimeout 20\nAllow 192.168.178.0/24\nConnectPort 443\nLogLevel Error\n";
    fs::write("/run/lab/tinyproxy.conf", format!("{all}{settings}"))?;
    let mut process: Process =
        scene.world.start(Host::Router, "tinyproxy", &["tinyproxy", "-d", "-c", "/run/lab/tinyproxy.conf"])?;
    scene.world.wait_for_port(&mut process, Host::Client, "192.168.178.1", "8888")?;
    scene.more.push(process);
    Ok(())
}

/// WPAD by DNS: `wpad` in the domain that the resolver's file searches, and a file on its port 80.
fn announce_proxy(scene: &mut Scene) -> Result<()> {
    scene.router_names(&["--host-record=wpad.praxis.example,192.168.178.1", "--local=/praxis.example/"])?;
    fs::write("/etc/resolv.conf", "nameserver 192.168.178.1\nsearch praxis.example\n")?;
    fs::create_dir_all("/run/lab/wpad")?;
    let pac = "function FindProxyForURL(url, host) { return \"PROXY 192.168.178.1:8888\"; }\n";
    fs::write("/run/lab/wpad/wpad.dat", pac)?;
    let line = ["python3", "-m", "http.server", "80", "--bind", "192.168.178.1", "--directory", "/run/lab/wpad"];
    let mut process = scene.world.start(Host::Router, "wpad", &line)?;
    scene.world.wait_for_port(&mut process, Host::Client, "192.168.178.1", "80")?;
    scene.more.push(process);
    Ok(())
}

fn long_way(scene: &mut Scene) -> Result<()> {
    for (here, there) in [("203.0.113.1", GATEWAY[0]), ("2001:db8:113::1", GATEWAY[1])] {
        let socket = |ip: &str| crate::parts::socket(ip, 51820);
        let (listen, to) = (socket(here), socket(there));
        scene.stand_in(Host::Internet, &["delay", "--listen", &listen, "--to", &to, "--ms", "200"])?;
    }
    let rules = "add table inet far; add chain inet far pre { type nat hook prerouting priority dstnat; }; \
                 add rule inet far pre ip daddr 203.0.113.10 udp dport 51820 dnat ip to 203.0.113.1; \
                 add rule inet far pre ip6 daddr 2001:db8:113::10 udp dport 51820 dnat ip6 to 2001:db8:113::1";
    scene.world.on(Host::Internet, &["nft", rules])?.expect_ok("the long way").map(drop)
}

fn only_v6(scene: &Scene) -> Result<()> {
    scene.on(Host::Client, "ip -4 addr flush dev eth0")?;
    Ok(fs::write("/etc/resolv.conf", "nameserver 2001:db8:178::1\n")?)
}

/// tayga refuses the well-known prefix for documentation addresses, so the network has one of its own, which it tells (RFC 7050).
fn nat64(scene: &mut Scene) -> Result<()> {
    only_v6(scene)?;
    scene.on(Host::Gateway, "ip -6 addr flush dev eth0 scope global")?;
    fs::create_dir_all("/run/lab/tayga")?;
    let settings = "tun-device nat64\nipv4-addr 192.168.255.1\nipv6-addr 2001:db8:64::1\n\
                    prefix 2001:db8:64:ff::/96\ndynamic-pool 192.168.255.0/24\ndata-dir /run/lab/tayga\n";
    fs::write("/run/lab/tayga.conf", settings)?;
    scene.on(
        Host::Router,
        "tayga --mktun -c /run/lab/tayga.conf; ip link set nat64 up; ip route add 192.168.255.0/24 dev nat64; \
         ip -6 route add 2001:db8:64:ff::/96 dev nat64; ip -6 route add 2001:db8:64::1/128 dev nat64",
    )?;
    scene.start(Host::Router, "tayga", &["tayga", "-d", "-c", "/run/lab/tayga.conf"])?;
    scene.router_names(&[
        "--host-record=ipv4only.arpa,192.0.0.170,2001:db8:64:ff::c000:aa",
        "--host-record=flexnet.example,2001:db8:64:ff::cb00:710a",
    ])?;
    eventually("a way by NAT64", PATIENCE, || {
        let line = ["curl", "-6", "-sSk", "--max-time", "3", "https://[2001:db8:64:ff::cb00:710a]/v1/info"];
        let answer = scene.world.quietly(Host::Client, &line, "")?;
        ensure!(answer.ok(), "{}", answer.stderr);
        Ok(())
    })
    .context("tayga")
}
