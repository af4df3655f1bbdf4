//! What the desk does: to whom, what it takes, and what is written down of it.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn unlocking_takes_a_reason_and_the_tick() {
    let desk = Desk::on(STORE).await;
    let (id, cookie) = (desk.member("m.muster").await, desk.session(Role::Desk).await);
    let path = format!("/members/{id}/unlock");
    desk.lock("m.muster").await;
    for form in [
        "",
        "reason=Ticket",
        "verified=yes",
        "reason=+&verified=yes",
        &format!("reason={}&verified=yes", "x".repeat(201)),
    ] {
        let page = desk.ask("POST", &path, &cookie, form).await;
        assert_eq!(page.location(), format!("/members/{id}?note=reason-missing"), "{form}");
        assert!(desk.is_locked("m.muster").await);
    }
    let page = desk.ask("POST", &path, &cookie, "reason=Ticket+4711&verified=yes").await;
    assert_eq!(page.location(), format!("/members/{id}?note=unlocked"));
    assert!(!desk.is_locked("m.muster").await);
    let rows = desk.audited("unlock").await;
    let row = &rows[0];
    assert_eq!((row.subject.as_deref(), row.actor.as_str()), (Some("m.muster"), "b.desk"));
    assert_eq!((row.network.as_deref(), row.detail.as_str()), (Some("192.0.2.0/24"), "caller verified"));
    assert_eq!(row.note.as_deref(), Some("Ticket 4711"));
    let shown = desk.ask("GET", page.location(), &cookie, "").await.text;
    assert!(
        shown.contains("Der Zugang ist entsperrt.")
            && shown.contains("Anrufer geprüft")
            && shown.contains("Ticket 4711")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn acts_touch_the_member_of_the_page_and_no_other() {
    let desk = Desk::on(STORE).await;
    let (muster, beispiel) = (desk.member("m.muster").await, desk.member("e.beispiel").await);
    let cookie = desk.session(Role::Desk).await;
    desk.tunnel("m.muster", 7).await;
    let now = desk.gateway.clock.now();
    let live = async || sessions::live(desk.gateway.database.read(), now).await.unwrap();
    let session = live().await[0].session_id.clone();

    let foreign = format!("/members/{beispiel}");
    let page = desk.ask("POST", &format!("{foreign}/end-session"), &cookie, &format!("session={session}")).await;
    assert_eq!(page.location(), format!("{foreign}?note=no-session"));
    let page = desk.ask("POST", &format!("{foreign}/token-lost"), &cookie, "serial=T-m.muster").await;
    assert_eq!(page.location(), format!("{foreign}?note=no-token"));
    let page = desk.ask("POST", &format!("{foreign}/token-lost"), &cookie, "serial=S-b.desk").await;
    assert_eq!(page.location(), format!("{foreign}?note=no-token"), "nor a token of the staff");
    assert_eq!(live().await.len(), 1);

    let own = format!("/members/{muster}");
    let page = desk.ask("POST", &format!("{own}/end-session"), &cookie, &format!("session={session}")).await;
    assert_eq!(page.location(), format!("{own}?note=session-ended"));
    assert!(live().await.is_empty());
    assert_eq!(desk.audited("session_ended").await[0].actor, "b.desk");

    desk.tunnel("m.muster", 8).await;
    let page = desk.ask("POST", &format!("{own}/token-lost"), &cookie, "serial=T-m.muster").await;
    assert_eq!(page.location(), format!("{own}?note=token-lost"));
    assert!(live().await.is_empty(), "a lost token ends the session");

    let page = desk.ask("POST", &format!("{own}/assign-token"), &cookie, "serial=STOCK-1").await;
    assert_eq!(page.location(), format!("{own}?note=token-assigned"));
    let page = desk.ask("POST", &format!("{foreign}/assign-token"), &cookie, "serial=STOCK-1").await;
    assert_eq!(page.location(), format!("{foreign}?note=not-in-stock"), "once");
    let page = desk.ask("POST", &format!("{foreign}/assign-token"), &cookie, "serial=T-m.muster").await;
    assert_eq!(page.location(), format!("{foreign}?note=not-in-stock"), "what is lost stays lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resynchronisation_is_counted_before_anything_is_compared() {
    let desk = Desk::on(STORE).await;
    let (id, cookie) = (desk.member("m.muster").await, desk.session(Role::Desk).await);
    let path = format!("/members/{id}/resync-token");
    let wrong = wrong_tan(MEMBERS_SEED);
    assert!(desk.ask("POST", &path, &cookie, "first=12&second=34").await.location().ends_with("tan-shape"));
    let form = format!("first={}&second={}", tan(MEMBERS_SEED, 60), tan(MEMBERS_SEED, 61));
    assert!(desk.ask("POST", &path, &cookie, &form).await.location().ends_with("in-step"));
    assert!(desk.ask("POST", &path, &cookie, &form).await.location().ends_with("not-in-step"), "spent");
    for _ in 0..3 {
        desk.ask("POST", &path, &cookie, &format!("first={wrong}&second={wrong}")).await;
    }
    assert!(!desk.is_locked("m.muster").await, "four: the right one is taken back");
    desk.ask("POST", &path, &cookie, &format!("first={wrong}&second={wrong}")).await;
    assert!(desk.is_locked("m.muster").await);
    let form = format!("first={}&second={}", tan(MEMBERS_SEED, 70), tan(MEMBERS_SEED, 71));
    assert!(desk.ask("POST", &path, &cookie, &form).await.location().ends_with("resync-locked"));
    assert_eq!(desk.audited("token_resynchronised").await[0].actor, "b.desk");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_let_in_by_another_person_than_brought_it() {
    let desk = Desk::on(STORE).await;
    let gateway = &desk.gateway;
    let bring = async |by: &str, serial: &str| {
        let hand = sign_in::hand(gateway, by, "192.0.2.0/24");
        let token = Provisioned {
            serial: serial.into(),
            kind: Kind::Hotp,
            hash: Hash::Sha1,
            digits: 6,
            period: 30,
            seed: Zeroizing::new(MEMBERS_SEED.to_vec()),
            counter: 0,
            drift: 0,
        };
        let mut write = gateway.database.write().await.unwrap();
        let import = import::bring(&mut write, hand, serial.as_bytes(), &[token]).await.unwrap();
        write.commit().await.unwrap();
        import.id
    };
    let cookie = desk.session(Role::TokenOfficer).await;
    let own = bring("b.token_officer", "NEW-1").await;
    let shown = desk.ask("GET", "/tokens", &cookie, "").await.text;
    assert!(
        shown.contains("NEW-1") && shown.contains("Sie haben diese Lieferung gebracht") && !shown.contains("/accept")
    );
    for what in ["accept", "refuse"] {
        let page = desk.ask("POST", &format!("/imports/{own}/{what}"), &cookie, "").await;
        assert_eq!(page.location(), "/tokens?note=own-import", "{what}");
    }
    let others = bring("a.admin", "NEW-2").await;
    assert_eq!(
        desk.ask("POST", &format!("/imports/{others}/accept"), &cookie, "").await.location(),
        "/tokens?note=accepted"
    );
    assert_eq!(
        desk.ask("POST", &format!("/imports/{others}/accept"), &cookie, "").await.location(),
        "/tokens?note=no-import"
    );
    let refused = bring("a.admin", "NEW-3").await;
    assert_eq!(
        desk.ask("POST", &format!("/imports/{refused}/refuse"), &cookie, "").await.location(),
        "/tokens?note=refused"
    );
    let stock = crate::members::stock(gateway.database.read(), 10).await.unwrap().0;
    assert_eq!(stock, ["NEW-2", "STOCK-1"]);
    let row = &desk.audited("tokens_accepted").await[0];
    assert_eq!((row.actor.as_str(), row.network.as_deref()), ("b.token_officer", Some("192.0.2.0/24")));
}
