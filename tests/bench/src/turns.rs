//! Counts round trips in a capture: what left, what came back a path's length later, and what left then. It reads tcpdump's lines only.

use anyhow::{Context as _, Result};
use serde::Serialize;

/// Lengths of WireGuard's initiation and response.
const HANDSHAKE: [usize; 2] = [148, 92];

/// Out or in, seen from the member's PC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Leaves the PC.
    Out,
    /// Arrives.
    In,
}

/// One packet on one of the PC's devices.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Packet {
    /// Seconds since 1970.
    pub at: f64,
    /// Which device.
    pub device: String,
    /// Which way.
    pub direction: Direction,
    /// From whom, address and port parted by a dot, as tcpdump has it.
    pub from: String,
    /// To whom.
    pub to: String,
    /// What tcpdump says of it.
    pub what: String,
    /// Bytes of payload.
    pub payload: usize,
}

impl Packet {
    /// Reads a line of `tcpdump -n -tt -i any`. `None` of what is no IP packet or passes the loopback device.
    ///
    /// # Errors
    /// A line that begins as one of IP and is none.
    pub fn parse(line: &str) -> Result<Option<Self>> {
        let mut words = line.split_whitespace();
        let (Some(at), Some(device), Some(direction), Some(family)) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Ok(None);
        };
        let direction = match direction {
            "Out" => Direction::Out,
            "In" => Direction::In,
            _ => return Ok(None),
        };
        if !family.starts_with("IP") || device == "lo" {
            return Ok(None);
        }
        let rest = line.split_once(" > ").with_context(|| format!("not understood: {line}"))?.1;
        let (to, what) = rest.split_once(": ").with_context(|| format!("not understood: {line}"))?;
        let from = words.next().with_context(|| format!("not understood: {line}"))?;
        Ok(Some(Self {
            at: at.parse().with_context(|| format!("not understood: {line}"))?,
            device: device.to_owned(),
            direction,
            from: from.to_owned(),
            to: to.to_owned(),
            what: what.to_owned(),
            payload: payload(what),
        }))
    }

    /// Neither a mere acknowledgement nor the outside of a packet that is seen in the tunnel as well.
    fn tells(&self) -> bool {
        let acknowledges = self.what.starts_with("Flags [.]") && self.payload == 0;
        let is_outside = self.what.contains("UDP, length") && !HANDSHAKE.contains(&self.payload);
        !acknowledges && !is_outside
    }

    /// What it is, in words.
    fn label(&self) -> String {
        let tcp = |flags: &str| self.what.starts_with(&format!("Flags [{flags}]"));
        let whom = if self.direction == Direction::Out { &self.to } else { &self.from };
        let kind = if self.what.starts_with("Flags") {
            match () {
                () if tcp("S") => "TCP: may I".to_owned(),
                () if tcp("S.") => "TCP: you may".to_owned(),
                () if self.payload > 0 => format!("TCP: {} bytes", self.payload),
                () => "TCP: end".to_owned(),
            }
        } else if self.what.starts_with("UDP") || self.what.contains("UDP, length") {
            match self.payload {
                148 => "WireGuard: initiation".to_owned(),
                92 => "WireGuard: response".to_owned(),
                length => format!("UDP: {length} bytes"),
            }
        } else {
            self.what.chars().take(48).collect()
        };
        format!("{}, {kind} ({whom})", self.device)
    }
}

/// The number behind the last `length`, or in the last brackets of a name service's line.
fn payload(what: &str) -> usize {
    let after = what.rsplit_once("length ").map(|(_, rest)| rest).or_else(|| Some(what.rsplit_once('(')?.1));
    let digits = after.unwrap_or_default().split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    digits.parse().unwrap_or_default()
}

/// One time there and back: what left, and how long it took until something that needed the whole way came.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Turn {
    /// What left at its beginning, outside and in the tunnel.
    pub out: Vec<String>,
    /// Milliseconds from its beginning to the first packet that can be an answer.
    pub milliseconds: f64,
}

