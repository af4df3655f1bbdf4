//! `serve`: from a configuration to a running gateway, and back down on SIGTERM.

use std::{path::Path, sync::Arc};

use tokio::net::TcpListener;

use crate::{
    api,
    config::Config,
    connections,
    error::Error,
    gateway::{self, Gateway},
    housekeeping,
    network::{self, Network},
    os, tls,
};

/// Runs until asked to stop.
///
/// # Errors
/// What hindered the start.
pub async fn serve(config: &Path) -> Result<(), Error> {
    let config = Config::load(config)?;
    let tls = tls::config(&config.files.certificate, &config.files.certificate_key)?;
    let private_key = gateway::wireguard_key(&config.files.wireguard)?;
    let public_key = private_key.public_key();
    // Before the network: a second gateway must not take down the first one's device.
    let listener = TcpListener::bind(config.listen).await.map_err(|e| Error::Listen(config.listen, e))?;
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
    tracing::info!(address = %gateway.config.listen, device = gateway.config.tunnel.device, "the gateway is open");
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
    tokio::select! {
        () = connections::serve(listener, tls, router, gateway.config.limits, stop) => {}
        () = housekeeping::run(&gateway) => {}
    }
    gateway.stop().await;
}
