//! Linux's TUN device, with segmentation offload where the kernel has it.
#![expect(
    unsafe_code,
    reason = "the kernel's TUN devices are made by ioctl, for which no kept library has these calls"
)]

use std::{
    ffi::CStr,
    fs::{File, OpenOptions},
    io::{self, IoSlice, Read as _, Write as _},
    os::{
        fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd},
        unix::fs::OpenOptionsExt as _,
    },
};

use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};

use super::{
    link::Link,
    offload::{Offload, VNET},
};

/// `TUN_F_CSUM`, `TUN_F_TSO4`, `TUN_F_TSO6`, `TUN_F_TSO_ECN` of linux/if_tun.h.
const OFFLOAD_TCP: libc::c_ulong = 1 | 2 | 4 | 8;
/// `TUN_F_USO4`, `TUN_F_USO6`.
const OFFLOAD_UDP: libc::c_ulong = 0x20 | 0x40;

/// A TUN device. The system takes it away when this is dropped.
#[derive(Debug)]
pub(super) struct Tun {
    file: File,
    name: String,
    /// For asking the system about the device by its name.
    asking: OwnedFd,
    /// The kernel sets a virtio-net header before each packet.
    vnet: bool,
    offload: Offload,
}

impl Tun {
    /// Makes a TUN device: down, without addresses.
    pub(super) fn create(name: &str, mtu: u16) -> io::Result<Self> {
        let open = || {
            let flags = libc::O_NONBLOCK | libc::O_CLOEXEC;
            OpenOptions::new().read(true).write(true).custom_flags(flags).open("/dev/net/tun")
        };
        let mut request = request(name)?;
        let plain = libc::IFF_TUN | libc::IFF_NO_PI;
        let mut file = open()?;
        let vnet = match attach(&file, &mut request, plain | libc::IFF_VNET_HDR) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                file = open()?;
                attach(&file, &mut request, plain)?;
                false
            }
            Err(error) => return Err(error),
        };
        // SAFETY: the kernel has written a name that ends with a zero byte.
        let given = unsafe { CStr::from_ptr(request.ifr_name.as_ptr()) };
        let name = given.to_str().map_err(io::Error::other)?.to_owned();
        let asking = socket(AddressFamily::Inet, SockType::Datagram, SockFlag::SOCK_CLOEXEC, None)?;
        let offload = if vnet { negotiate(&file) } else { Offload::default() };
        let tun = Self { file, name, asking, vnet, offload };
        tun.set_mtu(mtu)?;
        tracing::debug!(device = tun.name, vnet, ?offload, "TUN device made");
        Ok(tun)
    }

    /// The name that the system gave it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    fn set_mtu(&self, mtu: u16) -> io::Result<()> {
        let mut request = request(&self.name)?;
        request.ifr_ifru.ifru_mtu = mtu.into();
        // SAFETY: the request is a valid `ifreq` for the time of the call, with the member that SIOCSIFMTU reads.
        unsafe { siocsifmtu(self.asking.as_raw_fd(), &raw const request) }.map(drop).map_err(Into::into)
    }
}

impl Link for Tun {
    fn descriptor(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }

    fn offload(&self) -> Offload {
        self.offload
    }

    fn mtu(&self) -> io::Result<u16> {
        let mut request = request(&self.name)?;
        // SAFETY: the request is a valid `ifreq` for the time of the call.
        unsafe { siocgifmtu(self.asking.as_raw_fd(), &raw mut request) }?;
        // SAFETY: the call succeeded, so SIOCGIFMTU has written this member.
        let mtu = unsafe { request.ifr_ifru.ifru_mtu };
        Ok(u16::try_from(mtu).unwrap_or(u16::MAX))
    }

    fn read(&self, frame: &mut [u8]) -> io::Result<usize> {
        if self.vnet {
            return (&self.file).read(frame);
        }
        let Some((header, packet)) = frame.split_first_chunk_mut::<VNET>() else { return Ok(0) };
        *header = [0; VNET];
        Ok((&self.file).read(packet)? + VNET)
    }

    fn write(&self, frame: &[IoSlice<'_>]) -> io::Result<()> {
        let frame = if self.vnet { frame } else { frame.get(1..).unwrap_or_default() };
        (&self.file).write_vectored(frame).map(drop)
    }
}

/// Asks for all offloads, then for fewer. The kernel takes all that it is asked for, or none.
fn negotiate(file: &File) -> Offload {
    let offers = [
        (OFFLOAD_TCP | OFFLOAD_UDP, Offload { tcp: true, udp: true }),
        (OFFLOAD_TCP, Offload { tcp: true, udp: false }),
    ];
    for (flags, offload) in offers {
        // SAFETY: TUNSETOFFLOAD takes its flags by value; the descriptor is open.
        if unsafe { tunsetoffload(file.as_raw_fd(), flags) }.is_ok() {
            return offload;
        }
    }
    Offload::default()
}

fn attach(file: &File, request: &mut libc::ifreq, flags: libc::c_int) -> io::Result<()> {
    request.ifr_ifru.ifru_flags = libc::c_short::try_from(flags).map_err(io::Error::other)?;
    // SAFETY: the request is a valid `ifreq` for the time of the call.
    unsafe { tunsetiff(file.as_raw_fd(), std::ptr::from_mut(request).cast()) }.map(drop).map_err(Into::into)
}

/// A request about the device of this name.
fn request(name: &str) -> io::Result<libc::ifreq> {
    // SAFETY: all zeros are a valid `ifreq`.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    if name.len() >= request.ifr_name.len() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    for (place, byte) in request.ifr_name.iter_mut().zip(name.bytes()) {
        *place = byte.cast_signed();
    }
    Ok(request)
}

nix::ioctl_write_ptr_bad!(siocsifmtu, libc::SIOCSIFMTU, libc::ifreq);
nix::ioctl_read_bad!(siocgifmtu, libc::SIOCGIFMTU, libc::ifreq);
nix::ioctl_write_ptr!(tunsetiff, b'T', 202, libc::c_int);
nix::ioctl_write_int!(tunsetoffload, b'T', 208);
