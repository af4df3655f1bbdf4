//! The command line itself: founding, refusals, what people and programs are shown.

use super::{Founded, founding, init, run};

#[test]
fn a_gateway_is_founded_once() {
    let founded = Founded::new();
    let before = std::fs::read(founded.folder.join("secrets.key")).unwrap();
    let again = init(&founded.folder);
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("holds something already"), "{again:?}");
    assert_eq!(std::fs::read(founded.folder.join("secrets.key")).unwrap(), before);
}

#[test]
fn a_gateway_is_not_founded_without_saying_whom_members_telephone() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("gateway");
    for (option, wrong) in [("--desk-phone", "94 32 99 00"), ("--desk-hours", "17:00")] {
        let line = founding(&folder);
        let place = line.iter().position(|word| word == option).unwrap();
        let without = [&line[..place], &line[place + 2..]].concat();
        let mut changed = line.clone();
        changed[place + 1] = wrong.into();
        for line in [without, changed] {
            let line: Vec<&str> = line.iter().map(String::as_str).collect();
            let refused = run(&line, "");
            assert_eq!(refused.status.code(), Some(2));
            assert!(String::from_utf8_lossy(&refused.stderr).contains(option), "{refused:?}");
            assert!(!folder.exists());
        }
    }
    assert!(init(&folder).status.success());
}

#[test]
fn what_cannot_be_is_said_and_changes_nothing() {
    let founded = Founded::new();
    founded.add("m.muster");
    let add = ["account", "add", "M.MUSTER", "--display-name", "x"];
    assert!(founded.refused(&add, "Praxis-Muster-2026\n").contains("already"));
    let add = ["account", "add", "kurz", "--display-name", "x"];
    assert!(founded.refused(&add, "kurz\n").contains("8 characters"));
    for unseen in ["", " ", "Dr.\nMuster", "Mus\u{ad}ter", "\u{3164}", &"x".repeat(129)] {
        let add = ["account", "add", "m.unsichtbar", "--display-name", unseen];
        assert!(founded.refused(&add, "Praxis-Muster-2026\n").contains("display name"), "{unseen:?}");
    }
    for name in [
        "<b>x",
        "Dr Böse",
        " m.rand",
        "m.rand ",
        "a\tb",
        "m.\u{7f}",
        "",
        "b\u{200b}c",
        "bo\u{308}se",
        "a/b",
        "a\"b",
        &"x".repeat(129),
    ] {
        let add = ["account", "add", name, "--display-name", "x"];
        assert!(founded.refused(&add, "Praxis-Muster-2026\n").contains("username: must have"), "{name:?}");
    }
    for line in [
        &["account", "unlock", "niemand", "--caller-verified", "--reason", "Rückruf"][..],
        &["account", "disable", "niemand"],
        &["token", "add", "niemand"],
        &["token", "lost", "KV0"],
        &["sessions", "end", "niemand"],
    ] {
        assert!(founded.refused(line, "").contains("there is no"), "{line:?}");
    }
    let seed = ["token", "add", "m.muster", "--seed-stdin"];
    assert!(founded.refused(&seed, "AAAA\n").contains("16 bytes"));
    assert!(founded.refused(&seed, "not base32!\n").contains("base32"));
    assert_eq!(founded.json(&["audit"], "").as_array().unwrap().len(), 1);
}

#[test]
fn names_that_members_have_are_taken() {
    let founded = Founded::new();
    for name in ["m.muster", "böse_2", "o'brien", "anna-lena+praxis@kv.example", "4711"] {
        founded.add(name);
    }
}

#[test]
fn a_broken_configuration_is_named() {
    let founded = Founded::new();
    let path = founded.folder.join("gateway.toml");
    let good = std::fs::read_to_string(&path).unwrap();
    for (from, to, said) in [
        ("mtu = 1420", "mtu = 100", "tunnel.mtu"),
        ("idle_seconds = 1800", "idle_seconds = 1", "idle_seconds"),
        ("min_client_version = \"0.1.0\"", "min_client_version = \"new\"", "min_client_version"),
        ("[api]", "[ap]", "gateway.toml"),
        ("pools = [\"10.200.0.0/16\"]", "pools = []", "tunnel.pools"),
    ] {
        assert!(good.contains(from), "{from}");
        std::fs::write(&path, good.replace(from, to)).unwrap();
        let told = founded.refused(&["audit"], "");
        assert!(told.contains(said), "{to}: {told}");
    }
}

#[test]
fn text_is_for_people() {
    let founded = Founded::new();
    founded.add("m.muster");
    let token = founded.admin(&["token", "add", "m.muster"], "");
    let token = String::from_utf8(token.stdout).unwrap();
    assert!(token.starts_with("serial KV") && token.contains("shown once"), "{token}");
    let list = String::from_utf8(founded.admin(&["account", "list"], "").stdout).unwrap();
    assert!(list.contains("m.muster  Dr. Martina Muster  active  5 attempts left"), "{list}");
    let audit = String::from_utf8(founded.admin(&["audit"], "").stdout).unwrap();
    assert!(audit.contains("account_added") && audit.contains("b.desk"), "{audit}");
}

#[test]
fn an_empty_list_says_so() {
    let founded = Founded::new();
    for (line, said) in [
        (&["account", "list"][..], "no accounts"),
        (&["staff", "list"], "no staff"),
        (&["sessions"], "no live sessions"),
        (&["audit"], "no rows"),
        (&["token", "list"], "no tokens"),
        (&["token", "stock"], "no tokens in stock"),
        (&["token", "imports"], "no imports wait"),
    ] {
        assert_eq!(String::from_utf8(founded.admin(line, "").stdout).unwrap(), format!("{said}\n"), "{line:?}");
    }
    let keys = String::from_utf8(founded.admin(&["keys", "status"], "").stdout).unwrap();
    assert!(keys.lines().count() == 1 && keys.contains("seals, and opens 0 values"), "{keys}");
}
