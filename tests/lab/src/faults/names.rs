//! Area 3: the name service.

use std::fs;

use anyhow::Result;

use super::{Fault, Scene};
use crate::world::Host;

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "no_name_server",
        words: "Kein Namensdienst eingestellt (leere resolv.conf)",
        code: "KVF-301-4",
        inject: |_| Ok(fs::write("/etc/resolv.conf", "")?),
    },
    Fault {
        name: "names_silent",
        words: "Namensdienst schweigt (UDP nimmt an, TCP verworfen)",
        code: "KVF-302-3",
        inject: |scene| {
            scene.filter(Host::Router, "input", &["tcp dport 53 drop"])?;
            scene.lie("silent")
        },
    },
    Fault {
        name: "names_garbage",
        words: "Namensdienst antwortet Unsinn",
        code: "KVF-302-3",
        inject: |scene| scene.lie("garbage"),
    },
    Fault {
        name: "names_servfail",
        words: "Namensdienst meldet SERVFAIL",
        code: "KVF-303-8",
        inject: |scene| scene.lie("servfail"),
    },
    Fault {
        name: "name_unknown",
        words: "Namensdienst kennt den Namen des Gateways nicht (NXDOMAIN)",
        code: "KVF-304-6",
        inject: |scene| scene.router_names(&["--address=/flexnet.example/"]),
    },
    Fault {
        name: "names_intercepted",
        words: "Fragen an einen fremden Namensdienst umgeleitet, überall NXDOMAIN",
        code: "KVF-304-6",
        inject: intercepted,
    },
    Fault {
        name: "names_refused",
        words: "Namensdienst lehnt ab (REFUSED)",
        code: "KVF-305-1",
        inject: |scene| scene.lie("refused"),
    },
    Fault {
        name: "names_dead",
        words: "Namensdienst beendet, sein Port ist zu",
        code: "KVF-305-1",
        inject: |scene| {
            scene.names.router = None;
            Ok(())
        },
    },
    Fault {
        name: "names_hijacked",
        words: "Namensdienst nennt überall eine fremde Adresse (198.18.0.66)",
        code: "KVF-306-7",
        inject: |scene| scene.lie("hijack:198.18.0.66"),
    },
    Fault {
        name: "names_hijacked_privately",
        words: "Namensdienst nennt überall eine Adresse im Heimnetz",
        code: "KVF-306-7",
        inject: |scene| scene.lie("hijack:192.168.178.77"),
    },
    Fault {
        name: "name_filtered",
        words: "Filter im Router sperrt den Namen (0.0.0.0)",
        code: "KVF-307-2",
        inject: |scene| scene.router_names(&["--address=/flexnet.example/#"]),
    },
    Fault {
        name: "rebinding_protection",
        words: "Router verwirft private Antworten (Rebind-Schutz), das Gateway hat eine private Adresse",
        code: "KVF-307-2",
        inject: rebinding,
    },
    Fault {
        name: "names_slow",
        words: "Namensdienst braucht 2,4 s",
        code: "KVF-308-0",
        inject: |scene| scene.lie("slow:2400"),
    },
    Fault {
        name: "names_truncated",
        words: "Namensdienst kürzt, TCP 53 ist zu",
        code: "KVF-309-5",
        inject: |scene| scene.lie("truncated"),
    },
    Fault {
        name: "hosts_file",
        words: "Zeile in der hosts-Datei lenkt den Namen des Gateways um",
        code: "KVF-310-2",
        inject: |_| {
            let hosts = fs::read_to_string("/etc/hosts")?;
            Ok(fs::write("/etc/hosts", format!("{hosts}198.18.0.9 flexnet.example\n"))?)
        },
    },
    Fault {
        name: "stale_name_server",
        words: "Namensdienst eines früheren VPN eingestellt (10.64.0.1)",
        code: "KVF-311-5",
        inject: |_| Ok(fs::write("/etc/resolv.conf", "nameserver 10.64.0.1\n")?),
    },
];

fn intercepted(scene: &mut Scene) -> Result<()> {
    fs::write("/etc/resolv.conf", "nameserver 192.0.2.53\n")?;
    scene.lie("nxdomain")?;
    scene.divert("udp dport 53", 53)
}

fn rebinding(scene: &mut Scene) -> Result<()> {
    scene.names.provider = None;
    scene.names.provider = Some(scene.world.start(
        Host::Internet,
        "dns-private",
        &[
            "dnsmasq",
            "--no-daemon",
            "--no-hosts",
            "--no-resolv",
            "--conf-file=/dev/null",
            "--bind-interfaces",
            "--listen-address=192.0.2.53",
            "--host-record=flexnet.example,10.1.2.3",
            "--host-record=ipv4only.arpa,192.0.0.170",
            "--local=/example/",
            "--local=/arpa/",
        ],
    )?);
    scene.router_names(&["--stop-dns-rebind"])
}
