//! Everything that a running gateway is made of, in one place. Built once by `serve`, and by the tests over a fake tunnel.

use std::{future::Future, path::Path, sync::Arc, time::Duration};

use flexnet_protocol::Key;
use tokio::{sync::Notify, time::timeout};
use tokio_util::task::TaskTracker;

use crate::{
    accounts,
    admission::Admission,
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
    metrics::Metrics,
    network::Network,
    operations::{Note, Pulse},
    passwords::Passwords,
    reports,
    seal::{Keys, rotate},
    steps::{Step, reached},
    verifier::Verifier,
    waits::Waits,
};

/// Sign-ins that are at the database while others have the processors, so that none of the two waits for the other.
const AHEAD: usize = 6;

/// The same for sign-ins that wait for a judge elsewhere, which costs nothing here.
const ELSEWHERE: usize = 128;

/// How long an answer waits for the peers that it is about.
const PEER_LIMIT: Duration = Duration::from_secs(3);

/// How long a gateway that stops waits for those that still look at it.
const FAREWELL: Duration = Duration::from_secs(3);

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
    /// The line in front of the sign-in.
    pub admission: Arc<Admission>,
    /// What is counted for whoever watches.
    pub metrics: Metrics,
    /// What it knows of itself.
    pub pulse: Pulse,
    /// Whether it is being worked on.
    pub note: Note,
    /// The pool for Argon2id.
    pub passwords: Passwords,
    /// Who judges passwords and TANs elsewhere.
    pub verifier: Verifier,
    /// Sign-ins by network.
    pub budgets: Budgets,
    /// Reports of diagnoses by network.
    pub reports: reports::Gate,
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
        let database = Database::open(&config.database).await?.sealed_by(keys.audit()).await?;
        rotate::follow(&database, &keys, Some(&config.id)).await?;
        let clock = Arc::new(Clock::new(audit::latest(database.read()).await?));
        let id = config.id.clone();
        let own = Own::appear(&database, &id, clock.now()).await?;
        attempts::close_abandoned(&database, &keys, &id, Abandoned::Of(&id), clock.now()).await?;
        let leases =
            Leases { database: database.clone(), own: own.clone(), keys: Arc::clone(&keys), clock: Arc::clone(&clock) };
        let network = network(Arc::new(leases)).await?;
        let passwords = Passwords::new(config.limits.hashes, config.limits.waiting)?;
        let verifier = Verifier::open(&config.verifier, &config.name)?;
        let elsewhere = if verifier.asks() { ELSEWHERE } else { 0 };
        let admission = Admission::new(AHEAD + elsewhere + 2 * passwords.at_once(), config.limits.waiting);
        admission.remember(accounts::networks(database.read()).await?);
        let pulse = Pulse::new();
        pulse.answered();
        Ok(Arc::new(Self {
            admission,
            metrics: Metrics::new(),
            pulse,
            note: Note::new(config.maintenance),
            passwords,
            verifier,
            budgets: Budgets::new(config.limits),
            reports: reports::Gate::new(config.limits, config.reports),
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

    /// Waits until the peers are those of the live sessions. If that takes too long the network tries again every second, and whoever waits goes on:
    /// a client's handshake waits for its peer.
    pub async fn settled(&self) {
        match timeout(PEER_LIMIT, self.network.settled()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the peers are not those of the live sessions yet"),
            Err(_) => tracing::error!("the network is slow: the peers may not be those of the live sessions yet"),
        }
        reached(Step::PeersSettled);
    }

    /// Takes leave of the carriers, waits for the attempts that run, takes the network down, closes the database.
    pub async fn stop(self: Arc<Self>) {
        self.carriers.close().await;
        self.tasks.close();
        self.tasks.wait().await;
        self.database.close().await;
        // Who watches may just be asking.
        let alone = async {
            while Arc::strong_count(&self) > 1 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        drop(timeout(FAREWELL, alone).await);
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
