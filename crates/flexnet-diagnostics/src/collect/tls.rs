//! One TLS handshake, and every way in which it can end. Whatever certificate comes is recorded; whether the other end is proven is judged apart, by
//! `certificate`, and only a proven stream is ever handed on.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::{Duration, Instant},
};

use flexnet_protocol::{Fault, FaultCode};
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, aws_lc_rs, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::certificate;
use crate::facts::{Certificate, Tls};

/// Content types of a TLS record (RFC 8446 §5.1): change_cipher_spec to application_data.
const RECORD_TYPES: std::ops::RangeInclusive<u8> = 20..=23;

/// Whom to believe, and under which name.
pub(super) struct Trust {
    name: ServerName<'static>,
    text: String,
    roots: RootCertStore,
}

/// Which first message is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hello {
    /// As the product does it: X25519MLKEM768 alone, some 1.5 kB.
    Product,
    /// X25519 alone, some 300 bytes. A probe.
    Small,
}

/// A connection whose other end has the key of a certificate of the profile's authority with the gateway's name, whatever its dates.
pub(super) struct Proven {
    pub(super) stream: TlsStream<Ear>,
    pub(super) certificate: Certificate,
}

impl Trust {
    /// # Errors
    /// The profile names no gateway or holds no certificate.
    pub(super) fn new(name: &str, ca_pem: &str) -> Result<Self, Fault> {
        let broken = |what: String| Fault::new(FaultCode::ProfileBroken, what);
        let mut roots = RootCertStore::empty();
        for root in CertificateDer::pem_slice_iter(ca_pem.as_bytes()) {
            let root = root.map_err(|e| broken(format!("gateway.ca: {e}")))?;
            roots.add(root).map_err(|e| broken(format!("gateway.ca: {e}")))?;
        }
        if roots.is_empty() {
            return Err(broken("gateway.ca holds no certificate".to_owned()));
        }
        let server = ServerName::try_from(name.to_owned()).map_err(|e| broken(format!("gateway.name: {e}")))?;
        Ok(Self { name: server, text: name.to_owned(), roots })
    }

    /// The gateway's name.
    pub(super) fn name(&self) -> &str {
        &self.text
    }

    /// Greets the other side and says what came; the stream only of a [`Hello::Product`] that is proven.
    pub(super) async fn shake(&self, hello: Hello, stream: TcpStream, limit: Duration) -> (Tls, Option<Proven>) {
        let began = Instant::now();
        let shown = Arc::new(Shown::new(hello));
        let config = match config(&shown) {
            Ok(config) => config,
            Err(error) => return (Tls::Broken(error.to_string()), None),
        };
        let heard = Heard::default();
        let ear = Ear { stream, heard: heard.clone() };
        let outcome = timeout(limit, TlsConnector::from(Arc::new(config)).connect(self.name.clone(), ear)).await;
        let ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let certificate = self.judged(&shown, ms).await;
        match (outcome, certificate) {
            (Ok(Ok(stream)), Some(certificate)) => {
                let usable = hello == Hello::Product && certificate.ours && certificate.names_gateway;
                let proven = usable.then(|| Proven { stream, certificate: certificate.clone() });
                (Tls::Certificate(certificate), proven)
            }
            // Somebody else's, and then no more: it is known whose.
            (_, Some(certificate)) if !certificate.ours => (Tls::Certificate(certificate), None),
            (Ok(Ok(_)), None) => (Tls::Broken("no certificate came".to_owned()), None),
            (Ok(Err(error)), _) => (why(&error, &heard), None),
            (Err(_), _) => (heard.silence(), None),
        }
    }

    async fn judged(&self, shown: &Shown, ms: u64) -> Option<Certificate> {
        let chain = shown.chain.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        Some(certificate::judge(chain, &self.name, self.roots.clone(), ms).await)
    }
}

fn config(shown: &Arc<Shown>) -> Result<ClientConfig, Error> {
    let verifier: Arc<dyn ServerCertVerifier> = shown.clone();
    let mut config = ClientConfig::builder_with_provider(Arc::clone(&shown.provider))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // A resumed session shows no certificate.
    config.resumption = rustls::client::Resumption::disabled();
    Ok(config)
}

/// Takes whatever certificate comes and keeps it. That the other side has its key is checked here all the same.
#[derive(Debug)]
struct Shown {
    provider: Arc<CryptoProvider>,
    chain: Mutex<Option<Vec<CertificateDer<'static>>>>,
}

impl Shown {
    fn new(hello: Hello) -> Self {
        let group = match hello {
            Hello::Product => aws_lc_rs::kx_group::X25519MLKEM768,
            Hello::Small => aws_lc_rs::kx_group::X25519,
        };
        let provider = CryptoProvider { kx_groups: vec![group], ..aws_lc_rs::default_provider() };
        Self { provider: Arc::new(provider), chain: Mutex::new(None) }
    }
}

impl ServerCertVerifier for Shown {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain = std::iter::once(end_entity).chain(intermediates).map(|one| one.clone().into_owned()).collect();
        *self.chain.lock().unwrap_or_else(PoisonError::into_inner) = Some(chain);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.2 was never offered".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

fn why(error: &io::Error, heard: &Heard) -> Tls {
    match heard.first() {
        None => return Tls::Cut,
        Some(first) if !RECORD_TYPES.contains(&first) => return Tls::NotTls,
        Some(_) => {}
    }
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(Error::AlertReceived(alert)) => Tls::Alert(u8::from(*alert)),
        Some(other) => Tls::Broken(other.to_string()),
        None => Tls::Broken(format!("cut after {} bytes: {}", heard.count(), error.kind())),
    }
}

/// How many bytes came, and the first of them.
#[derive(Debug, Clone, Default)]
struct Heard(Arc<Mutex<(usize, Option<u8>)>>);

impl Heard {
    fn first(&self) -> Option<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1
    }

    fn count(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    fn silence(&self) -> Tls {
        match self.first() {
            None => Tls::Silent,
            Some(first) if !RECORD_TYPES.contains(&first) => Tls::NotTls,
            Some(_) => Tls::Broken(format!("silent after {} bytes", self.count())),
        }
    }

    fn add(&self, bytes: &[u8]) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.1 = heard.1.or(bytes.first().copied());
        heard.0 += bytes.len();
    }
}

/// A TCP connection that remembers what came first.
#[derive(Debug)]
pub(super) struct Ear {
    stream: TcpStream,
    heard: Heard,
}

impl AsyncRead for Ear {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, into);
        self.heard.add(into.filled().get(before..).unwrap_or_default());
        read
    }
}

impl AsyncWrite for Ear {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
