//! What strangers may ask of a device in a second: so much together, so much each.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr, SocketAddr},
};

/// Who counts as one: an address, the network of one line with IPv6, the port of a carrier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Sender(IpAddr, u16);

impl Sender {
    pub(super) fn of(from: SocketAddr) -> Self {
        match from.ip().to_canonical() {
            address if address.is_loopback() => Self(address, from.port()),
            IpAddr::V6(address) => Self(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(), 0),
            address @ IpAddr::V4(_) => Self(address, 0),
        }
    }
}

/// Remembers no more senders than it lets through.
pub(super) struct Budget {
    together: u32,
    each: u32,
    taken: u32,
    by_sender: HashMap<Sender, u32>,
}

impl Budget {
    /// A full one.
    pub(super) fn new(together: u32, each: u32) -> Self {
        Self { together, each, taken: 0, by_sender: HashMap::new() }
    }

    /// To be called once a second.
    pub(super) fn refill(&mut self) {
        self.taken = 0;
        self.by_sender.clear();
    }

    /// Takes one, if there is one left for this sender.
    pub(super) fn take(&mut self, sender: Sender) -> bool {
        if self.taken == self.together {
            return false;
        }
        let own = self.by_sender.entry(sender).or_default();
        let left = *own < self.each;
        if left {
            *own += 1;
            self.taken += 1;
        }
        left
    }

    #[cfg(test)]
    pub(super) fn remembered(&self) -> usize {
        self.by_sender.len()
    }
}
