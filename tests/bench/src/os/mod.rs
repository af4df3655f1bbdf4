//! Devices that are made by a system call in another network namespace. Linux only: elsewhere each answers that it is not there.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub use linux::create;

#[cfg(not(target_os = "linux"))]
mod other;
#[cfg(not(target_os = "linux"))]
pub use other::create;

/// What kind of device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// IP packets, each behind a virtio header, up to 64 KiB and with unfinished checksums: the most that a TUN can.
    OffloadedTun,
    /// Ethernet frames, each finished and no longer than the MTU.
    Tap,
}
