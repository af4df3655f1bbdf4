//! How many initiations a second are worth the work: each costs the one thread that moves packets an X25519, and anybody can make one, because
//! everybody is told a gateway's key. Bounded for all senders together, so that a flood never starves the sessions that stand.
//! Beyond the bound a sender has to show that it receives where it sends from, by WireGuard's cookie (paper §5.3).

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    time::{Duration, Instant},
};

use gotatun::{
    noise::{TunnResult, rate_limiter::RateLimiter},
    packet::{Packet, WgKind},
    x25519::PublicKey,
};

use super::budget::{Budget, Sender};

/// Initiations of one kind in a second, from all senders together.
const EACH_SECOND: u32 = 1000;
/// The same from one sender.
const EACH_SENDER: u32 = 50;
/// Cookies in a second. An answer costs little, and is shorter than its question.
const COOKIES: u32 = 5000;

/// Lets initiations through, and everything else of WireGuard.
pub(super) struct Handshakes {
    /// Knows a message that is meant for this key, and asks nobody for a cookie.
    meant: RateLimiter,
    /// Asks everybody.
    asking: RateLimiter,
    since: Instant,
    cookies: u32,
    /// From an address that anybody can have written there.
    unproven: Budget,
    /// With a cookie.
    proven: Budget,
    /// From this host: carriers, each for one member. Nobody elsewhere can send from there.
    local: Budget,
}

/// What becomes of a datagram.
pub(super) enum Verdict {
    Pass(WgKind),
    /// To be sent back.
    Cookie(Packet),
    Drop,
}

impl Handshakes {
    pub(super) fn new(public: &PublicKey, now: Instant) -> Self {
        Self {
            meant: RateLimiter::new(public, u64::MAX),
            asking: RateLimiter::new(public, 0),
            since: now,
            cookies: 0,
            unproven: Budget::new(EACH_SECOND, EACH_SENDER),
            proven: Budget::new(EACH_SECOND, EACH_SENDER),
            local: Budget::new(EACH_SECOND, EACH_SENDER),
        }
    }

