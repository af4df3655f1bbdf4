//! A relay over streams in memory: what passes, what does not, and how it ends.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex},
    net::UdpSocket,
    time::timeout,
};

use crate::{
    End, Relay,
    capsule::{self, Front, KEEPALIVE},
};

const PATIENCE: Duration = Duration::from_secs(20);

/// One end of WireGuard, and the relay that serves it.
struct Side {
    wireguard: UdpSocket,
    relay: Relay,
}

impl Side {
    async fn on(stream: DuplexStream) -> Self {
        let wireguard = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let relay = Relay::start(stream, wireguard.local_addr().unwrap()).unwrap();
        Self { wireguard, relay }
    }

    async fn send(&self, datagram: &[u8]) {
        self.wireguard.send_to(datagram, self.relay.local()).await.unwrap();
    }

    async fn receive(&self) -> (Vec<u8>, SocketAddr) {
        let mut buffer = vec![0; 65_536];
        let received = timeout(PATIENCE, self.wireguard.recv_from(&mut buffer)).await;
        let (bytes, from) = received.expect("a datagram in time").unwrap();
        buffer.truncate(bytes);
        (buffer, from)
    }

    async fn ended(&self) -> End {
        timeout(PATIENCE, self.relay.ended()).await.expect("an end in time")
    }
}

/// A relay, and the other end of its stream in the hands of the test.
async fn half(buffer: usize) -> (Side, DuplexStream) {
    let (near, far) = duplex(buffer);
    (Side::on(near).await, far)
}

#[tokio::test]
async fn datagrams_of_every_length_pass_both_ways_however_the_stream_is_cut() {
    for buffer in [37, 4096, 1 << 20] {
        let (near, far) = duplex(buffer);
        let (client, gateway) = (Side::on(near).await, Side::on(far).await);
        for length in [1, 32, 62, 63, 64, 148, 1480, 1480, 1480, 200, 16_381, 16_384, 65_507] {
            let datagram: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
            client.send(&datagram).await;
            assert_eq!(gateway.receive().await, (datagram.clone(), gateway.relay.local()), "{length} bytes there");
            gateway.send(&datagram).await;
            assert_eq!(client.receive().await, (datagram, client.relay.local()), "{length} bytes back");
        }
    }
}

#[tokio::test]
async fn many_at_once_arrive_whole_and_in_order() {
    let (gateway, mut far) = half(1 << 20).await;
    let (mut stream, mut datagrams) = (Vec::new(), Vec::new());
    for number in 0..100_u8 {
        // Runs of one length, broken by others: whole batches, short last ones, and capsules without meaning between.
        let length = if number % 17 == 0 { 90 } else { 1200 };
        datagrams.push(vec![number; length]);
        capsule::put_datagram(&mut stream, &vec![number; length]);
        stream.extend_from_slice(if number % 13 == 0 { &KEEPALIVE } else { &[] });
    }
    far.write_all(&stream).await.unwrap();
    for datagram in datagrams {
        assert_eq!(gateway.receive().await.0, datagram);
    }
}

#[tokio::test]
async fn a_stranger_on_this_machine_is_not_heard() {
    let (client, mut far) = half(4096).await;
    let stranger = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    stranger.send_to(b"let me in", client.relay.local()).await.unwrap();
    client.send(b"wireguard").await;
    let mut capsule = [0; 12];
    timeout(PATIENCE, far.read_exact(&mut capsule)).await.expect("the datagram of the right one").unwrap();
    assert_eq!(&capsule, b"\x00\x0a\x00wireguard");
}

#[tokio::test]
async fn a_relay_serves_this_machine_only() {
    let (stream, _other) = duplex(64);
    let refused = Relay::start(stream, "192.0.2.1:51820".parse().unwrap()).unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::InvalidInput);
}

#[tokio::test]
async fn a_port_that_is_closed_for_a_while_ends_nothing() {
    let (gateway, mut far) = half(4096).await;
    let address = gateway.wireguard.local_addr().unwrap();
    let Side { wireguard, relay } = gateway;
    drop(wireguard);
    // Several, so that some meet the refusal of those before.
    for _ in 0..20 {
        far.write_all(b"\x00\x02\x00x").await.unwrap();
    }
    far.write_all(&[]).await.unwrap();
    let gateway = Side { wireguard: UdpSocket::bind(address).await.unwrap(), relay };
    far.write_all(b"\x00\x03\x00ab").await.unwrap();
    loop {
        let (datagram, _) = gateway.receive().await;
        if datagram == b"ab" {
            break;
        }
    }
}

