//! What of an event may be written: words, small numbers and our own codes and names. Everything that could be an address, a path, a name of a
//! person or a secret goes. Plain code that knows no system; a report sieves what it takes from here once more, with what it knows of the PC.

use std::fmt::Write as _;

/// Stands where something was taken out.
pub const GONE: char = '…';
/// Fields whose values may be told, sieved. Any other field is told by its name alone.
pub const FIELDS: [&str; 27] = [
    "after", "answered", "back", "backend", "by", "carrier", "chosen", "code", "counted", "device", "ended", "error",
    "failed", "fault", "file", "kind", "location", "mtu", "policy", "reason", "size", "state", "status", "step",
    "version", "what", "why",
];
/// Digits in a row that a word may have: years, sizes of packets and numbers of errors have four, a TAN has six.
const DIGITS: usize = 4;
/// Longer words are none.
const WORD: usize = 40;
/// Longer paths of modules and files are none of ours.
const PATH: usize = 120;
/// Folders of the system whose files may be named.
const PLACES: [&str; 7] =
    ["/etc/", "/run/", "/var/lib/kv-flexnet", "/var/log/kv-flexnet", "/usr/sbin/", "/proc/", "/dev/"];

/// Whether a field's value may be told at all.
pub fn is_told(field: &str) -> bool {
    FIELDS.contains(&field)
}

/// What is left of a text: one line, at most `most` bytes.
pub fn text(text: &str, most: usize) -> String {
    let mut kept = String::new();
    let mut after_secret = false;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        let word = if std::mem::take(&mut after_secret) { GONE.to_string() } else { sieved(word) };
        after_secret = names_a_secret(&word);
        if word.starts_with(GONE) && kept.ends_with(GONE) {
            continue;
        }
        if kept.len() + word.len() + 1 > most {
            break;
        }
        if !kept.is_empty() {
            kept.push(' ');
        }
        kept.push_str(&word);
    }
    kept
}

/// A word, or what of it may be told: `name=value` and `name:value` keep their name.
fn sieved(word: &str) -> String {
    let inner = word.trim_matches(|c: char| "\"'`()[]{}<>,;.:!?„“”’".contains(c));
    if inner.is_empty() || may_be_told(inner) {
        return word.to_owned();
    }
    match inner.split_once('=') {
        Some((name, value)) if may_be_told(name) && !names_a_secret(name) && may_be_told(value) => word.to_owned(),
        Some((name, _)) if may_be_told(name) => {
            let mut told = String::new();
            // Writing into a string cannot fail.
            let _ = write!(told, "{name}={GONE}");
            told
        }
        _ => GONE.to_string(),
    }
}

fn may_be_told(word: &str) -> bool {
    let length = word.chars().count();
    if length > PATH || most_digits(word) > DIGITS {
        return false;
    }
    let is_place = PLACES.iter().any(|place| word.starts_with(place)) && !word.contains("/user/");
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-+'’".contains(c) || c.is_alphabetic();
    // A module's path, and what is a version: digits and at most two points; an address has three.
    let module = word.contains("::")
        && word.split("::").all(|part| part.chars().all(plain) && !part.is_empty() && !is_hex(part));
    let version = word.matches('.').count() <= 2 && word.chars().all(|c| c.is_ascii_digit() || c == '.');
    let source = word.rsplit_once(".rs:").is_some_and(|(file, line)| {
        file.chars().all(|c| plain(c) || c == '/')
            && !file.starts_with('/')
            && line.chars().all(|c| c.is_ascii_digit() || c == ':')
    });
    (is_place && word.chars().all(|c| plain(c) || "/.".contains(c)))
        || module
        || version
        || source
        || (length <= WORD && word.chars().all(plain) && !looks_random(word))
        || word.split('/').count() == 2
            && word.split('/').all(|part| !part.is_empty() && part.chars().all(char::is_alphabetic))
}

fn most_digits(word: &str) -> usize {
    word.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0)
}

fn is_hex(part: &str) -> bool {
    part.len() < 2 || part.chars().all(|c| c.is_ascii_hexdigit())
}

