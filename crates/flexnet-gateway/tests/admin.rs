//! `init` and `admin` as an administrator calls them: the real program, its command lines, its files.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests may fail like tests")]

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
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
    let mut child = Command::new(env!("CARGO_BIN_EXE_kv-flexnet-gateway"))
        .args(arguments)
        .env("USER", "b.desk")
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
    founded.json(&["account", "unlock", "m.muster"], "");
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
fn an_unlock_says_why_in_the_audit() {
    let founded = Founded::new();
    founded.add("m.muster");
    founded.json(&["account", "unlock", "m.muster", "--reason", " Ticket 4711: Rückruf in der Praxis "], "");
    for reason in ["", "  ", "two\nlines", "\u{1b}[2J", &"x".repeat(201)] {
        assert!(founded.refused(&["account", "unlock", "m.muster", "--reason", reason], "").contains("reason"));
    }
    founded.json(&["account", "unlock", "m.muster", "--reason", &"ß".repeat(200)], "");
    let details = founded.details("m.muster");
    let expected = [("account_added", ""), ("unlock", "was not locked: Ticket 4711: Rückruf in der Praxis")];
    assert_eq!(details[..2], expected.map(|(event, detail)| (event.into(), detail.into())));
    assert_eq!((details.len(), details[2].1.chars().count()), (3, "was not locked: ".len() + 200));
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
    let told = [("password_changed", ""), ("session_ended", "desk s1")];
    assert_eq!(founded.details("m.muster")[1..], told.map(|(event, detail)| (event.into(), detail.into())));
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
        &["account", "unlock", "niemand"][..],
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
