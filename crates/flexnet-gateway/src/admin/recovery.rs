//! `admin after-restore` and `admin clock accept`: after something went wrong with the database or with a clock, said by somebody who has looked.

use clap::{Args, Subcommand};
use serde_json::json;

use super::Desk;
use crate::{
    audit::{self, Event},
    error::Error,
    restore::{self, Since},
};

/// What is known of the time since the copy was made.
#[derive(Debug, Args)]
pub(super) struct Restore {
    /// TANs by which event-based tokens go on later; 20 for each day since the copy if absent. Who knows more says so: too few, and a spent TAN may open
    /// once more; too many, and members press the button so often before one fits
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..=100_000))]
    hotp_jump: Option<i64>,
    /// No token was resynchronised since the copy: then time-based tokens fit again after minutes, else after 101 steps (51 minutes at 30 seconds)
    #[arg(long)]
    no_resync_since: bool,
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
        let since = Since { hotp_jump: restore.hotp_jump, no_resync: restore.no_resync_since };
        let mut write = self.database.write().await?;
        let done = restore::done(&mut write, self.hand(), since).await?;
        write.commit().await?;
        self.show.say(&done, || {
            format!(
                "ended {} sessions; no TAN shown until now opens anything: {} time-based tokens, {} event-based ones by {} presses.\n\
                 Set again what the copy does not know: accesses locked, tokens reported lost and accounts switched off since it was made.",
                done.sessions_ended, done.totp, done.hotp, done.hotp_jump
            )
        })
    }

    pub(super) async fn clock(&self, command: Clock) -> Result<(), Error> {
        let Clock::Accept { reason } = command;
        let reason = crate::acts::Reason::parse(&reason)?;
        let mut write = self.database.write().await?;
        let ahead = audit::latest_row(&mut write).await? - self.now;
        if ahead <= 0 {
            return Err(Error::Value { field: "clock", reason: "no row of the audit is later than this clock".into() });
        }
        audit::accept_clock(&mut write, self.now).await?;
        let detail = format!("rows up to {ahead} seconds ahead are void");
        self.hand().note_with(&mut write, Event::ClockAccepted, "", &detail, Some(&reason)).await?;
        write.commit().await?;
        self.show.say(&json!({ "ahead_seconds": ahead }), || {
            format!("Times of up to {ahead} seconds ahead are void; the gateways let members in again within seconds.")
        })
    }
}
