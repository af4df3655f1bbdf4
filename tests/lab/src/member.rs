//! Members: accounts with a password and a token, made by the admin commands. Their TANs come from Debian's oathtool.
//! Nothing of the product computes a TAN here.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::{World, command::run};

/// A member with a password and a token. The token counts presses, as a real one does (HOTP), or reads the clock (TOTP).
#[derive(Debug)]
pub struct Member {
    /// User name of meine KVid.
    pub username: String,
    /// How the KV greets them.
    pub display_name: String,
    /// Password of meine KVid.
    pub password: String,
    /// The token's seed, base32.
    pub seed: String,
    /// The token's serial number.
    pub serial: String,
    presses: u64,
    wrong: u32,
}

impl Member {
    /// The next TAN of an event-based token, from Debian's oathtool.
    ///
    /// # Errors
    /// There is no oathtool.
    pub fn press(&mut self) -> Result<String> {
        let tan = self.hotp(self.presses)?;
        self.presses += 1;
        Ok(tan)
    }

    /// How often an event-based token was pressed.
    pub fn presses(&self) -> u64 {
        self.presses
    }

    /// The TAN of a time-based token now.
    ///
    /// # Errors
    /// There is no oathtool.
    pub fn now(&self) -> Result<String> {
        Ok(run("oathtool", &["--totp", "-b", &self.seed])?.expect_ok("oathtool")?.trim().to_owned())
    }

    /// A TAN that the token does not show within its next hundred presses; another one every time.
    ///
    /// # Errors
    /// There is no oathtool.
    pub fn wrong(&mut self) -> Result<String> {
        let first = self.presses.saturating_sub(20).to_string();
        let all = run("oathtool", &["--hotp", "-b", "-c", &first, "-w", "200", &self.seed])?.expect_ok("oathtool")?;
        let from = self.wrong;
        let mut tans = (from..1_000_000).map(|n| (n + 1, format!("{:06}", (n * 7919 + 123_456) % 1_000_000)));
        let (next, tan) = tans.find(|(_, tan)| !all.lines().any(|line| line == tan)).context("every TAN is right")?;
        self.wrong = next;
        Ok(tan)
    }

    fn hotp(&self, counter: u64) -> Result<String> {
        let tan = run("oathtool", &["--hotp", "-b", "-c", &counter.to_string(), &self.seed])?.expect_ok("oathtool")?;
        Ok(tan.trim().to_owned())
    }
}

impl World {
    /// Adds an account with one token, by the admin commands.
    ///
    /// # Errors
    /// What they say.
    pub fn member(&self, username: &str, token: &[&str]) -> Result<Member> {
        self.member_greeted(username, "Dr. Martina Muster", token)
    }

    /// The same, greeted by another name.
    ///
    /// # Errors
    /// What the admin commands say.
    pub fn member_greeted(&self, username: &str, display_name: &str, token: &[&str]) -> Result<Member> {
        let password = format!("Praxis-{username}-2026");
        let add = ["account", "add", username, "--display-name", display_name, "--json"];
        self.admin_with(&add, &format!("{password}\n"))?.expect_ok("account add")?;
        let (serial, seed) = self.token(username, token)?;
        let (username, display_name) = (username.to_owned(), display_name.to_owned());
        Ok(Member { username, display_name, password, seed, serial, presses: 0, wrong: 0 })
    }

    /// Adds a token to an account; its serial number and seed.
    ///
    /// # Errors
    /// What the admin command says.
    pub fn token(&self, username: &str, kind: &[&str]) -> Result<(String, String)> {
        let mut line = vec!["token", "add", username];
        line.extend(kind);
        line.push("--json");
        let answer = self.admin(&line)?;
        let token = answer.json()?;
        ensure!(answer.ok(), "token add: {token}");
        let text = |name: &str| {
            token.get(name).and_then(Value::as_str).map(String::from).context(format!("no {name}: {token}"))
        };
        Ok((text("serial")?, text("seed")?))
    }
}
