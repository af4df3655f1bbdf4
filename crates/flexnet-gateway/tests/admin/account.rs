//! Accounts of members and of staff, and what of them goes on: sessions, unlocks, passwords, the erasing of a person.

use argon2::PasswordVerifier as _;
use serde_json::Value;

use super::Founded;

#[test]
fn an_account_with_its_tokens_from_beginning_to_end() {
    let founded = Founded::new();
    founded.add("m.muster");
    let hotp = founded.json(&["token", "add", "m.muster"], "");
    let totp =
        founded.json(&["token", "add", "m.muster", "--kind", "totp", "--digits", "8", "--algorithm", "sha256"], "");
    assert_eq!((&hotp["kind"], &totp["kind"], &totp["digits"]), (&"hotp".into(), &"totp".into(), &8.into()));
    let seed = data_encoding::BASE32_NOPAD.decode(hotp["seed"].as_str().unwrap().as_bytes()).unwrap();
    assert_eq!(seed.len(), 20);
    let given = ["token", "add", "m.muster", "--serial", "FT-1", "--seed-stdin"];
    let given = founded.json(&given, "gezd gnbv gy3t qojq gezd gnbv gy3t qojq\n");
    assert_eq!(
        (&given["serial"], &given["seed"]),
        (&"FT-1".into(), &Value::Null),
        "a seed that was typed is not shown"
    );

    let serial = hotp["serial"].as_str().unwrap();
    founded.json(&["token", "lost", serial], "");
    founded.json(&["account", "disable", "M.Muster"], "");
    let list = founded.json(&["account", "list"], "");
    let account = &list[0];
    assert_eq!((&account["username"], &account["state"]), (&"m.muster".into(), &"disabled".into()));
    assert_eq!((&account["locked"], &account["attempts_left"]), (&false.into(), &5.into()));
    assert_eq!(account["tokens"].as_array().unwrap().len(), 3);
    assert_eq!(account["tokens"][0]["state"], "lost");
    founded.json(&["account", "enable", "m.muster"], "");
    founded.json(&["account", "unlock", "m.muster", "--caller-verified", "--reason", "Rückruf"], "");
    assert_eq!(founded.json(&["sessions"], ""), Value::Array(vec![]));
    founded.json(&["sessions", "end", "m.muster"], "");

    let audit = founded.json(&["audit", "--username", "m.muster"], "");
    let events: Vec<_> = audit.as_array().unwrap().iter().map(|row| row["event"].as_str().unwrap()).collect();
    let expected = ["account_added", "token_added", "token_added", "token_added", "token_lost"];
    assert_eq!(events, [&expected[..], &["account_disabled", "account_enabled", "unlock"]].concat());
    assert!(audit.as_array().unwrap().iter().all(|row| row["actor"] == "b.desk"));
    assert!(!audit.to_string().contains(hotp["seed"].as_str().unwrap()));
}

#[test]
fn an_unlock_says_why_and_that_the_caller_was_verified() {
    let founded = Founded::new();
    founded.add("m.muster");
    let unlock = ["account", "unlock", "m.muster", "--caller-verified", "--reason"];
    founded.json(&[&unlock[..], &[" Ticket 4711: Rückruf in der Praxis "]].concat(), "");
    for reason in ["", "  ", "two\nlines", "\u{1b}[2J", &"x".repeat(201)] {
        assert!(founded.refused(&[&unlock[..], &[reason]].concat(), "").contains("reason"));
    }
    founded.json(&[&unlock[..], &[&"ß".repeat(200)]].concat(), "");
    for line in [&unlock[..4], &["account", "unlock", "m.muster", "--reason", "Rückruf"]] {
        assert_eq!(founded.admin(line, "").status.code(), Some(2), "{line:?}: neither is left out");
    }
    let rows = founded.json(&["audit", "--username", "m.muster"], "");
    assert_eq!(rows.as_array().unwrap().len(), 3);
    assert_eq!((&rows[1]["event"], &rows[1]["detail"]), (&"unlock".into(), &"was not locked: caller verified".into()));
    assert_eq!(rows[1]["note"], "Ticket 4711: Rückruf in der Praxis");
}

