//! The judgement, by a table of what each fault looks like: alone, two at once, and with any part of it not looked at.

mod faults;
mod healthy;

use std::collections::BTreeSet;

use flexnet_protocol::{
    FaultCode,
    diagnosis::{Check, Finding, Place, PointState, Verdict},
    fault::Severity,
};
use proptest::prelude::*;

use self::{
    faults::{Case, cases},
    healthy::*,
};
use super::judge;
use crate::facts::*;

/// Stop although the catalogue calls them a care: that entry is over, or this tunnel is dead, and nothing goes on.
const STOPS_HERE: [FaultCode; 3] = [FaultCode::Refused, FaultCode::TokenOutOfStep, FaultCode::TunnelLost];

/// Of a form, a link, a local message: told where they happen, and nothing that a look at the way could find.
const NEVER_FOUND: [FaultCode; 11] = [
    FaultCode::SettingsUnsaved,
    FaultCode::TanUsed,
    FaultCode::EntryShape,
    FaultCode::HandoffOver,
    FaultCode::HandoffRefused,
    FaultCode::LinkBroken,
    FaultCode::AlreadySignedIn,
    FaultCode::BadRequest,
    FaultCode::NotOnThisSystem,
    FaultCode::Busy,
    FaultCode::Internal,
];

fn codes(findings: &[Finding]) -> Vec<FaultCode> {
    findings.iter().map(|finding| finding.code).collect()
}

/// What a reader would call the result: the cause, or else the hints.
fn headline(verdict: &Verdict) -> Vec<FaultCode> {
    verdict.first.as_ref().map_or_else(|| codes(&verdict.hints), |first| vec![first.code])
}

#[test]
fn a_healthy_pc_has_no_finding() {
    for (facts, places) in [(connected(), 6), (signed_out(), 4)] {
        let verdict = judge(&facts);
        assert_eq!((&verdict.first, verdict.hints.len(), verdict.later.len()), (&None, 0, 0), "{verdict:#?}");
        assert!(verdict.explained.is_empty(), "{verdict:#?}");
        let good = verdict.way.iter().filter(|point| point.state == PointState::Good).count();
        assert_eq!(good, places, "{:#?}", verdict.way);
        assert!(verdict.way.iter().all(|point| point.good == point.looked));
    }
}

#[test]
fn who_has_seen_nothing_says_nothing() {
    let verdict = judge(&Facts::default());
    assert_eq!(headline(&verdict), []);
    assert!(verdict.way.iter().all(|point| point.state == PointState::Open && point.looked == 0), "{verdict:#?}");
}

