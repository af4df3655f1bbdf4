//! The TUN device under a user-space WireGuard: gotatun's, with a way to know when the last handle on it is closed.

use std::{convert::Infallible, io};

use gotatun::{
    packet::{Ip, Packet, PacketBufPool},
    tun::{IpRecv, IpSend, MtuWatcher, tun, tun_async_device::TunDevice},
};
use tokio::sync::mpsc;

/// A handle on the device. The system takes the device away when the last one is dropped.
#[derive(Clone)]
pub(crate) struct Tun {
    // Dropped in this order: who sees the sender gone may rely on the device being gone.
    device: TunDevice,
    _open: mpsc::Sender<Infallible>,
}

/// Ends when no handle is left.
#[derive(Debug)]
pub(crate) struct Closed(mpsc::Receiver<Infallible>);

impl Tun {
    /// Makes a TUN device: down, without addresses.
    pub(crate) fn create(name: &str, mtu: u16) -> io::Result<(Self, Closed)> {
        let mut config = tun::Configuration::default();
        config.mtu(mtu);
        super::native::name_tun(&mut config, name);
        let device = tun::create_as_async(&config).map_err(io::Error::other)?;
        let device = TunDevice::from_tun_device(device).map_err(io::Error::other)?;
        let (open, closed) = mpsc::channel(1);
        Ok((Self { device, _open: open }, Closed(closed)))
    }

    /// The name that the system gave it.
    pub(crate) fn name(&self) -> io::Result<String> {
        self.device.name().map_err(io::Error::other)
    }
}

impl Closed {
    /// Waits until it is.
    pub(crate) async fn wait(mut self) {
        // Nothing is ever sent: this is the end of the senders.
        let _: Option<Infallible> = self.0.recv().await;
    }
}

impl IpSend for Tun {
    async fn send(&mut self, packet: Packet<Ip>) -> io::Result<()> {
        self.device.send(packet).await
    }
}

impl IpRecv for Tun {
    async fn recv<'a>(
        &'a mut self,
        pool: &mut PacketBufPool,
    ) -> io::Result<impl Iterator<Item = Packet<Ip>> + Send + 'a> {
        self.device.recv(pool).await
    }

    fn mtu(&self) -> MtuWatcher {
        self.device.mtu()
    }
}
