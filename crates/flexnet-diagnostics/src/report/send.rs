//! Hands a sealed report to the gateway: over TLS 1.3 with X25519MLKEM768 and the profile's authority alone, without a sign-in.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use flexnet_protocol::{
    Fault, FaultCode, VERSION,
    gateway::{MAX_BODY, Problem},
    profile::Profile,
    report::{Envelope, Kept, MAX_REPORT},
};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{
    Request, StatusCode,
    body::Bytes,
    client::conn::http1,
    header::{CONTENT_TYPE, HOST, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use rustls::{
    CertificateError, ClientConfig, Error, RootCertStore,
    client::Resumption,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use tokio::{
    net::TcpStream,
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// For everything, the answer included.
const LIMIT: Duration = Duration::from_secs(10);
/// For one address to take the connection.
const TCP_LIMIT: Duration = Duration::from_secs(4);
/// Of each address over the next (RFC 8305 §8).
const HEAD_START: Duration = Duration::from_millis(250);

/// Sends a report and returns under which number the gateway keeps it. Takes at most ten seconds.
///
/// # Errors
/// The fault of the way, of the certificate, or the gateway's own; [`FaultCode::BadRequest`] for a report that is too large.
pub async fn send(profile: &Profile, envelope: &Envelope) -> Result<Kept, Fault> {
    let body = serde_json::to_vec(envelope).map_err(|error| Fault::new(FaultCode::Internal, error.to_string()))?;
    if body.len() > MAX_REPORT {
        return Err(Fault::new(FaultCode::BadRequest, "the report is too large"));
    }
    let silent = |_| Err(Fault::new(FaultCode::GatewayHangs, "no answer to the report in ten seconds"));
    timeout(LIMIT, exchange(profile, body)).await.unwrap_or_else(silent)
}

async fn exchange(profile: &Profile, body: Vec<u8>) -> Result<Kept, Fault> {
    let stream = prove(profile, dial(&profile.gateway_endpoints).await?).await?;
    let lost = |error: hyper::Error| Fault::new(FaultCode::ConnectionCut, error.to_string());
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(lost)?;
    let mut driver = JoinSet::new();
    // Ends with the set.
    driver.spawn(connection);
    let request = Request::post("/v1/reports")
        .header(HOST, &profile.gateway_name)
        .header(USER_AGENT, format!("kv-flexnet/{VERSION}"))
        .header(CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(body)))
        .map_err(|error| Fault::new(FaultCode::Internal, error.to_string()))?;
    let response = sender.send_request(request).await.map_err(lost)?;
    let status = response.status();
    let answer = Limited::new(response.into_body(), MAX_BODY)
        .collect()
        .await
        .map_err(|_| Fault::new(FaultCode::GatewayAnswer, "the answer was cut or too long"))?
        .to_bytes();
    read(status, &answer)
}

fn read(status: StatusCode, answer: &[u8]) -> Result<Kept, Fault> {
    let strange = || Fault::new(FaultCode::GatewayAnswer, format!("status {}", status.as_u16()));
    if status == StatusCode::CREATED {
        return serde_json::from_slice(answer).map_err(|_| strange());
    }
    if let Ok(problem) = serde_json::from_slice::<Problem>(answer) {
        return Err(Fault::new(problem.fault, format!("status {}", status.as_u16())));
    }
    if status == StatusCode::TOO_MANY_REQUESTS {
        return Err(Fault::new(FaultCode::GatewayBusy, "too many reports from this network"));
    }
    Err(strange())
}

/// The first address that takes the connection.
async fn dial(endpoints: &[SocketAddr]) -> Result<TcpStream, Fault> {
    let mut tries = JoinSet::new();
    for (endpoint, place) in endpoints.iter().copied().zip(0_u32..) {
        tries.spawn(async move {
            sleep(HEAD_START.saturating_mul(place)).await;
            timeout(TCP_LIMIT, TcpStream::connect(endpoint)).await
        });
    }
    let mut worst = Fault::new(FaultCode::GatewayUnreachable, "no address of the gateway");
    while let Some(done) = tries.join_next().await {
        match done {
            Ok(Ok(Ok(stream))) => return Ok(stream),
            Ok(Ok(Err(error))) if error.kind() == io::ErrorKind::ConnectionRefused => {
                worst = Fault::new(FaultCode::GatewayRefuses, "refused");
            }
            Ok(Ok(Err(_))) => {}
            Ok(Err(_)) if worst.code != FaultCode::GatewayRefuses => {
                worst = Fault::new(FaultCode::GatewaySilent, "no answer to TCP");
            }
            Ok(Err(_)) | Err(_) => {}
        }
    }
    Err(worst)
}

async fn prove(profile: &Profile, stream: TcpStream) -> Result<TlsStream<TcpStream>, Fault> {
    let broken = |what: &str| Fault::new(FaultCode::ProfileBroken, what);
    let name = ServerName::try_from(profile.gateway_name.clone()).map_err(|_| broken("gateway.name is no name"))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(profile.gateway_ca.as_bytes()) {
        let added = certificate.ok().and_then(|certificate| roots.add(certificate).ok());
        added.ok_or_else(|| broken("gateway.ca is no certificate"))?;
    }
    let provider =
        CryptoProvider { kx_groups: vec![aws_lc_rs::kx_group::X25519MLKEM768], ..aws_lc_rs::default_provider() };
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|error| Fault::new(FaultCode::Internal, error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.resumption = Resumption::disabled();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(|error| failure(&error))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the library's enums grow; what is new is still no trust")]
fn failure(error: &io::Error) -> Fault {
    let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) else {
        return Fault::new(FaultCode::ConnectionCut, "the connection ended during TLS");
    };
    let code = match tls {
        Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            FaultCode::CertificateExpired
        }
        Error::InvalidCertificate(CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. }) => {
            FaultCode::CertificateNotYetValid
        }
        Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => FaultCode::CertificateWrongName,
        Error::InvalidCertificate(_) => FaultCode::CertificateUntrusted,
        Error::InvalidMessage(_) => FaultCode::NotTls,
        _ => FaultCode::TlsRefused,
    };
    Fault::new(code, "TLS did not come about")
}
