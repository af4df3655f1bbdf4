//! What reads bytes of strangers, one function a target: each may refuse anything and must never panic, and what it takes must mean the same when written again.
//! libFuzzer calls them from `fuzz/`, and `tests/short.rs` does over the same corpus and inputs changed at random, with the usual compiler.

use flexnet_gateway::{provision, verifier::radius::packet};
use flexnet_protocol::{
    gateway::{Redeem, Resync, SignIn},
    link,
};
use serde::{Serialize, de::DeserializeOwned};

/// A target's function.
pub type Target = fn(&[u8]);

/// All of them, each with the folder of its corpus.
pub const TARGETS: [(&str, Target); 4] = [("api", api), ("provision", tokens), ("radius", radius), ("link", deep_link)];

/// Bodies of the gateway's API.
pub fn api(bytes: &[u8]) {
    same_again::<SignIn>(bytes);
    same_again::<Redeem>(bytes);
    same_again::<Resync>(bytes);
}

/// A maker's file with tokens, PSKC or CSV. The first byte says what opens it.
pub fn tokens(bytes: &[u8]) {
    let Some((choice, file)) = bytes.split_first() else { return };
    let secret = match choice {
        b'k' => Some("12345678901234567890123456789012"),
        b'p' => Some("qwerty"),
        _ => None,
    };
    // A file chooses how long its passphrase is derived. Here that is only slow.
    if secret.is_some() && file.windows(9).filter(|window| window.iter().all(u8::is_ascii_digit)).count() > 40 {
        return;
    }
    let Ok(tokens) = provision::read(file, secret, 1_800_000_000) else { return };
    assert!(!tokens.is_empty(), "a file without a token is none");
    for token in &tokens {
        assert!((16..=128).contains(&token.seed.len()) && (6..=8).contains(&token.digits), "{token:?}");
        assert_eq!(tokens.iter().filter(|other| other.serial == token.serial).count(), 1, "{token:?} came twice");
    }
}

/// What a RADIUS server, or somebody in its place, answers.
pub fn radius(bytes: &[u8]) {
    let request = packet::Request {
        identifier: 7,
        authenticator: [7; 16],
        name: "m.muster",
        password: "123456",
        nas_identifier: "gw",
    };
    let answer = request.answer(bytes, b"a secret that nobody here knows");
    assert!(answer.is_err(), "an answer without the secret was taken");
    if let Ok(packet) = packet::Packet::decode(bytes) {
        let again = packet.encode().and_then(|bytes| packet::Packet::decode(&bytes).ok());
        assert_eq!(again.as_ref(), Some(&packet), "it means something else when written again");
    }
}

/// The deep link that any program or page can open.
pub fn deep_link(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(ticket) = link::ticket(text) else { return };
    assert!(link::is_ticket(ticket.expose()), "what is taken out is a ticket");
    let again = link::ticket(link::link(&ticket).expose());
    assert_eq!(again.map(|again| again.expose().to_owned()), Ok(ticket.expose().to_owned()), "a link of its ticket");
}

/// What is taken means the same when it is written and read again.
fn same_again<T: Serialize + DeserializeOwned>(bytes: &[u8]) {
    let Ok(taken) = serde_json::from_slice::<T>(bytes) else { return };
    let written = serde_json::to_value(&taken).unwrap_or_default();
    let again: Option<T> = serde_json::from_value(written.clone()).ok();
    assert_eq!(again.and_then(|again| serde_json::to_value(again).ok()), Some(written), "not what was read");
}