/// The turns from `from` to what arrived at `until` (seconds since 1970), on a path that takes `round_trip` seconds there and back.
/// Followed backwards by cause: an answer by the last packet of its own flow that left at least nine tenths of a round trip before,
/// that one by the last packet of any flow that had come by then. Work and waiting in between are part of their turn.
pub fn turns(packets: &[Packet], from: f64, until: f64, round_trip: f64) -> Vec<Turn> {
    let telling: Vec<&Packet> = packets.iter().filter(|p| p.at >= from && p.at <= until && p.tells()).collect();
    let last = |direction: Direction, until: f64| {
        telling.iter().rev().filter(move |p| p.direction == direction && p.at <= until).copied()
    };
    let question = |answer: &Packet| {
        let earlier = answer.at - 0.9 * round_trip;
        last(Direction::Out, earlier).find(|p| (p.from.as_str(), p.to.as_str()) == (&answer.to, &answer.from))
    };
    let mut turns = Vec::new();
    let mut end = last(Direction::In, until).next();
    while let Some(answer) = end {
        let Some(asked) = question(answer) else { break };
        // What answers nothing that was asked since the beginning was on its way already.
        let before = last(Direction::In, asked.at).find(|p| question(p).is_some());
        let begin = before.map_or(from, |packet| packet.at);
        let mut out: Vec<String> = Vec::new();
        let left = telling.iter().filter(|p| p.direction == Direction::Out && p.at >= begin);
        for label in left.take_while(|p| p.at <= answer.at - 0.9 * round_trip).map(|p| p.label()) {
            if !out.contains(&label) {
                out.push(label);
            }
        }
        turns.push(Turn { out, milliseconds: (answer.at - begin) * 1e3 });
        end = before;
    }
    turns.reverse();
    turns
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAPTURE: &str = "\
100.000000 eth0  Out IP 192.168.178.20.40000 > 203.0.113.10.443: Flags [P.], seq 1:500, ack 1, win 5, length 499
100.000100 eth0  Out IP 192.168.178.20.50000 > 203.0.113.10.51820: UDP, length 148
100.010000 eth0  In  IP 203.0.113.10.443 > 192.168.178.20.40000: Flags [.], ack 9, win 5, length 0
100.051000 eth0  In  IP 203.0.113.10.51820 > 192.168.178.20.50000: UDP, length 92
100.052000 eth0  In  IP 203.0.113.10.443 > 192.168.178.20.40000: Flags [P.], seq 1:900, ack 500, win 5, length 899
100.053000 kvflex0 Out IP 10.200.0.1.41000 > 10.210.0.10.80: Flags [S], seq 7, win 64240, options [mss 1380], length 0
100.053100 eth0  Out IP 192.168.178.20.50000 > 203.0.113.10.51820: UDP, length 96
100.104000 eth0  In  IP 203.0.113.10.51820 > 192.168.178.20.50000: UDP, length 96
100.104100 kvflex0 In  IP 10.210.0.10.80 > 10.200.0.1.41000: Flags [S.], seq 1, ack 8, win 65160, length 0
100.104200 kvflex0 Out IP 10.200.0.1.41000 > 10.210.0.10.80: Flags [P.], seq 1:79, ack 1, win 502, length 78: HTTP: GET / HTTP/1.1
100.155000 kvflex0 In  IP 10.210.0.10.80 > 10.200.0.1.41000: Flags [P.], seq 1:1001, ack 79, win 502, length 1000: HTTP
";

    fn packets() -> Vec<Packet> {
        CAPTURE.lines().filter_map(|line| Packet::parse(line).unwrap()).collect()
    }

    #[test]
    fn a_line_of_tcpdump() {
        let packets = packets();
        assert_eq!(packets.len(), 11);
        let get = &packets[9];
        assert_eq!((get.payload, get.device.as_str(), get.direction), (78, "kvflex0", Direction::Out));
        assert_eq!((get.from.as_str(), get.to.as_str()), ("10.200.0.1.41000", "10.210.0.10.80"));
        let name =
            Packet::parse("1.5 kvflex0 Out IP 10.0.0.1.5 > 10.0.0.53.53: 4711+ A? portal.snk.example. (36)").unwrap();
        assert_eq!(name.unwrap().payload, 36);
        assert_eq!(Packet::parse("1.5 lo In IP 127.0.0.1.5 > 127.0.0.1.6: UDP, length 4").unwrap(), None);
        assert_eq!(Packet::parse("1.5 eth0 Out ARP, Request who-has 192.168.178.1, length 28").unwrap(), None);
        assert!(Packet::parse("1.5 eth0 Out IP garbage").is_err());
    }

    #[test]
    fn three_turns_and_what_each_of_them_is() {
        let turns = turns(&packets(), 100.0, 100.155, 0.05);
        assert_eq!(turns.len(), 3, "{turns:#?}");
        assert_eq!(
            turns[0].out,
            ["eth0, TCP: 499 bytes (203.0.113.10.443)", "eth0, WireGuard: initiation (203.0.113.10.51820)"]
        );
        assert!(turns[1].out.contains(&"kvflex0, TCP: may I (10.210.0.10.80)".to_owned()), "{turns:#?}");
        assert!(turns[2].out.contains(&"kvflex0, TCP: 78 bytes (10.210.0.10.80)".to_owned()), "{turns:#?}");
    }

    #[test]
    fn an_acknowledgement_and_work_behind_it_are_one_turn() {
        let capture = "\
100.000 eth0  Out IP 192.168.178.20.40000 > 203.0.113.10.443: Flags [P.], seq 1:500, ack 1, win 5, length 499
100.051 eth0  In  IP 203.0.113.10.443 > 192.168.178.20.40000: Flags [.], ack 500, win 5, length 0
100.151 eth0  In  IP 203.0.113.10.443 > 192.168.178.20.40000: Flags [P.], seq 1:900, ack 500, win 5, length 899
100.152 kvflex0 Out IP 10.200.0.1.41000 > 10.210.0.10.80: Flags [S], seq 7, win 64240, length 0
100.204 kvflex0 In  IP 10.210.0.10.80 > 10.200.0.1.41000: Flags [S.], seq 1, ack 8, win 65160, length 0
";
        let packets: Vec<Packet> = capture.lines().filter_map(|line| Packet::parse(line).unwrap()).collect();
        let turns = turns(&packets, 100.0, 100.204, 0.05);
        assert_eq!(turns.iter().map(|turn| turn.milliseconds.round()).collect::<Vec<_>>(), [151.0, 53.0], "{turns:#?}");
    }

    #[test]
    fn what_was_under_way_before_is_no_answer() {
        assert_eq!(turns(&packets(), 100.0, 100.045, 0.05), []);
        assert_eq!(turns(&packets(), 100.0, 100.052, 0.05).len(), 1);
        assert_eq!(turns(&packets(), 100.0, 100.1041, 0.05).len(), 2);
        // Begun later, the entry's answer answers nothing.
        assert_eq!(turns(&packets(), 100.02, 100.155, 0.05).len(), 2);
    }
}
