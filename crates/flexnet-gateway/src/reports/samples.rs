//! Sealed reports for tests, made as a PC makes them.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use data_encoding::BASE64;
use flexnet_protocol::report::{Envelope, SIGNED_AS};
use serde_json::{Value, json};

/// The JSON of an envelope with this text, signed by the installation of this number.
pub fn seal(installation: u8, report: String) -> Vec<u8> {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[installation; 32]).unwrap();
    let signature = pair.sign(&[SIGNED_AS, report.as_bytes()].concat());
    let envelope = Envelope {
        report,
        key: BASE64.encode(pair.public_key().as_ref()),
        signature: BASE64.encode(signature.as_ref()),
    };
    serde_json::to_vec(&envelope).unwrap()
}

/// A report of the fault of this code.
pub fn sealed(installation: u8, code: &str) -> Vec<u8> {
    seal(installation, text(code, &json!({})).to_string())
}

/// The text of a report with some facts more.
pub fn text(code: &str, facts: &Value) -> Value {
    let place = |name: &str, state: &str, good: u8| json!({ "place": name, "state": state, "good": good, "looked": 4 });
    json!({
        "facts": facts,
        "format": 1,
        "made_at": 1_790_000_000,
        "verdict": {
            "explained": [{ "code": "KVF-412-6", "detail": "notAfter lies 3 days ahead" }],
            "first": { "code": code, "detail": "clock 812 s behind", "subject": "Muster-Schutz" },
            "hints": [{ "code": "KVF-418-3" }],
            "later": [],
            "way": [
                place("pc", "broken", 3),
                place("network", "good", 4),
                place("internet", "care", 2),
                place("way", "open", 0),
                place("sign_in", "open", 0),
                place("portal", "open", 0),
            ],
        },
        "version": "1.2.3",
    })
}
