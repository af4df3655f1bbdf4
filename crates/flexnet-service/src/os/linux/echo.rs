//! Echoes of the gateway's UDP port, beside WireGuard: is the way open, and how large may a packet be? Bound to no address and no device, so that
//! the system sends each by whatever its way to the gateway is now. Believes an answer only with its own random mark, from where it was asked.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
};

use rustix::net::{
    SendFlags, sendto,
    sockopt::{
        Ipv4PathMtuDiscovery, Ipv6PathMtuDiscovery, set_ip_mtu_discover, set_ipv6_mtu_discover, set_ipv6_v6only,
    },
};
use tokio::net::UdpSocket;

/// First byte of a question, and of its answer: no message of WireGuard begins with either, and nobody answers an answer.
const QUESTION: u8 = 0xf5;
const ANSWER: u8 = 0xf4;
/// Kind, mark, endpoint, size.
const HEADER: usize = 12;
/// What WireGuard adds to an inner packet: 16 bytes of header, 16 of tag.
const WIREGUARD: usize = 32;

/// Questions and answers of one tunnel.
pub(super) struct Echoes {
    endpoints: Vec<SocketAddr>,
    v4: Option<UdpSocket>,
    v6: Option<UdpSocket>,
    mark: [u8; 7],
}

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Echo {
    /// The number of the endpoint that was asked.
    pub(super) endpoint: usize,
    /// The inner packet that had its size; 0 for a small one.
    pub(super) size: u16,
}

impl Echoes {
    /// Opens a socket for each family that the endpoints have.
    pub(super) fn open(endpoints: &[SocketAddr]) -> io::Result<Self> {
        let mut mark = [0; 7];
        getrandom::fill(&mut mark).map_err(|e| io::Error::other(e.to_string()))?;
        let wanted = |v4: bool| endpoints.iter().any(|end| end.is_ipv4() == v4);
        let v4 = if wanted(true) { v4() } else { None };
        let v6 = if wanted(false) { v6() } else { None };
        Ok(Self { endpoints: endpoints.to_vec(), v4, v6, mark })
    }

    /// One that can read answers and not ask: its mark is zero.
    pub(super) const fn closed(endpoints: Vec<SocketAddr>) -> Self {
        Self { endpoints, v4: None, v6: None, mark: [0; 7] }
    }

    /// Asks; with a size for one that is as large as WireGuard's packet around an inner packet of that size. What cannot be sent is not answered.
    pub(super) fn ask(&self, endpoint: usize, size: u16) {
        let Some(&end) = self.endpoints.get(endpoint) else { return };
        let Some(socket) = (if end.is_ipv4() { &self.v4 } else { &self.v6 }) else { return };
        let question = self.question(endpoint, size);
        if let Err(error) = sendto(socket, &question, SendFlags::DONTWAIT, &end) {
            tracing::debug!(%end, size, %error, "an echo cannot be asked for");
        }
    }

    /// Waits for the next answer.
    pub(super) async fn next(&self) -> Echo {
        tokio::select! {
            echo = self.next_of(self.v4.as_ref()) => echo,
            echo = self.next_of(self.v6.as_ref()) => echo,
        }
    }

    async fn next_of(&self, socket: Option<&UdpSocket>) -> Echo {
        let Some(socket) = socket else { return std::future::pending().await };
        let mut buffer = [0; 2048];
        loop {
            // An error is one of an earlier question: nobody there, or too large for this line.
            let Ok((length, from)) = socket.recv_from(&mut buffer).await else {
                tokio::task::yield_now().await;
                continue;
            };
            if let Some(echo) = self.read(buffer.get(..length).unwrap_or_default(), from) {
                return echo;
            }
        }
    }

    fn question(&self, endpoint: usize, size: u16) -> Vec<u8> {
        let mut question = vec![QUESTION];
        question.extend(self.mark);
        question.extend(u16::try_from(endpoint).unwrap_or(u16::MAX).to_be_bytes());
        question.extend(size.to_be_bytes());
        if size > 0 {
            question.resize(usize::from(size) + WIREGUARD, 0);
        }
        question
    }

    pub(super) fn read(&self, answer: &[u8], from: SocketAddr) -> Option<Echo> {
        let (&kind, rest) = answer.split_first()?;
        let [a, b, c, d] = *answer.get(8..HEADER)? else { return None };
        let echo = Echo { endpoint: usize::from(u16::from_be_bytes([a, b])), size: u16::from_be_bytes([c, d]) };
        let asked = self.endpoints.get(echo.endpoint)?;
        (from.ip().to_canonical() == asked.ip().to_canonical()
            && from.port() == asked.port()
            && kind == ANSWER
            && self.question(echo.endpoint, echo.size).get(1..) == Some(rest))
        .then_some(echo)
    }
}

fn v4() -> Option<UdpSocket> {
    let socket = std::net::UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    // Never in fragments, and whatever the system believes of the way: this is what looks.
    set_ip_mtu_discover(&socket, Ipv4PathMtuDiscovery::PROBE).ok()?;
    tokio_socket(socket)
}

fn v6() -> Option<UdpSocket> {
    let socket = std::net::UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0)).ok()?;
    let _ = set_ipv6_v6only(&socket, true);
    set_ipv6_mtu_discover(&socket, Ipv6PathMtuDiscovery::PROBE).ok()?;
    tokio_socket(socket)
}

fn tokio_socket(socket: std::net::UdpSocket) -> Option<UdpSocket> {
    socket.set_nonblocking(true).ok()?;
    UdpSocket::from_std(socket).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_whole_question_from_the_asked_end_is_an_answer() {
        let gateway = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let end = gateway.local_addr().unwrap();
        let echoes = Echoes::open(&[end]).unwrap();
        echoes.ask(0, 1280);
        let mut buffer = [0; 2048];
        let (length, from) = gateway.recv_from(&mut buffer).await.unwrap();
        assert_eq!((length, buffer[0]), (1312, 0xf5));
        let answer = &mut buffer[..length];
        assert_eq!(echoes.read(answer, end), None, "a question is no answer");
        answer[0] = 0xf4;
        let elsewhere = "127.0.0.1:9".parse().unwrap();
        assert_eq!(echoes.read(answer, end), Some(Echo { endpoint: 0, size: 1280 }));
        assert_eq!(echoes.read(answer, elsewhere), None);
        assert_eq!(echoes.read(&answer[..1311], end), None);
        assert_eq!(echoes.read(&[0xf4; 12], end), None);
        // A size that no packet has: the gateway's port, or whoever takes its place, chooses it.
        let mut huge = echoes.question(0, 0);
        (huge[0], huge[10], huge[11]) = (0xf4, 0xff, 0xff);
        assert_eq!(echoes.read(&huge, end), None);
        gateway.send_to(&[0xf4; 40], from).await.unwrap();
        gateway.send_to(answer, from).await.unwrap();
        assert_eq!(echoes.next().await, Echo { endpoint: 0, size: 1280 });
    }
}
