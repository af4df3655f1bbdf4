//! Entries for the fuzz targets alone: bodies and headers as the routes of the API read them. See `tests/fuzz`.

use axum::{
    body::Body,
    http::{HeaderMap, Request},
};
use flexnet_masque::upgrade;
use flexnet_protocol::{
    Secret,
    gateway::{Redeem, Resume, Resync, SignIn},
};

use super::{redeem, renew, reports, session, sessions, token};

/// What `POST /v1/sessions` would act on.
pub fn sign_in(body: &[u8]) -> Option<SignIn> {
    sessions::request(body).ok()
}

/// What `POST /v1/sessions/redeem` would act on.
pub fn redeem(body: &[u8]) -> Option<Redeem> {
    redeem::request(body).ok()
}

/// What `POST /v1/session/resume` would act on.
pub fn resume(body: &[u8]) -> Option<Resume> {
    renew::keys(body).ok()
}

/// What `POST /v1/session/resync-token` would act on.
pub fn resync(body: &[u8]) -> Option<Resync> {
    token::two_tans(body).ok()
}

/// The SHA-256 of the report that `POST /v1/reports` would keep.
pub fn report(body: &[u8]) -> Option<[u8; 32]> {
    reports::request(body).ok().map(|report| report.hash)
}

/// The bearer token, the seconds of a wait of at most `longest`, and whether a carrier is asked for.
pub fn headers(headers: &HeaderMap, longest: u64) -> (Option<Secret>, Option<u64>, bool) {
    let mut request = Request::new(Body::empty());
    request.headers_mut().clone_from(headers);
    let upgrades = upgrade::is_asked_for(&request.into_parts().0);
    (session::bearer(headers).ok(), session::wait(headers, longest), upgrades)
}
