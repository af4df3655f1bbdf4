//! Puts packets of one flow together, so that the system takes them in one write: what a network card with receive offload does.
//! Packets of one flow keep their order, and only what [`super::segment`] would take apart the same way is put together.

use std::io::IoSlice;

use bytes::BytesMut;

use super::{
    ACK, GSO_TCPV4, GSO_TCPV6, GSO_UDP, NEEDS_CSUM, Offload, PSH, TCP, UDP, VnetHeader, be16, be32, checksum, put,
};

/// Packets in one group.
const MEMBERS: usize = 64;
/// Groups that can still grow.
const OPEN: usize = 16;
/// Bytes of the largest packet that comes about: the length field of IPv4, with room for every header.
const LARGEST: usize = 65535 - 256;

/// Packets for the TUN device, collected until they are written.
#[derive(Debug)]
pub(in crate::os) struct Coalescer {
    offload: Offload,
    members: Vec<Member>,
    groups: Vec<Group>,
    /// Those of the groups that can still grow, oldest first.
    open: Vec<usize>,
}

#[derive(Debug)]
struct Member {
    packet: BytesMut,
    next: Option<usize>,
}

#[derive(Debug)]
struct Group {
    first: usize,
    last: usize,
    count: usize,
    /// How its first packet is made, if it is one that can be put together with others.
    shape: Option<Shape>,
    /// Bytes of payload in all of it.
    payload: usize,
    /// The checksums of its first packet were found right.
    proven: bool,
    pushed: bool,
}

/// What has to be known of a packet of TCP or UDP without IP options or fragments.
#[derive(Debug, Clone, Copy)]
struct Shape {
    protocol: u8,
    /// Bytes of the IP header.
    ip: usize,
    /// Bytes of all headers.
    headers: usize,
    payload: usize,
    /// TCP: number of the first byte, and the flags.
    sequence: u32,
    flags: u8,
}

impl Coalescer {
    pub(in crate::os) fn new(offload: Offload) -> Self {
        Self { offload, members: Vec::new(), groups: Vec::new(), open: Vec::new() }
    }

    /// Packets that wait.
    pub(in crate::os) fn len(&self) -> usize {
        self.members.len()
    }

    /// Takes a whole IP packet.
    pub(in crate::os) fn push(&mut self, packet: BytesMut) {
        let shape = Shape::of(&packet).filter(|shape| match shape.protocol {
            TCP => self.offload.tcp,
            _ => self.offload.udp,
        });
        if shape.is_none() {
            self.close(&packet);
        }
        if let Some(shape) = shape
            && let Some((position, group)) = self.same_flow(&packet, shape)
        {
            if self.extends(group, &packet, shape) {
                let grown = self.append(group, packet, shape);
                if !grown {
                    self.open.remove(position);
                }
                return;
            }
            // What follows must not overtake this one.
            self.open.remove(position);
        }
        let place = self.members.len();
        let number = self.groups.len();
        self.members.push(Member { packet, next: None });
        let payload = shape.map_or(0, |shape| shape.payload);
        self.groups.push(Group { first: place, last: place, count: 1, shape, payload, proven: false, pushed: false });
        if shape.is_some_and(|shape| shape.payload > 0 && (shape.protocol == UDP || shape.flags == ACK)) {
            if self.open.len() == OPEN {
                self.open.remove(0);
            }
            self.open.push(number);
        }
    }

