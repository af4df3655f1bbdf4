//! What differs between operating systems, under the same names on each: [`PROFILE`], [`keyring_store`], [`fence`], [`opened`], [`speak`].
//! Never decides anything; what is not built for a system answers with [`flexnet_protocol::FaultCode::NotOnThisSystem`].

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
pub(crate) use linux::{PROFILE, fence, keyring_store, opened, speak};
#[cfg(target_os = "macos")]
pub(crate) use macos::{PROFILE, fence, keyring_store, opened, speak};
#[cfg(windows)]
pub(crate) use windows::{PROFILE, fence, keyring_store, opened, speak};
