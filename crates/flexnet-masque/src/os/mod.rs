//! What differs between systems: a connected UDP socket that takes and gives many datagrams at once, and the options of the TCP line.
//! Everything else of a relay is the same everywhere.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod system;

use std::{
    io,
    net::{SocketAddr, UdpSocket as Plain},
};

use tokio::net::UdpSocket;

pub(crate) use system::Socket;
pub use system::tune;

/// A socket of any port that hears and answers `from` alone: the system drops what anybody else sends.
fn connected(from: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Plain::bind(SocketAddr::new(from.ip(), 0))?;
    socket.connect(from)?;
    socket.set_nonblocking(true)?;
    UdpSocket::from_std(socket)
}
