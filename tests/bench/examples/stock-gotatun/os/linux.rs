//! gotatun with everything that it brings itself.

use anyhow::anyhow;
use gotatun::device::{DeviceBuilder, uapi::UapiServer};

pub(crate) async fn serve(name: &str) -> anyhow::Result<()> {
    let uapi = UapiServer::default_unix_socket(name, None, None).map_err(|error| anyhow!("{error}"))?;
    let _device = DeviceBuilder::new().with_uapi(uapi).with_default_udp().create_tun(name)?.build().await?;
    std::future::pending().await
}
