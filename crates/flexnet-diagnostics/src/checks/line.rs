//! UDP to the gateway: what the line is worth.

use flexnet_protocol::FaultCode;

use super::{found::Found, way};
use crate::facts::{Echo, Facts, InfoAnswer, Reach, Tls};

/// Percent of echoes lost from which pages stall.
const LOSS: u32 = 10;
/// Percent answered up to which somebody throttles UDP, if TCP loses nothing.
const THROTTLED: u32 = 25;
/// Milliseconds there and back from which every click is felt.
const DELAY_MS: u32 = 300;
/// Below DSL 1000's upstream.
const SLOW_KBIT_S: u32 = 200;
/// Bytes: below it a certificate may be lost on a path that does not tell its size.
const HOLE: u16 = 1400;
/// Bytes: below it the tunnel must be made smaller than usual.
const SMALL: u16 = 1360;
/// Milliseconds: a connection that stood before it lost no packet, for the first repetition comes after a second (RFC 6298 §2.1).
const CLEAN_MS: u64 = 900;

/// Loss, delay, rate.
pub(super) fn quality(facts: &Facts) -> Vec<Found> {
    let Some(echo) = facts.line.echo.as_ref().filter(|echo| echo.answered > 0) else { return Vec::new() };
    let mut found = Vec::new();
    let lost = 100 - percent(echo);
    if lost >= LOSS && !throttled(facts, echo) {
        found.push(Found::new(FaultCode::LineLoses, format!("{lost} % of {} echoes are lost", echo.sent)));
    }
    if let Some(ms) = echo.round_trip_ms.filter(|ms| *ms > DELAY_MS) {
        found.push(Found::new(FaultCode::LineDelays, format!("{ms} ms to the gateway and back")));
    }
    if let Some(rate) = echo.kbit_s.filter(|rate| *rate < SLOW_KBIT_S) {
        found.push(Found::new(FaultCode::LineSlow, format!("{rate} kbit/s")));
    }
    found
}

/// A path that swallows what is large: TLS dies of it.
pub(super) fn packet_size(facts: &Facts) -> Option<Found> {
    let largest = largest(facts).filter(|size| *size < HOLE)?;
    let hangs = |tls: &Tls| matches!(tls, Tls::Silent | Tls::Cut);
    let stuck = facts.way.ends.iter().any(|end| end.tls.as_ref().is_some_and(hangs)) && !way::is_ours(facts);
    stuck.then(|| Found::new(FaultCode::PacketsTooLarge, format!("packets above {largest} bytes are lost")))
}

/// UDP that does not carry what TCP does: the connection takes TCP 443.
pub(super) fn udp(facts: &Facts) -> Vec<Found> {
    let Some(echo) = &facts.line.echo else { return Vec::new() };
    // Without an answer over TCP nobody knows whether the gateway is there at all.
    let answers = matches!(facts.gateway.answer, Some(InfoAnswer::Ready { .. }));
    let mut found = Vec::new();
    if answers && echo.answered == 0 && echo.sent > 0 && facts.line.offered != Some(false) && !echo.forbidden_here {
        let who = if echo.unreachable.is_some() { "forbidden on the way" } else { "no answer" };
        found.push(Found::new(FaultCode::UdpBlocked, format!("{} echoes, {who}", echo.sent)));
    }
    if throttled(facts, echo) {
        found.push(Found::new(FaultCode::UdpThrottled, format!("{} of {} echoes", echo.answered, echo.sent)));
    }
    if let Some(size) = largest(facts).filter(|size| *size < SMALL && way::is_ours(facts)) {
        found.push(Found::new(FaultCode::UdpPacketsSmall, format!("UDP packets above {size} bytes are lost")));
    }
    found
}

fn largest(facts: &Facts) -> Option<u16> {
    facts.line.echo.as_ref().filter(|echo| echo.answered > 0)?.largest
}

const fn percent(echo: &Echo) -> u32 {
    match (echo.answered * 100).checked_div(echo.sent) {
        Some(percent) => percent,
        None => 100,
    }
}

/// Nearly all of UDP is lost and nothing of TCP.
fn throttled(facts: &Facts, echo: &Echo) -> bool {
    let clean = |reach: &Reach| matches!(reach, Reach::Open { ms } if *ms < CLEAN_MS);
    let tcp = facts.way.ends.iter().any(|end| clean(&end.reach)) && way::is_ours(facts);
    echo.answered > 0 && percent(echo) <= THROTTLED && tcp
}
