//! Name services of each kind, real and made of bytes, and what is told of them.

use std::time::Instant;

use simple_dns::{CLASS, Packet, PacketFlag, RCODE, ResourceRecord, rdata::RData};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, UdpSocket},
};

use super::*;
use crate::collect::world::{inside, line, profile};

/// How a name service misbehaves.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Lie {
    /// Not at all.
    No,
    /// With this code, for the gateway's name only or for all.
    Code(RCODE, bool),
    /// With this address for every A, and nothing for AAAA.
    Address([u8; 4]),
    /// Without any address.
    Empty,
    Garbage,
    Truncated,
    Silent,
    /// Late.
    Slow(u64),
    /// AAAA with a NAT64 prefix, and no A.
    Translates,
}

fn reply(question: &[u8], lie: Lie) -> Vec<u8> {
    let asked = Packet::parse(question).unwrap();
    let mut packet = Packet::new_reply(asked.id());
    packet.set_flags(PacketFlag::RECURSION_AVAILABLE);
    let question = asked.questions[0].clone();
    let name = question.qname.to_string();
    let v4 = u16::from(question.qtype) == 1;
    let gateway = name == "flexnet.example";
    packet.questions.push(question.clone());
    let mut add = |ip: &str| {
        let data = match ip.parse().unwrap() {
            IpAddr::V4(ip) => RData::A(ip.into()),
            IpAddr::V6(ip) => RData::AAAA(ip.into()),
        };
        packet.answers.push(ResourceRecord::new(question.qname.clone(), CLASS::IN, 60, data));
    };
    match (lie, v4) {
        (Lie::No | Lie::Slow(_), true) => add(if gateway { "203.0.113.10" } else { "192.0.0.170" }),
        (Lie::No | Lie::Slow(_), false) if gateway => add("2001:db8:113::10"),
        (Lie::Address([a, b, c, d]), true) => add(&format!("{a}.{b}.{c}.{d}")),
        (Lie::Translates, false) => add(if gateway { "2001:db8:64:ff::cb00:710a" } else { "2001:db8:64:ff::c000:aa" }),
        (Lie::Code(code, all), _) if all || gateway => *packet.rcode_mut() = code,
        (Lie::Code(..), true) => add("192.0.0.170"),
        (Lie::Truncated, _) => packet.set_flags(PacketFlag::TRUNCATION),
        (Lie::Garbage, _) => return vec![0xaa; 40],
        _ => {}
    }
    packet.build_bytes_vec().unwrap()
}

/// Serves over UDP with one lie, and over TCP with another where there is one.
async fn server(udp: Lie, tcp: Option<Lie>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let end = listener.local_addr().unwrap();
    let socket = std::sync::Arc::new(UdpSocket::bind(end).await.unwrap());
    tokio::spawn(async move {
        let mut question = [0; 1500];
        loop {
            let (length, from) = socket.recv_from(&mut question).await.unwrap();
            let (answer, socket) = (reply(&question[..length], udp), socket.clone());
            tokio::spawn(async move {
                if let Lie::Slow(ms) = udp {
                    tokio::time::sleep(Duration::from_millis(ms)).await;
                }
                if udp != Lie::Silent {
                    socket.send_to(&answer, from).await.unwrap();
                }
            });
        }
    });
    if let Some(lie) = tcp {
        tokio::spawn(async move {
            loop {
                let mut stream = listener.accept().await.unwrap().0;
                let mut question = vec![0; stream.read_u16().await.unwrap().into()];
                stream.read_exact(&mut question).await.unwrap();
                let answer = reply(&question, lie);
                stream.write_u16(answer.len().try_into().unwrap()).await.unwrap();
                stream.write_all(&answer).await.unwrap();
            }
        });
    }
    end
}

/// What it says of the gateway's name and of another.
async fn said(udp: Lie, tcp: Option<Lie>) -> (Answer, Answer) {
    let wanted = Wanted::of(Some(&profile(&[])));
    let seen = one(server(udp, tcp).await, &wanted).await;
    (seen.gateway(&wanted, &seen.prefixes), seen.other)
}

