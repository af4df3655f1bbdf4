//! From the peers to the TUN device: what one call received is opened in place, put together by flow, and written in few calls.

use std::{io, sync::Arc, time::Instant};

use gotatun::packet::{Packet, PacketBufPool, WgKind};

use super::{
    engine::Engine,
    handshakes::{Handshakes, Verdict},
    peers::{Peer, Table, source},
    serving::{ANSWER, QUESTION},
    worker::Turn,
};
use crate::os::{
    endpoint::Endpoint,
    link::Link,
    offload::{coalesce::Coalescer, ip_length},
    udp::{self, DATAGRAMS},
};

/// Bytes that are received before anything is written. Untouched memory costs nothing.
const BUFFER: usize = 4 * (DATAGRAMS + 1);
/// Packets that wait to be written, at the most but for those of one call.
const WAITING: usize = 128;

pub(super) struct Inbound<L> {
    engine: Arc<Engine<L>>,
    pool: PacketBufPool<BUFFER>,
    control: Vec<u8>,
    handshakes: Handshakes,
    coalescer: Coalescer,
    /// Whose the last index was.
    last: Option<(u32, Arc<Peer>)>,
}

impl<L: Link> Inbound<L> {
    pub(super) fn new(engine: Arc<Engine<L>>) -> Self {
        let coalescer = Coalescer::new(engine.link.offload());
        let handshakes = Handshakes::new(&engine.public, Instant::now());
        Self { engine, pool: PacketBufPool::new(1), control: udp::control(), handshakes, coalescer, last: None }
    }

    /// Moves what there is, but not for long.
    pub(super) fn turn(&mut self) -> Turn {
        let engine = Arc::clone(&self.engine);
        let table = engine.table();
        // Peers may have changed since the last turn.
        self.last = None;
        // Given back to the pool when all that was cut from it is gone: at the end.
        let mut whole = self.pool.get();
        let mut buffer = whole.buf_mut().split();
        let mut turn = Turn::More;
        while let Some(free) = buffer.get_mut(..DATAGRAMS)
            && self.coalescer.len() < WAITING
        {
            match engine.udp.receive(free, &mut self.control) {
                Ok(received) => {
                    let mut datagrams = buffer.split_to(received.length);
                    while !datagrams.is_empty() {
                        let next = datagrams.split_to(received.size.min(datagrams.len()));
                        self.datagram(&table, Packet::from_bytes(next), received.from);
                    }
                }
                Err(error) => {
                    // Whatever else it is, it is of one datagram.
                    if error.kind() != io::ErrorKind::WouldBlock {
                        tracing::trace!(%error, "nothing was received");
                    }
                    turn = Turn::Idle;
                    break;
                }
            }
        }
        self.deliver();
        turn
    }

    fn datagram(&mut self, table: &Table, datagram: Packet, mut from: Endpoint) {
        if datagram.first() == Some(&QUESTION) {
            self.echo(datagram, from);
            return;
        }
        let packet = match self.handshakes.judge(datagram, from.remote, Instant::now()) {
            Verdict::Pass(packet) => packet,
            Verdict::Cookie(cookie) => return self.engine.udp.send(&[cookie], &mut from),
            Verdict::Drop => return,
        };
        let Some(peer) = self.sender(table, &packet, from) else { return };
        let Some(mut inside) = self.engine.receive(&peer, packet, from) else { return };
        // Empty ones are keepalives.
        let Some(length) = ip_length(&inside) else { return };
        inside.truncate(length);
        // A peer speaks for its own addresses only.
        let owner = source(&inside).and_then(|address| table.owner(address));
        if owner.is_some_and(|owner| Arc::ptr_eq(owner, &peer)) {
            self.coalescer.push(std::mem::take(inside.buf_mut()));
        }
    }

    fn echo(&self, mut datagram: Packet, mut to: Endpoint) {
        let echoes =
            self.engine.serving().is_some_and(|mut serving| serving.echoes(&datagram, to.remote, Instant::now()));
        if echoes && let Some(first) = datagram.first_mut() {
            *first = ANSWER;
            self.engine.udp.send(&[datagram], &mut to);
        }
    }

    /// Whom a packet concerns.
    fn sender(&mut self, table: &Table, packet: &WgKind, from: Endpoint) -> Option<Arc<Peer>> {
        let index = match packet {
            WgKind::Data(packet) => packet.header.receiver_idx.get(),
            WgKind::HandshakeResp(packet) => packet.receiver_idx.get(),
            WgKind::CookieReply(packet) => packet.receiver_idx.get(),
            WgKind::HandshakeInit(packet) => {
                let key = self.engine.initiator(packet)?;
                let known = table.get(&key).cloned();
                if known.is_none()
                    && let Some(mut serving) = self.engine.serving()
                {
                    // A copy: the packet lies in the buffer for all.
                    serving.keep(Packet::copy_from(&**packet), key, from, Instant::now());
                }
                return known;
            }
        };
        match &self.last {
            Some((last, peer)) if *last == index => Some(Arc::clone(peer)),
            Some(_) | None => {
                let peer = self.engine.by_index(index)?;
                self.last = Some((index, Arc::clone(&peer)));
                Some(peer)
            }
        }
    }

    fn deliver(&mut self) {
        let link = &self.engine.link;
        self.coalescer.drain(|frame| {
            // While the device is down the system takes nothing; packets are lost then.
            if let Err(error) = link.write(frame) {
                tracing::trace!(%error, "a packet was not delivered");
            }
        });
    }
}
