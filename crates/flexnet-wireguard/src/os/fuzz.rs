//! Entries for the fuzz targets of `tests/fuzz`, and for nothing else: packets of peers and frames of the TUN device, as they are put together and
//! taken apart.

use bytes::BytesMut;

use super::offload::{Offload, coalesce::Coalescer, ip_length, segment};

/// What is written to a TUN device that takes many segments of these protocols in one write, for packets as they come out of tunnels.
/// What is no IP packet is left out.
pub fn joined(packets: &[&[u8]], tcp: bool, udp: bool) -> Vec<Vec<u8>> {
    let mut coalescer = Coalescer::new(Offload { tcp, udp });
    for packet in packets {
        if let Some(packet) = ip_length(packet).and_then(|length| packet.get(..length)) {
            coalescer.push(BytesMut::from(packet));
        }
    }
    let mut frames = Vec::new();
    coalescer.drain(|slices| frames.push(slices.iter().flat_map(|slice| slice.to_vec()).collect()));
    frames
}

/// The packets in a frame of the TUN device.
pub fn split(frame: &[u8]) -> Vec<Vec<u8>> {
    let mut packets = Vec::new();
    segment::split(&mut frame.to_vec(), |headers, payload| packets.push([headers, payload].concat()));
    packets
}

/// The bytes of an IP packet without the padding behind it, if it is a whole one.
pub fn whole(packet: &[u8]) -> Option<&[u8]> {
    packet.get(..ip_length(packet)?)
}
