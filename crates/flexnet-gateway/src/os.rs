//! The few things that every operating system has under another name: private files, a held address, the request to stop.

use std::{fs, io, io::Write as _, net::SocketAddr, path::Path};

use tokio::net::TcpSocket;

/// Writes a new file that only its owner can read. It is never readable to others, not even for a moment.
///
/// # Errors
/// The file exists already, or cannot be written.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Whether nobody but its owner can read a file.
///
/// # Errors
/// It is not there.
#[cfg(unix)]
pub fn is_private(path: &Path) -> io::Result<bool> {
    Ok(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path)?.permissions()) & 0o077 == 0)
}

/// Whether nobody but its owner can read a file; here the folder decides.
///
/// # Errors
/// It is not there.
#[cfg(not(unix))]
pub fn is_private(path: &Path) -> io::Result<bool> {
    fs::metadata(path).map(|_| true)
}

/// Makes a folder that only its owner can enter, and the folders above it.
///
/// # Errors
/// It cannot be made.
pub fn create_private_dir(path: &Path) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    make_dir(path)
}

#[cfg(unix)]
fn make_dir(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().mode(0o700).create(path)
}

#[cfg(not(unix))]
fn make_dir(path: &Path) -> io::Result<()> {
    fs::create_dir(path)
}

/// A TCP socket that has its address and lets nobody in yet; `listen` opens it.
///
/// # Errors
/// Somebody listens there already, or the address is not ours.
pub fn hold(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // After a restart the old connections still hold the port. On Windows the option would let two programs share it.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// Waits for SIGTERM or SIGINT.
#[cfg(unix)]
pub async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
pub async fn asked_to_stop() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpStream;

    use super::*;

    #[tokio::test]
    async fn a_held_address_lets_nobody_in_and_a_served_one_is_not_held_again() {
        let socket = hold(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let address = socket.local_addr().unwrap();
        assert_eq!(TcpStream::connect(address).await.unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
        let _listener = socket.listen(1).unwrap();
        TcpStream::connect(address).await.unwrap();
        assert_eq!(hold(address).unwrap_err().kind(), io::ErrorKind::AddrInUse);
    }
}
