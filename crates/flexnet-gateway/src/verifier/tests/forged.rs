//! A RADIUS server that lies. Whatever it sends that is not the signed answer to this very request opens nothing, and does not even
//! keep the real answer from being heard.

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex},
};

use tokio::net::UdpSocket;

use super::*;
use crate::verifier::radius::packet::{
    ACCESS_ACCEPT, Attribute, MESSAGE_AUTHENTICATOR, Packet,
    server::{self, attribute, unsigned},
};

type Lie = fn(&Packet) -> Vec<Vec<u8>>;

/// Who asked, with what bytes.
type Heard = Arc<Mutex<Vec<(SocketAddr, Vec<u8>)>>>;

/// Answers each request with `lie`, from the socket that was asked.
async fn liar(lie: Lie) -> (SocketAddr, Heard) {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let (address, heard) = (socket.local_addr().unwrap(), Heard::default());
    let hears = Arc::clone(&heard);
    tokio::spawn(async move {
        let mut buffer = [0; 4096];
        loop {
            let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
            let (request, ..) = server::open(&buffer[..length], SHARED.as_bytes()).expect("a signed request");
            hears.lock().unwrap().push((from, buffer[..length].to_vec()));
            for answer in lie(&request) {
                socket.send_to(&answer, from).await.unwrap();
            }
        }
    });
    (address, heard)
}

fn right(request: &Packet) -> Vec<u8> {
    server::answer(request, ACCESS_ACCEPT, vec![unsigned()], SHARED.as_bytes())
}

fn sealed(request: &Packet, attributes: Vec<Attribute>) -> Vec<u8> {
    server::seal(Packet { code: ACCESS_ACCEPT, attributes, ..request.clone() }, SHARED.as_bytes())
}

/// One answer is right and one is to a request of another time: what a replay looks like.
fn another(request: &Packet) -> Packet {
    Packet { authenticator: [7; 16], ..request.clone() }
}

const LIES: &[(&str, Lie)] = &[
    ("silence", |_| vec![]),
    ("rubbish", |_| vec![vec![], vec![2], vec![0xff; 4096]]),
    ("unsigned", |request| vec![sealed(request, vec![])]),
    ("unsigned with a Proxy-State, as a collision needs it", |request| {
        vec![sealed(request, vec![attribute(33, &[0xaa; 200])])]
    }),
    ("signed wrongly", |request| vec![sealed(request, vec![attribute(MESSAGE_AUTHENTICATOR, &[1; 16])])]),
    ("signed with another secret", |request| {
        vec![server::answer(request, ACCESS_ACCEPT, vec![unsigned()], b"another shared secret")]
    }),
    ("for another identifier", |request| {
        vec![right(&Packet { identifier: request.identifier.wrapping_add(1), ..request.clone() })]
    }),
    ("replayed", |request| vec![right(&another(request))]),
    ("the request itself", |request| vec![request.encode().unwrap()]),
    ("of another kind", |request| vec![server::answer(request, 5, vec![unsigned()], SHARED.as_bytes())]),
    ("truncated", |request| {
        let answer = right(request);
        (0..answer.len()).map(|length| answer[..length].to_vec()).collect()
    }),
    ("with an attribute twice", |request| {
        let attributes = vec![unsigned(), attribute(24, b"one"), attribute(24, b"two")];
        vec![server::answer(request, ACCESS_ACCEPT, attributes, SHARED.as_bytes())]
    }),
    ("signed twice", |request| {
        vec![server::answer(request, ACCESS_ACCEPT, vec![unsigned(), unsigned()], SHARED.as_bytes())]
    }),
    ("with a bit flipped", |request| {
        let answer = right(request);
        let flipped = |bit: usize| {
            let mut answer = answer.clone();
            answer[bit / 8] ^= 1 << (bit % 8);
            answer
        };
        (0..answer.len() * 8).map(flipped).collect()
    }),
];

#[tokio::test]
async fn nothing_that_is_forged_opens_anything() {
    let dir = tempfile::tempdir().unwrap();
    for (name, lie) in LIES {
        let (address, heard) = liar(*lie).await;
        let verifier = verifier(Some(radius(dir.path(), &[address], 150)), None);
        assert_eq!(tan(&verifier, "m.muster", "123456").await, Verdict::NoVerdict, "{name}");
        assert_eq!(heard.lock().unwrap().len(), 2, "{name}: asked, and asked again");
    }
}

