//! Systems without segmentation of ours yet, Windows and macOS among them: one datagram a call.

use std::{io, net::SocketAddr, slice::Chunks};

use tokio::net::{TcpStream, UdpSocket};

use crate::batch::Batch;

/// A connected UDP socket.
#[derive(Debug)]
pub(crate) struct Socket(UdpSocket);

/// Sets what a long-lived line of datagrams needs. Best effort: here only that nothing is delayed.
pub fn tune(line: &TcpStream) {
    if let Err(error) = line.set_nodelay(true) {
        tracing::debug!(%error, "an option of the line");
    }
}

impl Socket {
    pub(crate) fn connected(from: SocketAddr) -> io::Result<Self> {
        super::connected(from).map(Self)
    }

    pub(crate) fn local(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    pub(crate) async fn readable(&self) -> io::Result<()> {
        self.0.readable().await
    }

    /// The next datagram. Does not wait.
    pub(crate) fn receive<'a>(&self, buffer: &'a mut [u8]) -> io::Result<Chunks<'a, u8>> {
        // Windows tells a port without a listener as a reset connection.
        let told = |error: io::Error| {
            let reset = error.kind() == io::ErrorKind::ConnectionReset;
            if reset { io::ErrorKind::ConnectionRefused.into() } else { error }
        };
        let bytes = self.0.try_recv(buffer).map_err(told)?;
        Ok(buffer.get(..bytes).unwrap_or_default().chunks(bytes.max(1)))
    }

    /// Sends a batch, waiting for room in the system.
    pub(crate) async fn send(&self, batch: &Batch<'_>) -> io::Result<()> {
        for datagram in batch.datagrams() {
            self.0.send(datagram).await?;
        }
        Ok(())
    }
}
