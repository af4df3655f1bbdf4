//! Servers that stand where the gateway should, and fail in one way each: as `kv-flexnet-world fake` on a host of the world.
//! They never read an entry; what arrives is thrown away.

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

use crate::{
    command::{Process, eventually},
    parts::PATIENCE,
    world::{Host, World},
};

/// How it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Failing {
    /// Closes at the first byte.
    Cut,
    /// Speaks HTTP without TLS.
    PlainText,
    /// Says nothing at all.
    Silent,
    /// Speaks TLS, takes the request, and says nothing.
    Hang,
    /// Speaks TLS, takes the request, and closes.
    CutLate,
    /// Speaks TLS, and answers what makes no sense.
    Nonsense,
}

/// A certificate chain and its key, PEM files.
#[derive(Debug, Clone, Copy)]
pub struct Identity<'a> {
    /// The certificate.
    pub certificate: &'a Path,
    /// Its private key.
    pub key: &'a Path,
}

/// Serves until it is killed.
///
/// # Errors
/// It cannot listen, or the certificate cannot be read.
pub async fn serve(address: SocketAddr, failing: Failing, identity: Option<Identity<'_>>) -> Result<()> {
    let tls = identity.map(acceptor).transpose()?;
    let listener = TcpListener::bind(address).await?;
    println!("listening on {address}");
    loop {
        let (stream, _) = listener.accept().await?;
        let tls = tls.clone();
        tokio::spawn(async move {
            // How the visitor takes it is its own affair.
            let _ = fail(stream, failing, tls).await;
        });
    }
}

async fn fail(mut stream: TcpStream, failing: Failing, tls: Option<TlsAcceptor>) -> Result<()> {
    match failing {
        Failing::Cut => read_some(&mut stream).await,
        Failing::PlainText => {
            read_some(&mut stream).await?;
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await?;
            Ok(stream.shutdown().await?)
        }
        Failing::Silent => forever(stream).await,
        Failing::Hang => forever(tls.context("a certificate")?.accept(stream).await?).await,
        Failing::CutLate => read_some(&mut tls.context("a certificate")?.accept(stream).await?).await,
        Failing::Nonsense => {
            let mut stream = tls.context("a certificate")?.accept(stream).await?;
            read_some(&mut stream).await?;
            stream.write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 9\r\n\r\n{\"a\": 1]}").await?;
            Ok(stream.shutdown().await?)
        }
    }
}

async fn read_some(stream: &mut (impl AsyncRead + Unpin)) -> Result<()> {
    // What it is does not matter, not even whether it is anything.
    let _bytes = stream.read(&mut [0; 4096]).await?;
    Ok(())
}

async fn forever(mut stream: impl AsyncRead + Unpin) -> Result<()> {
    let mut bytes = [0; 4096];
    while stream.read(&mut bytes).await? > 0 {}
    tokio::time::sleep(Duration::MAX).await;
    Ok(())
}

pub(crate) fn acceptor(identity: Identity<'_>) -> Result<TlsAcceptor> {
    let chain = CertificateDer::pem_file_iter(identity.certificate)?.collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_file(identity.key)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

impl World {
    /// Starts a failing server on a host and waits until it listens.
    ///
    /// # Errors
    /// It does not.
    pub fn failing(
        &self,
        host: Host,
        address: &str,
        failing: Failing,
        identity: Option<Identity<'_>>,
    ) -> Result<Process> {
        let how = failing.to_possible_value().context("a name")?.get_name().to_owned();
        let program = self.binary("kv-flexnet-world")?;
        let mut line = vec![program.as_str(), "fake", "--listen", address, "--failing", &how];
        let files = identity.map(|i| (i.certificate.display().to_string(), i.key.display().to_string()));
        if let Some((certificate, key)) = &files {
            line.extend(["--certificate", certificate, "--key", key]);
        }
        let name = format!("fake-{how}-{}", address.replace(':', "-"));
        let mut process = self.start(host, &name, &line)?;
        eventually("a failing server", PATIENCE, || {
            anyhow::ensure!(process.runs()? && process.log().contains("listening on"), "{}", process.log());
            Ok(())
        })?;
        Ok(process)
    }
}
