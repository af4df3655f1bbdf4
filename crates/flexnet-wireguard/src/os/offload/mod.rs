//! Segmentation offload: one read or write of the TUN device carries many packets of one flow, behind a virtio-net header.
//! Pure, and never panics on a packet, whoever made it. [`segment`] takes apart what the system gives, [`coalesce`] puts
//! together what comes from peers.

pub(super) mod checksum;
pub(super) mod coalesce;
pub(super) mod segment;
#[cfg(test)]
mod tests;

/// Bytes of a [`VnetHeader`].
pub(super) const VNET: usize = 10;
/// Bytes of the largest frame: header and packet.
pub(super) const FRAME: usize = VNET + 65535;

/// What the device takes in one write.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Offload {
    /// Many TCP segments.
    pub tcp: bool,
    /// Many UDP datagrams (since Linux 6.2).
    pub udp: bool,
}

/// The checksum at `csum_start + csum_offset` holds the sum of the pseudo-header only.
pub(super) const NEEDS_CSUM: u8 = 1;
pub(super) const GSO_NONE: u8 = 0;
pub(super) const GSO_TCPV4: u8 = 1;
pub(super) const GSO_TCPV6: u8 = 4;
pub(super) const GSO_UDP: u8 = 5;
/// May stand beside a TCP type: the first segment carries CWR (RFC 3168).
const GSO_ECN: u8 = 0x80;

/// `struct virtio_net_hdr` as Linux has it without further negotiation: in the byte order of the machine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct VnetHeader {
    pub flags: u8,
    pub gso_type: u8,
    pub hdr_len: u16,
    pub gso_size: u16,
    pub csum_start: u16,
    pub csum_offset: u16,
}

impl VnetHeader {
    pub(super) fn read(bytes: [u8; VNET]) -> Self {
        let [flags, gso_type, a, b, c, d, e, f, g, h] = bytes;
        let word = |one, two| u16::from_ne_bytes([one, two]);
        Self {
            flags,
            gso_type: gso_type & !GSO_ECN,
            hdr_len: word(a, b),
            gso_size: word(c, d),
            csum_start: word(e, f),
            csum_offset: word(g, h),
        }
    }

    pub(super) fn bytes(self) -> [u8; VNET] {
        let [a, b] = self.hdr_len.to_ne_bytes();
        let [c, d] = self.gso_size.to_ne_bytes();
        let [e, f] = self.csum_start.to_ne_bytes();
        let [g, h] = self.csum_offset.to_ne_bytes();
        [self.flags, self.gso_type, a, b, c, d, e, f, g, h]
    }
}

/// Numbers of the protocols in an IP header.
pub(super) const TCP: u8 = 6;
pub(super) const UDP: u8 = 17;

/// Flags in byte 13 of a TCP header.
pub(super) const FIN: u8 = 0x01;
pub(super) const PSH: u8 = 0x08;
pub(super) const ACK: u8 = 0x10;
pub(super) const CWR: u8 = 0x80;

/// The big-endian number at `at`, 0 beyond the end.
pub(super) fn be16(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).and_then(|two| two.try_into().ok()).map_or(0, u16::from_be_bytes)
}

pub(super) fn be32(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_be_bytes)
}

/// Writes at `at`; nothing beyond the end.
pub(super) fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    if let Some(place) = bytes.get_mut(at..at + value.len()) {
        place.copy_from_slice(value);
    }
}

/// The packet without the padding behind it, if it is a whole one of IPv4 or IPv6: its length in bytes.
pub(super) fn ip_length(packet: &[u8]) -> Option<usize> {
    let (least, length) = match packet.first()? >> 4 {
        4 => (20, usize::from(be16(packet, 2))),
        6 => (40, 40 + usize::from(be16(packet, 4))),
        _ => return None,
    };
    (packet.len() >= least && (least..=packet.len()).contains(&length)).then_some(length)
}
