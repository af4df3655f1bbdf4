//! Tokens, keys and the audit: what several people or a look from outside watch over.

use serde_json::Value;

use super::{Founded, run_as};

#[test]
fn tokens_come_by_a_file_of_one_person_and_the_yes_of_another() {
    let founded = Founded::new();
    founded.add("m.muster");
    let file = founded.folder.join("tokens.csv");
    std::fs::write(&file, "serial,kind,seed_hex\nA1,hotp,3132333435363738393031323334353637383930\nA2,hotp,313233\n")
        .unwrap();
    let path = file.display().to_string();
    let told = founded.refused(&["token", "import", &path], "");
    assert!(told.contains("none was") && told.contains("line 3") && !told.contains("313233"), "{told}");
    assert_eq!(founded.json(&["token", "imports"], ""), Value::Array(vec![]));
    std::fs::write(&file, "serial,kind,seed_hex\nA1,hotp,3132333435363738393031323334353637383930\n").unwrap();
    let id = founded.json(&["token", "import", &path], "")["id"].to_string();
    let waiting = founded.json(&["token", "imports"], "");
    assert_eq!((&waiting[0]["brought_by"], &waiting[0]["tokens"][0]["serial"]), (&"b.desk".into(), &"A1".into()));
    for judge in ["accept", "refuse"] {
        let told = founded.refused(&["token", judge, &id], "");
        assert!(told.contains("was brought by b.desk, and you are b.desk: another person"), "{told}");
    }
    assert_eq!(founded.json(&["token", "stock"], ""), Value::Array(vec![]));
    let config = founded.folder.join("gateway.toml").display().to_string();
    let accepted = run_as("b.other", &["admin", "--config", &config, "token", "accept", &id], "");
    assert!(accepted.status.success(), "{accepted:?}");
    assert_eq!(founded.json(&["token", "stock"], "")[0]["serial"], "A1");
    founded.json(&["token", "assign", "A1", "m.muster"], "");
    founded.begin_session("m.muster");
    founded.json(&["token", "withdraw", "A1"], "");
    assert_eq!(founded.json(&["sessions"], ""), serde_json::json!([]), "what was opened with it ends");
    let list = founded.json(&["token", "list"], "");
    assert_eq!((&list[0]["state"], &list[0]["owner"]), (&"withdrawn".into(), &"m.muster".into()));
    assert!(founded.refused(&["token", "import", &path], "").contains("A1"), "a serial number comes in once");
}

#[test]
fn keys_are_rotated_and_never_shown() {
    let founded = Founded::new();
    founded.add("m.muster");
    founded.json(&["token", "add", "m.muster"], "");
    let file = founded.folder.join("secrets.key");
    let before = std::fs::read_to_string(&file).unwrap();
    let status = founded.json(&["keys", "status"], "");
    assert_eq!((&status[0]["seals"], &status[0]["values"]), (&true.into(), &1.into()));
    let rotated = founded.json(&["keys", "rotate"], "");
    assert_eq!((&rotated["resealed"], &rotated["damaged"], &rotated["dropped"]), (&1.into(), &0.into(), &1.into()));
    let after = std::fs::read_to_string(&file).unwrap();
    let line = |text: &str, word: &str| text.lines().find(|line| line.starts_with(word)).unwrap().to_owned();
    assert_eq!(line(&before, "hash"), line(&after, "hash"));
    assert_ne!(line(&before, "seal"), line(&after, "seal"));
    assert!(!rotated.to_string().contains(line(&after, "seal").split(' ').nth(1).unwrap()));
    assert_eq!(founded.json(&["keys", "status"], "")[0]["key"], rotated["key"]);
    std::fs::write(&file, before).unwrap();
    assert!(founded.refused(&["keys", "status"], "").contains("copy the file of another gateway here"));
}

#[test]
fn the_audit_is_verified_from_outside_and_an_old_copy_is_told() {
    let founded = Founded::new();
    founded.add("m.muster");
    let sound = founded.json(&["audit", "verify"], "");
    assert_eq!((&sound["rows"], &sound["number"]), (&1.into(), &1.into()));
    let database = founded.folder.join("gateway.sqlite");
    founded.in_database(async |database| {
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(database).await.unwrap();
    });
    let copy = std::fs::read(&database).unwrap();
    founded.json(&["token", "add", "m.muster"], "");
    let head = founded.json(&["audit", "head"], "")["head"].as_str().unwrap().to_owned();
    assert!(head.starts_with("2:"), "{head}");
    founded.json(&["audit", "verify", "--expect", &head], "");
    let now = std::fs::read(&database).unwrap();
    std::fs::write(&database, copy).unwrap();
    founded.json(&["audit", "verify"], "");
    assert!(founded.refused(&["audit", "verify", "--expect", &head], "").contains("row 2 is not in the audit"));
    std::fs::write(&database, now).unwrap();
    founded.in_database(async |database| {
        sqlx::query("UPDATE audit SET actor = 'nobody' WHERE number = 1").execute(database).await.unwrap();
    });
    assert!(founded.refused(&["audit", "verify"], "").contains("row 1 was changed"));
    founded.in_database(async |database| {
        sqlx::query("DELETE FROM audit WHERE number = 2").execute(&mut *database).await.unwrap();
        let head = "UPDATE audit_head SET number = 1, hash = (SELECT hash FROM audit WHERE number = 1)";
        sqlx::query(head).execute(database).await.unwrap();
    });
    assert!(
        founded.refused(&["token", "add", "m.muster"], "").contains("changed from outside"),
        "nothing goes on over it"
    );
    founded.json(&["audit", "reseal", "--reason", "Festplatte ersetzt"], "");
    founded.json(&["token", "add", "m.muster"], "");
    assert!(
        founded.refused(&["audit", "verify"], "").contains("row 1 was changed"),
        "what was found stays to be found"
    );
}
