//! What differs between systems: a terminal's lines that wait to be read, and who starts the service.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

pub(crate) use system::{SERVICE, drop_pending, is_installed, start_service};
