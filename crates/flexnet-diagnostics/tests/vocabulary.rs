//! `report/redact/words.txt` holds the words of the text constants of what runs on the PC, no more and no fewer.
#![expect(clippy::unwrap_used, reason = "tests may fail")]

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
};

use proc_macro2::{TokenStream, TokenTree};

/// Sources whose messages can reach a report.
const SOURCES: [&str; 10] = [
    "crates/flexnet-cli/src",
    "crates/flexnet-diagnostics/src",
    "crates/flexnet-events/src",
    "crates/flexnet-ipc/src",
    "crates/flexnet-masque/src",
    "crates/flexnet-protocol/src",
    "crates/flexnet-service/src",
    "crates/flexnet-session/src",
    "crates/flexnet-wireguard/src",
    "src-tauri/src",
];
/// Whose constants stand for a member and a gateway of a demonstration, or are what this list is made for.
const NOT_THESE: [&str; 3] = ["fake.rs", "known.rs", "patterns.rs"];
/// Where names of variants travel as texts between our programs.
const NAMES: [&str; 4] = [
    "crates/flexnet-protocol/src/snapshot.rs",
    "crates/flexnet-protocol/src/gateway.rs",
    "crates/flexnet-protocol/src/local.rs",
    "crates/flexnet-protocol/src/fault/catalogue.rs",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn list() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report/redact/words.txt")
}

#[test]
fn the_list_is_what_the_sources_say() {
    let words = words_of_the_sources();
    if env::var_os("UPDATE").is_some() {
        fs::write(list(), words.iter().map(|word| format!("{word}\n")).collect::<String>()).unwrap();
    }
    let listed: BTreeSet<String> = fs::read_to_string(list()).unwrap().lines().map(String::from).collect();
    let (missing, strange): (Vec<_>, Vec<_>) =
        (words.difference(&listed).collect(), listed.difference(&words).collect());
    assert!(
        missing.is_empty() && strange.is_empty(),
        "UPDATE=1 cargo test -p flexnet-diagnostics --test vocabulary\nmissing: {missing:?}\nin no source: {strange:?}"
    );
}

/// Whoever writes a message must not make a secret's words readable by it: letters in rows that are no words, and long numbers, stay out.
#[test]
fn the_list_holds_words() {
    for word in fs::read_to_string(list()).unwrap().lines() {
        assert!(word.starts_with(|c: char| c.is_ascii_lowercase()), "{word}");
        assert!(word.bytes().filter(u8::is_ascii_digit).count() <= 5 && word.len() <= 24, "{word}");
    }
}

fn words_of_the_sources() -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for folder in SOURCES {
        for path in rust_files(&root().join(folder)) {
            let text = fs::read_to_string(&path).unwrap();
            let tokens: TokenStream = product(&text).parse().unwrap_or_default();
            read(tokens, &mut words);
        }
    }
    for path in NAMES {
        let text = fs::read_to_string(root().join(path)).unwrap();
        names(text.parse().unwrap(), &mut words);
    }
    words
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "tests" {
            files.extend(rust_files(&path));
        } else if name.ends_with(".rs") && name != "tests.rs" && !NOT_THESE.contains(&name.as_str()) {
            files.push(path);
        }
    }
    files
}

/// What stands before the tests that a file ends with.
fn product(text: &str) -> &str {
    let tests = text.find("#[cfg(test)]\nmod tests {").or_else(|| {
        let at = text.rfind("#[cfg(test)]\n#[expect")?;
        text.get(at..)?.contains("mod tests {").then_some(at)
    });
    tests.and_then(|at| text.get(..at)).unwrap_or(text)
}

/// The words of all text constants but those of documentation.
fn read(tokens: TokenStream, words: &mut BTreeSet<String>) {
    let mut before = String::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let doc = before == "#" && group.stream().to_string().starts_with("doc");
                if !doc {
                    read(group.stream(), words);
                }
                before = "group".into();
            }
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                if text.starts_with('"') || text.starts_with('r') {
                    add(&text, words);
                }
                before = text;
            }
            TokenTree::Punct(punct) => before = punct.to_string(),
            TokenTree::Ident(ident) => before = ident.to_string(),
        }
    }
}

/// The names themselves, taken apart as serde writes them.
fn names(tokens: TokenStream, words: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => names(group.stream(), words),
            TokenTree::Ident(ident) => {
                let name = ident.to_string();
                if name.starts_with(|c: char| c.is_ascii_uppercase()) {
                    let apart: String = name
                        .chars()
                        .flat_map(|c| c.is_ascii_uppercase().then_some('_').into_iter().chain([c]))
                        .collect();
                    add(&apart, words);
                }
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// Without what is filled in, and without escapes.
fn add(text: &str, words: &mut BTreeSet<String>) {
    let mut depth = 0_u32;
    let mut escaped = false;
    let plain: String = text
        .chars()
        .map(|c| {
            let kept = depth == 0 && !escaped && c != '\\';
            match c {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            escaped = c == '\\' && !escaped;
            if kept && c != '{' { c } else { ' ' }
        })
        .collect();
    for run in plain.split(|c: char| !c.is_alphanumeric()) {
        let word = run.to_ascii_lowercase();
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        if word.starts_with(|c: char| c.is_ascii_lowercase())
            && (2..=24).contains(&word.len())
            && digits <= 5
            && word.is_ascii()
        {
            words.insert(word);
        }
    }
}
