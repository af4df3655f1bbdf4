//! Gateways in this process, and boxes in front of them: each outcome of TLS, and each word of a gateway about itself.

use std::{future::Future, net::SocketAddr, sync::Arc, time::Duration};

use flexnet_protocol::gateway::{Info, Maintenance, Policy, Readiness, TunnelHint};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::facts::Certificate;

const NAME: &str = "flexnet.example";
const DAY: i64 = 24 * 60 * 60;

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap()).unwrap())
    }

    /// A leaf for that name, valid from and until so many days from now.
    fn leaf(&self, name: &str, from: i64, until: i64) -> Leaf {
        let key = KeyPair::generate().unwrap();
        let certificate = params(name, from, until).signed_by(&key, &self.0).unwrap();
        Leaf { chain: vec![certificate.der().clone()], key: key.serialize_der() }
    }
}

fn params(name: &str, from: i64, until: i64) -> CertificateParams {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let now = jiff::Timestamp::now().as_second();
    let day = |days: i64| {
        let date = jiff::Timestamp::from_second(now + days * DAY).unwrap().to_zoned(jiff::tz::TimeZone::UTC).date();
        rcgen::date_time_ymd(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
    };
    params.not_before = day(from);
    params.not_after = day(until);
    params
}

struct Leaf {
    chain: Vec<CertificateDer<'static>>,
    key: Vec<u8>,
}

impl Leaf {
    fn self_signed(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = params(name, -1, 30);
        params.distinguished_name.push(DnType::CommonName, "fritz.box");
        let certificate = params.self_signed(&key).unwrap();
        Self { chain: vec![certificate.der().clone()], key: key.serialize_der() }
    }

    fn acceptor(self, provider: CryptoProvider) -> TlsAcceptor {
        let key = PrivateKeyDer::try_from(self.key).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(self.chain, key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// Serves every connection so until the test ends.
async fn serve<F, D>(each: F) -> SocketAddr
where
    F: Fn(TcpStream) -> D + Send + 'static,
    D: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let end = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(each(stream));
        }
    });
    end
}

/// A gateway with that certificate that answers every request with `answer`; an empty one is silence.
async fn gateway(leaf: Leaf, answer: String) -> SocketAddr {
    serve_with(leaf.acceptor(aws_lc_rs::default_provider()), answer).await
}

async fn serve_with(acceptor: TlsAcceptor, answer: String) -> SocketAddr {
    let answer = Arc::new(answer);
    serve(move |stream| {
        let (acceptor, answer) = (acceptor.clone(), Arc::clone(&answer));
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            let mut head = vec![0; 4096];
            let asked = stream.read(&mut head).await.unwrap_or_default();
            assert!(asked == 0 || head.starts_with(b"GET /v1/info HTTP/1.1\r\n"), "something else was asked");
            if answer.is_empty() {
                std::future::pending::<()>().await;
            }
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    })
    .await
}

fn info() -> Info {
    Info {
        name: NAME.into(),
        version: "0.1.0".into(),
        min_client_version: "0.1.0".into(),
        server_time: jiff::Timestamp::now().as_second(),
        policy: Policy { attempts: 5, idle_seconds: 900, absolute_seconds: 28_800 },
        desk: desk(),
        portal_url: "http://portal.snk.example/".into(),
        tunnel: None,
        maintenance: None,
        readiness: Readiness::Ready,
    }
}

fn desk() -> flexnet_protocol::desk::DeskContact {
    flexnet_protocol::desk::DeskContact {
        name: "IT-ServiceDesk".into(),
        phone: "0231".into(),
        phone_uri: "+49231".into(),
        time_zone: "Europe/Berlin".into(),
        holidays: flexnet_protocol::desk::Holidays::None,
        hours: Vec::new(),
    }
}

