//! A WireGuard device of ours: made, reconciled, read, removed.

use crate::{Changes, Error, Peer, PeerStatus, PrivateKey};

/// What a device is made from.
#[derive(Debug, Clone)]
pub struct DeviceConfig {
    /// Its name, as `ip link` shows it.
    pub name: String,
    /// Its private key.
    pub private_key: PrivateKey,
    /// UDP port to listen on; 0 for any.
    pub listen_port: u16,
    /// Bytes of the largest packet inside the tunnel.
    pub mtu: u16,
}

/// Who moves the packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// The kernel's own WireGuard.
    Kernel,
    /// gotatun in this process.
    UserSpace,
}

/// A WireGuard device. Dropping it ends a user-space device; a kernel device stays until [`Device::remove`].
#[derive(Debug)]
pub struct Device {
    name: String,
    mtu: u16,
}

impl Device {
    /// Makes the device: the kernel's where it has WireGuard, one in this process otherwise. It has no addresses and no peers yet.
    ///
    /// # Errors
    /// [`Error::BadName`], [`Error::NotOnThisSystem`], [`Error::Create`], [`Error::Listen`].
    pub async fn create(_config: DeviceConfig) -> Result<Self, Error> {
        Err(Error::NotOnThisSystem)
    }

    /// Its name, as `ip link` shows it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Who moves its packets.
    pub fn backend(&self) -> Backend {
        Backend::UserSpace
    }

    /// Bytes of the largest packet inside the tunnel.
    pub fn mtu(&self) -> u16 {
        self.mtu
    }

    /// Makes the device have exactly these peers, and tells what that took. An unchanged peer is not touched.
    ///
    /// # Errors
    /// [`Error::Contradiction`], [`Error::Read`], [`Error::Change`], [`Error::Gone`].
    pub async fn set_peers(&self, _wanted: &[Peer]) -> Result<Changes, Error> {
        Err(Error::NotOnThisSystem)
    }

    /// What the device says of its peers.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Gone`].
    pub async fn peers(&self) -> Result<Vec<PeerStatus>, Error> {
        Err(Error::NotOnThisSystem)
    }

    /// Asks every peer whose endpoint is known for a new handshake, now.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Change`], [`Error::Gone`].
    pub async fn handshake(&self) -> Result<(), Error> {
        Err(Error::NotOnThisSystem)
    }

    /// Takes the device away.
    ///
    /// # Errors
    /// [`Error::Remove`].
    pub async fn remove(self) -> Result<(), Error> {
        Err(Error::NotOnThisSystem)
    }
}

/// Takes away what a killed process left of a device with this name: the kernel's device, the socket of one in user space.
/// Whether there was anything. Blocks for some milliseconds.
///
/// # Errors
/// [`Error::Remove`].
pub fn remove_leftover(_name: &str) -> Result<bool, Error> {
    Ok(false)
}
