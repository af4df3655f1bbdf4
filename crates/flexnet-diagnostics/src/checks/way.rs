//! TCP and TLS to the gateway.

use flexnet_protocol::FaultCode;

use super::{found::Found, outside};
use crate::facts::{Certificate, End, Facts, Plain, Reach, Tls};

/// Seconds before its end from which a certificate should be renewed.
const SOON: i64 = 7 * 86_400;

/// Whether a certificate of the gateway itself came through on any endpoint: nobody reads along there.
pub(super) fn is_ours(facts: &Facts) -> bool {
    let shown = facts.way.ends.iter().filter_map(|end| end.tls.as_ref()).chain(&facts.way.through_proxy);
    shown.into_iter().any(is_proven)
}

fn is_proven(tls: &Tls) -> bool {
    matches!(tls, Tls::Certificate(shown) if shown.ours)
}

/// TCP 443: silent, refused, forbidden.
pub(super) fn reach(facts: &Facts) -> Option<Found> {
    let ends = &facts.way.ends;
    if ends.is_empty() || outside::through_proxy(facts) || ends.iter().any(|end| is_open(&end.reach)) {
        return None;
    }
    let any = |wanted: fn(&Reach) -> bool| ends.iter().find(|end| wanted(&end.reach));
    // What says most: an ICMP error names its sender, a refusal comes from somebody, silence from nobody.
    if let Some(end) = any(|reach| matches!(reach, Reach::Unreachable(_) | Reach::NoRoute)) {
        return Some(Found::new(FaultCode::GatewayUnreachable, format!("TCP 443: {:?}", end.reach)));
    }
    if any(|reach| *reach == Reach::Refused).is_some() {
        return Some(Found::new(FaultCode::GatewayRefuses, "TCP 443 is refused"));
    }
    any(|reach| matches!(reach, Reach::Silent | Reach::Other(_)))
        .map(|end| Found::new(FaultCode::GatewaySilent, format!("TCP 443: {:?}", end.reach)))
}

/// What speaks there, and whether anybody stands in between.
pub(super) fn tls(facts: &Facts) -> Vec<Found> {
    let ends: Vec<&End> = facts.way.ends.iter().filter(|end| is_open(&end.reach)).collect();
    let tried = |end: &&End| end.tls.is_some();
    // One endpoint by which the product gets through is enough.
    let sound = ends.iter().find(|end| end.tls.as_ref().is_some_and(is_proven));
    // So is a proxy that leads to it; and where nothing else does, what is seen through it is what the product meets.
    if let Some(tls) =
        facts.way.through_proxy.as_ref().filter(|tls| sound.is_none() && (is_proven(tls) || ends.is_empty()))
    {
        return through_proxy(facts, tls).into_iter().collect();
    }
    let Some(end) = sound.copied().or_else(|| ends.iter().copied().find(tried)) else { return Vec::new() };
    match &end.tls {
        Some(Tls::Certificate(shown)) => certificate(facts, shown).into_iter().collect(),
        Some(broken) => handshake(facts, end.small_hello.as_ref(), broken).into_iter().collect(),
        None => Vec::new(),
    }
}

fn through_proxy(facts: &Facts, tls: &Tls) -> Option<Found> {
    let found = if let Tls::Certificate(shown) = tls { certificate(facts, shown) } else { handshake(facts, None, tls) };
    let mut found = found?;
    found.finding.detail.insert_str(0, "through the proxy: ");
    Some(found)
}

fn is_open(reach: &Reach) -> bool {
    matches!(reach, Reach::Open { .. })
}

fn certificate(facts: &Facts, shown: &Certificate) -> Option<Found> {
    if !shown.ours {
        let seen = format!("issuer \"{}\" instead of the profile's authority", shown.issuer);
        let known = shown.trusted_here || shown.self_signed;
        let code = if known { FaultCode::Intercepted } else { FaultCode::CertificateUntrusted };
        // What is in no store of this system may call itself anything; the desk reads it, the member does not.
        return Some(Found::new(code, seen).of(if shown.trusted_here { &shown.issuer } else { "" }));
    }
    if !shown.names_gateway {
        return Some(Found::new(FaultCode::CertificateWrongName, "our authority, another host's name"));
    }
    // Judged by the gateway's clock where it told the time, for a PC's clock may be what is wrong.
    let now = facts.at - facts.pc.clock_ahead.unwrap_or(0);
    let days = |seconds: i64| seconds / 86_400;
    if now > shown.not_after {
        let ago = days(now - shown.not_after);
        return Some(Found::new(FaultCode::CertificateExpired, format!("it ended {ago} days ago")));
    }
    if now < shown.not_before {
        let ahead = days(shown.not_before - now);
        return Some(Found::new(FaultCode::CertificateNotYetValid, format!("it begins in {ahead} days")));
    }
    let left = shown.not_after - now;
    (left < SOON).then(|| Found::new(FaultCode::CertificateEndsSoon, format!("it ends in {} days", days(left))))
}

fn handshake(facts: &Facts, small: Option<&Tls>, broken: &Tls) -> Option<Found> {
    let small_works = matches!(small, Some(Tls::Certificate(_)));
    let large = |how: &str| {
        Found::new(FaultCode::LargeHelloDropped, format!("a ClientHello of 1.5 kB is {how}, one of 500 bytes works"))
    };
    Some(match broken {
        Tls::Certificate(_) => return None,
        Tls::Cut if small_works => large("cut off"),
        Tls::Silent if small_works => large("swallowed"),
        Tls::Alert(number) if small_works => large(&format!("refused with alert {number}")),
        Tls::Cut => Found::new(FaultCode::ConnectionCut, "it ends before a word of TLS"),
        Tls::Alert(number) => Found::new(FaultCode::TlsRefused, format!("alert {number}")),
        Tls::NotTls => Found::new(FaultCode::NotTls, "what answers on 443 is no TLS"),
        Tls::Broken(why) => Found::new(FaultCode::TlsRefused, why.as_str()),
        // Its port 80 lives in the same process: where that answers, the gateway is well and somebody swallows TLS.
        Tls::Silent if facts.outside.gateway_plain == Some(Plain::Expected) => {
            Found::new(FaultCode::TlsSilent, "TLS is silent, the gateway's port 80 answers")
        }
        Tls::Silent => Found::new(FaultCode::GatewayHangs, "TCP connects; TLS and port 80 are silent"),
    })
}
