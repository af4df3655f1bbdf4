//! Reads a request body: at most 8 KiB (a report 512), within ten seconds. What is longer is read away for a while, so that the answer arrives.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::StatusCode,
};
use flexnet_protocol::{FaultCode, gateway::MAX_BODY};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tokio::time::timeout;

use super::problem::Refusal;

const LIMIT: Duration = Duration::from_secs(10);
/// Closing a connection with unread data resets it, and the client would never see why.
const READ_AWAY: usize = 4 * 1024 * 1024;

/// The whole body.
///
/// # Errors
/// 413 if it is longer than 8 KiB, 408 if it takes longer, 400 if it ends early.
pub async fn read(body: Body) -> Result<Bytes, Refusal> {
    read_up_to(body, MAX_BODY).await
}

/// The whole body of at most so many bytes.
///
/// # Errors
/// As [`read`].
pub async fn read_up_to(body: Body, most: usize) -> Result<Bytes, Refusal> {
    let too_slow = || Refusal::new(StatusCode::REQUEST_TIMEOUT, FaultCode::BadRequest, "the body came too slowly");
    let read = async {
        let mut body = Limited::new(body, READ_AWAY);
        let mut bytes = Vec::new();
        let mut too_long = false;
        while let Some(frame) = body.frame().await {
            let frame = match frame {
                Ok(frame) => frame,
                Err(error) if error.is::<LengthLimitError>() => return Err(too_long_refusal()),
                Err(_) => return Err(Refusal::new(StatusCode::BAD_REQUEST, FaultCode::BadRequest, "the body is cut")),
            };
            let data = frame.into_data().unwrap_or_default();
            too_long |= bytes.len() + data.len() > most;
            if !too_long {
                bytes.extend_from_slice(&data);
            }
        }
        if too_long { Err(too_long_refusal()) } else { Ok(Bytes::from(bytes)) }
    };
    timeout(LIMIT, read).await.unwrap_or_else(|_| Err(too_slow()))
}

fn too_long_refusal() -> Refusal {
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, FaultCode::BadRequest, "the body is longer than it may be")
}
