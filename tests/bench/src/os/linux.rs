//! TUN and TAP devices by their system calls (Linux, Documentation/networking/tuntap.rst).

use std::{
    fs::File,
    io,
    os::fd::AsRawFd as _,
    path::{Path, PathBuf},
    thread,
};

use nix::{
    errno::Errno,
    libc,
    sched::{CloneFlags, setns},
};

use super::Kind;

/// Checksums and TCP segments of both families are left to who reads: `TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6`.
const OFFLOADS: libc::c_ulong = 1 | 2 | 4;

/// Makes a device in a network namespace; it lives as long as the file.
///
/// # Errors
/// The namespace is not there, the name is taken or too long, or this process may not.
pub fn create(namespace: &Path, name: &str, kind: Kind) -> io::Result<File> {
    let (namespace, name) = (namespace.to_owned(), name.to_owned());
    // On a thread of its own, for the namespace is the thread's.
    thread::spawn(move || create_here(&namespace, &name, kind))
        .join()
        .map_err(|_| io::Error::other("the thread that makes a device ended"))?
}

fn create_here(namespace: &PathBuf, name: &str, kind: Kind) -> io::Result<File> {
    setns(File::open(namespace)?, CloneFlags::CLONE_NEWNET)?;
    let file = File::options().read(true).write(true).open("/dev/net/tun")?;
    let flags = match kind {
        Kind::OffloadedTun => libc::IFF_TUN | libc::IFF_NO_PI | libc::IFF_VNET_HDR,
        Kind::Tap => libc::IFF_TAP | libc::IFF_NO_PI,
    };
    set_interface(&file, name, flags)?;
    if kind == Kind::OffloadedTun {
        set_offloads(&file)?;
    }
    Ok(file)
}

#[expect(unsafe_code, reason = "an ioctl with a structure")]
fn set_interface(file: &File, name: &str, flags: libc::c_int) -> io::Result<()> {
    // SAFETY: all bits zero is a valid `ifreq`, whose union members are numbers, addresses and null pointers.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    if name.len() >= libc::IFNAMSIZ {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    for (to, from) in request.ifr_name.iter_mut().zip(name.bytes()) {
        *to = from.cast_signed();
    }
    request.ifr_ifru.ifru_flags = flags.try_into().map_err(io::Error::other)?;
    // SAFETY: the descriptor is open, and TUNSETIFF reads one `ifreq`, which outlives the call.
    Errno::result(unsafe { libc::ioctl(file.as_raw_fd(), libc::TUNSETIFF, &raw const request) })?;
    Ok(())
}

#[expect(unsafe_code, reason = "an ioctl with a number")]
fn set_offloads(file: &File) -> io::Result<()> {
    // SAFETY: the descriptor is open, and TUNSETOFFLOAD takes a number, no pointer.
    Errno::result(unsafe { libc::ioctl(file.as_raw_fd(), libc::TUNSETOFFLOAD, OFFLOADS) })?;
    Ok(())
}