#[tokio::test]
async fn rubbish_does_not_drown_the_answer() {
    let dir = tempfile::tempdir().unwrap();
    let (address, _) = liar(|request| vec![vec![2; 20], right(&another(request)), right(request)]).await;
    let verifier = verifier(Some(radius(dir.path(), &[address], 4_000)), None);
    assert_eq!(tan(&verifier, "m.muster", "123456").await, Verdict::Right);
}

#[tokio::test]
async fn the_right_answer_from_another_port_is_not_heard() {
    let dir = tempfile::tempdir().unwrap();
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = socket.local_addr().unwrap();
    let elsewhere = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    tokio::spawn(async move {
        let mut buffer = [0; 4096];
        loop {
            let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
            let request = Packet::decode(&buffer[..length]).unwrap();
            elsewhere.send_to(&right(&request), from).await.unwrap();
        }
    });
    let verifier = verifier(Some(radius(dir.path(), &[address], 150)), None);
    assert_eq!(tan(&verifier, "m.muster", "123456").await, Verdict::NoVerdict);
}

#[tokio::test]
async fn an_answer_that_comes_late_is_none_and_counts_for_no_later_request() {
    let dir = tempfile::tempdir().unwrap();
    let socket = Arc::new(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap());
    let verifier = verifier(Some(radius(dir.path(), &[socket.local_addr().unwrap()], 150)), None);
    assert_eq!(tan(&verifier, "m.muster", "123456").await, Verdict::NoVerdict);
    let mut buffer = [0; 4096];
    let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
    let late = right(&Packet::decode(&buffer[..length]).unwrap());
    socket.recv_from(&mut buffer).await.unwrap();
    let sends = Arc::clone(&socket);
    tokio::spawn(async move {
        let mut buffer = [0; 4096];
        loop {
            let (_, now) = sends.recv_from(&mut buffer).await.unwrap();
            // To the port that waited then, and to the one that waits now. Nobody may be there any more.
            let _ = sends.send_to(&late, from).await;
            let _ = sends.send_to(&late, now).await;
        }
    });
    assert_eq!(tan(&verifier, "m.muster", "123456").await, Verdict::NoVerdict);
}

#[tokio::test]
async fn a_request_is_repeated_as_it_was_to_the_same_server_and_each_has_a_port_and_a_nonce_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let (first, heard) = liar(|_| vec![]).await;
    let (second, other) = liar(|request| vec![right(request)]).await;
    let verifier = verifier(Some(radius(dir.path(), &[first, second], 100)), None);
    for _ in 0..3 {
        assert_eq!(tan(&verifier, "m.muster", "123456").await, Verdict::NoVerdict);
        assert!(other.lock().unwrap().is_empty(), "the second hears nothing of this TAN");
    }
    assert_eq!(tan(&verifier, "m.muster", "654321").await, Verdict::Right);
    let heard = heard.lock().unwrap();
    let pairs: Vec<_> = heard.chunks(2).collect();
    assert_eq!(pairs.len(), 3);
    for pair in &pairs {
        assert_eq!(pair[0], pair[1], "the same packet from the same port");
    }
    for (n, pair) in pairs.iter().enumerate() {
        for other in &pairs[..n] {
            assert_ne!(pair[0].0, other[0].0, "ports");
            assert_ne!(pair[0].1[4..20], other[0].1[4..20], "request authenticators");
        }
    }
}

#[tokio::test]
async fn nothing_that_was_typed_for_a_name_without_an_account_is_sent() {
    let dir = tempfile::tempdir().unwrap();
    let (address, heard) = liar(|request| vec![right(request)]).await;
    let verifier = verifier(Some(radius(dir.path(), &[address], 4_000)), None);
    let verdict = verifier.tan(None, &Secret::new("123456"), true).await;
    assert_eq!(verdict, Some(Verdict::Wrong), "whatever the server says");
    let heard = heard.lock().unwrap();
    let (_, name, password) = server::open(&heard[0].1, SHARED.as_bytes()).unwrap();
    assert!(name.starts_with("nobody-"), "{name}");
    assert_eq!(password.len(), 6);
    assert_ne!(password, "123456");
}

#[tokio::test]
async fn silence_about_invented_names_leaves_no_server_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (address, _) = liar(|_| vec![]).await;
    let verifier = verifier(Some(radius(dir.path(), &[address], 100)), None);
    for _ in 0..4 {
        assert_eq!(verifier.tan(None, &Secret::new("123456"), true).await, Some(Verdict::NoVerdict));
        assert!(verifier.ready());
    }
}
