//! `admin token`: give a TAN generator to an account, report one lost. A new seed is shown once and never again.

use clap::Subcommand;
use data_encoding::BASE32_NOPAD;
use flexnet_protocol::gateway::EndReason;
use sqlx::Row as _;
use zeroize::Zeroizing;

use super::{Desk, secret};
use crate::{
    accounts,
    audit::Event,
    error::Error,
    seal::random,
    tokens::{self, Hash, Kind, NewToken},
};

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Give a token to an account; prints its serial number and its seed, once
    Add {
        /// User name
        username: String,
        /// By what its TANs follow each other
        #[arg(long, value_enum, default_value_t = Kind::Hotp)]
        kind: Kind,
        /// Digits of a TAN
        #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u8).range(6..=8))]
        digits: u8,
        /// Hash function
        #[arg(long, value_enum, default_value_t = Hash::Sha1)]
        algorithm: Hash,
        /// Seconds between two TANs of a time-based token
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(10..=300))]
        period: u32,
        /// Serial number printed on the device; made up if absent
        #[arg(long)]
        serial: Option<String>,
        /// Read the device's seed (base32) from standard input or a prompt instead of making one
        #[arg(long)]
        seed_stdin: bool,
    },
    /// Report a token lost: it opens nothing from now on, and the account's session ends
    Lost {
        /// Serial number
        serial: String,
    },
}

impl Desk {
    pub(super) async fn token(&self, command: Command) -> Result<(), Error> {
        match command {
            Command::Add { username, kind, digits, algorithm, period, serial, seed_stdin } => {
                let seed = if seed_stdin { read_seed()? } else { Zeroizing::new(random::<20>()?.to_vec()) };
                let serial = serial.map_or_else(made_up_serial, Ok)?;
                let token = NewToken { serial, kind, hash: algorithm, digits, period, seed };
                self.add_token(&username, &token, !seed_stdin).await
            }
            Command::Lost { serial } => self.lose_token(&serial).await,
        }
    }

    async fn add_token(&self, username: &str, token: &NewToken, show_seed: bool) -> Result<(), Error> {
        let mut write = self.database.write().await?;
        let account = accounts::named(&mut write, username).await?;
        tokens::add(&mut write, &self.keys, account.id, token, self.now).await?;
        let detail = format!("{} {}", token.kind.name(), token.serial);
        self.note(&mut write, Event::TokenAdded, &account.username, &detail).await?;
        write.commit().await?;
        let seed = show_seed.then(|| Zeroizing::new(BASE32_NOPAD.encode(&token.seed)));
        self.show.token(&account.username, token, seed.as_deref().map(String::as_str))
    }

    async fn lose_token(&self, serial: &str) -> Result<(), Error> {
        let mut write = self.database.write().await?;
        let account = tokens::lose(&mut write, serial).await?;
        let username: String = sqlx::query("SELECT username FROM account WHERE id = $1")
            .bind(account)
            .fetch_one(&mut *write)
            .await?
            .try_get(0)?;
        self.note(&mut write, Event::TokenLost, &username, serial).await?;
        self.end_sessions(&mut write, account, EndReason::TokenLost).await?;
        write.commit().await?;
        self.show.done(&username, "token reported lost")
    }
}

fn read_seed() -> Result<Zeroizing<Vec<u8>>, Error> {
    let text = secret("Seed (base32): ")?;
    let compact = Zeroizing::new(text.expose().to_uppercase().replace([' ', '-', '='], ""));
    let seed = BASE32_NOPAD.decode(compact.as_bytes()).map(Zeroizing::new);
    seed.map_err(|_| Error::Value { field: "seed", reason: "is no base32".into() })
}

fn made_up_serial() -> Result<String, Error> {
    Ok(format!("KV{:08}", u32::from_be_bytes(random()?) % 100_000_000))
}
