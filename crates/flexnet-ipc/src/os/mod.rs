//! What differs between systems: the socket or pipe, and who is at its other end.

#[cfg(unix)]
mod access;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use access::Access;
#[cfg(unix)]
pub(crate) use unix::connect;
#[cfg(unix)]
pub use unix::{Listener, default_socket};
#[cfg(windows)]
pub(crate) use windows::connect;
#[cfg(windows)]
pub use windows::{Access, Listener, default_socket};
