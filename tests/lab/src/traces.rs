//! What a session changes on the member's PC, seen from outside with `ip`, `nft`, `resolvectl` and the bytes of files.
//! Taken before and after, the two must be equal.

use std::fs;

use anyhow::{Result, ensure};

use crate::{World, world::Host};

/// A picture of everything of the system that the service may change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traces(Vec<(String, String)>);

impl Traces {
    /// Takes the picture.
    ///
    /// # Errors
    /// A command cannot be started.
    pub fn take(world: &World) -> Result<Self> {
        let mut all = Vec::new();
        for command in [
            &["ip", "-o", "link"][..],
            &["ip", "-o", "addr"],
            &["ip", "route", "show", "table", "all"],
            &["ip", "-6", "route", "show", "table", "all"],
            &["ip", "rule"],
            &["ip", "-6", "rule"],
            &["nft", "list", "ruleset"],
        ] {
            let text = world.quietly(Host::Client, command, "")?.expect_ok("taking a picture")?;
            let text = without_timers(&text);
            // A line that was down puts its routes behind others of the same rank.
            let routes = command.contains(&"route");
            all.push((command.join(" "), if routes { sorted(&text) } else { text }));
        }
        // Only where systemd-resolved runs in this world.
        let resolved = world.quietly(Host::Client, &["resolvectl", "--no-pager", "status"], "");
        if let Ok(finished) = resolved
            && finished.ok()
        {
            all.push(("resolvectl status".into(), finished.stdout));
        }
        for file in ["/etc/hosts", "/etc/resolv.conf"] {
            all.push((file.into(), fs::read_to_string(file)?));
        }
        Ok(Self(all))
    }

    /// Nothing of ours is left, compared with an earlier picture.
    ///
    /// # Errors
    /// What is left.
    pub fn expect_same(&self, before: &Self) -> Result<()> {
        for ((name, now), (_, then)) in self.0.iter().zip(&before.0) {
            ensure!(now == then, "`{name}` differs. Before:\n{then}\nNow:\n{now}");
        }
        ensure!(self.0.len() == before.0.len(), "one of the pictures has more parts");
        Ok(())
    }

    /// The part of a command or file.
    pub fn of(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| n == name).map_or("", |(_, text)| text)
    }
}

fn sorted(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines.join("\n")
}

/// Lifetimes of addresses and neighbours run, and a new address is tentative for a while; they are no change of ours.
fn without_timers(text: &str) -> String {
    text.lines()
        .map(|line| {
            line.split_whitespace().filter(|w| !w.ends_with("sec") && *w != "tentative").collect::<Vec<_>>().join(" ")
        })
        .collect::<Vec<_>>()
        .join("\n")
}
