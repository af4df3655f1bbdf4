//! What can go wrong, by phase. Display says the phase, the source says why.

use std::io;

/// A device could not be made, changed or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The system gave no random numbers.
    #[error("no random numbers from the system")]
    Random(#[source] getrandom::Error),
    /// The text is no private key.
    #[error("not a private key: 32 bytes in base64 are expected")]
    BadKey,
    /// The name cannot be one of a network device.
    #[error("`{0}` cannot be the name of a network device")]
    BadName(String),
    /// There are no WireGuard devices of ours on this system yet.
    #[error("WireGuard devices are not built for this system yet")]
    NotOnThisSystem,
    /// Neither the kernel's nor a user-space device could be made.
    #[error("cannot create the WireGuard device `{name}`")]
    Create {
        /// Name of the device.
        name: String,
        /// Why.
        source: io::Error,
    },
    /// The UDP port is taken, or may not be used.
    #[error("cannot listen on UDP port {port}")]
    Listen {
        /// The wanted port, 0 for any.
        port: u16,
        /// Why.
        source: io::Error,
    },
    /// Two wanted peers have the same public key, or claim the same address.
    #[error("the wanted peers contradict each other: {0}")]
    Contradiction(&'static str),
    /// The device could not be read.
    #[error("cannot read the WireGuard device `{name}`")]
    Read {
        /// Name of the device.
        name: String,
        /// Why.
        source: io::Error,
    },
    /// The device could not be changed.
    #[error("cannot change the WireGuard device `{name}`")]
    Change {
        /// Name of the device.
        name: String,
        /// Why.
        source: io::Error,
    },
    /// The device is no longer there: something else took it away.
    #[error("the WireGuard device `{0}` is gone")]
    Gone(String),
    /// The device, or what was left of one, could not be removed.
    #[error("cannot remove the WireGuard device `{name}`")]
    Remove {
        /// Name of the device.
        name: String,
        /// Why.
        source: io::Error,
    },
}
