//! A name service that lies, fails or is late (RFC 1035 §4.1).

use std::{
    net::{Ipv4Addr, SocketAddr},
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use tokio::net::UdpSocket;

/// Bytes of a header.
const HEADER: usize = 12;
/// Type A.
const A: [u8; 2] = [0, 1];

/// What it makes of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Answers with this code and nothing else: 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED.
    Code(u8),
    /// Says nothing.
    Silent,
    /// Says something that is no answer.
    Garbage,
    /// Says that the answer does not fit, and does not listen on TCP.
    Truncated,
    /// Answers rightly, so much later.
    Slow(Duration),
    /// Everything is at this address.
    Hijack(Ipv4Addr),
}

impl FromStr for How {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let (word, rest) = text.split_once(':').unwrap_or((text, ""));
        Ok(match word {
            "servfail" => Self::Code(2),
            "nxdomain" => Self::Code(3),
            "refused" => Self::Code(5),
            "silent" => Self::Silent,
            "garbage" => Self::Garbage,
            "truncated" => Self::Truncated,
            "slow" => Self::Slow(Duration::from_millis(rest.parse()?)),
            "hijack" => Self::Hijack(rest.parse()?),
            other => bail!("no name service does {other}"),
        })
    }
}

/// Serves until it is killed.
pub(super) async fn serve(listen: SocketAddr, how: How) -> Result<()> {
    let socket = Arc::new(UdpSocket::bind(listen).await?);
    println!("listening on {listen}");
    let mut buffer = [0; 1500];
    loop {
        let (length, from) = socket.recv_from(&mut buffer).await?;
        let question = buffer.get(..length).unwrap_or_default().to_vec();
        let socket = Arc::clone(&socket);
        tokio::spawn(async move {
            if let How::Slow(late) = how {
                tokio::time::sleep(late).await;
            }
            // What is no question is not answered, and who has gone hears nothing.
            if let Ok(Some(answer)) = answer(&question, how) {
                let _ = socket.send_to(&answer, from).await;
            }
        });
    }
}

fn answer(question: &[u8], how: How) -> Result<Option<Vec<u8>>> {
    let asked = asked(question)?;
    let is_v4 = asked.get(asked.len() - 4..asked.len() - 2) == Some(&A);
    let right = if asked.starts_with(b"\x07flexnet") { [203, 0, 113, 10] } else { [192, 0, 0, 170] };
    let (code, truncated, address) = match how {
        How::Silent => return Ok(None),
        How::Garbage => return Ok(Some(vec![0x5a; 40])),
        How::Code(code) => (code, false, None),
        How::Truncated => (0, true, None),
        How::Slow(_) => (0, false, Some(Ipv4Addr::from(right))),
        How::Hijack(address) => (0, false, Some(address)),
    };
    let address = address.filter(|_| is_v4);
    let mut answer = question.get(..2).context("no number")?.to_vec();
    answer.extend([if truncated { 0x83 } else { 0x81 }, 0x80 | code, 0, 1, 0, u8::from(address.is_some()), 0, 0, 0, 0]);
    answer.extend(asked);
    if let Some(address) = address {
        // A pointer to the name, type A, class IN, a minute.
        answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
        answer.extend(address.octets());
    }
    Ok(Some(answer))
}

/// Name, type and class.
fn asked(question: &[u8]) -> Result<&[u8]> {
    let mut at = HEADER;
    loop {
        let length = usize::from(*question.get(at).context("an unfinished name")?);
        at += length + 1;
        if length == 0 {
            return question.get(HEADER..at + 4).context("no type");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Number 0x4b56, one question: flexnet.example, A, IN.
    const QUESTION: &[u8] = b"\x4b\x56\x01\0\0\x01\0\0\0\0\0\0\x07flexnet\x07example\0\0\x01\0\x01";

    #[test]
    fn lies_have_the_shape_of_answers() {
        let answer = answer(QUESTION, "hijack:198.18.0.66".parse().unwrap()).unwrap().unwrap();
        assert_eq!(&answer[..12], b"\x4b\x56\x81\x80\0\x01\0\x01\0\0\0\0");
        assert_eq!(&answer[12..QUESTION.len()], &QUESTION[12..]);
        assert!(answer.ends_with(&[0, 4, 198, 18, 0, 66]));
        let answer = super::answer(QUESTION, "nxdomain".parse().unwrap()).unwrap().unwrap();
        assert_eq!(answer[3], 0x83);
        assert_eq!(answer.len(), QUESTION.len());
        let answer = super::answer(QUESTION, "truncated".parse().unwrap()).unwrap().unwrap();
        assert_eq!(answer[2] & 2, 2);
        assert!(super::answer(&QUESTION[..20], How::Code(3)).is_err());
    }
}
