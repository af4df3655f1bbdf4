//! What differs between systems: modes of files and folders, and where a person's programs keep what nobody else needs.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

pub(crate) use system::{make_folder, open_log, open_ring, open_to_read};
pub use system::{person_folder, service_folder};