    /// Judges a datagram. Only initiations are counted, and only those that know the key.
    pub(super) fn judge(&mut self, datagram: Packet, from: SocketAddr, now: Instant) -> Verdict {
        /// It does not depend on the sender: nothing is remembered of one.
        const ANYBODY: SocketAddr = SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), 0);
        let initiation = match self.meant.verify_packet(ANYBODY, datagram) {
            Ok(WgKind::HandshakeInit(initiation)) => initiation,
            Ok(packet) => return Verdict::Pass(packet),
            Err(_) => return Verdict::Drop,
        };
        if now.duration_since(self.since) >= Duration::from_secs(1) {
            self.begin(now);
        }
        let sender = Sender::of(from);
        if from.ip().to_canonical().is_loopback() {
            return if self.local.take(sender) { Verdict::Pass(initiation.into()) } else { Verdict::Drop };
        }
        if self.unproven.take(sender) {
            return Verdict::Pass(initiation.into());
        }
        match self.asking.verify_packet(from, initiation.into()) {
            Ok(proven) if self.proven.take(sender) => Verdict::Pass(proven),
            Err(TunnResult::WriteToNetwork(cookie)) if self.cookies < COOKIES => {
                self.cookies += 1;
                Verdict::Cookie(cookie.into())
            }
            Ok(_) | Err(_) => Verdict::Drop,
        }
    }

    fn begin(&mut self, now: Instant) {
        (self.since, self.cookies) = (now, 0);
        // Else its counts would grow for ever.
        self.asking.try_reset_count();
        for budget in [&mut self.unproven, &mut self.proven, &mut self.local] {
            budget.refill();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use gotatun::{
        noise::{Tunn, index_table::IndexTable},
        x25519::StaticSecret,
    };

    use super::*;

    /// Somebody who knows the gateway's key.
    fn stranger(gateway: &PublicKey) -> Tunn {
        let secret = StaticSecret::from([9; 32]);
        let limiter = RateLimiter::new(&PublicKey::from(&secret), 1);
        Tunn::new(secret, *gateway, None, None, IndexTable::from_os_rng(), limiter.into())
    }

    fn initiation(from: &mut Tunn) -> Packet {
        from.format_handshake_initiation(true).unwrap().into()
    }

    fn again(packet: &Packet) -> Packet {
        Packet::copy_from(packet)
    }

    fn forged(number: u32) -> SocketAddr {
        (Ipv4Addr::from_bits(0xc633_0000 + number), 51820).into()
    }

    fn passes(verdict: &Verdict) -> bool {
        matches!(verdict, Verdict::Pass(_))
    }

    fn scene() -> (Handshakes, Tunn, Instant) {
        let gateway = PublicKey::from(&StaticSecret::from([8; 32]));
        let began = Instant::now();
        (Handshakes::new(&gateway, began), stranger(&gateway), began)
    }

    #[test]
    fn forged_senders_have_one_budget_and_beyond_it_a_cookie_is_asked_of_everybody() {
        let (mut handshakes, mut stranger, now) = scene();
        let question = initiation(&mut stranger);
        assert!((0..EACH_SECOND).all(|number| passes(&handshakes.judge(again(&question), forged(number), now))));
        let own = SocketAddr::from(([203, 0, 113, 5], 40_000));
        let Verdict::Cookie(cookie) = handshakes.judge(question, own, now) else { panic!("it is worked on") };
        let Ok(WgKind::CookieReply(cookie)) = cookie.try_into_wg() else { panic!("not a cookie") };
        stranger.handle_incoming_packet(WgKind::CookieReply(cookie));
        // Who has shown where it is, is let through: for its own address only, and not without end.
        let shown = initiation(&mut stranger);
        assert!(matches!(handshakes.judge(again(&shown), forged(7), now), Verdict::Cookie(_)));
        assert!((0..EACH_SENDER).all(|_| passes(&handshakes.judge(again(&shown), own, now))));
        assert!(matches!(handshakes.judge(again(&shown), own, now), Verdict::Drop));
        assert!(passes(&handshakes.judge(shown, own, now + Duration::from_secs(1))));
    }

    #[test]
    fn one_line_does_not_take_the_budget_of_all() {
        let (mut handshakes, mut stranger, now) = scene();
        let question = initiation(&mut stranger);
        let line = |host: u16| SocketAddr::from(([0x2001, 0xdb8, 0, 1, 0, 0, 0, host], 1));
        assert!((0..50).all(|host| passes(&handshakes.judge(again(&question), line(host), now))));
        assert!(matches!(handshakes.judge(again(&question), line(99), now), Verdict::Cookie(_)));
        assert!(passes(&handshakes.judge(question, "[2001:db8:0:2::1]:1".parse().unwrap(), now)));
    }

    #[test]
    fn a_flood_from_the_internet_takes_nothing_from_carriers_nor_one_carrier_from_another() {
        let (mut handshakes, mut stranger, now) = scene();
        let question = initiation(&mut stranger);
        (0..3 * EACH_SECOND).for_each(|number| drop(handshakes.judge(again(&question), forged(number), now)));
        let carrier = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
        assert!((0..EACH_SENDER).all(|_| passes(&handshakes.judge(again(&question), carrier(1000), now))));
        assert!(matches!(handshakes.judge(again(&question), carrier(1000), now), Verdict::Drop));
        assert!(passes(&handshakes.judge(question, carrier(1001), now)));
    }

    #[test]
    fn cookies_are_bounded_and_so_is_what_is_remembered() {
        let (mut handshakes, mut stranger, now) = scene();
        let question = initiation(&mut stranger);
        let cookies = (0..EACH_SECOND + COOKIES + 100)
            .filter(|number| matches!(handshakes.judge(again(&question), forged(*number), now), Verdict::Cookie(_)));
        assert_eq!(cookies.count(), usize::try_from(COOKIES).unwrap());
        assert_eq!(handshakes.unproven.remembered(), usize::try_from(EACH_SECOND).unwrap());
        // Data is not an initiation, and what does not know the key is not counted.
        let mut data = [0; 64];
        data[0] = 4;
        assert!(passes(&handshakes.judge(Packet::copy_from(&data[..]), forged(1), now)));
        let (mut fresh, ..) = scene();
        let mut wrong = question;
        wrong[120] ^= 1;
        assert!(matches!(fresh.judge(wrong, forged(1), now), Verdict::Drop));
        assert_eq!(fresh.unproven.remembered(), 0);
    }
}
