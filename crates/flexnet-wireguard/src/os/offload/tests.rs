//! Both ways against each other, and against packets as they are on the wire.

use std::io::IoSlice;

use bytes::BytesMut;
use proptest::{collection, prelude::*};

use super::{coalesce::Coalescer, segment::split, *};

const ALL: Offload = Offload { tcp: true, udp: true };

/// A packet with right checksums.
#[derive(Debug, Clone)]
struct Recipe {
    v6: bool,
    protocol: u8,
    port: u16,
    traffic_class: u8,
    sequence: u32,
    flags: u8,
    window: u16,
    options: Vec<u8>,
    payload: Vec<u8>,
}

impl Recipe {
    fn tcp(sequence: u32, payload: &[u8]) -> Self {
        let payload = payload.to_vec();
        let options = vec![1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2];
        Self {
            v6: false,
            protocol: TCP,
            port: 80,
            traffic_class: 0,
            sequence,
            flags: ACK,
            window: 256,
            options,
            payload,
        }
    }

    fn udp(payload: &[u8]) -> Self {
        Self { protocol: UDP, options: Vec::new(), ..Self::tcp(0, payload) }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut transport = self.port.to_be_bytes().to_vec();
        transport.extend(443u16.to_be_bytes());
        if self.protocol == TCP {
            transport.extend(self.sequence.to_be_bytes());
            transport.extend(7u32.to_be_bytes());
            transport.extend([(5 + self.options.len() as u8 / 4) << 4, self.flags]);
            transport.extend(self.window.to_be_bytes());
            transport.extend([0, 0, 0, 0]);
            transport.extend(&self.options);
        } else {
            transport.extend((8 + self.payload.len() as u16).to_be_bytes());
            transport.extend([0, 0]);
        }
        transport.extend(&self.payload);
        let mut ip = if self.v6 {
            let mut ip = vec![0x60 | self.traffic_class >> 4, self.traffic_class << 4, 0, 0];
            ip.extend((transport.len() as u16).to_be_bytes());
            ip.extend([self.protocol, 64]);
            ip.extend([0xfd; 16]);
            ip.extend([0xfe; 16]);
            ip
        } else {
            let mut ip = vec![0x45, self.traffic_class];
            ip.extend((20 + transport.len() as u16).to_be_bytes());
            ip.extend([0, 9, 0x40, 0, 64, self.protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
            checksum::write_ipv4(&mut ip);
            ip
        };
        let sum = checksum::pseudo_header(&ip, self.protocol, transport.len()) + checksum::sum(&transport);
        let field = if self.protocol == TCP { 16 } else { 6 };
        let checksum =
            if self.protocol == UDP && checksum::fold(sum) == 0xffff { 0xffff } else { !checksum::fold(sum) };
        put(&mut transport, field, &checksum.to_be_bytes());
        ip.extend(transport);
        ip
    }
}

/// What the system is given for these packets: frames.
fn coalesced(packets: &[Vec<u8>], offload: Offload) -> Vec<Vec<u8>> {
    let mut coalescer = Coalescer::new(offload);
    for packet in packets {
        coalescer.push(BytesMut::from(packet.as_slice()));
    }
    let mut frames = Vec::new();
    coalescer.drain(|slices: &[IoSlice<'_>]| frames.push(slices.iter().flat_map(|slice| slice.to_vec()).collect()));
    assert_eq!(coalescer.len(), 0);
    frames
}

fn taken_apart(frames: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut packets = Vec::new();
    for frame in frames {
        split(&mut frame.clone(), |headers, payload| packets.push([headers, payload].concat()));
    }
    packets
}

/// IPv4's identification is the sender's to choose, and no part of a stream.
fn without_id(mut packets: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    for packet in &mut packets {
        if packet.first() == Some(&0x45) {
            assert!(checksum::is_right_ipv4(&packet[..20]));
            packet[4..6].fill(0);
            packet[10..12].fill(0);
        }
    }
    packets
}

fn stream(sizes: &[usize], make: impl Fn(u32, &[u8]) -> Recipe) -> Vec<Vec<u8>> {
    let mut sequence = u32::MAX - 2000;
    let mut packets = Vec::new();
    for &size in sizes {
        let payload: Vec<u8> = (0..size).map(|n| (n + sizes.len()) as u8).collect();
        packets.push(make(sequence, &payload).bytes());
        sequence = sequence.wrapping_add(size as u32);
    }
    packets
}

#[test]
fn a_stream_becomes_one_frame_and_the_same_stream_again() {
    for v6 in [false, true] {
        let packets =
            stream(&[1380, 1380, 1380, 700], |sequence, payload| Recipe { v6, ..Recipe::tcp(sequence, payload) });
        let frames = coalesced(&packets, ALL);
        assert_eq!(frames.len(), 1);
        let vnet = VnetHeader::read(*frames[0].first_chunk().unwrap());
        let ip = if v6 { 40 } else { 20 };
        let expected = VnetHeader {
            flags: NEEDS_CSUM,
            gso_type: if v6 { GSO_TCPV6 } else { GSO_TCPV4 },
            hdr_len: ip + 32,
            gso_size: 1380,
            csum_start: ip,
            csum_offset: 16,
        };
        assert_eq!(vnet, expected);
        assert_eq!(ip_length(&frames[0][VNET..]), Some(frames[0].len() - VNET));
        assert_eq!(without_id(taken_apart(&frames)), without_id(packets));
    }
}

#[test]
fn datagrams_of_one_size_become_one_frame_where_the_system_takes_it() {
    let packets = stream(&[64, 64, 64, 10, 64], |_, payload| Recipe::udp(payload));
    let frames = coalesced(&packets, ALL);
    assert_eq!(frames.len(), 2, "a short one is the last");
    assert_eq!(VnetHeader::read(*frames[0].first_chunk().unwrap()).gso_type, GSO_UDP);
    assert_eq!(without_id(taken_apart(&frames)), without_id(packets.clone()));
    let plain = coalesced(&packets, Offload { tcp: true, udp: false });
    assert_eq!(plain.len(), packets.len());
    assert!(
        plain.iter().zip(&packets).all(|(frame, packet)| frame[..VNET] == [0; VNET] && frame[VNET..] == packet[..])
    );
}

#[test]
fn what_differs_stays_apart() {
    let base = Recipe::tcp(1, &[1; 100]);
    let next = Recipe::tcp(101, &[2; 100]);
    assert_eq!(coalesced(&[base.bytes(), next.bytes()], ALL).len(), 1, "else this test tests nothing");
    let other = |change: fn(&mut Recipe)| {
        let mut changed = next.clone();
        change(&mut changed);
        coalesced(&[base.bytes(), changed.bytes()], ALL).len()
    };
    assert_eq!(other(|r| r.traffic_class = 3), 2, "congestion is told of one packet, not of its neighbours");
    assert_eq!(other(|r| r.sequence += 1), 2);
    assert_eq!(other(|r| r.port += 1), 2);
    assert_eq!(other(|r| r.options[7] += 1), 2);
    assert_eq!(other(|r| r.window += 1), 2, "a window that has opened or closed is not told of the packet before");
    assert_eq!(other(|r| r.flags |= FIN), 2);
    assert_eq!(other(|r| r.flags |= CWR), 2);
    assert_eq!(other(|r| r.payload.push(1)), 2, "longer than the first");
    assert_eq!(other(|r| r.payload.clear()), 2);
    let mut broken = next.bytes();
    *broken.last_mut().unwrap() ^= 1;
    let frames = coalesced(&[base.bytes(), broken.clone()], ALL);
    assert_eq!(frames.len(), 2, "a wrong checksum was made a right one");
    assert_eq!(frames[1][VNET..], broken);
    let mut fragment = next.bytes();
    fragment[6..8].copy_from_slice(&[0x20, 0]);
    assert_eq!(coalesced(&[base.bytes(), fragment], ALL).len(), 2);
}

#[test]
fn what_is_not_understood_is_not_overtaken() {
    for v6 in [false, true] {
        let datagram = |byte| Recipe { v6, ..Recipe::udp(&[byte; 30]) }.bytes();
        let mut unchecked = datagram(2);
        let checksum = if v6 { 46 } else { 26 };
        unchecked[checksum..checksum + 2].fill(0);
        let packets = vec![datagram(1), unchecked, datagram(3)];
        assert_eq!(taken_apart(&coalesced(&packets, ALL)), packets);
        let mut fragment = datagram(2);
        if v6 {
            fragment[6] = 44;
        } else {
            fragment[6] = 0x20;
        }
        let packets = vec![datagram(1), fragment, datagram(3)];
        assert_eq!(taken_apart(&coalesced(&packets, ALL)), packets);
        let other = Recipe { v6, ..Recipe::tcp(0, &[2; 30]) }.bytes();
        let flows = [datagram(1), other, datagram(3)];
        assert_eq!(coalesced(&flows, ALL).len(), 2, "what is understood closes its own flow only");
    }
}

#[test]
fn pushed_and_short_segments_end_a_frame() {
    let push = |sequence, payload: &[u8]| Recipe { flags: ACK | PSH, ..Recipe::tcp(sequence, payload) }.bytes();
    let plain = |sequence, payload: &[u8]| Recipe::tcp(sequence, payload).bytes();
    let packets =
        [plain(0, &[1; 50]), push(50, &[2; 50]), plain(100, &[3; 50]), plain(150, &[4; 20]), plain(170, &[5; 20])];
    let frames = coalesced(&packets, ALL);
    assert_eq!(frames.len(), 3);
    assert_eq!(without_id(taken_apart(&frames)), without_id(packets.to_vec()));
}

#[test]
fn flags_of_a_whole_go_to_its_first_and_last_segment() {
    let recipe = Recipe { flags: ACK | PSH | FIN | CWR, ..Recipe::tcp(0, &[9; 250]) };
    let vnet = VnetHeader {
        flags: NEEDS_CSUM,
        gso_type: GSO_TCPV4,
        hdr_len: 52,
        gso_size: 100,
        csum_start: 20,
        csum_offset: 16,
    };
    let packets = taken_apart(&[[vnet.bytes().as_slice(), &recipe.bytes()].concat()]);
    let flags: Vec<u8> = packets.iter().map(|packet| packet[33]).collect();
    assert_eq!(flags, [ACK | CWR, ACK, ACK | PSH | FIN]);
    let ids: Vec<u16> = packets.iter().map(|packet| be16(packet, 4)).collect();
    assert_eq!(ids, [9, 10, 11]);
}

#[test]
fn a_checksum_left_to_the_card_is_completed() {
    for recipe in [Recipe::tcp(1, &[7; 33]), Recipe::udp(&[7; 33])] {
        let whole = recipe.bytes();
        let (start, offset) = (20u16, if recipe.protocol == TCP { 16u16 } else { 6 });
        let mut partial = whole.clone();
        let pseudo = checksum::fold(checksum::pseudo_header(&whole, recipe.protocol, whole.len() - 20));
        put(&mut partial, usize::from(start + offset), &pseudo.to_be_bytes());
        let vnet = VnetHeader { flags: NEEDS_CSUM, csum_start: start, csum_offset: offset, ..VnetHeader::default() };
        assert_eq!(taken_apart(&[[vnet.bytes().as_slice(), &partial].concat()]), [whole]);
    }
}

#[test]
fn a_checksum_of_zero_stays_so_in_tcp_and_is_all_ones_in_udp() {
    for (protocol, field, expected) in [(TCP, 36, 0), (UDP, 26, 0xffff)] {
        let packet = |sequence, payload: u16| {
            let payload = payload.to_be_bytes();
            if protocol == TCP { Recipe::tcp(sequence, &payload) } else { Recipe::udp(&payload) }.bytes()
        };
        let second = (0..=u16::MAX).map(|payload| packet(2, payload)).find(|found| be16(found, field) == expected);
        let packets = vec![packet(0, 1), second.unwrap()];
        let frames = coalesced(&packets, ALL);
        assert_eq!(frames.len(), 1);
        assert_eq!(without_id(taken_apart(&frames)), without_id(packets));
    }
}

#[test]
fn a_packet_cut_short_is_passed_as_it_is() {
    for recipe in [Recipe::tcp(1, &[7; 9]), Recipe::udp(&[7; 9])] {
        for v6 in [false, true] {
            let whole = Recipe { v6, ..recipe.clone() }.bytes();
            for length in 0..whole.len() {
                let cut = whole[..length].to_vec();
                assert_eq!(taken_apart(&coalesced(&[cut.clone(), cut.clone()], ALL)), [cut.clone(), cut]);
            }
        }
    }
}

#[test]
fn other_protocols_pass_as_they_are() {
    let mut echo = Recipe::udp(&[1; 56]).bytes();
    echo[9] = 1;
    checksum::write_ipv4(&mut echo[..20]);
    let frames = coalesced(&[echo.clone(), echo.clone()], ALL);
    assert_eq!(taken_apart(&frames), [echo.clone(), echo]);
}

fn recipe() -> impl Strategy<Value = (Recipe, bool)> {
    let flags = prop_oneof![6 => Just(ACK), 1 => Just(ACK | PSH), 1 => Just(ACK | FIN), 1 => Just(ACK | CWR)];
    let size = prop_oneof![4 => Just(100usize), 1 => 0usize..100];
    let class = prop_oneof![8 => Just(0u8), 1 => Just(3u8)];
    (any::<bool>(), any::<bool>(), 0u16..3, class, flags, size, prop::bool::weighted(0.9)).prop_map(
        |(v6, tcp, port, traffic_class, flags, size, follows)| {
            let base = if tcp { Recipe::tcp(0, &vec![port as u8; size]) } else { Recipe::udp(&vec![port as u8; size]) };
            (Recipe { v6, port, traffic_class, flags, ..base }, follows)
        },
    )
}

proptest! {
    /// Many flows, mixed: each comes out as it went in.
    #[test]
    fn every_flow_keeps_its_packets_and_their_order(recipes in collection::vec(recipe(), 0..200)) {
        let mut next = std::collections::HashMap::<(bool, u16), u32>::new();
        let packets: Vec<Vec<u8>> = recipes.into_iter().map(|(recipe, follows)| {
            let sequence = next.entry((recipe.v6, recipe.port)).or_default();
            let recipe = Recipe { sequence: if follows { *sequence } else { *sequence + 5 }, ..recipe };
            *sequence = recipe.sequence + recipe.payload.len() as u32;
            recipe.bytes()
        }).collect();
        let flow = |packets: &[Vec<u8>], v6: bool, protocol: u8, port: u16| -> Vec<Vec<u8>> {
            let of_flow = |packet: &&Vec<u8>| {
                let (ip, place) = if v6 { (40, 6) } else { (20, 9) };
                (packet[0] >> 4 == 6) == v6 && packet[place] == protocol && be16(packet, ip) == port
            };
            without_id(packets.iter().filter(of_flow).cloned().collect())
        };
        for offload in [ALL, Offload::default()] {
            let out = taken_apart(&coalesced(&packets, offload));
            prop_assert_eq!(out.len(), packets.len());
            for (v6, protocol, port) in flows() {
                prop_assert_eq!(flow(&out, v6, protocol, port), flow(&packets, v6, protocol, port));
            }
        }
    }

    #[test]
    fn nothing_from_a_peer_or_the_system_is_a_panic(
        start in collection::vec(any::<u8>(), 0..80),
        packets in collection::vec(collection::vec(any::<u8>(), 0..120), 0..20),
        first in prop_oneof![Just(0x45u8), Just(0x60), Just(0x4f), any::<u8>()],
    ) {
        let shaped: Vec<Vec<u8>> = packets.into_iter().map(|mut packet| {
            put(&mut packet, 0, &[first]);
            packet
        }).collect();
        let _ = taken_apart(&coalesced(&shaped, ALL));
        for gso_type in [GSO_NONE, GSO_TCPV4, GSO_TCPV6, GSO_UDP, 3] {
            for packet in &shaped {
                let mut frame = start.clone();
                frame.extend(packet);
                put(&mut frame, 0, &[NEEDS_CSUM, gso_type]);
                split(&mut frame, |headers, payload| assert!(headers.len() + payload.len() > 0 || gso_type == GSO_NONE));
                // Small numbers, so that something is understood now and then.
                put(&mut frame, 2, &VnetHeader { csum_start: 20, gso_size: 7, csum_offset: 16, ..VnetHeader::default() }.bytes()[2..]);
                split(&mut frame, |_, _| ());
            }
        }
    }

    #[test]
    fn a_real_stream_survives_whatever_its_sizes(sizes in collection::vec(1usize..1400, 1..80), v6 in any::<bool>()) {
        let packets = stream(&sizes, |sequence, payload| Recipe { v6, ..Recipe::tcp(sequence, payload) });
        let frames = coalesced(&packets, ALL);
        prop_assert!(frames.iter().all(|frame| frame.len() <= FRAME));
        prop_assert_eq!(without_id(taken_apart(&frames)), without_id(packets));
    }
}

fn flows() -> impl Iterator<Item = (bool, u8, u16)> {
    [false, true]
        .into_iter()
        .flat_map(|v6| [TCP, UDP].into_iter().flat_map(move |p| (0..3).map(move |port| (v6, p, port))))
}
