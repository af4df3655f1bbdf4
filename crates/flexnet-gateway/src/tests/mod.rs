//! The gateway over real HTTPS on loopback, in this process, over a fake tunnel. TANs come from oathtool, the client is no code of ours.

mod administered;
mod bounds;
mod carriers;
mod client;
mod crashes;
mod failover;
mod figures;
mod fleet;
mod guesses;
mod mutants;
#[expect(clippy::duplicate_mod, reason = "the same tests over either database")]
mod on_postgres;
mod on_sqlite;
mod operations;
mod pages;
pub mod postgres;
pub mod replicated;
mod several;
mod waits;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use data_encoding::{BASE32_NOPAD, BASE64, BASE64URL_NOPAD, HEXLOWER};
use flexnet_protocol::{
    FaultCode, Key, Secret,
    gateway::{Grant, Problem},
};
use http_body_util::{BodyExt as _, Full};
use hyper::{HeaderMap, Request, body::Bytes, client::conn::http1, http::request::Builder};
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use zeroize::Zeroizing;

use self::client::{Answer, Client, body, request, secure};
use crate::{
    accounts, audit,
    config::Config,
    db::Database,
    gateway::{self, Gateway},
    guard, init,
    network::{Network, fake::Tunnel},
    passwords,
    seal::Keys,
    serve, tls,
    tokens::{self, Hash, Kind, NewToken, Owner},
};

pub use postgres::postgres;

const PASSWORD: &str = "Praxis-Muster-2026";

/// Which database a stage stands on.
#[derive(Debug, Clone, Copy)]
pub enum Store {
    Sqlite,
    Postgres,
}

/// A running gateway in a folder of its own.
struct Stage {
    folder: PathBuf,
    _dir: tempfile::TempDir,
    fresh: Option<postgres::Fresh>,
    gateway: Arc<Gateway>,
    tunnel: Tunnel,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

/// A member with a token.
struct Member {
    username: String,
    seed: Vec<u8>,
    presses: u64,
}

impl Stage {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// With a configuration that differs.
    async fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::on_with(Store::Sqlite, change).await
    }

    async fn on(store: Store) -> Self {
        Self::on_with(store, |_| {}).await
    }

    async fn on_with(store: Store, change: impl FnOnce(&mut Config)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("gateway");
        init::run(&init::tests::options(&folder, "127.0.0.1:0")).await.unwrap();
        let fresh = match store {
            Store::Sqlite => None,
            Store::Postgres => Some(postgres().await),
        };
        Self::start(dir, folder, fresh, change).await
    }

    /// Another gateway over the same PostgreSQL, with pools of its own.
    async fn beside(&self, id: &str, pool: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let place = self.gateway.config.database.clone();
        Self::start(dir, self.folder.clone(), None, |config| {
            config.database = place;
            config.id = id.into();
            config.tunnel.pools = vec![pool.parse().unwrap()];
        })
        .await
    }

    async fn start(
        dir: tempfile::TempDir,
        folder: PathBuf,
        fresh: Option<postgres::Fresh>,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let mut config = Config::load(&folder.join("gateway.toml")).unwrap();
        if let Some(fresh) = &fresh {
            config.database = fresh.place.clone();
        }
        change(&mut config);
        let tls = tls::config(&config.files.certificate, &config.files.certificate_key).unwrap();
        let public_key = gateway::wireguard_key(&config.files.wireguard).unwrap().public_key();
        let listener = TcpListener::bind(config.listen).await.unwrap();
        let address = listener.local_addr().unwrap();
        let tunnel = Tunnel::default();
        let fake = tunnel.clone();
        let gateway =
            Gateway::start(config, public_key, async |leases| Ok(Network::over(fake, leases).await)).await.unwrap();
        let (stop, stopped) = oneshot::channel();
        let own = gateway.own.clone();
        let stopped = async move {
            tokio::select! {
                _ = stopped => {}
                () = own.lost() => {}
            }
        };
        let served = serve::run(Arc::clone(&gateway), listener, tls, stopped);
        Self { folder, _dir: dir, fresh, gateway, tunnel, address, stop, served: tokio::spawn(served) }
    }

