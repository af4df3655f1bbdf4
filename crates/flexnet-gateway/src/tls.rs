//! TLS 1.3 only, X25519MLKEM768 first; X25519 alone stays for browsers. No tickets: a resumed session would link sign-ins.

use std::{path::Path, sync::Arc};

use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};

use crate::error::Error;

/// The server's side of TLS with the certificate and key of two files.
///
/// # Errors
/// [`Error::Pem`], [`Error::Tls`].
pub fn config(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, Error> {
    let pem = |path: &Path, e| Error::Pem(path.to_owned(), e);
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|e| pem(certificate, e))?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(|e| pem(key, e))?;
    let provider = CryptoProvider {
        kx_groups: vec![aws_lc_rs::kx_group::X25519MLKEM768, aws_lc_rs::kx_group::X25519],
        ..aws_lc_rs::default_provider()
    };
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(Error::Tls)?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(Error::Tls)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.send_tls13_tickets = 0;
    Ok(Arc::new(config))
}
