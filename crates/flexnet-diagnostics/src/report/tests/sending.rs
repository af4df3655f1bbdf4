//! Sending, to a gateway of this test: real TLS, real HTTP.

use std::{net::SocketAddr, sync::Arc};

use flexnet_protocol::{
    FaultCode,
    gateway::Problem,
    profile::Profile,
    report::{Envelope, Kept},
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{ServerConfig, pki_types::PrivateKeyDer};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

use super::report;
use crate::report::send;

/// An authority and a gateway that answers once with this.
async fn gateway(
    status: &'static str,
    body: String,
) -> (String, SocketAddr, tokio::task::JoinHandle<(String, Envelope)>) {
    let mut authority = CertificateParams::new([]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(["gateway.kv.example".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let config = ServerConfig::builder_with_protocol_versions(&[&rustls::version::TLS13])
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let served = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = TlsAcceptor::from(Arc::new(config)).accept(stream).await.unwrap();
        let mut asked = Vec::new();
        let (head, envelope) = loop {
            let mut part = [0; 4096];
            let read = stream.read(&mut part).await.unwrap();
            asked.extend_from_slice(&part[..read]);
            let text = String::from_utf8_lossy(&asked);
            if let Some((head, body)) = text.split_once("\r\n\r\n")
                && let Ok(envelope) = serde_json::from_str(body)
            {
                break (head.to_owned(), envelope);
            }
        };
        let length = body.len();
        let answer =
            format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}");
        stream.write_all(answer.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        (head, envelope)
    });
    (authority.pem(), address, served)
}

fn profile(ca: &str, endpoints: &[SocketAddr]) -> Profile {
    let endpoints: Vec<String> = endpoints.iter().map(|end| format!("\"{end}\"")).collect();
    Profile::parse(&format!(
        "organisation = \"KV Beispielland\"\n[gateway]\nname = \"gateway.kv.example\"\nendpoints = [{}]\nca = \"\"\"\n{ca}\"\"\"\n\
         [portal]\nurl = \"https://portal.kv.example/\"\nhosts = [\"portal.kv.example\"]\nnetworks = [\"10.80.0.0/16\"]\n\
         [desk]\nname = \"IT-ServiceDesk\"\nphone = \"0\"\nphone_uri = \"+490\"\ntime_zone = \"Europe/Berlin\"\nhours = []\n",
        endpoints.join(", ")
    ))
    .unwrap()
}

#[tokio::test]
async fn a_report_is_sent_and_gets_its_number() {
    let kept = Kept { number: "48213".into(), until: 1_798_194_724 };
    let (ca, address, served) = gateway("201 Created", serde_json::to_string(&kept).unwrap()).await;
    let envelope = report();
    assert_eq!(send(&profile(&ca, &[address]), &envelope).await.unwrap(), kept);
    let (head, sent) = served.await.unwrap();
    assert!(
        head.starts_with("POST /v1/reports HTTP/1.1\r\n") && !head.to_lowercase().contains("authorization"),
        "{head}"
    );
    assert_eq!(sent, envelope);
}

#[tokio::test]
async fn a_dead_address_before_it_costs_a_moment_only() {
    let kept = Kept { number: "48213".into(), until: 0 };
    let (ca, address, _served) = gateway("201 Created", serde_json::to_string(&kept).unwrap()).await;
    let dead = unused().await;
    assert_eq!(send(&profile(&ca, &[dead, address]), &report()).await.unwrap(), kept);
}

#[tokio::test]
async fn what_the_gateway_says_is_told() {
    let problem = Problem {
        kind: "about:blank".into(),
        title: "busy".into(),
        status: 503,
        fault: FaultCode::GatewayBusy,
        attempts_left: None,
        end_reason: None,
        until: None,
    };
    for (status, body, code) in [
        ("503 Service Unavailable", serde_json::to_string(&problem).unwrap(), FaultCode::GatewayBusy),
        ("429 Too Many Requests", String::new(), FaultCode::GatewayBusy),
        ("404 Not Found", "no".into(), FaultCode::GatewayAnswer),
        ("201 Created", "{}".into(), FaultCode::GatewayAnswer),
    ] {
        let (ca, address, _served) = gateway(status, body).await;
        assert_eq!(send(&profile(&ca, &[address]), &report()).await.unwrap_err().code, code, "{status}");
    }
}

#[tokio::test]
async fn only_the_profiles_authority_gets_a_report() {
    let (_, address, served) = gateway("201 Created", String::new()).await;
    let (other, ..) = gateway("201 Created", String::new()).await;
    let refused = send(&profile(&other, &[address]), &report()).await.unwrap_err();
    assert_eq!(refused.code, FaultCode::CertificateUntrusted);
    assert!(served.await.is_err(), "nothing was sent");
}

#[tokio::test]
async fn nobody_there_is_told() {
    let (ca, ..) = gateway("201 Created", String::new()).await;
    assert_eq!(send(&profile(&ca, &[unused().await]), &report()).await.unwrap_err().code, FaultCode::GatewayRefuses);
}

/// An address where nobody listens.
async fn unused() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}
