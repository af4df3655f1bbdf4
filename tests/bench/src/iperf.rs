//! One transfer by iperf3, and what it says of it. It reads iperf3's JSON only; costs are read elsewhere ([`crate::reading`]).

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use flexnet_lab::{Finished, Process, eventually};
use serde_json::Value;

/// Until the server is free again.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an IPv4 and a UDP header.
const HEADERS: u32 = 28;
/// Bytes of a small packet, with its IP header.
pub const SMALL_PACKET: u32 = 64;

/// What is sent, and which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Load {
    /// TCP with so many streams.
    Tcp {
        /// Streams side by side.
        streams: u8,
        /// From the far end to the near one.
        back: bool,
    },
    /// UDP in packets of 64 bytes, as many as the sender can.
    SmallPackets,
}

impl Load {
    /// All that are measured.
    pub const ALL: [Self; 5] = [
        Self::Tcp { streams: 1, back: false },
        Self::Tcp { streams: 1, back: true },
        Self::Tcp { streams: 4, back: false },
        Self::Tcp { streams: 4, back: true },
        Self::SmallPackets,
    ];

    /// Its name in tables and result files.
    pub fn name(self) -> String {
        match self {
            Self::Tcp { streams, back } => format!("TCP {streams} {}", if back { "back" } else { "there" }),
            Self::SmallPackets => "64-byte packets".to_owned(),
        }
    }

    fn arguments(self, target: &str, length: Duration) -> Vec<String> {
        let mut line = ["iperf3", "--json", "--connect-timeout", "2000", "-c", target].map(String::from).to_vec();
        line.extend(["-t".to_owned(), length.as_secs().max(1).to_string()]);
        match self {
            Self::Tcp { streams, back } => {
                line.extend(["-P".to_owned(), streams.to_string()]);
                line.extend(back.then(|| "-R".to_owned()));
            }
            Self::SmallPackets => {
                line.extend(["-u", "-b", "0", "-l", &(SMALL_PACKET - HEADERS).to_string()].map(String::from));
            }
        }
        line
    }
}

/// What arrived.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Transfer {
    /// Bytes of payload that arrived.
    pub bytes: f64,
    /// Packets that arrived; for TCP not known.
    pub packets: Option<f64>,
    /// Packets that were sent and did not arrive, of all that were sent; for TCP not known.
    pub lost: Option<f64>,
    /// How long it took.
    pub seconds: f64,
}

impl Transfer {
    /// Gigabits of payload per second.
    pub fn gigabits_per_second(&self) -> f64 {
        self.bytes * 8.0 / self.seconds / 1e9
    }

    /// Packets per second.
    pub fn packets_per_second(&self) -> Option<f64> {
        self.packets.map(|packets| packets / self.seconds)
    }

    /// Reads what `iperf3 --json` printed.
    ///
    /// # Errors
    /// It tells an error, or lacks a figure.
    pub fn parse(load: Load, text: &str) -> Result<Self> {
        let report: Value = serde_json::from_str(text).with_context(|| format!("iperf3 printed no JSON: {text}"))?;
        if let Some(error) = report.get("error") {
            anyhow::bail!("iperf3: {error}");
        }
        let figure = |path: &str| {
            report.pointer(path).and_then(Value::as_f64).with_context(|| format!("iperf3 tells no {path}"))
        };
        let transfer = match load {
            Load::Tcp { .. } => Self {
                bytes: figure("/end/sum_received/bytes")?,
                packets: None,
                lost: None,
                seconds: figure("/end/sum_received/seconds")?,
            },
            Load::SmallPackets => {
                let (sent, lost) = (figure("/end/sum/packets")?, figure("/end/sum/lost_packets")?);
                ensure!(sent > 0.0, "iperf3 sent nothing");
                let arrived = sent - lost;
                Self {
                    bytes: arrived * f64::from(SMALL_PACKET - HEADERS),
                    packets: Some(arrived),
                    lost: Some(lost / sent),
                    seconds: figure("/end/sum/seconds")?,
                }
            }
        };
        ensure!(transfer.seconds > 0.0, "iperf3 measured no time");
        Ok(transfer)
    }
}

/// Waits until the server that was started listens. `run` runs a command on its host.
///
/// # Errors
/// It does not listen.
pub fn wait_for_server(server: &Process, run: impl Fn(&[&str]) -> Result<Finished>) -> Result<()> {
    eventually("iperf3's server", Duration::from_secs(10), || {
        let listening = run(&["ss", "-Htln", "sport = :5201"])?;
        ensure!(!listening.stdout.trim().is_empty(), "{}", server.log());
        Ok(())
    })
}

/// One transfer with the server at `target`. `run` runs a command on the client's host.
///
/// # Errors
/// What iperf3 says.
pub fn transfer(
    load: Load,
    target: &str,
    length: Duration,
    run: impl Fn(&[&str]) -> Result<Finished>,
) -> Result<Transfer> {
    let line = load.arguments(target, length);
    let words: Vec<&str> = line.iter().map(String::as_str).collect();
    // The server serves one after the other, and refuses while it still ends the last one.
    eventually("a transfer", PATIENCE, || {
        let finished = run(&words)?;
        Transfer::parse(load, &finished.stdout).with_context(|| format!("{}: {}", finished.line, finished.stderr))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TCP: Load = Load::Tcp { streams: 4, back: true };

    #[test]
    fn tcp_counts_what_arrived() {
        let text = r#"{"end":{"sum_sent":{"bytes":9,"seconds":1.0},"sum_received":{"bytes":250000000,"seconds":2.0}}}"#;
        let transfer = Transfer::parse(TCP, text).unwrap();
        assert_eq!(transfer.gigabits_per_second(), 1.0);
        assert_eq!(transfer.packets_per_second(), None);
    }

    #[test]
    fn lost_packets_do_not_count() {
        let text = r#"{"end":{"sum":{"bytes":36000,"seconds":2.0,"packets":1000,"lost_packets":400}}}"#;
        let transfer = Transfer::parse(Load::SmallPackets, text).unwrap();
        assert_eq!(transfer.packets_per_second(), Some(300.0));
        assert_eq!((transfer.bytes, transfer.lost), (600.0 * 36.0, Some(0.4)));
    }

    #[test]
    fn an_error_is_no_figure() {
        let refused = r#"{"start":{},"end":{},"error":"unable to connect to server"}"#;
        assert!(Transfer::parse(TCP, refused).unwrap_err().to_string().contains("unable to connect"));
        assert!(Transfer::parse(TCP, r#"{"end":{}}"#).unwrap_err().to_string().contains("sum_received"));
        assert!(Transfer::parse(TCP, "").is_err());
        let nothing = r#"{"end":{"sum":{"seconds":2.0,"packets":0,"lost_packets":0}}}"#;
        assert!(Transfer::parse(Load::SmallPackets, nothing).is_err());
    }

    #[test]
    fn small_packets_are_64_bytes_with_their_headers() {
        let line = Load::SmallPackets.arguments("10.9.0.2", Duration::from_secs(3)).join(" ");
        assert_eq!(line, "iperf3 --json --connect-timeout 2000 -c 10.9.0.2 -t 3 -u -b 0 -l 36");
        assert!(TCP.arguments("10.9.0.2", Duration::from_secs(3)).join(" ").ends_with("-P 4 -R"));
    }
}
