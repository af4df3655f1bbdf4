//! Anchors, log-in pages and dead lines.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::*;
use crate::collect::world::{inside, line, profile};

/// A host that says this to everybody; `None` says nothing, and keeps the connection.
async fn host(ip: &str, says: Option<&'static str>) -> SocketAddr {
    let listener = TcpListener::bind((ip, 0)).await.unwrap();
    let end = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let mut stream = listener.accept().await.unwrap().0;
            tokio::spawn(async move {
                let mut question = [0; 2048];
                let _ = stream.read(&mut question).await;
                match says {
                    Some(says) => stream.write_all(says.as_bytes()).await.unwrap(),
                    None => tokio::time::sleep(Duration::from_secs(20)).await,
                }
            });
        }
    });
    end
}

#[tokio::test]
async fn what_answers_at_an_anchor_is_told_apart() {
    let cases = [
        (Some("HTTP/1.1 204 No Content\r\n\r\n"), Plain::Expected),
        (
            Some("HTTP/1.1 302 Found\r\nLocation: http://hotspot.example/\r\nContent-Length: 0\r\n\r\n"),
            Plain::LogIn { status: 302 },
        ),
        (Some("HTTP/1.1 307 Temporary Redirect\r\nContent-Length: 0\r\n\r\n"), Plain::LogIn { status: 307 }),
        (
            Some("HTTP/1.1 511 Network Authentication Required\r\nContent-Length: 5\r\n\r\nLogin"),
            Plain::LogIn { status: 511 },
        ),
        (Some("HTTP/1.0 200 OK\r\n\r\n<title>Hotel WLAN</title>"), Plain::Page { status: 200 }),
        (Some("SSH-2.0-x\r\n"), Plain::Cut),
        (Some(""), Plain::Cut),
        (None, Plain::Silent),
    ];
    let mut ends = Vec::new();
    for (says, _) in &cases {
        ends.push(host("127.0.0.1", *says).await);
    }
    let seen = look(None, &ends).await;
    for ((says, wanted), anchor) in cases.iter().zip(&seen.anchors) {
        assert!(matches!(anchor.reach, Reach::Open { .. }) && anchor.v4);
        assert_eq!(anchor.plain.as_ref(), Some(wanted), "{says:?}");
    }
    assert_eq!((seen.gateway_plain, seen.last_hop, seen.proxy), (None, None, None));
}

#[tokio::test]
async fn an_anchor_without_a_listener() {
    let end = TcpListener::bind("[::1]:0").await.unwrap().local_addr().unwrap();
    let seen = look(None, &[end, end]).await;
    assert_eq!(seen.anchors, [Anchor { v4: false, reach: Reach::Refused, plain: None }]);
}

#[tokio::test]
async fn the_gateways_port_80_must_say_its_own_text() {
    let is_ours = |status: u16, text: &str| status == 200 && text.starts_with(OURS);
    for (says, wanted) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\nkv-flexnet here\n", Plain::Expected),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother", Plain::Page { status: 200 }),
        ("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", Plain::LogIn { status: 302 }),
    ] {
        assert_eq!(ask(host("127.0.0.1", Some(says)).await, is_ours).await.1, Some(wanted));
    }
}

#[test]
fn the_best_address_of_the_gateway_counts() {
    let best = |all: [Plain; 2]| all.into_iter().min_by_key(rank).unwrap();
    assert_eq!(best([Plain::Unreached(Reach::Silent), Plain::Expected]), Plain::Expected);
    assert_eq!(best([Plain::Unreached(Reach::Silent), Plain::LogIn { status: 302 }]), Plain::LogIn { status: 302 });
    assert_eq!(
        best([Plain::Unreached(Reach::NoRoute), Plain::Unreached(Reach::Refused)]),
        Plain::Unreached(Reach::Refused)
    );
}

#[test]
fn how_far_packets_get() {
    inside(&line(""), async {
        // The router, and the gateway itself.
        assert_eq!(look(Some(&profile(&[])), &[]).await.last_hop, Some(2));
    });
}

#[test]
fn the_line_behind_the_router_is_dead() {
    inside(&line("on r ip link set wan down"), async {
        let seen = look(Some(&profile(&[])), &[]).await;
        assert_eq!(seen.last_hop, Some(1), "{seen:?}");
        assert!(seen.anchors.iter().all(|anchor| anchor.plain.is_none()), "{seen:?}");
        assert!(matches!(seen.gateway_plain, Some(Plain::Unreached(_))));
    });
}

#[test]
fn the_router_is_dead() {
    inside(&line("on r ip addr flush dev lan"), async {
        let seen = look(Some(&profile(&[])), &[]).await;
        assert_eq!(seen.last_hop, Some(0));
    });
}
