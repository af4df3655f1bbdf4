//! `POST /v1/sessions`: the shape of a sign-in, and the answer to its outcome. Nothing that is refused here for its shape is counted.

use std::sync::Arc;

use axum::{
    Extension, Json,
    body::Body,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use flexnet_protocol::{
    FaultCode, Secret,
    gateway::{Client, MAX_PASSWORD, MAX_USERNAME, SignIn},
};

use super::{From, body, problem::Refusal, renew::is_key};
use crate::{
    attempts::Outcome,
    config::Version,
    gateway::Gateway,
    sign_in::{Entries, NoOutcome, OTHER_BODY, Purpose, sign_in},
};

pub(super) async fn post(
    State(gateway): State<Arc<Gateway>>,
    Extension(From(from)): Extension<From>,
    body: Body,
) -> Result<Response, Refusal> {
    let body = body::read(body).await?;
    let request = request(&body)?;
    check_open(&gateway, &request.client)?;
    let SignIn { attempt_id, username, password, tan, client_public_key, preshared_key, .. } = request;
    let entries = Entries { attempt_id, username, password, tan };
    let purpose = Purpose::Session { public_key: client_public_key, preshared_key };
    let refused = |fault, title| Refusal::new(StatusCode::FORBIDDEN, fault, title);
    match sign_in(&gateway, from, &body, entries, purpose).await? {
        Outcome::Granted(grant) => {
            Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], Json(grant)).into_response())
        }
        Outcome::Refused { attempts_left } => {
            Err(refused(FaultCode::Refused, "name, password or TAN is wrong").attempts_left(attempts_left))
        }
        Outcome::Locked => Err(refused(FaultCode::Locked, "the access is locked").attempts_left(0)),
        Outcome::Disabled { attempts_left } => {
            Err(refused(FaultCode::AccountDisabled, "the account is switched off").attempts_left(attempts_left))
        }
        Outcome::Undecided(cause) => Err(Refusal::undecided(cause)),
        // Its id was another request's.
        Outcome::HandedOff(_) | Outcome::Resync(_) => Err(NoOutcome::Conflict(OTHER_BODY).into()),
    }
}

/// Whether this client may sign in now.
pub(super) fn check_open(gateway: &Gateway, client: &Client) -> Result<(), Refusal> {
    let version = Version::parse(&client.version);
    if version.is_none_or(|version| version < gateway.config.min_client_version) {
        return Err(Refusal::new(StatusCode::FORBIDDEN, FaultCode::ClientTooOld, "the client is too old"));
    }
    gateway.note.now().map_or(Ok(()), |note| Err(Refusal::maintenance(note.until)))
}

/// 6 to 8 digits.
pub(super) fn is_tan(tan: &Secret) -> bool {
    (6..=8).contains(&tan.expose().len()) && tan.expose().bytes().all(|b| b.is_ascii_digit())
}

/// The sign-in of a body that has its shape.
pub(super) fn request(body: &[u8]) -> Result<SignIn, Refusal> {
    let request: SignIn = serde_json::from_slice(body)
        // The parser's words may quote the entry.
        .map_err(|_| Refusal::new(StatusCode::BAD_REQUEST, FaultCode::BadRequest, "not the JSON of a sign-in"))?;
    let tan = is_tan(&request.tan);
    let text = |text: &str, limit| !text.is_empty() && text.len() <= limit;
    // PostgreSQL takes no NUL, and no account has any of them in its name.
    let name = text(request.username.trim(), MAX_USERNAME) && !request.username.trim().chars().any(char::is_control);
    let password = text(request.password.expose(), MAX_PASSWORD);
    let client = text(&request.client.version, 32) && text(&request.client.os, 32);
    let key = is_key(&request.client_public_key) && request.preshared_key.as_ref().is_none_or(is_key);
    if tan && name && password && client && key {
        return Ok(request);
    }
    Err(Refusal::new(StatusCode::BAD_REQUEST, FaultCode::EntryShape, "a part of the entry does not have its shape"))
}
