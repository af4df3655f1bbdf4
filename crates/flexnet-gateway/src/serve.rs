//! `serve`: from a configuration to a running gateway, and back down on SIGTERM.

use std::{path::Path, sync::Arc};

use tokio::net::TcpListener;

use crate::{
    api, carriers,
    config::Config,
    connections,
    error::Error,
    follow,
    gateway::{self, Gateway},
    housekeeping,
    network::{self, Network},
    os, tls, waits,
};

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;

/// Runs until asked to stop.
///
/// # Errors
/// What hindered the start.
pub async fn serve(config: &Path) -> Result<(), Error> {
    let config = Config::load(config)?;
    let tls = tls::config(&config.files.certificate, &config.files.certificate_key)?;
    let private_key = gateway::wireguard_key(&config.files.wireguard)?;
    let public_key = private_key.public_key();
    // Before the network: a gateway that finds another one open must not take down its device.
    let address = config.listen;
    let socket = os::hold(address).map_err(|e| Error::Listen(address, e))?;
    let settings = network::Settings {
        device: config.tunnel.device.clone(),
        private_key,
        listen_port: config.tunnel.listen_port,
        mtu: config.tunnel.mtu,
        pools: config.tunnel.pools.clone(),
        portal_networks: config.portal.networks.clone(),
        portal_servers: config.portal.addresses.clone(),
        dns_servers: config.portal.dns_servers.clone(),
    };
    let start = async |leases| Network::start(settings, leases).await.map_err(Error::Network);
    let gateway = Gateway::start(config, public_key, start).await?;
    // After the network: a gateway without its device lets nobody in.
    let listener = match socket.listen(BACKLOG) {
        Ok(listener) => listener,
        Err(error) => {
            gateway.stop().await;
            return Err(Error::Listen(address, error));
        }
    };
    tracing::info!(%address, device = gateway.config.tunnel.device, "the gateway is open");
    run(gateway, listener, tls, os::asked_to_stop()).await;
    tracing::info!("the gateway is closed");
    Ok(())
}

/// Serves an opened gateway until `stop`, then stops it.
pub async fn run(
    gateway: Arc<Gateway>,
    listener: TcpListener,
    tls: Arc<rustls::ServerConfig>,
    stop: impl Future<Output = ()>,
) {
    let router = api::router(Arc::clone(&gateway));
    let stop = async {
        stop.await;
        gateway.waits.close();
    };
    tokio::select! {
        () = connections::serve(listener, tls, router, gateway.config.limits, stop) => {}
        () = housekeeping::run(&gateway) => {}
        () = carriers::follow(&gateway) => {}
        () = waits::follow(&gateway) => {}
        () = follow::follow(&gateway) => {}
    }
    gateway.stop().await;
}
