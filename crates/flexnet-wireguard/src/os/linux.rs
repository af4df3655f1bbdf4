//! Linux: the kernel's WireGuard where it has it, gotatun on a TUN device where not.

use std::io;

use gotatun::tun::tun;

use super::{
    kernel::{self, Kernel},
    tun::Tun,
    user_space::UserSpace,
    window,
};
use crate::{
    Backend, Changes, DeviceConfig, Error, Peer,
    system::{Found, System},
};

#[derive(Debug)]
pub(crate) enum Native {
    Kernel(Kernel),
    UserSpace(UserSpace),
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
    let (tun, closed) = Tun::create(&name, config.mtu).map_err(|source| Error::Create { name, source })?;
    let (device, name) = UserSpace::start(tun, closed, config).await?;
    Ok((Native::UserSpace(device), name))
}

pub(super) fn name_tun(config: &mut tun::Configuration, name: &str) {
    config.tun_name(name);
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
