//! What only a gateway's device does: echoes, and initiations of those who are no peers yet, each from the address that was asked.

use gotatun::noise::{Tunn, index_table::IndexTable, rate_limiter::RateLimiter};

use super::*;

#[tokio::test]
async fn a_gateway_echoes_what_asks_for_it_and_a_client_does_not() {
    let asking = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    for (serves, own, answers) in [(true, "127.0.0.1", true), (true, "127.0.0.2", true), (false, "127.0.0.1", false)] {
        let end = End::start_as(1, serves);
        let asked = SocketAddr::new(own.parse().unwrap(), end.port());
        let question = [0xf5, 1, 2, 3, 4, 5, 6, 7, 8];
        asking.send_to(&question, asked).await.unwrap();
        let mut answer = [0; 64];
        let patience = if answers { PATIENCE } else { MOMENT };
        let got = timeout(patience, asking.recv_from(&mut answer)).await;
        assert_eq!(got.is_ok(), answers);
        if let Ok(Ok((length, from))) = got {
            assert_eq!((answer[0], &answer[1..length], from), (0xf4, &question[1..], asked));
        }
    }
}

#[tokio::test]
async fn an_answer_is_not_answered() {
    let end = End::start_as(1, true);
    let (to, asking) = (("127.0.0.1", end.port()), tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap());
    asking.send_to(&[0xf4, 1], to).await.unwrap();
    asking.send_to(&[0xf5, 2], to).await.unwrap();
    let mut answer = [0; 64];
    timeout(PATIENCE, asking.recv_from(&mut answer)).await.expect("no answer").unwrap();
    assert_eq!(answer[..2], [0xf4, 2], "the first was taken for a question");
}

#[tokio::test]
async fn one_sender_s_initiations_are_bounded_and_a_carrier_s_are_its_own() {
    let gateway = End::start_as(1, true);
    let to = ("127.0.0.1", gateway.port());
    let stranger = |number: u8| {
        let secret = StaticSecret::from([number; 32]);
        let (key, gateway) = (PublicKey::from(&secret), PublicKey::from(*gateway.key.public_key().bytes()));
        let limiter = Arc::new(RateLimiter::new(&key, 1));
        let mut tunnel = Tunn::new(secret, gateway, None, None, IndexTable::from_os_rng(), limiter);
        (key.to_bytes(), gotatun::packet::Packet::from(tunnel.format_handshake_initiation(true).unwrap()))
    };
    let many: Vec<_> = (1..=60).map(stranger).collect();
    let (last, initiation) = stranger(61);
    let (one, other) = (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
    for (_, initiation) in &many {
        one.send_to(initiation, to).unwrap();
    }
    other.send_to(&initiation, to).unwrap();
    let kept = |key: &[u8; 32]| gateway.device.system.engine.serving().unwrap().take(key, Instant::now()).is_some();
    let read = async {
        while !kept(&last) {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, read).await.expect("another carrier's initiation was refused");
    // What was worked on are the first fifty; the last of them are kept.
    let kept: Vec<usize> = (0..60).filter(|number| kept(&many[*number].0)).collect();
    assert_eq!(kept, (42..50).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_gateway_speaks_from_the_address_that_was_asked_while_it_has_it() {
    let (member, gateway) = (End::start(1), End::start_as(2, true));
    let second = SocketAddr::from(([127, 0, 0, 2], gateway.port()));
    gateway.wants(&Peer { endpoint: None, ..member.as_peer(7) }).await;
    member.wants(&Peer { endpoint: Some(second), ..gateway.as_peer(7) }).await;
    // It goes where it was last answered from.
    assert!(send(&member, &gateway, PATIENCE).await);
    assert_eq!(member.raw().await.peer.endpoint, Some(second), "the handshake");
    assert!(send(&gateway, &member, PATIENCE).await);
    assert_eq!(member.raw().await.peer.endpoint, Some(second), "packets");

    let peer = gateway.device.system.engine.table().iter().map(|entry| Arc::clone(&entry.peer)).next().unwrap();
    let known = peer.state().endpoint.unwrap();
    assert_eq!(known.local, Some(second.ip()));
    peer.state().endpoint = Some(Endpoint { local: Some([192, 0, 2, 1].into()), ..known });
    assert!(send(&gateway, &member, PATIENCE).await, "a gone address keeps packets back");
    let forgotten = async {
        while peer.state().endpoint != Some(known.remote.into()) {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, forgotten).await.expect("a gone address is still tried");
}

#[tokio::test]
async fn an_initiation_that_comes_before_its_peer_is_answered_when_the_peer_comes() {
    let (member, gateway) = (End::start(1), End::start_as(2, true));
    let second = SocketAddr::from(([127, 0, 0, 2], gateway.port()));
    member.wants(&Peer { endpoint: Some(second), ..gateway.as_peer(7) }).await;
    member.device.handshake().await.unwrap();
    assert!(member.raw().await.last_handshake.is_none(), "a stranger was answered");
    let began = Instant::now();
    gateway.wants(&Peer { endpoint: None, ..member.as_peer(7) }).await;
    let agreed = async {
        while member.raw().await.last_handshake.is_none() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, agreed).await.expect("the early initiation was forgotten");
    assert_eq!(member.raw().await.peer.endpoint, Some(second), "answered from another address than was asked");
    assert!(began.elapsed() < Duration::from_secs(4), "it was the second initiation that was answered");
    assert!(send(&member, &gateway, PATIENCE).await);
}
