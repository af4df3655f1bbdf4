//! The file: the same bytes for the same report, and not one of them can be changed unseen.

use std::{env, fs, path::Path};

use flexnet_protocol::{
    VERSION,
    report::{CheckCode, Envelope, Head},
    text::Language,
};

use super::report;
use crate::report::{
    InstallationKey, NotWhole, Shape, page,
    page::{BEGIN, END},
    verify,
};

fn golden(name: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, made).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == made, "{}: UPDATE=1 cargo test -p flexnet-diagnostics", path.display());
}

#[test]
fn report_and_pages_are_as_they_were() {
    let envelope = report();
    golden("report.json", &(envelope.report.clone() + "\n"));
    golden("report-de.html", &page(&envelope, Language::German).unwrap());
    golden("report-en.html", &page(&envelope, Language::English).unwrap());
}

#[test]
fn the_report_is_canonical_and_has_its_head() {
    let envelope = report();
    let value: serde_json::Value = serde_json::from_str(&envelope.report).unwrap();
    assert_eq!(serde_json_canonicalizer::to_string(&value).unwrap(), envelope.report);
    let head: Head = serde_json::from_str(&envelope.report).unwrap();
    assert_eq!((head.format, head.version.as_str()), (1, VERSION));
    assert_eq!(head.verdict.first.unwrap().subject, "Beispiel-Schutz");
    assert_eq!(head.verdict.way.len(), 6);
}

/// RFC 8785 §3.2.2 and §3.2.3, and some of appendix B.
#[test]
fn the_canonical_form_is_the_one_of_the_standard() {
    let canonical = |text: &str| {
        serde_json_canonicalizer::to_string(&serde_json::from_str::<serde_json::Value>(text).unwrap()).unwrap()
    };
    assert_eq!(
        canonical(
            r#"{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
                "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}"#
        ),
        r#"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}"#
    );
    assert_eq!(
        canonical(
            r#"{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",
                "\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}"#
        ),
        "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",\"ö\":\"Latin Small Letter O With Diaeresis\",\
         \"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",\"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}"
    );
    assert_eq!(canonical("[-0.0, 9007199254740991, 5e-324]"), "[0,9007199254740991,5e-324]");
}

#[test]
fn a_whole_file_says_what_it_is() {
    let envelope = report();
    for language in [Language::German, Language::English] {
        let whole = verify(page(&envelope, language).unwrap().as_bytes()).unwrap();
        assert_eq!(whole.shape, Shape::Page(language));
        assert_eq!(whole.envelope, envelope);
        assert_eq!(whole.check_code, CheckCode::of(&whole.sha256));
        assert_eq!(whole.key, InstallationKey::of_seed(7).fingerprint());
        assert!(page(&envelope, language).unwrap().contains(&whole.check_code.to_string()));
    }
    let sealed = serde_json::to_string(&envelope).unwrap();
    for text in [sealed.clone(), sealed + "\n"] {
        assert_eq!(verify(text.as_bytes()).unwrap().shape, Shape::Sealed);
    }
}

/// Every byte of the JSON and of a sealed report alone, by its lowest bit and by the bit of upper and lower case.
#[test]
fn no_byte_of_the_json_can_be_changed() {
    let envelope = report();
    let page = page(&envelope, Language::German).unwrap();
    let from = page.find(BEGIN).unwrap();
    let to = page.rfind(END).unwrap() + END.len();
    all_changes(page.as_bytes(), from..to);
    let sealed = serde_json::to_string(&envelope).unwrap();
    all_changes(sealed.as_bytes(), 0..sealed.len());
}

fn all_changes(file: &[u8], places: std::ops::Range<usize>) {
    for place in places {
        for bit in [0x01, 0x20] {
            let mut changed = file.to_vec();
            changed[place] ^= bit;
            assert!(verify(&changed).is_err(), "byte {place}, bit {bit:#x}");
        }
    }
}

