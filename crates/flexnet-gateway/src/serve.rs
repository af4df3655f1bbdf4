//! `serve`: from a configuration to a running gateway, and back down on SIGTERM.

use std::{net::SocketAddr, path::Path, sync::Arc};

use flexnet_wireguard::PrivateKey;
use tokio::net::TcpListener;

use crate::{
    api, carriers,
    config::Config,
    connections, desk,
    error::Error,
    follow,
    gateway::{self, Gateway},
    housekeeping,
    network::{self, Network},
    operations,
    os::{self, Word},
    pages,
    plain::{self, Greeting},
    tls::{self, Certificate},
    waits,
};

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;

/// Runs until asked to stop.
///
/// # Errors
/// What hindered the start.
pub async fn serve(path: &Path) -> Result<(), Error> {
    let config = Config::load(path)?;
    let certificate = Certificate::load(&config.files.certificate, &config.files.certificate_key)?;
    let tls = tls::serving(Arc::clone(&certificate))?;
    let private_key = gateway::wireguard_key(&config.files.wireguard)?;
    let public_key = private_key.public_key();
    // Before the network: a gateway that finds another one open must not take down its device.
    let address = config.listen;
    let socket = os::hold(address).map_err(|e| Error::Listen(address, e))?;
    let watched = config.operations.listen.map(watched).transpose()?;
    let plain = plain::hold(&config.plain.listen);
    let console = config.console.as_ref().map(|console| desk::Listener::open(console, &certificate)).transpose()?;
    let settings = settings(&config, private_key);
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
    operations::note_certificate(&gateway, &certificate);
    os::tell_manager(Word::Ready);
    let watching = tokio::spawn(operations::serve(Arc::downgrade(&gateway), watched));
    let greeting = Greeting::Gateway(gateway.config.name.clone());
    let greeted = tokio::spawn(plain.serve(greeting));
    let reloading = tokio::spawn(operations::reload_when_asked(Arc::downgrade(&gateway), certificate, path.to_owned()));
    let console = console.map(|listener| desk::spawn(Arc::clone(&gateway), listener));
    let own = gateway.own.clone();
    let stop = async {
        tokio::select! {
            () = os::asked_to_stop() => {}
            () = own.lost() => {}
        }
        reloading.abort();
        if let Some(console) = console {
            console.close().await;
        }
    };
    run(gateway, listener, tls, stop).await;
    watching.abort();
    greeted.abort();
    tracing::info!("the gateway is closed");
    Ok(())
}

/// The gateway's network as configured.
pub fn settings(config: &Config, private_key: PrivateKey) -> network::Settings {
    network::Settings {
        device: config.tunnel.device.clone(),
        private_key,
        listen_port: config.tunnel.listen_port,
        mtu: config.tunnel.mtu,
        pools: config.tunnel.pools.clone(),
        portal_networks: config.portal.networks.clone(),
        portal_servers: config.portal.addresses.clone(),
        dns_servers: config.portal.dns_servers.clone(),
    }
}

/// The listener for the machines that watch. Open from the start: they see a gateway that is not ready yet.
fn watched(address: SocketAddr) -> Result<TcpListener, Error> {
    let listener = os::hold(address).and_then(|socket| socket.listen(BACKLOG));
    listener.map_err(|e| Error::Listen(address, e))
}

/// Serves an opened gateway until `stop`, then stops it.
pub async fn run(
    gateway: Arc<Gateway>,
    listener: TcpListener,
    tls: Arc<rustls::ServerConfig>,
    stop: impl Future<Output = ()>,
) {
    let router = pages::router(Arc::clone(&gateway)).merge(api::router(Arc::clone(&gateway)));
    let stop = async {
        stop.await;
        operations::drain(&gateway).await;
        gateway.waits.close();
    };
    tokio::select! {
        () = connections::serve(listener, tls, router, gateway.config.limits, |from| gateway.admission.guest(from), stop) => {}
        () = housekeeping::run(&gateway) => {}
        () = carriers::follow(&gateway) => {}
        () = waits::follow(&gateway) => {}
        () = operations::follow(&gateway) => {}
        () = follow::follow(&gateway) => {}
    }
    gateway.stop().await;
}
