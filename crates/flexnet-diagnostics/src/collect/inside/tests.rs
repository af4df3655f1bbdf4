//! Portals and name services on the loopback, which stands for the KV's network here. Port 53 needs root.

use std::net::Ipv4Addr;

use simple_dns::{ResourceRecord, rdata::A};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::*;

const HOST: &str = "portal.snk.example";

fn profile(url: &str, name_server: Option<Ipv4Addr>) -> Profile {
    let servers = name_server.map(|ip| format!("name_servers = [\"{ip}\"]\n")).unwrap_or_default();
    let host = Url::parse(url).unwrap().host_str().unwrap().to_owned();
    let text = format!(
        "organisation = \"KV\"\n[gateway]\nname = \"flexnet.example\"\nendpoints = [\"203.0.113.10:443\"]\n\
         ca = \"-----BEGIN CERTIFICATE-----\"\n[portal]\nurl = \"{url}\"\nhosts = [\"{host}\"]\nnetworks = [\"127.0.0.0/8\"]\n{servers}\
         [desk]\nname = \"D\"\nphone = \"0\"\nphone_uri = \"0\"\ntime_zone = \"UTC\"\nhours = []\n"
    );
    Profile::parse(&text).unwrap()
}

/// Answers each method so; an empty text is silence, one without an end stays open.
async fn portal_that_says(head: &'static str, get: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut asked = vec![0; 4096];
                let length = stream.read(&mut asked).await.unwrap_or_default();
                let answer = if asked[..length].starts_with(b"HEAD ") { head } else { get };
                let _ = stream.write_all(answer.as_bytes()).await;
                if !answer.ends_with('!') {
                    std::future::pending::<()>().await;
                }
            });
        }
    });
    port
}

/// A name service at `ip` that answers with that code and, where it is none, that address; `None` is silence.
async fn name_service(ip: Ipv4Addr, answer: Option<(RCODE, Option<Ipv4Addr>)>) {
    let socket = UdpSocket::bind((ip, 53)).await.expect("port 53 of the loopback is needed for this test (root)");
    tokio::spawn(async move {
        let mut buffer = vec![0; 4096];
        loop {
            let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
            let Some((code, address)) = answer else { continue };
            let mut packet = Packet::parse(&buffer[..length]).unwrap().into_reply();
            *packet.rcode_mut() = code;
            let asked = packet.questions[0].clone();
            if let (QTYPE::TYPE(TYPE::A), Some(address)) = (asked.qtype, address) {
                let data = RData::A(A { address: address.into() });
                packet.answers.push(ResourceRecord::new(asked.qname, CLASS::IN, 60, data));
            }
            socket.send_to(&packet.build_bytes_vec().unwrap(), from).await.unwrap();
        }
    });
}

const GOOD_HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n!";
const GOOD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhallo!";

#[tokio::test]
async fn a_portal_that_answers_is_whole() {
    let ip = Ipv4Addr::new(127, 0, 53, 1);
    name_service(ip, Some((RCODE::NoError, Some(Ipv4Addr::LOCALHOST)))).await;
    let port = portal_that_says(GOOD_HEAD, GOOD).await;
    let inside = look(&profile(&format!("http://{HOST}:{port}/"), Some(ip))).await;
    assert_eq!(inside.names, Some(Answer::Right));
    assert!(matches!(inside.portal, Some(Reach::Open { .. })));
    assert_eq!((inside.head, inside.whole), (Some(Page::Status(200)), Some(Page::Status(200))));
}

#[tokio::test]
async fn each_word_of_the_name_service_is_told_apart() {
    for (place, answer, expected) in [
        (2, Some((RCODE::NameError, None)), Answer::NoSuchName),
        (3, Some((RCODE::NoError, None)), Answer::NoSuchName),
        (4, Some((RCODE::ServerFailure, None)), Answer::Failure),
        (5, Some((RCODE::Refused, None)), Answer::Refused),
        (6, Some((RCODE::NoError, Some(Ipv4Addr::new(198, 18, 0, 1)))), Answer::Wrong),
        (7, None, Answer::Silent),
    ] {
        let ip = Ipv4Addr::new(127, 0, 53, place);
        name_service(ip, answer).await;
        let inside = look(&profile(&format!("http://{HOST}:1/"), Some(ip))).await;
        assert_eq!((inside.names, inside.portal), (Some(expected), None), "{answer:?}");
    }
    let nobody = Ipv4Addr::new(127, 0, 53, 99);
    assert_eq!(look(&profile(&format!("http://{HOST}/"), Some(nobody))).await.names, Some(Answer::Refused));
}

#[tokio::test]
async fn what_a_portal_does_is_told_apart() {
    let page = async |head, get| {
        let port = portal_that_says(head, get).await;
        // Without a name service of the profile the system is asked.
        let inside = look(&profile(&format!("http://localhost:{port}/"), None)).await;
        assert_eq!(inside.names, Some(Answer::Right));
        (inside.head, inside.whole)
    };
    let maintenance = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n!";
    let stalls = "HTTP/1.1 200 OK\r\nContent-Length: 40000\r\n\r\nit begins";
    let (busy, silent, cut, lost, stalled) = tokio::join!(
        page(maintenance, maintenance),
        page("", ""),
        page("!", "!"),
        page(GOOD_HEAD, ""),
        page(GOOD_HEAD, stalls),
    );
    assert_eq!(busy, (Some(Page::Status(503)), Some(Page::Status(503))));
    assert_eq!(silent, (Some(Page::Silent), None));
    assert_eq!(cut, (Some(Page::Cut), None));
    assert_eq!(lost, (Some(Page::Status(200)), Some(Page::Silent)));
    assert_eq!(stalled, (Some(Page::Status(200)), Some(Page::Stalled)));
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let inside = look(&profile(&format!("http://localhost:{closed}/"), None)).await;
    assert_eq!((inside.portal, inside.head), (Some(Reach::Refused), None));
}

#[tokio::test]
async fn a_portal_whose_certificate_nobody_here_trusts_is_asked_nothing() {
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.serialize_der().try_into().unwrap())
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = tokio::spawn(async move { acceptor.accept(listener.accept().await.unwrap().0).await.is_ok() });
    let inside = look(&profile(&format!("https://localhost:{port}/"), None)).await;
    assert!(matches!(inside.portal, Some(Reach::Open { .. })) && inside.portal_untrusted && inside.head.is_none());
    assert!(!served.await.unwrap());
}
