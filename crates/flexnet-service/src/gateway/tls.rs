//! TLS 1.3 with X25519MLKEM768 alone, and the profile's authority alone.
//! Every way a handshake can end is told apart, because each has another cure.

use std::{io, sync::Arc};

use flexnet_protocol::{Fault, FaultCode};
use rustls::{
    CertificateError, ClientConfig, Error, RootCertStore,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _},
    time_provider::{DefaultTimeProvider, TimeProvider},
};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::TLS_LIMIT;

/// Whom to believe, and under which name.
pub(super) struct Trust {
    name: ServerName<'static>,
    roots: Arc<RootCertStore>,
    provider: Arc<CryptoProvider>,
}

/// A handshake that did not come about.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) fault: Fault,
    /// Set if the certificate is out of date by this PC's clock: a moment at which it was not.
    pub(super) valid_at: Option<UnixTime>,
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self { fault, valid_at: None }
    }
}

impl Trust {
    pub(super) fn new(name: &str, ca_pem: &str) -> Result<Self, Fault> {
        let broken = |what: String| Fault::new(FaultCode::ProfileBroken, what);
        let name = ServerName::try_from(name.to_owned()).map_err(|e| broken(format!("gateway.name: {e}")))?;
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(ca_pem.as_bytes()) {
            let certificate = certificate.map_err(|e| broken(format!("gateway.ca: {e}")))?;
            roots.add(certificate).map_err(|e| broken(format!("gateway.ca: {e}")))?;
        }
        if roots.is_empty() {
            return Err(broken("gateway.ca holds no certificate".into()));
        }
        let provider =
            CryptoProvider { kx_groups: vec![aws_lc_rs::kx_group::X25519MLKEM768], ..aws_lc_rs::default_provider() };
        Ok(Self { name, roots: Arc::new(roots), provider: Arc::new(provider) })
    }

    /// Proves the other side at this PC's time, or at `moment`.
    pub(super) async fn handshake(
        &self,
        stream: TcpStream,
        moment: Option<UnixTime>,
    ) -> Result<TlsStream<TcpStream>, Failure> {
        let connector = TlsConnector::from(Arc::new(self.config(moment)?));
        match timeout(TLS_LIMIT, connector.connect(self.name.clone(), stream)).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) => Err(failure(&error)),
            Err(_) => Err(Fault::new(FaultCode::TlsSilent, "no answer to the TLS handshake").into()),
        }
    }

    fn config(&self, moment: Option<UnixTime>) -> Result<ClientConfig, Fault> {
        let time: Arc<dyn TimeProvider> = match moment {
            Some(moment) => Arc::new(Fixed(moment)),
            None => Arc::new(DefaultTimeProvider),
        };
        let mut config = ClientConfig::builder_with_details(Arc::clone(&self.provider), time)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .map_err(|e| Fault::new(FaultCode::Internal, e.to_string()))?
            .with_root_certificates(Arc::clone(&self.roots))
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // Early data could be replayed; a resumed session would link sign-ins.
        config.resumption = rustls::client::Resumption::disabled();
        Ok(config)
    }
}

#[derive(Debug)]
struct Fixed(UnixTime);

impl TimeProvider for Fixed {
    fn current_time(&self) -> Option<UnixTime> {
        Some(self.0)
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the library's enums grow; what is new is still a refusal, or no trust"
)]
fn failure(error: &io::Error) -> Failure {
    let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) else {
        return Fault::new(FaultCode::ConnectionCut, error.to_string()).into();
    };
    let certificate = match tls {
        Error::InvalidCertificate(certificate) => certificate,
        Error::InvalidMessage(_) => return Fault::new(FaultCode::NotTls, tls.to_string()).into(),
        _ => return Fault::new(FaultCode::TlsRefused, tls.to_string()).into(),
    };
    let second = std::time::Duration::from_secs(1);
    let (code, valid_at) = match certificate {
        CertificateError::Expired => (FaultCode::CertificateExpired, None),
        CertificateError::ExpiredContext { not_after, .. } => {
            (FaultCode::CertificateExpired, Some(earlier(*not_after, second)))
        }
        CertificateError::NotValidYet => (FaultCode::CertificateNotYetValid, None),
        CertificateError::NotValidYetContext { not_before, .. } => {
            (FaultCode::CertificateNotYetValid, Some(later(*not_before, second)))
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            (FaultCode::CertificateWrongName, None)
        }
        _ => (FaultCode::CertificateUntrusted, None),
    };
    Failure { fault: Fault::new(code, certificate.to_string()), valid_at }
}

fn earlier(moment: UnixTime, by: std::time::Duration) -> UnixTime {
    let since = std::time::Duration::from_secs(moment.as_secs());
    UnixTime::since_unix_epoch(since.saturating_sub(by))
}

fn later(moment: UnixTime, by: std::time::Duration) -> UnixTime {
    UnixTime::since_unix_epoch(std::time::Duration::from_secs(moment.as_secs()).saturating_add(by))
}
