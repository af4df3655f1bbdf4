//! The detail of a row of the audit in the reader's language. In the chain it is English and stays so; here each of the gateway's own phrases has its text,
//! and what is no phrase (serial numbers, sessions, keys) stands as it is. A test looks for phrases in the sources that have none.

use jiff::Timestamp;
use maud::{Markup, html};

use super::view::View;

/// Sentences with values in them, and their texts, which get those as `$first` and `$second`.
const SENTENCES: [(&str, &str); 5] = [
    ("import {}: {} tokens", "console-told-import"),
    ("on until {}", "console-told-until"),
    ("key {}", "console-told-key"),
    ("event-based tokens go on {} TANs later", "console-told-later"),
    ("rows up to {} seconds ahead are void", "console-told-void"),
];

/// What a detail tells.
pub(super) fn told(view: &View, text: &str) -> Markup {
    if let Some((key, values)) = sentence(text) {
        let values = values.map(|value| moment(view, value));
        let [first, second] = &values;
        return html! { (view.with(key, &[("first", first), ("second", second)])) };
    }
    if let Some(phrase) = view.find(&key(text)) {
        return html! { (phrase) };
    }
    if let Some((head, rest)) = text.split_once(": ")
        && let Some(head) = view.find(&key(head))
    {
        return html! { (head) ": " (told(view, rest)) };
    }
    if let Some((head, rest)) = text.split_once(' ')
        && let Some(head) = view.find(&key(head))
    {
        return html! { (head) " " span.mono translate="no" { (rest) } };
    }
    html! { span translate="no" { (text) } }
}

fn key(phrase: &str) -> String {
    let letters = phrase.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    let words: Vec<String> =
        letters.collect::<String>().split('-').filter(|word| !word.is_empty()).map(String::from).collect();
    format!("console-detail-{}", words.join("-"))
}

fn sentence(text: &str) -> Option<(&'static str, [&str; 2])> {
    SENTENCES.iter().find_map(|(sentence, key)| values(sentence, text).map(|values| (*key, values)))
}

/// What stands in place of the braces, if the rest is the same; each is one word.
fn values<'a>(sentence: &str, text: &'a str) -> Option<[&'a str; 2]> {
    let (head, tail) = sentence.split_once("{}")?;
    let rest = text.strip_prefix(head)?;
    let one_word = |value: &&str| !value.is_empty() && !value.contains(' ');
    let Some((between, end)) = tail.split_once("{}") else {
        return Some([rest.strip_suffix(tail).filter(one_word)?, ""]);
    };
    let (first, rest) = rest.split_once(between)?;
    Some([Some(first).filter(one_word)?, rest.strip_suffix(end).filter(one_word)?])
}

/// A moment by the clock of the desk; whatever is none stays as it is.
fn moment(view: &View, value: &str) -> String {
    value.parse::<Timestamp>().map_or_else(|_| value.to_owned(), |at| view.time(at.as_second()))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use flexnet_protocol::text::{Language, Texts};

    use super::*;

    #[test]
    fn a_sentence_gives_up_its_values() {
        assert_eq!(sentence("import 2: 1 tokens"), Some(("console-told-import", ["2", "1"])));
        assert_eq!(sentence("key a088"), Some(("console-told-key", ["a088", ""])));
        assert_eq!(sentence("key a088 and more"), None);
        assert_eq!(sentence("on"), None);
    }

    /// Each phrase that a row's detail is made of: what stands in quotation marks between a word that leads to the audit and the end of that statement.
    #[test]
    fn whatever_is_written_has_its_text_in_both_languages() {
        let mut phrases = BTreeSet::new();
        collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut phrases);
        // They stand in such statements too: who acts, what is told an administrator, and whose login that is.
        for other in
            ["LOGNAME", "SUDO_USER", "USER", "USERNAME", "member", "import {} that waits", "{} is over: it is {}"]
        {
            phrases.remove(other);
        }
        phrases.extend(["hotp", "totp"].map(String::from));
        for known in ["accepted", "import {}: {} tokens", "was not locked", "off", "a second application", "signed_out"]
        {
            assert!(phrases.contains(known), "{known} was not found: {phrases:#?}");
        }
        for language in [Language::German, Language::English] {
            let texts = Texts::desk(language);
            let has_text = |phrase: &str| match SENTENCES.iter().find(|(sentence, _)| *sentence == phrase) {
                Some((_, key)) => texts.find(key, &[]).is_some(),
                None => texts.find(&key(phrase), &[]).is_some(),
            };
            let without: Vec<_> = phrases.iter().filter(|phrase| !has_text(phrase)).collect();
            assert!(without.is_empty(), "{language:?} has no text for {without:#?}");
        }
    }

    fn collect(folder: &Path, phrases: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if !path.ends_with("tests") {
                    collect(&path, phrases);
                }
            } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") {
                let text = fs::read_to_string(&path).unwrap();
                let product = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
                let code: Vec<&str> = product.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
                collect_from(&code.join("\n"), phrases);
            }
        }
    }

    fn collect_from(code: &str, phrases: &mut BTreeSet<String>) {
        const MARKS: [&str; 9] = [
            "let detail =",
            "detail: \"",
            ".note(write",
            ".note(&mut write",
            "note(gateway",
            "record(Event::",
            "kill(gateway",
            "self.announce(",
            "fn reason_name(",
        ];
        let words = "let words = [(!was_locked)";
        for mark in MARKS.into_iter().chain([words]) {
            for (at, _) in code.match_indices(mark) {
                let mut outside = true;
                let mut phrase = String::new();
                for letter in code[at..].chars() {
                    match (letter, outside) {
                        ('"', true) => outside = false,
                        ('"', false) => {
                            outside = true;
                            phrases.extend(shape(&std::mem::take(&mut phrase)));
                        }
                        (';', true) => break,
                        (letter, false) => phrase.push(letter),
                        (_, true) => {}
                    }
                }
            }
        }
    }

    /// With nameless braces; nothing if it is made of values alone.
    fn shape(literal: &str) -> Option<String> {
        let mut parts = literal.split('{');
        let mut shape = parts.next()?.to_owned();
        for part in parts {
            shape.push_str("{}");
            shape.push_str(part.split_once('}')?.1);
        }
        shape.contains(|letter: char| letter.is_ascii_alphabetic()).then_some(shape)
    }
}
