//! Frames on the wire: a length (u32, big endian) and that many bytes of JSON, see [`flexnet_protocol::local`].
//! What does not parse is told by its place, never by its content: it may be half a password.

use flexnet_protocol::local::MAX_FRAME;
use serde::{Serialize, de::DeserializeOwned};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::{
    bytes::BytesMut,
    codec::{FramedRead, LengthDelimitedCodec},
};
use zeroize::{Zeroize as _, Zeroizing};

/// A socket, a pipe, or one end of a pair in memory.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

pub(crate) type Stream = Box<dyn Duplex>;

/// The frames that arrive. Dropping a wait loses nothing.
pub(crate) type Frames<R> = FramedRead<R, LengthDelimitedCodec>;

pub(crate) fn frames<R: AsyncRead>(read: R) -> Frames<R> {
    FramedRead::new(read, LengthDelimitedCodec::builder().max_frame_length(MAX_FRAME).new_codec())
}

/// A message with its length in front, or `None` if it is larger than [`MAX_FRAME`].
pub(crate) fn encode(message: &impl Serialize) -> Option<Zeroizing<Vec<u8>>> {
    let json = Zeroizing::new(serde_json::to_vec(message).ok()?);
    let length = u32::try_from(json.len()).ok().filter(|_| json.len() <= MAX_FRAME)?;
    let mut frame = Zeroizing::new(Vec::with_capacity(4 + json.len()));
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(&json);
    Some(frame)
}

/// The message of a frame. The frame is wiped.
///
/// # Errors
/// What is wrong and where, without a byte of what was there.
pub(crate) fn decode<T: DeserializeOwned>(mut frame: BytesMut) -> Result<T, String> {
    let message = serde_json::from_slice(&frame)
        .map_err(|e| format!("{:?} error at byte {} of {}", e.classify(), e.column(), frame.len()));
    frame.as_mut().zeroize();
    message
}

#[cfg(test)]
mod tests {
    use flexnet_protocol::local::{Request, ToService};

    use super::*;

    #[test]
    fn what_does_not_parse_is_not_repeated() {
        for text in [r#"{"id":1,"request":{"sign_in":"geheim"}}"#, r#"{"id":"geheim"}"#, r#"{"geheim":1}"#] {
            let error = decode::<ToService>(BytesMut::from(text)).unwrap_err();
            assert!(!error.contains("geheim"), "{error}");
        }
    }

    #[test]
    fn a_message_too_large_is_not_sent() {
        let request = |version: usize| ToService { id: 1, request: Request::Hello { version: "x".repeat(version) } };
        assert!(encode(&request(MAX_FRAME)).is_none());
        let frame = encode(&request(3)).unwrap();
        assert_eq!(&frame[..4], &u32::try_from(frame.len() - 4).unwrap().to_be_bytes());
    }
}
