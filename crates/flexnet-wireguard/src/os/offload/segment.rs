//! Takes a frame from the TUN device apart into packets that fit the tunnel, as a network card would.

use super::{
    CWR, FIN, GSO_NONE, GSO_TCPV4, GSO_TCPV6, GSO_UDP, NEEDS_CSUM, PSH, TCP, UDP, VNET, VnetHeader, be16, be32,
    checksum, ip_length, put,
};

/// Bytes of the longest headers that are taken: IPv6 with some extension headers, and TCP with options.
const HEADERS: usize = 256;

/// Gives every packet of the frame to `emit`, as its headers and its payload. Frames that make no sense give none.
pub(in crate::os) fn split(frame: &mut [u8], mut emit: impl FnMut(&[u8], &[u8])) {
    let Some((vnet, packet)) = frame.split_first_chunk_mut::<VNET>() else { return };
    let vnet = VnetHeader::read(*vnet);
    match vnet.gso_type {
        GSO_NONE => {
            if vnet.flags & NEEDS_CSUM != 0 && fill(packet, vnet).is_none() {
                return;
            }
            emit(packet, &[]);
        }
        GSO_TCPV4 | GSO_TCPV6 | GSO_UDP => {
            // What is not understood is dropped: the peer could not understand it either.
            let _: Option<()> = segments(packet, vnet, &mut emit);
        }
        _ => {}
    }
}

/// The checksum of a packet that the system left to its network card.
fn fill(packet: &mut [u8], vnet: VnetHeader) -> Option<()> {
    let (start, offset) = (usize::from(vnet.csum_start), usize::from(vnet.csum_offset));
    let part = packet.get_mut(start..)?;
    part.get(offset..offset + 2)?;
    checksum::complete(part, offset, offset == 6);
    Some(())
}

fn segments(packet: &[u8], vnet: VnetHeader, emit: &mut impl FnMut(&[u8], &[u8])) -> Option<()> {
    let size = usize::from(vnet.gso_size);
    let ip = usize::from(vnet.csum_start);
    let packet = packet.get(..ip_length(packet)?)?;
    let v4 = packet.first()? >> 4 == 4;
    let least = if v4 { usize::from(packet.first()? & 0x0f) * 4 } else { 40 };
    let tcp = vnet.gso_type != GSO_UDP;
    let headers = ip + if tcp { usize::from(packet.get(ip + 12)? >> 4) * 4 } else { 8 };
    let is_right =
        size > 0 && ip >= least && (!v4 || ip == least) && (!tcp || headers >= ip + 20) && headers <= HEADERS;
    let payload = packet.get(headers..).filter(|payload| is_right && !payload.is_empty())?;
    let original = packet.get(..headers)?;

    let mut scratch = [0; HEADERS];
    let own = scratch.get_mut(..headers)?;
    let last = payload.len().div_ceil(size) - 1;
    for (number, chunk) in payload.chunks(size).enumerate() {
        own.copy_from_slice(original);
        let behind = headers - ip + chunk.len();
        // What is more than 16 bits cannot be: the whole was not.
        let length = |bytes: usize| u16::try_from(bytes).unwrap_or(u16::MAX).to_be_bytes();
        if v4 {
            put(own, 2, &length(ip + behind));
            let id = be16(own, 4).wrapping_add(u16::try_from(number).unwrap_or_default());
            put(own, 4, &id.to_be_bytes());
            checksum::write_ipv4(own.get_mut(..ip)?);
        } else {
            put(own, 4, &length(ip - 40 + behind));
        }
        let (field, protocol) = if tcp {
            let done = u32::try_from(number * size).unwrap_or_default();
            let sequence = be32(own, ip + 4).wrapping_add(done);
            put(own, ip + 4, &sequence.to_be_bytes());
            let flags = own.get_mut(ip + 13)?;
            if number != last {
                *flags &= !(FIN | PSH);
            }
            if number != 0 {
                *flags &= !CWR;
            }
            (16, TCP)
        } else {
            put(own, ip + 4, &length(behind));
            (6, UDP)
        };
        put(own, ip + field, &[0, 0]);
        let (before, part) = own.split_at(ip);
        let sum = checksum::pseudo_header(before, protocol, behind) + checksum::sum(part) + checksum::sum(chunk);
        let checksum = match !checksum::fold(sum) {
            0 if protocol == UDP => 0xffff,
            sum => sum,
        };
        put(own, ip + field, &checksum.to_be_bytes());
        emit(own, chunk);
    }
    Some(())
}
