//! What differs between systems: the socket or pipe, and who is at its other end.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::{Access, Listener, default_socket};
#[cfg(windows)]
pub use windows::{Access, Listener, default_socket};
