//! A user-space WireGuard on a TUN device of the system, with a window for `wg show`.

use nix::net::if_::if_nametoindex;

use super::{link::Link as _, tun::Tun, user_space::UserSpace, window::Window};
use crate::{
    Backend, Changes, DeviceConfig, Error, Peer,
    system::{Found, System},
};

#[derive(Debug)]
pub(crate) struct TunDevice {
    device: UserSpace<Tun>,
    window: Option<Window>,
    name: String,
    /// The system's number of the TUN device.
    index: u32,
}

impl TunDevice {
    /// Makes it, with the name that the system gives, which is the wanted one on Linux.
    pub(super) fn create(config: &DeviceConfig) -> Result<(Self, String), Error> {
        let failed = |source| Error::Create { name: config.name.clone(), source };
        let tun = Tun::create(&config.name, config.mtu).map_err(failed)?;
        let name = tun.name().to_owned();
        let index = link_index(&name).ok_or_else(|| Error::Gone(name.clone()))?;
        let offload = tun.offload();
        let device = UserSpace::start(&name, tun, config)?;
        tracing::debug!(device = name, ?offload, "packets are moved in user space");
        let window = match Window::open(&name, device.shown()) {
            Ok(window) => Some(window),
            // It is for people who look for a fault. It must not be the fault.
            Err(error) => {
                tracing::warn!(device = name, %error, "`wg show` will not see this device");
                None
            }
        };
        Ok((Self { device, window, name: name.clone(), index }, name))
    }

    /// Linux wakes nobody who waits on a TUN device that is deleted.
    fn stands(&self) -> Result<(), Error> {
        if link_index(&self.name) == Some(self.index) { Ok(()) } else { Err(Error::Gone(self.name.clone())) }
    }
}

impl System for TunDevice {
    fn backend(&self) -> Backend {
        self.device.backend()
    }

    fn listen_port(&self) -> u16 {
        self.device.listen_port()
    }

    fn keeps_sessions(&self) -> bool {
        self.device.keeps_sessions()
    }

    async fn read(&self) -> Result<Vec<Found>, Error> {
        self.stands()?;
        self.device.read().await
    }

    async fn change(&self, changes: &Changes) -> Result<(), Error> {
        self.stands()?;
        self.device.change(changes).await
    }

    async fn invite(&self, peers: &[Peer]) -> Result<(), Error> {
        self.device.invite(peers).await
    }

    async fn remove(self) -> Result<(), Error> {
        drop(self.window);
        self.device.remove().await
    }
}

fn link_index(name: &str) -> Option<u32> {
    if_nametoindex(name).ok()
}
