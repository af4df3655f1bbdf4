//! The line to the gateway by its UDP echo, each family for itself and side by side: loss and round trip, then how large a packet may be, then how
//! fast a train of large ones comes back. An answer counts only with this run's random mark and from where it was asked.

use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
    time::{Duration, Instant},
};

use flexnet_protocol::profile::Profile;
use futures_util::future::join;
use socket2::SockRef;
use tokio::{
    net::UdpSocket,
    time::{sleep_until, timeout_at},
};

use super::icmp;
use crate::{
    facts::{Echo, Line, Offender, Reach},
    os,
};

/// First byte of a question and of its answer: no message of WireGuard begins with either.
const QUESTION: u8 = 0xf5;
const ANSWER: u8 = 0xf4;
/// Kind, mark, number.
const HEADER: usize = 12;

/// Forty in 1.2 s, and as long for the last one as a bad line takes.
const PACKETS: usize = 40;
const APART: Duration = Duration::from_millis(30);
const SMALL: u16 = 128;
const LAST_ANSWER: Duration = Duration::from_millis(1400);
/// Sizes of IP packets: Ethernet, PPPoE, DS-Lite, tunnels over these, the least of IPv6, and what a broken way may still carry.
const SIZES: [u16; 14] = [1500, 1492, 1480, 1460, 1440, 1420, 1400, 1380, 1360, 1320, 1280, 1200, 1000, 576];
const ROUNDS: usize = 3;
const ROUND: Duration = Duration::from_millis(500);
/// A train long enough to be stretched by a slow line.
const TRAIN: usize = 12;
const WAGON: u16 = 1200;
const TRAIN_BACK: Duration = Duration::from_millis(2500);
/// Fewer than that tell no rate.
const WAGONS_BACK: usize = 6;

/// Looks for at most 6.7 s. What our product would use is told: IPv4, unless only IPv6 answers.
pub(crate) async fn look(profile: Option<&Profile>) -> Line {
    let ends = profile.map(|profile| profile.gateway_udp.as_slice()).unwrap_or_default();
    let one = |v4: bool| {
        let end = ends.iter().find(|end| end.is_ipv4() == v4).copied();
        async move {
            match end {
                Some(end) => Some(echo(end).await),
                None => None,
            }
        }
    };
    let (v4, v6) = join(one(true), one(false)).await;
    let is_dead = |echo: &Option<Echo>| echo.as_ref().is_none_or(|echo| echo.answered == 0);
    Line { echo: if is_dead(&v4) && (v4.is_none() || !is_dead(&v6)) { v6 } else { v4 }, offered: None }
}

async fn echo(end: SocketAddr) -> Echo {
    let nothing = Echo {
        v4: end.is_ipv4(),
        sent: 0,
        answered: 0,
        round_trip_ms: None,
        largest: None,
        kbit_s: None,
        forbidden_here: false,
        unreachable: None,
    };
    let Ok(mut train) = Train::open(end).await else { return nothing };
    train.quality().await;
    let (answered, round_trip_ms) = (train.back(0..PACKETS), train.median());
    let (mut largest, mut kbit_s) = (None, None);
    if answered > 0 {
        largest = train.sizes().await;
        if largest.is_some_and(|largest| largest >= WAGON) {
            kbit_s = train.rate().await;
        }
    }
    Echo {
        sent: PACKETS.try_into().unwrap_or(u32::MAX),
        answered: answered.try_into().unwrap_or(u32::MAX),
        round_trip_ms,
        largest,
        kbit_s,
        forbidden_here: train.forbidden_here,
        unreachable: train.unreachable,
        ..nothing
    }
}

/// All questions to one endpoint, in the order of their numbers.
struct Train {
    end: SocketAddr,
    socket: UdpSocket,
    mark: [u8; 7],
    questions: Vec<Question>,
    forbidden_here: bool,
    unreachable: Option<Offender>,
}

struct Question {
    size: u16,
    sent: Instant,
    back: Option<Instant>,
}

impl Train {
    async fn open(end: SocketAddr) -> io::Result<Self> {
        let socket = icmp::socket(end).await?;
        os::icmp::never_in_fragments(&SockRef::from(&socket), end.is_ipv4())?;
        let mut mark = [0; 7];
        getrandom::fill(&mut mark).map_err(|error| io::Error::other(error.to_string()))?;
        Ok(Self { end, socket, mark, questions: Vec::new(), forbidden_here: false, unreachable: None })
    }

    /// Loss and round trip.
    async fn quality(&mut self) {
        for _ in 0..PACKETS {
            let next = tokio::time::Instant::now() + APART;
            self.ask(SMALL).await;
            self.listen(next, |_| false).await;
            sleep_until(next).await;
        }
        self.listen(tokio::time::Instant::now() + LAST_ANSWER, |train| train.back(0..PACKETS) == PACKETS).await;
    }

