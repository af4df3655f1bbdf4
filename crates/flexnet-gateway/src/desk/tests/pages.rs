//! What holds for every page, whatever the database: its headers, its words, its errors, its line in the attack surface.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn pages_load_nothing_run_nothing_and_are_kept_by_nobody() {
    let desk = Desk::on(Store::Sqlite).await;
    let page = desk.ask("GET", "/sign-in", "", "").await;
    let header = |name: &str| page.headers[name].to_str().unwrap().to_owned();
    assert!(header("content-security-policy").starts_with("default-src 'none'; style-src 'self';"));
    assert_eq!((header("cache-control"), header("x-content-type-options")), ("no-store".into(), "nosniff".into()));
    for word in ["<script", " style=", "javascript:", "http://", "https://", " onclick"] {
        assert!(!page.text.contains(word), "{word}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_framework_refuses_is_refused_in_the_readers_language() {
    let desk = Desk::on(Store::Sqlite).await;
    let cookie = desk.session(Role::Desk).await;
    for (method, path, form) in
        [("GET", "/members/abc", ""), ("POST", "/sign-in", "username=x"), ("POST", "/members/1/token-lost", "")]
    {
        let page = desk.ask(method, path, &cookie, form).await;
        assert!((400..500).contains(&page.status), "{path}: {}", page.status);
        assert!(page.text.contains("<h1>Das geht so nicht</h1>"), "{path}: {}", page.text);
    }
    let english = desk.ask("GET", "/nothing", &format!("{cookie}; __Host-lang=en"), "").await;
    assert_eq!(english.status, 404);
    assert!(english.text.contains("There is no such page"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_language_leads_back_to_our_own_pages_only() {
    let desk = Desk::on(Store::Sqlite).await;
    for (back, leads) in [
        ("%2Faudit%3Fevent%3Dlock", "/audit?event=lock"),
        ("https%3A%2F%2Fevil.example", "/"),
        ("%2F%2Fevil.example", "/"),
        ("%2F%5Cevil.example", "/"),
    ] {
        let page = desk.ask("POST", "/language", "", &format!("to=en&back={back}")).await;
        assert_eq!((page.status, page.location()), (303, leads), "{back}");
        assert!(page.cookie().unwrap().ends_with("=en"));
    }
}

#[test]
fn every_event_and_role_has_its_words() {
    for texts in [Texts::desk(Language::German), Texts::desk(Language::English)] {
        let events = audit::Event::ALL.iter().map(|event| format!("console-event-{}", event.name().replace('_', "-")));
        let roles = Role::ALL.iter().map(|role| format!("console-role-{}", role.name()));
        for key in events.chain(roles) {
            assert!(texts.find(&key, &[]).is_some(), "{key}");
        }
    }
}

#[test]
fn the_attack_surface_names_every_route() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/attack-surface.md");
    let surface = std::fs::read_to_string(page).unwrap();
    let missing: Vec<_> = ROUTES
        .iter()
        .map(|(method, path, _)| format!("| {method} {path} |"))
        .filter(|line| !surface.contains(line))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
