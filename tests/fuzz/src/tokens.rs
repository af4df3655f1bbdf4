//! A maker's file with tokens, PSKC (plain, by key, by passphrase) or CSV.

use flexnet_gateway::provision;

/// The key of the corpus' encrypted files, and their passphrase.
const KEY: &str = "12345678901234567890123456789012";
const PASSPHRASE: &str = "qwerty";

/// The first byte says what opens the file: `k` a key, `p` a passphrase, else nothing. How far it came is worth as much as that it was taken.
pub fn provision(bytes: &[u8]) -> bool {
    let Some((choice, file)) = bytes.split_first() else { return false };
    let secret = match choice {
        b'k' => Some(KEY),
        b'p' => Some(PASSPHRASE),
        _ => None,
    };
    // The file chooses how long its passphrase is derived: up to seconds, which find nothing.
    if secret == Some(PASSPHRASE) && takes_long(file) {
        return false;
    }
    let Ok(tokens) = provision::read(file, secret, 1_800_000_000) else { return true };
    assert!(!tokens.is_empty(), "a file without a token is none");
    for token in &tokens {
        assert!((16..=128).contains(&token.seed.len()) && (6..=8).contains(&token.digits), "{token:?}");
        assert_eq!(tokens.iter().filter(|other| other.serial == token.serial).count(), 1, "{token:?} came twice");
    }
    true
}

/// Five digits or more are written where the rounds are.
fn takes_long(file: &[u8]) -> bool {
    const NAME: &[u8] = b"IterationCount";
    let places = file.windows(NAME.len()).enumerate().filter(|(_, window)| *window == NAME).map(|(at, _)| at);
    places.map(|at| file.iter().skip(at).take(30).filter(|byte| byte.is_ascii_digit()).count()).any(|digits| digits > 4)
}
