//! Upgrades, maintenance, clock and restore.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{Founded, run};

#[test]
fn a_check_leaves_an_older_database_as_it_is_and_whoever_opens_it_next_brings_it_up_to_date() {
    let founded = Founded::new();
    let file = founded.folder.join("gateway.sqlite");
    std::fs::write(&file, b"").unwrap();
    founded.in_database(async |database| {
        sqlx::raw_sql(include_str!("../../migrations/sqlite/0001_start.sql")).execute(&mut *database).await.unwrap();
        sqlx::raw_sql("PRAGMA user_version = 1").execute(database).await.unwrap();
    });
    let config = founded.folder.join("gateway.toml").display().to_string();
    let checked = run(&["check", "--config", &config], "");
    let told = String::from_utf8(checked.stdout).unwrap();
    assert!(told.contains("the next start brings its schema from version 1 to 3"), "{told}");
    let version = founded.in_database(async |database| {
        sqlx::query_scalar::<_, i64>("PRAGMA user_version").fetch_one(database).await.unwrap()
    });
    assert_eq!(version, 1, "a check changes nothing");
    founded.add("m.muster");
    assert_eq!(founded.details("m.muster").len(), 1, "the audit goes on behind a sealed end");
    assert!(founded.admin(&["audit", "verify"], "").status.success());
}

#[test]
fn maintenance_is_shown_and_never_announced_for_a_time_that_is_over() {
    let founded = Founded::new();
    assert_eq!(founded.json(&["maintenance", "show"], "")["all"], serde_json::json!({ "on": false, "until": null }));
    let past = founded.refused(&["maintenance", "on", "--until", "2025-12-01T06:00:00+01:00"], "");
    assert!(past.contains("2025-12-01T05:00:00Z is over: it is "), "{past}");
    founded.json(&["maintenance", "on", "--until", "2099-12-01T06:00:00+01:00"], "");
    let shown = founded.json(&["maintenance", "show"], "");
    assert_eq!(shown["all"], serde_json::json!({ "on": true, "until": 4_099_784_400_i64 }));
    assert_eq!(shown["here"]["on"], false, "its own configuration says nothing");
    let text = String::from_utf8(founded.admin(&["maintenance", "show"], "").stdout).unwrap();
    assert!(text.contains("all gateways over this database: on until 2099-12-01T05:00:00Z"), "{text}");
    founded.json(&["maintenance", "off"], "");
    assert_eq!(founded.json(&["maintenance", "show"], "")["all"]["on"], false);
    assert_eq!(founded.json(&["audit"], "").as_array().unwrap().len(), 2);
}

#[test]
fn a_clock_that_ran_ahead_is_forgiven_by_word_only() {
    let founded = Founded::new();
    founded.add("m.muster");
    assert!(founded.refused(&["clock", "accept", "--reason", "NTP"], "").contains("no row"));
    // The time is part of the row's hash: as a wrong clock would have written it, only the index is wrong here.
    founded.in_database(async |database| {
        sqlx::query("UPDATE audit SET at = at + 86400").execute(database).await.unwrap();
    });
    let ahead = founded.json(&["clock", "accept", "--reason", "NTP war falsch"], "")["ahead_seconds"].as_i64().unwrap();
    assert!((86_000..86_401).contains(&ahead), "{ahead}");
    let latest = "SELECT max(at) FROM audit WHERE number > (SELECT CAST(value AS BIGINT) FROM setting WHERE name = 'clock_accepted')";
    let now: i64 = founded.in_database(async |database| sqlx::query_scalar(latest).fetch_one(database).await.unwrap());
    assert!(now < 9_999_999_999);
}

#[test]
fn after_a_restore_everything_open_is_closed() {
    let founded = Founded::new();
    founded.add("m.muster");
    founded.begin_session("m.muster");
    founded.json(&["token", "add", "m.muster"], "");
    let done = founded.json(&["after-restore", "--hotp-jump", "30"], "");
    assert_eq!((&done["sessions_ended"], &done["hotp"], &done["hotp_jump"]), (&1.into(), &1.into(), &30.into()));
    assert_eq!(done["foreign_tans_unknown"], false);
    assert_eq!(founded.json(&["sessions"], ""), Value::Array(vec![]));
    let last = || {
        founded.in_database(async |database| {
            sqlx::query_scalar::<_, i64>("SELECT last FROM token").fetch_one(database).await.unwrap()
        })
    };
    assert_eq!(last(), 29);
    let again = founded.refused(&["after-restore", "--hotp-jump", "30"], "");
    assert!(again.contains("remembers that it was done at 2") && again.contains("nothing was done now"), "{again}");
    assert_eq!(last(), 29, "one restore, one jump");
    founded.json(&["after-restore", "--hotp-jump", "30", "--another-restore"], "");
    assert_eq!(last(), 59);
    founded.json(&["audit", "verify"], "");
}

#[test]
fn after_a_restore_nothing_is_done_while_a_gateway_lives() {
    let founded = Founded::new();
    founded.add("m.muster");
    founded.in_database(async |database| {
        sqlx::query("INSERT INTO gateway (name, started, seen) VALUES ('gw-1', 1, 1)").execute(database).await.unwrap();
    });
    let over = AtomicBool::new(false);
    let told = std::thread::scope(|scope| {
        scope.spawn(|| {
            // What a gateway does once in five seconds; its clock is years behind.
            let begun = Instant::now();
            while !over.load(Ordering::SeqCst) && begun.elapsed() < Duration::from_secs(60) {
                founded.in_database(async |database| {
                    sqlx::query("UPDATE gateway SET seen = seen + 1").execute(database).await.unwrap();
                });
            }
        });
        let told = founded.refused(&["after-restore"], "");
        over.store(true, Ordering::SeqCst);
        told
    });
    assert!(told.contains("gw-1") && told.contains("stop every gateway"), "{told}");
    founded.json(&["after-restore", "--gateways-are-stopped"], "");
}

#[test]
fn reports_are_listed_for_people_and_for_programs() {
    let founded = Founded::new();
    assert_eq!(founded.json(&["reports", "list"], ""), serde_json::json!([]));
    assert!(founded.refused(&["reports", "show", "12345"], "").contains("no report 12345"));
    assert!(founded.refused(&["reports", "delete", "12345"], "").contains("no report 12345"));
    let insert = "INSERT INTO report (hash, number, code, key, verdict, received, until, size, body) \
                  VALUES (x'01', 12345, 'HW77-C9CC', x'02', 'KVF-102-9', 1790000000, 9999999999, 7, x'03')";
    founded.in_database(async |database| sqlx::query(insert).execute(database).await.unwrap());
    let list = founded.json(&["reports", "list"], "");
    assert_eq!((&list[0]["number"], &list[0]["check_code"]), (&"12345".into(), &"HW77-C9CC".into()));
    assert_eq!((&list[0]["verdict"], &list[0]["size"]), (&"KVF-102-9".into(), &7.into()));
    let text = String::from_utf8(founded.admin(&["reports", "list"], "").stdout).unwrap();
    assert!(text.starts_with("12345  HW77-C9CC  KVF-102-9  2026-"), "{text}");
    assert!(
        founded.refused(&["reports", "show", "12345"], "").contains("sealed value was changed"),
        "it was not sealed"
    );
}
