//! From the TUN device to the peers: a frame is taken apart, each packet sealed, and all of them sent in few calls.

use std::{io, sync::Arc};

use bytes::BytesMut;
use gotatun::packet::{Packet, WgKind};

use super::{
    engine::Engine,
    peers::{Peer, Table, destination},
    worker::Turn,
};
use crate::os::{
    endpoint::Endpoint,
    link::Link,
    offload::{FRAME, VNET, segment::split},
};

/// Frames that are read before peers may change again.
const FRAMES: usize = 32;
/// Packets that are sent together at the latest.
const TOGETHER: usize = 64;
/// Bytes that one packet's buffer has at least, so that the allocator gives the same one again.
const BUFFER: usize = 2048;

pub(super) struct Outbound<L> {
    engine: Arc<Engine<L>>,
    frame: Vec<u8>,
    buffer: BytesMut,
    sealed: Vec<Packet>,
    to: Option<(Arc<Peer>, Endpoint)>,
}

impl<L: Link> Outbound<L> {
    pub(super) fn new(engine: Arc<Engine<L>>) -> Self {
        Self { engine, frame: vec![0; FRAME], buffer: BytesMut::new(), sealed: Vec::new(), to: None }
    }

    /// Moves what there is, but not for long.
    ///
    /// # Errors
    /// The TUN device is gone.
    pub(super) fn turn(&mut self) -> io::Result<Turn> {
        let engine = Arc::clone(&self.engine);
        let table = engine.table();
        for _ in 0..FRAMES {
            match engine.link.read(&mut self.frame) {
                Ok(length) => self.seal(&table, length),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.send();
                    return Ok(Turn::Idle);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.send();
                    return Err(error);
                }
            }
            if self.sealed.len() >= TOGETHER {
                self.send();
            }
        }
        self.send();
        Ok(Turn::More)
    }

    /// Seals what is in the first `length` bytes of the frame.
    fn seal(&mut self, table: &Table, length: usize) {
        let Some(address) = self.frame.get(VNET..length).and_then(destination) else { return };
        // Nobody's: as if it were lost on the way.
        let Some(peer) = table.owner(address) else { return };
        let Some(endpoint) = peer.state().endpoint else { return };
        if !self.to.as_ref().is_some_and(|(last, to)| Arc::ptr_eq(last, peer) && *to == endpoint) {
            self.send();
            self.to = Some((Arc::clone(peer), endpoint));
        }
        let Some(frame) = self.frame.get_mut(..length) else { return };
        let mut state = peer.state();
        let mtu = self.engine.mtu();
        split(frame, |headers, payload| {
            let length = headers.len() + payload.len();
            // To a multiple of 16, but not beyond what the device carries (WireGuard, §5.4.6).
            let padded = length.next_multiple_of(16).min(mtu).max(length);
            self.buffer.reserve(padded.max(BUFFER));
            self.buffer.extend_from_slice(headers);
            self.buffer.extend_from_slice(payload);
            self.buffer.resize(padded, 0);
            let packet = Packet::from_bytes(self.buffer.split());
            let Some(sealed) = state.tunnel.handle_outgoing_packet(packet, None) else { return };
            if !matches!(sealed, WgKind::Data(_)) {
                self.engine.remember(&sealed, peer);
            }
            self.sealed.push(sealed.into());
        });
    }

    fn send(&mut self) {
        if let Some((peer, to)) = self.to.take() {
            self.engine.send(&peer, &self.sealed, to);
        }
        self.sealed.clear();
    }
}
