//! Capsules (RFC 9297 §3.2) and the datagrams in them (RFC 9298 §5): bytes in, ranges out. No IO, no copies on the way in.
//! A capsule is at most [`MAX_LENGTH`] bytes long; what is longer is an error, so a buffer of [`MAX_CAPSULE`] always holds a whole one.

use std::ops::Range;

/// The longest value of a capsule that is read.
pub const MAX_LENGTH: usize = 65_535;
/// The longest whole capsule: type and length in eight bytes each, and the value.
pub const MAX_CAPSULE: usize = 8 + 8 + MAX_LENGTH;
/// The longest datagram that fits a capsule with its context id of one byte.
pub const MAX_DATAGRAM: usize = MAX_LENGTH - 1;
/// The longest that [`put_datagram`] puts before a datagram.
pub const MAX_HEAD: usize = 6;
/// A capsule without meaning: the first of the reserved types (RFC 9297 §5.4), empty. Everybody skips it, and every box on the way sees traffic.
pub const KEEPALIVE: [u8; 2] = [0x17, 0x00];

/// The type of a datagram (RFC 9297 §3.5).
const DATAGRAM: u64 = 0x00;
/// The context whose datagrams are UDP payload (RFC 9298 §4).
const UDP_PAYLOAD: u64 = 0x00;

/// What stands at the beginning of a buffer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Front {
    /// No whole capsule yet.
    Part,
    /// A whole capsule of so many bytes, with the place of the datagram in it.
    Datagram {
        /// Bytes of the whole capsule.
        used: usize,
        /// The datagram inside.
        payload: Range<usize>,
    },
    /// A whole capsule of so many bytes with nothing for us: of an unknown type, or of a context that nobody registered.
    Other {
        /// Bytes of the whole capsule.
        used: usize,
    },
}

/// A stream that is none of capsules. It cannot be read any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Longer than anybody has reason to send.
    #[error("a capsule of {0} bytes")]
    TooLong(u64),
    /// A datagram that ends before its context id does.
    #[error("a datagram without a context")]
    NoContext,
}

/// Looks at the first capsule of `bytes`.
///
/// # Errors
/// [`Error`]; told as soon as type and length are there.
pub fn front(bytes: &[u8]) -> Result<Front, Error> {
    let Some((kind, rest)) = integer(bytes) else { return Ok(Front::Part) };
    let Some((length, rest)) = integer(rest) else { return Ok(Front::Part) };
    let value = match usize::try_from(length) {
        Ok(length) if length <= MAX_LENGTH => length,
        Ok(_) | Err(_) => return Err(Error::TooLong(length)),
    };
    let used = bytes.len() - rest.len() + value;
    let Some(value) = rest.get(..value) else { return Ok(Front::Part) };
    if kind != DATAGRAM {
        return Ok(Front::Other { used });
    }
    match integer(value).ok_or(Error::NoContext)? {
        (UDP_PAYLOAD, payload) => Ok(Front::Datagram { used, payload: used - payload.len()..used }),
        (_unknown, _) => Ok(Front::Other { used }),
    }
}

/// Appends a datagram of at most [`MAX_DATAGRAM`] bytes as a capsule; a longer one, which UDP cannot carry either, is left out.
pub fn put_datagram(out: &mut Vec<u8>, payload: &[u8]) {
    let Some(length) = u16::try_from(payload.len()).ok().and_then(|length| length.checked_add(1)) else { return };
    // Type and context are one zero byte each, around a length of one, two or four bytes (RFC 9000 §16).
    let [high, low] = length.to_be_bytes();
    match length {
        ..0x40 => out.extend_from_slice(&[0, low, 0]),
        0x40..0x4000 => out.extend_from_slice(&[0, 0x40 | high, low, 0]),
        0x4000.. => out.extend_from_slice(&[0, 0x80, 0, high, low, 0]),
    }
    out.extend_from_slice(payload);
}

