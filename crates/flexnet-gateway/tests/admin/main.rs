//! `init` and `admin` as an administrator calls them: the real program, its command lines, its files.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests may fail like tests")]

mod account;
mod command;
mod custody;
mod operations;

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

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
    let line = founding(folder);
    run(&line.iter().map(String::as_str).collect::<Vec<_>>(), "")
}

/// The command line that founds a gateway.
fn founding(folder: &Path) -> Vec<String> {
    let folder = folder.display().to_string();
    let mut line = vec!["init", "--dir", &folder, "--name", "flexnet.example", "--organisation", "Muster-KV"];
    line.extend(["--api", "203.0.113.10:443", "--endpoint", "203.0.113.10:51820", "--pool", "10.200.0.0/16"]);
    line.extend(["--portal-url", "http://portal.snk.example/", "--portal-network", "10.210.0.0/24"]);
    line.extend(["--portal-address", "10.210.0.10:80", "--dns", "10.210.0.53", "--dns-domain", "snk.example"]);
    line.extend(["--desk-phone", "0231 94 32 99 00", "--desk-hours", "mon-fri 08:00-17:00"]);
    line.into_iter().map(str::to_owned).collect()
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
