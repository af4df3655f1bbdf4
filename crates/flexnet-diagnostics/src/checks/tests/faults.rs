//! What each fault looks like: a change of the healthy facts, as the fault laboratory saw it.

use flexnet_protocol::{Fault, FaultCode};

use super::healthy::*;
use crate::facts::*;

/// A fault, with what is changed.
pub(super) struct Case {
    pub(super) code: FaultCode,
    /// Nobody is signed in when it happens.
    pub(super) signed_out: bool,
    pub(super) change: fn(&mut Facts),
}

impl Case {
    pub(super) fn facts(&self) -> Facts {
        let mut facts = if self.signed_out { signed_out() } else { connected() };
        (self.change)(&mut facts);
        facts
    }
}

const fn out(code: FaultCode, change: fn(&mut Facts)) -> Case {
    Case { code, signed_out: true, change }
}

const fn live(code: FaultCode, change: fn(&mut Facts)) -> Case {
    Case { code, signed_out: false, change }
}

/// Nothing beyond the router, of all that is looked at.
fn nothing_beyond(f: &mut Facts) {
    for anchor in anchors(f) {
        *anchor = Anchor { v4: anchor.v4, reach: Reach::Silent, plain: None };
    }
    f.outside.gateway_plain = Some(Plain::Unreached(Reach::Silent));
    f.outside.last_hop = Some(1);
    resolver(f, Answer::Silent);
    first_resolver(f).other = Answer::Silent;
    no_gateway(f, &Reach::Silent);
    f.pc.clock_ahead = None;
}

/// TCP to the gateway comes to this, UDP and `/v1/info` to nothing.
fn no_gateway(f: &mut Facts, reach: &Reach) {
    for end in ends(f) {
        *end = End { v4: end.v4, reach: reach.clone(), tls: None, small_hello: None };
    }
    f.gateway.answer = None;
    f.pc.clock_ahead = None;
    no_echo(f);
}

fn no_echo(f: &mut Facts) {
    let echo = echo(f);
    *echo = Echo { answered: 0, round_trip_ms: None, largest: None, kbit_s: None, ..echo.clone() };
}

/// TLS comes to this on both endpoints, the small ClientHello to that.
fn tls(f: &mut Facts, large: &Tls, small: Option<&Tls>) {
    for end in ends(f) {
        end.tls = Some(large.clone());
        end.small_hello = small.cloned();
    }
    f.gateway.answer = None;
    f.pc.clock_ahead = None;
}

fn shown(f: &mut Facts, change: fn(&mut Certificate)) {
    let mut shown = certificate();
    change(&mut shown);
    tls(f, &Tls::Certificate(shown), None);
}

fn resolver(f: &mut Facts, answer: Answer) {
    first_resolver(f).gateway = answer;
    f.names.system = Some(answer);
}

// Another change may have taken away what this one needs: each brings it back.

fn adapter_of(f: &mut Facts) -> &mut Adapter {
    let adapters = f.network.adapters.get_or_insert_default();
    if adapters.is_empty() {
        adapters.extend(signed_out().network.adapters.unwrap());
    }
    &mut adapters[0]
}

fn echo(f: &mut Facts) -> &mut Echo {
    f.line.echo.get_or_insert_with(|| signed_out().line.echo.unwrap())
}

fn first_resolver(f: &mut Facts) -> &mut Resolver {
    let resolvers = f.names.resolvers.get_or_insert_default();
    if resolvers.is_empty() {
        resolvers.extend(signed_out().names.resolvers.unwrap());
    }
    &mut resolvers[0]
}

fn anchors(f: &mut Facts) -> &mut [Anchor] {
    if f.outside.anchors.is_empty() {
        f.outside.anchors = signed_out().outside.anchors;
    }
    &mut f.outside.anchors
}

fn ends(f: &mut Facts) -> &mut [End] {
    if f.way.ends.is_empty() {
        f.way.ends = signed_out().way.ends;
    }
    &mut f.way.ends
}

/// No way into the network: what every probe then says.
fn cut_off(f: &mut Facts) {
    nothing_beyond(f);
    f.network.routes = Some(Routes::default());
    f.network.router = None;
    f.network.to_gateway = Some(Leads::Nowhere);
    no_gateway(f, &Reach::NoRoute);
}

fn told(f: &mut Facts, state: &str, code: FaultCode) {
    f.inside.session =
        Some(SessionFacts { state: state.into(), fault: Some(Fault::from(code)), carrier: None, handshake_age: None });
}