/// A variable-length integer (RFC 9000 §16) and what follows it, if it is all there.
fn integer(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let more = (1_usize << (first >> 6)) - 1;
    let (tail, rest) = rest.split_at_checked(more)?;
    let value = tail.iter().fold(u64::from(first & 0x3f), |value, byte| value << 8 | u64::from(*byte));
    Some((value, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn capsule(payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        put_datagram(&mut out, payload);
        out
    }

    /// Reads a stream as it comes, in pieces of these lengths, and then the rest.
    fn read(stream: &[u8], pieces: &[usize]) -> Result<Vec<Vec<u8>>, Error> {
        let (mut held, mut left, mut found) = (Vec::new(), stream, Vec::new());
        for piece in pieces.iter().copied().chain([usize::MAX]) {
            let (now, later) = left.split_at(piece.min(left.len()));
            held.extend_from_slice(now);
            left = later;
            loop {
                let used = match front(&held)? {
                    Front::Part => break,
                    Front::Datagram { used, payload } => {
                        found.push(held[payload].to_vec());
                        used
                    }
                    Front::Other { used } => used,
                };
                held.drain(..used);
            }
            assert!(held.len() < MAX_CAPSULE, "a buffer of this size would be full for ever");
        }
        Ok(found)
    }

    #[test]
    fn integers_are_those_of_rfc_9000_appendix_a_1() {
        let samples: [(&[u8], u64); 5] = [
            (&[0xc2, 0x19, 0x7c, 0x5e, 0xff, 0x14, 0xe8, 0x8c], 151_288_809_941_952_652),
            (&[0x9d, 0x7f, 0x3e, 0x7d], 494_878_333),
            (&[0x7b, 0xbd], 15_293),
            (&[0x25], 37),
            (&[0x40, 0x25], 37),
        ];
        for (bytes, value) in samples {
            assert_eq!(integer(bytes), Some((value, &[][..])));
            assert_eq!(integer(&bytes[..bytes.len() - 1]), None);
        }
    }

    #[test]
    fn a_datagram_is_type_length_context_payload() {
        assert_eq!(capsule(b"abc"), [0x00, 0x04, 0x00, b'a', b'b', b'c']);
        assert_eq!(capsule(&[]), [0x00, 0x01, 0x00]);
        assert_eq!(capsule(&[7; 62])[..3], [0x00, 0x3f, 0x00]);
        assert_eq!(capsule(&[7; 63])[..4], [0x00, 0x40, 0x40, 0x00]);
        assert_eq!(capsule(&[7; 148])[..5], [0x00, 0x40, 0x95, 0x00, 7]);
        assert_eq!(capsule(&[7; 16_382])[..4], [0x00, 0x7f, 0xff, 0x00]);
        assert_eq!(capsule(&[7; 16_383])[..6], [0x00, 0x80, 0x00, 0x40, 0x00, 0x00]);
        assert_eq!(capsule(&[7; MAX_DATAGRAM]).len(), MAX_HEAD + MAX_DATAGRAM);
        assert!(capsule(&[7; MAX_LENGTH]).is_empty());
    }

    #[test]
    fn what_has_no_meaning_is_skipped() {
        assert_eq!(front(&KEEPALIVE), Ok(Front::Other { used: 2 }));
        // A registered type that is none of ours, and a context that nobody registered.
        assert_eq!(front(&[0x80, 0xff, 0xf1, 0x00, 0x02, 1, 2, 3]), Ok(Front::Other { used: 7 }));
        assert_eq!(front(&[0x00, 0x02, 0x02, 9]), Ok(Front::Other { used: 4 }));
        // Integers may be longer than they need be.
        assert_eq!(front(&[0x40, 0x00, 0x40, 0x03, 0x40, 0x00, 9]), Ok(Front::Datagram { used: 7, payload: 6..7 }));
    }

    #[test]
    fn what_nobody_sends_ends_the_stream_before_it_is_buffered() {
        assert_eq!(front(&[0x00, 0x80, 0x01, 0x00, 0x00]), Err(Error::TooLong(65_536)));
        assert_eq!(front(&[0x17, 0xff, 255, 255, 255, 255, 255, 255, 255]), Err(Error::TooLong((1 << 62) - 1)));
        assert_eq!(front(&[0x00, 0x00]), Err(Error::NoContext));
        assert_eq!(front(&[0x00, 0x01, 0x40]), Err(Error::NoContext));
    }

    proptest! {
        #[test]
        fn any_split_gives_the_same_datagrams(
            datagrams in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..3000), 0..12),
            pieces in prop::collection::vec(0_usize..4000, 0..40),
            strange in any::<bool>(),
        ) {
            let mut stream = Vec::new();
            for datagram in &datagrams {
                put_datagram(&mut stream, datagram);
                if strange {
                    stream.extend_from_slice(&[0x40, 0x40, 0x03, 1, 2, 3]);
                    stream.extend_from_slice(&KEEPALIVE);
                }
            }
            prop_assert_eq!(read(&stream, &pieces), Ok(datagrams));
        }

        #[test]
        fn garbage_is_read_or_refused_alike_however_it_is_split(
            garbage in prop::collection::vec(any::<u8>(), 0..2000),
            pieces in prop::collection::vec(0_usize..100, 0..60),
        ) {
            prop_assert_eq!(read(&garbage, &pieces), read(&garbage, &[]));
        }
    }
}
