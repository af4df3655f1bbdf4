//! RADIUS packets as bytes (RFC 2865 §3): an Access-Request out, an answer in. An answer without a right Message-Authenticator
//! (RFC 3579 §3.2) is none, whatever its code says: without it MD5 collisions forge one (CVE-2024-3596, "Blast-RADIUS").
//! Pure: no socket, no clock, no random numbers. `client` sends and receives.

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

/// The other side, for tests: what a server makes of a request, and how it answers.
#[cfg(test)]
pub mod server {
    use super::*;

    /// Name and password of a request that is signed.
    pub fn open(datagram: &[u8], secret: &[u8]) -> Option<(Packet, String, String)> {
        let packet = Packet::decode(datagram).ok()?;
        assert_eq!(packet.attributes[0].kind, MESSAGE_AUTHENTICATOR, "it comes first");
        message_authenticator(&packet, secret)?.verify_slice(packet.value(MESSAGE_AUTHENTICATOR)?).ok()?;
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
        let mut before = packet.authenticator.to_vec();
        let mut password = Vec::new();
        for block in packet.value(USER_PASSWORD)?.chunks(BLOCK) {
            let mask = Md5::new().chain_update(secret).chain_update(&before).finalize();
            password.extend(block.iter().zip(mask).map(|(byte, mask)| byte ^ mask));
            before = block.to_vec();
        }
        let end = password.iter().position(|byte| *byte == 0).unwrap_or(password.len());
        let name = text(packet.value(USER_NAME)?)?;
        Some((packet.clone(), name, text(&password[..end])?))
    }

    /// An answer to `request`. Signed in place wherever there is a Message-Authenticator among the attributes.
    pub fn answer(request: &Packet, code: u8, attributes: Vec<Attribute>, secret: &[u8]) -> Vec<u8> {
        let mut packet = Packet { code, attributes, ..request.clone() };
        if let Some(mac) = message_authenticator(&packet, secret) {
            let signature = mac.finalize().into_bytes().to_vec();
            packet.attributes.iter_mut().find(|a| a.kind == MESSAGE_AUTHENTICATOR).unwrap().value = signature;
        }
        seal(packet, secret)
    }

    /// Sets the Response Authenticator; `packet` has the request's.
    pub fn seal(mut packet: Packet, secret: &[u8]) -> Vec<u8> {
        let hash = Md5::new().chain_update(packet.encode().unwrap()).chain_update(secret).finalize();
        packet.authenticator = hash.into();
        packet.encode().unwrap()
    }

    /// An attribute.
    pub fn attribute(kind: u8, value: &[u8]) -> Attribute {
        Attribute { kind, value: value.to_vec() }
    }