/// One row a fault, some twice where the laboratory has two ways to make it.
pub(super) fn cases() -> Vec<Case> {
    [pc(), network(), outside(), names(), way(), gateway(), udp(), session(), program()].into_iter().flatten().collect()
}

fn pc() -> Vec<Case> {
    vec![
        out(FaultCode::SafeNetRoute, |f| f.network.safenet_route = Some(true)),
        out(FaultCode::DomainMember, |f| f.pc.domain_member = Some(true)),
        out(FaultCode::SecondNetwork, |f| {
            f.network.adapters.get_or_insert_default().push(adapter("e1", AdapterKind::Cable, &["172.16.5.7/24"]));
        }),
        out(FaultCode::MobileLine, |f| adapter_of(f).kind = AdapterKind::Mobile),
        out(FaultCode::PracticeShares, |f| f.pc.shares = Some(vec!["cifs".into()])),
        out(FaultCode::ClockDrifts, |f| f.pc.clock_ahead = Some(120)),
        out(FaultCode::ClockWrong, |f| f.pc.clock_ahead = Some(600)),
        // A PC ten years behind: its own date would call the certificate not yet valid.
        out(FaultCode::ClockWrong, |f| {
            f.pc.clock_ahead = Some(-3650 * DAY);
            f.at = NOW - 3650 * DAY;
        }),
        out(FaultCode::SystemUnsupported, |f| f.pc.system.as_mut().unwrap().supported = Some(false)),
        out(FaultCode::UpdatesWaiting, |f| f.pc.system.as_mut().unwrap().updates_waiting = Some(true)),
        out(FaultCode::ScannerOff, |f| f.pc.scanners.as_mut().unwrap()[0].on = false),
        out(FaultCode::ScannerOff, |f| f.pc.scanners.as_mut().unwrap()[0].current = Some(false)),
        out(FaultCode::FirewallOff, |f| f.pc.firewalls.as_mut().unwrap()[0].on = false),
        out(FaultCode::KeyringLocked, |f| f.pc.keyring = Some(Keyring::Locked)),
        out(FaultCode::BlockedHere, |f| no_gateway(f, &Reach::ForbiddenHere)),
        out(FaultCode::BlockedHere, |f| {
            no_echo(f);
            echo(f).forbidden_here = true;
        }),
        out(FaultCode::DiskFull, |f| f.pc.home = Some(Room::Full)),
        out(FaultCode::ResourcesExhausted, |f| {
            f.pc.spare_handles = Some(30);
            no_gateway(f, &Reach::Other("too many open files".into()));
        }),
        out(FaultCode::HomeUnwritable, |f| f.pc.home = Some(Room::ReadOnly)),
        out(FaultCode::HomeUnwritable, |f| f.pc.home = Some(Room::Missing)),
    ]
}

fn network() -> Vec<Case> {
    vec![
        out(FaultCode::NoAdapter, |f| {
            f.network.adapters = Some(vec![]);
            cut_off(f);
        }),
        out(FaultCode::NoAdapter, |f| {
            adapter_of(f).up = false;
            cut_off(f);
        }),
        out(FaultCode::LinkDown, |f| {
            adapter_of(f).carrier = false;
            cut_off(f);
        }),
        out(FaultCode::NoAddress, |f| {
            *adapter_of(f) = adapter("eth0", AdapterKind::Cable, &["169.254.7.9/16", "fe80::1/64"]);
            cut_off(f);
        }),
        out(FaultCode::DuplicateAddress, |f| adapter_of(f).duplicate = true),
        out(FaultCode::NoDefaultRoute, cut_off),
        out(FaultCode::RouterSilent, |f| {
            nothing_beyond(f);
            f.network.router = Some(Router::Silent);
            f.outside.last_hop = Some(0);
        }),
        out(FaultCode::ForeignVpn, |f| {
            nothing_beyond(f);
            f.network.to_gateway = Some(Leads::Foreign("tun7".into()));
        }),
        out(FaultCode::NetworksOverlap, |f| f.network.overlaps_portal = Some(true)),
    ]
}

