//! A PC on which all is well, from which each test takes something away.

use flexnet_protocol::snapshot::Carrier;
use ipnet::IpNet;

use crate::facts::*;

/// Some day; certificates and clocks are told from it.
pub(super) const NOW: i64 = 1_800_000_000;
pub(super) const DAY: i64 = 86_400;

/// Connected, cable, both families, an anchor of each, no proxy.
pub(super) fn connected() -> Facts {
    let answers = Service::Answers { version: "1.0.0".into(), fits: true };
    Facts {
        at: NOW,
        took_ms: 1300,
        version: "1.0.0".into(),
        profile: ProfileFacts::Good { organisation: "KV".into(), gateway: "gw.example".into(), anchors: true },
        pc: pc(),
        network: network(),
        outside: Outside {
            anchors: vec![anchor(true), anchor(false)],
            gateway_plain: Some(Plain::Expected),
            last_hop: Some(3),
            proxy: None,
            announced_proxy: None,
        },
        names: Names {
            resolvers: Some(vec![Resolver {
                place: Place::Near,
                gateway: Answer::Right,
                other: Answer::Right,
                ms: Some(20),
            }]),
            hosts_file: Some(false),
            system: Some(Answer::Right),
            nat64: Some(false),
            ..Names::default()
        },
        line: Line {
            echo: Some(Echo {
                v4: true,
                sent: 40,
                answered: 40,
                round_trip_ms: Some(25),
                largest: Some(1500),
                kbit_s: Some(20_000),
                forbidden_here: false,
                unreachable: None,
            }),
            offered: Some(true),
        },
        way: Way { ends: vec![end(true), end(false)], through_proxy: None },
        gateway: Gateway {
            answer: Some(InfoAnswer::Ready { version: "1.0.0".into(), min_client: "1.0.0".into(), too_old: false }),
        },
        program: Program {
            installed: Some(true),
            service: Some(answers),
            leftovers: Some(vec![]),
            foreign: vec![],
            setup_runs: Some(false),
            portal_only: false,
        },
        inside: Inside {
            session: Some(SessionFacts {
                state: "connected".into(),
                fault: None,
                carrier: Some(Carrier::Udp),
                handshake_age: Some(30),
            }),
            names: Some(Answer::Right),
            portal: Some(Reach::Open { ms: 30 }),
            portal_untrusted: false,
            head: Some(Page::Status(200)),
            whole: Some(Page::Status(200)),
        },
    }
}

/// The same with nobody signed in.
pub(super) fn signed_out() -> Facts {
    let mut facts = connected();
    facts.network.to_portal = None;
    facts.inside = Inside {
        session: Some(SessionFacts { state: "signed_out".into(), fault: None, carrier: None, handshake_age: None }),
        ..Inside::default()
    };
    facts
}

fn pc() -> Pc {
    let product = |name: &str| Product { name: name.into(), on: true, current: Some(true) };
    Pc {
        system: Some(System {
            name: "Debian GNU/Linux".into(),
            version: "12".into(),
            supported: Some(true),
            updates_waiting: Some(false),
        }),
        clock_ahead: Some(0),
        home: Some(Room::Writable),
        spare_handles: Some(48),
        scanners: Some(vec![product("Muster-Schutz")]),
        firewalls: Some(vec![product("Muster-Wall")]),
        filters: vec![],
        keyring: Some(Keyring::Open),
        domain_member: Some(false),
        shares: Some(vec![]),
    }
}

fn network() -> Network {
    Network {
        adapters: Some(vec![adapter("eth0", AdapterKind::Cable, &["192.168.178.20/24", "2001:db8:178::20/64"])]),
        routes: Some(Routes { default_v4: true, default_v6: true, ..Routes::default() }),
        router: Some(Router::Alive),
        to_gateway: Some(Leads::Right),
        to_portal: Some(Leads::Right),
        overlaps_portal: Some(false),
        safenet_route: Some(false),
    }
}

pub(super) fn adapter(name: &str, kind: AdapterKind, addresses: &[&str]) -> Adapter {
    let private = |net: &&str| Private::new(net.parse::<IpNet>().unwrap());
    let addresses = addresses.iter().map(private).collect();
    Adapter { name: name.into(), kind, up: true, carrier: true, addresses, duplicate: false, signal: None }
}

fn anchor(v4: bool) -> Anchor {
    Anchor { v4, reach: Reach::Open { ms: 20 }, plain: Some(Plain::Expected) }
}

fn end(v4: bool) -> End {
    End { v4, reach: Reach::Open { ms: 25 }, tls: Some(Tls::Certificate(certificate())), small_hello: None }
}

/// The gateway's own, half a year old.
pub(super) fn certificate() -> Certificate {
    Certificate {
        ours: true,
        self_signed: false,
        trusted_here: false,
        issuer: "KV CA".into(),
        names_gateway: true,
        not_before: NOW - 180 * DAY,
        not_after: NOW + 180 * DAY,
        ms: 40,
    }
}
