//! What a person reads, and what a program reads.

use std::sync::{Arc, Mutex};

use flexnet_protocol::{
    desk::{Day, Holidays, Hours},
    repair::{ForeignKind, RepairKind},
    snapshot::{Carrier, Ended, Portal},
};

use super::*;

#[derive(Clone, Default)]
pub(crate) struct Screen(Arc<Mutex<Vec<u8>>>);

impl Screen {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn shown(json: bool, language: Language, show: impl FnOnce(&mut Show) -> io::Result<()>) -> String {
    shown_in("Europe/Berlin", json, language, show)
}

fn shown_in(zone: &str, json: bool, language: Language, show: impl FnOnce(&mut Show) -> io::Result<()>) -> String {
    let screen = Screen::default();
    show(&mut Show::to(Box::new(screen.clone()), json, language, TimeZone::get(zone).unwrap())).unwrap();
    let bytes = screen.0.lock().unwrap().clone();
    let text = String::from_utf8(bytes).unwrap();
    assert!(!text.contains("cli-") && !text.contains("fault-"), "a text is missing: {text}");
    assert!(!text.contains("{$") && !text.contains("{ $"), "a value is missing: {text}");
    text
}

fn in_words(language: Language, state: &State) -> String {
    shown(false, language, |show| show.snapshot(&snapshot(state.clone())))
}

/// Tuesday, 24 November 2026, 16:30 in Berlin; the desk closes at 17:00.
const NOW: i64 = 1_795_534_200;

fn snapshot(state: State) -> Snapshot {
    let time = |text: &str| text.parse().unwrap();
    let contact = DeskContact {
        name: "IT-ServiceDesk".into(),
        phone: "0231 94 32 99 00".into(),
        phone_uri: "+4923194329900".into(),
        time_zone: "Europe/Berlin".into(),
        holidays: Holidays::NordrheinWestfalen,
        hours: vec![Hours { days: vec![Day::Mon, Day::Tue], from: time("08:00"), to: time("17:00") }],
    };
    Snapshot {
        revision: 1,
        version: "0.1.0".into(),
        organisation: "Muster-KV".into(),
        desk: contact.at(NOW),
        portal: Portal { url: "http://portal.snk.example/".into(), hosts: vec!["portal.snk.example".into()] },
        state,
    }
}

fn session() -> Session {
    Session {
        display_name: "Dr. Martina Muster".into(),
        started: NOW,
        absolute_end: NOW + 36_000,
        failures_before: 0,
        last_sign_in: None,
        round_trip_ms: Some(21),
        traffic: Vec::new(),
        portal_fault: None,
        idle_end: NOW + 36_000,
        warning: None,
        carrier: Carrier::Udp,
    }
}

fn refused(attempts_left: u8) -> State {
    let wrong = WrongEntry { fault: FaultCode::Refused.into(), attempts_left: Some(attempts_left) };
    State::SignedOut { ended: None, refused: Some(wrong) }
}

fn locked() -> State {
    State::Locked { username: "m.muster".into(), fault: FaultCode::Locked.into() }
}

fn failed(code: FaultCode, counted: Counted, until: Option<i64>) -> State {
    State::Failed { fault: Fault::new(code, "technical detail"), counted, until }
}

#[test]
fn german_unless_the_locale_says_english() {
    assert_eq!(in_words(Language::from_locale(""), &State::Ending), "Die Verbindung wird gerade beendet.\n");
    assert_eq!(in_words(Language::from_locale("fr_FR.UTF-8"), &State::Ending), "Die Verbindung wird gerade beendet.\n");
    assert_eq!(in_words(Language::from_locale("en_GB.UTF-8"), &State::Ending), "The connection is being ended.\n");
}

#[test]
fn a_wrong_entry_tells_the_code_and_how_many_are_left() {
    let text = in_words(Language::German, &refused(3));
    assert!(text.contains("Noch 3 Versuche.") && text.contains(&FaultCode::Refused.to_string()), "{text}");
    assert!(!text.contains("0231"), "no need to call yet: {text}");
}

#[test]
fn before_the_last_attempt_the_desk_is_named() {
    let text = in_words(Language::German, &refused(1));
    assert!(text.contains("Noch 1 Versuch.\n") && text.contains("gesperrt"), "{text}");
    assert!(text.contains("IT-ServiceDesk: 0231 94 32 99 00\nJetzt geöffnet, bis Di 17:00 Uhr."), "{text}");
    let text = in_words(Language::English, &refused(1));
    assert!(text.contains("1 attempt left.\n") && text.contains("Open now, until Tue 17:00."), "{text}");
}

#[test]
fn a_lock_tells_whom_to_call_and_when_it_opens_next() {
    let mut picture = snapshot(locked());
    picture.desk = picture.desk.contact.at(NOW + 3600);
    let text = shown(false, Language::German, |show| show.snapshot(&picture));
    assert!(text.contains("KVF-700-3") && text.contains("Geschlossen. Öffnet wieder Mo 8:00 Uhr."), "{text}");
    picture.desk.status = DeskStatus::Closed { opens: None };
    let text = shown(false, Language::German, |show| show.snapshot(&picture));
    assert!(text.contains("Zurzeit geschlossen."), "{text}");
}

#[test]
fn the_connection_tells_until_when_and_what_happened_before() {
    let connected = |session| in_words(Language::German, &State::Connected { session });
    let text = connected(session());
    assert!(
        text.starts_with("Verbunden als Dr. Martina Muster.\nSeit Di 16:30 Uhr, spätestens bis Mi 2:30 Uhr.\n"),
        "{text}"
    );
    assert!(text.contains("http://portal.snk.example/") && !text.contains("Falsche Eingaben"), "{text}");
    let text =
        connected(Session { failures_before: 2, portal_fault: Some(FaultCode::PortalSilent.into()), ..session() });
    assert!(text.contains("Falsche Eingaben vor dieser Anmeldung: 2."), "{text}");
    assert!(text.contains("rufen Sie bitte an: IT-ServiceDesk, 0231 94 32 99 00.\n"), "{text}");
    assert!(text.contains(&FaultCode::PortalSilent.to_string()), "{text}");
}

#[test]
fn the_idle_end_is_told_where_it_comes_first() {
    let used = Session { idle_end: NOW + 1800, ..session() };
    let text = in_words(Language::German, &State::Connected { session: used });
    assert!(text.contains("Ohne Nutzung bis Di 17:00 Uhr.\n"), "{text}");
}

#[test]
fn the_number_to_compare_is_told_with_what_to_do() {
    let confirming = State::Confirming { display_name: None, digits: Some("07".into()), expires: NOW + 60 };
    let text = in_words(Language::German, &confirming);
    assert!(text.contains("07.") && text.contains("bis Di 16:31 Uhr") && text.contains("anrufen"), "{text}");
    assert!(in_words(Language::English, &confirming).contains("07."));
}

#[test]
fn whose_access_a_link_opens_is_told_and_that_it_is_not_known() {
    let asked = |name: Option<&str>| State::Confirming {
        display_name: name.map(str::to_owned),
        digits: None,
        expires: NOW + 60,
    };
    let text = in_words(Language::German, &asked(Some("Dr. Martina Muster")));
    assert_eq!(text.trim_end(), "Dieser Link meldet Sie als Dr. Martina Muster an.");
    let text = in_words(Language::English, &asked(None));
    assert!(text.contains("does not tell"), "{text}");
}

/// Once every answer of the gateway was a line, although nothing had changed for whoever reads.
#[test]
fn watching_says_only_what_is_new_to_read() {
    let connected = |idle_end, traffic| State::Connected { session: Session { idle_end, traffic, ..session() } };
    let told = |json| {
        shown(json, Language::German, |show| {
            show.news(&snapshot(connected(NOW + 1800, vec![])))?;
            show.news(&snapshot(connected(NOW + 1860, vec![7])))?;
            show.news(&snapshot(State::Ending))
        })
    };
    let text = told(false);
    assert_eq!(text.matches("Verbunden als").count(), 1, "{text}");
    assert!(text.contains("gerade beendet"), "{text}");
    assert_eq!(told(true).lines().count(), 3, "a program reads everything");
}

#[test]
fn several_steps_are_numbered_and_end_in_the_desks_number() {
    let text = in_words(Language::German, &failed(FaultCode::TokenOutOfStep, Counted::Yes, None));
    assert!(text.contains("\n1. ") && text.contains("\n3. Hilft das nicht, rufen Sie bitte an.\n"), "{text}");
    assert!(text.contains("0231 94 32 99 00"), "{text}");
    let text = in_words(Language::German, &failed(FaultCode::TanUsed, Counted::No, None));
    assert!(!text.contains("1. "), "one step needs no number: {text}");
}

#[test]
fn an_interruption_tells_since_when() {
    let text = in_words(Language::German, &State::Reconnecting { session: session(), since: NOW, next_try: NOW + 3 });
    assert!(text.contains("seit Di 16:30 Uhr") && text.contains("ohne neue TAN"), "{text}");
    assert!(text.contains(&FaultCode::TunnelLost.to_string()), "{text}");
}

/// A member abroad: the window tells the PC's time, and a desk keeps its own hours.
#[test]
fn the_session_is_told_in_the_time_of_the_pc_and_the_desk_in_its_own() {
    let told = |state| shown_in("Europe/Lisbon", false, Language::German, |show| show.snapshot(&snapshot(state)));
    let text = told(State::Connected { session: session() });
    assert!(text.contains("spätestens bis Mi 1:30 Uhr."), "{text}");
    let text = told(State::Reconnecting { session: session(), since: NOW, next_try: NOW + 3 });
    assert!(text.contains("seit Di 15:30 Uhr"), "{text}");
    let text = told(failed(FaultCode::Maintenance, Counted::No, Some(NOW + 1800)));
    assert!(text.contains("Voraussichtlich bis Di 24.11. 16:00 Uhr."), "{text}");
    assert!(text.contains("Jetzt geöffnet, bis Di 17:00 Uhr."), "{text}");
}

#[test]
fn a_failure_tells_whether_an_attempt_was_used() {
    for (counted, told) in [
        (Counted::No, "Es wurde kein Versuch verbraucht."),
        (Counted::Yes, "Ein Versuch wurde verbraucht."),
        (Counted::Unknown, "wissen wir nicht"),
    ] {
        let text = in_words(Language::German, &failed(FaultCode::GatewaySilent, counted, None));
        assert!(text.contains(told) && text.contains("KVF-402-"), "{text}");
        assert!(!text.contains("technical detail"), "that is for the desk: {text}");
    }
    let text = in_words(Language::German, &failed(FaultCode::Maintenance, Counted::No, Some(NOW + 1800)));
    assert!(text.contains("Voraussichtlich bis Di 24.11. 17:00 Uhr."), "{text}");
}

#[test]
fn without_a_profile_nobody_is_named_and_no_attempt_mentioned() {
    let mut picture = snapshot(failed(FaultCode::ProfileBroken, Counted::No, None));
    picture.desk.contact.phone.clear();
    let text = shown(false, Language::German, |show| show.snapshot(&picture));
    assert!(text.ends_with(&format!("Code {}\n", FaultCode::ProfileBroken)), "{text}");
}

#[test]
fn every_end_is_told() {
    let mut told = Vec::new();
    for reason in [
        EndReason::SignedOut,
        EndReason::Idle,
        EndReason::Absolute,
        EndReason::NewerSignIn,
        EndReason::Desk,
        EndReason::TokenLost,
    ] {
        let state = State::SignedOut { ended: Some(Ended { at: NOW, reason }), refused: None };
        told.push(in_words(Language::German, &state));
        in_words(Language::English, &state);
    }
    told.sort();
    told.dedup();
    assert_eq!(told.len(), 6);
}

#[test]
fn every_fault_has_words_in_both_languages() {
    for &code in FaultCode::ALL {
        for language in [Language::German, Language::English] {
            let text = shown(false, language, |show| show.fault(&code.into(), None));
            assert!(text.lines().count() >= 4, "{text}");
            assert!(text.ends_with(&format!("Code {code}\n")), "{text}");
        }
    }
}

#[test]
fn json_is_the_type_itself_one_value_a_line() {
    for state in [refused(4), locked(), State::Connected { session: session() }, State::Ending] {
        let picture = snapshot(state);
        let text = shown(true, Language::German, |show| show.snapshot(&picture));
        assert_eq!(text.lines().count(), 1);
        assert_eq!(serde_json::from_str::<Snapshot>(&text).unwrap(), picture);
    }
    let text = shown(true, Language::German, |show| {
        show.note("cli-repair-offline")?;
        show.step(&snapshot(State::SigningIn { step: Step::Gateway }))?;
        show.fault(&FaultCode::Busy.into(), None)
    });
    let values: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(values.len(), 2, "remarks are for people: {text}");
    assert_eq!(serde_json::from_value::<Fault>(values[1].clone()).unwrap(), FaultCode::Busy.into());
}

#[test]
fn a_repair_tells_what_it_did() {
    let words = |repaired: &Repaired| shown(false, Language::German, |show| show.repaired(repaired));
    assert_eq!(words(&Repaired::default()), "Es war nichts aufzuräumen.\n");
    let filter = RepairStep::new(RepairKind::PacketFilter, "nft table");
    let device = RepairStep::new(RepairKind::Device, "kvflex0: busy");
    let foreign = |owner: &str| Foreign { kind: ForeignKind::Device, name: "tun0".into(), owner: owner.into() };
    let both =
        Repaired { undone: vec![filter.clone()], failed: vec![device.clone()], foreign: vec![foreign("Muster-VPN")] };
    let told = "Aufgeräumt:\n  Alte Schutzregeln einer früheren Sitzung sind entfernt (nft table)\n\
        Nicht aufgeräumt:\n  Alter Weg zum Mitgliederportal ließ sich nicht entfernen (kvflex0: busy)\n\
        Das bleibt, wie es ist:\n  Ein Netz-Adapter von „Muster-VPN“. Er gehört einem anderen Programm. (tun0)\n";
    assert_eq!(words(&both), told);
    let plan = RepairPlan { steps: vec![device, filter], foreign: vec![foreign("")] };
    let told = "Das wird aufgeräumt:\n  Alter Weg zum Mitgliederportal wird entfernt (kvflex0: busy)\n  \
        Alte Schutzregeln einer früheren Sitzung werden entfernt (nft table)\n\
        Das bleibt, wie es ist:\n  Der Netz-Adapter „tun0“. Er gehört einem anderen Programm. (tun0)\n";
    assert_eq!(shown(false, Language::German, |show| show.plan(&plan)), told);
    let json = shown(true, Language::German, |show| show.plan(&plan));
    assert_eq!(serde_json::from_str::<RepairPlan>(&json).unwrap(), plan);
}
