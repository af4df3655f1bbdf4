//! Reports at the desk: found by what is read aloud, opened with the verdict first, and written down who looked.

use serde_json::json;

use super::*;
use crate::{housekeeping, reports::samples};

const DAY: i64 = 24 * 3600;

/// Where these words stand; each must.
fn places(text: &str, words: &[&str]) -> Vec<usize> {
    words.iter().map(|word| text.find(word).unwrap_or_else(|| panic!("{word} is missing: {text}"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_shows_verdict_cause_and_question_before_all_else() {
    let desk = Desk::on(STORE).await;
    let cookie = desk.session(Role::Desk).await;
    let facts = json!({ "pc": { "clock_ahead": -812, "text": "<script>alert(1)</script>\u{202e}" } });
    let number = desk.keep(&samples::seal(7, samples::text("KVF-102-9", &facts).to_string())).await;
    let page = desk.ask("GET", &format!("/reports/{number}"), &cookie, "").await;
    assert_eq!(page.status, 200, "{}", page.text);
    let order = [
        "KVF-102-9",
        "Die Uhr des PCs geht falsch",
        "Muster-Schutz",
        "clock 812 s behind",
        "Das Mitglied liest",
        "Außerdem ansehen",
        "Folgt aus dem Befund",
        "Der Weg<",
        "hier hängt es",
        "Alles, was gesehen wurde",
        "clock_ahead",
        "-812",
        "SHA-256",
        "Schlüssel bekannt seit",
    ];
    let found = places(&page.text, &order);
    assert!(found.is_sorted(), "{found:?}: {}", page.text);
    assert!(page.text.contains("&lt;script&gt;") && !page.text.contains("<script"), "it is escaped");
    assert!(page.text.contains(">stimmt<") && !page.text.contains("passt nicht"), "{}", page.text);
    let rows = desk.audited("report_shown").await;
    assert_eq!((rows.len(), rows[0].actor.as_str(), rows[0].subject.as_deref()), (1, "b.desk", Some(number.as_str())));
    assert_eq!(rows[0].network.as_deref(), Some("192.0.2.0/24"));
    let auditor = desk.session(Role::Auditor).await;
    assert!(desk.ask("GET", "/audit", &auditor, "").await.text.contains("Bericht geöffnet"));
    let english = desk.ask("GET", &format!("/reports/{number}"), &format!("{cookie}; __Host-lang=en"), "").await.text;
    assert!(english.contains("here it breaks") && english.contains("Key known since"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_aloud_leads_to_the_report_or_to_the_catalogue() {
    let desk = Desk::on(STORE).await;
    let cookie = desk.session(Role::Desk).await;
    let number = desk.report(1, "KVF-102-9").await;
    let text = samples::text("KVF-102-9", &json!({})).to_string();
    let code = flexnet_protocol::report::CheckCode::of(&sha256(&[text.as_bytes()])).to_string();
    let search = async |words: &str| {
        let asked = words.replace(' ', "+");
        desk.ask("GET", &format!("/reports?q={asked}"), &cookie, "").await
    };
    let path = format!("/reports/{number}");
    for words in [number.clone(), format!(" {} {}", &number[..2], &number[2..]), code.clone(), code.to_lowercase()] {
        assert_eq!(search(&words).await.location(), path, "{words}");
    }
    for words in ["700-3", "7003", "kvf 700 3", "KVF-700-3"] {
        let page = search(words).await;
        assert!(page.text.contains("Ihr Zugang ist gesperrt"), "{words}");
        assert!(page.text.contains("Nächste Frage"), "{words}");
    }
    let mut wrong: Vec<char> = code.chars().collect();
    wrong[0] = if wrong[0] == 'A' { 'C' } else { 'A' };
    for words in [wrong.into_iter().collect::<String>(), "700-4".into()] {
        let page = search(&words).await;
        assert!(page.text.contains("noch einmal vorlesen"), "{words}");
        let guessed = page.text.split("id=\"kept\"").next().unwrap();
        assert!(!guessed.contains("KVF-") && !guessed.contains(&path), "no guess: {guessed}");
    }
    assert!(search("99999").await.text.contains("nicht hier") || number == "99999");
    assert!(search("irgendwas").await.text.contains("keine Nummer"));
    assert!(desk.audited("report_shown").await.is_empty(), "a search opens nothing");
    let absent = desk.ask("GET", "/reports/1", &cookie, "").await;
    assert_eq!(absent.status, 404);
    assert!(absent.text.contains("Diesen Bericht gibt es nicht"));
    desk.gateway.clock.shift(30 * DAY + 60);
    let later = desk.session(Role::Desk).await;
    assert_eq!(desk.ask("GET", &path, &later, "").await.status, 404, "its time is over, swept or not");
    housekeeping::look(&desk.gateway, &std::collections::HashMap::new(), true).await.unwrap();
    assert!(desk.ask("GET", "/reports", &later, "").await.text.contains("Zurzeit keine"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_read_page_by_page_and_a_key_is_known_again() {
    let desk = Desk::on(STORE).await;
    let cookie = desk.session(Role::Desk).await;
    let envelope = |n: u32| samples::seal(5, samples::text("KVF-102-9", &json!({ "n": n })).to_string());
    let oldest = desk.keep(&envelope(0)).await;
    let begun = desk.gateway.clock.now();
    desk.gateway.clock.shift(2 * DAY);
    for n in 1..=50 {
        desk.keep(&envelope(n)).await;
    }
    let cookie_now = desk.session(Role::Desk).await;
    assert_ne!(cookie, cookie_now);
    let first = desk.ask("GET", "/reports", &cookie_now, "").await.text;
    let links = |text: &str| text.matches("href=\"/reports/").count();
    assert_eq!(links(&first), 50);
    assert!(!first.contains(&format!("/reports/{oldest}")));
    let before = first.split("name=\"before\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let second = desk.ask("GET", &format!("/reports?before={before}"), &cookie_now, "").await.text;
    assert_eq!(links(&second), 1);
    let newest = first.split("href=\"/reports/").nth(1).unwrap().split('"').next().unwrap();
    let sheet = desk.ask("GET", &format!("/reports/{newest}"), &cookie_now, "").await.text;
    let day = jiff::Timestamp::from_second(begun).unwrap().to_zoned(jiff::tz::TimeZone::get("Europe/Berlin").unwrap());
    let known = sheet.split("Schlüssel bekannt seit").nth(1).unwrap().split("</dd>").next().unwrap().to_owned();
    assert!(known.contains(&day.strftime("%d.%m.%Y").to_string()), "{known}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_checked_and_what_it_displays_is_said_to_be_unchecked() {
    let desk = Desk::on(STORE).await;
    let cookie = desk.session(Role::Desk).await;
    let sealed = String::from_utf8(samples::sealed(3, "KVF-102-9")).unwrap();
    let file = |sealed: &str| {
        format!(
            "<!DOCTYPE html><h1>KVF-700-3 alles gut</h1><script type=\"application/json\" id=\"kv-flexnet-report\">{sealed}</script>"
        )
    };
    let page = desk.upload(&cookie, &file(&sealed)).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("Die Uhr des PCs geht falsch") && page.text.contains("nicht prüfen"), "{}", page.text);
    assert!(!page.text.contains("alles gut") && !page.text.contains("KVF-700-3"), "only what is sealed counts");
    assert!(page.text.contains("noch nicht gesehen"));
    let forged = desk.upload(&cookie, &file(&sealed.replace("812", "813"))).await;
    assert!(forged.text.contains("Die Unterschrift passt nicht"), "{}", forged.text);
    let large = format!("{}{}", file(&sealed), " ".repeat(1024 * 1024));
    assert!(desk.upload(&cookie, &large).await.text.contains("Die Uhr des PCs geht falsch"));
    assert_eq!(desk.upload(&cookie, &"x".repeat(5 * 1024 * 1024)).await.status, 400, "no bound");
    let other = desk.upload(&cookie, "Das Fenster sagt KVF-700-3.").await;
    assert!(other.text.contains("1 Code gefunden"), "{}", other.text);
    let count = "SELECT count(*) FROM report";
    let kept: i64 = sqlx::query_scalar(count).fetch_one(desk.gateway.database.read()).await.unwrap();
    assert_eq!(kept, 0, "nothing of it is kept");
}