fn http(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

fn ok(info: &Info) -> String {
    http("200 OK", &serde_json::to_string(info).unwrap())
}

fn profile(ca: &Authority, ends: &[SocketAddr]) -> Profile {
    let ends: Vec<String> = ends.iter().map(|end| format!("\"{end}\"")).collect();
    let text = format!(
        "organisation = \"KV\"\n[gateway]\nname = \"{NAME}\"\nendpoints = [{}]\nca = \"\"\"\n{}\"\"\"\n\
         [portal]\nurl = \"http://portal.snk.example/\"\nhosts = [\"portal.snk.example\"]\nnetworks = [\"10.210.0.0/24\"]\n\
         [desk]\nname = \"IT-ServiceDesk\"\nphone = \"0231\"\nphone_uri = \"+49231\"\ntime_zone = \"Europe/Berlin\"\nhours = []\n",
        ends.join(", "),
        ca.0.pem()
    );
    Profile::parse(&text).unwrap()
}

async fn seen(ca: &Authority, end: SocketAddr) -> Seen {
    look(&profile(ca, &[end]), "0.1.0", None).await
}

/// The certificate, as it was judged, of a server with that leaf.
async fn judged(ca: &Authority, leaf: Leaf) -> (Certificate, Seen) {
    let end = gateway(leaf, ok(&info())).await;
    let seen = seen(ca, end).await;
    let Some(Tls::Certificate(certificate)) = seen.way.ends[0].tls.clone() else { panic!("{:?}", seen.way) };
    assert!(matches!(seen.way.ends[0].reach, Reach::Open { .. }) && seen.way.ends[0].small_hello.is_none());
    (certificate, seen)
}

#[tokio::test]
async fn a_gateway_of_ours_is_asked_and_its_clock_compared() {
    let ca = Authority::new("KV CA");
    let (certificate, seen) = judged(&ca, ca.leaf(NAME, -1, 30)).await;
    assert!(certificate.ours && certificate.names_gateway && !certificate.self_signed && !certificate.trusted_here);
    assert_eq!(certificate.issuer, "KV CA");
    assert_eq!(certificate.not_after - certificate.not_before, 31 * DAY);
    assert!(matches!(seen.gateway.answer, Some(InfoAnswer::Ready { too_old: false, .. })), "{:?}", seen.gateway);
    assert!(seen.clock_ahead.is_some_and(|ahead| ahead.abs() <= 1), "{:?}", seen.clock_ahead);
    assert_eq!(seen.offered, Some(false));
}

#[tokio::test]
async fn dates_do_not_make_a_certificate_foreign_and_the_clock_is_believed_within_them_only() {
    let ca = Authority::new("KV CA");
    for (from, until) in [(-400, -35), (30, 400)] {
        let (certificate, seen) = judged(&ca, ca.leaf(NAME, from, until)).await;
        assert!(certificate.ours && certificate.names_gateway, "{certificate:?}");
        // The gateway's own clock says that its certificate is out of date, so it is not this PC's.
        assert!(matches!(seen.gateway.answer, Some(InfoAnswer::Ready { .. })) && seen.clock_ahead.is_none());
        // A gateway in whose days the certificate is valid: it is this PC's clock.
        let server_time = jiff::Timestamp::now().as_second() + (from + 10) * DAY;
        let end = gateway(ca.leaf(NAME, from, until), ok(&Info { server_time, ..info() })).await;
        let ahead = super::tests::seen(&ca, end).await.clock_ahead.unwrap();
        assert!((ahead + (from + 10) * DAY).abs() <= 2, "{ahead}");
    }
}

#[tokio::test]
async fn whoever_is_not_proven_is_told_and_never_asked() {
    let (ca, other) = (Authority::new("KV CA"), Authority::new("Beispiel Web Shield CA"));
    let (certificate, seen) = judged(&ca, other.leaf(NAME, -1, 30)).await;
    assert!(!certificate.ours && !certificate.self_signed && !certificate.trusted_here && certificate.names_gateway);
    assert_eq!(certificate.issuer, "Beispiel Web Shield CA");
    assert_eq!(seen.gateway.answer, None);
    let (certificate, seen) = judged(&ca, Leaf::self_signed(NAME)).await;
    assert!(!certificate.ours && certificate.self_signed && certificate.issuer == "fritz.box");
    assert_eq!(seen.gateway.answer, None);
    let (certificate, seen) = judged(&ca, ca.leaf("other.example", -1, 30)).await;
    assert!(certificate.ours && !certificate.names_gateway);
    assert_eq!((seen.gateway.answer, seen.clock_ahead), (None, None));
}

#[tokio::test]
async fn a_chain_with_an_authority_between_is_ours() {
    let ca = Authority::new("KV CA");
    let mut between = CertificateParams::default();
    between.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    between.distinguished_name.push(DnType::CommonName, "KV CA 2");
    let between = CertifiedIssuer::signed_by(between, KeyPair::generate().unwrap(), &ca.0).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = params(NAME, -1, 30).signed_by(&key, &between).unwrap();
    let chain = vec![certificate.der().clone(), between.der().clone()];
    let (certificate, _) = judged(&ca, Leaf { chain, key: key.serialize_der() }).await;
    assert!(certificate.ours && certificate.issuer == "KV CA 2", "{certificate:?}");
}

/// What each hello meets at a box that does so with every connection.
async fn at_a_box<F, D>(each: F) -> (Tls, Option<Tls>)
where
    F: Fn(TcpStream) -> D + Send + 'static,
    D: Future<Output = ()> + Send + 'static,
{
    let ca = Authority::new("KV CA");
    let end = serve(each).await;
    let seen = seen(&ca, end).await;
    assert_eq!(seen.gateway.answer, None);
    let end = seen.way.ends.into_iter().next().unwrap();
    (end.tls.unwrap(), end.small_hello)
}

async fn answering(answer: &'static [u8], mut stream: TcpStream) {
    let mut hello = vec![0; 4096];
    let _ = stream.read(&mut hello).await;
    let _ = stream.write_all(answer).await;
    // What is still to come must not turn the end into a reset that overtakes the answer.
    let _ = stream.shutdown().await;
    let _ = stream.read_to_end(&mut hello).await;
}

#[tokio::test]
async fn what_boxes_answer_is_told_apart() {
    let refused = at_a_box(|stream| answering(&[21, 3, 3, 0, 2, 2, 40], stream)).await;
    assert_eq!(refused, (Tls::Alert(40), Some(Tls::Alert(40))));
    let page = at_a_box(|stream| answering(b"HTTP/1.1 403 Forbidden\r\n\r\nBlocked by policy", stream)).await;
    assert_eq!(page, (Tls::NotTls, Some(Tls::NotTls)));
    let cut = at_a_box(|stream| answering(b"", stream)).await;
    assert_eq!(cut, (Tls::Cut, Some(Tls::Cut)));
    let reset = at_a_box(|stream| async move {
        socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    })
    .await;
    assert_eq!(reset, (Tls::Cut, Some(Tls::Cut)));
    let stalled = at_a_box(|mut stream| async move {
        // The head of a ServerHello whose rest never comes.
        let _ = stream.write_all(&[22, 3, 3, 0, 90, 2, 0, 0, 86]).await;
        std::future::pending::<()>().await;
    });
    let silent = at_a_box(|stream| async move {
        let _open = stream;
        std::future::pending::<()>().await;
    });
    let (stalled, silent) = tokio::join!(stalled, silent);
    assert!(matches!(&stalled.0, Tls::Broken(how) if how == "silent after 9 bytes"), "{stalled:?}");
    assert_eq!(silent, (Tls::Silent, Some(Tls::Silent)));
}

/// A box that lets small hellos through to the gateway, and cuts or swallows larger ones.
async fn filter(to: SocketAddr, cuts: bool) -> SocketAddr {
    serve(move |mut stream| async move {
        let mut hello = vec![0; 16 * 1024];
        tokio::time::sleep(Duration::from_millis(50)).await;
        let length = stream.read(&mut hello).await.unwrap();
        if length > 1000 {
            if !cuts {
                std::future::pending::<()>().await;
            }
            return;
        }
        let mut gateway = TcpStream::connect(to).await.unwrap();
        gateway.write_all(&hello[..length]).await.unwrap();
        let _ = tokio::io::copy_bidirectional(&mut stream, &mut gateway).await;
    })
    .await
}

#[tokio::test]
async fn a_box_that_takes_small_hellos_only_is_found_and_nothing_is_sent_over_the_small_one() {
    let ca = Authority::new("KV CA");
    let gateway = gateway(ca.leaf(NAME, -1, 30), ok(&info())).await;
    let (cutting, swallowing) = (filter(gateway, true).await, filter(gateway, false).await);
    let (cut, swallowed) = tokio::join!(seen(&ca, cutting), seen(&ca, swallowing));
    for (seen, tls) in [(cut, Tls::Cut), (swallowed, Tls::Silent)] {
        let end = &seen.way.ends[0];
        assert_eq!(end.tls, Some(tls));
        assert!(matches!(&end.small_hello, Some(Tls::Certificate(c)) if c.ours && c.names_gateway), "{end:?}");
        assert_eq!((seen.gateway.answer, seen.clock_ahead), (None, None));
    }
}

#[tokio::test]
async fn a_gateway_without_the_new_group_refuses_the_products_hello() {
    let ca = Authority::new("KV CA");
    let old = CryptoProvider { kx_groups: vec![aws_lc_rs::kx_group::X25519], ..aws_lc_rs::default_provider() };
    let end = serve_with(ca.leaf(NAME, -1, 30).acceptor(old), ok(&info())).await;
    let seen = seen(&ca, end).await;
    assert!(matches!(seen.way.ends[0].tls, Some(Tls::Alert(_))), "{:?}", seen.way);
    assert!(matches!(seen.way.ends[0].small_hello, Some(Tls::Certificate(_))));
}

#[tokio::test]
async fn whoever_shows_a_certificate_without_its_key_is_not_believed() {
    let ca = Authority::new("KV CA");
    let stolen = Leaf { key: KeyPair::generate().unwrap().serialize_der(), ..ca.leaf(NAME, -1, 30) };
    let key = PrivateKeyDer::try_from(stolen.key).unwrap();
    let signing = aws_lc_rs::sign::any_supported_type(&key).unwrap();
    let certified = rustls::sign::CertifiedKey::new(stolen.chain, signing);
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(certified)));
    let end = serve_with(TlsAcceptor::from(Arc::new(config)), ok(&info())).await;
    let seen = seen(&ca, end).await;
    assert!(matches!(seen.way.ends[0].tls, Some(Tls::Broken(_))), "{:?}", seen.way);
    assert_eq!(seen.gateway.answer, None);
}

