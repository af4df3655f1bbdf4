//! IPv4 behind IPv6 (RFC 6052), and how a network tells its prefix (RFC 7050).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The name that tells the prefix, and what it has in IPv4 (RFC 7050 §2.2).
pub(crate) const NAME: &str = "ipv4only.arpa";
const WELL_KNOWN: [Ipv4Addr; 2] = [Ipv4Addr::new(192, 0, 0, 170), Ipv4Addr::new(192, 0, 0, 171)];
/// RFC 6052 §2.2: length of the prefix, and which bytes of the address the four of IPv4 are. Byte 8 is always 0.
const LAYOUTS: [[usize; 4]; 6] =
    [[4, 5, 6, 7], [5, 6, 7, 9], [6, 7, 9, 10], [7, 9, 10, 11], [9, 10, 11, 12], [12, 13, 14, 15]];

/// A prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Prefix {
    bytes: [u8; 16],
    layout: [usize; 4],
}

impl Prefix {
    /// Of an address that the well-known name has in IPv6.
    pub(crate) fn of(told: Ipv6Addr) -> Option<Self> {
        let mut layouts = LAYOUTS.into_iter().rev();
        let layout = layouts.find(|layout| WELL_KNOWN.iter().any(|ip| picked(told.octets(), *layout) == Some(*ip)))?;
        Some(Self { bytes: told.octets(), layout })
    }

    /// What stands for `ip` in this network.
    pub(crate) fn translates(&self, ip: Ipv4Addr) -> IpAddr {
        let mut bytes = self.bytes;
        for (place, byte) in self.layout.into_iter().zip(ip.octets()) {
            if let Some(slot) = bytes.get_mut(place) {
                *slot = byte;
            }
        }
        Ipv6Addr::from(bytes).into()
    }
}

fn picked(bytes: [u8; 16], layout: [usize; 4]) -> Option<Ipv4Addr> {
    let [a, b, c, d] = layout.map(|place| bytes.get(place).copied());
    Some(Ipv4Addr::new(a?, b?, c?, d?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_of_every_length_are_found_and_used() {
        // RFC 6052 §2.4, with the well-known address for 192.0.2.33.
        for (told, wanted) in [
            ("2001:db8:c000:aa::", "2001:db8:cb00:710a::"),
            ("2001:db8:1c0:0:aa::", "2001:db8:1cb:71:a::"),
            ("2001:db8:122:c000:0:aa00::", "2001:db8:122:cb00:71:a00::"),
            ("2001:db8:122:3c0:0:aa::", "2001:db8:122:3cb:0:710a::"),
            ("2001:db8:122:344:c0:0:aa00:0", "2001:db8:122:344:cb:71:a00:0"),
            ("64:ff9b::c000:ab", "64:ff9b::cb00:710a"),
        ] {
            let prefix = Prefix::of(told.parse().unwrap());
            let Some(prefix) = prefix else { panic!("{told}") };
            assert_eq!(prefix.translates([203, 0, 113, 10].into()), wanted.parse::<IpAddr>().unwrap(), "{told}");
        }
        assert_eq!(Prefix::of("2001:db8::1".parse().unwrap()), None);
    }
}