/// Letters and digits in turn, as in keys, tokens, MAC addresses and serial numbers, and never in a word: `kvflex0`, `IPv4`, `KVF-605-3` and `os error 13` have few.
fn looks_random(word: &str) -> bool {
    if word.starts_with("KVF-") {
        return false;
    }
    let kinds: Vec<bool> = word.chars().filter(|c| c.is_alphanumeric()).map(|c| c.is_ascii_digit()).collect();
    let turns = kinds.windows(2).filter(|pair| pair.first() != pair.last()).count();
    let humps = word.chars().zip(word.chars().skip(1)).filter(|(a, b)| a.is_lowercase() && b.is_uppercase()).count();
    let digits = kinds.iter().filter(|digit| **digit).count();
    turns > 2 || humps > 3 || digits > DIGITS || (turns > 0 && digits > 2 && word.contains('-'))
}

/// What stands behind such a word is not told.
fn names_a_secret(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    [
        "password", "passwort", "kennwort", "tan", "pin", "token", "secret", "seed", "ticket", "username", "user",
        "benutzer", "ssid", "serial",
    ]
    .contains(&word.as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(word: &str) -> String {
        text(word, 400)
    }

    #[test]
    fn what_our_own_code_says_is_told() {
        for said in [
            "left by an earlier run and taken back now what=device kvflex0",
            "packet filter table inet kv_flexnet",
            "KVF-611-5 the gateway grants what the profile does not allow",
            "the journal holds NameService",
            "cannot write the journal /var/lib/kv-flexnet/journal",
            "No space left on device (os error 28)",
            "panicked at crates/flexnet-service/src/service/mod.rs:210:9: index out of bounds",
            "flexnet_service::service::run",
            "serving version=0.1.0",
            "state=connected",
            "lines in /etc/hosts",
        ] {
            assert_eq!(told(said), said);
        }
    }

    #[test]
    fn what_could_be_somebodys_is_not() {
        for secret in [
            "203.0.113.10:443",
            "192.168.178.20",
            "2001:db8::1",
            "fe80::1%eth0",
            "[2001:db8:113::10]:51820",
            "aa:bb:cc:dd:ee:ff",
            "/home/erika/.config/x",
            "C:\\Users\\erika",
            "erika@praxis.example",
            "https://portal.snk.example/?t=1",
            "portal.snk.example",
            "048159",
            "+4923194329900",
            "c2Vzc2lvbiB0b2tlbiBvZiAzMiBieXRlcyAgICAgICA",
            "S3kZ9qP0",
            "5CG1234XYZ",
            "550e8400-e29b-41d4-a716-446655440000",
            "geheim:passwort!",
            "/run/user/1000/bus",
            "/root/x",
        ] {
            let left = told(&format!("at {secret} now"));
            assert_eq!(left, "at … now", "{secret}");
        }
        assert_eq!(told("password: geheim and tan geheim2 now"), "password: … and tan … now");
        // The value may be of two words.
        assert_eq!(told("token=\"geheim zwei\" next"), "token=… next");
        assert_eq!(told("token= geheim next"), "token=… next");
        assert_eq!(text("one two three", 8), "one two");
    }

    proptest! {
        #[test]
        fn no_address_comes_through_whatever_stands_around_it(before in "[a-z(\\[<\"']{0,3}", ip: std::net::IpAddr, after in "[\\])>\"',;:.]{0,3}") {
            let left = told(&format!("word {before}{ip}{after} word"));
            prop_assert!(!left.contains(&ip.to_string()), "{}", left);
        }

        #[test]
        fn no_run_of_digits_that_could_be_a_tan_comes_through(digits in "[0-9]{6,10}", around in "[a-z=:#-]{0,4}") {
            let left = told(&format!("{around}{digits}{around}"));
            prop_assert!(!left.contains(&digits), "{}", left);
        }

        #[test]
        fn nothing_is_longer_than_it_may_be(any in ".{0,200}", most in 0..300_usize) {
            prop_assert!(text(&any, most).len() <= most);
            prop_assert!(!text(&any, most).contains('\n'));
        }
    }
}
