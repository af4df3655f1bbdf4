//! The gateway's network on each system, behind one name: [`Tunnel`]. Where it is not built, raising it says so.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod other;

#[cfg(target_os = "linux")]
pub(super) use linux::Tunnel;
#[cfg(not(target_os = "linux"))]
pub(super) use other::Tunnel;
