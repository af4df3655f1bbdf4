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

/// Puts a file that only its owner can read in the place of another, in one step.
///
/// # Errors
/// It cannot be written.
pub fn replace_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => write_private(&new, bytes)?,
    }
    fs::rename(&new, path)?;
    sync_dir(path.parent().unwrap_or(Path::new(".")))
}

/// A new name is on the disk only when its folder is.
#[cfg(unix)]
fn sync_dir(path: &Path) -> io::Result<()> {
    fs::File::open(path)?.sync_all()
}

#[cfg(not(unix))]
fn sync_dir(_path: &Path) -> io::Result<()> {
    Ok(())
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

/// Waits for SIGHUP.
#[cfg(unix)]
pub async fn asked_to_reload() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::hangup()) {
        Ok(mut hangup) => drop(hangup.recv().await),
        Err(_) => std::future::pending().await,
    }
}

/// Never: a service of this system is restarted.
#[cfg(not(unix))]
pub async fn asked_to_reload() {
    std::future::pending::<()>().await;
}

/// A word to the service manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// Members are let in.
    Ready,
    /// The loop turns.
    Alive,
    /// It is about to stop.
    Stopping,
}

/// Tells the service manager, if it has given a socket for that (sd_notify(3)).
#[cfg(target_os = "linux")]
pub fn tell_manager(word: Word) {
    use sd_notify::NotifyState;
    let state = match word {
        Word::Ready => NotifyState::Ready,
        Word::Alive => NotifyState::Watchdog,
        Word::Stopping => NotifyState::Stopping,
    };
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::debug!(%error, ?word, "the service manager does not listen");
    }
}

/// There is none that would listen.
#[cfg(not(target_os = "linux"))]
pub fn tell_manager(word: Word) {
    tracing::debug!(?word, "no service manager");
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
