//! What a RADIUS server, or somebody in its place, answers.

use flexnet_gateway::verifier::radius::packet::{Answer, Packet, Request};
use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::{Digest as _, Md5};

const SECRET: &[u8] = b"a secret that nobody here knows";
const MESSAGE_AUTHENTICATOR: u8 = 80;

/// As it is on the wire nothing is taken, because nobody can know the secret. Signed by the server itself, it says what its code says; but not without a
/// Message-Authenticator, and to no other request.
pub fn radius(bytes: &[u8]) -> bool {
    let request =
        Request { identifier: 7, authenticator: [7; 16], name: "m.muster", password: "123456", nas_identifier: "gw" };
    assert!(request.answer(bytes, SECRET).is_err(), "an answer without the secret was taken");
    let Ok(packet) = Packet::decode(bytes) else { return false };
    let again = packet.encode().and_then(|bytes| Packet::decode(&bytes).ok());
    assert_eq!(again.as_ref(), Some(&packet), "it means something else when written again");

    let says = match packet.code {
        2 => Some(Answer::Accept),
        3 => Some(Answer::Reject),
        11 => Some(Answer::Challenge),
        _ => None,
    };
    let is_whole = packet.identifier == request.identifier
        && packet.value(MESSAGE_AUTHENTICATOR).is_some_and(|signature| signature.len() == 16);
    let Some(signed) = signed(packet, request.authenticator) else { return true };
    assert_eq!(request.answer(&signed, SECRET).ok(), says.filter(|_| is_whole), "{signed:?}");
    true
}

/// By RFC 3579 §3.2 and RFC 2865 §3, beside the code under test.
fn signed(mut packet: Packet, asked: [u8; 16]) -> Option<Vec<u8>> {
    packet.authenticator = asked;
    let place = packet.attributes.iter().position(|attribute| attribute.kind == MESSAGE_AUTHENTICATOR);
    if let Some(place) = place {
        packet.attributes.get_mut(place)?.value.fill(0);
        let mac = Hmac::<Md5>::new_from_slice(SECRET).ok()?.chain_update(packet.encode()?).finalize().into_bytes();
        let signature = &mut packet.attributes.get_mut(place)?.value;
        signature.iter_mut().zip(mac).for_each(|(place, byte)| *place = byte);
    }
    packet.authenticator = Md5::new().chain_update(packet.encode()?).chain_update(SECRET).finalize().into();
    packet.encode()
}
