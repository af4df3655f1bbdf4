//! Linux: the kernel's WireGuard where it has it, a user-space one on a TUN device where not.

use std::io;

use super::{
    device::TunDevice,
    kernel::{self, Kernel},
    window,
};
use crate::{
    Backend, Changes, DeviceConfig, Error, Peer,
    system::{Found, System},
};

#[derive(Debug)]
pub(crate) enum Native {
    Kernel(Kernel),
    UserSpace(TunDevice),
}

pub(crate) async fn create(config: DeviceConfig) -> Result<(Native, String), Error> {
    let name = config.name.clone();
    match Kernel::create(&config).await {
        Ok(kernel) => return Ok((Native::Kernel(kernel), name)),
        // EOPNOTSUPP: this kernel has no such kind of link. Anything else is a failure that a second device would only hide.
        Err(source) if source.kind() == io::ErrorKind::Unsupported => {
            tracing::debug!(device = name, "the kernel has no WireGuard");
        }
        Err(source) => return Err(Error::Create { name, source }),
    }
    let (device, name) = TunDevice::create(&config)?;
    Ok((Native::UserSpace(device), name))
}

pub(crate) fn leftover(name: &str) -> Result<bool, Error> {
    let failed = |source| Error::Remove { name: name.to_owned(), source };
    Ok(kernel::leftover(name).map_err(failed)? || window::leftover(name).map_err(failed)?)
}

pub(crate) fn remove_leftover(name: &str) -> Result<bool, Error> {
    let failed = |source| Error::Remove { name: name.to_owned(), source };
    let kernel = kernel::remove_leftover(name).map_err(failed)?;
    let window = window::remove_leftover(name).map_err(failed)?;
    Ok(kernel || window)
}

impl System for Native {
    fn backend(&self) -> Backend {
        match self {
            Self::Kernel(device) => device.backend(),
            Self::UserSpace(device) => device.backend(),
        }
    }

    fn listen_port(&self) -> u16 {
        match self {
            Self::Kernel(device) => device.listen_port(),
            Self::UserSpace(device) => device.listen_port(),
        }
    }

    fn keeps_sessions(&self) -> bool {
        match self {
            Self::Kernel(device) => device.keeps_sessions(),
            Self::UserSpace(device) => device.keeps_sessions(),
        }
    }

    async fn read(&self) -> Result<Vec<Found>, Error> {
        match self {
            Self::Kernel(device) => device.read().await,
            Self::UserSpace(device) => device.read().await,
        }
    }

    async fn change(&self, changes: &Changes) -> Result<(), Error> {
        match self {
            Self::Kernel(device) => device.change(changes).await,
            Self::UserSpace(device) => device.change(changes).await,
        }
    }

    async fn invite(&self, peers: &[Peer]) -> Result<(), Error> {
        match self {
            Self::Kernel(device) => device.invite(peers).await,
            Self::UserSpace(device) => device.invite(peers).await,
        }
    }

    async fn remove(self) -> Result<(), Error> {
        match self {
            Self::Kernel(device) => device.remove().await,
            Self::UserSpace(device) => device.remove().await,
        }
    }
}
