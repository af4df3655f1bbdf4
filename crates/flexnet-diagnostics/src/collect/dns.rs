//! Questions to one name service (RFC 1035), without the system's own resolver between: over UDP, and over TCP only where UDP says nothing
//! or not all. An answer over TCP never stands against one over UDP, which is what programs get.

use std::{
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use simple_dns::{CLASS, Name, Packet, PacketFlag, Question, TYPE, rdata::RData};
use socket2::SockRef;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::{sleep_until, timeout, timeout_at},
};

use super::{icmp, tcp};
use crate::{facts::Reach, os};

/// As the usual resolvers do.
const TRIES: u32 = 2;
const TRY: Duration = Duration::from_millis(1500);
/// The longest answer over TCP that is worth reading.
const LONGEST: usize = 4096;

/// Which addresses are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A.
    V4,
    /// AAAA.
    V6,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reply {
    /// Of the kind that was asked for; may be empty.
    Addresses(Vec<IpAddr>),
    /// NXDOMAIN.
    NoSuchName,
    /// SERVFAIL, and what else is neither an answer nor a refusal.
    Failure,
    /// REFUSED, NOTIMP, or nobody at the port.
    Refused,
    /// Not all fits, and TCP does not help.
    Truncated,
    /// No answer to what was asked.
    Garbage,
    /// Nothing, neither over UDP nor TCP.
    Silent,
}

/// Asks, for at most 4.5 s. The time is that of the first true answer.
pub(crate) async fn ask(server: SocketAddr, name: &str, kind: Kind) -> (Reply, Option<Duration>) {
    let began = Instant::now();
    let Some(question) = Asked::new(name, kind) else { return (Reply::Failure, None) };
    let reply = match over_udp(server, &question).await {
        Datagram::Answer(reply) => reply,
        Datagram::Truncated => over_tcp(server, &question).await.unwrap_or(Reply::Truncated),
        Datagram::Refused => return (Reply::Refused, Some(began.elapsed())),
        Datagram::Garbage => return (Reply::Garbage, None),
        Datagram::Nothing => match over_tcp(server, &question).await {
            Some(reply) => reply,
            None => return (Reply::Silent, None),
        },
    };
    (reply, Some(began.elapsed()))
}

/// A question and its bytes.
struct Asked<'a> {
    id: u16,
    name: Name<'a>,
    kind: Kind,
    bytes: Vec<u8>,
}

impl<'a> Asked<'a> {
    fn new(name: &'a str, kind: Kind) -> Option<Self> {
        let mut id = [0; 2];
        getrandom::fill(&mut id).ok()?;
        let id = u16::from_be_bytes(id);
        let name = Name::new(name).ok()?;
        let asked_for = match kind {
            Kind::V4 => TYPE::A,
            Kind::V6 => TYPE::AAAA,
        };
        let mut packet = Packet::new_query(id);
        packet.set_flags(PacketFlag::RECURSION_DESIRED);
        packet.questions.push(Question::new(name.clone(), asked_for.into(), CLASS::IN.into(), false));
        Some(Self { id, name, kind, bytes: packet.build_bytes_vec().ok()? })
    }

    /// `None` if it is no answer to this question.
    fn read(&self, answer: &[u8]) -> Option<Datagram> {
        let &[a, b, c, d, ..] = answer else { return None };
        let is_answer = c & 0x80 != 0;
        if u16::from_be_bytes([a, b]) != self.id || !is_answer {
            return None;
        }
        if c & 0x02 != 0 {
            return Some(Datagram::Truncated);
        }
        // Before the rest is read: who refuses need not repeat the question.
        match d & 0x0f {
            0 => {}
            3 => return Some(Datagram::Answer(Reply::NoSuchName)),
            4 | 5 => return Some(Datagram::Answer(Reply::Refused)),
            _ => return Some(Datagram::Answer(Reply::Failure)),
        }
        let packet = Packet::parse(answer).ok()?;
        let repeated = packet.questions.iter().all(|question| is_same(&question.qname, &self.name));
        repeated.then(|| Datagram::Answer(Reply::Addresses(self.addresses(&packet))))
    }

    fn addresses(&self, packet: &Packet<'_>) -> Vec<IpAddr> {
        let address = |record: &simple_dns::ResourceRecord<'_>| {
            if let (RData::A(a), Kind::V4) = (&record.rdata, self.kind) {
                Some(IpAddr::V4(a.address.into()))
            } else if let (RData::AAAA(aaaa), Kind::V6) = (&record.rdata, self.kind) {
                Some(IpAddr::V6(aaaa.address.into()))
            } else {
                None
            }
        };
        packet.answers.iter().filter_map(address).collect()
    }
}

/// Names have no case (RFC 4343).
fn is_same(one: &Name<'_>, other: &Name<'_>) -> bool {
    one.to_string().eq_ignore_ascii_case(&other.to_string())
}

enum Datagram {
    Answer(Reply),
    Truncated,
    Refused,
    Garbage,
    Nothing,
}

async fn over_udp(server: SocketAddr, question: &Asked<'_>) -> Datagram {
    let Ok(socket) = icmp::socket(server).await else { return Datagram::Nothing };
    let mut answer = [0; LONGEST];
    let mut garbage = false;
    for _ in 0..TRIES {
        let until = tokio::time::Instant::now() + TRY;
        if socket.send(&question.bytes).await.is_err() {
            // What an earlier packet met, or a rule of this PC.
            sleep_until(tokio::time::Instant::now() + TRY / 4).await;
        }
        while let Ok(came) = timeout_at(until, socket.recv(&mut answer)).await {
            let error = match came {
                Ok(length) => match question.read(answer.get(..length).unwrap_or_default()) {
                    Some(datagram) => return datagram,
                    None => {
                        garbage = true;
                        continue;
                    }
                },
                Err(error) => error,
            };
            let told = os::icmp::take(&SockRef::from(&socket));
            let closed = match told {
                Some(told) => told.means(server) == Some(Reach::Refused),
                None => {
                    matches!(error.kind(), std::io::ErrorKind::ConnectionRefused | std::io::ErrorKind::ConnectionReset)
                }
            };
            if closed {
                return Datagram::Refused;
            }
        }
        if garbage {
            return Datagram::Garbage;
        }
    }
    Datagram::Nothing
}

/// With the length before the message (RFC 7766 §8).
async fn over_tcp(server: SocketAddr, question: &Asked<'_>) -> Option<Reply> {
    let asked = async {
        let mut stream = tcp::connect(server, TRY).await.1?;
        let length = u16::try_from(question.bytes.len()).ok()?;
        stream.write_all(&[&length.to_be_bytes()[..], &question.bytes].concat()).await.ok()?;
        let mut answer = vec![0; usize::from(stream.read_u16().await.ok()?).min(LONGEST)];
        stream.read_exact(&mut answer).await.ok()?;
        match question.read(&answer)? {
            Datagram::Answer(reply) => Some(reply),
            Datagram::Truncated | Datagram::Refused | Datagram::Garbage | Datagram::Nothing => None,
        }
    };
    timeout(TRY, asked).await.ok().flatten()
}