#[tokio::test]
async fn a_close_is_told_to_the_other_end() {
    let (near, far) = duplex(4096);
    let (client, gateway) = (Side::on(near).await, Side::on(far).await);
    client.relay.close().await;
    assert!(matches!(gateway.ended().await, End::Closed));
}

#[tokio::test]
async fn a_relay_that_is_dropped_lets_go_of_both_sides() {
    let (client, mut far) = half(4096).await;
    let local = client.relay.local();
    drop(client.relay);
    assert_eq!(timeout(PATIENCE, far.read(&mut [0; 9])).await.expect("an end of the stream").unwrap(), 0);
    drop(far);
    std::net::UdpSocket::bind(local).expect("its port is free again");
}

#[tokio::test]
async fn who_speaks_no_capsules_is_left() {
    for garbage in [&b"\x00\x80\x01\x00\x00"[..], b"\x00\x00", b"HTTP/1.1 200 OK\r\n\r\n"] {
        let (client, mut far) = half(4096).await;
        far.write_all(garbage).await.unwrap();
        // Text begins with a type and a length as well; what follows tells.
        let end = loop {
            if far.write_all(&[0xff; 512]).await.is_err() {
                break client.ended().await;
            }
        };
        assert!(matches!(end, End::NotCapsules(_)), "{end}");
    }
}

#[tokio::test]
async fn a_stream_that_takes_nothing_costs_datagrams_and_no_memory() {
    let (client, mut far) = half(16).await;
    let sent = 8_000;
    for number in 0..sent {
        client.send(&[[number as u8; 700], [0; 700]].concat()).await;
    }
    // What was kept comes out now; then a last one passes as if nothing had been.
    let (mut kept, mut held) = (0, Vec::new());
    loop {
        if timeout(Duration::from_millis(500), far.read_buf(&mut held)).await.is_err() {
            break;
        }
        while let Front::Datagram { used, payload } = capsule::front(&held).unwrap() {
            assert_eq!(payload.len(), 1400);
            kept += 1;
            held.drain(..used);
        }
    }
    assert!((1..sent / 2).contains(&kept), "{kept} of {sent} were kept");
    client.send(b"last").await;
    let mut capsule = [0; 7];
    far.read_exact(&mut capsule).await.unwrap();
    assert_eq!(&capsule, b"\x00\x05\x00last");
}

#[tokio::test(start_paused = true)]
async fn before_a_slow_line_no_queue_stands() {
    let (client, mut far) = half(4096).await;
    let sent = 300;
    for _ in 0..sent {
        client.send(&[7; 1400]).await;
    }
    client.send(b"last").await;
    let mut stream = Vec::new();
    while !stream.ends_with(b"last") {
        tokio::time::sleep(Duration::from_millis(10)).await;
        let read = timeout(PATIENCE, far.read_buf(&mut stream)).await;
        assert!(read.expect("a line that goes on").unwrap() > 0);
    }
    let kept = stream.len() / 1400;
    assert!((1..sent).contains(&kept), "{kept} of {sent} were kept");
}

#[tokio::test(start_paused = true)]
async fn an_idle_line_is_kept_alive_and_a_silent_one_is_left() {
    let (client, mut far) = half(1 << 20).await;
    let mut capsule = [0; 2];
    timeout(Duration::from_secs(20), far.read_exact(&mut capsule)).await.expect("a sign of life").unwrap();
    assert_eq!(capsule, KEEPALIVE);
    // Who never showed that he keeps his line alive may be silent: this end cannot know better.
    assert!(timeout(Duration::from_secs(1000), client.relay.ended()).await.is_err());
    far.write_all(&KEEPALIVE).await.unwrap();
    let end = timeout(Duration::from_secs(30), client.relay.ended()).await.expect("the end of a dead line");
    assert!(matches!(end, End::Silent), "{end}");
}

#[tokio::test(start_paused = true)]
async fn two_relays_keep_each_other_alive() {
    let (near, far) = duplex(4096);
    let (client, gateway) = (Side::on(near).await, Side::on(far).await);
    assert!(timeout(Duration::from_secs(3600), client.relay.ended()).await.is_err());
    assert!(timeout(Duration::ZERO, gateway.relay.ended()).await.is_err());
}
