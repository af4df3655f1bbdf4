//! Proxies of each kind, their scripts, and where they are set.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::*;
use crate::collect::world::profile;

const TARGET: &str = "203.0.113.10:443";

/// A proxy that says this to everybody, and hands the question out.
async fn proxy(says: Option<&'static str>) -> (SocketAddr, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (tell, told) = tokio::sync::mpsc::unbounded_channel();
    let end = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let mut stream = listener.accept().await.unwrap().0;
            let mut question = [0; 2048];
            let length = stream.read(&mut question).await.unwrap();
            let _ = tell.send(String::from_utf8_lossy(&question[..length]).into_owned());
            match says {
                Some(says) => stream.write_all(says.as_bytes()).await.unwrap(),
                None => tokio::time::sleep(Duration::from_secs(20)).await,
            }
        }
    });
    (end, told)
}

async fn said(text: String) -> ProxyAnswer {
    let setting = Setting::Address { source: "environment", text };
    let proxy = asked(setting, TARGET.parse().unwrap()).await.unwrap();
    assert_eq!(proxy.source, "environment");
    proxy.answer
}

#[tokio::test]
async fn what_a_proxy_says_is_told_apart() {
    for (says, wanted) in [
        (Some("HTTP/1.1 200 Connection established\r\n\r\n"), ProxyAnswer::Open),
        (Some("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"), ProxyAnswer::WantsPassword),
        (Some("HTTP/1.1 403 Filtered\r\nContent-Length: 0\r\n\r\n"), ProxyAnswer::Refuses { status: 403 }),
        (Some("nonsense"), ProxyAnswer::Refuses { status: 0 }),
        (None, ProxyAnswer::Silent),
    ] {
        let (end, mut told) = proxy(says).await;
        assert_eq!(said(format!("http://member:secret@{end}/")).await, wanted, "{says:?}");
        let question = told.recv().await.unwrap();
        assert!(question.starts_with("CONNECT 203.0.113.10:443 HTTP/1.1\r\n"), "{question}");
        assert!(!question.to_lowercase().contains("authorization"), "a password was sent");
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there_and_one_that_makes_no_sense() {
    let end = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert_eq!(said(end.to_string()).await, ProxyAnswer::Unreached(Reach::Refused));
    for text in ["http://", "http://host:99999", "socks5://127.0.0.1:1080", "a b"] {
        assert_eq!(said(text.into()).await, ProxyAnswer::BadAddress, "{text}");
    }
}

#[tokio::test]
async fn a_script_is_read_and_not_run() {
    let (end, _told) = proxy(Some("HTTP/1.1 200 OK\r\n\r\n")).await;
    let script = format!("function FindProxyForURL(u, h) {{ return \"PROXY {end}; DIRECT\"; }}");
    let page = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{script}", script.len());
    let (server, mut asked) = proxy(Some(Box::leak(page.into_boxed_str()))).await;
    let found = by_script("pac", &format!("http://{server}/proxy.pac"), TARGET.parse().unwrap()).await.unwrap();
    assert_eq!((found.source.as_str(), found.answer), ("pac", ProxyAnswer::Open));
    assert!(asked.recv().await.unwrap().starts_with("GET /proxy.pac HTTP/1.1\r\n"));
    let (login, _told) = proxy(Some("HTTP/1.1 200 OK\r\nContent-Length: 18\r\n\r\n<title>Hotel</title")).await;
    assert_eq!(by_script("wpad", &format!("http://{login}/wpad.dat"), TARGET.parse().unwrap()).await, None);
}

#[test]
fn the_first_proxy_of_a_script_is_taken() {
    let named = |script: &str| super::named(script);
    assert_eq!(named("return 'PROXY proxy.example:8080; PROXY b:1'").as_deref(), Some("proxy.example:8080"));
    assert_eq!(named("return \"DIRECT\";"), None);
    assert_eq!(named("return \"PROXY \" + host;").as_deref(), None);
    assert_eq!(named("PROXY"), None);
}

#[test]
fn variables_are_heeded_with_their_exceptions() {
    let set = |pairs: &[(&str, &str)]| {
        let value = |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        by_variables("environment", value, &profile(&[])).is_some()
    };
    assert!(
        set(&[("https_proxy", "http://p:1")])
            && set(&[("ALL_PROXY", "p:1")])
            && set(&[("https_proxy", " "), ("HTTPS_PROXY", "p:1")])
    );
    assert!(!set(&[]) && !set(&[("http_proxy", "p:1")]));
    for (exceptions, used) in [
        ("localhost,127.0.0.1", true),
        ("*", false),
        ("localhost, .example", false),
        ("flexnet.example", false),
        ("net.example", true),
        ("203.0.113.10", false),
        ("203.0.113.0/24", false),
        ("", true),
    ] {
        assert_eq!(set(&[("https_proxy", "p:1"), ("no_proxy", exceptions)]), used, "{exceptions}");
    }
}
