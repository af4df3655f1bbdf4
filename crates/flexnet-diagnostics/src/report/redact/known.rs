//! Values that this system is known to hold, and the spellings in which they turn up.

use std::{collections::BTreeSet, ops::Range};

/// Shorter parts are only taken out where they stand alone.
const ALONE: usize = 4;
/// Names that belong to nobody, and kinds of PC.
const NOBODYS: &[&str] = &[
    "admin",
    "administrator",
    "benutzer",
    "computer",
    "daemon",
    "debian",
    "default",
    "desktop",
    "fedora",
    "guest",
    "gast",
    "home",
    "laptop",
    "lan",
    "linux",
    "local",
    "localdomain",
    "localhost",
    "macbook",
    "nobody",
    "none",
    "notebook",
    "pc",
    "root",
    "system",
    "ubuntu",
    "user",
    "users",
    "win",
    "windows",
    "workstation",
];

/// What to look for, folded.
#[derive(Debug)]
pub(super) struct Known {
    needles: Vec<Vec<char>>,
}

impl Known {
    /// Of each value the whole and its parts, in several spellings.
    pub(super) fn new<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let mut needles = BTreeSet::new();
        for value in values {
            let value = value.trim();
            let parts = value.split(|c: char| !c.is_alphanumeric() && !is_mark(c));
            for part in parts.chain([value]).filter(|part| !is_nobodys(part)) {
                for spelling in spellings(part) {
                    needles.insert(folded(&spelling).into_iter().map(|(c, _)| c).collect::<Vec<_>>());
                }
            }
        }
        Self { needles: needles.into_iter().collect() }
    }

    /// Where they are, in bytes.
    pub(super) fn find(&self, text: &str) -> Vec<Range<usize>> {
        let (chars, places): (Vec<char>, Vec<Range<usize>>) = folded(text).into_iter().unzip();
        let mut found = Vec::new();
        for needle in &self.needles {
            for (at, window) in chars.windows(needle.len()).enumerate() {
                let end = at + needle.len();
                let stands_alone = || !touches(&chars, at.checked_sub(1)) && !touches(&chars, Some(end));
                if window == needle.as_slice() && (needle.len() >= ALONE || stands_alone()) {
                    found.extend(places.get(at..end).unwrap_or_default().iter().cloned());
                }
            }
        }
        found
    }
}

/// A single letter would take out half of every text; it names nobody.
fn is_nobodys(part: &str) -> bool {
    part.chars().count() < 2 || part.chars().all(|c| c.is_ascii_digit()) && part.len() < ALONE || {
        let lower = part.to_lowercase();
        NOBODYS.contains(&lower.as_str())
    }
}

fn touches(chars: &[char], at: Option<usize>) -> bool {
    at.and_then(|at| chars.get(at)).is_some_and(|c| c.is_alphanumeric())
}

/// As typed, without umlauts in both usual ways, as in URLs, as escaped in JSON and HTML.
fn spellings(part: &str) -> [String; 6] {
    let lower = part.to_lowercase();
    let replaced = |with: [&str; 4]| {
        ["ä", "ö", "ü", "ß"].iter().zip(with).fold(lower.clone(), |text, (from, to)| text.replace(from, to))
    };
    let each = |escape: fn(char) -> String| {
        lower.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_string() } else { escape(c) }).collect::<String>()
    };
    [
        replaced(["ae", "oe", "ue", "ss"]),
        replaced(["a", "o", "u", "ss"]),
        each(|c| c.to_string().bytes().map(|byte| format!("%{byte:02x}")).collect()),
        each(|c| c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect()),
        each(|c| format!("&#{};", u32::from(c))),
        lower,
    ]
}

const fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// Lower case, marks joined with their letters, each with the bytes that it came from.
fn folded(text: &str) -> Vec<(char, Range<usize>)> {
    let mut folded: Vec<(char, Range<usize>)> = Vec::new();
    for (at, c) in text.char_indices() {
        if is_mark(c) {
            if let (Some((letter, _)), '\u{308}') = (folded.last_mut(), c) {
                *letter = match *letter {
                    'a' => 'ä',
                    'o' => 'ö',
                    'u' => 'ü',
                    other => other,
                };
            }
            continue;
        }
        folded.extend(c.to_lowercase().map(|lower| (lower, at..at + c.len_utf8())));
    }
    folded
}
