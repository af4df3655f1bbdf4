//! What differs between systems: a terminal's lines that wait to be read.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use unix::drop_pending;
#[cfg(windows)]
pub(crate) use windows::drop_pending;