    /// The largest that comes back. What is smaller than what came back is not asked again.
    async fn sizes(&mut self) -> Option<u16> {
        let first = self.questions.len();
        for _ in 0..ROUNDS {
            let known = self.largest(first);
            for size in SIZES.into_iter().filter(|size| known.is_none_or(|known| *size > known)) {
                self.ask(size).await;
            }
            let until = tokio::time::Instant::now() + ROUND;
            self.listen(until, |train| train.largest(first) == SIZES.first().copied()).await;
            if self.largest(first) == SIZES.first().copied() {
                break;
            }
        }
        self.largest(first)
    }

    /// Kilobits per second, from how far apart the first and the last of a train come back.
    async fn rate(&mut self) -> Option<u32> {
        let first = self.questions.len();
        for _ in 0..TRAIN {
            self.ask(WAGON).await;
        }
        let until = tokio::time::Instant::now() + TRAIN_BACK;
        self.listen(until, |train| train.back(first..first + TRAIN) == TRAIN).await;
        let backs = || self.questions.iter().skip(first).filter_map(|question| question.back);
        let (count, took) = (backs().count(), backs().max()?.duration_since(backs().min()?));
        if count < WAGONS_BACK {
            return None;
        }
        let bits = u128::from(WAGON) * 8 * u128::try_from(count - 1).ok()?;
        Some(u32::try_from(bits * 1000 / took.as_micros().max(1)).unwrap_or(u32::MAX))
    }

    /// Sends a question that is an IP packet of `size` bytes.
    async fn ask(&mut self, size: u16) {
        let number = u32::try_from(self.questions.len()).unwrap_or(u32::MAX);
        let question = self.bytes(QUESTION, number, size);
        self.questions.push(Question { size, sent: Instant::now(), back: None });
        // An error of an earlier packet comes out instead of this one's way: once more, then.
        if let Err(error) = self.socket.send(&question).await {
            self.heed(&error);
            if let Err(error) = self.socket.send(&question).await {
                self.heed(&error);
            }
        }
    }

    /// Takes answers until `until`, or until it is enough.
    async fn listen(&mut self, until: tokio::time::Instant, enough: impl Fn(&Self) -> bool) {
        let mut answer = [0; 2048];
        while !enough(self) {
            match timeout_at(until, self.socket.recv(&mut answer)).await {
                Ok(Ok(length)) => self.take(answer.get(..length).unwrap_or_default()),
                Ok(Err(error)) => self.heed(&error),
                Err(_) => return,
            }
        }
    }

    fn take(&mut self, answer: &[u8]) {
        let Some(&[a, b, c, d]) = answer.get(8..HEADER) else { return };
        let number = u32::from_be_bytes([a, b, c, d]);
        let Ok(place) = usize::try_from(number) else { return };
        let Some(size) = self.questions.get(place).map(|question| question.size) else { return };
        if self.bytes(ANSWER, number, size) == answer
            && let Some(question) = self.questions.get_mut(place)
        {
            // The first of doubled ones.
            question.back.get_or_insert_with(Instant::now);
        }
    }

    /// What an error of the socket says of the way.
    fn heed(&mut self, error: &io::Error) {
        if error.kind() == ErrorKind::PermissionDenied && !os::icmp::TELLS {
            self.forbidden_here = true;
        }
        let mut told_any = false;
        while let Some(told) = os::icmp::take(&SockRef::from(&self.socket)) {
            told_any = true;
            match told.means(self.end) {
                Some(Reach::ForbiddenHere) => self.forbidden_here = true,
                Some(Reach::Unreachable(_) | Reach::Refused) => self.unreachable = Some(told.offender()),
                Some(Reach::Open { .. } | Reach::Silent | Reach::NoRoute | Reach::Other(_)) | None => {}
            }
        }
        if told_any {
            return;
        }
        if error.kind() == ErrorKind::PermissionDenied {
            self.forbidden_here = true;
        } else if matches!(
            error.kind(),
            ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset | ErrorKind::HostUnreachable
        ) {
            self.unreachable.get_or_insert(Offender { who: None, prohibited: false });
        }
    }

    fn bytes(&self, kind: u8, number: u32, size: u16) -> Vec<u8> {
        let headers = if self.end.is_ipv4() { 20 + 8 } else { 40 + 8 };
        let mut bytes = vec![kind];
        bytes.extend(self.mark);
        bytes.extend(number.to_be_bytes());
        bytes.resize(usize::from(size).saturating_sub(headers).max(HEADER), 0);
        bytes
    }

    fn back(&self, of: std::ops::Range<usize>) -> usize {
        self.questions.iter().take(of.end).skip(of.start).filter(|question| question.back.is_some()).count()
    }

    fn largest(&self, first: usize) -> Option<u16> {
        let back = self.questions.iter().skip(first).filter(|question| question.back.is_some());
        back.map(|question| question.size).max()
    }

    fn median(&self) -> Option<u32> {
        let took = |question: &Question| Some(question.back?.duration_since(question.sent).as_millis());
        let mut times: Vec<u128> = self.questions.iter().filter_map(took).collect();
        times.sort_unstable();
        times.get(times.len() / 2).and_then(|ms| u32::try_from(*ms).ok())
    }
}

#[cfg(test)]
mod tests;