fn outside() -> Vec<Case> {
    vec![
        out(FaultCode::InternetGone, nothing_beyond),
        out(FaultCode::InternetGone, |f| {
            nothing_beyond(f);
            f.outside.anchors = vec![];
        }),
        out(FaultCode::CaptivePortal, |f| {
            nothing_beyond(f);
            anchors(f)[0] =
                Anchor { v4: true, reach: Reach::Open { ms: 3 }, plain: Some(Plain::LogIn { status: 302 }) };
        }),
        out(FaultCode::CaptivePortal, |f| {
            nothing_beyond(f);
            anchors(f)[0] = Anchor { v4: true, reach: Reach::Open { ms: 3 }, plain: Some(Plain::Page { status: 200 }) };
            tls(f, &Tls::NotTls, Some(&Tls::NotTls));
            ends(f)[0].reach = Reach::Open { ms: 3 };
            resolver(f, Answer::Wrong);
        }),
        out(FaultCode::ProxyNeeded, |f| {
            nothing_beyond(f);
            f.outside.announced_proxy = Some(Proxy { source: "wpad".into(), answer: ProxyAnswer::Open });
        }),
        out(FaultCode::ProxyFails, |f| {
            nothing_beyond(f);
            let answer = ProxyAnswer::Unreached(Reach::Refused);
            f.outside.proxy = Some(Proxy { source: "environment".into(), answer });
        }),
        out(FaultCode::ProxyWantsPassword, |f| {
            nothing_beyond(f);
            f.outside.proxy = Some(Proxy { source: "system".into(), answer: ProxyAnswer::WantsPassword });
        }),
        out(FaultCode::LineSlow, |f| echo(f).kbit_s = Some(128)),
        out(FaultCode::LineLoses, |f| echo(f).answered = 32),
        // Loss on everything kills connections now and then.
        out(FaultCode::LineLoses, |f| {
            no_gateway(f, &Reach::Silent);
            echo(f).answered = 30;
        }),
        out(FaultCode::LineDelays, |f| echo(f).round_trip_ms = Some(420)),
        out(FaultCode::OnlyIpv6, |f| {
            f.network.routes = Some(Routes { default_v6: true, ..Routes::default() });
            no_gateway(f, &Reach::Silent);
            ends(f)[0].reach = Reach::NoRoute;
            anchors(f)[0] = Anchor { v4: true, reach: Reach::NoRoute, plain: None };
        }),
        out(FaultCode::Ipv6Broken, |f| {
            ends(f)[1] = End { v4: false, reach: Reach::Silent, tls: None, small_hello: None };
        }),
        out(FaultCode::Ipv4Broken, |f| {
            ends(f)[0] = End { v4: true, reach: Reach::Silent, tls: None, small_hello: None };
        }),
    ]
}

fn names() -> Vec<Case> {
    vec![
        out(FaultCode::NoNameServers, |f| {
            f.names.resolvers = Some(vec![]);
            f.names.system = Some(Answer::Failure);
        }),
        out(FaultCode::NamesSilent, |f| resolver(f, Answer::Silent)),
        out(FaultCode::NamesSilent, |f| resolver(f, Answer::Garbage)),
        out(FaultCode::NamesFail, |f| resolver(f, Answer::Failure)),
        out(FaultCode::NameUnknown, |f| resolver(f, Answer::NoSuchName)),
        out(FaultCode::NamesRefused, |f| resolver(f, Answer::Refused)),
        out(FaultCode::NamesFalse, |f| resolver(f, Answer::Wrong)),
        out(FaultCode::NameBlocked, |f| resolver(f, Answer::Blocked)),
        out(FaultCode::NamesSlow, |f| first_resolver(f).ms = Some(2400)),
        out(FaultCode::NamesSlow, |f| {
            let sound = Resolver { gateway: Answer::Right, ..first_resolver(f).clone() };
            f.names.system = Some(Answer::Right);
            first_resolver(f).gateway = Answer::Silent;
            f.names.resolvers.as_mut().unwrap().push(sound);
        }),
        out(FaultCode::NamesTruncated, |f| resolver(f, Answer::Truncated)),
        out(FaultCode::HostsFile, |f| {
            f.names.hosts_file = Some(true);
            f.names.system = Some(Answer::Wrong);
        }),
        out(FaultCode::ForeignNameServer, |f| {
            resolver(f, Answer::Silent);
            first_resolver(f).place = Place::ForeignPrivate;
        }),
    ]
}

