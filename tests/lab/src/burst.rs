//! Many sign-ins at once from many connections, as an attacker's program would send them: TLS 1.3 with the pinned authority, no client of ours.
//! It runs on a host of the world as `kv-flexnet-world burst`, bodies on standard input, answers on standard output, one a line.

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use flexnet_protocol::{
    Key, Secret,
    gateway::{AttemptId, Client, SignIn},
};
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use serde::{Deserialize, Serialize};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::TlsConnector;

/// Where to send, and how.
#[derive(Debug, Clone)]
pub struct Target {
    /// Address of the sign-in API.
    pub address: SocketAddr,
    /// Name in its certificate.
    pub name: String,
    /// Connections at the same time.
    pub connections: usize,
}

/// One answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Answer {
    /// HTTP status; 0 if the connection ended without one.
    pub status: u16,
    /// The body as JSON, or null.
    pub body: serde_json::Value,
}

/// A sign-in with an attempt number of its own.
///
/// # Errors
/// It cannot be written as JSON.
pub fn sign_in_body(number: u64, username: &str, password: &str, tan: &str) -> Result<String> {
    let mut attempt = [0x5a; 16];
    attempt[..8].copy_from_slice(&number.to_be_bytes());
    let mut key = [7; 32];
    key[..8].copy_from_slice(&number.to_be_bytes());
    Ok(serde_json::to_string(&SignIn {
        attempt_id: AttemptId(attempt),
        username: username.into(),
        password: Secret::new(password),
        tan: Secret::new(tan),
        client_public_key: Key::new(key),
        preshared_key: None,
        client: Client { version: flexnet_protocol::VERSION.into(), os: "linux".into() },
    })?)
}

/// Sends all bodies, spread over the connections, and collects the answers.
///
/// # Errors
/// The authority cannot be read, or a connection cannot be opened.
pub async fn burst(target: &Target, ca: &Path, bodies: Vec<String>) -> Result<Vec<Answer>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(ca).context("reading the authority")?)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    let mut hands = Vec::new();
    let share = bodies.len().div_ceil(target.connections.max(1)).max(1);
    // Every connection is open before the first guess leaves.
    let barrier = Arc::new(tokio::sync::Barrier::new(bodies.len().div_ceil(share)));
    for bodies in bodies.chunks(share).map(<[String]>::to_vec) {
        let (connector, target, barrier) = (connector.clone(), target.clone(), barrier.clone());
        hands.push(tokio::spawn(async move {
            let sender = open(&connector, &target).await;
            barrier.wait().await;
            send_all(sender?, &connector, &target, bodies).await
        }));
    }
    let mut answers = Vec::new();
    for hand in hands {
        answers.extend(hand.await??);
    }
    Ok(answers)
}

type Sender = http1::SendRequest<Full<Bytes>>;

async fn open(connector: &TlsConnector, target: &Target) -> Result<Sender> {
    let stream = timeout(Duration::from_secs(20), TcpStream::connect(target.address)).await??;
    let tls = timeout(Duration::from_secs(60), connector.connect(ServerName::try_from(target.name.clone())?, stream))
        .await??;
    let (sender, connection) = http1::handshake(TokioIo::new(tls)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

async fn send_all(mut sender: Sender, tls: &TlsConnector, target: &Target, bodies: Vec<String>) -> Result<Vec<Answer>> {
    let mut answers = Vec::new();
    for body in bodies {
        if sender.ready().await.is_err() {
            sender = open(tls, target).await?;
        }
        let request = Request::post("/v1/sessions")
            .header("host", &target.name)
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body)))?;
        answers.push(match timeout(Duration::from_secs(120), sender.send_request(request)).await? {
            Ok(response) => {
                let status = response.status().as_u16();
                let bytes = response.into_body().collect().await?.to_bytes();
                Answer { status, body: serde_json::from_slice(&bytes).unwrap_or_default() }
            }
            Err(_) => Answer { status: 0, body: serde_json::Value::Null },
        });
    }
    Ok(answers)
}
