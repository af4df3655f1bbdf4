//! `init` and `admin` as an administrator calls them: the real program, its command lines, its files.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests may fail like tests")]

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;

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
