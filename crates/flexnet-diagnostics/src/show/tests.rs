//! Verdicts in words.

use super::*;

fn finding(code: FaultCode) -> Finding {
    Finding { code, subject: String::new(), detail: format!("seen of {}", code.number()) }
}

fn verdict(first: Option<FaultCode>, hints: &[FaultCode]) -> Verdict {
    let point = |place| Point {
        place,
        state: if first.is_some() && place == Place::Way { PointState::Broken } else { PointState::Good },
        good: 3,
        looked: 3,
    };
    Verdict {
        first: first.map(finding),
        hints: hints.iter().copied().map(finding).collect(),
        later: Vec::new(),
        explained: Vec::new(),
        way: Place::ALL.map(point).to_vec(),
    }
}

fn desk() -> DeskContact {
    DeskContact {
        name: "IT-ServiceDesk".into(),
        phone: "0231 94 32 99 00".into(),
        phone_uri: "+4923194329900".into(),
        time_zone: "Europe/Berlin".into(),
        holidays: flexnet_protocol::desk::Holidays::None,
        hours: Vec::new(),
    }
}

fn said(verdict: Verdict, language: Language) -> String {
    text(&Diagnosis { facts: Facts::default(), verdict, desk: Some(desk()) }, language)
}

#[test]
fn a_cause_is_told_with_its_code_as_it_is_spoken_and_whom_to_call() {
    let mut verdict = verdict(Some(FaultCode::CertificateUntrusted), &[]);
    verdict.later.push(finding(FaultCode::ServiceDown));
    verdict.explained.push(finding(FaultCode::TunnelLost));
    let german = said(verdict.clone(), Language::German);
    for part in [
        "Code KVF-415-2",
        "K-V-F, vier, eins, fünf, Prüfziffer zwo",
        "IT-ServiceDesk: 0231 94 32 99 00",
        "x Weg zur KV        hier hängt es",
        "+ Mitgliederportal  in Ordnung, 3 von 3",
        "(KVF-902-2)",
        "KVF-415-2: seen of 415",
        "Folgt daraus: KVF-606-6",
    ] {
        assert!(german.contains(part), "{part} is not in:\n{german}");
    }
    let english = said(verdict, Language::English);
    assert!(english.contains("check digit two") && english.contains("it fails here"), "{english}");
}

#[test]
fn without_a_cause_the_way_is_free_and_hints_are_told() {
    let free = said(verdict(None, &[]), Language::German);
    assert!(free.starts_with("Der ganze Weg ist frei\nAlle Prüfungen"), "{free}");
    assert!(!free.contains("KVF-"), "{free}");
    let hints = said(verdict(None, &[FaultCode::KeyringLocked]), Language::German);
    assert!(hints.contains("Etwas sollten Sie trotzdem ansehen") && hints.contains("(KVF-107-"), "{hints}");
    let mut unseen = verdict(None, &[]);
    let mut open = |from: Place| {
        unseen.way.iter_mut().filter(|point| point.place >= from).for_each(|point| point.state = PointState::Open);
        said(unseen.clone(), Language::German)
    };
    let to_sign_in = open(Place::SignIn);
    assert!(
        to_sign_in.starts_with("Der Weg zur Anmeldung ist frei\n") && to_sign_in.contains("Sie können sich anmelden")
    );
    let partly = open(Place::Internet);
    assert!(partly.starts_with("So weit wir sehen konnten") && !partly.contains("anmelden."), "{partly}");
    let nothing = Verdict { way: Vec::new(), ..verdict(None, &[]) };
    assert!(said(nothing, Language::German).starts_with("Es ließ sich nichts prüfen."));
}

#[test]
fn the_exit_code_is_the_area_of_the_cause() {
    for (code, exit) in [
        (FaultCode::DiskFull, 11),
        (FaultCode::ProxyFails, 12),
        (FaultCode::CertificateExpired, 14),
        (FaultCode::Locked, 17),
        (FaultCode::ServiceDown, 19),
    ] {
        assert_eq!(exit_code(&verdict(Some(code), &[FaultCode::KeyringLocked])), exit, "{code}");
    }
    assert_eq!(exit_code(&verdict(None, &[FaultCode::KeyringLocked])), 1);
    assert_eq!(exit_code(&verdict(None, &[])), 0);
}

#[test]
fn a_profile_that_names_nobody_leaves_no_empty_telephone() {
    let words = text(
        &Diagnosis { facts: Facts::default(), verdict: verdict(Some(FaultCode::ServiceDown), &[]), desk: None },
        Language::German,
    );
    assert!(words.contains("in den Unterlagen Ihrer KV"), "{words}");
}

#[test]
fn json_is_facts_and_verdict_and_nothing_else() {
    let diagnosis = Diagnosis { facts: Facts::default(), verdict: verdict(None, &[]), desk: Some(desk()) };
    let json = serde_json::to_value(&diagnosis).unwrap();
    let keys: Vec<&String> = json.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["facts", "verdict"]);
}

#[test]
fn each_check_goes_by_with_its_name() {
    for check in Check::ALL {
        let line = progress(check, 7, Language::German);
        assert!(line.starts_with("7 von 25 Prüfungen fertig. Zuletzt: ") && !line.contains("check-"), "{line}");
    }
}
