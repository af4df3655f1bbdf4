//! The commands on real files: what they say and how they exit.

use std::{cell::RefCell, io, rc::Rc};

use flexnet_protocol::text::Language;
use jiff::tz::TimeZone;

use super::*;

/// The page of the diagnosis' golden report.
const PAGE: &str = include_str!("../../../../flexnet-diagnostics/tests/golden/report-de.html");

#[derive(Clone, Default)]
struct Said(Rc<RefCell<Vec<u8>>>);

impl io::Write for Said {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn said(json: bool, language: Language, command: Command) -> (Outcome, String) {
    let said = Said::default();
    let mut show = Show::to(Box::new(said.clone()), json, language, TimeZone::UTC);
    let outcome = run(Path::new("/nonexistent/socket"), command, &mut show).await.unwrap();
    let text = String::from_utf8(said.0.borrow().clone()).unwrap();
    (outcome, text)
}

fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.html");
    fs::write(&path, text).unwrap();
    (folder, path)
}

#[tokio::test]
async fn a_whole_report_is_verified_and_a_changed_one_is_not() {
    let (_folder, path) = file(PAGE);
    let (outcome, text) = said(false, Language::German, Command::Verify { file: path.clone() }).await;
    assert_eq!(outcome, Outcome::Done, "{text}");
    assert!(text.starts_with("Der Bericht ist unverändert.\nPrüfcode: ") && text.lines().count() == 4, "{text}");
    let (_, json) = said(true, Language::German, Command::Verify { file: path }).await;
    assert!(json.starts_with(r#"{"whole":true,"check_code":""#), "{json}");
    for (changed, says) in [
        (PAGE.replace("<h1>", "<h1 >"), "the page around it is not"),
        (PAGE.replacen("Beispielland", "Beispielbach", 99), "the signature does not fit"),
        (String::new(), "no report"),
    ] {
        let (_folder, path) = file(&changed);
        let (outcome, text) = said(false, Language::English, Command::Verify { file: path }).await;
        assert_eq!(outcome, Outcome::Fault);
        assert!(text.contains(says), "{text}");
    }
}

#[tokio::test]
async fn verdict_cause_and_question_stand_first() {
    let (_folder, path) = file(PAGE);
    let (_, text) = said(false, Language::German, Command::Show { file: path }).await;
    let places: Vec<usize> =
        ["KVF-415-2", "Wahrscheinliche Ursache: ", "Nächste Frage: ", "Der Weg zum Mitgliederportal", "enp0s31f6"]
            .iter()
            .map(|word| text.find(word).unwrap_or_else(|| panic!("{word} in {text}")))
            .collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[tokio::test]
async fn a_report_is_made_without_service_profile_and_network() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("bericht.html");
    let make = || Command::Make { out: Some(out.clone()), profile: Some(folder.path().join("none.toml")) };
    let (outcome, text) = said(false, Language::German, make()).await;
    assert_eq!(outcome, Outcome::Done, "{text}");
    let (outcome, _) = said(false, Language::German, Command::Verify { file: out.clone() }).await;
    assert_eq!(outcome, Outcome::Done);
    let before = fs::read(&out).unwrap();
    let (outcome, _) = said(false, Language::German, make()).await;
    assert_eq!((outcome, fs::read(&out).unwrap() == before), (Outcome::Fault, true), "a file that is there stays");
}

#[tokio::test]
async fn sending_needs_a_profile() {
    let (folder, path) = file(PAGE);
    let mut show = Show::new(true);
    let command = Command::Send { file: path, profile: Some(folder.path().join("none.toml")) };
    let error = run(Path::new("/nonexistent"), command, &mut show).await.unwrap_err();
    assert_eq!(error.downcast_ref::<Fault>().unwrap().code, FaultCode::ProfileBroken);
}