#[tokio::test]
async fn each_lie_has_its_name() {
    use Answer::{Blocked, Failure, Garbage, NoSuchName, Refused, Right, Silent, Truncated, Wrong};
    let cases = [
        (Lie::No, None, (Right, Right)),
        (Lie::Code(RCODE::NameError, false), None, (NoSuchName, Right)),
        (Lie::Code(RCODE::NameError, true), None, (NoSuchName, NoSuchName)),
        (Lie::Code(RCODE::ServerFailure, true), None, (Failure, Failure)),
        (Lie::Code(RCODE::Refused, true), None, (Refused, Refused)),
        (Lie::Code(RCODE::NotImplemented, true), None, (Refused, Refused)),
        (Lie::Address([198, 18, 0, 66]), None, (Wrong, Right)),
        (Lie::Address([0, 0, 0, 0]), None, (Blocked, Blocked)),
        (Lie::Address([127, 0, 0, 1]), None, (Blocked, Blocked)),
        (Lie::Empty, None, (Blocked, Blocked)),
        (Lie::Garbage, None, (Garbage, Garbage)),
        (Lie::Truncated, None, (Truncated, Truncated)),
        (Lie::Truncated, Some(Lie::No), (Right, Right)),
        (Lie::Silent, None, (Silent, Silent)),
        (Lie::Silent, Some(Lie::No), (Right, Right)),
        // What programs get is the answer over UDP.
        (Lie::Code(RCODE::NameError, true), Some(Lie::No), (NoSuchName, NoSuchName)),
        (Lie::Slow(1700), None, (Right, Right)),
        (Lie::Translates, None, (Right, Blocked)),
    ];
    let began = Instant::now();
    let seen = join_all(cases.iter().map(|(udp, tcp, _)| said(*udp, *tcp))).await;
    for ((udp, tcp, wanted), seen) in cases.iter().zip(seen) {
        assert_eq!(seen, *wanted, "{udp:?} {tcp:?}");
    }
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
}

#[tokio::test]
async fn the_time_is_that_of_the_first_answer_and_nat64_is_seen() {
    let wanted = Wanted::of(Some(&profile(&[])));
    let slow = one(server(Lie::Slow(1000), None).await, &wanted).await;
    let first = slow.first.unwrap().as_millis();
    assert!((1000..2000).contains(&first), "{first}");
    assert_eq!(slow.nat64, Some(false));
    assert_eq!(one(server(Lie::Translates, None).await, &wanted).await.nat64, Some(true));
    assert_eq!(one(server(Lie::Silent, None).await, &wanted).await.first, None);
}

#[tokio::test]
async fn nobody_at_the_port_is_told_at_once() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let end = socket.local_addr().unwrap();
    drop(socket);
    let (began, wanted) = (Instant::now(), Wanted::of(Some(&profile(&[]))));
    let seen = one(end, &wanted).await;
    assert_eq!((seen.gateway(&wanted, &[]), seen.other), (Answer::Refused, Answer::Refused));
    assert!(began.elapsed() < Duration::from_secs(1));
}

/// Puts a text into the place of a file of the system.
fn file(path: &str, text: &str) -> String {
    format!("f=$(mktemp -p /run); printf '{text}' >$f; mount --bind $f {path}\n")
}

#[test]
fn nothing_is_set() {
    inside(&file("/etc/resolv.conf", ""), async {
        let names = look(Some(&profile(&[]))).await;
        assert_eq!(names.resolvers, Some(Vec::new()));
        assert_eq!((names.hosts_file, names.nat64, names.inside_only), (Some(false), None, false));
    });
}

#[test]
fn a_line_of_the_hosts_file_is_in_the_way() {
    let text = "127.0.0.1 localhost\\n198.18.0.9 other FlexNet.example # x\\n";
    inside(&(file("/etc/hosts", text) + &file("/etc/resolv.conf", "")), async {
        let names = look(Some(&profile(&[]))).await;
        assert_eq!((names.hosts_file, names.system), (Some(true), Some(Answer::Wrong)));
    });
}

#[test]
fn where_a_resolver_stands() {
    let servers = "nameserver 127.0.0.1\\nnameserver 192.168.178.1\\nnameserver 10.64.0.1\\nnameserver 192.0.2.53\\nnameserver 10.210.0.53\\n";
    inside(&line(&(file("/etc/resolv.conf", servers) + "drop 'ip daddr 192.0.2.53 drop'")), async {
        let began = Instant::now();
        let names = look(Some(&profile(&[]))).await;
        let places: Vec<(Place, Answer)> = names.resolvers.unwrap().iter().map(|r| (r.place, r.gateway)).collect();
        let nowhere =
            [(Place::ThisPc, Answer::Refused), (Place::Near, Answer::Refused), (Place::ForeignPrivate, Answer::Silent)];
        assert_eq!(places[..3], nowhere);
        assert_eq!(places[3..], [(Place::Internet, Answer::Silent)], "the portal's own is not asked");
        assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
    });
}

#[test]
fn during_a_session_the_resolvers_inside_are_not_judged() {
    inside(&line(&file("/etc/resolv.conf", "nameserver 10.210.0.53\\n")), async {
        let names = look(Some(&profile(&[]))).await;
        assert_eq!((names.resolvers, names.inside_only), (None, true));
    });
}

#[test]
fn without_a_profile_the_other_name_is_asked() {
    inside(&line(&file("/etc/resolv.conf", "nameserver 192.168.178.1\\n")), async {
        let names = look(None).await;
        let resolver = &names.resolvers.unwrap()[0];
        assert_eq!((resolver.gateway, resolver.other), (Answer::Refused, Answer::Refused));
        assert_eq!((names.hosts_file, names.system), (None, None));
    });
}
