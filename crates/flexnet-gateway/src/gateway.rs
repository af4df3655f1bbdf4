//! Everything that a running gateway is made of, in one place. Built once by `serve`, and by the tests over a fake tunnel.

use std::{future::Future, path::Path, sync::Arc};

use flexnet_protocol::Key;
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;

use crate::{
    attempts::{self, Abandoned},
    audit,
    budgets::Budgets,
    carriers::Carriers,
    clock::Clock,
    config::Config,
    db::Database,
    error::Error,
    gateways::Own,
    leases::Leases,
    network::Network,
    passwords::Passwords,
    seal::Keys,
    waits::Waits,
};

/// A running gateway.
#[derive(Debug)]
pub struct Gateway {
    /// The checked configuration.
    pub config: Config,
    /// The database.
    pub database: Database,
    /// This run's row there.
    pub own: Own,
    /// Everything keyed.
    pub keys: Arc<Keys>,
    /// The clock.
    pub clock: Arc<Clock>,
    /// The pool for Argon2id.
    pub passwords: Passwords,
    /// Sign-ins by network.
    pub budgets: Budgets,
    /// Connections that carry WireGuard.
    pub carriers: Arc<Carriers>,
    /// Peers of the live leases.
    pub network: Network,
    /// The WireGuard key that members are told.
    pub public_key: Key,
    /// Rings when an attempt has ended; who repeats an attempt waits for it.
    pub attempt_ended: Notify,
    /// Who waits for a session to change.
    pub waits: Waits,
    /// Attempts that run to their end whatever becomes of the connection.
    pub tasks: TaskTracker,
}

impl Gateway {
    /// Opens the database, settles what an earlier process left open, and starts the network with `network`.
    ///
    /// # Errors
    /// The phase that failed.
    pub async fn start<F, N>(config: Config, public_key: Key, network: F) -> Result<Arc<Self>, Error>
    where
        F: FnOnce(Arc<Leases>) -> N,
        N: Future<Output = Result<Network, Error>>,
    {
        let keys = Arc::new(Keys::load(&config.files.keys)?);
        let database = Database::open(&config.database).await?;
        let clock = Arc::new(Clock::new(audit::latest(database.read()).await?));
        let id = config.id.clone();
        let own = Own::appear(&database, &id, clock.now()).await?;
        attempts::close_abandoned(&database, &keys, &id, Abandoned::Of(&id), clock.now()).await?;
        let leases =
            Leases { database: database.clone(), gateway: id, keys: Arc::clone(&keys), clock: Arc::clone(&clock) };
        let network = network(Arc::new(leases)).await?;
        Ok(Arc::new(Self {
            passwords: Passwords::new(config.limits.hashes, config.limits.waiting)?,
            budgets: Budgets::new(config.limits),
            carriers: Carriers::new(config.limits.carriers, config.tunnel.listen_port),
            config,
            database,
            own,
            keys,
            clock,
            network,
            public_key,
            attempt_ended: Notify::new(),
            waits: Waits::default(),
            tasks: TaskTracker::new(),
        }))
    }

    /// Takes leave of the carriers, waits for the attempts that run, takes the network down, closes the database.
    pub async fn stop(self: Arc<Self>) {
        self.carriers.close().await;
        self.tasks.close();
        self.tasks.wait().await;
        self.database.close().await;
        match Arc::try_unwrap(self) {
            Ok(gateway) => {
                if let Err(error) = gateway.network.stop().await {
                    tracing::error!(%error, "the network was not taken down completely");
                }
            }
            Err(_) => tracing::error!("the network is still in use and was not taken down"),
        }
    }
}

/// Reads the WireGuard key of a gateway's folder.
///
/// # Errors
/// [`Error::Read`], [`Error::WireGuardKey`].
pub fn wireguard_key(file: &Path) -> Result<flexnet_wireguard::PrivateKey, Error> {
    let text = std::fs::read_to_string(file).map_err(|e| Error::Read(file.to_owned(), e))?;
    let text = zeroize::Zeroizing::new(text);
    flexnet_wireguard::PrivateKey::from_base64(text.trim()).map_err(Error::WireGuardKey)
}