fn way() -> Vec<Case> {
    vec![
        out(FaultCode::GatewayRefuses, |f| no_gateway(f, &Reach::Refused)),
        out(FaultCode::GatewaySilent, |f| no_gateway(f, &Reach::Silent)),
        out(FaultCode::GatewaySilent, |f| no_gateway(f, &Reach::Other("reset by a driver".into()))),
        out(FaultCode::ConnectionCut, |f| tls(f, &Tls::Cut, Some(&Tls::Cut))),
        out(FaultCode::PacketsTooLarge, |f| {
            tls(f, &Tls::Silent, Some(&Tls::Certificate(certificate())));
            echo(f).largest = Some(1300);
        }),
        out(FaultCode::LargeHelloDropped, |f| tls(f, &Tls::Silent, Some(&Tls::Certificate(certificate())))),
        out(FaultCode::LargeHelloDropped, |f| tls(f, &Tls::Cut, Some(&Tls::Certificate(certificate())))),
        out(FaultCode::Intercepted, |f| {
            shown(f, |c| {
                c.ours = false;
                c.trusted_here = true;
            });
        }),
        out(FaultCode::Intercepted, |f| {
            shown(f, |c| {
                c.ours = false;
                c.self_signed = true;
            });
        }),
        out(FaultCode::CertificateExpired, |f| shown(f, |c| c.not_after = NOW - DAY)),
        out(FaultCode::CertificateNotYetValid, |f| shown(f, |c| c.not_before = NOW + DAY)),
        out(FaultCode::CertificateWrongName, |f| shown(f, |c| c.names_gateway = false)),
        out(FaultCode::CertificateUntrusted, |f| shown(f, |c| c.ours = false)),
        out(FaultCode::TlsRefused, |f| tls(f, &Tls::Alert(40), Some(&Tls::Alert(40)))),
        out(FaultCode::TlsRefused, |f| tls(f, &Tls::Broken("bad record".into()), None)),
        out(FaultCode::NotTls, |f| tls(f, &Tls::NotTls, Some(&Tls::NotTls))),
        out(FaultCode::TlsSilent, |f| tls(f, &Tls::Silent, Some(&Tls::Silent))),
        out(FaultCode::CertificateEndsSoon, |f| {
            for end in ends(f) {
                end.tls = Some(Tls::Certificate(Certificate { not_after: NOW + 3 * DAY, ..certificate() }));
            }
        }),
        out(FaultCode::GatewayUnreachable, |f| {
            no_gateway(f, &Reach::Unreachable(Offender { who: None, prohibited: true }));
        }),
        out(FaultCode::GatewayUnreachable, |f| no_gateway(f, &Reach::NoRoute)),
    ]
}

fn gateway() -> Vec<Case> {
    vec![
        out(FaultCode::Maintenance, |f| f.gateway.answer = Some(InfoAnswer::Maintenance { until: Some(NOW) })),
        out(FaultCode::GatewayDraining, |f| f.gateway.answer = Some(InfoAnswer::Draining)),
        out(FaultCode::GatewayDatabase, |f| f.gateway.answer = Some(InfoAnswer::Database)),
        out(FaultCode::GatewayHangs, |f| f.gateway.answer = Some(InfoAnswer::Silent)),
        out(FaultCode::GatewayHangs, |f| {
            tls(f, &Tls::Silent, Some(&Tls::Silent));
            f.outside.gateway_plain = Some(Plain::Silent);
        }),
        out(FaultCode::GatewayAnswer, |f| f.gateway.answer = Some(InfoAnswer::Strange { status: 500 })),
        out(FaultCode::ClientTooOld, |f| {
            f.gateway.answer =
                Some(InfoAnswer::Ready { version: "2.0.0".into(), min_client: "2.0.0".into(), too_old: true });
        }),
        out(FaultCode::GatewayBusy, |f| f.gateway.answer = Some(InfoAnswer::Busy)),
    ]
}

fn udp() -> Vec<Case> {
    vec![
        out(FaultCode::UdpBlocked, no_echo),
        out(FaultCode::UdpThrottled, |f| echo(f).answered = 8),
        out(FaultCode::UdpPacketsSmall, |f| echo(f).largest = Some(1300)),
    ]
}

