//! TLS ended on the way: a virus scanner with a shield for the web, a firewall, a box at home. What is said goes on to the real gateway.

use std::{net::SocketAddr, path::Path, sync::Arc};

use anyhow::Result;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::GATEWAY;
use crate::fake::{Identity, acceptor};

/// Serves until it is killed.
pub(super) async fn serve(listen: SocketAddr, identity: (&Path, &Path), authority: &Path) -> Result<()> {
    let (certificate, key) = identity;
    let acceptor = acceptor(Identity { certificate, key })?;
    let connector = connector(authority)?;
    let listener = TcpListener::bind(listen).await?;
    println!("listening on {listen}");
    loop {
        let (stream, _) = listener.accept().await?;
        let (acceptor, connector) = (acceptor.clone(), connector.clone());
        tokio::spawn(async move {
            // How the visitor takes it is its own affair.
            let _ = between(stream, acceptor, connector).await;
        });
    }
}

async fn between(stream: TcpStream, acceptor: TlsAcceptor, connector: TlsConnector) -> Result<()> {
    let mut member = acceptor.accept(stream).await?;
    let name = ServerName::try_from("flexnet.example")?;
    let mut gateway = connector.connect(name, TcpStream::connect(GATEWAY).await?).await?;
    copy_bidirectional(&mut member, &mut gateway).await?;
    Ok(())
}

fn connector(authority: &Path) -> Result<TlsConnector> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(authority)? {
        roots.add(certificate?)?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}
