//! The Fluent files: both languages say the same things, with the same values in them, and every fault has its words.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail like tests")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use flexnet_protocol::{
    FaultCode,
    diagnosis::{Check, Place},
    repair::{ForeignKind, RepairKind},
    text::{Language, Texts},
};
use fluent_bundle::FluentResource;

const FILES: [&str; 9] = ["faults", "cli", "desktop", "repair", "ui", "pages", "desk", "diagnosis", "report"];
const PARTS: [&str; 4] = ["title", "what", "do", "desk"];

fn text(language: &str, file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("locales/{language}/{file}.ftl"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Each message and attribute with the values that it takes.
fn messages(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut messages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let (mut message, mut key) = (String::new(), String::new());
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let starts = line.starts_with(|c: char| c.is_ascii_alphabetic() || c == '-');
        let attribute = line.trim_start().starts_with('.') && line.contains('=');
        if starts || attribute {
            let name = line.split('=').next().unwrap().trim();
            if starts {
                message = name.to_owned();
                key = name.to_owned();
            } else {
                key = format!("{message}{name}");
            }
            assert!(messages.insert(key.clone(), BTreeSet::new()).is_none(), "{key} is there twice");
        }
        let value = |rest: &str| {
            rest.split(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c))).next().map(String::from)
        };
        messages.entry(key.clone()).or_default().extend(line.split('$').skip(1).filter_map(value));
    }
    messages.remove("");
    messages
}

#[test]
fn every_file_parses() {
    for language in ["de", "en"] {
        for file in FILES {
            if let Err((_, errors)) = FluentResource::try_new(text(language, file)) {
                panic!("{language}/{file}.ftl: {errors:?}");
            }
        }
    }
}

#[test]
fn both_languages_have_the_same_messages_with_the_same_values() {
    for file in FILES {
        let (german, english) = (messages(&text("de", file)), messages(&text("en", file)));
        let keys = |messages: &BTreeMap<String, _>| messages.keys().cloned().collect::<BTreeSet<_>>();
        let different: Vec<_> = keys(&german).symmetric_difference(&keys(&english)).cloned().collect();
        assert!(different.is_empty(), "{file}.ftl: only in one language: {different:?}");
        for (key, values) in &german {
            // `ui-hyphens` and the like may differ in text, never in what they are given.
            assert_eq!(values, &english[key], "{file}.ftl: {key}");
        }
        assert!(!german.is_empty(), "{file}.ftl is empty");
    }
}

#[test]
fn no_key_is_in_two_files() {
    let mut seen = BTreeMap::new();
    for file in FILES {
        for key in messages(&text("de", file)).into_keys() {
            if let Some(other) = seen.insert(key.clone(), file) {
                panic!("{key} is in {other}.ftl and {file}.ftl");
            }
        }
    }
}

#[test]
fn every_fault_has_its_texts_in_both_languages() {
    for language in [Language::German, Language::English] {
        let texts = Texts::load(language);
        let mut missing = Vec::new();
        for &code in FaultCode::ALL {
            for part in PARTS {
                let key = format!("{}-{part}", code.key());
                if texts.find(&key, &[]).is_none_or(|text| text.trim().is_empty() || text.contains('{')) {
                    missing.push(key);
                }
            }
        }
        assert!(missing.is_empty(), "{language:?}: {missing:?}");
    }
}

#[test]
fn a_repair_has_its_words_in_both_languages() {
    let steps = RepairKind::ALL.iter().flat_map(|kind| ["will", "did", "failed"].map(|part| (part, kind.key())));
    let steps = steps.map(|(part, kind)| format!("repair-{part}-{kind}"));
    let foreign = ForeignKind::ALL.iter().flat_map(|kind| ["", "-unnamed"].map(|end| (kind.key(), end)));
    let keys: BTreeSet<String> =
        steps.chain(foreign.map(|(kind, end)| format!("repair-foreign-{kind}{end}"))).collect();
    assert_eq!(messages(&text("de", "repair")).into_keys().collect::<BTreeSet<_>>(), keys);
    for kind in RepairKind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.key().replace('-', "_"));
    }
    for kind in ForeignKind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.key().replace('-', "_"));
    }
}

#[test]
fn no_text_belongs_to_a_fault_that_is_not_there() {
    let known: BTreeSet<String> =
        FaultCode::ALL.iter().flat_map(|code| PARTS.map(|part| format!("{}-{part}", code.key()))).collect();
    for key in messages(&text("de", "faults")).keys() {
        assert!(known.contains(key), "{key}");
    }
}

#[test]
fn every_check_and_every_point_of_the_way_has_its_name() {
    for language in [Language::German, Language::English] {
        let texts = Texts::diagnosis(language);
        let name = |value: serde_json::Value| value.as_str().unwrap().replace('_', "-");
        let checks = Check::ALL.map(|check| format!("check-{}", name(serde_json::to_value(check).unwrap())));
        let places = Place::ALL.map(|place| format!("place-{}", name(serde_json::to_value(place).unwrap())));
        for key in checks.iter().chain(&places) {
            assert!(texts.find(key, &[]).is_some(), "{language:?}: {key}");
        }
    }
}

#[test]
fn plural_forms_follow_the_count() {
    let german = Texts::load(Language::German);
    assert_eq!(german.count("cli-attempts-left", 1), "Noch 1 Versuch.");
    assert_eq!(german.count("cli-attempts-left", 4), "Noch 4 Versuche.");
    assert_eq!(german.count("no-such-key", 4), "no-such-key");
    assert_eq!(Texts::load(Language::English).count("cli-attempts-left", 1), "1 attempt left.");
}

#[test]
fn a_finding_names_its_subject_and_does_without_one() {
    for language in [Language::German, Language::English] {
        let texts = Texts::load(language);
        let mut named = 0;
        for &code in FaultCode::ALL {
            for part in PARTS {
                let key = format!("{}-{part}", code.key());
                let with = texts.get(&key, &[("subject", "Muster-Schutz")]);
                let without = texts.get(&key, &[("subject", "")]);
                assert_eq!(without, texts.get(&key, &[]), "{key}");
                assert!(
                    !without.contains("{$") && !without.contains("„“") && !without.contains("“”"),
                    "{key}: {without}"
                );
                assert!(with == without || with.contains("Muster-Schutz"), "{key}: {with}");
                named += usize::from(with != without);
            }
        }
        assert!(named >= 10, "{language:?}: {named} texts name a subject");
    }
    let german = Texts::load(Language::German);
    assert_eq!(german.get("fault-607-what", &[("subject", "tun7")]), "„tun7“ leitet die Verbindung zum Portal um.");
}
