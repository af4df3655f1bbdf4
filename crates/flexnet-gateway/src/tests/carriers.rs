//! Carriers through TLS 443: who gets one, where it leads, and how it ends. Requests and capsules are written by hand, byte by byte.

use std::{process::Stdio, time::Duration};

use flexnet_protocol::gateway::{CONNECT_UDP_PATH, EndReason};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::UdpSocket,
    time::timeout,
};

use super::*;
use crate::sessions::{self, Which};

const PATIENCE: Duration = Duration::from_secs(20);
const UPGRADE: &str = "Connection: Upgrade\r\nUpgrade: connect-udp\r\nCapsule-Protocol: ?1\r\n";

/// A gateway, and in the place of its WireGuard a socket of the test.
async fn stage(change: impl FnOnce(&mut Config)) -> (Stage, UdpSocket) {
    let wireguard = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let port = wireguard.local_addr().unwrap().port();
    let stage = Stage::with(|config| {
        config.tunnel.listen_port = port;
        change(config);
    });
    (stage.await, wireguard)
}

/// A connection and what the gateway answered on it, without a body.
struct Asked {
    stream: TlsStream<TcpStream>,
    head: String,
}

impl Asked {
    async fn at(stage: &Stage, path: &str, headers: &str) -> Self {
        let mut stream = stage.tls(&[aws_lc_rs::kx_group::X25519MLKEM768]).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: flexnet.example\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(timeout(PATIENCE, stream.read_u8()).await.expect("an answer in time").unwrap());
        }
        Self { stream, head: String::from_utf8(head).unwrap().to_ascii_lowercase() }
    }

    async fn carrier(stage: &Stage, token: &Secret) -> Self {
        let headers = format!("Authorization: Bearer {}\r\n{UPGRADE}", token.expose());
        let asked = Self::at(stage, CONNECT_UDP_PATH, &headers).await;
        assert!(asked.head.starts_with("http/1.1 101 "), "{}", asked.head);
        asked
    }

    fn refused(&self, status: u16) {
        assert!(self.head.starts_with(&format!("http/1.1 {status} ")), "{}", self.head);
        assert!(self.head.contains("content-type: application/problem+json"), "{}", self.head);
    }

    /// A datagram there and one back, as capsules.
    async fn carries(&mut self, wireguard: &UdpSocket) {
        self.stream.write_all(b"\x00\x06\x00hello").await.unwrap();
        let mut buffer = [0; 64];
        let received = timeout(PATIENCE, wireguard.recv_from(&mut buffer)).await.expect("a datagram in time");
        let (bytes, from) = received.unwrap();
        assert_eq!(&buffer[..bytes], b"hello");
        assert!(from.ip().is_loopback());
        wireguard.send_to(b"answer", from).await.unwrap();
        let mut capsule = [0; 9];
        timeout(PATIENCE, self.stream.read_exact(&mut capsule)).await.expect("a capsule in time").unwrap();
        assert_eq!(&capsule, b"\x00\x07\x00answer");
    }

    /// Ended by the gateway in good order: with the farewell of TLS, and after nothing but signs of life.
    async fn is_closed(&mut self) {
        let mut rest = Vec::new();
        timeout(PATIENCE, self.stream.read_to_end(&mut rest)).await.expect("an end in time").unwrap();
        assert!(rest.chunks(2).all(|capsule| capsule == [0x17, 0x00]), "{rest:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_session_gets_a_carrier_to_the_wireguard_port_that_outlives_the_limit_of_a_connection() {
    // A second for a connection, and a quarter for its last answer.
    let (stage, wireguard) = stage(|config| config.limits.connection_seconds = 1).await;
    let grant = stage.enter(&mut stage.member("m.muster").await).await;
    let begun = std::time::Instant::now();
    let mut asked = Asked::carrier(&stage, &grant.session_token).await;
    for header in ["connection: upgrade\r\n", "upgrade: connect-udp\r\n", "capsule-protocol: ?1\r\n"] {
        assert!(asked.head.contains(header), "{}", asked.head);
    }
    assert!(!asked.head.contains("content-length") && !asked.head.contains("transfer-encoding"), "{}", asked.head);
    while begun.elapsed() < Duration::from_secs(2) {
        asked.carries(&wireguard).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_carrier_is_for_live_sessions_and_leads_nowhere_else() {
    let (stage, _wireguard) = stage(|_| {}).await;
    let mut member = stage.member("m.muster").await;
    let older = stage.enter(&mut member).await;
    let newer = stage.enter(&mut member).await;
    let bearer = |token: &str| format!("Authorization: Bearer {token}\r\n");
    let live = bearer(newer.session_token.expose());

    Asked::at(&stage, CONNECT_UDP_PATH, UPGRADE).await.refused(401);
    Asked::at(&stage, CONNECT_UDP_PATH, &(bearer("fremd") + UPGRADE)).await.refused(401);
    Asked::at(&stage, CONNECT_UDP_PATH, &(bearer(older.session_token.expose()) + UPGRADE)).await.refused(410);
    for wrong in ["", "Connection: Upgrade\r\nUpgrade: websocket\r\n", "Upgrade: connect-udp\r\n"] {
        Asked::at(&stage, CONNECT_UDP_PATH, &(live.clone() + wrong)).await.refused(400);
    }
    for elsewhere in ["192.0.2.1/53/", "localhost/443/", "localhost/51820", ""] {
        Asked::at(&stage, &format!("/.well-known/masque/udp/{elsewhere}"), &(live.clone() + UPGRADE))
            .await
            .refused(404);
    }
    assert_eq!(stage.connect().await.call("POST", CONNECT_UDP_PATH, None, "").await.status, 405);
    assert_eq!(stage.attempts_left("m.muster").await, 5, "nothing of this is an attempt");
}

#[tokio::test(flavor = "multi_thread")]
async fn carriers_are_few_and_a_member_can_always_replace_his_own() {
    let (stage, wireguard) = stage(|config| config.limits.carriers = 2).await;
    let mine = stage.enter(&mut stage.member("m.muster").await).await;
    let other = stage.enter(&mut stage.member("e.eigen").await).await;
    let mut first = Asked::carrier(&stage, &mine.session_token).await;
    let mut second = Asked::carrier(&stage, &mine.session_token).await;
    let headers = format!("Authorization: Bearer {}\r\n{UPGRADE}", other.session_token.expose());
    Asked::at(&stage, CONNECT_UDP_PATH, &headers).await.refused(503);

    let mut third = Asked::carrier(&stage, &mine.session_token).await;
    first.is_closed().await;
    second.carries(&wireguard).await;
    third.carries(&wireguard).await;
    drop((second, third));
    let asked = async {
        loop {
            let asked = Asked::at(&stage, CONNECT_UDP_PATH, &headers).await;
            if asked.head.starts_with("http/1.1 101 ") {
                break asked;
            }
        }
    };
    timeout(PATIENCE, asked).await.expect("places that were given back").carries(&wireguard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_carrier_ends_with_its_session_whoever_ended_it() {
    let (stage, wireguard) = stage(|_| {}).await;
    let mut members = [stage.member("m.muster").await, stage.member("e.eigen").await, stage.member("a.anders").await];
    let mut carriers = Vec::new();
    for member in &mut members {
        let grant = stage.enter(member).await;
        carriers.push((Asked::carrier(&stage, &grant.session_token).await, grant));
    }
    let [(mut left, leaving), (mut desk, ended), (mut stays, _)] = carriers.try_into().ok().unwrap();
    stage.connect().await.call("DELETE", "/v1/session", Some(&leaving.session_token), "").await;
    left.is_closed().await;
    // Written by another process: nothing in this one is told.
    let mut write = stage.gateway.database.write().await.unwrap();
    let (which, now) = (Which::Named(&ended.session_id), stage.gateway.clock.now());
    sessions::end(&mut write, "desk", which, EndReason::Desk, "desk", now).await.unwrap();
    write.commit().await.unwrap();
    let told = std::time::Instant::now();
    desk.is_closed().await;
    eprintln!("closed {:?} after its session", told.elapsed());
    stays.carries(&wireguard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_speaks_no_capsules_loses_the_carrier_and_nothing_else() {
    let (stage, wireguard) = stage(|_| {}).await;
    let grant = stage.enter(&mut stage.member("m.muster").await).await;
    for garbage in [&b"\x00\x00"[..], b"\x00\xbf\xff\xff\xff", b"\x17\xff\xff\xff\xff\xff\xff\xff\xff"] {
        let mut asked = Asked::carrier(&stage, &grant.session_token).await;
        asked.stream.write_all(garbage).await.unwrap();
        // Not in good order: what was being sent can no longer be told apart.
        let mut rest = Vec::new();
        drop(timeout(PATIENCE, asked.stream.read_to_end(&mut rest)).await.expect("an end in time"));
        assert!(rest.is_empty(), "{rest:?}");
    }
    Asked::carrier(&stage, &grant.session_token).await.carries(&wireguard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_stops_takes_leave_of_its_carriers() {
    let (stage, wireguard) = stage(|_| {}).await;
    let grant = stage.enter(&mut stage.member("m.muster").await).await;
    let mut asked = Asked::carrier(&stage, &grant.session_token).await;
    asked.carries(&wireguard).await;
    let (stage, ()) = tokio::join!(stage.restart(), asked.is_closed());
    // The session outlives the restart, so its next carrier stands again.
    let _again = Asked::carrier(&stage, &grant.session_token).await;
}

/// A client that shares no line with ours, nor its language.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_from_the_rfcs_alone_is_understood() {
    let (stage, wireguard) = stage(|_| {}).await;
    let grant = stage.enter(&mut stage.member("m.muster").await).await;
    let mut client = tokio::process::Command::new("python3");
    client.args(["-c", include_str!("connect_udp.py")]);
    client.args([
        &stage.address.port().to_string(),
        &stage.folder.join("ca.pem").display().to_string(),
        CONNECT_UDP_PATH,
    ]);
    client.env("TOKEN", grant.session_token.expose()).stdout(Stdio::piped()).kill_on_drop(true);
    let client = client.spawn().unwrap();
    let echo = async {
        let mut buffer = vec![0; 65_536];
        loop {
            let (bytes, from) = wireguard.recv_from(&mut buffer).await.unwrap();
            wireguard.send_to(&buffer[..bytes], from).await.unwrap();
        }
    };
    let output = tokio::select! {
        output = timeout(PATIENCE, client.wait_with_output()) => output.expect("a client that ends").unwrap(),
        () = echo => unreachable!("the echo goes on"),
    };
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "101, 40 datagrams came back as they went\n");
}