#[tokio::test]
async fn what_a_gateway_says_of_itself_is_understood() {
    let ca = Authority::new("KV CA");
    let ready = |version: &str, min: &str, too_old| InfoAnswer::Ready {
        version: version.into(),
        min_client: min.into(),
        too_old,
    };
    let readiness = |readiness| ok(&Info { readiness, ..info() });
    let problem = |status: &str, number: &str, fault: &str| {
        let rest = "\"until\":1800000000";
        http(
            status,
            &format!("{{\"type\":\"about:blank\",\"title\":\"x\",\"status\":{number},\"fault\":\"{fault}\",{rest}}}"),
        )
    };
    let worked_on =
        Info { maintenance: Some(Maintenance { until: Some(7) }), readiness: Readiness::Draining, ..info() };
    for (answer, expected) in [
        (ok(&Info { min_client_version: "0.2.0".into(), ..info() }), ready("0.1.0", "0.2.0", true)),
        (ok(&Info { min_client_version: "0.0.9".into(), ..info() }), ready("0.1.0", "0.0.9", false)),
        (ok(&worked_on), InfoAnswer::Maintenance { until: Some(7) }),
        (readiness(Readiness::Draining), InfoAnswer::Draining),
        (readiness(Readiness::Database), InfoAnswer::Database),
        (readiness(Readiness::Busy), InfoAnswer::Busy),
        (readiness(Readiness::Closed), InfoAnswer::Strange { status: 200 }),
        (problem("503 Service Unavailable", "503", "KVF-503-6"), InfoAnswer::Database),
        (problem("503 Service Unavailable", "503", "KVF-508-5"), InfoAnswer::Busy),
        (
            problem("503 Service Unavailable", "503", "KVF-501-2"),
            InfoAnswer::Maintenance { until: Some(1_800_000_000) },
        ),
        (http("500 Internal Server Error", "<h1>oops</h1>"), InfoAnswer::Strange { status: 500 }),
        ("SSH-2.0-OpenSSH\r\n".to_owned(), InfoAnswer::Strange { status: 0 }),
        (String::new(), InfoAnswer::Silent),
    ] {
        let end = gateway(ca.leaf(NAME, -1, 30), answer.clone()).await;
        assert_eq!(seen(&ca, end).await.gateway.answer, Some(expected), "{answer}");
    }
}

