//! Entries for the fuzz targets alone: the diagnosis report that a member sends to the desk. See `tests/fuzz`.

use axum::{
    body::Body,
    extract::{FromRequest as _, Multipart},
    http::{Request, header},
};
use flexnet_protocol::FaultCode;

use super::{report, reports};

/// The codes in what is posted to `/report` with the boundary `x`, and what looks like one.
pub async fn report(body: Vec<u8>) -> Option<(Vec<FaultCode>, Vec<String>)> {
    let request = Request::post("/report").header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
    let request = request.body(Body::from(body)).ok()?;
    let text = report::text(Multipart::from_request(request, &()).await.ok()?).await.ok()?;
    Some(codes(&text))
}

/// Whether a file is shown as a sealed report.
pub fn is_sealed(text: &str) -> bool {
    reports::in_file(text).is_some()
}

/// The codes in a text, and what looks like one.
pub fn codes(text: &str) -> (Vec<FaultCode>, Vec<String>) {
    let codes = report::codes(text);
    (codes.known, codes.unknown)
}
