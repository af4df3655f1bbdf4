//! WireGuard devices as desired state, for service and gateway: the caller says which peers there should be, only differences are applied.
//! Never sets addresses, routes or links up: that is the caller's. Never writes a key anywhere but into the device.
//! Start at [`Device`]; what follows from two lists of peers is in [`reconcile`]; each system's devices are in `os`.

mod device;
mod error;
mod key;
#[doc(hidden)]
pub mod os;
mod peer;
pub mod reconcile;
mod system;

pub use device::{Backend, Device, DeviceConfig, leftover, remove_leftover};
pub use error::Error;
pub use key::PrivateKey;
pub use peer::{Peer, PeerStatus};
pub use reconcile::Changes;
