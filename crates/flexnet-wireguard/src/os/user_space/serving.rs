//! What a gateway's port does beside WireGuard: it echoes, and it keeps initiations that came before their peer.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    time::{Duration, Instant},
};

use gotatun::packet::{Packet, WgHandshakeInit};

use super::budget::{Budget, Sender};
use crate::os::endpoint::Endpoint;

/// First byte of a datagram that wants to come back. No packet of WireGuard begins with it.
pub(super) const QUESTION: u8 = 0xf5;
/// First byte of one that came back. Nobody answers it: else two gateways would send one forged datagram to and fro for ever.
pub(super) const ANSWER: u8 = 0xf4;
/// Bytes of the longest echo: a datagram that needs no fragments.
const LONGEST: usize = 1500;
/// Echoes in a second, for all who ask, and for one of them: many may sit behind one address.
const ECHOES: u32 = 1000;
const ECHOES_EACH: u32 = 200;
/// Initiations that are kept: a second of all that is worked on. And of one sender.
const KEPT: usize = 1024;
const KEPT_EACH: usize = 8;
/// How long an initiation is worth an answer: then its sender has sent the next.
const FRESH: Duration = Duration::from_secs(5);

/// Bounded, whoever sends.
pub(super) struct Serving {
    echoes: Budget,
    since: Instant,
    kept: VecDeque<Early>,
}

/// An initiation from someone who is no peer yet.
pub(super) struct Early {
    came: Instant,
    key: [u8; 32],
    pub initiation: Packet<WgHandshakeInit>,
    pub from: Endpoint,
}

impl Serving {
    pub(super) fn new(now: Instant) -> Self {
        Self { echoes: Budget::new(ECHOES, ECHOES_EACH), since: now, kept: VecDeque::new() }
    }

    /// The datagram is to be sent back.
    pub(super) fn echoes(&mut self, datagram: &[u8], from: SocketAddr, now: Instant) -> bool {
        if now.duration_since(self.since) >= Duration::from_secs(1) {
            self.since = now;
            self.echoes.refill();
        }
        datagram.len() <= LONGEST && self.echoes.take(Sender::of(from))
    }

    /// Keeps an initiation that `key` has made. The oldest makes room, the sender's own first.
    pub(super) fn keep(&mut self, initiation: Packet<WgHandshakeInit>, key: [u8; 32], from: Endpoint, now: Instant) {
        // Who asks again wants an answer to the last question.
        self.kept.retain(|early| early.key != key && now.duration_since(early.came) < FRESH);
        let sender = Sender::of(from.remote);
        let mut own = self.kept.iter().enumerate().filter(|(_, early)| Sender::of(early.from.remote) == sender);
        if let Some((oldest, _)) = own.next()
            && own.count() + 1 >= KEPT_EACH
        {
            self.kept.remove(oldest);
        } else if self.kept.len() == KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(Early { came: now, key, initiation, from });
    }

    /// The fresh initiation of one who is a peer now.
    pub(super) fn take(&mut self, key: &[u8; 32], now: Instant) -> Option<Early> {
        let place = self.kept.iter().position(|early| early.key == *key)?;
        self.kept.remove(place).filter(|early| now.duration_since(early.came) < FRESH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn initiation() -> Packet<WgHandshakeInit> {
        Packet::copy_from(&WgHandshakeInit::new())
    }

    fn somebody(number: u8) -> SocketAddr {
        ([192, 0, 2, number], 7).into()
    }

    #[test]
    fn echoes_are_bounded_in_length_and_number() {
        let began = Instant::now();
        let mut serving = Serving::new(began);
        assert!(!serving.echoes(&[QUESTION; LONGEST + 1], somebody(0), began));
        for sender in 0..5 {
            assert!((0..ECHOES_EACH).all(|_| serving.echoes(&[QUESTION; 9], somebody(sender), began)));
            assert!(!serving.echoes(&[QUESTION; 9], somebody(sender), began), "one sender");
        }
        assert!(!serving.echoes(&[QUESTION; 9], somebody(5), began), "all of them");
        assert!(serving.echoes(&[QUESTION; 9], somebody(5), began + Duration::from_secs(1)));
    }

    #[test]
    fn initiations_are_kept_for_their_sender_and_not_for_long() {
        let began = Instant::now();
        let mut serving = Serving::new(began);
        serving.keep(initiation(), [1; 32], somebody(1).into(), began);
        serving.keep(initiation(), [1; 32], somebody(1).into(), began);
        assert!(serving.take(&[2; 32], began).is_none());
        assert!(serving.take(&[1; 32], began).is_some());
        assert!(serving.take(&[1; 32], began).is_none(), "one answer to one question");
        serving.keep(initiation(), [1; 32], somebody(1).into(), began);
        assert!(serving.take(&[1; 32], began + FRESH).is_none());
    }

    #[test]
    fn nobody_takes_the_places_of_others_for_early_initiations() {
        let began = Instant::now();
        let mut serving = Serving::new(began);
        let key = |number: u16| {
            let mut key = [0; 32];
            key[..2].copy_from_slice(&number.to_be_bytes());
            key
        };
        serving.keep(initiation(), key(5000), somebody(1).into(), began);
        (0..2000).for_each(|number| serving.keep(initiation(), key(number), somebody(2).into(), began));
        assert_eq!(serving.kept.len(), 1 + KEPT_EACH);
        assert!(serving.take(&key(5000), began).is_some(), "others took its place");
        assert!(serving.take(&key(1999), began).is_some() && serving.take(&key(1991), began).is_none());
        for number in 0..2000_u16 {
            let [high, low] = number.to_be_bytes();
            serving.keep(initiation(), key(number), SocketAddr::from(([10, 0, high, low], 7)).into(), began);
        }
        assert_eq!(serving.kept.len(), KEPT);
    }
}
