//! `admin after-restore` and `admin clock accept`: after something went wrong with the database or with a clock, said by somebody who has looked.

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;

use super::Desk;
use crate::{
    audit::{self, Event},
    db::Write,
    error::Error,
    gateways,
    restore::{self, Restored, Since},
};

/// What was done, and what nobody here can know.
#[derive(Debug, Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    done: &'a Restored,
    /// TANs are judged by a foreign server: which it was asked about since the copy was made is not known.
    foreign_tans_unknown: bool,
}

const FOREIGN: &str = "\nTANs that the foreign token server has judged since the copy was made are not known here any more: if it lets one in twice, so does the gateway, \
     as long as the server takes it. Ask its administrator, or wait until those TANs are over before you start the gateways.";

/// What is known of the time since the copy was made.
#[derive(Debug, Args)]
pub(super) struct Restore {
    /// TANs by which event-based tokens go on later; 20 for each day since the copy if absent. Who knows more says so: too few, and a spent TAN may open
    /// once more; too many, and members press the button so often before one fits. Must be said where the copy's last row is later than this clock
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..=100_000))]
    hotp_jump: Option<i64>,
    /// No token was resynchronised since the copy: then time-based tokens fit again after minutes, else after 101 steps (51 minutes at 30 seconds)
    #[arg(long)]
    no_resync_since: bool,
    /// A copy was put back once more since the last `after-restore` that this database remembers. Event-based tokens go on later once more
    #[arg(long)]
    another_restore: bool,
    /// Do not look for twelve seconds whether a gateway over this database still runs
    #[arg(long)]
    gateways_are_stopped: bool,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(super) enum Clock {
    /// This gateway's clock is right now, and times later than it in the database are void: a clock once ran ahead, and sign-ins have been refused since
    Accept {
        /// Why, for the audit: at most 200 characters
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

impl Desk {
    pub(super) async fn after_restore(&self, restore: Restore) -> Result<(), Error> {
        if !restore.gateways_are_stopped {
            self.refuse_while_gateways_live().await?;
        }
        let since = Since {
            hotp_jump: restore.hotp_jump,
            no_resync: restore.no_resync_since,
            another: restore.another_restore,
        };
        let done = self.act(async |write| restore::done(write, self.hand(), since).await).await?;
        let told = Told { done: &done, foreign_tans_unknown: self.config.verifier.radius.is_some() };
        self.show.say(&told, || {
            let foreign = if told.foreign_tans_unknown { FOREIGN } else { "" };
            format!(
                "ended {} sessions; no TAN of our own tokens shown until now opens anything: {} time-based tokens, {} event-based ones by {} presses.\n\
                 Set again what the copy does not know: accesses locked, tokens reported lost, accounts switched off and passwords changed since it was made.{foreign}",
                done.sessions_ended, done.totp, done.hotp, done.hotp_jump
            )
        })
    }

    /// They would let members in between, and the floors of what those spend would not be known.
    async fn refuse_while_gateways_live(&self) -> Result<(), Error> {
        let living = gateways::living(self.database.read(), gateways::TWO_BEATS).await?;
        if living.is_empty() {
            return Ok(());
        }
        let reason = format!(
            "{} over this database says that it lives: stop every gateway first. Nothing was done. If none runs: --gateways-are-stopped",
            living.join(", ")
        );
        Err(Error::Value { field: "after-restore", reason })
    }

    pub(super) async fn clock(&self, command: Clock) -> Result<(), Error> {
        let Clock::Accept { reason } = command;
        let reason = crate::acts::Reason::parse(&reason)?;
        let accept = async |write: &mut Write| {
            let ahead = audit::latest_row(write).await? - self.now;
            if ahead <= 0 {
                let reason = "no row of the audit is later than this clock".into();
                return Err(Error::Value { field: "clock", reason });
            }
            audit::accept_clock(write, self.now).await?;
            let detail = format!("rows up to {ahead} seconds ahead are void");
            self.hand().note_with(write, Event::ClockAccepted, "", &detail, Some(&reason)).await?;
            Ok(ahead)
        };
        let ahead = self.act(accept).await?;
        self.show.say(&json!({ "ahead_seconds": ahead }), || {
            format!("Times of up to {ahead} seconds ahead are void; the gateways let members in again within seconds.")
        })
    }
}
