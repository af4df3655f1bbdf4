//! What looks like something personal or secret, whoever's it is.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

/// One kind of thing that is taken out.
struct Pattern {
    name: &'static str,
    /// In the syntax of the crate `regex`; `.` ends at a line's end. Word boundaries are ASCII's: Unicode's cost a slower engine.
    regex: &'static str,
    /// What the syntax cannot say.
    really: fn(&str) -> bool,
}

const fn always(_: &str) -> bool {
    true
}

const PATTERNS: &[Pattern] = &[
    Pattern { name: "PEM", regex: r"(?is)-----BEGIN.*?(?:-----END[^-]*-----|\z)", really: always },
    Pattern {
        name: "header",
        regex: r"(?i)(?-u:\b)(?:(?:proxy-)?authorization|(?:set-)?cookie)(?-u:\b).*",
        really: always,
    },
    Pattern {
        name: "scheme of a header",
        regex: r"(?i)(?-u:\b)(?:basic|bearer|digest|negotiate|ntlm)\s+[a-z0-9+/=._~-]{8,}",
        really: always,
    },
    Pattern {
        name: "secret by its name",
        regex: concat!(
            r"(?i)(?:pass(?:wor[dt]|phrase|wd)|kennwort|pwd|(?-u:\b)tans?|(?-u:\b)otp|(?-u:\b)pin|(?-u:\b)puk|token|secret|geheimnis|schl(?:ü|ue)ssel|",
            r#"key|(?-u:\b)psk|ticket|seed|credentials?)["']?\s*(?:[=:]|(?-u:\b)(?:is|ist|war|was|lautet)(?-u:\b)).*"#
        ),
        really: always,
    },
    Pattern {
        name: "person or device by its name",
        regex: concat!(
            r"(?i)(?-u:\b)(?:user(?:[_ ]?name)?|logname|benutzer(?:name)?|login|kvid|konto|account|display[_ ]?name|",
            r"(?:computer|rechner|host|machine)[_ ]?name|e?ssid|bssid|serial(?:[_ ]?n(?:umber|o))?|",
            r#"seriennummer|s/n|imei|imsi|iccid)["']?\s*[=:#].*"#
        ),
        really: always,
    },
    Pattern { name: "environment", regex: r"(?-u:\b)[A-Z][A-Z0-9_]{2,}=.*", really: always },
    Pattern {
        name: "title of a person or name of a practice",
        regex: r"(?i).*(?-u:\b)(?:dr|prof|mvz|frau|herrn?|mrs?)(?-u:\b).*|.*praxis.*",
        really: always,
    },
    Pattern { name: "URL", regex: r"(?i)(?-u:\b)[a-z][a-z0-9+.-]*://\S*", really: always },
    Pattern { name: "e-mail", regex: r"\S*@\S+", really: always },
    Pattern { name: "path of Windows", regex: r"(?i)(?:(?-u:\b)[a-z]:[\\/]|\\\\).*", really: always },
    Pattern {
        name: "path of a person",
        regex: r"(?i)(?:/(?:home|users|root|run/user|media|mnt|tmp|documents and settings)(?-u:\b)|~[a-z0-9_-]*/).*",
        really: always,
    },
    Pattern { name: "UUID", regex: r"(?i)[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", really: always },
    Pattern {
        name: "MAC address",
        regex: r"(?i)[0-9a-f]{2}(?:[-.:][0-9a-f]{2}){5}|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2}",
        really: always,
    },
    Pattern { name: "IPv6", regex: r"[0-9A-Za-z_.%]*:[0-9A-Za-z_.%]*:[0-9A-Za-z_.%:]*(?:/[0-9]+)?", really: is_ipv6 },
    Pattern { name: "IPv4", regex: r"[0-9]{1,3}(?:[._-][0-9]{1,3}){3}", really: always },
    Pattern { name: "WireGuard key", regex: r"[A-Za-z0-9+/]{43}=", really: always },
    Pattern { name: "hexadecimal", regex: r"(?i)[0-9a-f]{8,}", really: is_hexadecimal },
    Pattern { name: "random", regex: r"[A-Za-z0-9+/_=-]{16,}", really: is_random },
    Pattern {
        name: "serial number",
        regex: r"(?-u:\b)[A-Za-z0-9]{7,}(?-u:\b)|(?-u:\b)[A-Z0-9]{2,}(?:-[A-Z0-9]{2,}){2,}(?-u:\b)",
        really: is_serial,
    },
    Pattern {
        name: "grouped digits",
        regex: r"\+[0-9][0-9 /().–-]*[0-9]|\(?[0-9]+\)?(?:[ /–-]+[0-9]+)+|0[0-9]+(?:\.[0-9]+){2,}",
        really: are_grouped,
    },
    Pattern { name: "digits", regex: r"[0-9]{6,}", really: always },
];

