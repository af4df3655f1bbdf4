//! Questions for the portal's names as bytes of a packet (RFC 1035 §4.1), so that the packet filter knows them on their way out.
//! A domain is found behind any first part of up to 64 bytes, which is one label of any length or several short ones. What is encrypted is not seen.

use serde_json::{Value, json};

/// Bits of the header before the first question.
const HEADER: usize = 96;
/// nft compares registers of so many bytes.
const REGISTER: usize = 16;
/// The longest first part before a domain that is looked behind.
const BEHIND: usize = 64;

/// A name, or the end of one, at one place of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    /// Bytes of the name before it.
    at: usize,
    /// The labels as they travel, with the empty one at the end.
    wire: Vec<u8>,
}

/// All places at which a question can name one of these hosts, one of these domains, or anything in them.
pub(super) fn of(domains: &[String], hosts: &[String]) -> Vec<Question> {
    let in_domain = |host: &String| {
        let host = host.to_ascii_lowercase();
        domains.iter().map(|domain| domain.to_ascii_lowercase()).any(|d| host == d || host.ends_with(&format!(".{d}")))
    };
    let whole = hosts.iter().filter(|host| !in_domain(host)).filter_map(|host| wire(host));
    let whole = whole.map(|wire| Question { at: 0, wire });
    // A first part is none, or at least one label of one letter.
    let places = || std::iter::once(0).chain(2..=BEHIND);
    let behind = domains.iter().filter_map(|domain| wire(domain));
    let behind = behind.flat_map(|wire| places().map(move |at| Question { at, wire: wire.clone() }));
    whole.chain(behind).collect()
}

impl Question {
    /// Matches of one rule: `base` is nft's name of the layer, `before` the bits of it before the message.
    pub(super) fn matches(&self, base: &str, before: usize) -> Vec<Value> {
        let begin = before + HEADER + 8 * self.at;
        let parts = self.wire.chunks(REGISTER).enumerate();
        let compare = |(number, part): (usize, &[u8])| {
            let offset = begin + 8 * REGISTER * number;
            let read = json!({ "payload": { "base": base, "offset": offset, "len": 8 * part.len() } });
            // Letters in either case (RFC 4343).
            let mask = part.iter().map(|byte| if byte.is_ascii_alphabetic() { 0xdf } else { 0xff });
            let value = part.iter().map(u8::to_ascii_uppercase);
            json!({ "match": { "op": "==", "left": { "&": [read, hex(mask)] }, "right": hex(value) } })
        };
        parts.map(compare).collect()
    }
}

fn hex(bytes: impl Iterator<Item = u8>) -> String {
    bytes.fold("0x".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

/// A name as it travels; `None` if it is no name, or an address.
fn wire(name: &str) -> Option<Vec<u8>> {
    let name = name.trim_matches('.');
    if name.is_empty() || name.parse::<std::net::IpAddr>().is_ok() {
        return None;
    }
    let mut wire = Vec::new();
    for label in name.split('.') {
        let length = u8::try_from(label.len()).ok().filter(|length| (1..64).contains(length))?;
        wire.push(length);
        wire.extend(label.bytes());
    }
    wire.push(0);
    Some(wire)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What the filter would do with the bytes behind a message's header.
    fn known(questions: &[Question], question: &[u8]) -> bool {
        questions.iter().any(|q| {
            question.get(q.at..q.at + q.wire.len()).is_some_and(|found| {
                found
                    .iter()
                    .zip(&q.wire)
                    .all(|(a, b)| if b.is_ascii_alphabetic() { a & 0xdf == b & 0xdf } else { a == b })
            })
        })
    }

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn the_portals_names_are_known_and_no_other() {
        let questions =
            of(&names(&["snk.example"]), &names(&["portal.snk.example", "mitglieder.kv.example", "10.0.0.1"]));
        for portal in ["snk.example", "PORTAL.snk.Example", "a.b.c.snk.example", "mitglieder.kv.example"] {
            assert!(known(&questions, &wire(portal).unwrap()), "{portal}");
        }
        for other in ["example", "xsnk.example", "snk.example.net", "www.mitglieder.kv.example", "kv.example"] {
            assert!(!known(&questions, &wire(other).unwrap()), "{other}");
        }
    }

    #[test]
    fn a_long_name_is_compared_in_parts() {
        let question = Question { at: 2, wire: wire("mitgliederportal.kv.example").unwrap() };
        let matches = question.matches("th", 64);
        assert_eq!(matches.len(), 2);
        assert_eq!(matches[0]["match"]["left"]["&"][0]["payload"]["offset"], 64 + 96 + 16);
        assert_eq!(matches[1]["match"]["left"]["&"][0]["payload"]["offset"], 64 + 96 + 16 + 128);
        assert_eq!(matches[0]["match"]["left"]["&"][1].as_str().unwrap().len(), 2 + 32);
    }

    proptest! {
        #[test]
        fn any_host_of_a_domain_is_known(label in "[a-zA-Z0-9-]{1,63}") {
            let questions = of(&names(&["snk.example"]), &[]);
            let host = format!("{label}.snk.example");
            prop_assert!(known(&questions, &wire(&host).unwrap()));
        }
    }
}
