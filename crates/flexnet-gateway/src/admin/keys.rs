//! `admin keys`: which keys there are, and everything under a new one. The keys themselves are never shown.

use clap::Subcommand;
use serde_json::json;

use super::{Desk, show::lines};
use crate::{audit::Event, error::Error, seal::rotate};

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show the keys of this machine's key file by their ids, which one seals what is new, and how many values each opens
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
                    // Values of the first version do not name their key; where there are none they get no line.
                    let told: Vec<_> = status.iter().filter(|one| one.key.is_some() || one.values > 0).collect();
                    lines(&told, "no keys", |status| match &status.key {
                        Some(key) if status.seals => format!("key {key}  seals, and opens {} values", status.values),
                        Some(key) => format!("key {key}  opens {} values, and seals none any more", status.values),
                        None => format!("{} values do not name their key: `rotate` seals them anew", status.values),
                    })
                })
            }
            Command::Rotate => {
                let rotated = rotate::rotate(&self.database, &self.keys, file).await?;
                let detail = format!("key {}", rotated.key);
                self.act(async |write| self.note(write, Event::KeysRotated, "", &detail).await).await?;
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