/// An address, or two colons and a digit: paths of our modules have none.
fn is_ipv6(text: &str) -> bool {
    let address = text.split(['%', '/']).next().unwrap_or_default();
    text.bytes().any(|byte| byte.is_ascii_digit()) || address.parse::<std::net::Ipv6Addr>().is_ok()
}

fn is_hexadecimal(text: &str) -> bool {
    text.len() >= 12 || text.bytes().any(|byte| byte.is_ascii_digit())
}

/// Digits among letters, or case that changes as no word's does, or base32. Words joined by hyphens have neither.
fn is_random(text: &str) -> bool {
    let letters: Vec<u8> = text.bytes().filter(u8::is_ascii_alphabetic).collect();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let turns = letters
        .windows(2)
        .filter(|pair| matches!(pair, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase()))
        .count();
    let shouted = text.bytes().all(|byte| byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte));
    digits >= 3 && !letters.is_empty() || turns >= 4 || shouted
}

/// Letters with two digits among them, or three in lower case. The systematic names of adapters say where a card is plugged in, not which it is.
fn is_serial(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let shouted = !text.bytes().any(|byte| byte.is_ascii_lowercase());
    let letters = text.contains('-') || text.bytes().any(|byte| byte.is_ascii_alphabetic());
    letters && digits >= if shouted { 2 } else { 3 } && !is_systematic(text)
}

/// `enp0s31f6`, `wlp2s0`: systemd.net-naming-scheme(7), without the one that holds a MAC address.
fn is_systematic(text: &str) -> bool {
    let rest = ["en", "wl", "ww"].iter().find_map(|kind| text.strip_prefix(kind)).unwrap_or_default();
    rest.starts_with(['o', 'p', 's']) && rest.bytes().all(|byte| byte.is_ascii_digit() || b"bdfinopsuv".contains(&byte))
}

/// Telephone numbers, TANs and serial numbers in groups.
fn are_grouped(text: &str) -> bool {
    text.bytes().filter(u8::is_ascii_digit).count() >= 6
}

/// A pattern's name, its syntax compiled, and the rest of it.
type Ready = (&'static str, Regex, fn(&str) -> bool);

/// Compiled once a process: it costs more than what they are used for.
static READY: LazyLock<Option<Vec<Ready>>> = LazyLock::new(|| {
    let ready = PATTERNS.iter().map(|p| Regex::new(p.regex).map(|regex| (p.name, regex, p.really)));
    ready.collect::<Result<_, _>>().ok()
});

/// All of them, ready.
#[derive(Debug)]
pub(super) struct Patterns {
    /// `None` if one does not compile, which a test rules out: then nothing at all is let through.
    ready: Option<Vec<Ready>>,
}

impl Patterns {
    pub(super) fn new() -> Self {
        Self { ready: READY.clone() }
    }

    /// Where they are, in bytes. All look at the whole text, so that none hides another's find.
    pub(super) fn find(&self, text: &str) -> Vec<Range<usize>> {
        let Some(ready) = &self.ready else {
            return text.char_indices().map(|(at, c)| at..at + c.len_utf8()).collect();
        };
        let found =
            ready.iter().flat_map(|(_, regex, really)| regex.find_iter(text).filter(|found| really(found.as_str())));
        found.map(|found| found.range()).collect()
    }

    #[cfg(test)]
    pub(super) const fn broken() -> Self {
        Self { ready: None }
    }

    #[cfg(test)]
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        PATTERNS.iter().map(|pattern| pattern.name)
    }

    /// All but one: what it alone finds must come through then.
    #[cfg(test)]
    pub(super) fn without(name: &str) -> Self {
        let mut all = Self::new();
        all.ready.as_mut().unwrap().retain(|(other, ..)| *other != name);
        all
    }
}
