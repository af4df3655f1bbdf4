//! A tunnel between two devices: what passes, what keeps a session and what ends it.

use super::*;

#[tokio::test]
async fn packets_pass_both_ways() {
    let (one, two) = two_ends().await;
    assert!(send(&one, &two, PATIENCE).await);
    assert!(send(&two, &one, PATIENCE).await);
    let status = one.device.status().await.unwrap();
    assert!(status[0].last_handshake.is_some() && status[0].received > 0 && status[0].sent > 0, "{status:?}");
}

#[tokio::test]
async fn an_unchanged_peer_keeps_its_session_and_so_does_one_with_new_networks() {
    let (one, two) = two_ends().await;
    assert!(send(&one, &two, PATIENCE).await);
    let before = one.raw().await;
    let mut wanted = two.as_peer(7);
    assert!(one.wants(&wanted).await.is_empty());
    wanted.allowed_ips.push("10.0.9.0/24".parse().unwrap());
    assert_eq!(one.wants(&wanted).await.modified, [wanted.clone()]);
    let after = one.raw().await;
    assert_eq!(after.received, before.received, "the count of a session that is still the same");
    assert!(after.last_handshake.is_some());
    assert_eq!(after.peer.allowed_ips.len(), 2);
    assert!(send(&one, &two, PATIENCE).await);
}

#[tokio::test]
async fn a_new_preshared_key_ends_the_session_at_once() {
    let (one, two) = two_ends().await;
    assert!(send(&one, &two, PATIENCE).await);
    one.wants(&two.as_peer(8)).await;
    assert!(!send(&one, &two, MOMENT).await, "a session outlived its preshared key");
    assert!(one.raw().await.last_handshake.is_none());
}

#[tokio::test]
async fn a_removed_peer_gets_nothing_more() {
    let (one, two) = two_ends().await;
    assert!(send(&two, &one, PATIENCE).await);
    assert_eq!(one.device.set(&[]).await.unwrap().removed, [two.key.public_key()]);
    assert!(!send(&two, &one, MOMENT).await);
}

#[tokio::test]
async fn a_peer_speaks_for_its_own_addresses_only() {
    let (mut one, two) = two_ends().await;
    assert!(send(&one, &two, PATIENCE).await);
    one.host = 3;
    assert!(!send(&one, &two, MOMENT).await, "a packet with somebody else's address was delivered");
    one.host = 1;
    assert!(send(&one, &two, PATIENCE).await);
}

#[tokio::test]
async fn a_handshake_agrees_anew_and_loses_no_packet() {
    let (one, two) = two_ends().await;
    one.device.handshake().await.unwrap();
    let first = one.raw().await.last_handshake.expect("no handshake without traffic");
    assert!(send(&two, &one, PATIENCE).await && send(&one, &two, PATIENCE).await);
    let received = one.device.status().await.unwrap()[0].received;
    let agreed_anew = async {
        // gotatun's clock moves on four times a second.
        for round in 1.. {
            one.gives(2, round).await;
            two.gives(1, round).await;
            one.device.handshake().await.unwrap();
            assert_eq!(two.gets(PATIENCE).await, Some(round), "a packet was lost");
            assert_eq!(one.gets(PATIENCE).await, Some(round), "a packet was lost");
            if one.raw().await.last_handshake > Some(first) {
                return;
            }
        }
    };
    timeout(PATIENCE, agreed_anew).await.expect("no second handshake");
    let second = one.raw().await;
    assert!(second.received >= received, "counters fell");
}

#[tokio::test]
async fn who_cannot_be_asked_anew_keeps_the_session() {
    let (one, two) = two_ends().await;
    assert!(send(&one, &two, PATIENCE).await);
    let deaf = UdpSocket::bind("127.0.0.1:0").unwrap();
    let elsewhere = Peer { endpoint: Some(deaf.local_addr().unwrap()), ..two.as_peer(7) };
    one.device.system.invite(&[elsewhere]).await.unwrap();
    assert_eq!(one.raw().await.peer.endpoint, two.as_peer(7).endpoint, "packets go where nobody has answered");
    assert!(send(&one, &two, PATIENCE).await);
}

#[tokio::test]
async fn only_another_endpoint_keeps_the_session() {
    let (one, two) = two_ends().await;
    assert!(send(&one, &two, PATIENCE).await);
    let before = one.raw().await;
    let moved = Peer { endpoint: Some((Ipv4Addr::new(127, 0, 0, 2), two.port()).into()), ..two.as_peer(7) };
    assert_eq!(one.wants(&moved).await.modified, std::slice::from_ref(&moved));
    assert!(send(&one, &two, PATIENCE).await);
    let after = one.raw().await;
    assert!(after.sent > before.sent && after.last_handshake.is_some());
}

#[tokio::test]
async fn nobody_there_is_no_error_and_takes_no_time() {
    let one = End::start(1);
    let absent = End::start(2).as_peer(7);
    one.wants(&absent).await;
    timeout(PATIENCE, one.device.handshake()).await.expect("waits for nobody").unwrap();
    assert!(one.raw().await.last_handshake.is_none());
}

#[tokio::test]
async fn garbage_from_anyone_harms_nothing() {
    let (one, two) = two_ends().await;
    assert!(send(&one, &two, PATIENCE).await);
    let stranger = UdpSocket::bind("127.0.0.1:0").unwrap();
    for length in [0usize, 1, 3, 4, 16, 31, 32, 33, 64, 92, 148, 149, 1500, 60_000] {
        for first in [0u8, 1, 2, 3, 4, 0xf4, 0xf5] {
            let mut datagram = vec![0x55; length];
            if let Some(head) = datagram.get_mut(..4) {
                head.copy_from_slice(&[first, 0, 0, 0]);
            }
            stranger.send_to(&datagram, ("127.0.0.1", two.port())).unwrap();
        }
        if length > 0 {
            two.system.send(&vec![0xff; length]).await.unwrap();
        }
    }
    assert!(send(&one, &two, PATIENCE).await && send(&two, &one, PATIENCE).await);
}
