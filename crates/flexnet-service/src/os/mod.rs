//! What differs between systems: the network, the clocks, files that only the administrator may write, and the word to stop.
//! Every system has the same names; what is not built there yet answers with [`flexnet_protocol::FaultCode::NotOnThisSystem`].

pub mod fake;

// Knows no system; of those that are built, only one carries a tunnel so far.
#[cfg(target_os = "linux")]
pub(crate) mod carriers;

#[cfg(any(test, not(target_os = "linux")))]
#[cfg_attr(target_os = "linux", expect(dead_code, reason = "Linux is built; here it is tried only"))]
mod absent;
#[cfg(target_os = "linux")]
#[doc(hidden)]
pub mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
use linux as system;
#[cfg(target_os = "macos")]
use macos as system;
#[cfg(windows)]
use windows as system;

pub use system::{
    System, belongs_to_the_administrator, end_with_stacks, is_administrator, keep_segments_small, leave_no_core,
    machine_environment, make_private_folder, mark_as_ours, now, open_without_waiting, stopped, sync_folder,
    tell_manager,
};
