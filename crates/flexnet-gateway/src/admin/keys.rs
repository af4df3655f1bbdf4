//! `admin keys`: which keys there are, and everything under a new one. The keys themselves are never shown.

use clap::Subcommand;
use serde_json::json;

use super::Desk;
use crate::{audit::Event, error::Error, seal::rotate};

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show the keys by their ids, which one seals, and how much is sealed under each
    Status,
    /// Make a new key, seal everything under it while the gateways run, and drop the older ones from the key file
    Rotate,
    /// Drop the keys from this machine's key file under which nothing is sealed any more
    Prune,
}

impl Desk {
    pub(super) async fn keys(&self, command: Command) -> Result<(), Error> {
        let file = &self.config.files.keys;
        match command {
            Command::Status => {
                let status = rotate::status(&self.database, &self.keys).await?;
                self.show.say(&status, || {
                    let line = |status: &rotate::Status| {
                        let key = status.key.as_deref().unwrap_or("(first version)");
                        format!("{key}  {}  {} values", if status.seals { "seals" } else { "opens" }, status.values)
                    };
                    status.iter().map(line).collect::<Vec<_>>().join("\n")
                })
            }
            Command::Rotate => {
                let rotated = rotate::rotate(&self.database, &self.keys, file, self.now).await?;
                let mut write = self.database.write().await?;
                self.note(&mut write, Event::KeysRotated, "", &format!("key {}", rotated.key)).await?;
                write.commit().await?;
                self.show.say(&rotated, || {
                    let damaged = match rotated.damaged {
                        0 => String::new(),
                        damaged => format!("\n{damaged} values open under no key; the older keys stay"),
                    };
                    format!(
                        "key {} seals; {} values sealed anew, {} older keys dropped{damaged}",
                        rotated.key, rotated.resealed, rotated.dropped
                    )
                })
            }
            Command::Prune => {
                let dropped = rotate::prune(&self.database, &self.keys, file).await?;
                self.show.say(&json!({ "dropped": dropped }), || format!("{dropped} keys dropped"))
            }
        }
    }
}
