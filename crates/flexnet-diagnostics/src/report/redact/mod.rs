//! What is taken out of texts before they may be read by anybody else. A [`Redacted`] is made here and nowhere else.
//! Three sieves: what this system is known to hold (names, folders), what looks like something personal or secret, and, where no name from
//! outside belongs, every word that is not one of our own. What cannot be decided is taken out.

mod known;
mod patterns;
mod vocabulary;

use serde::{Serialize, Serializer};

use self::{known::Known, patterns::Patterns};

/// Stands where something was taken out.
pub(super) const GONE: char = '…';
/// Longer names are cut: no product has one.
const NAME: usize = 80;
/// Longer texts are cut.
const TEXT: usize = 400;

/// A text that may be read by anybody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Redacted(String);

impl Redacted {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Serialize for Redacted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// What a text may hold at best.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// The name of a product, an adapter, a program, an issuer, an organisation, or a version.
    Name,
    /// Words and small numbers of our own programs, nothing else.
    OwnWords,
}

/// Takes out.
#[derive(Debug)]
pub struct Scrubber {
    known: Known,
    patterns: Patterns,
    /// Only tests switch it off, to show that it is missed.
    own_words: bool,
}

impl Scrubber {
    /// Knows what this system is known to hold: the person's names and folders, the PC's name, the remembered user name of the portal.
    pub fn of_this_pc() -> Self {
        let values = super::os::personal();
        Self::knowing(values.iter().map(String::as_str))
    }

    /// Knows these values, in whatever spelling they come.
    pub fn knowing<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        Self { known: Known::new(values), patterns: Patterns::new(), own_words: true }
    }

    /// What is left of a text.
    pub fn scrub(&self, rule: Rule, text: &str) -> Redacted {
        // Letters that nobody sees would hide what is looked for.
        let seen: String = text.chars().filter(|c| !is_unseen(*c)).collect();
        let text = self.take_out(&seen);
        Redacted(match rule {
            Rule::Name => cut(&words(&text), NAME),
            Rule::OwnWords if self.own_words => cut(&vocabulary::keep_own(&text), TEXT),
            Rule::OwnWords => cut(&words(&text), TEXT),
        })
    }

    fn take_out(&self, text: &str) -> String {
        let mut gone = vec![false; text.len()];
        for range in self.known.find(text).into_iter().chain(self.patterns.find(text)) {
            gone.get_mut(range).unwrap_or_default().fill(true);
        }
        text.char_indices().map(|(at, c)| if gone.get(at) == Some(&false) { c } else { GONE }).collect()
    }
}

/// Soft hyphen, zero-width characters, marks of direction.
const fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// One blank between words, no control characters, one mark for several things in a row.
fn words(text: &str) -> String {
    let mut kept: Vec<String> = Vec::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        let mut chars: Vec<char> = word.chars().collect();
        chars.dedup_by(|a, b| *a == GONE && *b == GONE);
        let word: String = chars.into_iter().collect();
        let gone = GONE.to_string();
        if word != gone || kept.last() != Some(&gone) {
            kept.push(word);
        }
    }
    kept.join(" ")
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => text.get(..at).unwrap_or_default().chars().chain([GONE]).collect(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
