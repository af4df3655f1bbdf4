//! TLS 1.3 only, X25519MLKEM768 first; X25519 alone stays for browsers. No tickets: a resumed session would link sign-ins.
//! A renewed certificate is taken over while the gateway runs; one that cannot be served never replaces one that can.

use std::{
    path::Path,
    sync::{Arc, PoisonError, RwLock},
};

use rustls::{
    RootCertStore, ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier},
    sign::CertifiedKey,
};

use crate::error::Error;

/// The certificate and key that are served now.
#[derive(Debug)]
pub struct Certificate(RwLock<Arc<CertifiedKey>>);

impl Certificate {
    /// Reads both from their files.
    ///
    /// # Errors
    /// [`Error::Pem`], [`Error::Tls`], also if they do not belong together.
    pub fn load(certificate: &Path, key: &Path) -> Result<Arc<Self>, Error> {
        Ok(Arc::new(Self(RwLock::new(Arc::new(read(certificate, key)?)))))
    }

    /// Reads both again. New connections get the new ones; after an error everything stays as it was.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn reload(&self, certificate: &Path, key: &Path) -> Result<(), Error> {
        let new = Arc::new(read(certificate, key)?);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    /// The server's own certificate in DER.
    pub fn leaf(&self) -> Option<CertificateDer<'static>> {
        self.now().end_entity_cert().ok().map(|leaf| leaf.clone().into_owned())
    }

    fn now(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.now())
    }
}

/// The server's side of TLS with the certificate and key of two files.
///
/// # Errors
/// [`Error::Pem`], [`Error::Tls`].
pub fn config(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, Error> {
    serving(Certificate::load(certificate, key)?)
}

/// The server's side of TLS with a certificate that may change.
///
/// # Errors
/// [`Error::Tls`].
pub fn serving(certificate: Arc<Certificate>) -> Result<Arc<ServerConfig>, Error> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(Error::Tls)?
        .with_no_client_auth()
        .with_cert_resolver(certificate);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.send_tls13_tickets = 0;
    Ok(Arc::new(config))
}

/// The same for clients that must show a certificate of `authority`.
///
/// # Errors
/// [`Error::Pem`], [`Error::Tls`].
pub fn mutual(certificate: Arc<Certificate>, authority: &Path) -> Result<Arc<ServerConfig>, Error> {
    let pem = |e| Error::Pem(authority.to_owned(), e);
    let mut roots = RootCertStore::empty();
    for root in CertificateDer::pem_file_iter(authority).map_err(pem)? {
        roots.add(root.map_err(pem)?).map_err(Error::Tls)?;
    }
    let provider = Arc::new(provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build();
    let verifier = verifier.map_err(|e| Error::Tls(rustls::Error::General(e.to_string())))?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(Error::Tls)?
        .with_client_cert_verifier(verifier)
        .with_cert_resolver(certificate);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.send_tls13_tickets = 0;
    Ok(Arc::new(config))
}

fn read(certificate: &Path, key: &Path) -> Result<CertifiedKey, Error> {
    let pem = |path: &Path, e| Error::Pem(path.to_owned(), e);
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|e| pem(certificate, e))?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(|e| pem(key, e))?;
    CertifiedKey::from_der(chain, private, &provider()).map_err(Error::Tls)
}

fn provider() -> CryptoProvider {
    CryptoProvider {
        kx_groups: vec![aws_lc_rs::kx_group::X25519MLKEM768, aws_lc_rs::kx_group::X25519],
        ..aws_lc_rs::default_provider()
    }
}
