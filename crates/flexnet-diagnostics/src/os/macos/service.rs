//! Our own parts on macOS: the launchd job and who listens on the socket. Type-checked only, not run; the service itself is not built for it yet.

use std::{io::ErrorKind, path::Path};

use tokio::net::UnixStream;

use crate::os::{Door, Left};

const JOB: &str = "/Library/LaunchDaemons/de.kv-flexnet.service.plist";

/// The job of launchd is there.
pub(crate) fn is_installed() -> Option<bool> {
    Some(Path::new(JOB).exists())
}

/// Connects once, looks who listens, and says nothing.
pub(crate) async fn knock(socket: &Path) -> Door {
    let stream = match UnixStream::connect(socket).await {
        Ok(stream) => stream,
        Err(error) if error.kind() == ErrorKind::NotFound => return Door::NoSocket,
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => return Door::Refused,
        Err(error) if error.kind() == ErrorKind::PermissionDenied => return Door::NotPermitted,
        Err(error) if error.kind() == ErrorKind::WouldBlock => return Door::Full,
        Err(_) => return Door::Strange,
    };
    let own = rustix::process::geteuid().as_raw();
    match stream.peer_cred() {
        Ok(who) if who.uid() == 0 || who.uid() == own => Door::Open,
        Ok(_) | Err(_) => Door::Impostor("another user's program".to_owned()),
    }
}

/// The service changes nothing here yet.
pub(crate) fn left() -> Left {
    Left::default()
}
