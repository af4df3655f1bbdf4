//! `admin audit`: show rows, verify the chain, print its end to be kept elsewhere, and let a chain go on whose end was damaged.

use clap::{Args, Subcommand};
use serde_json::json;

use super::Desk;
use crate::{
    accounts,
    acts::Reason,
    audit::{self, Anchor, Event},
    error::Error,
};

/// Without a word: rows, oldest first.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Options {
    #[command(subcommand)]
    command: Option<Command>,
    /// Rows of one account only
    #[arg(long)]
    username: Option<String>,
    /// At most so many rows, the last ones
    #[arg(long, default_value_t = 1000)]
    limit: u32,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
enum Command {
    /// Follow the chain from its first row to its sealed end; names the first row that is not as it was written, and ends with 1
    Verify {
        /// An end that was kept elsewhere, as `head` printed it: it must still be in the chain
        #[arg(long, value_name = "NUMBER:HASH")]
        expect: Vec<Anchor>,
    },
    /// Print the end of the chain, to be kept elsewhere: the only thing that tells a restored old copy from the present one
    Head,
    /// Seal the end as it is, after `verify` said what is wrong with it and somebody has looked: until then nobody is let in
    Reseal {
        /// What was found, for the audit: at most 200 characters
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

impl Desk {
    pub(super) async fn audit(&self, options: Options) -> Result<(), Error> {
        match options.command {
            None => {
                let subject = options.username.map(|name| accounts::normalise(&name));
                self.show.audit(&audit::last(self.database.read(), subject.as_deref(), options.limit).await?)
            }
            Some(Command::Verify { expect }) => self.verify_audit(&expect).await,
            Some(Command::Head) => {
                let mut write = self.database.write().await?;
                let end = audit::end(&mut write).await?;
                write.rollback().await?;
                self.show.say(&json!({ "head": end.to_string() }), || end.to_string())
            }
            Some(Command::Reseal { reason }) => self.reseal_audit(&reason).await,
        }
    }

    async fn verify_audit(&self, expect: &[Anchor]) -> Result<(), Error> {
        let mut read = self.database.read().acquire().await?;
        let sound = audit::verify(&mut read, self.keys.audit(), expect).await?.map_err(Error::Broken)?;
        self.show.say(&sound, || {
            let cut = match sound.cut {
                0 => String::new(),
                cut => format!(" (rows up to {cut} were deleted when their time was over)"),
            };
            format!("{} rows are as they were written{cut}. End: {}:{}", sound.rows, sound.number, sound.hash)
        })
    }

    async fn reseal_audit(&self, reason: &str) -> Result<(), Error> {
        let reason = Reason::parse(reason)?;
        self.act(async |write| {
            let Some(found) = audit::reseal(write).await? else {
                return Err(Error::Value { field: "audit", reason: "its end is as it was sealed".into() });
            };
            self.hand().note_with(write, Event::AuditResealed, "", &found.to_string(), Some(&reason)).await
        })
        .await?;
        self.show.done("audit", "sealed as it is")
    }
}
