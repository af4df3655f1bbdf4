//! `admin maintenance`: the note that closes every gateway over this database to new sign-ins. Sessions go on.

use clap::Subcommand;
use jiff::Timestamp;
use serde_json::json;

use super::Desk;
use crate::{audit::Event, clock::utc, config::Maintenance, error::Error, operations};

/// What an administrator asks.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(super) enum Command {
    /// From now on nobody is let in; seen by every gateway within a second
    On {
        /// When it should be over, as members are told: 2026-12-01T06:00:00+01:00. It ends by `off` only, not by this
        #[arg(long, value_name = "TIME")]
        until: Option<Timestamp>,
    },
    /// Members are let in again
    Off,
    /// Show whether it is on, for all gateways and in this one's configuration
    Show,
}

impl Desk {
    pub(super) async fn maintenance(&self, command: Command) -> Result<(), Error> {
        match command {
            Command::On { until } => self.close(until).await,
            Command::Off => self.announce(Maintenance::default(), "off").await,
            Command::Show => self.show_maintenance().await,
        }
    }

    async fn close(&self, until: Option<Timestamp>) -> Result<(), Error> {
        if let Some(until) = until.filter(|until| until.as_second() <= self.now) {
            let reason = format!("{until} is over: it is {}", utc(self.now));
            return Err(Error::Value { field: "--until", reason });
        }
        let detail = until.map_or_else(|| "on".to_owned(), |until| format!("on until {until}"));
        self.announce(Maintenance { on: true, until: until.map(Timestamp::as_second) }, &detail).await
    }

    async fn announce(&self, note: Maintenance, detail: &str) -> Result<(), Error> {
        self.act(async |write| {
            operations::announce(write, note).await?;
            self.note(write, Event::Maintenance, "", detail).await
        })
        .await?;
        self.show.done("maintenance", detail)
    }

    async fn show_maintenance(&self) -> Result<(), Error> {
        let all = operations::announced(self.database.read()).await?;
        let here = self.config.maintenance;
        let value = |note: Maintenance| json!({ "on": note.on, "until": note.until });
        self.show.say(&json!({ "all": value(all), "here": value(here) }), || {
            let word = |note| operations::describe(note, self.now).unwrap_or_else(|| "off".to_owned());
            format!("all gateways over this database: {}\nthis one, by its configuration: {}", word(all), word(here))
        })
    }
}