    /// Stops the gateway and starts it again on the same folder.
    async fn restart(self) -> Self {
        // Connections that wait for something to say hold up nothing.
        let (_silent, mut used) = (self.connect().await, self.connect().await);
        used.call("GET", "/v1/info", None, "").await;
        let begun = std::time::Instant::now();
        let Self { folder, _dir, fresh, gateway, tunnel, stop, served, .. } = self;
        drop(gateway);
        stop.send(()).unwrap();
        served.await.unwrap();
        assert!(tunnel.is_lowered(), "the device outlived the gateway");
        assert!(begun.elapsed() < std::time::Duration::from_secs(8), "stopping took {:?}", begun.elapsed());
        Self::start(_dir, folder, fresh, |_| {}).await
    }

    /// Adds an account with one HOTP token.
    async fn member(&self, username: &str) -> Member {
        add_member(&self.gateway.database, &self.gateway.keys, username, self.gateway.clock.now()).await
    }

    async fn unlock(&self, username: &str) {
        let mut write = self.gateway.database.write().await.unwrap();
        assert!(guard::unlock(&mut write, &self.gateway.keys.guard(username)).await.unwrap());
        write.commit().await.unwrap();
    }

    /// Entries left for a name; five if it was never tried.
    async fn attempts_left(&self, username: &str) -> u8 {
        let mut write = self.gateway.database.write().await.unwrap();
        let standing = guard::standing(&mut write, &self.gateway.keys.guard(username)).await.unwrap();
        standing.map_or(5, |standing| standing.attempts_left)
    }

    /// Rows of the audit with this event.
    async fn audited(&self, event: &str) -> Vec<audit::Row> {
        let rows = audit::last(self.gateway.database.read(), None, 100_000).await.unwrap();
        rows.into_iter().filter(|row| row.event == event).collect()
    }

    /// Where in the database these bytes stand as they are.
    async fn holds(&self, secret: &[u8]) -> Vec<String> {
        if self.fresh.is_some() {
            return self.tables_with(secret).await;
        }
        let files = std::fs::read_dir(&self.folder).unwrap().map(|entry| entry.unwrap().path());
        let found = |path: &PathBuf| std::fs::read(path).unwrap().windows(secret.len()).any(|window| window == secret);
        let files = files.filter(|path| path.to_string_lossy().contains("sqlite"));
        files.filter(found).map(|path| path.display().to_string()).collect()
    }

    async fn tables_with(&self, secret: &[u8]) -> Vec<String> {
        let read = self.gateway.database.read();
        let select = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'";
        let tables: Vec<String> = sqlx::query_scalar(select).fetch_all(read).await.unwrap();
        let (text, hex) = (String::from_utf8_lossy(secret).into_owned(), HEXLOWER.encode(secret));
        let mut found = Vec::new();
        for table in tables {
            let rows = sqlx::AssertSqlSafe(format!("SELECT row_to_json(t)::text FROM {table} AS t"));
            let rows: Vec<String> = sqlx::query_scalar(rows).fetch_all(read).await.unwrap();
            if rows.iter().any(|row| row.contains(&text) || row.contains(&hex)) {
                found.push(table);
            }
        }
        found
    }

    async fn connect(&self) -> Client {
        let stream = self.tls(&[aws_lc_rs::kx_group::X25519MLKEM768]).await.unwrap();
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        Client(sender)
    }

