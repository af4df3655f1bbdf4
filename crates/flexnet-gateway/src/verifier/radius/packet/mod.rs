//! RADIUS packets as bytes (RFC 2865 §3): an Access-Request out, an answer in. An answer without a right Message-Authenticator
//! (RFC 3579 §3.2) is none, whatever its code says: without it MD5 collisions forge one (CVE-2024-3596, "Blast-RADIUS").
//! Pure: no socket, no clock, no random numbers. The module above sends and receives.

#[cfg(test)]
pub mod server;
#[cfg(test)]
mod tests;

use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::{Digest as _, Md5};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// Bytes of the longest packet.
pub const MAX_PACKET: usize = 4096;
/// Bytes of the longest name.
pub const MAX_NAME: usize = 253;
/// Bytes of the longest password that PAP carries.
pub const MAX_PASSWORD: usize = 128;

const ACCESS_REQUEST: u8 = 1;
pub(crate) const ACCESS_ACCEPT: u8 = 2;
const ACCESS_REJECT: u8 = 3;
const ACCESS_CHALLENGE: u8 = 11;

const USER_NAME: u8 = 1;
const USER_PASSWORD: u8 = 2;
const NAS_IDENTIFIER: u8 = 32;
pub(crate) const MESSAGE_AUTHENTICATOR: u8 = 80;
/// Attributes that may stand in a packet more than once: Filter-Id, Framed-Compression, Login-IP-Host, Reply-Message, Framed-Route, Class,
/// Vendor-Specific. None of them means anything here.
const REPEATED: [u8; 7] = [11, 13, 14, 18, 22, 25, 26];

const HEADER: usize = 20;
const BLOCK: usize = 16;

/// A packet, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// What it is.
    pub code: u8,
    /// Which request an answer belongs to.
    pub identifier: u8,
    /// Random in a request, a hash in an answer.
    pub authenticator: [u8; 16],
    /// In their order.
    pub attributes: Vec<Attribute>,
}

/// One attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its number.
    pub kind: u8,
    /// At most 253 bytes.
    pub value: Vec<u8>,
}

/// What a request asks. Its Debug would show the password, so it has none.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// Which of this client's requests.
    pub identifier: u8,
    /// Random, never used twice.
    pub authenticator: [u8; 16],
    /// Who signs in.
    pub name: &'a str,
    /// Password or TAN.
    pub password: &'a str,
    /// Who asks.
    pub nas_identifier: &'a str,
}

/// What the server says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Right.
    Accept,
    /// Wrong.
    Reject,
    /// It wants to know something else first.
    Challenge,
}

/// Why bytes are no packet, or no answer to this request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Shorter than it says, or than a header.
    #[error("it is truncated")]
    Truncated,
    /// A length that no packet has.
    #[error("its length cannot be")]
    Length,
    /// An attribute that ends beyond the packet, or before its own header.
    #[error("attribute {0} does not have its length")]
    Attribute(u8),
    /// An attribute twice that may stand there once.
    #[error("attribute {0} is there twice")]
    Twice(u8),
    /// Not an answer to an Access-Request.
    #[error("code {0} is no answer")]
    Code(u8),
    /// An answer to another request.
    #[error("it answers another request")]
    Identifier,
    /// Not signed at all.
    #[error("it has no Message-Authenticator")]
    Unsigned,
    /// Forged, changed, an answer to another request, or another shared secret.
    #[error("its Message-Authenticator is wrong")]
    MessageAuthenticator,
    /// The same, by the older hash.
    #[error("its Response Authenticator is wrong")]
    ResponseAuthenticator,
}

impl Packet {
    /// Takes a datagram apart. What stands behind the length that it names is padding and not looked at (RFC 2865 §3).
    ///
    /// # Errors
    /// [`Refused`], for its form alone.
    pub fn decode(datagram: &[u8]) -> Result<Self, Refused> {
        let (header, _) = datagram.split_first_chunk::<HEADER>().ok_or(Refused::Truncated)?;
        let [code, identifier, high, low, authenticator @ ..] = *header;
        let length = usize::from(u16::from_be_bytes([high, low]));
        if !(HEADER..=MAX_PACKET).contains(&length) {
            return Err(Refused::Length);
        }
        let mut rest = datagram.get(HEADER..length).ok_or(Refused::Truncated)?;
        let mut attributes: Vec<Attribute> = Vec::new();
        while let [kind, tail @ ..] = rest {
            let broken = Refused::Attribute(*kind);
            let (&length, tail) = tail.split_first().ok_or(broken)?;
            let length = usize::from(length).checked_sub(2).ok_or(broken)?;
            let (value, tail) = tail.split_at_checked(length).ok_or(broken)?;
            if !REPEATED.contains(kind) && attributes.iter().any(|attribute| attribute.kind == *kind) {
                return Err(Refused::Twice(*kind));
            }
            attributes.push(Attribute { kind: *kind, value: value.to_vec() });
            rest = tail;
        }
        Ok(Self { code, identifier, authenticator, attributes })
    }