#[tokio::test]
async fn a_gateway_that_says_where_its_tunnel_is_offers_an_echo() {
    let ca = Authority::new("KV CA");
    let tunnel = Some(TunnelHint { public_key: flexnet_protocol::Key::new([1; 32]), endpoints: Vec::new() });
    let end = gateway(ca.leaf(NAME, -1, 30), ok(&Info { tunnel, ..info() })).await;
    assert_eq!(seen(&ca, end).await.offered, Some(true));
}

#[tokio::test]
async fn of_several_ends_each_is_told_and_the_best_answer_counts() {
    let ca = Authority::new("KV CA");
    let draining = gateway(ca.leaf(NAME, -1, 30), ok(&Info { readiness: Readiness::Draining, ..info() })).await;
    let ready = gateway(ca.leaf(NAME, -1, 30), ok(&info())).await;
    let dead = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let seen = look(&profile(&ca, &[dead, draining, ready]), "0.1.0", None).await;
    assert_eq!(seen.way.ends.len(), 3);
    assert_eq!((&seen.way.ends[0].reach, &seen.way.ends[0].tls), (&Reach::Refused, &None));
    assert!(matches!(seen.gateway.answer, Some(InfoAnswer::Ready { .. })), "{:?}", seen.gateway);
}

/// A proxy that leads everybody there, whatever is asked; without an end it forbids.
async fn leading(to: Option<SocketAddr>) -> Setting {
    let end = serve(move |mut stream| async move {
        let mut head = vec![0; 4096];
        let length = stream.read(&mut head).await.unwrap();
        assert!(head[..length].starts_with(b"CONNECT 127.0.0.1:"), "something else was asked");
        let Some(to) = to else {
            return answering(b"HTTP/1.1 403 Filtered\r\nContent-Length: 0\r\n\r\n", stream).await;
        };
        let mut gateway = TcpStream::connect(to).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
        let _ = tokio::io::copy_bidirectional(&mut stream, &mut gateway).await;
    })
    .await;
    Setting::Address { source: "environment", text: end.to_string() }
}

