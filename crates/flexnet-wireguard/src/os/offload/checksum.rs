//! The Internet checksum (RFC 1071).

use super::put;

/// The sum of 16-bit words that has not been folded yet. Odd lengths are padded with a zero byte.
pub(in crate::os) fn sum(bytes: &[u8]) -> u64 {
    // The sum is the same in either byte order, but for the order of its own bytes: so it is taken in the machine's.
    let (words, rest) = bytes.as_chunks::<4>();
    let mut total: u64 = words.iter().map(|word| u64::from(u32::from_ne_bytes(*word))).sum();
    let mut last = [0; 4];
    put(&mut last, 0, rest);
    total += u64::from(u32::from_ne_bytes(last));
    u64::from(u16::from_be(fold(total)))
}

/// Folds to 16 bits.
pub(in crate::os) fn fold(sum: u64) -> u16 {
    let sum = (sum & 0xffff_ffff) + (sum >> 32);
    let sum = (sum & 0xffff) + ((sum >> 16) & 0xffff) + (sum >> 32);
    let sum = (sum & 0xffff) + (sum >> 16);
    let sum = (sum & 0xffff) + (sum >> 16);
    u16::try_from(sum & 0xffff).unwrap_or(u16::MAX)
}

/// The sum over the pseudo-header of TCP and UDP (RFC 9293 §3.1, RFC 8200 §8.1) for `length` bytes behind the IP header.
pub(in crate::os) fn pseudo_header(ip: &[u8], protocol: u8, length: usize) -> u64 {
    let addresses = if ip.first().is_some_and(|first| first >> 4 == 4) { ip.get(12..20) } else { ip.get(8..40) };
    sum(addresses.unwrap_or_default()) + u64::from(protocol) + u64::try_from(length).unwrap_or_default()
}

/// Writes the checksum of an IPv4 header.
pub(in crate::os) fn write_ipv4(header: &mut [u8]) {
    put(header, 10, &[0, 0]);
    let checksum = !fold(sum(header));
    put(header, 10, &checksum.to_be_bytes());
}

/// Completes a checksum whose field, `offset` bytes into `part`, holds the sum of the pseudo-header.
pub(in crate::os) fn complete(part: &mut [u8], offset: usize, protocol_is_udp: bool) {
    let checksum = !fold(sum(part));
    // In UDP zero says that there is none (RFC 768).
    let checksum = if protocol_is_udp && checksum == 0 { 0xffff } else { checksum };
    put(part, offset, &checksum.to_be_bytes());
}

/// The checksum of what lies behind the IP header `ip` is right.
pub(in crate::os) fn is_right(ip: &[u8], protocol: u8, part: &[u8]) -> bool {
    fold(pseudo_header(ip, protocol, part.len()) + sum(part)) == 0xffff
}

/// The checksum of an IPv4 header is right.
pub(in crate::os) fn is_right_ipv4(header: &[u8]) -> bool {
    fold(sum(header)) == 0xffff
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(bytes: &[u8]) -> u16 {
        let mut total = 0u64;
        for pair in bytes.chunks(2) {
            total += u64::from(u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0)]));
        }
        while total > 0xffff {
            total = (total & 0xffff) + (total >> 16);
        }
        total as u16
    }

    /// The example of RFC 1071, section 3.
    #[test]
    fn the_example_of_the_standard() {
        assert_eq!(fold(sum(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7])), 0xddf2);
    }

    proptest! {
        #[test]
        fn sums_are_those_of_the_plain_way(bytes in proptest::collection::vec(any::<u8>(), 0..3000)) {
            prop_assert_eq!(fold(sum(&bytes)), plain(&bytes));
        }

        #[test]
        fn a_completed_checksum_is_right(mut packet in proptest::collection::vec(any::<u8>(), 60..200)) {
            packet[0] = 0x45;
            let (ip, part) = packet.split_at_mut(20);
            let pseudo = fold(pseudo_header(ip, super::super::TCP, part.len()));
            put(part, 16, &pseudo.to_be_bytes());
            complete(part, 16, false);
            prop_assert!(is_right(ip, super::super::TCP, part));
            part[20] ^= 1;
            prop_assert!(!is_right(ip, super::super::TCP, part));
        }
    }
}