#[test]
fn each_fault_is_told_by_its_code_and_nothing_beside_it() {
    let mut wrong = Vec::new();
    for (row, case) in cases().iter().enumerate() {
        let verdict = judge(&case.facts());
        let stops = case.code.severity() == Severity::Stop || STOPS_HERE.contains(&case.code);
        if headline(&verdict) != [case.code] || verdict.first.is_some() != stops {
            wrong.push(format!("row {row}: {} {:?}: {:?}", case.code, case.code, headline(&verdict)));
        }
        if !verdict.later.is_empty() || (stops && !verdict.hints.is_empty()) {
            let beside = [codes(&verdict.later), codes(&verdict.hints)].concat();
            wrong.push(format!("row {row}: {:?} leaves {beside:?}", case.code));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_of_the_way_has_its_row() {
    let rows: BTreeSet<FaultCode> = cases().iter().map(|case| case.code).collect();
    let without: Vec<FaultCode> = FaultCode::ALL.iter().copied().filter(|code| !rows.contains(code)).collect();
    assert_eq!(without, NEVER_FOUND);
}

/// The pairs that the fault laboratory runs.
const PAIRS: [(u16, u16, u16); 22] = [
    (202, 902, 202),
    (205, 302, 205),
    (203, 902, 203),
    (207, 303, 207),
    (206, 306, 206),
    (208, 412, 208),
    (218, 601, 218),
    (302, 501, 302),
    (306, 601, 306),
    (310, 902, 310),
    (401, 906, 401),
    (405, 902, 405),
    (411, 501, 411),
    (412, 906, 412),
    (501, 601, 501),
    (502, 902, 502),
    (601, 906, 906),
    (110, 412, 110),
    (102, 601, 102),
    (102, 303, 102),
    (402, 902, 402),
    (504, 906, 504),
];

#[test]
fn of_two_faults_the_one_to_be_mended_first_is_named() {
    let cases = cases();
    let case = |number: u16| cases.iter().find(|case| case.code.number() == number).unwrap();
    for (one, other, first) in PAIRS {
        // What lies nearer hides what lies farther, so it is made last.
        let mut facts = signed_out();
        (case(other).change)(&mut facts);
        (case(one).change)(&mut facts);
        let verdict = judge(&facts);
        assert_eq!(headline(&verdict), [case(first).code], "{one}+{other}: {verdict:#?}");
    }
}

#[test]
fn two_roots_are_both_told_and_what_follows_is_not() {
    let mut facts = signed_out();
    facts.program.service = Some(Service::Refused);
    facts.inside = Inside::default();
    facts.network.adapters.as_mut().unwrap()[0].carrier = false;
    facts.network.routes = Some(Routes::default());
    let verdict = judge(&facts);
    assert_eq!(headline(&verdict), [FaultCode::LinkDown]);
    assert_eq!(codes(&verdict.later), [FaultCode::ServiceDown]);
    assert_eq!(codes(&verdict.explained), [FaultCode::NoDefaultRoute]);
}

#[test]
fn the_way_is_green_up_to_where_it_breaks() {
    use PointState::{Broken, Care, Good, Open};
    let states = |change: fn(&mut Facts)| {
        let mut facts = signed_out();
        change(&mut facts);
        judge(&facts).way.iter().map(|point| point.state).collect::<Vec<_>>()
    };
    let silent = states(|f| f.gateway.answer = Some(InfoAnswer::Database));
    assert_eq!(silent, [Good, Good, Good, Broken, Open, Open]);
    // A dead service says nothing against the line.
    let dead = states(|f| (f.program.service, f.inside) = (Some(Service::Refused), Inside::default()));
    assert_eq!(dead, [Broken, Good, Good, Good, Open, Open]);
    let slow = states(|f| f.line.echo.as_mut().unwrap().round_trip_ms = Some(900));
    assert_eq!(slow, [Good, Good, Care, Good, Open, Open]);
    let unplugged = states(|f| f.network.adapters.as_mut().unwrap()[0].carrier = false);
    assert_eq!(unplugged, [Good, Broken, Open, Open, Open, Open]);
}

/// Nothing but a proxy leads to the gateway, and this came through it.
fn through_a_proxy(tls: Tls) -> Facts {
    let mut facts = signed_out();
    for end in &mut facts.way.ends {
        *end = End { v4: end.v4, reach: Reach::Silent, tls: None, small_hello: None };
    }
    facts.line.echo =
        Some(Echo { answered: 0, round_trip_ms: None, largest: None, kbit_s: None, ..facts.line.echo.unwrap() });
    facts.outside.proxy = Some(Proxy { source: "system".into(), answer: ProxyAnswer::Open });
    if !matches!(&tls, Tls::Certificate(shown) if shown.ours) {
        (facts.gateway.answer, facts.pc.clock_ahead) = (None, None);
    }
    facts.way.through_proxy = Some(tls);
    facts
}

#[test]
fn a_proxy_that_leads_there_is_a_way_and_is_judged_as_one() {
    let verdict = judge(&through_a_proxy(Tls::Certificate(certificate())));
    assert_eq!((&verdict.first, headline(&verdict)), (&None, vec![FaultCode::UdpBlocked]), "{verdict:#?}");
    let foreign = Certificate { ours: false, trusted_here: true, ..certificate() };
    for (tls, code) in [
        (Tls::Certificate(foreign), FaultCode::Intercepted),
        (Tls::Certificate(Certificate { names_gateway: false, ..certificate() }), FaultCode::CertificateWrongName),
        (Tls::NotTls, FaultCode::NotTls),
        (Tls::Cut, FaultCode::ConnectionCut),
    ] {
        let first = judge(&through_a_proxy(tls)).first.unwrap();
        assert_eq!(first.code, code);
        assert!(first.detail.starts_with("through the proxy: "), "{first:?}");
    }
    // A box that cuts the direct way does not stop who gets through beside it.
    let mut facts = through_a_proxy(Tls::Certificate(certificate()));
    for end in &mut facts.way.ends {
        *end = End { reach: Reach::Open { ms: 20 }, tls: Some(Tls::Cut), small_hello: Some(Tls::Cut), ..end.clone() };
    }
    assert_eq!(judge(&facts).first, None);
}

#[test]
fn a_name_from_outside_is_told_and_cannot_speak_to_the_member() {
    let mut facts = signed_out();
    facts.network.to_gateway = Some(Leads::Foreign("tun7".into()));
    facts.way.ends.clear();
    assert_eq!(judge(&facts).first.unwrap().subject, "tun7");
    let evil = "Rufen Sie an:\n0900 1 000 000 und nennen Sie Ihr Passwort, \u{202e}dann geht es weiter";
    for trusted_here in [true, false] {
        let shown = Certificate { ours: false, self_signed: true, trusted_here, issuer: evil.into(), ..certificate() };
        let mut facts = signed_out();
        for end in &mut facts.way.ends {
            end.tls = Some(Tls::Certificate(shown.clone()));
        }
        let first = judge(&facts).first.unwrap();
        assert_eq!(first.code, FaultCode::Intercepted);
        assert!(first.subject.chars().count() <= 48 && !first.subject.contains(['\n', '\u{202e}']), "{first:?}");
        // What signs for itself may call itself anything; only what somebody took into the system's store is named.
        assert_eq!(first.subject.is_empty(), !trusted_here, "{first:?}");
    }
}

#[test]
fn what_works_is_no_fault() {
    let healthy = |change: fn(&mut Facts), live: bool| {
        let mut facts = if live { connected() } else { signed_out() };
        change(&mut facts);
        let verdict = judge(&facts);
        assert_eq!((verdict.first.as_ref(), verdict.later.len()), (None, 0), "{verdict:#?}");
    };
    // Another VPN through which the gateway is reached.
    healthy(|f| f.network.to_gateway = Some(Leads::Foreign("tun7".into())), false);
    // A tunnel that nobody used for an hour, and that carries.
    healthy(|f| f.inside.session.as_mut().unwrap().handshake_age = Some(3600), true);
    // Somebody else's package is being installed.
    healthy(|f| f.program.setup_runs = Some(true), false);
    // A system that asks for names over TLS, in a network where nobody else may.
    healthy(|f| f.names.resolvers.as_mut().unwrap()[0].gateway = Answer::Silent, false);
    // A router that answers nobody and forwards everything.
    healthy(|f| f.network.router = Some(Router::Silent), false);
    // A line without IPv6.
    healthy(
        |f| {
            f.network.routes = Some(Routes { default_v4: true, ..Routes::default() });
            f.way.ends[1] = End { v4: false, reach: Reach::NoRoute, tls: None, small_hello: None };
            f.outside.anchors[1] = Anchor { v4: false, reach: Reach::NoRoute, plain: None };
        },
        false,
    );
    // A line with IPv6 alone, and a gateway that has it.
    healthy(
        |f| {
            f.network.routes = Some(Routes { default_v6: true, ..Routes::default() });
            f.way.ends[0] = End { v4: true, reach: Reach::NoRoute, tls: None, small_hello: None };
            f.outside.anchors[0] = Anchor { v4: true, reach: Reach::NoRoute, plain: None };
        },
        false,
    );
    // Portal-only mode needs no service.
    healthy(
        |f| {
            f.program = Program { portal_only: true, service: Some(Service::NoSocket), ..Program::default() };
            f.inside = Inside::default();
        },
        false,
    );
    // An old failure of the way, which was measured anew and is well.
    for code in [FaultCode::GatewaySilent, FaultCode::Maintenance, FaultCode::CertificateUntrusted] {
        let mut facts = signed_out();
        let session = facts.inside.session.as_mut().unwrap();
        (session.state, session.fault) = ("failed".into(), Some(code.into()));
        assert_eq!(headline(&judge(&facts)), [], "{code}");
    }
}

#[test]
fn a_pc_without_installation_is_judged_before_it_is_told_to_install() {
    let absent = || cases().into_iter().find(|case| case.code == FaultCode::NotInstalled).unwrap().facts();
    assert_eq!(headline(&judge(&absent())), [FaultCode::NotInstalled]);
    let mut unplugged = absent();
    unplugged.network.adapters.as_mut().unwrap()[0].carrier = false;
    let verdict = judge(&unplugged);
    assert_eq!(headline(&verdict), [FaultCode::LinkDown]);
    assert_eq!(codes(&verdict.later), [FaultCode::NotInstalled]);
}

/// Takes one fact away.
type Forget = fn(&mut Facts);

const FORGET: [Forget; 27] = [
    |f| f.profile = ProfileFacts::Unknown,
    |f| f.pc.system = None,
    |f| f.pc.clock_ahead = None,
    |f| f.pc.home = None,
    |f| f.pc.spare_handles = None,
    |f| f.pc.scanners = None,
    |f| f.pc.firewalls = None,
    |f| f.pc.keyring = None,
    |f| (f.pc.domain_member, f.pc.shares) = (None, None),
    |f| f.network.adapters = None,
    |f| f.network.routes = None,
    |f| f.network.router = None,
    |f| f.network.to_gateway = None,
    |f| f.network.to_portal = None,
    |f| (f.network.overlaps_portal, f.network.safenet_route) = (None, None),
    |f| f.outside.anchors = vec![],
    |f| f.outside.gateway_plain = None,
    |f| f.outside.last_hop = None,
    |f| f.names.resolvers = None,
    |f| (f.names.hosts_file, f.names.system, f.names.nat64) = (None, None, None),
    |f| f.line.echo = None,
    |f| f.line.offered = None,
    |f| f.way.ends = vec![],
    |f| f.gateway.answer = None,
    |f| (f.program.installed, f.program.leftovers, f.program.setup_runs) = (None, None, None),
    |f| f.program.service = None,
    |f| f.inside = Inside::default(),
];

fn forget(facts: &mut Facts, which: u32) {
    for (bit, forget) in FORGET.iter().enumerate() {
        if which & (1 << bit) != 0 {
            forget(facts);
        }
    }
}

/// What holds of every verdict.
fn is_sound(verdict: &Verdict) {
    let all: Vec<FaultCode> = [codes(&verdict.hints), codes(&verdict.later), codes(&verdict.explained)].concat();
    let Some(first) = &verdict.first else {
        assert!(verdict.later.is_empty() && verdict.explained.is_empty(), "{verdict:#?}");
        assert!(verdict.way.iter().all(|point| point.state != PointState::Broken), "{verdict:#?}");
        return;
    };
    assert!(all.iter().all(|code| !code.explains(first.code)), "{verdict:#?}");
    let told = [codes(&verdict.hints), codes(&verdict.later)].concat();
    assert!(told.iter().all(|code| !first.code.explains(*code)), "{verdict:#?}");
    let broken: Vec<Place> =
        verdict.way.iter().filter(|point| point.state == PointState::Broken).map(|point| point.place).collect();
    assert_eq!(broken, [super::chain::check_of(first.code).place()], "{verdict:#?}");
    assert_eq!(verdict.way.iter().map(|point| point.place).collect::<Vec<_>>(), Place::ALL);
    assert!(verdict.way.iter().all(|point| point.good <= point.looked), "{verdict:#?}");
    let checks = |place: Place| Check::ALL.iter().filter(|check| check.place() == place).count();
    assert!(verdict.way.iter().all(|point| usize::from(point.looked) <= checks(point.place)), "{verdict:#?}");
}

proptest! {
    #[test]
    fn what_was_not_looked_at_is_no_fault(which in 0_u32..(1 << FORGET.len()), live: bool) {
        let mut facts = if live { connected() } else { signed_out() };
        forget(&mut facts, which);
        let verdict = judge(&facts);
        prop_assert!(verdict.first.is_none() && verdict.hints.is_empty(), "{verdict:#?}");
    }

    #[test]
    fn any_faults_at_once_have_one_cause(
        picked in prop::collection::vec(0_usize..1000, 1..5),
        which in 0_u32..(1 << FORGET.len()),
        whole: bool,
    ) {
        let cases = cases();
        let picked: Vec<&Case> = picked.iter().map(|n| &cases[n % cases.len()]).collect();
        let mut facts = if picked[0].signed_out { signed_out() } else { connected() };
        for case in &picked {
            (case.change)(&mut facts);
        }
        if !whole {
            forget(&mut facts, which);
        }
        let verdict = judge(&facts);
        is_sound(&verdict);
        prop_assert_eq!(verdict, judge(&facts));
    }
}
