//! What a sealed report proves: that its text is what the holder of its key signed.

use aws_lc_rs::{
    digest,
    signature::{ED25519, UnparsedPublicKey},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use flexnet_protocol::report::{CheckCode, Envelope, SIGNED_AS};

use super::key::Fingerprint;

/// What a report is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Names {
    pub(super) sha256: [u8; 32],
    pub(super) check_code: CheckCode,
    pub(super) key: Fingerprint,
}

/// Its names; `None` if its key is no base64. Says nothing of the signature.
pub(super) fn names(envelope: &Envelope) -> Option<Names> {
    let mut sha256 = [0; 32];
    let hash = digest::digest(&digest::SHA256, envelope.report.as_bytes());
    sha256.copy_from_slice(hash.as_ref());
    let key = Fingerprint::of(&STANDARD.decode(&envelope.key).ok()?);
    Some(Names { sha256, check_code: CheckCode::of(&sha256), key })
}

/// Whether the signature is that of the key over the report. Base64 has one spelling here (RFC 4648 §3.5).
pub(super) fn is_signed(envelope: &Envelope) -> bool {
    let (Ok(key), Ok(signature)) = (STANDARD.decode(&envelope.key), STANDARD.decode(&envelope.signature)) else {
        return false;
    };
    let message = [SIGNED_AS, envelope.report.as_bytes()].concat();
    UnparsedPublicKey::new(&ED25519, key).verify(&message, &signature).is_ok()
}
