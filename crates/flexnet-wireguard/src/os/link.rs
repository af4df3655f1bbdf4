//! The seam to the device that gives and takes IP packets: a TUN device of the system, or a pair of sockets in the tests.

use std::{
    io::{self, IoSlice},
    os::fd::BorrowedFd,
};

use super::offload::Offload;

/// A TUN device that never makes its caller wait.
pub(super) trait Link: Send + Sync + 'static {
    /// What to wait on until something can be read.
    fn descriptor(&self) -> BorrowedFd<'_>;
    /// What one write may put together.
    fn offload(&self) -> Offload;
    /// Bytes of the largest packet, as the system has it now.
    fn mtu(&self) -> io::Result<u16>;
    /// Reads a frame: a [`super::offload::VnetHeader`] and a packet.
    fn read(&self, frame: &mut [u8]) -> io::Result<usize>;
    /// Writes a frame. The first slice is its [`super::offload::VnetHeader`].
    fn write(&self, frame: &[IoSlice<'_>]) -> io::Result<()>;
}
