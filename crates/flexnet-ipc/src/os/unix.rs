//! The socket on Unix. It is made in a private folder and moved into place when it is ready, so it is never there with the wrong mode.
//! Who connects is taken from the kernel's credentials, on both sides. [`super::access`] says who may.

use std::{
    env, fs, io,
    os::{
        fd::{FromRawFd as _, OwnedFd},
        unix::fs::{DirBuilderExt as _, FileTypeExt as _, MetadataExt as _, PermissionsExt as _},
        unix::net::{UnixListener as StdListener, UnixStream as StdStream},
    },
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use flexnet_protocol::{
    Fault, FaultCode,
    local::{Reply, ToClient},
};
use nix::{
    fcntl::{FcntlArg, FdFlag, fcntl},
    unistd::geteuid,
};
use tokio::net::{UnixListener, UnixStream};

use super::Access;
use crate::{
    Connection, Error, Peer,
    frame::{self, Stream},
    seats::{Seat, Seats},
};

/// The first file descriptor that a service manager passes (sd_listen_fds(3)).
const FIRST_PASSED: i32 = 3;

/// The service's socket.
#[derive(Debug)]
pub struct Listener {
    socket: UnixListener,
    access: Access,
    seats: Seats,
    /// What we made and take away again; `None` for a socket that was passed.
    own: Option<PathBuf>,
}

/// Where the installed service listens.
pub fn default_socket() -> PathBuf {
    PathBuf::from("/run/kv-flexnet/service.sock")
}

impl Listener {
    /// Adopts the socket that the service manager passed (sd_listen_fds(3)), or makes one. A stale one is replaced, a live one is not.
    /// Every local user can reach it; who may stay is decided for each connection. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// [`Error`], by phase.
    pub fn bind(socket: &Path, access: Access) -> Result<Self, Error> {
        let (listener, own) = match passed_socket()? {
            Some(passed) => (passed, None),
            None => (make(socket)?, Some(socket.to_owned())),
        };
        let bind = |source| Error::Bind { path: socket.to_owned(), source };
        listener.set_nonblocking(true).map_err(bind)?;
        let socket = UnixListener::from_std(listener).map_err(bind)?;
        Ok(Self { socket, access, seats: Seats::default(), own })
    }

    /// The next permitted client. Others are told why not, and logged, here.
    ///
    /// # Errors
    /// [`Error::Accept`] if no client can come any more.
    pub async fn accept(&self) -> Result<(Peer, Connection), Error> {
        loop {
            match self.socket.accept().await {
                Ok((stream, _)) => match self.admit(&stream) {
                    Ok((peer, seat)) => return Ok((peer, Connection::new(Box::new(stream), Some(seat)))),
                    Err(fault) => {
                        tracing::warn!(%fault, "a local client was refused");
                        refuse(&stream, fault);
                    }
                },
                Err(error) if passes(&error) => {
                    tracing::warn!(%error, "a local client could not be taken");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                Err(source) => return Err(Error::Accept { source }),
            }
        }
    }

    fn admit(&self, stream: &UnixStream) -> Result<(Peer, Seat), Fault> {
        let refused = |detail: String| Fault::new(FaultCode::NotPermitted, detail);
        let peer = peer_of(stream).map_err(|e| refused(format!("unknown user: {e}")))?;
        if !self.access.permits(&peer) {
            return Err(refused(format!("user {}", peer.uid)));
        }
        let seat = self.seats.take(peer.uid);
        seat.map(|seat| (peer, seat)).ok_or_else(|| Fault::new(FaultCode::Busy, "too many connections"))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // What stays is stale and replaced by the next start.
        self.own.take().map(fs::remove_file);
    }
}

/// Connects, and makes sure that root or we ourselves serve there.
pub(crate) async fn connect(socket: &Path) -> Result<Stream, Fault> {
    let stream = UnixStream::connect(socket).await.map_err(|error| {
        let kind = error.kind();
        let code = if kind == io::ErrorKind::PermissionDenied {
            FaultCode::NotPermitted
        } else if kind == io::ErrorKind::WouldBlock {
            // EAGAIN: its backlog is full.
            FaultCode::ServiceHangs
        } else {
            FaultCode::ServiceDown
        };
        Fault::new(code, format!("{}: {error}", socket.display()))
    })?;
    let impostor =
        |who: String| Fault::new(FaultCode::ServiceImpostor, format!("{} is served by {who}", socket.display()));
    let server = peer_of(&stream).map_err(|e| impostor(format!("an unknown user: {e}")))?;
    if trusted(&server) { Ok(Box::new(stream)) } else { Err(impostor(format!("user {}", server.uid))) }
}

fn trusted(server: &Peer) -> bool {
    server.uid == 0 || server.uid == geteuid().as_raw()
}

fn peer_of(stream: &UnixStream) -> io::Result<Peer> {
    let credentials = stream.peer_cred()?;
    Ok(Peer { uid: credentials.uid(), gid: credentials.gid(), pid: credentials.pid() })
}

/// One frame fits into the buffer of every fresh socket; if not, closing says enough.
fn refuse(stream: &UnixStream, fault: Fault) {
    if let Some(frame) = frame::encode(&ToClient::Reply { id: 0, reply: Reply::Refused(fault) }) {
        let _ = stream.try_write(&frame);
    }
}

/// Whether accepting goes on after this error: the client left, or descriptors and memory ran short for a while (accept(2)).
fn passes(error: &io::Error) -> bool {
    use nix::errno::Errno;
    let short = [Errno::ECONNABORTED, Errno::EINTR, Errno::EMFILE, Errno::ENFILE, Errno::ENOBUFS, Errno::ENOMEM];
    error.raw_os_error().is_some_and(|code| short.contains(&Errno::from_raw(code)))
}

fn make(socket: &Path) -> Result<StdListener, Error> {
    let folder = socket.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let in_folder = |source| Error::Folder { path: folder.to_owned(), source };
    fs::DirBuilder::new().recursive(true).mode(0o755).create(folder).map_err(in_folder)?;
    let about = fs::metadata(folder).map_err(in_folder)?;
    if ![0, geteuid().as_raw()].contains(&about.uid()) || about.mode() & 0o022 != 0 {
        return Err(Error::OpenFolder { path: folder.to_owned() });
    }
    make_way(socket)?;

    // `rename` is atomic: until then nobody else can pass the private folder.
    let bind = |source| Error::Bind { path: socket.to_owned(), source };
    let private = folder.join(format!(".{}", process::id()));
    // Left by a process that had our number and was killed just here.
    let _ = fs::remove_dir_all(&private);
    fs::DirBuilder::new().mode(0o700).create(&private).map_err(in_folder)?;
    let made = private.join("s");
    let listener = StdListener::bind(&made).and_then(|listener| {
        fs::set_permissions(&made, fs::Permissions::from_mode(0o666))?;
        fs::rename(&made, socket)?;
        Ok(listener)
    });
    let _ = fs::remove_dir_all(&private);
    listener.map_err(bind)
}

/// Makes sure that nothing lives at the path.
fn make_way(socket: &Path) -> Result<(), Error> {
    let path = || socket.to_owned();
    match fs::symlink_metadata(socket) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(Error::Bind { path: path(), source }),
        Ok(about) if !about.file_type().is_socket() => Err(Error::NotASocket { path: path() }),
        Ok(_) => match StdStream::connect(socket) {
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Ok(_) | Err(_) => Err(Error::InUse { path: path() }),
        },
    }
}

/// The socket that systemd passed to this very process, once.
fn passed_socket() -> Result<Option<StdListener>, Error> {
    static TAKEN: AtomicBool = AtomicBool::new(false);
    let number = |name: &str| env::var(name).ok().and_then(|value| value.parse::<u32>().ok());
    if number("LISTEN_PID") != Some(process::id()) || number("LISTEN_FDS").is_none_or(|n| n == 0) {
        return Ok(None);
    }
    if TAKEN.swap(true, Ordering::SeqCst) {
        return Ok(None);
    }
    adopt(FIRST_PASSED).map(Some).map_err(|source| Error::Adopt { source })
}

fn adopt(number: i32) -> io::Result<StdListener> {
    // SAFETY: LISTEN_PID names this process, so by sd_listen_fds(3) the descriptor is open and ours, and TAKEN lets us take it once.
    #[expect(unsafe_code, reason = "a descriptor comes as a number")]
    let descriptor = unsafe { OwnedFd::from_raw_fd(number) };
    // The programs that we start must not inherit it.
    fcntl(&descriptor, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
    let listener = StdListener::from(descriptor);
    // Fails for everything that is no Unix socket.
    listener.local_addr()?;
    Ok(listener)
}

#[cfg(test)]
mod tests {
    use std::os::fd::IntoRawFd as _;

    use super::*;

    #[test]
    fn a_passed_socket_is_adopted_and_kept_from_children() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("s");
        let passed = StdListener::bind(&socket).unwrap().into_raw_fd();
        let listener = adopt(passed).unwrap();
        assert_eq!(fcntl(&listener, FcntlArg::F_GETFD), Ok(FdFlag::FD_CLOEXEC.bits()));
        let client = StdStream::connect(&socket).unwrap();
        drop((listener.accept().unwrap(), client));
    }

    #[test]
    fn what_is_no_socket_is_not_adopted() {
        let passed = tempfile::tempfile().unwrap().into_raw_fd();
        assert!(adopt(passed).is_err());
    }

    #[test]
    fn root_and_we_ourselves_may_serve() {
        let server = |uid| Peer { uid, gid: 0, pid: None };
        assert!(trusted(&server(0)) && trusted(&server(geteuid().as_raw())));
        assert!(!trusted(&server(3_999_999_999)));
    }

    #[test]
    fn short_of_descriptors_passes_and_a_closed_socket_does_not() {
        let error = |errno: nix::errno::Errno| io::Error::from_raw_os_error(errno as i32);
        assert!(passes(&error(nix::errno::Errno::EMFILE)) && passes(&error(nix::errno::Errno::ECONNABORTED)));
        assert!(!passes(&error(nix::errno::Errno::EBADF)) && !passes(&io::Error::other("a defect")));
    }
}