#[test]
fn a_new_password_comes_from_standard_input_and_stands_nowhere() {
    let founded = Founded::new();
    founded.add("m.muster");
    founded.begin_session("m.muster");
    let before = founded.password("m.muster");
    assert!(founded.refused(&["account", "password", "m.muster"], "kurz\n").contains("8 characters"));
    assert!(founded.refused(&["account", "password", "m.muster"], "").contains("8 characters"));
    assert!(founded.refused(&["account", "password", "niemand"], "Praxis-Neu-2027\n").contains("there is no"));
    assert_eq!(founded.password("m.muster"), before);
    assert_eq!(founded.json(&["sessions"], "")[0]["session_id"], "s1");
    let output = founded.admin(&["account", "password", "M.Muster"], "Praxis-Neu-2027\n");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "m.muster: password changed\n");
    let after = founded.password("m.muster");
    let hash = argon2::PasswordHash::new(&after).unwrap();
    argon2::Argon2::default().verify_password(b"Praxis-Neu-2027", &hash).unwrap();
    assert_eq!(founded.json(&["sessions"], ""), Value::Array(vec![]), "who knew the old one is out");
    let told = [("session_ended", "desk s1"), ("password_changed", "")];
    assert_eq!(founded.details("m.muster")[1..], told.map(|(event, detail)| (event.into(), detail.into())));
}

#[test]
fn staff_are_added_with_a_role_and_a_token_and_never_by_the_console() {
    let founded = Founded::new();
    let add = ["staff", "add", "B.Desk", "--display-name", "Bea Desk", "--role", "desk"];
    assert_eq!(founded.json(&add, "Konsole-Muster-2026\n")["username"], "b.desk");
    assert!(founded.refused(&add, "Konsole-Muster-2026\n").contains("already"));
    assert_eq!(
        founded.admin(&["staff", "add", "x", "--display-name", "x", "--role", "root"], "").status.code(),
        Some(2)
    );
    let token = founded.json(&["staff", "token", "b.desk"], "");
    assert!(token["seed"].as_str().unwrap().len() >= 26);
    let list = founded.json(&["staff", "list"], "");
    let person = &list[0];
    assert_eq!(
        (&person["role"], &person["state"], &person["locked"]),
        (&"desk".into(), &"active".into(), &false.into())
    );
    assert_eq!((&person["attempts_left"], &person["tokens"][0]), (&5.into(), &token["serial"]));
    founded.json(&["staff", "disable", "b.desk"], "");
    founded.json(&["staff", "enable", "b.desk"], "");
    founded.json(&["staff", "unlock", "b.desk", "--reason", "Ausweis gesehen"], "");
    founded.json(&["staff", "password", "b.desk"], "Konsole-Neu-2027\n");
    founded.json(&["token", "lost", token["serial"].as_str().unwrap()], "");
    assert_eq!(founded.json(&["staff", "list"], "")[0]["tokens"], Value::Array(vec![]));
    assert!(founded.refused(&["staff", "token", "b.desk", "--from-stock", "KV0"], "").contains("there is no"));
    assert!(founded.refused(&["staff", "unlock", "niemand"], "").contains("there is no"));
    let events: Vec<_> = founded.details("b.desk").into_iter().map(|(event, _)| event).collect();
    let expected =
        ["staff_added", "token_added", "staff_disabled", "staff_enabled", "staff_unlock", "staff_password_changed"];
    assert_eq!(events, [&expected[..], &["token_lost"]].concat());
    assert_eq!(founded.json(&["account", "list"], ""), Value::Array(vec![]), "staff are no members");
}

#[test]
fn a_session_is_ended_by_its_id_as_well() {
    let founded = Founded::new();
    founded.add("m.muster");
    founded.begin_session("m.muster");
    assert_eq!(founded.json(&["sessions", "end", "--session", "s1"], "")["username"], "m.muster");
    assert_eq!(founded.json(&["sessions"], ""), Value::Array(vec![]));
    assert_eq!(founded.details("m.muster")[1], ("session_ended".into(), "desk s1".into()));
    for id in ["s1", "-another"] {
        assert!(founded.refused(&["sessions", "end", "--session", id], "").contains("there is no live session"));
    }
}

#[test]
fn an_erased_person_is_nowhere_and_the_audit_verifies() {
    let founded = Founded::new();
    founded.add("m.muster");
    founded.begin_session("m.muster");
    founded.json(&["token", "add", "m.muster", "--serial", "A1"], "");
    founded.json(&["account", "unlock", "m.muster", "--caller-verified", "--reason", "Frau Muster rief an"], "");
    assert!(founded.refused(&["account", "erase", "m.muster"], "").contains("must be disabled"));
    founded.json(&["account", "disable", "m.muster"], "");
    founded.json(&["account", "erase", "M.Muster"], "");
    let audit = founded.json(&["audit"], "").to_string();
    assert!(!audit.contains("m.muster") && !audit.contains("Frau Muster"), "{audit}");
    founded.json(&["audit", "verify"], "");
    assert_eq!(founded.json(&["account", "list"], ""), Value::Array(vec![]));
    assert_eq!(founded.json(&["token", "list"], "")[0]["state"], "withdrawn");
    founded.in_database(async |database| {
        sqlx::query("VACUUM").execute(database).await.unwrap();
    });
    let database = std::fs::read(founded.folder.join("gateway.sqlite")).unwrap();
    assert!(!database.windows(8).any(|window| window == b"m.muster"));
}