    async fn tls(
        &self,
        groups: &[&'static dyn rustls::crypto::SupportedKxGroup],
    ) -> std::io::Result<TlsStream<TcpStream>> {
        self.secure(TcpStream::connect(self.address).await?, groups).await
    }

    async fn secure(
        &self,
        stream: TcpStream,
        groups: &[&'static dyn rustls::crypto::SupportedKxGroup],
    ) -> std::io::Result<TlsStream<TcpStream>> {
        secure(&self.folder, stream, groups).await
    }

    /// A connection that comes from `from`, one of the many addresses of the loopback device.
    async fn connect_from(&self, from: Ipv4Addr) -> std::io::Result<Client> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((from, 0).into())?;
        let stream = socket.connect(self.address).await?;
        let stream = self.secure(stream, &[aws_lc_rs::kx_group::X25519MLKEM768]).await?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(std::io::Error::other)?;
        tokio::spawn(connection);
        Ok(Client(sender))
    }

    /// One sign-in over a connection of its own.
    async fn sign_in(&self, username: &str, password: &str, tan: &str) -> Answer {
        self.connect().await.post(&body(username, password, tan)).await
    }

    /// A right sign-in.
    async fn enter(&self, member: &mut Member) -> Grant {
        let tan = member.press();
        self.sign_in(&member.username, PASSWORD, &tan).await.grant()
    }

    /// Sends all bodies at once, over so many connections that are open before the first is sent.
    async fn burst(&self, connections: usize, bodies: Vec<String>) -> Vec<Answer> {
        let mut hands = Vec::new();
        let barrier = Arc::new(tokio::sync::Barrier::new(connections));
        for hand in 0..connections {
            let mut client = self.connect().await;
            let bodies: Vec<_> = bodies.iter().skip(hand).step_by(connections).cloned().collect();
            let barrier = Arc::clone(&barrier);
            hands.push(tokio::spawn(async move {
                barrier.wait().await;
                let mut answers = Vec::new();
                for body in bodies {
                    answers.push(client.post(&body).await);
                }
                answers
            }));
        }
        let mut answers = Vec::new();
        for hand in hands {
            answers.extend(hand.await.unwrap());
        }
        answers
    }
}

async fn add_member(database: &Database, keys: &Keys, username: &str, now: i64) -> Member {
    let seed: Vec<u8> = (0..20).map(|n| n ^ username.len() as u8 ^ username.as_bytes()[0]).collect();
    let hash = passwords::hash(&Secret::new(PASSWORD)).unwrap();
    let mut write = database.write().await.unwrap();
    accounts::add(&mut write, username, "Dr. Martina Muster", &hash, now).await.unwrap();
    let account = accounts::named(&mut write, username).await.unwrap();
    let token = NewToken {
        serial: format!("T-{username}"),
        kind: Kind::Hotp,
        hash: Hash::Sha1,
        digits: 6,
        period: 30,
        seed: Zeroizing::new(seed.clone()),
    };
    tokens::add(&mut write, keys, Some(tokens::Owner::Account(account.id)), &token, now).await.unwrap();
    write.commit().await.unwrap();
    Member { username: username.into(), seed, presses: 0 }
}

impl Member {
    /// The next TAN.
    fn press(&mut self) -> String {
        let tan = self.tans(self.presses, 1).remove(0);
        self.presses += 1;
        tan
    }

    /// A TAN that the token does not show soon.
    fn wrong(&self) -> String {
        let shown = self.tans(0, 200);
        (0..).map(|n: u32| format!("{:06}", (n * 7919 + 123_456) % 1_000_000)).find(|tan| !shown.contains(tan)).unwrap()
    }

    fn tans(&self, from: u64, count: u64) -> Vec<String> {
        let (from, window) = (from.to_string(), (count - 1).to_string());
        let line = ["--hotp", "-b", "-c", &from, "-w", &window, &BASE32_NOPAD.encode(&self.seed)];
        let output = Command::new("oathtool").args(line).output().expect("oathtool is installed by ./dev setup");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().lines().map(String::from).collect()
    }
}

fn installed(tunnel: &Tunnel) -> Vec<Key> {
    tunnel.installed().into_iter().map(|peer| peer.public_key).collect()
}
