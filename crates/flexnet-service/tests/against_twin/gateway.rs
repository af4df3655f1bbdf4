//! Every way in which the connection to the gateway can fail has its own fault, and nothing of an entry is sent before the gateway is proven.

use std::time::Duration;

use crate::twin::{Line, Paper, Twin};
use flexnet_protocol::{
    FaultCode, Key, Secret,
    gateway::{EndReason, Resume, TunnelHint},
    profile::Profile,
};
use flexnet_service::gateway::{Gateway, Poll, Resumption};
use rustls::crypto::aws_lc_rs::kx_group;
use tokio::net::{TcpSocket, TcpStream};

async fn failure(twin: &Twin, profile: &str) -> FaultCode {
    let gateway = Gateway::new(&Profile::parse(profile).unwrap()).unwrap();
    let code = gateway.connect().await.err().map(|fault| fault.code).expect("it connects");
    assert!(twin.seen(|seen| seen.sign_ins.is_empty()), "something was sent");
    code
}

#[tokio::test]
async fn a_good_gateway_is_proven_and_tells_about_itself() {
    let twin = Twin::start().await;
    let gateway = Gateway::new(&Profile::parse(&twin.profile()).unwrap()).unwrap();
    let mut connection = gateway.connect().await.unwrap();
    assert!(connection.usable());
    assert_eq!(connection.info().await.unwrap().policy.attempts, 5);
}

#[tokio::test]
async fn lines_that_fail_are_told_apart() {
    for (line, code) in
        [(Line::Cut, FaultCode::ConnectionCut), (Line::Silent, FaultCode::TlsSilent), (Line::NotTls, FaultCode::NotTls)]
    {
        let twin = Twin::start().await;
        twin.set_line(line);
        assert_eq!(failure(&twin, &twin.profile()).await, code, "{line:?}");
    }
}

#[tokio::test]
async fn another_key_exchange_is_refused() {
    let twin = Twin::with(&Paper::default(), &[kx_group::X25519]).await;
    twin.set_line(Line::OtherKeyExchange);
    assert_eq!(failure(&twin, &twin.profile()).await, FaultCode::TlsRefused);
}

#[tokio::test]
async fn a_closed_port_refuses() {
    let twin = Twin::start().await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let profile = twin.profile().replace(&twin.address.to_string(), &free.to_string());
    assert_eq!(failure(&twin, &profile).await, FaultCode::GatewayRefuses);
}

#[tokio::test]
async fn a_host_that_answers_no_tcp_is_silent() {
    let twin = Twin::start().await;
    // Nobody accepts, and the queue is full: the system drops every further SYN.
    let full = TcpSocket::new_v4().unwrap();
    full.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = full.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut held = Vec::new();
    while let Ok(Ok(stream)) = tokio::time::timeout(Duration::from_millis(300), TcpStream::connect(address)).await {
        held.push(stream);
        assert!(held.len() < 10, "the queue does not fill");
    }
    let profile = twin.profile().replace(&twin.address.to_string(), &address.to_string());
    assert_eq!(failure(&twin, &profile).await, FaultCode::GatewaySilent);
}

#[tokio::test]
async fn certificates_that_do_not_fit_are_told_apart() {
    for (paper, code) in [
        (Paper { name: "other.example", ..Paper::default() }, FaultCode::CertificateWrongName),
        (Paper { years: (2001, 2002), ..Paper::default() }, FaultCode::CertificateExpired),
        (Paper { years: (2098, 2099), ..Paper::default() }, FaultCode::CertificateNotYetValid),
    ] {
        let twin = Twin::with(&paper, &[kx_group::X25519MLKEM768]).await;
        assert_eq!(failure(&twin, &twin.profile()).await, code);
    }
}

#[tokio::test]
async fn another_authority_is_not_trusted() {
    let (twin, other) = (Twin::start().await, Twin::start().await);
    let profile = twin.profile().replace(&twin.ca, &other.ca);
    assert_eq!(failure(&twin, &profile).await, FaultCode::CertificateUntrusted);
}

#[tokio::test]
async fn a_wrong_clock_is_not_blamed_on_the_certificate() {
    let paper = Paper { years: (2090, 2095), ..Paper::default() };
    let twin = Twin::with(&paper, &[kx_group::X25519MLKEM768]).await;
    // The middle of 2092, as the gateway's own clock has it.
    twin.set_server_time(3_865_000_000);
    assert_eq!(failure(&twin, &twin.profile()).await, FaultCode::ClockWrong);
}

#[tokio::test]
async fn the_own_session_is_extended_resumed_and_waited_for() {
    let twin = Twin::start().await;
    let gateway = Gateway::new(&Profile::parse(&twin.profile()).unwrap()).unwrap();
    let token = Secret::new("session-token");
    let keys = Resume { client_public_key: Key::new([5; 32]), preshared_key: Some(Key::new([6; 32])) };
    let mut connection = gateway.connect().await.unwrap();
    assert!(matches!(connection.extend(&token).await.unwrap(), Poll::Live(state) if state.idle_end == 1_801));
    // A lost answer is asked for once more, with the same keys.
    twin.lose(1);
    assert_eq!(connection.resume(&token, &keys).await.unwrap_err().code, FaultCode::ConnectionCut);
    let mut connection = gateway.connect().await.unwrap();
    let Resumption::Live(grant) = connection.resume(&token, &keys).await.unwrap() else { panic!("it is over") };
    assert_eq!(grant.tunnel.preshared_key, Key::new([6; 32]));
    twin.seen(|seen| assert_eq!((seen.extended, &seen.resumed[..]), (1, &[keys.clone(), keys.clone()][..])));

    assert!(matches!(connection.session(&token).await.unwrap(), Poll::Live(_)));
    let waited = connection.session_waiting(&token, 25);
    let ended = async {
        twin.until("a wait", |seen| seen.waits == ["wait=25"]).await;
        twin.end(EndReason::NewerSignIn);
    };
    let (waited, ()) = tokio::join!(tokio::time::timeout(Duration::from_secs(20), waited), ended);
    assert_eq!(waited.unwrap().unwrap(), Poll::Ended(EndReason::NewerSignIn));
    assert_eq!(connection.extend(&token).await.unwrap(), Poll::Ended(EndReason::NewerSignIn));
    let resumed = connection.resume(&token, &keys).await.unwrap();
    assert_eq!(resumed, Resumption::Ended(EndReason::NewerSignIn));
}

#[tokio::test]
async fn a_gateway_that_says_where_its_tunnel_is_is_remembered() {
    let twin = Twin::start().await;
    let gateway = Gateway::new(&Profile::parse(&twin.profile()).unwrap()).unwrap();
    assert!(gateway.prepare().await.unwrap().usable());
    assert_eq!(gateway.hint(), None, "an older gateway does not say");
    let hint = TunnelHint { public_key: Key::new([1; 32]), endpoints: vec!["203.0.113.10:51820".parse().unwrap()] };
    twin.set_hint(Some(hint.clone()));
    assert!(gateway.prepare().await.unwrap().usable());
    assert_eq!(gateway.clone().hint(), Some(hint));
    twin.set_hint(None);
    gateway.prepare().await.unwrap();
    assert_eq!(gateway.hint(), None);
}
