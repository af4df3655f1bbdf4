//! A box on TCP 443: it judges by the first bytes. Long ClientHellos (hybrid key exchange, some 1.5 kB) are what many of them cannot take.

use std::{net::SocketAddr, str::FromStr, time::Duration};

use anyhow::{Result, bail};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

use super::GATEWAY;

/// The rest of a first flight is there by then.
const FLIGHT: Duration = Duration::from_millis(50);
/// A fatal alert: handshake_failure (RFC 8446 §6.2).
const ALERT: [u8; 7] = [21, 3, 3, 0, 2, 2, 40];

/// What it does with a first flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Ends every connection at once.
    Cut,
    /// A fatal alert.
    Alert,
    /// A page of a filter, without TLS.
    Http,
    /// RST for whatever is longer; the rest goes to the gateway.
    Reset(usize),
    /// Silence for whatever is longer; the rest goes to the gateway.
    Drop(usize),
}

impl FromStr for How {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let (word, rest) = text.split_once(':').unwrap_or((text, ""));
        Ok(match word {
            "cut" => Self::Cut,
            "alert" => Self::Alert,
            "http" => Self::Http,
            "reset" => Self::Reset(rest.parse()?),
            "drop" => Self::Drop(rest.parse()?),
            other => bail!("no box does {other}"),
        })
    }
}

/// Serves until it is killed.
pub(super) async fn serve(listen: SocketAddr, how: How) -> Result<()> {
    let listener = TcpListener::bind(listen).await?;
    println!("listening on {listen}");
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(async move {
            // How the visitor takes it is its own affair.
            let _ = look(stream, how).await;
        });
    }
}

async fn look(mut stream: TcpStream, how: How) -> Result<()> {
    if how == How::Cut {
        return Ok(());
    }
    tokio::time::sleep(FLIGHT).await;
    let mut first = Vec::with_capacity(65_536);
    stream.read_buf(&mut first).await?;
    match how {
        How::Cut => Ok(()),
        How::Alert => Ok(stream.write_all(&ALERT).await?),
        How::Http => Ok(stream.write_all(b"HTTP/1.1 403 Forbidden\r\n\r\nBlocked by policy").await?),
        // SO_LINGER of 0: RST instead of FIN.
        How::Reset(longest) if first.len() > longest => Ok(stream.set_zero_linger()?),
        How::Drop(longest) if first.len() > longest => std::future::pending().await,
        How::Reset(_) | How::Drop(_) => {
            let mut gateway = TcpStream::connect(GATEWAY).await?;
            gateway.write_all(&first).await?;
            copy_bidirectional(&mut stream, &mut gateway).await?;
            Ok(())
        }
    }
}
