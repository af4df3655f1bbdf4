//! Against the standard's example, another implementation's packet, and whatever bytes there can be.

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
