//! Entries for the fuzz targets alone: the form of the sign-in page, and what browsers say of themselves. See `tests/fuzz`.

use axum::{
    body::Body,
    http::{HeaderMap, Request, header},
};
use flexnet_protocol::{
    Key,
    gateway::{AttemptId, Client, SignIn},
    text::Language,
};

use super::{entry::looks_like_doctor_number, hand_off, language::Words, note::Note, sign_in, visitor::Visitor};
use crate::browser;

/// What `POST /anmelden` would act on, as a body of the API: nothing if the page shows the form again. The key is left out.
/// Must be polled inside a tokio runtime.
pub async fn form(body: Vec<u8>) -> Option<SignIn> {
    let request = Request::post("/anmelden").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let (_, entry) = sign_in::read(request.body(Body::from(body)).ok()?).await.ok()?;
    looks_like_doctor_number(&entry.username);
    let troubles = entry.troubles(Words::of(Language::German));
    let fields = |troubles: &[super::entry::Trouble]| troubles.iter().map(|trouble| trouble.field).collect::<Vec<_>>();
    assert_eq!(fields(&troubles), fields(&entry.troubles(Words::of(Language::English))));
    troubles.is_empty().then(|| SignIn {
        attempt_id: AttemptId(entry.attempt_id.0),
        tan: entry.tan(),
        username: entry.username,
        password: entry.password,
        client_public_key: Key::new([1; 32]),
        preshared_key: None,
        client: Client { version: "0.1.0".into(), os: "linux".into() },
    })
}

/// Reads everything that the pages read of a browser's headers. Whether a note in them means the same when it is given and read again.
pub fn headers(headers: &HeaderMap) -> bool {
    drop((Words::wanted(headers), Visitor::of(headers), hand_off::cookie(headers), browser::is_own_form(headers)));
    let Some(note) = Note::read(headers) else { return true };
    let (_, set) = note.give();
    let pair = set.to_str().ok().and_then(|set| set.split(';').next()).and_then(|pair| pair.parse().ok());
    pair.is_some_and(|pair| Note::read(&HeaderMap::from_iter([(header::COOKIE, pair)])) == Some(note))
}

/// Where the switch of language leads from a path.
pub fn after_switch(path: &str) -> String {
    super::language::of_this_host(path)
}
