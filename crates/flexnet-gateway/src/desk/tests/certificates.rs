//! Where the console asks browsers for a certificate, one without gets nothing to see.

use rcgen::{CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, pem::PemObject as _},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

use super::*;

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Constrained(0));
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

type Shown = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn browser(authority: &CertifiedIssuer<'static, KeyPair>) -> Shown {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["desk-pc-7".to_owned()]).unwrap();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let certificate = params.signed_by(&key, authority).unwrap();
    (vec![certificate.der().clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_without_a_certificate_of_the_authority_sees_nothing() {
    let desk = Desk::on(Store::Sqlite).await;
    let (ours, foreign) = (authority(), authority());
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("console-ca.pem");
    std::fs::write(&file, ours.pem()).unwrap();
    let files = &desk.gateway.config.files;
    let certificate = Certificate::load(&files.certificate, &files.certificate_key).unwrap();
    let listen = (Ipv4Addr::LOCALHOST, 0).into();
    let console = config::Console { listen, certificate: None, client_authority: Some(file) };
    let listener = Listener::open(&console, &certificate).unwrap();
    let address = listener.listener.local_addr().unwrap();
    let open = spawn(Arc::clone(&desk.gateway), listener);

    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&files.authority).unwrap()).unwrap();
    let ask = async |shown: Option<Shown>| {
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots.clone());
        let config = match shown {
            Some((chain, key)) => config.with_client_auth_cert(chain, key).unwrap(),
            None => config.with_no_client_auth(),
        };
        let stream = TcpStream::connect(address).await.unwrap();
        let name = ServerName::try_from("flexnet.example").unwrap();
        let mut text = String::new();
        let read = async {
            let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
            stream.write_all(b"GET /sign-in HTTP/1.1\r\nhost: flexnet.example\r\nconnection: close\r\n\r\n").await?;
            stream.read_to_string(&mut text).await
        };
        // Whether the refusal comes before or after the first byte is TLS 1.3's business.
        let _ = read.await;
        text
    };
    assert!(ask(Some(browser(&ours))).await.starts_with("HTTP/1.1 200"));
    assert_eq!(ask(None).await, "");
    assert_eq!(ask(Some(browser(&foreign))).await, "");
    open.close().await;
}