fn session() -> Vec<Case> {
    vec![
        out(FaultCode::VerifierSilent, |f| told(f, "failed", FaultCode::VerifierSilent)),
        out(FaultCode::TunnelNoHandshake, |f| told(f, "failed", FaultCode::TunnelNoHandshake)),
        out(FaultCode::TunnelDevice, |f| told(f, "failed", FaultCode::TunnelDevice)),
        out(FaultCode::NetworkSettings, |f| told(f, "failed", FaultCode::NetworkSettings)),
        out(FaultCode::GrantOutsideProfile, |f| told(f, "failed", FaultCode::GrantOutsideProfile)),
        out(FaultCode::StateReadOnly, |f| told(f, "failed", FaultCode::StateReadOnly)),
        out(FaultCode::Locked, |f| told(f, "locked", FaultCode::Locked)),
        out(FaultCode::Refused, |f| told(f, "signed_out", FaultCode::Refused)),
        out(FaultCode::AccountDisabled, |f| told(f, "failed", FaultCode::AccountDisabled)),
        out(FaultCode::SessionEnded, |f| told(f, "signed_out", FaultCode::SessionEnded)),
        out(FaultCode::TokenOutOfStep, |f| told(f, "signed_out", FaultCode::TokenOutOfStep)),
        out(FaultCode::TokenLost, |f| told(f, "failed", FaultCode::TokenLost)),
        live(FaultCode::TunnelLost, |f| {
            if let Some(session) = &mut f.inside.session {
                session.handshake_age = Some(900);
            }
            (f.inside.names, f.inside.portal) = (Some(Answer::Silent), Some(Reach::Silent));
            (f.inside.head, f.inside.whole) = (None, None);
        }),
        live(FaultCode::TunnelLost, |f| {
            (f.inside.names, f.inside.portal) = (Some(Answer::Silent), Some(Reach::Silent));
            (f.inside.head, f.inside.whole) = (None, None);
        }),
        live(FaultCode::RouteTaken, |f| {
            f.network.to_portal = Some(Leads::Foreign("tun7".into()));
            (f.inside.names, f.inside.portal) = (Some(Answer::Silent), Some(Reach::Silent));
            (f.inside.head, f.inside.whole) = (None, None);
        }),
        live(FaultCode::PortalNameService, |f| f.inside.names = Some(Answer::Silent)),
        live(FaultCode::PortalNoName, |f| f.inside.names = Some(Answer::NoSuchName)),
        live(FaultCode::PortalSilent, |f| {
            f.inside.portal = Some(Reach::Refused);
            (f.inside.head, f.inside.whole) = (None, None);
        }),
        live(FaultCode::PortalSilent, |f| {
            f.inside.portal_untrusted = true;
            (f.inside.head, f.inside.whole) = (None, None);
        }),
        live(FaultCode::PortalMaintenance, |f| f.inside.head = Some(Page::Status(503))),
        live(FaultCode::PortalSlow, |f| (f.inside.head, f.inside.whole) = (Some(Page::Silent), None)),
        live(FaultCode::PortalPagesCut, |f| f.inside.whole = Some(Page::Silent)),
    ]
}

fn program() -> Vec<Case> {
    vec![
        out(FaultCode::NotInstalled, |f| {
            f.profile = ProfileFacts::Missing;
            f.program.installed = Some(false);
            f.program.service = Some(Service::NoSocket);
            (f.inside, f.way, f.line, f.gateway) = Default::default();
            f.pc.clock_ahead = None;
        }),
        out(FaultCode::ServiceDown, |f| service(f, Service::Refused)),
        out(FaultCode::ServiceDown, |f| service(f, Service::NoSocket)),
        out(FaultCode::ServiceHangs, |f| service(f, Service::Hangs)),
        out(FaultCode::VersionsDiffer, |f| {
            f.program.service = Some(Service::Answers { version: "0.9.1".into(), fits: false });
        }),
        out(FaultCode::ServiceImpostor, |f| service(f, Service::Impostor("python3".into()))),
        out(FaultCode::Leftovers, |f| f.program.leftovers = Some(vec!["a route of the portal".into()])),
        out(FaultCode::ProfileBroken, |f| f.profile = ProfileFacts::Broken("line 3".into())),
        out(FaultCode::ProfileBroken, |f| f.profile = ProfileFacts::Missing),
        out(FaultCode::NotPermitted, |f| service(f, Service::NotPermitted)),
        out(FaultCode::SetupRuns, |f| {
            f.program.setup_runs = Some(true);
            service(f, Service::NoSocket);
        }),
    ]
}

/// It does not tell of a session.
fn service(f: &mut Facts, seen: Service) {
    f.program.service = Some(seen);
    f.inside = Inside::default();
}
