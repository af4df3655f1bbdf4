//! A service to try things on: a network in memory, a client over a connection in memory, a folder with its profile.

use std::{fs, time::Duration};

use flexnet_ipc::{Client, Snapshots};
use flexnet_protocol::{
    Fault, FaultCode, Secret,
    local::{Credentials, Reply, Request},
    snapshot::{Counted, Snapshot, State},
};
use flexnet_service::{clients, os::fake::Fake, service};
use tempfile::TempDir;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::timeout,
};

/// Longer than any answer may take.
const PATIENCE: Duration = Duration::from_secs(40);

pub struct Bench {
    client: Client,
    snapshots: Snapshots,
    pub network: Fake,
    pub folder: TempDir,
    stop: Option<oneshot::Sender<()>>,
    served: JoinHandle<Result<(), Fault>>,
    tans: u32,
}

impl Bench {
    pub async fn new(profile: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("profile.toml");
        fs::write(&path, profile).unwrap();
        let network = Fake::new();
        let (asks, asked) = mpsc::channel(8);
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn({
            let network = network.clone();
            async move { service::run(&path, network, asked, async { drop(stopped.await) }).await }
        });
        let (end, connection) = flexnet_ipc::memory();
        tokio::spawn(clients::attend(connection, asks));
        let (client, snapshots) = Client::over(end).await.unwrap();
        assert_eq!(client.request(Request::Watch).await.unwrap(), Reply::Accepted);
        Self { client, snapshots, network, folder, stop: Some(stop), served, tans: 0 }
    }

    pub async fn ask(&self, request: Request) -> Reply {
        self.client.request(request).await.unwrap()
    }

    /// A TAN is never sent twice, so every entry has another one.
    pub async fn sign_in(&mut self) -> Reply {
        self.tans += 1;
        self.ask(entry(&format!("{:06}", self.tans))).await
    }

    pub async fn until(&mut self, what: &str, holds: impl Fn(&State) -> bool) -> Snapshot {
        let mut last = None;
        let waited = timeout(PATIENCE, async {
            loop {
                let snapshot = self.snapshots.next().await.expect("the service is gone");
                if holds(&snapshot.state) {
                    return snapshot;
                }
                last = Some(snapshot.state);
            }
        });
        waited.await.unwrap_or_else(|_| panic!("never {what}; last: {last:?}"))
    }

    pub async fn failed(&mut self) -> (FaultCode, Counted) {
        match self.until("failed", |state| matches!(state, State::Failed { .. })).await.state {
            State::Failed { fault, counted, .. } => (fault.code, counted),
            other => panic!("{other:?}"),
        }
    }

    pub async fn signed_out(&mut self) {
        self.until("signed out", |state| matches!(state, State::SignedOut { .. })).await;
    }

    pub async fn connected(&mut self) {
        assert_eq!(self.sign_in().await, Reply::Accepted);
        self.until("connected", |state| matches!(state, State::Connected { .. })).await;
    }

    pub async fn end(mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        timeout(PATIENCE, self.served).await.expect("it does not end").unwrap().unwrap();
    }
}

pub fn entry(tan: &str) -> Request {
    Request::SignIn(Credentials { username: "muster".into(), password: Secret::new("geheim"), tan: Secret::new(tan) })
}
