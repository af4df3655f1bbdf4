//! The other side, for tests: what a server makes of a request, and how it answers.

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
