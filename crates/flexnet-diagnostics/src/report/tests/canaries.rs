//! Thirty canaries in every form in which they turn up, in every text of facts, findings and events: none comes through, on no page, in no JSON.

use flexnet_protocol::text::Language;

use super::sample;
use crate::report::{InstallationKey, Scrubber, gate::pass, make, page};

/// What the system is known to hold: user name, full name, the PC's name, the remembered user name of the portal, the home.
const KNOWN: [&str; 6] =
    ["kkanarie", "Dr. Käthe Zeisig-Grünfink", "HAUS-SITTICH-21", "Stieglitz.Jo", "girlitz", "Spatzenhausen"];

/// A canary, and how it is recognised in what came through, lower case.
const CANARIES: [(&str, &[&str]); 32] = [
    // names
    ("kkanarie", &["kanarie"]),
    ("Käthe Zeisig-Grünfink", &["zeisig", "fink", "thefink", "käthe"]),
    ("Dr. med. Anselm Pirol", &["pirol", "anselm"]),
    ("Praxis Kuckuck", &["kuckuck"]),
    ("HAUS-SITTICH-21", &["sittich"]),
    ("Stieglitz.Jo", &["stieglitz"]),
    ("girlitz", &["girlitz"]),
    ("jo.ammer@zilpzalp.example", &["ammer", "zilpzalp"]),
    // passwords and TANs
    ("password=Nachtigall!Sommer", &["nachtigall", "sommer"]),
    ("Passwort: Rohrdommel und Kranich", &["rohrdommel", "kranich"]),
    ("tan=418293", &["418293"]),
    ("41829376", &["418293"]),
    ("418 293", &["418 293"]),
    ("otp is 83920157", &["83920157"]),
    // tokens and keys
    ("Authorization: Bearer eyJhbGciOiJFZERTQSJ9.Zm9v", &["eyjhbg", "zm9v"]),
    ("Basic a2FuYXJpZTpwaWVwcw==", &["a2fuyx"]),
    ("YAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=", &["yanz5", "fbmk"]),
    ("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIB\n-----END PRIVATE KEY-----", &["mc4caq"]),
    ("JBSWY3DPEHPK3PXPJBSWY3DP", &["jbswy3"]),
    ("kvft_9f86d081884c7d659a2feaa0c55ad015", &["9f86d0", "55ad015"]),
    ("session-id 550e8400-e29b-41d4-a716-446655440000", &["550e8400", "4466554"]),
    // addresses
    ("00:1b:63:84:45:e6", &["1b:63", "84:45"]),
    ("wlx001b638445e6", &["001b63"]),
    ("00-1B-63-84-45-E6", &["1b-63"]),
    ("192.168.178.23", &["178.23", "168.178"]),
    ("[::ffff:203.0.113.77]:51820", &["113.77", "203.0"]),
    ("2001:db8:85a3::8a2e:370:7334", &["85a3", "7334"]),
    ("p203-0-113-77.dip.example", &["113-77"]),
    // serial numbers, paths, telephones
    ("SN PF3K9XYZ7", &["pf3k9"]),
    ("C:\\Users\\Spatz Meise\\AppData\\Roaming", &["spatz", "meise"]),
    ("/home/bachstelze/.config/kv-flexnet", &["bachstelze"]),
    ("+49 231 5550 4711", &["5550", "4711"]),
];

/// How a text turns up in logs, settings and the environment.
const FORMS: [fn(&str) -> String; 12] = [
    |text| text.to_owned(),
    |text| text.to_uppercase(),
    |text| text.to_lowercase(),
    |text| format!("no answer from {text}"),
    |text| format!("\"{text}\""),
    |text| format!("user=\"{text}\" state=connected"),
    |text| format!("USERNAME={text}"),
    |text| format!("{{\"detail\":\"{text}\"}}"),
    |text| format!("https://portal.example/?q={}", text.replace(' ', "%20")),
    |text| format!("({text})"),
    |text| format!("gateway: {text}: refused"),
    |text| text.chars().flat_map(|c| [c, '\u{200b}']).collect(),
];

#[test]
fn no_canary_comes_through() {
    let scrubber = Scrubber::knowing(KNOWN);
    let key = InstallationKey::for_this_run().unwrap();
    for (canary, signs) in CANARIES {
        for form in FORMS {
            let seed = form(canary);
            let seeded = |text: &str| format!("{text} {seed}");
            let alone = |_: &str| seed.clone();
            for text in [&seeded as &dyn Fn(&str) -> String, &alone] {
                let envelope =
                    make(&sample::facts(text), &sample::verdict(text), &sample::events(text), &key, &scrubber).unwrap();
                let left = envelope.report.to_lowercase();
                for sign in signs {
                    let around =
                        left.split_once(sign).map(|(before, _)| before.chars().rev().take(60).collect::<String>());
                    assert_eq!(around, None, "{canary} as {seed:?} has {sign}; what stands before it, backwards");
                }
            }
        }
    }
}

/// A page says no more than its JSON: what is not in the one is not in the other.
#[test]
fn no_canary_is_on_a_page() {
    let scrubber = Scrubber::knowing(KNOWN);
    let all: Vec<&str> = CANARIES.iter().map(|(canary, _)| *canary).collect();
    let seeded = |text: &str| format!("{text} {}", all.join(" ; "));
    let key = InstallationKey::for_this_run().unwrap();
    let envelope =
        make(&sample::facts(&seeded), &sample::verdict(&seeded), &sample::events(&seeded), &key, &scrubber).unwrap();
    for language in [Language::German, Language::English] {
        let page = page(&envelope, language).unwrap().to_lowercase();
        for (canary, signs) in CANARIES {
            for sign in signs.iter().filter(|sign| sign.len() > 5) {
                assert!(!page.contains(sign), "{canary}");
            }
        }
    }
}

/// Whoever forgets to say what a new text is gets the strictest rule.
#[test]
fn a_new_text_keeps_our_own_words_only() {
    #[derive(serde::Serialize)]
    struct New {
        what: String,
    }
    let new = New { what: "the gateway of Kanarienvogel".into() };
    let tree = pass(&new, &Scrubber::knowing([])).unwrap();
    assert_eq!(serde_json::to_string(&tree).unwrap(), r#"{"what":"the gateway of …"}"#);
}

#[test]
fn what_the_gate_does_not_know_stays_outside() {
    let scrubber = Scrubber::knowing([]);
    assert!(pass(&1.5_f64, &scrubber).is_err());
    assert!(pass(&'x', &scrubber).is_err());
    assert!(pass(&std::collections::BTreeMap::from([("Kanarie", 1)]), &scrubber).is_err());
    assert!(pass(&(1_u64 << 53), &scrubber).is_err());
    assert!(pass(&((1_u64 << 53) - 1), &scrubber).is_ok());
}
