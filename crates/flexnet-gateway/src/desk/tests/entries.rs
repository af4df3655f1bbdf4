//! Sign-ins of the staff: what opens, what locks, what is counted, and how long a session lasts.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_right_entry_opens_once_and_its_session_ends_in_time() {
    let desk = Desk::on(STORE).await;
    let first = tan(SEED, 0);
    let page = desk.sign_in(" B.Desk ", PASSWORD, &first).await;
    assert_eq!((page.status, page.location()), (303, "/"), "{}", page.text);
    let set = page.headers["set-cookie"].to_str().unwrap();
    assert!(set.ends_with("; Secure; HttpOnly; SameSite=Strict; Path=/"), "{set}");
    let cookie = page.cookie().unwrap();
    assert_eq!(desk.ask("GET", "/", &cookie, "").await.status, 200);
    assert_eq!(desk.sign_in("b.desk", PASSWORD, &first).await.status, 403, "a TAN opens once");

    let clock = &desk.gateway.clock;
    for _ in 0..10 {
        clock.shift(staff::IDLE - 60);
        assert_eq!(desk.ask("GET", "/", &cookie, "").await.status, 200, "used");
    }
    clock.shift(staff::IDLE + 1);
    assert_eq!(desk.ask("GET", "/", &cookie, "").await.location(), "/sign-in", "not used");

    let cookie = desk.sign_in("b.desk", PASSWORD, &tan(SEED, 1)).await.cookie().unwrap();
    for _ in 0..(staff::ABSOLUTE / (staff::IDLE - 60)) {
        clock.shift(staff::IDLE - 60);
        assert_eq!(desk.ask("GET", "/", &cookie, "").await.status, 200);
    }
    clock.shift(staff::IDLE - 60);
    assert_eq!(desk.ask("GET", "/", &cookie, "").await.location(), "/sign-in", "eight hours are over");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_session_each_and_none_of_who_is_switched_off() {
    let desk = Desk::on(STORE).await;
    let older = desk.sign_in("b.desk", PASSWORD, &tan(SEED, 0)).await.cookie().unwrap();
    let newer = desk.sign_in("b.desk", PASSWORD, &tan(SEED, 1)).await.cookie().unwrap();
    assert_eq!(desk.ask("GET", "/", &older, "").await.location(), "/sign-in");
    assert_eq!(desk.ask("GET", "/", &newer, "").await.status, 200);
    let mut write = desk.gateway.database.write().await.unwrap();
    let person = staff::named(&mut write, "b.desk").await.unwrap();
    staff::set_active(&mut write, person.id, false).await.unwrap();
    write.commit().await.unwrap();
    assert_eq!(desk.ask("GET", "/", &newer, "").await.location(), "/sign-in");
    assert_eq!(desk.sign_in("b.desk", PASSWORD, &tan(SEED, 2)).await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_entries_lock_whoever_it_is() {
    let desk = Desk::on(STORE).await;
    let wrong = wrong_tan(SEED);
    let mut texts = Vec::new();
    for name in ["b.desk", "k.einer"] {
        let mut pages = Vec::new();
        for _ in 0..6 {
            let page = desk.sign_in(name, PASSWORD, wrong).await;
            assert_eq!(page.status, 403);
            pages.push(page.text.replace(name, "NAME"));
        }
        texts.push(pages);
    }
    assert_eq!(texts[0], texts[1], "who is there does not show");
    assert!(texts[0][3].contains("Noch 1 Versuch") && texts[0][4].contains("gesperrt"), "{:?}", texts[0]);
    assert!(desk.sign_in("b.desk", PASSWORD, &tan(SEED, 0)).await.text.contains("gesperrt"), "right, and locked");
    assert!(!desk.is_locked("b.desk").await, "the name of a member is another one");
    let attempts = desk.audited("staff_attempt").await;
    assert_eq!((attempts.len(), desk.audited("staff_lock").await.len()), (10, 2), "five each, and no sixth");
    assert!(attempts.iter().all(|row| row.network.as_deref() == Some("192.0.2.0/24")));
    assert!(attempts.iter().all(|row| row.subject.as_deref() != Some("k.einer")), "people type passwords there");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_get_five_tries_and_one_session() {
    let desk = Desk::on(STORE).await;
    let (gateway, wrong) = (&desk.gateway, wrong_tan(SEED));
    let burst =
        async |tan: &str| futures_util::future::join_all((0..40).map(|_| desk.sign_in("b.desk", PASSWORD, tan))).await;
    let right = tan(SEED, 0);
    let opened = burst(&right).await.iter().filter(|page| page.status == 303).count();
    assert!(opened <= 1, "{opened} sessions with one TAN");
    let evaluated = async || desk.audited("staff_attempt").await.len();
    assert!(evaluated().await <= 5 + 5 * opened, "between two successes");
    let mut write = gateway.database.write().await.unwrap();
    guard::unlock(&mut write, &gateway.keys.guard(&staff::guard_name("b.desk"))).await.unwrap();
    write.commit().await.unwrap();
    let before = evaluated().await;
    burst(wrong).await;
    assert_eq!(evaluated().await - before, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_shape_is_not_counted() {
    let desk = Desk::on(STORE).await;
    for (name, password, tan) in [
        ("b.desk", PASSWORD, "12345"),
        ("b.desk", PASSWORD, "12345a"),
        ("b.desk", "", "123456"),
        ("", "x", "123456"),
        ("b.desk%00", "x", "123456"),
        ("b%1Bdesk", "x", "123456"),
    ] {
        assert_eq!(desk.sign_in(name, password, tan).await.status, 400, "{name} {tan}");
    }
    assert!(desk.audited("staff_attempt").await.is_empty());
    assert_eq!(desk.sign_in("b.desk", PASSWORD, tan(SEED, 0).split_at(3).0).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_over_which_the_gateway_dies_is_in_the_audit() {
    let desk = Desk::on(STORE).await;
    let gateway = &desk.gateway;
    let (key, now) = (gateway.keys.guard(&staff::guard_name("b.desk")), gateway.clock.now());
    let mut write = gateway.database.write().await.unwrap();
    let counted = counted::count(&mut write, &gateway.config.id, key, now).await.unwrap().unwrap();
    write.commit().await.unwrap();
    let which = crate::attempts::Abandoned::Of(&gateway.config.id);
    crate::attempts::close_abandoned(&gateway.database, &gateway.keys, &gateway.config.id, which, now).await.unwrap();
    let rows = desk.audited("staff_attempt").await;
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].subject.as_deref(), rows[0].detail.as_str()), (Some("b.desk"), "abandoned"));
    let mut write = gateway.database.write().await.unwrap();
    assert!(counted.close(&mut write).await.is_err(), "what comes late is no success any more");
}
