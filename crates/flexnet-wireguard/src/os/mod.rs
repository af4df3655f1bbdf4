//! What differs between systems. Each gives a `Native` device, `create`, `leftover` and `remove_leftover`.
//! Linux: [`kernel`], else [`device`]. macOS: [`device`]. Windows: not yet.
//! In user space: [`user_space`] on a [`link`], which is a [`tun`] with [`offload`], and a [`udp`] socket
//! to [`endpoint`]s; [`window`] shows it.

#[cfg(unix)]
mod device;
#[cfg(unix)]
mod endpoint;
#[cfg(unix)]
pub mod fuzz;
#[cfg(target_os = "linux")]
mod kernel;
#[cfg(unix)]
mod link;
#[cfg(unix)]
mod offload;
#[cfg(unix)]
#[cfg_attr(target_os = "linux", path = "tun_linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "tun_macos.rs")]
mod tun;
#[cfg(unix)]
mod udp;
#[cfg(unix)]
mod user_space;
#[cfg(unix)]
mod window;

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(target_os = "macos", path = "macos.rs")]
#[cfg_attr(not(any(target_os = "linux", target_os = "macos")), path = "other.rs")]
mod native;

pub(crate) use native::{Native, create, leftover, remove_leftover};
