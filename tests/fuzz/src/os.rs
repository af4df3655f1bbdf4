//! What only some systems have: packets of the tunnel in user space, answers of name services, echoes.

use crate::Target;

#[cfg(target_os = "linux")]
pub use linux::{names, packets};

/// Each with the folder of its corpus.
#[cfg(target_os = "linux")]
pub const TARGETS: &[(&str, Target)] = &[("names", names), ("packets", packets)];
/// None here.
#[cfg(not(target_os = "linux"))]
pub const TARGETS: &[(&str, Target)] = &[];

#[cfg(target_os = "linux")]
mod linux {
    use std::{collections::HashMap, net::SocketAddr};

    use flexnet_service::os::linux::fuzz as service;
    use flexnet_wireguard::os::fuzz as tunnel;

    /// A datagram as an answer of the portal's name service, as one to the question asked (`a` before it), and as an echo.
    pub fn names(bytes: &[u8]) -> bool {
        let name = "portal.snk.example";
        let answered = |question: &[u8]| match bytes.split_first() {
            Some((b'a', rest)) => {
                let mut answer = question.to_vec();
                for (at, byte) in [(2, 0x81), (3, 0x80)].into_iter().chain((6..12).zip(rest.iter().copied())) {
                    if let Some(place) = answer.get_mut(at) {
                        *place = byte;
                    }
                }
                answer.extend_from_slice(rest.get(6..).unwrap_or_default());
                answer
            }
            Some(_) | None => bytes.to_vec(),
        };
        let found = service::addresses(name, answered).unwrap_or_default();
        // A record is a name of a byte, ten bytes and an address.
        assert!(found.len() * 15 <= bytes.len(), "{found:?} do not fit into {} bytes", bytes.len());
        let end = SocketAddr::from(([192, 0, 2, 1], 51820));
        assert!(!service::is_echo(bytes, end) || bytes.first() == Some(&0xf4), "a question is no answer");
        true
    }

    /// Packets behind their lengths (two bytes), as peers send them: what is put together for the system is what they sent, each flow in its order.
    /// The first byte says what the device takes in one write; an uneven one has the rest taken apart as a frame of the system.
    pub fn packets(bytes: &[u8]) -> bool {
        let Some((choice, mut rest)) = bytes.split_first() else { return false };
        if choice & 1 == 1 {
            let (packets, most) = (tunnel::split(rest), usize::from(u16::MAX));
            assert!(packets.iter().all(|packet| packet.len() <= most), "longer than any packet");
            return !packets.is_empty();
        }
        let mut packets = Vec::new();
        while let Some(([high, low], behind)) = rest.split_first_chunk() {
            let (packet, behind) = behind.split_at(usize::from(u16::from_be_bytes([*high, *low])).min(behind.len()));
            packets.extend(tunnel::whole(packet));
            rest = behind;
        }
        let frames = tunnel::joined(&packets, choice & 2 == 0, choice & 4 == 0);
        let out: Vec<Vec<u8>> = frames.iter().flat_map(|frame| tunnel::split(frame)).collect();
        let sent: Vec<Vec<u8>> = packets.iter().map(|packet| packet.to_vec()).collect();
        assert_eq!(by_flow(out), by_flow(sent), "not what was sent");
        !packets.is_empty()
    }

    /// Addresses, protocol and ports: as far as anything is put together, and so may overtake others.
    fn by_flow(packets: Vec<Vec<u8>>) -> HashMap<Vec<u8>, Vec<Vec<u8>>> {
        let mut flows = HashMap::<_, Vec<_>>::new();
        for packet in packets {
            let parts = if packet.first() == Some(&0x45) { [9..10, 12..20, 20..24] } else { [6..7, 8..40, 40..44] };
            let flow = parts.into_iter().flat_map(|part| packet.get(part).unwrap_or_default().to_vec()).collect();
            flows.entry(flow).or_default().push(without_id(packet));
        }
        flows
    }

    /// IPv4's identification is the sender's to choose, and no part of a stream. A header whose checksum is wrong must stay as it is.
    fn without_id(mut packet: Vec<u8>) -> Vec<u8> {
        if packet.first() == Some(&0x45)
            && let Some(header) = packet.get_mut(..20)
            && sum(header) == 0xffff
        {
            for place in [4, 5, 10, 11] {
                if let Some(byte) = header.get_mut(place) {
                    *byte = 0;
                }
            }
        }
        packet
    }

    /// RFC 1071, the plain way.
    fn sum(header: &[u8]) -> u32 {
        let words = header.as_chunks::<2>().0.iter().map(|word| u32::from(u16::from_be_bytes(*word)));
        let sum: u32 = words.sum();
        let sum = (sum & 0xffff) + (sum >> 16);
        (sum & 0xffff) + (sum >> 16)
    }
}
