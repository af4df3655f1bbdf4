//! Tells inner packets from keepalives and handshakes, by the growth of a peer's received bytes between two looks.
//! Pure: time is an argument. Never ends a session; the idle end is decided by who reads [`Activity`].

use std::{
    collections::HashMap,
    time::{Duration, Instant, SystemTime},
};

use flexnet_wireguard::PeerStatus;

/// What an installed peer has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Activity {
    /// Bytes received from the peer since it was installed.
    pub received: u64,
    /// Bytes sent to the peer since it was installed.
    pub sent: u64,
    /// When the last handshake was completed.
    pub last_handshake: Option<SystemTime>,
    /// How long no inner packet has come from the peer; nothing if none has come since it was installed.
    pub quiet: Option<Duration>,
}

/// What was seen of every peer at the last look.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    peers: HashMap<[u8; 32], Seen>,
    looked: bool,
}

#[derive(Debug)]
struct Seen {
    received: u64,
    sent: u64,
    last_handshake: Option<SystemTime>,
    last_inner: Option<Instant>,
}

impl Ledger {
    /// Takes the counters of this moment over. To be called about once a second: [`is_control`] counts on it.
    pub(super) fn look(&mut self, now: Instant, peers: &[PeerStatus]) {
        // Whatever was there before the gateway may have been used until then.
        let unseen = (!std::mem::replace(&mut self.looked, true)).then_some(now);
        let mut before = std::mem::take(&mut self.peers);
        for peer in peers {
            let key = *peer.public_key.bytes();
            let last_inner = match before.remove(&key) {
                Some(seen) if peer.received >= seen.received => {
                    if is_control(peer.received - seen.received) {
                        seen.last_inner
                    } else {
                        Some(now)
                    }
                }
                Some(_) => Some(now),
                None => unseen,
            };
            let PeerStatus { received, sent, last_handshake, .. } = *peer;
            self.peers.insert(key, Seen { received, sent, last_handshake, last_inner });
        }
    }

    /// How long no inner packet has come from one peer, as in [`Activity::quiet`].
    pub(super) fn quiet(&self, key: &[u8; 32], now: Instant) -> Option<Duration> {
        self.peers.get(key)?.quiet(now)
    }

    /// The peers of the last look, as they are at `now`.
    pub(super) fn report(&self, now: Instant) -> HashMap<[u8; 32], Activity> {
        let report = |seen: &Seen| Activity {
            received: seen.received,
            sent: seen.sent,
            last_handshake: seen.last_handshake,
            quiet: seen.quiet(now),
        };
        self.peers.iter().map(|(key, seen)| (*key, report(seen))).collect()
    }
}

impl Seen {
    fn quiet(&self, now: Instant) -> Option<Duration> {
        self.last_inner.map(|last| now.saturating_duration_since(last))
    }
}

/// Bytes on the wire of the messages without an inner packet: keepalive, handshake initiation, handshake response
/// (WireGuard paper §5.4). The user-space backend counts the inner part of data, so there a keepalive is 0.
const KEEPALIVE: u64 = 32;
const INITIATION: u64 = 148;
const RESPONSE: u64 = 92;

/// `true` if a growth within a second is at most one handshake message, or three initiations of one who asks again, and one keepalive. In the kernel an inner packet never looks like
/// that: it adds a multiple of 16 that is at least 64. In user space one lone packet of exactly such a size is overlooked.
fn is_control(growth: u64) -> bool {
    [0, INITIATION, 2 * INITIATION, 3 * INITIATION, RESPONSE]
        .iter()
        .any(|handshake| growth == *handshake || growth == handshake + KEEPALIVE)
}

#[cfg(test)]
mod tests {
    use flexnet_protocol::Key;

    use super::*;

    fn peer(received: u64) -> PeerStatus {
        PeerStatus { public_key: Key::new([1; 32]), endpoint: None, last_handshake: None, received, sent: 0 }
    }

    fn quiet_after(received: &[u64]) -> Duration {
        let mut ledger = Ledger::default();
        let mut now = Instant::now();
        for bytes in received {
            ledger.look(now, &[peer(*bytes)]);
            now += Duration::from_secs(1);
        }
        let quiet = ledger.report(now)[&[1; 32]].quiet;
        assert_eq!(ledger.quiet(&[1; 32], now), quiet);
        quiet.unwrap()
    }

    #[test]
    fn handshakes_and_keepalives_leave_a_peer_quiet() {
        let bytes = [0, 148, 180, 180, 212, 304, 484, 780, 1256];
        assert_eq!(quiet_after(&bytes), Duration::from_secs(9));
    }

    #[test]
    fn an_inner_packet_ends_the_quiet() {
        // 64 bytes are the smallest data message that holds an IPv4 header, 96 a TCP SYN.
        assert_eq!(quiet_after(&[0, 64, 64]), Duration::from_secs(2));
        assert_eq!(quiet_after(&[180, 276]), Duration::from_secs(1));
    }

    #[test]
    fn a_peer_that_comes_later_is_unused_until_something_comes() {
        let (mut ledger, now) = (Ledger::default(), Instant::now());
        ledger.look(now, &[]);
        ledger.look(now, &[peer(0)]);
        ledger.look(now, &[peer(148)]);
        assert_eq!(ledger.quiet(&[1; 32], now), None);
        ledger.look(now, &[peer(244)]);
        assert_eq!(ledger.quiet(&[1; 32], now), Some(Duration::ZERO));
    }

    #[test]
    fn no_kernel_data_message_looks_like_control() {
        let data = (4..5000).map(|blocks| blocks * 16);
        assert!(data.into_iter().all(|growth| !is_control(growth)));
    }

    #[test]
    fn a_peer_installed_again_starts_anew_and_a_removed_one_is_forgotten() {
        assert_eq!(quiet_after(&[500, 0]), Duration::from_secs(1));
        let mut ledger = Ledger::default();
        ledger.look(Instant::now(), &[peer(0)]);
        ledger.look(Instant::now(), &[]);
        assert!(ledger.report(Instant::now()).is_empty());
    }
}
