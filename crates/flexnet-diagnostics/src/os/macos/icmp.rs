//! This system keeps ICMP errors from programs without privileges: their errno comes, and never who sent them.

use std::io;

use socket2::Socket;

use crate::collect::icmp::Told;

/// The error of `connect` of a socket that does not wait.
pub(crate) const UNDER_WAY: i32 = nix::libc::EINPROGRESS;

/// Whether [`take`] can ever tell.
pub(crate) const TELLS: bool = false;

/// Nothing to switch on.
pub(crate) const fn listen(_socket: &Socket, _v4: bool) -> io::Result<()> {
    Ok(())
}

/// Nothing is told.
pub(crate) const fn take(_socket: &Socket) -> Option<Told> {
    None
}

/// Not told to this system yet: then sizes are not tried.
pub(crate) fn never_in_fragments(_socket: &Socket, _v4: bool) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
