//! An envelope as it came: its parts, the hash that names it, and whether its signature is its key's (RFC 8032).

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use data_encoding::BASE64;
use flexnet_protocol::report::{CheckCode, Envelope, Head, MAX_REPORT, SIGNED_AS};
use serde_json::Value;

use crate::seal::sha256;

/// The only format there is.
const FORMAT: u64 = 1;

/// Why bytes are no report that can be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Longer than anybody makes one.
    #[error("the report is longer than 512 KiB")]
    Length,
    /// Not the JSON of an envelope, or key or signature are not 32 and 64 bytes of base64.
    #[error("not the JSON of a sealed report")]
    Envelope,
    /// What is sealed is of another format.
    #[error("the report has a format that this gateway does not know")]
    Format,
    /// What is sealed has no head.
    #[error("what is sealed is not a report")]
    Head,
    /// The signature is not this key's over these bytes.
    #[error("the signature does not fit")]
    Signature,
}

/// A report whose head can be read. Its signature may be wrong: see [`Opened::is_genuine`].
#[derive(Debug, Clone)]
pub struct Opened {
    /// As it came.
    pub envelope: Envelope,
    /// What every reader understands.
    pub head: Head,
    /// Everything that stands in it.
    pub facts: Value,
    /// SHA-256 of its text.
    pub hash: [u8; 32],
    /// Public key of the installation.
    pub key: [u8; 32],
    genuine: bool,
}

impl Opened {
    /// Whether the signature is the key's over this text.
    pub const fn is_genuine(&self) -> bool {
        self.genuine
    }

    /// What is read aloud of it.
    pub fn check_code(&self) -> CheckCode {
        CheckCode::of(&self.hash)
    }
}

/// Reads an envelope.
///
/// # Errors
/// [`Refused`], never [`Refused::Signature`]: that is for who must not take one.
pub fn open(bytes: &[u8]) -> Result<Opened, Refused> {
    if bytes.len() > MAX_REPORT {
        return Err(Refused::Length);
    }
    let envelope: Envelope = serde_json::from_slice(bytes).map_err(|_| Refused::Envelope)?;
    let key: [u8; 32] = decoded(&envelope.key)?;
    let signature: [u8; 64] = decoded(&envelope.signature)?;
    let signed = [SIGNED_AS, envelope.report.as_bytes()].concat();
    let genuine = UnparsedPublicKey::new(&ED25519, key).verify(&signed, &signature).is_ok();
    let facts: Value = serde_json::from_str(&envelope.report).map_err(|_| Refused::Head)?;
    match facts.get("format").and_then(Value::as_u64) {
        Some(FORMAT) => {}
        Some(_) => return Err(Refused::Format),
        None => return Err(Refused::Head),
    }
    let head: Head = serde_json::from_str(&envelope.report).map_err(|_| Refused::Head)?;
    let hash = sha256(&[envelope.report.as_bytes()]);
    Ok(Opened { envelope, head, facts, hash, key, genuine })
}

fn decoded<const N: usize>(text: &str) -> Result<[u8; N], Refused> {
    let bytes = BASE64.decode(text.as_bytes()).map_err(|_| Refused::Envelope)?;
    bytes.try_into().map_err(|_| Refused::Envelope)
}

/// By what people know a key again: the first eight bytes of its SHA-256, `3f2a 91c0 77de 04b5`.
pub fn fingerprint(key: &[u8]) -> String {
    let hash = sha256(&[key]);
    let pairs: Vec<String> = hash.chunks(2).take(4).map(|pair| data_encoding::HEXLOWER.encode(pair)).collect();
    pairs.join(" ")
}

#[cfg(test)]
mod tests {
    use super::{super::samples, *};

    #[test]
    fn a_report_is_genuine_until_one_byte_of_it_is_another() {
        let bytes = samples::sealed(1, "KVF-102-9");
        let opened = open(&bytes).unwrap();
        assert!(opened.is_genuine());
        assert_eq!(opened.head.verdict.first.as_ref().unwrap().code.to_string(), "KVF-102-9");
        let text = opened.envelope.report.clone();
        for place in (0..text.len()).step_by(7) {
            let mut changed = text.clone().into_bytes();
            changed[place] ^= 1;
            let Ok(report) = String::from_utf8(changed) else { continue };
            let envelope = Envelope { report, ..opened.envelope.clone() };
            let bytes = serde_json::to_vec(&envelope).unwrap();
            assert!(open(&bytes).map_or(true, |opened| !opened.is_genuine()), "byte {place}");
        }
        let other = open(&samples::sealed(2, "KVF-102-9")).unwrap();
        let foreign = Envelope { key: other.envelope.key.clone(), ..opened.envelope };
        assert!(!open(&serde_json::to_vec(&foreign).unwrap()).unwrap().is_genuine());
    }

    #[test]
    fn what_is_no_report_is_refused_by_what_it_lacks() {
        let good: Envelope = serde_json::from_slice(&samples::sealed(1, "KVF-102-9")).unwrap();
        let refused = |envelope: &Envelope| open(&serde_json::to_vec(envelope).unwrap()).map(drop).unwrap_err();
        assert_eq!(open(b"{}").map(drop), Err(Refused::Envelope));
        assert_eq!(open(&vec![b' '; MAX_REPORT + 1]).map(drop), Err(Refused::Length));
        assert_eq!(refused(&Envelope { key: BASE64.encode(&[1; 31]), ..good.clone() }), Refused::Envelope);
        assert_eq!(refused(&Envelope { signature: "x".into(), ..good.clone() }), Refused::Envelope);
        assert_eq!(refused(&Envelope { report: "{\"format\":2}".into(), ..good.clone() }), Refused::Format);
        assert_eq!(refused(&Envelope { report: "{\"format\":1}".into(), ..good.clone() }), Refused::Head);
        assert_eq!(refused(&Envelope { report: "[".repeat(500), ..good }), Refused::Head);
    }

    #[test]
    fn a_key_is_known_again_by_eight_bytes() {
        let text = fingerprint(&[7; 32]);
        assert_eq!((text.len(), text.split(' ').count()), (19, 4));
        assert_ne!(text, fingerprint(&[8; 32]));
    }
}
