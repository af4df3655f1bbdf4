//! Linux: the kernel cuts a batch into datagrams (UDP_SEGMENT) and joins what came together (UDP_GRO). Where it refuses, one by one.

use std::{
    io::{self, IoSliceMut},
    net::SocketAddr,
    os::fd::AsRawFd as _,
    slice::Chunks,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use nix::{
    cmsg_space,
    sys::socket::{
        ControlMessage, ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, sendmsg, setsockopt, sockopt,
    },
};
use socket2::SockRef;
use tokio::{
    io::Interest,
    net::{TcpStream, UdpSocket},
};

use crate::batch::Batch;

/// A line whose other end acknowledges nothing for so long is dead.
const DEAD_AFTER: Duration = Duration::from_secs(6);
/// Bytes that may wait in the kernel before they are sent. More would only be latency: what waits here is too old when it arrives.
const UNSENT: u32 = 64 * 1024;
/// Room for datagrams that wait for the stream, as the kernel counts it. A busy machine needs it; that a slow line does not fill it is the relay's care.
const WAITING: usize = 1024 * 1024;

/// A connected UDP socket.
#[derive(Debug)]
pub(crate) struct Socket {
    socket: UdpSocket,
    segments: AtomicBool,
}

/// Sets what a long-lived line of datagrams needs: no delay, few unsent bytes, and its death noticed within seconds. Best effort.
pub fn tune(line: &TcpStream) {
    let socket = SockRef::from(line);
    let done = socket
        .set_tcp_nodelay(true)
        .and_then(|()| socket.set_tcp_notsent_lowat(UNSENT))
        .and_then(|()| socket.set_tcp_user_timeout(Some(DEAD_AFTER)));
    if let Err(error) = done {
        tracing::debug!(%error, "an option of the line");
    }
}

impl Socket {
    pub(crate) fn connected(from: SocketAddr) -> io::Result<Self> {
        let socket = super::connected(from)?;
        // Each is a matter of speed alone. Without the privilege the usual limit stays.
        let _ = setsockopt(&socket, sockopt::UdpGroSegment, &true);
        if setsockopt(&socket, sockopt::RcvBufForce, &WAITING).is_err() {
            let _ = setsockopt(&socket, sockopt::RcvBuf, &WAITING);
        }
        Ok(Self { socket, segments: AtomicBool::new(true) })
    }

    pub(crate) fn local(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    pub(crate) async fn readable(&self) -> io::Result<()> {
        self.socket.readable().await
    }

    /// The datagrams that the kernel has joined, at least one. Does not wait.
    pub(crate) fn receive<'a>(&self, buffer: &'a mut [u8]) -> io::Result<Chunks<'a, u8>> {
        let (bytes, length) = self.socket.try_io(Interest::READABLE, || {
            let mut control = cmsg_space!(i32);
            let mut into = [IoSliceMut::new(buffer)];
            let fd = self.socket.as_raw_fd();
            let message = recvmsg::<()>(fd, &mut into, Some(&mut control), MsgFlags::empty())?;
            let joined = message.cmsgs()?.find_map(|control| {
                let ControlMessageOwned::UdpGroSegments(length) = control else { return None };
                usize::try_from(length).ok()
            });
            Ok((message.bytes, joined.unwrap_or(message.bytes)))
        })?;
        Ok(buffer.get(..bytes).unwrap_or_default().chunks(length.max(1)))
    }

    /// Sends a batch, waiting for room in the kernel.
    pub(crate) async fn send(&self, batch: &Batch<'_>) -> io::Result<()> {
        let (datagrams, length) = (batch.datagrams(), batch.length());
        let segment = match u16::try_from(length) {
            Ok(segment) if datagrams.len() > 1 && self.segments.load(Ordering::Relaxed) => segment,
            Ok(_) | Err(_) => return self.send_each(batch).await,
        };
        let control = [ControlMessage::UdpGsoSegments(&segment)];
        let sent = self.socket.async_io(Interest::WRITABLE, || {
            let fd = self.socket.as_raw_fd();
            Ok(sendmsg::<SockaddrStorage>(fd, datagrams, &control, MsgFlags::empty(), None)?)
        });
        match sent.await {
            Ok(_) => Ok(()),
            Err(error) if is_passing(&error) => Err(error),
            Err(error) => {
                tracing::debug!(%error, "the kernel does not cut datagrams: they are sent one by one");
                self.segments.store(false, Ordering::Relaxed);
                self.send_each(batch).await
            }
        }
    }

    async fn send_each(&self, batch: &Batch<'_>) -> io::Result<()> {
        for datagram in batch.datagrams() {
            self.socket.send(datagram).await?;
        }
        Ok(())
    }
}

/// Whether an error says nothing about the kernel's abilities: nobody listens just now, or memory is short.
fn is_passing(error: &io::Error) -> bool {
    let short = [nix::libc::ENOBUFS, nix::libc::ENOMEM];
    error.kind() == io::ErrorKind::ConnectionRefused || error.raw_os_error().is_some_and(|code| short.contains(&code))
}
