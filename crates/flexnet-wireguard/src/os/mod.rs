//! What differs between systems. Each gives a `Native` device, `create` and `remove_leftover`.
//! Linux: [`kernel`], else [`user_space`] with its [`tun`] and [`window`]. macOS: in user space. Windows: not yet.

#[cfg(target_os = "linux")]
mod kernel;
#[cfg(unix)]
mod tun;
#[cfg(unix)]
mod user_space;
#[cfg(unix)]
mod window;

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(target_os = "macos", path = "macos.rs")]
#[cfg_attr(not(any(target_os = "linux", target_os = "macos")), path = "other.rs")]
mod native;

pub(crate) use native::{Native, create, remove_leftover};
