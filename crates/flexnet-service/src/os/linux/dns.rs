//! Questions to the portal's own name service, sent by the tunnel device only (RFC 1035). One question, one answer, over UDP.
//! Never asks any other server, and never believes an address outside the portal's networks: its caller filters.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use tokio::{net::UdpSocket, time::timeout};

/// Tries, and how long each may take.
const TRIES: usize = 3;
const PATIENCE: Duration = Duration::from_secs(1);
/// Answers that say more are cut by their server; the first addresses suffice.
const MAX_ANSWER: usize = 1232;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    A = 1,
    Aaaa = 28,
}

/// Asks one server for one name. No address and no error: it answers, and the name has none.
pub(super) async fn ask(server: IpAddr, device: &str, name: &str, kind: Kind) -> io::Result<Vec<IpAddr>> {
    let unspecified: IpAddr =
        if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind(SocketAddr::new(unspecified, 0)).await?;
    socket.bind_device(Some(device.as_bytes()))?;
    socket.connect(SocketAddr::new(server, 53)).await?;
    exchange(&socket, name, kind).await
}

async fn exchange(socket: &UdpSocket, name: &str, kind: Kind) -> io::Result<Vec<IpAddr>> {
    let mut last = io::Error::from(io::ErrorKind::TimedOut);
    for _ in 0..TRIES {
        let mut id = [0; 2];
        getrandom::fill(&mut id).map_err(|e| io::Error::other(e.to_string()))?;
        let question = question(id, name, kind)?;
        match timeout(PATIENCE, one(socket, id, &question)).await {
            Ok(Ok(addresses)) => return Ok(addresses),
            Ok(Err(error)) => last = error,
            Err(_) => {}
        }
    }
    Err(last)
}

async fn one(socket: &UdpSocket, id: [u8; 2], question: &[u8]) -> io::Result<Vec<IpAddr>> {
    socket.send(question).await?;
    let mut buffer = [0; MAX_ANSWER];
    loop {
        let length = socket.recv(&mut buffer).await?;
        let answer = buffer.get(..length).unwrap_or_default();
        // Something else on this port is no answer; go on waiting.
        if let Some(outcome) = read(answer, id, question) {
            return outcome;
        }
    }
}

/// Header, then the question, recursion desired.
pub(super) fn question(id: [u8; 2], name: &str, kind: Kind) -> io::Result<Vec<u8>> {
    let mut packet = vec![id[0], id[1], 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.').filter(|label| !label.is_empty()) {
        let length = u8::try_from(label.len()).ok().filter(|length| *length < 64);
        packet
            .push(length.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a label has at most 63 letters"))?);
        packet.extend(label.bytes());
    }
    packet.extend([0, 0, kind as u8, 0, 1]);
    Ok(packet)
}

/// Addresses of an answer to our question; `None` if it is something else.
pub(super) fn read(answer: &[u8], id: [u8; 2], question: &[u8]) -> Option<io::Result<Vec<IpAddr>>> {
    let asked = question.get(12..)?;
    let header = answer.get(..12)?;
    let echoed = answer.get(12..12 + asked.len())?;
    if header.get(..2)? != id || header.get(2)? & 0x80 == 0 || !echoed.eq_ignore_ascii_case(asked) {
        return None;
    }
    let refused = |what| Some(Err(io::Error::other(format!("the name service {what}"))));
    match header.get(3)? & 0x0f {
        0 => {}
        3 => return Some(Ok(Vec::new())),
        2 => return refused("has failed"),
        _ => return refused("refuses the question"),
    }
    let count = u16::from_be_bytes([*header.get(6)?, *header.get(7)?]);
    let mut rest = answer.get(12 + asked.len()..)?;
    let mut addresses = Vec::new();
    for _ in 0..count {
        // A record that is cut off: what came before it counts.
        let Some((address, after)) = record(rest) else { break };
        addresses.extend(address);
        rest = after;
    }
    Some(Ok(addresses))
}

/// One resource record (RFC 1035 §3.2.1): its address, if it has one, and what follows.
fn record(bytes: &[u8]) -> Option<(Option<IpAddr>, &[u8])> {
    let rest = after_name(bytes)?;
    let (fixed, rest) = rest.split_at_checked(10)?;
    let kind = u16::from_be_bytes([*fixed.first()?, *fixed.get(1)?]);
    let length = usize::from(u16::from_be_bytes([*fixed.get(8)?, *fixed.get(9)?]));
    let (data, rest) = rest.split_at_checked(length)?;
    let address = match kind {
        1 => <[u8; 4]>::try_from(data).ok().map(IpAddr::from),
        28 => <[u8; 16]>::try_from(data).ok().map(IpAddr::from),
        _ => None,
    };
    Some((address, rest))
}

/// What follows a name: labels up to an empty one or to a pointer (RFC 1035 §4.1.4).
fn after_name(mut bytes: &[u8]) -> Option<&[u8]> {
    loop {
        let (&length, rest) = bytes.split_first()?;
        match length {
            0 => return Some(rest),
            0xc0.. => return rest.get(1..),
            _ => bytes = rest.get(usize::from(length)..)?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ID: [u8; 2] = [7, 9];

    fn answer(question: &[u8], rcode: u8, records: &[&[u8]]) -> Vec<u8> {
        let mut packet = question.to_vec();
        packet[2] = 0x81;
        packet[3] = 0x80 | rcode;
        packet[7] = u8::try_from(records.len()).unwrap();
        records.iter().for_each(|record| packet.extend(*record));
        packet
    }

    /// Alias and address, as a server with CNAMEs gives them; names by pointer.
    const ALIAS: &[u8] = &[0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 4, 1, b'w', 0xc0, 19];
    const ADDRESS: &[u8] = &[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 210, 0, 10];

    #[test]
    fn an_address_behind_an_alias_is_found() {
        let question = question(ID, "portal.snk.example", Kind::A).unwrap();
        let found = read(&answer(&question, 0, &[ALIAS, ADDRESS]), ID, &question).unwrap().unwrap();
        assert_eq!(found, [IpAddr::from([10, 210, 0, 10])]);
    }

    #[test]
    fn no_such_name_is_an_answer_and_a_failure_is_none() {
        let question = question(ID, "portal.snk.example", Kind::A).unwrap();
        assert_eq!(read(&answer(&question, 3, &[]), ID, &question).unwrap().unwrap(), Vec::<IpAddr>::new());
        assert!(read(&answer(&question, 2, &[]), ID, &question).unwrap().is_err());
        assert!(read(&answer(&question, 5, &[]), ID, &question).unwrap().is_err());
    }

    #[test]
    fn an_answer_to_another_question_is_not_taken() {
        let ours = question(ID, "portal.snk.example", Kind::A).unwrap();
        let other = question(ID, "portal.bank.example", Kind::A).unwrap();
        assert!(read(&answer(&other, 0, &[ADDRESS]), ID, &ours).is_none());
        assert!(read(&answer(&ours, 0, &[ADDRESS]), [1, 2], &ours).is_none());
        assert!(read(&ours, ID, &ours).is_none(), "a question is no answer");
    }

    proptest! {
        #[test]
        fn no_packet_harms(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0_usize..80) {
            let question = question(ID, "portal.snk.example", Kind::Aaaa).unwrap();
            let mut packet = answer(&question, 0, &[ALIAS, ADDRESS, &bytes]);
            drop(read(&packet, ID, &question));
            packet.truncate(cut);
            drop(read(&packet, ID, &question));
            drop(read(&bytes, ID, &question));
        }
    }
}