    /// Gives everything to `write`, in frames whose first slice is the [`VnetHeader`], and is empty again.
    pub(in crate::os) fn drain(&mut self, mut write: impl FnMut(&[IoSlice<'_>])) {
        for group in &self.groups {
            let vnet = match group.shape {
                Some(shape) if group.count > 1 => match self.members.get_mut(group.first) {
                    Some(first) => whole(&mut first.packet, shape, group),
                    None => continue,
                },
                Some(_) | None => VnetHeader::default(),
            };
            let vnet = vnet.bytes();
            let mut slices = [IoSlice::new(&vnet); 1 + MEMBERS];
            let (mut next, mut skip, mut used) = (Some(group.first), 0, 1);
            while let Some(member) = next.and_then(|place| self.members.get(place))
                && let Some(slice) = slices.get_mut(used)
            {
                *slice = IoSlice::new(member.packet.get(skip..).unwrap_or_default());
                skip = group.shape.map_or(0, |shape| shape.headers);
                (next, used) = (member.next, used + 1);
            }
            write(slices.get(..used).unwrap_or_default());
        }
        self.members.clear();
        self.groups.clear();
        self.open.clear();
    }

    /// The open group of this packet's flow, and its place among the open ones.
    fn same_flow(&self, packet: &[u8], shape: Shape) -> Option<(usize, usize)> {
        let own = shape.flow(packet);
        self.open.iter().copied().enumerate().rev().find(|&(_, group)| {
            self.head(group).is_some_and(|(head, theirs)| theirs.protocol == shape.protocol && theirs.flow(head) == own)
        })
    }

    /// What this packet may belong to does not grow any more: a fragment or a datagram without a checksum must not be overtaken by its flow.
    fn close(&mut self, packet: &[u8]) {
        let Some(hosts) = Hosts::of(packet) else { return };
        let (members, groups) = (&self.members, &self.groups);
        self.open.retain(|&group| {
            let head = groups.get(group).and_then(|group| members.get(group.first));
            head.and_then(|head| Hosts::of(&head.packet)).is_some_and(|theirs| !hosts.may_be_of(theirs))
        });
    }

    fn head(&self, group: usize) -> Option<(&[u8], Shape)> {
        let group = self.groups.get(group)?;
        Some((&self.members.get(group.first)?.packet, group.shape?))
    }

    /// The packet is the next of the group.
    fn extends(&mut self, number: usize, packet: &[u8], shape: Shape) -> bool {
        let Some((head, first)) = self.head(number) else { return false };
        let Some(group) = self.groups.get(number) else { return false };
        let follows = shape.payload > 0
            && shape.payload <= first.payload
            && group.count < MEMBERS
            && group.payload + shape.payload <= LARGEST
            && (shape.protocol == UDP || {
                let done = u32::try_from(group.payload).unwrap_or_default();
                matches!(shape.flags & !PSH, ACK) && shape.sequence == first.sequence.wrapping_add(done)
            })
            && first.headers == shape.headers
            && first.constant(head) == shape.constant(packet);
        if !follows || !shape.is_right(packet) {
            return false;
        }
        let proven = group.proven || first.is_right(head);
        if let Some(group) = self.groups.get_mut(number) {
            group.proven = proven;
        }
        proven
    }

    /// Whether another may follow.
    fn append(&mut self, number: usize, packet: BytesMut, shape: Shape) -> bool {
        let place = self.members.len();
        self.members.push(Member { packet, next: None });
        let Some(group) = self.groups.get_mut(number) else { return false };
        if let Some(last) = self.members.get_mut(group.last) {
            last.next = Some(place);
        }
        group.last = place;
        group.count += 1;
        group.payload += shape.payload;
        group.pushed = shape.flags & PSH != 0;
        let full = group.shape.is_some_and(|first| shape.payload == first.payload);
        full && !group.pushed && group.count < MEMBERS
    }
}

/// As much as every packet tells of its flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Hosts<'a> {
    addresses: &'a [u8],
    protocol: u8,
}

impl<'a> Hosts<'a> {
    fn of(packet: &'a [u8]) -> Option<Self> {
        let (addresses, protocol) = match packet.first()? >> 4 {
            4 => (packet.get(12..20)?, packet.get(9)?),
            6 => (packet.get(8..40)?, packet.get(6)?),
            _ => return None,
        };
        Some(Self { addresses, protocol: *protocol })
    }

