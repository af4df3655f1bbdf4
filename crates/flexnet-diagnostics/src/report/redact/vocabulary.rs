//! The words of our own programs: of every text constant in the sources that run on the PC. `words.txt` is generated from them
//! (`UPDATE=1 cargo test -p flexnet-diagnostics --test vocabulary`), so that a new message is readable and a stranger's word never is.

use std::{collections::HashSet, sync::LazyLock};

use super::GONE;

static WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| include_str!("words.txt").lines().collect());
/// A number of more digits could be a TAN, a postcode, a serial number.
const DIGITS: usize = 4;

/// Keeps what consists of our own words, small numbers and punctuation; what stands between two blanks is kept or taken out as a whole.
pub(super) fn keep_own(text: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let gone = "…";
    for chunk in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|chunk| !chunk.is_empty()) {
        if is_own(chunk) {
            kept.push(chunk);
        } else if kept.last() != Some(&gone) {
            kept.push(gone);
        }
    }
    kept.join(" ")
}

fn is_own(chunk: &str) -> bool {
    let punctuation = |c: char| c.is_ascii_punctuation() || matches!(c, '–' | '„' | '“' | '”');
    let runs = || chunk.split(|c: char| !c.is_alphanumeric()).filter(|run| !run.is_empty());
    let digits: usize = chunk.chars().filter(|c| c.is_numeric()).count();
    !chunk.contains(GONE)
        && chunk.chars().all(|c| c.is_alphanumeric() || punctuation(c))
        && (digits <= DIGITS || runs().all(|run| WORDS.contains(run.to_ascii_lowercase().as_str())))
        && runs().all(|run| {
            run.bytes().all(|byte| byte.is_ascii_digit()) || WORDS.contains(run.to_ascii_lowercase().as_str())
        })
}
