//! The tunnel device while the sign-in is being answered: no addresses, no routes, a peer that may send nothing inside.
//! Its only packet is WireGuard's initiation. Becomes the tunnel's device if the gateway grants these keys, and is removed otherwise.

use std::sync::Arc;

use flexnet_protocol::{Fault, FaultCode, gateway::TunnelGrant};
use flexnet_wireguard::{Backend, Device, DeviceConfig, Peer, PrivateKey};
use tokio::task::JoinHandle;

use super::{DEVICE, link::Own, probe::is_routed, told};
use crate::early::Early;

/// Until the grant says better.
const MTU: u16 = 1420;

/// The device, and what it was made from.
pub(super) struct Ahead {
    device: Arc<Device>,
    early: Early,
    invitation: JoinHandle<()>,
}

impl Ahead {
    /// Makes the device and begins the handshake. The change is in the journal already.
    pub(super) async fn start(early: Early) -> Result<Self, Fault> {
        let failed = |error: &flexnet_wireguard::Error| Fault::new(FaultCode::TunnelDevice, told(error));
        let private_key = early.keys.private_key.clone();
        let config = DeviceConfig { name: DEVICE.into(), private_key, listen_port: 0, mtu: MTU, serves: false };
        let device = Device::create(config).await.map_err(|e| failed(&e))?;
        if device.backend() == Backend::Kernel {
            // The kernel's WireGuard has no socket while it is down. Without an address nothing of this PC goes into it.
            Own::find(DEVICE).await?.up(MTU).await?;
        }
        let endpoints = &early.hint.endpoints;
        let peer = Peer {
            public_key: early.hint.public_key.clone(),
            preshared_key: Some(early.keys.preshared_key.clone()),
            endpoint: endpoints.iter().find(|end| is_routed(end)).or(endpoints.first()).copied(),
            allowed_ips: Vec::new(),
            keepalive_seconds: 0,
        };
        device.set_peers(&[peer]).await.map_err(|e| failed(&e))?;
        let device = Arc::new(device);
        let invited = Arc::clone(&device);
        // Beside the entry, not before it: who is asked answers when the sign-in has installed the peer.
        let invitation = tokio::spawn(async move {
            if let Err(error) = invited.handshake().await {
                tracing::debug!(%error, "no early handshake");
            }
        });
        Ok(Self { device, early, invitation })
    }

    /// Whether this is the device that was granted.
    pub(super) fn fits(&self, grant: &TunnelGrant, private_key: &PrivateKey) -> bool {
        self.early.fits(grant, private_key)
    }

    /// The device, its handshake done or on its way.
    pub(super) async fn into_device(self) -> Option<Device> {
        self.invitation.abort();
        // Afterwards nobody else holds the device.
        drop(self.invitation.await);
        Arc::into_inner(self.device)
    }
}
