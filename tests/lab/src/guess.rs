//! Sign-ins as another program sends them, straight to the gateway: what an attacker, or the member's other PC, would do.
//! The entry checks of our own client do not stand in the way here.

use std::{
    io::BufRead as _,
    sync::atomic::{AtomicU64, Ordering},
};

use anyhow::{Context as _, Result};
use flexnet_protocol::gateway::{Grant, Problem};
use serde_json::Value;

use crate::{
    burst::{Answer, sign_in_body},
    member::Member,
    parts::GATEWAY_DIR,
    world::{Host, World},
};

/// Every guess of a world has a number of its own: the same number would be the same attempt.
static NUMBER: AtomicU64 = AtomicU64::new(1);

/// File of the gateway's authority.
pub const CA: &str = "ca.pem";

impl Answer {
    /// The session of an entry that opened one.
    ///
    /// # Errors
    /// It did not.
    pub fn grant(&self) -> Result<Grant> {
        serde_json::from_value(self.body.clone()).with_context(|| format!("no grant: {} {}", self.status, self.body))
    }

    /// The problem of an entry that opened nothing.
    ///
    /// # Errors
    /// It did.
    pub fn problem(&self) -> Result<Problem> {
        let told = || format!("no problem report: {} {}", self.status, self.body);
        serde_json::from_value(self.body.clone()).with_context(told)
    }
}

impl World {
    /// Sends one sign-in from the router.
    ///
    /// # Errors
    /// There is no answer.
    pub fn guess(&self, username: &str, password: &str, tan: &str) -> Result<Answer> {
        let mut answers = self.guesses(&[(username, password, tan)], 1)?;
        answers.pop().context("no answer")
    }

    /// Sends many from the router, over so many connections at the same time. The order of the answers is not that of the guesses.
    ///
    /// # Errors
    /// A connection cannot be opened.
    pub fn guesses(&self, guesses: &[(&str, &str, &str)], connections: usize) -> Result<Vec<Answer>> {
        let body = |(username, password, tan): &(&str, &str, &str)| {
            sign_in_body(NUMBER.fetch_add(1, Ordering::Relaxed), username, password, tan)
        };
        let bodies: Vec<String> = guesses.iter().map(body).collect::<Result<_>>()?;
        self.bodies(&bodies, connections)
    }

    /// Signs in from the router with a WireGuard key of one's own: another program, or the member's other PC.
    ///
    /// # Errors
    /// The entry opens nothing.
    pub fn sign_in_elsewhere(&self, member: &mut Member, public_key: &str) -> Result<Grant> {
        let tan = member.press()?;
        let body = sign_in_body(NUMBER.fetch_add(1, Ordering::Relaxed), &member.username, &member.password, &tan)?;
        let mut body: Value = serde_json::from_str(&body)?;
        if let Some(key) = body.get_mut("client_public_key") {
            *key = public_key.into();
        }
        self.bodies(&[body.to_string()], 1)?.pop().context("no answer")?.grant()
    }

    /// Sends bodies as they are, one request a line.
    ///
    /// # Errors
    /// A connection cannot be opened.
    pub fn bodies(&self, bodies: &[String], connections: usize) -> Result<Vec<Answer>> {
        let (program, ca) = (self.binary("kv-flexnet-world")?, format!("{GATEWAY_DIR}/{CA}"));
        let connections = connections.to_string();
        let mut line = vec![program.as_str(), "burst", "--address", "203.0.113.10:443", "--name", "flexnet.example"];
        line.extend(["--ca", &ca, "--connections", &connections]);
        let told = self.on_with(Host::Router, &line, &bodies.join("\n"))?.expect_ok("burst")?;
        told.as_bytes().lines().map(|line| Ok(serde_json::from_str(&line?)?)).collect()
    }

    /// The rows of `admin audit`.
    ///
    /// # Errors
    /// What it says.
    pub fn audit(&self) -> Result<Vec<Value>> {
        self.audit_of(GATEWAY_DIR)
    }

    /// The same, asked with another gateway's configuration.
    ///
    /// # Errors
    /// What it says.
    pub fn audit_of(&self, folder: &str) -> Result<Vec<Value>> {
        let (gateway, config) = (self.binary("kv-flexnet-gateway")?, format!("{folder}/gateway.toml"));
        let line = [gateway.as_str(), "admin", "--config", &config, "audit", "--json"];
        let answer = self.on(Host::Gateway, &line)?;
        let rows = answer.clone().expect_ok("admin audit")?;
        match serde_json::from_str(&rows) {
            Ok(Value::Array(rows)) => Ok(rows),
            // One row a line is as good.
            _ => {
                rows.lines().map(|line| serde_json::from_str(line).with_context(|| format!("a row: {line}"))).collect()
            }
        }
    }
}
