//! The stream of capsules on TCP 443, as both ends read it.

use flexnet_masque::capsule::{Error, Front, MAX_CAPSULE, front, put_datagram};

/// The first byte says in which pieces the rest arrives: it is read alike however it is cut, and what is read can be written.
pub fn capsules(bytes: &[u8]) -> bool {
    let Some((piece, stream)) = bytes.split_first() else { return false };
    let whole = read(stream, stream.len().max(1));
    assert_eq!(read(stream, usize::from(*piece) + 1), whole, "cut otherwise it is something else");
    let Ok(datagrams) = whole else { return false };
    let mut written = Vec::new();
    datagrams.iter().for_each(|datagram| put_datagram(&mut written, datagram));
    assert_eq!(read(&written, usize::MAX), Ok(datagrams), "it means something else when written again");
    true
}

fn read(stream: &[u8], piece: usize) -> Result<Vec<Vec<u8>>, Error> {
    let (mut held, mut datagrams) = (Vec::new(), Vec::new());
    for piece in stream.chunks(piece) {
        held.extend_from_slice(piece);
        loop {
            let used = match front(&held)? {
                Front::Part => break,
                Front::Datagram { used, payload } => {
                    datagrams.extend(held.get(payload).map(<[u8]>::to_vec));
                    used
                }
                Front::Other { used } => used,
            };
            held.drain(..used);
        }
        assert!(held.len() < MAX_CAPSULE, "a buffer of this size would be full for ever");
    }
    Ok(datagrams)
}
