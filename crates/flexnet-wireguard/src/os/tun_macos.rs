//! macOS's utun device. It has no segmentation offload: one packet a call.
#![expect(unsafe_code, reason = "the library lends its descriptor as a number")]

use std::{
    io::{self, IoSlice},
    os::fd::{AsRawFd as _, BorrowedFd},
};

use tun::AbstractDevice as _;

use super::{
    link::Link,
    offload::{Offload, VNET},
};

/// A utun device. The system takes it away when this is dropped.
pub(super) struct Tun {
    device: tun::Device,
    name: String,
}

impl Tun {
    /// Makes a device: down, without addresses. The system chooses its name.
    pub(super) fn create(_name: &str, mtu: u16) -> io::Result<Self> {
        let mut config = tun::Configuration::default();
        config.mtu(mtu).platform_config(|platform| {
            platform.enable_routing(false);
        });
        let device = tun::create(&config).map_err(io::Error::other)?;
        device.set_nonblock()?;
        let name = device.tun_name().map_err(io::Error::other)?;
        Ok(Self { device, name })
    }

    /// The name that the system gave it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

impl Link for Tun {
    fn descriptor(&self) -> BorrowedFd<'_> {
        // SAFETY: the descriptor is open for as long as the device, and so is the borrow.
        unsafe { BorrowedFd::borrow_raw(self.device.as_raw_fd()) }
    }

    fn offload(&self) -> Offload {
        Offload::default()
    }

    fn mtu(&self) -> io::Result<u16> {
        self.device.mtu().map_err(io::Error::other)
    }

    fn read(&self, frame: &mut [u8]) -> io::Result<usize> {
        let Some((header, packet)) = frame.split_first_chunk_mut::<VNET>() else { return Ok(0) };
        *header = [0; VNET];
        Ok(self.device.recv(packet)? + VNET)
    }

    fn write(&self, frame: &[IoSlice<'_>]) -> io::Result<()> {
        let packet: Vec<u8> = frame.iter().skip(1).flat_map(|slice| slice.iter().copied()).collect();
        self.device.send(&packet).map(drop)
    }
}

impl std::fmt::Debug for Tun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tun").field("name", &self.name).finish_non_exhaustive()
    }
}