#[tokio::test]
async fn through_a_proxy_the_gateway_is_asked_and_whoever_reads_along_is_not() {
    let (ca, other) = (Authority::new("KV CA"), Authority::new("Beispiel Web Shield CA"));
    let dead = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let behind = async |to| look(&profile(&ca, &[dead]), "0.1.0", Some(leading(to).await)).await;
    let ours = gateway(ca.leaf(NAME, -1, 30), ok(&info())).await;
    let seen = behind(Some(ours)).await;
    assert_eq!(seen.way.ends[0].reach, Reach::Refused);
    assert!(
        matches!(&seen.way.through_proxy, Some(Tls::Certificate(c)) if c.ours && c.names_gateway),
        "{:?}",
        seen.way
    );
    assert!(matches!(seen.gateway.answer, Some(InfoAnswer::Ready { .. })) && seen.clock_ahead.is_some());
    let reading = gateway(other.leaf(NAME, -1, 30), ok(&info())).await;
    let seen = behind(Some(reading)).await;
    assert!(matches!(&seen.way.through_proxy, Some(Tls::Certificate(c)) if !c.ours), "{:?}", seen.way);
    assert_eq!((seen.gateway.answer, seen.clock_ahead), (None, None));
    let seen = behind(None).await;
    assert_eq!((seen.way.through_proxy, seen.gateway.answer), (None, None));
    // Where it is not needed it is not asked.
    let seen = look(&profile(&ca, &[ours]), "0.1.0", Some(leading(Some(reading)).await)).await;
    assert_eq!(seen.way.through_proxy, None);
    assert!(matches!(seen.gateway.answer, Some(InfoAnswer::Ready { .. })));
}