/// Around it: places by chance, changed, left out, doubled; and whatever is put before or behind.
#[test]
fn no_byte_of_the_page_can_be_changed() {
    let page = page(&report(), Language::German).unwrap().into_bytes();
    let seed = fastrand::u64(..);
    let mut chance = fastrand::Rng::with_seed(seed);
    for _ in 0..300 {
        let place = chance.usize(..page.len());
        let (mut changed, mut shorter, mut longer) = (page.clone(), page.clone(), page.clone());
        changed[place] ^= 1 << chance.u8(..7);
        shorter.remove(place);
        longer.insert(place, b' ');
        for file in [changed, shorter, longer] {
            assert!(verify(&file).is_err(), "seed {seed}, byte {place}");
        }
    }
    for (before, behind) in [("\u{feff}", ""), (" ", ""), ("", "\n"), ("", "<!-- -->")] {
        let file = [before.as_bytes(), &page, behind.as_bytes()].concat();
        assert_eq!(verify(&file), Err(NotWhole::Changed), "{before:?} {behind:?}");
    }
}

#[test]
fn a_page_of_another_version_is_told_from_a_changed_one() {
    let other = report().report.replace(&format!("\"version\":\"{VERSION}\""), "\"version\":\"9.9.9\"");
    let envelope = InstallationKey::of_seed(7).seal(other);
    let page = page(&envelope, Language::German).unwrap();
    assert_eq!(verify(page.as_bytes()).unwrap().shape, Shape::Page(Language::German), "as this program makes it");
    let older = page.replace("<main>", "<main class=\"older\">");
    assert_eq!(verify(older.as_bytes()).unwrap().shape, Shape::OtherVersion("9.9.9".into()));
    let forged = older.replace("9.9.9\\\"", "9.9.8\\\"");
    assert_eq!(verify(forged.as_bytes()), Err(NotWhole::Signature));
}

#[test]
fn what_is_no_report_is_told_so() {
    for file in ["", "{}", "<!DOCTYPE html>", "\u{0}"] {
        assert_eq!(verify(file.as_bytes()), Err(NotWhole::NoReport), "{file:?}");
    }
    assert_eq!(verify(&[0xff; 64]), Err(NotWhole::NoReport));
    let stranger = InstallationKey::of_seed(8).seal("{\"format\":1}".into());
    assert_eq!(verify(serde_json::to_string(&stranger).unwrap().as_bytes()), Err(NotWhole::NotUnderstood));
    let swapped = Envelope { key: stranger.key, ..report() };
    assert_eq!(verify(serde_json::to_string(&swapped).unwrap().as_bytes()), Err(NotWhole::Signature));
}

/// A name that looks like the end of the JSON, or like a page, is neither.
#[test]
fn names_cannot_leave_their_place() {
    let text = |_: &str| "</script><script>alert(1)</script>&\u{2028}".to_owned();
    let facts = super::sample::facts(&text);
    let scrubber = crate::report::Scrubber::knowing([]);
    let key = InstallationKey::of_seed(7);
    let envelope =
        crate::report::make(&facts, &super::sample::verdict(&text), &super::sample::events(&text), &key, &scrubber)
            .unwrap();
    let page = page(&envelope, Language::German).unwrap();
    assert_eq!((page.matches("<script").count(), page.matches("</script").count()), (1, 1));
    assert_eq!(verify(page.as_bytes()).unwrap().shape, Shape::Page(Language::German));
}

#[test]
fn too_many_events_make_no_report_too_large() {
    let text = |_: &str| "gateway ".repeat(60);
    let event = super::sample::events(&text).remove(0);
    let events = vec![event; 5_000];
    let (facts, verdict) = (super::sample::facts(&text), super::sample::verdict(&text));
    let key = InstallationKey::of_seed(7);
    let envelope = crate::report::make(&facts, &verdict, &events, &key, &crate::report::Scrubber::knowing([])).unwrap();
    assert!(serde_json::to_string(&envelope).unwrap().len() <= flexnet_protocol::report::MAX_REPORT);
    let value: serde_json::Value = serde_json::from_str(&envelope.report).unwrap();
    assert_eq!(value["events"].as_array().unwrap().len(), 200);
}
