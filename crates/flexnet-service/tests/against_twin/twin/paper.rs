//! The gateway's certificate, and an authority of its own that signs it.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, SupportedKxGroup, aws_lc_rs},
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};

use super::NAME;

/// What the certificate says.
pub struct Paper {
    pub name: &'static str,
    pub years: (i32, i32),
}

impl Default for Paper {
    fn default() -> Self {
        Self { name: NAME, years: (2020, 2100) }
    }
}

/// What the TLS server is, and the authority in PEM.
pub(super) fn config(paper: &Paper, groups: &[&'static dyn SupportedKxGroup]) -> (ServerConfig, String) {
    let ca_key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::new(Vec::new()).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let pem = ca.self_signed(&ca_key).unwrap().pem();
    let key = KeyPair::generate().unwrap();
    let mut leaf = CertificateParams::new(vec![paper.name.to_owned()]).unwrap();
    leaf.not_before = date_time_ymd(paper.years.0, 1, 1);
    leaf.not_after = date_time_ymd(paper.years.1, 1, 1);
    let leaf = leaf.signed_by(&key, &Issuer::new(ca, ca_key)).unwrap();
    let provider = CryptoProvider { kx_groups: groups.to_vec(), ..aws_lc_rs::default_provider() };
    let config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())))
        .unwrap();
    (config, pem)
}
