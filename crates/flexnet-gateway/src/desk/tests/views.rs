//! Who sees what, and what nobody does.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn every_route_is_open_to_its_roles_and_to_nobody_else() {
    let desk = Desk::on(STORE).await;
    let member = desk.member("m.muster").await;
    desk.lock("m.muster").await;
    let report = desk.report(1, "KVF-102-9").await;
    for (method, path, access) in ROUTES {
        let path = path.replace("{id}", &member.to_string()).replace("{number}", &report);
        for role in [None, Some(Role::Desk), Some(Role::TokenOfficer), Some(Role::Auditor)] {
            let cookie = match role {
                Some(role) => desk.session(role).await,
                None => String::new(),
            };
            let page = desk.ask(method, &path, &cookie, "").await;
            let case = format!("{method} {path} as {role:?}: {} {}", page.status, page.location());
            match (access, role) {
                (Access::Roles(_), None) => assert_eq!((page.status, page.location()), (303, "/sign-in"), "{case}"),
                (Access::Roles(roles), Some(role)) if !roles.contains(&role) => {
                    assert_eq!(page.status, 403, "{case}");
                    assert!(page.text.contains("Dafür ist Ihre Rolle nicht zuständig"), "{case}");
                }
                (Access::Roles(_) | Access::Everybody, _) => {
                    assert!(![403, 404, 405, 500, 501, 503].contains(&page.status), "{case}");
                    assert!(path == "/sign-out" || page.location() != "/sign-in", "{case}");
                }
            }
        }
    }
    assert!(desk.is_locked("m.muster").await, "an empty form unlocks nobody");
    for (method, path) in
        [("GET", "/members"), ("GET", "/admin"), ("PUT", "/"), ("DELETE", "/members/1"), ("POST", "/audit")]
    {
        let page = desk.ask(method, path, &desk.session(Role::Desk).await, "").await;
        assert!([404, 405].contains(&page.status), "{method} {path}: {}", page.status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn members_are_found_by_name_address_and_lock() {
    let desk = Desk::on(STORE).await;
    let cookie = desk.session(Role::Auditor).await;
    desk.tunnel("e.beispiel", 9).await;
    desk.lock("m.muster").await;
    let found = async |query: &str| {
        let text = desk.ask("GET", &format!("/?{query}"), &cookie, "").await.text;
        (text.contains("Dr. Martina Muster"), text.contains("Dr. Erik Özdemir"))
    };
    assert_eq!(found("q=dr.").await, (true, true));
    assert_eq!(found("q=MUST").await, (true, false));
    assert_eq!(found("q=%C3%B6zde").await, (false, true), "an umlaut is a letter");
    assert_eq!(found("q=10.200.0.9").await, (false, true));
    assert_eq!(found("state=locked").await, (true, false));
    assert_eq!(found("q=d").await, (false, false), "too little");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_tells_a_secret() {
    let desk = Desk::on(STORE).await;
    let (bearer, preshared) = desk.tunnel("m.muster", 7).await;
    desk.lock("m.muster").await;
    desk.sign_in("b.desk", PASSWORD, &tan(SEED, 0)).await;
    let mut secrets: Vec<String> =
        vec![PASSWORD.into(), "argon2".into(), bearer.expose().into(), preshared.to_base64()];
    for bytes in [&SEED[..], MEMBERS_SEED, preshared.bytes(), &sha256(&[bearer.expose().as_bytes()])] {
        let encodings = [data_encoding::HEXLOWER.encode(bytes), data_encoding::BASE64.encode(bytes)];
        secrets.extend(encodings.into_iter().chain([data_encoding::BASE32_NOPAD.encode(bytes)]));
    }
    secrets.extend([&SEED[..], MEMBERS_SEED].map(|seed| String::from_utf8(seed.to_vec()).unwrap()));
    let spent = tan(SEED, 0);
    let id = desk.member("m.muster").await;
    for role in Role::ALL {
        let cookie = desk.session(role).await;
        let paths = ["/", "/?q=dr.", "/?state=locked", "/report", "/reports", "/tokens", "/audit", "/audit/verify"];
        for path in paths.map(String::from).into_iter().chain([format!("/members/{id}")]) {
            let page = desk.ask("GET", &path, &cookie, "").await;
            for secret in secrets.iter().chain([&spent, &cookie]) {
                assert!(!page.text.contains(secret.as_str()), "{path} as {role:?} tells {secret}");
            }
        }
    }
    let page = desk.sign_in("b.desk", "Falsch-Muster-2026", "987654").await;
    assert!(!page.text.contains("Falsch-Muster-2026") && !page.text.contains("987654"), "what was typed stays away");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_auditor_filters_and_verifies() {
    let desk = Desk::on(STORE).await;
    let cookie = desk.session(Role::Auditor).await;
    let desks = desk.session(Role::Desk).await;
    let id = desk.member("m.muster").await;
    for form in ["reason=eins&verified=yes", "reason=zwei&verified=yes"] {
        desk.ask("POST", &format!("/members/{id}/unlock"), &desks, form).await;
    }
    let rows = async |query: &str| {
        desk.ask("GET", &format!("/audit?{query}"), &cookie, "").await.text.matches("Zugang entsperrt<").count()
    };
    // One is the filter's own option.
    assert_eq!(rows("").await - 1, 2);
    assert_eq!(rows("event=unlock&subject=M.Muster&actor=b.desk").await - 1, 2);
    assert_eq!(rows("event=lock").await - 1, 0);
    assert_eq!(rows("from=2020-01-01&to=2020-01-31").await - 1, 0);
    let newest = desk.audited("unlock").await[1].number;
    assert_eq!(rows(&format!("before={newest}")).await - 1, 1);
    assert!(desk.ask("GET", "/audit/verify", &cookie, "").await.text.contains("Die Kette ist unversehrt."));
    let mut write = desk.gateway.database.write().await.unwrap();
    sqlx::query("UPDATE audit SET actor = 'x' WHERE number = $1").bind(newest).execute(&mut *write).await.unwrap();
    write.commit().await.unwrap();
    let broken = desk.ask("GET", "/audit/verify", &cookie, "").await.text;
    assert!(broken.contains(&format!("Zeile {newest} wurde geändert.")), "{broken}");
}
