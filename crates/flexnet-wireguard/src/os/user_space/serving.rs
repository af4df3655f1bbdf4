//! What a gateway's port does beside WireGuard: it echoes, and it keeps initiations that came before their peer.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use gotatun::packet::{Packet, WgHandshakeInit};

use crate::os::endpoint::Endpoint;

/// First byte of a datagram that wants to come back. No packet of WireGuard begins with it.
pub(super) const QUESTION: u8 = 0xf5;
/// First byte of one that came back. Nobody answers it: else two gateways would send one forged datagram to and fro for ever.
pub(super) const ANSWER: u8 = 0xf4;
/// Bytes of the longest echo: a datagram that needs no fragments.
const LONGEST: usize = 1500;
/// Echoes in a second, for all who ask.
const ECHOES: u32 = 1000;
/// Initiations that are kept.
const KEPT: usize = 64;
/// How long an initiation is worth an answer: then its sender has sent the next.
const FRESH: Duration = Duration::from_secs(5);

/// Bounded, whoever sends.
pub(super) struct Serving {
    echoes: u32,
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
        Self { echoes: 0, since: now, kept: VecDeque::new() }
    }

    /// The datagram is to be sent back.
    pub(super) fn echoes(&mut self, datagram: &[u8], now: Instant) -> bool {
        if now.duration_since(self.since) >= Duration::from_secs(1) {
            (self.since, self.echoes) = (now, 0);
        }
        let echo = datagram.len() <= LONGEST && self.echoes < ECHOES;
        self.echoes += u32::from(echo);
        echo
    }

    /// Keeps an initiation that `key` has made. The oldest makes room.
    pub(super) fn keep(&mut self, initiation: Packet<WgHandshakeInit>, key: [u8; 32], from: Endpoint, now: Instant) {
        // Who asks again wants an answer to the last question.
        self.kept.retain(|early| early.key != key && now.duration_since(early.came) < FRESH);
        if self.kept.len() == KEPT {
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

    fn somebody() -> Endpoint {
        std::net::SocketAddr::from(([192, 0, 2, 7], 7)).into()
    }

    #[test]
    fn echoes_are_bounded_in_length_and_number() {
        let began = Instant::now();
        let mut serving = Serving::new(began);
        assert!(!serving.echoes(&[QUESTION; LONGEST + 1], began));
        assert!((0..ECHOES).all(|_| serving.echoes(&[QUESTION; 9], began)));
        assert!(!serving.echoes(&[QUESTION; 9], began));
        assert!(serving.echoes(&[QUESTION; 9], began + Duration::from_secs(1)));
    }

    #[test]
    fn initiations_are_kept_for_their_sender_and_not_for_long() {
        let began = Instant::now();
        let mut serving = Serving::new(began);
        serving.keep(initiation(), [1; 32], somebody(), began);
        serving.keep(initiation(), [1; 32], somebody(), began);
        assert!(serving.take(&[2; 32], began).is_none());
        assert!(serving.take(&[1; 32], began).is_some());
        assert!(serving.take(&[1; 32], began).is_none(), "one answer to one question");
        serving.keep(initiation(), [1; 32], somebody(), began);
        assert!(serving.take(&[1; 32], began + FRESH).is_none());
        for number in 0..200 {
            serving.keep(initiation(), [number; 32], somebody(), began);
        }
        assert_eq!(serving.kept.len(), KEPT);
    }
}
