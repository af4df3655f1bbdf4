//! Each sieve and each pattern: what it takes out, what it lets through, and that it is missed when it is switched off.

use super::*;

const ERIKA: [&str; 3] = ["emuster", "Erika Müller-Muster", "PRAXIS-WEST-7"];

fn scrubber() -> Scrubber {
    Scrubber::knowing(ERIKA)
}

fn name(text: &str) -> String {
    scrubber().scrub(Rule::Name, text).as_str().to_owned()
}

fn own(text: &str) -> String {
    scrubber().scrub(Rule::OwnWords, text).as_str().to_owned()
}

/// Of each pattern something that no other sieve finds in a name: a text, and what must not be left of it.
const ONLY: &[(&str, &str, &str)] = &[
    ("PEM", "x -----BEGIN RSA-----\nabcdefgh\n-----END RSA-----", "abcdefgh"),
    ("header", "Authorization Quatsch", "Quatsch"),
    ("scheme of a header", "Bearer abcdefghij", "abcdefghij"),
    ("secret by its name", "Passwort: Sommerzeit und Sonne", "Sonne"),
    ("person or device by its name", "Benutzername: Kanarie", "Kanarie"),
    ("environment", "LC_PAPER=Kanarie", "Kanarie"),
    ("title of a person or name of a practice", "Dr. Kanarie CA", "Kanarie"),
    ("URL", "ftp://kanarie.example", "kanarie"),
    ("e-mail", "kanarie@example.org", "kanarie"),
    ("path of Windows", r"D:\Kanarie\Briefe", "Kanarie"),
    ("path of a person", "/home/kanarie/Briefe", "kanarie"),
    ("UUID", "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "bbbb"),
    ("MAC address", "ab-cd-ef-ab-cd-ef", "ab-cd"),
    ("IPv6", "fe80::1", "fe80"),
    ("IPv4", "Netz 10.1.2.3", "10.1"),
    ("WireGuard key", "ggggggggggggggggggggggggggggggggggggggggggg=", "gggg"),
    ("hexadecimal", "abcdef0a", "abcdef"),
    ("random", "aB-cD-eF-gH-iJ-kL", "cD"),
    ("serial number", "pf3k9xyz7", "pf3"),
    ("grouped digits", "0231 94 32", "94"),
    ("digits", "Nr 123456", "123456"),
];

#[test]
fn each_pattern_is_missed_when_it_is_switched_off() {
    let mut listed: Vec<&str> = ONLY.iter().map(|(pattern, ..)| *pattern).collect();
    listed.sort_unstable();
    let mut there: Vec<&str> = Patterns::names().collect();
    there.sort_unstable();
    assert_eq!(listed, there);
    for (pattern, text, secret) in ONLY {
        let scrubbed = name(text);
        assert!(!scrubbed.contains(secret), "{pattern}: {scrubbed}");
        let without = Scrubber { patterns: Patterns::without(pattern), ..scrubber() };
        let left = without.scrub(Rule::Name, text);
        assert!(left.as_str().contains(secret), "{pattern} is not what finds {secret}: {left:?}");
    }
}

#[test]
fn the_sieves_of_known_values_and_of_own_words_are_missed_when_they_are_switched_off() {
    let nobody = Scrubber::knowing([]);
    assert_eq!(nobody.scrub(Rule::Name, "Adapter von emuster").as_str(), "Adapter von emuster");
    assert_eq!(name("Adapter von emuster"), "Adapter von …");
    let open = Scrubber { own_words: false, ..scrubber() };
    assert_eq!(open.scrub(Rule::OwnWords, "the gateway of Kanarie").as_str(), "the gateway of Kanarie");
    assert_eq!(own("the gateway of Kanarie"), "the gateway of …");
}

#[test]
fn without_patterns_nothing_comes_through() {
    let broken = Scrubber { patterns: Patterns::broken(), ..scrubber() };
    assert_eq!(broken.scrub(Rule::Name, "Windows 11").as_str(), "…");
}

#[test]
fn a_known_value_goes_in_every_spelling() {
    for text in [
        "emuster",
        "EMUSTER",
        "eMuster@x",
        "Erika",
        "Müller",
        "MÜLLER",
        "mueller",
        "muller",
        "Mu\u{308}ller",
        "M\u{ad}ü\u{200b}ller",
        "m%c3%bcller",
        r"m\u00fcller",
        "m&#252;ller",
        "MuellerErika",
        "annemuster2",
        "PRAXIS-WEST-7",
        "west",
    ] {
        let left = name(&format!("vor {text} nach")).to_lowercase();
        for part in ["muster", "erika", "ller", "west"] {
            assert!(!left.contains(part), "{text}: {left}");
        }
    }
    assert_eq!(name("Debian GNU/Linux 12"), "Debian GNU/Linux 12");
}

#[test]
fn short_names_go_where_they_stand_alone_and_nobodys_stay() {
    let scrubber = Scrubber::knowing(["Jo Li", "root", "DESKTOP-4F7K2"]);
    let left = |text: &str| scrubber.scrub(Rule::Name, text).as_str().to_owned();
    assert_eq!(left("Jo, Joker und Li"), "…, Joker und …");
    assert_eq!(left("Root CA auf 4f7k2"), "Root CA auf …");
}

#[test]
fn names_of_products_and_versions_come_through() {
    for text in [
        "Windows 11 Pro",
        "24H2 (26100.2314)",
        "Debian GNU/Linux 12 (bookworm)",
        "Beispiel-Schutz Internet Security 2026",
        "Beispiel-Schutz Root CA",
        "Intel(R) Wi-Fi 6 AX201",
        "FRITZ!Box",
        "enp0s31f6",
        "wlan0",
        "tun0",
        "kvflex0",
        "0.1.0",
        "Kassenärztliche Vereinigung Nordrhein",
        "gateway.kv.example",
    ] {
        assert_eq!(name(text), text);
    }
    assert_eq!(name("wlx001122334455"), "…");
}

#[test]
fn every_code_every_kind_and_paths_of_our_modules_come_through() {
    for code in flexnet_protocol::FaultCode::ALL {
        assert_eq!(own(&code.to_string()), code.to_string());
    }
    for kind in ["private IPv4", "self-assigned IPv4", "link-local IPv6", "removed", "flexnet_service::gateway::http"] {
        assert_eq!(own(kind), kind);
    }
    for state in ["signed_out", "signing_in", "connecting", "connected", "reconnecting", "locked", "failed", "ending"] {
        assert_eq!(own(state), state);
    }
}

#[test]
fn of_a_message_only_our_words_and_small_numbers_are_left() {
    assert_eq!(own("no answer to TCP after 3000 bytes"), "no answer to TCP after 3000 bytes");
    assert_eq!(own("no answer from Praxisrechner-9 to TCP"), "…");
    assert_eq!(name("emuster1234567 Kabel"), "… Kabel");
    assert_eq!(name("Praxis Kanarie CA"), "…");
    assert_eq!(own("no answer from Kanarienvogel to TCP"), "no answer from … to TCP");
    assert_eq!(own("gateway=hunter22 44135 12 34 56"), "…");
    assert_eq!(own("line\u{0}one\nline\ttwo"), "line one line two");
}

#[test]
fn what_is_long_is_cut() {
    let long = "Wort ".repeat(100);
    assert_eq!(name(&long).chars().count(), NAME + 1);
    assert!(name(&long).ends_with(GONE));
}
