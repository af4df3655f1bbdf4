//! `admin maintenance`: the note that closes every gateway over this database to new sign-ins. Sessions go on.

use clap::Subcommand;
use jiff::Timestamp;

use super::Desk;
use crate::{audit::Event, config::Maintenance, error::Error, operations};

/// What an administrator asks.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(super) enum Command {
    /// From now on nobody is let in; seen by every gateway within a second
    On {
        /// When it should be over, as members are told: 2026-12-01T06:00:00+01:00
        #[arg(long)]
        until: Option<Timestamp>,
    },
    /// Members are let in again
    Off,
}

impl Desk {
    pub(super) async fn maintenance(&self, command: Command) -> Result<(), Error> {
        let (note, detail) = match command {
            Command::On { until: None } => (Maintenance { on: true, until: None }, "on".to_owned()),
            Command::On { until: Some(until) } => {
                (Maintenance { on: true, until: Some(until.as_second()) }, format!("on until {until}"))
            }
            Command::Off => (Maintenance::default(), "off".to_owned()),
        };
        let mut write = self.database.write().await?;
        operations::announce(&mut write, note).await?;
        self.note(&mut write, Event::Maintenance, "", &detail).await?;
        write.commit().await?;
        self.show.done("maintenance", &detail)
    }
}