    /// The bytes; nothing if an attribute or the whole is too long for its length field.
    pub fn encode(&self) -> Option<Vec<u8>> {
        let mut bytes = vec![self.code, self.identifier, 0, 0];
        bytes.extend(self.authenticator);
        for attribute in &self.attributes {
            bytes.extend([attribute.kind, u8::try_from(attribute.value.len().checked_add(2)?).ok()?]);
            bytes.extend(&attribute.value);
        }
        if bytes.len() > MAX_PACKET {
            return None;
        }
        let length = u16::try_from(bytes.len()).ok()?.to_be_bytes();
        bytes.get_mut(2..4)?.copy_from_slice(&length);
        Some(bytes)
    }

    /// The value of an attribute.
    pub fn value(&self, kind: u8) -> Option<&[u8]> {
        self.attributes.iter().find(|attribute| attribute.kind == kind).map(|attribute| attribute.value.as_slice())
    }
}

impl Request<'_> {
    /// The Access-Request, its Message-Authenticator first. Nothing if a part is empty or too long.
    pub fn encode(&self, secret: &[u8]) -> Option<Vec<u8>> {
        let fits = |text: &str, limit| !text.is_empty() && text.len() <= limit;
        if !fits(self.name, MAX_NAME) || !fits(self.password, MAX_PASSWORD) || !fits(self.nas_identifier, MAX_NAME) {
            return None;
        }
        let attribute = |kind, value: &[u8]| Attribute { kind, value: value.to_vec() };
        let mut packet = Packet {
            code: ACCESS_REQUEST,
            identifier: self.identifier,
            authenticator: self.authenticator,
            attributes: vec![
                attribute(MESSAGE_AUTHENTICATOR, &[0; 16]),
                attribute(USER_NAME, self.name.as_bytes()),
                attribute(USER_PASSWORD, &hide(self.password.as_bytes(), &self.authenticator, secret)),
                attribute(NAS_IDENTIFIER, self.nas_identifier.as_bytes()),
            ],
        };
        let signature = message_authenticator(&packet, secret)?.finalize().into_bytes();
        packet.attributes.first_mut()?.value = signature.to_vec();
        packet.encode()
    }

    /// What a datagram says to this request, if it is the answer of somebody who knows the secret.
    ///
    /// # Errors
    /// [`Refused`]: as if it had never come.
    pub fn answer(&self, datagram: &[u8], secret: &[u8]) -> Result<Answer, Refused> {
        let packet = Packet::decode(datagram)?;
        let answer = match packet.code {
            ACCESS_ACCEPT => Answer::Accept,
            ACCESS_REJECT => Answer::Reject,
            ACCESS_CHALLENGE => Answer::Challenge,
            code => return Err(Refused::Code(code)),
        };
        if packet.identifier != self.identifier {
            return Err(Refused::Identifier);
        }
        let signature = packet.value(MESSAGE_AUTHENTICATOR).ok_or(Refused::Unsigned)?;
        // Both hashes are over the request's authenticator, which stood where the answer has its own.
        let asked = Packet { authenticator: self.authenticator, ..packet.clone() };
        let mac = message_authenticator(&asked, secret).ok_or(Refused::Length)?;
        mac.verify_slice(signature).map_err(|_| Refused::MessageAuthenticator)?;
        let expected = Md5::new().chain_update(asked.encode().ok_or(Refused::Length)?).chain_update(secret).finalize();
        if !bool::from(expected.as_slice().ct_eq(&packet.authenticator)) {
            return Err(Refused::ResponseAuthenticator);
        }
        Ok(answer)
    }
}

/// HMAC-MD5 over the packet as it is, the attribute's own place filled with zeros (RFC 3579 §3.2).
fn message_authenticator(packet: &Packet, secret: &[u8]) -> Option<Hmac<Md5>> {
    let mut packet = packet.clone();
    let place = packet.attributes.iter_mut().find(|attribute| attribute.kind == MESSAGE_AUTHENTICATOR)?;
    place.value.fill(0);
    Some(Hmac::new_from_slice(secret).ok()?.chain_update(packet.encode()?))
}

/// User-Password: blocks of sixteen, each hidden by a hash over the secret and the block before (RFC 2865 §5.2).
fn hide(password: &[u8], authenticator: &[u8; 16], secret: &[u8]) -> Vec<u8> {
    let mut padded = Zeroizing::new(password.to_vec());
    padded.resize(password.len().next_multiple_of(BLOCK), 0);
    let mut hidden: Vec<u8> = Vec::with_capacity(padded.len());
    let mut before = *authenticator;
    for block in padded.chunks_exact(BLOCK) {
        let mask = Md5::new().chain_update(secret).chain_update(before).finalize();
        for ((out, byte), mask) in before.iter_mut().zip(block).zip(mask) {
            *out = byte ^ mask;
        }
        hidden.extend(before);
    }
    hidden
}
