//! Facts in which every text that there can be is one's own.

use flexnet_protocol::{
    Fault, FaultCode,
    diagnosis::{Finding, Place as Point, Point as OfTheWay, PointState, Verdict},
    events::{Event, Level},
    snapshot::Carrier,
};

use crate::facts::*;

/// Every text of the facts is what `text` says of it.
pub(super) fn facts(text: &dyn Fn(&str) -> String) -> Facts {
    let ip = "192.168.178.23".parse().unwrap();
    let offender = || Offender { who: Some(Private::new(ip)), prohibited: true };
    let certificate = Certificate {
        ours: false,
        self_signed: false,
        trusted_here: true,
        issuer: text("Beispiel-Schutz Root CA"),
        names_gateway: true,
        not_before: 1_700_000_000,
        not_after: 1_900_000_000,
        ms: 31,
    };
    let resolver = |place, gateway| Resolver { place, gateway, other: Answer::Right, ms: Some(12) };
    let product = |name: &str| Product { name: text(name), on: true, current: Some(false) };
    Facts {
        at: 1_795_602_724,
        took_ms: 5_100,
        version: text("0.1.0"),
        profile: ProfileFacts::Good {
            organisation: text("KV Beispielland"),
            gateway: text("gateway.kv.example"),
            anchors: true,
        },
        pc: Pc {
            system: Some(System {
                name: text("Debian GNU/Linux 12"),
                version: text("12.5"),
                supported: Some(true),
                updates_waiting: None,
            }),
            clock_ahead: Some(-3),
            home: Some(Room::ReadOnly),
            spare_handles: Some(48),
            scanners: Some(vec![product("Beispiel-Schutz")]),
            firewalls: Some(Vec::new()),
            filters: vec![text("Beispiel Filter")],
            keyring: Some(Keyring::Locked),
            domain_member: Some(false),
            shares: Some(vec![text("nfs")]),
        },
        network: Network {
            adapters: Some(vec![Adapter {
                name: text("enp0s31f6"),
                kind: AdapterKind::Cable,
                up: true,
                carrier: true,
                addresses: vec![Private::new("192.168.178.23/24".parse().unwrap())],
                duplicate: false,
                signal: None,
            }]),
            routes: Some(Routes { v4: Some(Private::new(ip)), v6: None, default_v4: true, default_v6: false }),
            router: Some(Router::Alive),
            to_gateway: Some(Leads::Foreign(text("tun0"))),
            to_portal: Some(Leads::Right),
            overlaps_portal: Some(false),
            safenet_route: None,
        },
        outside: Outside {
            anchors: vec![Anchor {
                v4: true,
                reach: Reach::Open { ms: 20 },
                plain: Some(Plain::LogIn { status: 302 }),
            }],
            gateway_plain: Some(Plain::Unreached(Reach::Unreachable(offender()))),
            last_hop: Some(1),
            proxy: Some(Proxy { source: text("system"), answer: ProxyAnswer::Refuses { status: 403 } }),
            announced_proxy: None,
        },
        names: Names {
            inside_only: false,
            resolvers: Some(vec![resolver(Place::Near, Answer::Right), resolver(Place::Internet, Answer::Wrong)]),
            hosts_file: Some(false),
            system: Some(Answer::Right),
            nat64: Some(false),
        },
        line: Line {
            echo: Some(Echo {
                v4: true,
                sent: 40,
                answered: 38,
                round_trip_ms: Some(18),
                largest: Some(1_492),
                kbit_s: Some(9_800),
                forbidden_here: false,
                unreachable: Some(offender()),
            }),
            offered: Some(true),
        },
        way: Way {
            through_proxy: Some(Tls::Cut),
            ends: vec![
                End {
                    v4: true,
                    reach: Reach::Open { ms: 19 },
                    tls: Some(Tls::Certificate(certificate)),
                    small_hello: None,
                },
                End {
                    v4: false,
                    reach: Reach::Other(text("no route")),
                    tls: Some(Tls::Broken(text("the answer was cut"))),
                    small_hello: Some(Tls::Alert(40)),
                },
            ],
        },
        gateway: Gateway {
            answer: Some(InfoAnswer::Ready { version: text("0.1.0"), min_client: text("0.1.0"), too_old: false }),
        },
        program: Program {
            installed: Some(true),
            service: Some(Service::Impostor(text("fremd.exe"))),
            leftovers: Some(vec![text("table inet")]),
            foreign: vec![text("wg0")],
            setup_runs: Some(false),
            portal_only: false,
        },
        inside: Inside {
            portal_untrusted: false,
            session: Some(SessionFacts {
                state: text("connected"),
                fault: Some(Fault::new(FaultCode::PortalSilent, text("no answer"))),
                carrier: Some(Carrier::Udp),
                handshake_age: Some(40),
            }),
            names: Some(Answer::Right),
            portal: Some(Reach::Open { ms: 40 }),
            head: Some(Page::Status(200)),
            whole: Some(Page::Stalled),
        },
    }
}

pub(super) fn verdict(text: &dyn Fn(&str) -> String) -> Verdict {
    let finding = |code, subject: &str, detail: &str| Finding { code, subject: text(subject), detail: text(detail) };
    let point = |place, state| OfTheWay { place, state, good: 2, looked: 3 };
    Verdict {
        first: Some(finding(
            FaultCode::CertificateUntrusted,
            "Beispiel-Schutz",
            "the certificate is not of the profile",
        )),
        hints: vec![finding(FaultCode::KeyringLocked, "", "locked")],
        later: vec![finding(FaultCode::PortalSilent, "", "no answer to TCP")],
        explained: vec![finding(FaultCode::TunnelNoHandshake, "", "")],
        way: vec![
            point(Point::Pc, PointState::Care),
            point(Point::Network, PointState::Good),
            point(Point::Internet, PointState::Good),
            point(Point::Way, PointState::Broken),
            point(Point::SignIn, PointState::Open),
            OfTheWay { place: Point::Portal, state: PointState::Open, good: 0, looked: 0 },
        ],
    }
}

pub(super) fn events(text: &dyn Fn(&str) -> String) -> Vec<Event> {
    let event = |number: u64, level, said: &str| Event {
        number,
        at_ms: 1_795_602_700_000 + i64::try_from(number).unwrap() * 1_000,
        level,
        place: text("flexnet_service::service"),
        text: text(said),
    };
    vec![
        event(1, Level::Info, "connecting to the gateway"),
        event(2, Level::Warn, "no answer from 10.1.2.3 to TCP"),
        event(3, Level::Error, "the certificate of Erika is not trusted"),
    ]
}