    /// Behind IPv6's extension headers stands any protocol.
    fn may_be_of(self, flow: Hosts<'_>) -> bool {
        self.addresses == flow.addresses && (self.protocol == flow.protocol || !matches!(self.protocol, TCP | UDP))
    }
}

impl Shape {
    fn of(packet: &[u8]) -> Option<Self> {
        let (ip, protocol) = match *packet.first()? {
            // Neither a fragment nor followed by one.
            0x45 if be16(packet, 6) & 0x3fff == 0 => (20, *packet.get(9)?),
            first if first >> 4 == 6 => (40, *packet.get(6)?),
            _ => return None,
        };
        let (headers, sequence, flags) = match protocol {
            TCP => (ip + usize::from(packet.get(ip + 12)? >> 4) * 4, be32(packet, ip + 4), *packet.get(ip + 13)?),
            UDP if ip + usize::from(be16(packet, ip + 4)) == packet.len() && be16(packet, ip + 6) != 0 => {
                (ip + 8, 0, 0)
            }
            _ => return None,
        };
        let payload = packet.len().checked_sub(headers)?;
        (protocol == UDP || headers >= ip + 20).then_some(Self { protocol, ip, headers, payload, sequence, flags })
    }

    /// Addresses and ports.
    fn flow(self, packet: &[u8]) -> (&[u8], &[u8]) {
        let addresses = if self.ip == 20 { 12..20 } else { 8..40 };
        (packet.get(addresses).unwrap_or_default(), packet.get(self.ip..self.ip + 4).unwrap_or_default())
    }

    /// What has to be the same in all packets of a group, beside the flow: version, traffic class with ECN, flow label, flags of
    /// fragmentation, hops; of TCP the acknowledgement, the window and the options.
    fn constant(self, packet: &[u8]) -> [&[u8]; 5] {
        let part = |range: std::ops::Range<usize>| packet.get(range).unwrap_or_default();
        let (one, two) = if self.ip == 20 { (part(0..2), part(6..10)) } else { (part(0..4), part(6..8)) };
        if self.protocol == UDP {
            return [one, two, &[], &[], &[]];
        }
        let tcp = |from: usize, to: usize| part(self.ip + from..self.ip + to);
        [one, two, tcp(8, 13), tcp(14, 16), part(self.ip + 18..self.headers)]
    }

    /// Its checksums are right. They are not checked again once it is part of a group.
    fn is_right(self, packet: &[u8]) -> bool {
        let Some((ip, part)) = packet.split_at_checked(self.ip) else { return false };
        (self.ip != 20 || checksum::is_right_ipv4(ip)) && checksum::is_right(ip, self.protocol, part)
    }
}

/// Makes the first packet's headers those of the whole group, and the header that goes before it.
fn whole(first: &mut [u8], shape: Shape, group: &Group) -> VnetHeader {
    let behind = shape.headers - shape.ip + group.payload;
    let length = |bytes: usize| u16::try_from(bytes).unwrap_or(u16::MAX);
    let v4 = shape.ip == 20;
    if v4 {
        put(first, 2, &length(shape.ip + behind).to_be_bytes());
        checksum::write_ipv4(first.get_mut(..shape.ip).unwrap_or_default());
    } else {
        put(first, 4, &length(behind).to_be_bytes());
    }
    let (gso_type, csum_offset) = match (shape.protocol, v4) {
        (TCP, true) => (GSO_TCPV4, 16),
        (TCP, false) => (GSO_TCPV6, 16),
        _ => (GSO_UDP, 6),
    };
    if shape.protocol == TCP {
        let flags = shape.flags | if group.pushed { PSH } else { 0 };
        put(first, shape.ip + 13, &[flags]);
    } else {
        put(first, shape.ip + 4, &length(behind).to_be_bytes());
    }
    let pseudo = checksum::fold(checksum::pseudo_header(first, shape.protocol, behind));
    put(first, shape.ip + usize::from(csum_offset), &pseudo.to_be_bytes());
    VnetHeader {
        flags: NEEDS_CSUM,
        gso_type,
        hdr_len: length(shape.headers),
        gso_size: length(shape.payload),
        csum_start: length(shape.ip),
        csum_offset,
    }
}
