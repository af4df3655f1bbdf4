//! `admin reports`: the reports of diagnoses that are kept. Opening one and deleting one are rows of the audit.

use clap::Subcommand;
use serde_json::json;

use super::{Desk, show::lines};
use crate::{
    clock::utc,
    error::Error,
    reports::{self, Found, Listed},
};

/// Reports that are shown at most.
const MOST: i64 = 45_000;

/// What an administrator asks.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(super) enum Command {
    /// Show which are kept, the newest first
    List,
    /// Open one: what it says, whether its signature is right, and everything that stands in it
    Show {
        /// Its number, five digits
        number: i64,
    },
    /// Delete one before its time
    Delete {
        /// Its number, five digits
        number: i64,
    },
}

impl Desk {
    pub(super) async fn reports(&self, command: Command) -> Result<(), Error> {
        match command {
            Command::List => self.list_reports().await,
            Command::Show { number } => self.show_report(number).await,
            Command::Delete { number } => {
                self.act(async |write| reports::delete(write, self.hand(), number).await).await?;
                self.show.say(&json!({ "report": number, "done": "deleted" }), || format!("report {number}: deleted"))
            }
        }
    }

    async fn list_reports(&self) -> Result<(), Error> {
        let listed = reports::list(self.database.read(), None, MOST, self.now).await?;
        self.show.say(&listed, || lines(&listed, "no reports", line))
    }

    async fn show_report(&self, number: i64) -> Result<(), Error> {
        let Found { listed, report } = reports::show(&self.database, self.hand(), number).await?;
        let since = reports::known_since(self.database.read(), &report.key, self.now).await?;
        let value = json!({
            "report": listed,
            "sha256": data_encoding::HEXLOWER.encode(&report.hash),
            "signature": if report.is_genuine() { "right" } else { "wrong" },
            "key_known_since": since,
            "facts": report.facts,
        });
        self.show.say(&value, || serde_json::to_string_pretty(&value).unwrap_or_else(|_| line(&listed)))
    }
}

fn line(report: &Listed) -> String {
    let Listed { number, check_code, verdict, received, until, size, key, .. } = report;
    let verdict = if verdict.is_empty() { "no fault" } else { verdict };
    let (received, until) = (utc(*received), utc(*until));
    format!("{number}  {check_code}  {verdict}  {received}  until {until}  {size} bytes  key {key}")
}
