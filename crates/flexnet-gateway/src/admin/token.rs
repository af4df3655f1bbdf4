//! `admin token`: give a TAN generator to an account, new or from stock, report one lost, bring one back into step. A new seed is shown once and never again.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use data_encoding::BASE32_NOPAD;
use flexnet_protocol::Secret;
use zeroize::Zeroizing;

use super::{Desk, secret};
use crate::{
    accounts,
    acts::Resync,
    audit::Event,
    db::Write,
    error::Error,
    seal::random,
    tokens::{self, Hash, Kind, NewToken, Owner},
};

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Give a token to an account; prints its serial number and its seed, once
    Add {
        /// User name
        username: String,
        #[command(flatten)]
        device: Device,
    },
    /// Give a token from stock to an account
    Assign {
        /// Serial number of a token in stock
        serial: String,
        /// User name of the member
        username: String,
    },
    /// Bring a maker's file, PSKC (RFC 6030) or CSV; another person lets its tokens in
    Import {
        /// The file
        file: PathBuf,
        /// File with the key or passphrase of an encrypted one; else it is asked for
        #[arg(long, value_name = "FILE")]
        secret_file: Option<PathBuf>,
    },
    /// Show the imports that wait, with all serial numbers
    Imports,
    /// Let an import in that somebody else has brought: its tokens are in stock
    Accept {
        /// Number of the import
        id: i64,
    },
    /// Turn an import away that somebody else has brought: its tokens are gone
    Refuse {
        /// Number of the import
        id: i64,
    },
    /// Show the tokens in stock
    Stock,
    /// Show all tokens
    List,
    /// Take a token out of use for good
    Withdraw {
        /// Serial number
        serial: String,
    },
    /// Report a token lost: it opens nothing from now on, and its owner's session ends
    Lost {
        /// Serial number
        serial: String,
    },
    /// Bring a token back into step by two TANs that it has shown one after the other, each a line of standard input; a counted attempt
    Resync {
        /// User name
        username: String,
    },
}

/// A token that is not in stock.
#[derive(Debug, Args)]
pub(super) struct Device {
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
}

impl Device {
    /// The token, and whether its seed was made here and is to be shown.
    pub(super) fn token(self) -> Result<(NewToken, bool), Error> {
        let Self { kind, digits, algorithm, period, serial, seed_stdin } = self;
        let seed = if seed_stdin { read_seed()? } else { Zeroizing::new(random::<20>()?.to_vec()) };
        let serial = serial.map_or_else(made_up_serial, Ok)?;
        Ok((NewToken { serial, kind, hash: algorithm, digits, period, seed }, !seed_stdin))
    }
}

impl Desk {
    pub(super) async fn token(&self, command: Command) -> Result<(), Error> {
        match command {
            Command::Add { username, device } => self.add_token(&username, device).await,
            Command::Assign { serial, username } => self.assign_token(&serial, &username).await,
            Command::Import { file, secret_file } => self.import_tokens(&file, secret_file.as_deref()).await,
            Command::Imports => self.list_imports().await,
            Command::Accept { id } => self.judge_import(id, true).await,
            Command::Refuse { id } => self.judge_import(id, false).await,
            Command::Stock => self.list_tokens(Some("stock")).await,
            Command::List => self.list_tokens(None).await,
            Command::Withdraw { serial } => self.withdraw_token(&serial).await,
            Command::Lost { serial } => self.lose_token(&serial).await,
            Command::Resync { username } => self.resync_token(&username).await,
        }
    }

    async fn add_token(&self, username: &str, device: Device) -> Result<(), Error> {
        let (token, made_here) = device.token()?;
        let add = async |write: &mut Write| {
            let account = accounts::named(write, username).await?;
            tokens::add(write, &self.keys, Some(Owner::Account(account.id)), &token, self.now).await?;
            let detail = format!("{} {}", token.kind.name(), token.serial);
            self.note(write, Event::TokenAdded, &account.username, &detail).await?;
            Ok(account.username)
        };
        self.show.token(&self.act(add).await?, &token, made_here)
    }

    async fn assign_token(&self, serial: &str, username: &str) -> Result<(), Error> {
        let assign = async |write: &mut Write| {
            let account = accounts::named(write, username).await?;
            self.hand().assign_token(write, Owner::Account(account.id), &account.username, serial).await?;
            Ok(account.username)
        };
        self.show.done(&self.act(assign).await?, "token given out")
    }

    async fn lose_token(&self, serial: &str) -> Result<(), Error> {
        let (_, name) = self.act(async |write| self.hand().lose_token(write, serial).await).await?;
        self.show.done(&name, "token reported lost")
    }

    async fn resync_token(&self, username: &str) -> Result<(), Error> {
        let (first, second) = (tan("First TAN: ")?, tan("Second TAN: ")?);
        let mut write = self.database.write().await?;
        let account = accounts::named(&mut write, username).await?;
        write.rollback().await?;
        let hand = self.hand();
        match hand.resync(&self.database, &account, first.expose(), second.expose()).await? {
            Resync::Done => self.show.done(&account.username, "token in step again"),
            Resync::Refused { attempts_left } => {
                let reason = format!("no token of {username} fits these two; {attempts_left} attempts left");
                Err(Error::Value { field: "TAN", reason })
            }
            Resync::Locked => Err(Error::Value { field: "account", reason: "is locked; unlock it first".into() }),
        }
    }
}

/// Asks for a TAN; what has not its shape is not counted.
fn tan(prompt: &str) -> Result<Secret, Error> {
    let tan = Secret::new(secret(prompt)?.expose().replace(' ', ""));
    let digits = (6..=8).contains(&tan.expose().len()) && tan.expose().bytes().all(|byte| byte.is_ascii_digit());
    if digits { Ok(tan) } else { Err(Error::Value { field: "TAN", reason: "has 6 to 8 digits".into() }) }
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