    /// The place for a signature.
    pub fn unsigned() -> Attribute {
        attribute(MESSAGE_AUTHENTICATOR, &[0; 16])
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    const SECRET: &[u8] = b"a shared secret of some length";

    fn request<'a>(name: &'a str, password: &'a str) -> Request<'a> {
        Request { identifier: 7, authenticator: [9; 16], name, password, nas_identifier: "flexnet.example" }
    }

    fn answered(request: &Request<'_>, code: u8, mut attributes: Vec<Attribute>) -> Vec<u8> {
        attributes.push(server::unsigned());
        let asked = Packet::decode(&request.encode(SECRET).unwrap()).unwrap();
        server::answer(&asked, code, attributes, SECRET)
    }

    fn some_packet() -> impl Strategy<Value = Packet> {
        let attribute = (any::<u8>(), vec(any::<u8>(), 0..40)).prop_map(|(kind, value)| Attribute { kind, value });
        (any::<u8>(), any::<u8>(), any::<[u8; 16]>(), vec(attribute, 0..30)).prop_map(
            |(code, identifier, authenticator, mut attributes)| {
                let mut seen = Vec::new();
                attributes.retain(|attribute| {
                    let first = !seen.contains(&attribute.kind);
                    seen.push(attribute.kind);
                    first || REPEATED.contains(&attribute.kind)
                });
                Packet { code, identifier, authenticator, attributes }
            },
        )
    }

    /// RFC 2865 §7.1, a user Telnetting to a specified host: the request's User-Password, hidden with "xyzzy5461".
    #[test]
    fn a_password_is_hidden_as_in_the_standards_example() {
        let authenticator = data_encoding::HEXLOWER.decode(b"0f403f9473978057bd83d5cb98f4227a").unwrap();
        let hidden = hide(b"arctangent", &authenticator.try_into().unwrap(), b"xyzzy5461");
        assert_eq!(data_encoding::HEXLOWER.encode(&hidden), "0dbe708d93d413ce3196e43f782a0aee");
    }

    #[test]
    fn a_packet_that_another_implementation_signed_is_right() {
        let bytes = "01160049b3a5cd2de262bcdbb589752a212e0b2f01067465737404067f0001010506000000015012\
                     1ca1999b24d5224ddeca96fd7dabac270706000000014f0b023100090174657374";
        let packet = Packet::decode(&data_encoding::HEXLOWER.decode(bytes.as_bytes()).unwrap()).unwrap();
        let mac = message_authenticator(&packet, b"somesecretval").unwrap();
        mac.verify_slice(packet.value(MESSAGE_AUTHENTICATOR).unwrap()).unwrap();
    }

    #[test]
    fn what_does_not_fit_is_not_sent() {
        let long = "x".repeat(254);
        for (name, password) in [("", "123456"), ("m", ""), (long.as_str(), "123456"), ("m", &long[..129])] {
            assert_eq!(request(name, password).encode(SECRET), None);
        }
        assert!(request(&long[..253], &long[..128]).encode(SECRET).is_some());
    }

    #[test]
    fn an_answer_is_believed_only_with_both_hashes() {
        let request = request("m.muster", "123456");
        let asked = Packet::decode(&request.encode(SECRET).unwrap()).unwrap();
        let says = |bytes: &[u8]| request.answer(bytes, SECRET);
        assert_eq!(says(&answered(&request, ACCESS_ACCEPT, vec![])), Ok(Answer::Accept));
        assert_eq!(says(&answered(&request, ACCESS_REJECT, vec![])), Ok(Answer::Reject));
        assert_eq!(says(&answered(&request, ACCESS_CHALLENGE, vec![])), Ok(Answer::Challenge));
        assert_eq!(says(&answered(&request, 5, vec![])), Err(Refused::Code(5)));
        let padded = [answered(&request, ACCESS_ACCEPT, vec![]), vec![1, 2, 3]].concat();
        assert_eq!(says(&padded), Ok(Answer::Accept), "padding is not looked at");

        let unsigned = server::answer(&asked, ACCESS_ACCEPT, vec![], SECRET);
        assert_eq!(says(&unsigned), Err(Refused::Unsigned));
        let wrong = vec![server::attribute(MESSAGE_AUTHENTICATOR, &[1; 16])];
        let wrong = server::seal(Packet { code: ACCESS_ACCEPT, attributes: wrong, ..asked.clone() }, SECRET);
        assert_eq!(says(&wrong), Err(Refused::MessageAuthenticator));
        let short = vec![server::attribute(MESSAGE_AUTHENTICATOR, &[])];
        let short = server::seal(Packet { code: ACCESS_ACCEPT, attributes: short, ..asked.clone() }, SECRET);
        assert_eq!(says(&short), Err(Refused::MessageAuthenticator));
        let mut other_hash = answered(&request, ACCESS_ACCEPT, vec![]);
        other_hash[4] ^= 1;
        assert_eq!(says(&other_hash), Err(Refused::ResponseAuthenticator));
        let other = Packet { identifier: 8, ..asked.clone() };
        let other = server::answer(&other, ACCESS_ACCEPT, vec![server::unsigned()], SECRET);
        assert_eq!(says(&other), Err(Refused::Identifier));
        let replayed = Packet { authenticator: [8; 16], ..asked.clone() };
        let replayed = server::answer(&replayed, ACCESS_ACCEPT, vec![server::unsigned()], SECRET);
        assert_eq!(says(&replayed), Err(Refused::MessageAuthenticator));
        let stranger = server::answer(&asked, ACCESS_ACCEPT, vec![server::unsigned()], b"another secret");
        assert_eq!(says(&stranger), Err(Refused::MessageAuthenticator));
    }

    #[test]
    fn what_may_stand_once_stands_once() {
        let request = request("m.muster", "123456");
        let says = |attributes| request.answer(&answered(&request, ACCESS_ACCEPT, attributes), SECRET);
        let twice = |kind| vec![server::attribute(kind, b"a"), server::attribute(kind, b"b")];
        for kind in REPEATED {
            assert_eq!(says(twice(kind)), Ok(Answer::Accept));
        }
        for kind in [USER_NAME, 6, 24, 33, 79, 200] {
            assert_eq!(says(twice(kind)), Err(Refused::Twice(kind)));
        }
        assert_eq!(says(vec![server::unsigned()]), Err(Refused::Twice(MESSAGE_AUTHENTICATOR)));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in vec(any::<u8>(), 0..300)) {
            let _ = Packet::decode(&bytes);
            prop_assert!(request("m", "1").answer(&bytes, SECRET).is_err());
        }

        #[test]
        fn no_attributes_make_it_panic(tail in vec(any::<u8>(), 0..300)) {
            let mut bytes = vec![ACCESS_ACCEPT, 7];
            bytes.extend(u16::try_from(20 + tail.len()).unwrap().to_be_bytes());
            bytes.extend([0; 16]);
            bytes.extend(tail);
            if let Ok(packet) = Packet::decode(&bytes) {
                prop_assert_eq!(packet.encode(), Some(bytes));
            }
        }

        #[test]
        fn decoding_is_the_inverse_of_encoding(packet in some_packet()) {
            prop_assert_eq!(Packet::decode(&packet.encode().unwrap()), Ok(packet));
        }

        #[test]
        fn a_server_reads_what_was_asked(
            name in "[a-zäöü.@ ]{1,40}", password in "[!-~]{1,128}", identifier: u8, authenticator: [u8; 16]
        ) {
            let request = Request { identifier, authenticator, ..request(&name, &password) };
            let (packet, read_name, read_password) = server::open(&request.encode(SECRET).unwrap(), SECRET).unwrap();
            prop_assert_eq!((packet.identifier, packet.authenticator), (identifier, authenticator));
            prop_assert_eq!((read_name, read_password), (name.clone(), password.clone()));
        }

        #[test]
        fn any_flipped_bit_and_any_cut_makes_it_no_answer(text in "[a-z]{0,60}", bit: prop::sample::Index, cut: prop::sample::Index) {
            let request = request("m.muster", "123456");
            let mut bytes = answered(&request, ACCESS_ACCEPT, vec![server::attribute(18, text.as_bytes())]);
            prop_assert!(request.answer(&bytes[..cut.index(bytes.len())], SECRET).is_err());
            let bit = bit.index(bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(request.answer(&bytes, SECRET).is_err());
        }
    }
}
