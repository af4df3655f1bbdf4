//! `init` and `admin` as an administrator calls them: the real program, its command lines, its files.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests may fail like tests")]

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use argon2::PasswordVerifier as _;
use serde_json::Value;
use sqlx::Connection as _;

struct Founded {
    _dir: tempfile::TempDir,
    folder: PathBuf,
}

impl Founded {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("gateway");
        let output = init(&folder);
        assert!(output.status.success(), "{output:?}");
        Self { _dir: dir, folder }
    }

    fn admin(&self, arguments: &[&str], input: &str) -> Output {
        let config = self.folder.join("gateway.toml").display().to_string();
        run(&[&["admin", "--config", &config], arguments].concat(), input)
    }

    fn json(&self, arguments: &[&str], input: &str) -> Value {
        let output = self.admin(&[arguments, &["--json"]].concat(), input);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn refused(&self, arguments: &[&str], input: &str) -> String {
        let output = self.admin(arguments, input);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
        assert!(output.stdout.is_empty());
        String::from_utf8(output.stderr).unwrap()
    }

    /// The stored hash of a member's password.
    fn password(&self, username: &str) -> String {
        let select = sqlx::query_scalar("SELECT password FROM account WHERE username = ?1").bind(username.to_owned());
        self.in_database(async |database| select.fetch_one(database).await.unwrap())
    }

    /// A session as a sign-in leaves it.
    fn begin_session(&self, username: &str) {
        let insert = "INSERT INTO session (name, account, token_hash, public_key, preshared_key, addresses, network, started, last_active, absolute_end, failures_before) \
                      SELECT 's1', id, x'01', x'02', x'03', '10.200.0.2', '203.0.113.0/24', 1, 1, 9999999999, 0 FROM account WHERE username = ?1";
        let insert = sqlx::query(insert).bind(username.to_owned());
        self.in_database(async |database| insert.execute(database).await.unwrap());
    }

    fn in_database<T>(&self, statement: impl AsyncFnOnce(&mut sqlx::SqliteConnection) -> T) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let file = self.folder.join("gateway.sqlite").display().to_string();
            let mut database = sqlx::SqliteConnection::connect(&file).await.unwrap();
            let answer = statement(&mut database).await;
            database.close().await.unwrap();
            answer
        })
    }

    /// What the audit says about a name: events with their details.
    fn details(&self, username: &str) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let audit = self.json(&["audit", "--username", username], "");
        audit.as_array().unwrap().iter().map(|row| (text(&row["event"]), text(&row["detail"]))).collect()
    }

    fn add(&self, username: &str) {
        let line = ["account", "add", username, "--display-name", "Dr. Martina Muster"];
        assert_eq!(self.json(&line, "Praxis-Muster-2026\n")["username"], username);
    }
}

fn init(folder: &Path) -> Output {
    let folder = folder.display().to_string();
    let mut line = vec!["init", "--dir", &folder, "--name", "flexnet.example", "--organisation", "Muster-KV"];
    line.extend(["--api", "203.0.113.10:443", "--endpoint", "203.0.113.10:51820", "--pool", "10.200.0.0/16"]);
    line.extend(["--portal-url", "http://portal.snk.example/", "--portal-network", "10.210.0.0/24"]);
    line.extend(["--portal-address", "10.210.0.10:80", "--dns", "10.210.0.53", "--dns-domain", "snk.example"]);
    run(&line, "")
}

fn run(arguments: &[&str], input: &str) -> Output {
    run_as("b.desk", arguments, input)
}

fn run_as(user: &str, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kv-flexnet-gateway"))
        .args(arguments)
        .env("USER", user)
        .env_remove("SUDO_USER")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses before it reads closes the pipe.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

#[test]
fn a_check_leaves_an_older_database_as_it_is_and_whoever_opens_it_next_brings_it_up_to_date() {
    let founded = Founded::new();
    let file = founded.folder.join("gateway.sqlite");
    std::fs::write(&file, b"").unwrap();
    founded.in_database(async |database| {
        sqlx::raw_sql(include_str!("../migrations/sqlite/0001_start.sql")).execute(&mut *database).await.unwrap();
        sqlx::raw_sql("PRAGMA user_version = 1").execute(database).await.unwrap();
    });
    let config = founded.folder.join("gateway.toml").display().to_string();
    let checked = run(&["check", "--config", &config], "");
    let told = String::from_utf8(checked.stdout).unwrap();
    assert!(told.contains("the next start brings its schema from version 1 to 2"), "{told}");
    let version = founded.in_database(async |database| {
        sqlx::query_scalar::<_, i64>("PRAGMA user_version").fetch_one(database).await.unwrap()
    });
    assert_eq!(version, 1, "a check changes nothing");
    founded.add("m.muster");
    assert_eq!(founded.details("m.muster").len(), 1, "the audit goes on behind a sealed end");
    assert!(founded.admin(&["audit", "verify"], "").status.success());
}

#[test]
fn a_gateway_is_founded_once() {
    let founded = Founded::new();
    let before = std::fs::read(founded.folder.join("secrets.key")).unwrap();
    let again = init(&founded.folder);
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("exists already"), "{again:?}");
    assert_eq!(std::fs::read(founded.folder.join("secrets.key")).unwrap(), before);
}

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
fn what_cannot_be_is_said_and_changes_nothing() {
    let founded = Founded::new();
    founded.add("m.muster");
    let add = ["account", "add", "M.MUSTER", "--display-name", "x"];
    assert!(founded.refused(&add, "Praxis-Muster-2026\n").contains("already"));
    let add = ["account", "add", "kurz", "--display-name", "x"];
    assert!(founded.refused(&add, "kurz\n").contains("8 characters"));
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
