//! `admin account`: add, list, unlock, disable, enable. Unlocking only unlocks.

use clap::Subcommand;
use flexnet_protocol::gateway::EndReason;
use serde::Serialize;
use sqlx::Row as _;

use super::{Desk, secret};
use crate::{accounts, audit::Event, config::ATTEMPTS, error::Error, guard, passwords};

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add an account; its password is read from standard input or a prompt
    Add {
        /// User name of meine KVid
        username: String,
        /// How the member is greeted
        #[arg(long)]
        display_name: String,
    },
    /// Show all accounts
    List,
    /// Open a locked access
    Unlock {
        /// User name, as the member types it
        username: String,
    },
    /// Switch an account off and end its session
    Disable {
        /// User name
        username: String,
    },
    /// Switch an account on again; a lock stays
    Enable {
        /// User name
        username: String,
    },
}

/// An account as an administrator sees it.
#[derive(Debug, Serialize)]
pub(super) struct Listed {
    pub username: String,
    pub display_name: String,
    pub state: String,
    pub locked: bool,
    pub attempts_left: u8,
    /// Seconds since 1970 UTC.
    pub last_sign_in: Option<i64>,
    pub tokens: Vec<ListedToken>,
}

/// One of its tokens.
#[derive(Debug, Serialize)]
pub(super) struct ListedToken {
    pub serial: String,
    pub kind: String,
    pub state: String,
}

impl Desk {
    pub(super) async fn account(&self, command: Command) -> Result<(), Error> {
        match command {
            Command::Add { username, display_name } => self.add_account(&username, &display_name).await,
            Command::List => self.show.accounts(&self.list_accounts().await?),
            Command::Unlock { username } => self.unlock(&username).await,
            Command::Disable { username } => self.switch(&username, false).await,
            Command::Enable { username } => self.switch(&username, true).await,
        }
    }

    async fn add_account(&self, username: &str, display_name: &str) -> Result<(), Error> {
        let password = secret("Password: ")?;
        // NIST SP 800-63B-4 §3.1.1.2: fifteen where the password stands alone, eight as one of two factors.
        if password.expose().chars().count() < 8 || password.expose().len() > 256 {
            return Err(Error::Value {
                field: "password",
                reason: "must have at least 8 characters and at most 256 bytes".into(),
            });
        }
        let hash = passwords::hash(&password)?;
        let mut write = self.database.write().await?;
        let name = accounts::add(&mut write, username, display_name, &hash, self.now).await?;
        self.note(&mut write, Event::AccountAdded, &name, "").await?;
        write.commit().await?;
        self.show.done(&name, "account added")
    }

    /// Also for a name without an account: what the desk is asked about is the name that somebody typed.
    async fn unlock(&self, username: &str) -> Result<(), Error> {
        let name = accounts::normalise(username);
        let key = self.keys.guard(&name);
        let mut write = self.database.write().await?;
        if accounts::find(&mut write, &name).await?.is_none() && guard::standing(&mut write, &key).await?.is_none() {
            return Err(Error::Unknown(format!("account {name}")));
        }
        let was_locked = guard::unlock(&mut write, &key).await?;
        self.note(&mut write, Event::Unlock, &name, if was_locked { "" } else { "was not locked" }).await?;
        write.commit().await?;
        self.show.done(&name, if was_locked { "unlocked" } else { "was not locked" })
    }

    async fn switch(&self, username: &str, active: bool) -> Result<(), Error> {
        let mut write = self.database.write().await?;
        let account = accounts::named(&mut write, username).await?;
        accounts::set_active(&mut write, account.id, active).await?;
        let event = if active { Event::AccountEnabled } else { Event::AccountDisabled };
        self.note(&mut write, event, &account.username, "").await?;
        if !active {
            self.end_sessions(&mut write, account.id, EndReason::Desk).await?;
        }
        write.commit().await?;
        self.show.done(&account.username, if active { "account enabled" } else { "account disabled" })
    }

    async fn list_accounts(&self) -> Result<Vec<Listed>, Error> {
        let mut read = self.database.write().await?;
        let select = "SELECT id, username, display_name, state, last_sign_in FROM account ORDER BY username";
        let mut listed = Vec::new();
        for row in sqlx::query(select).fetch_all(&mut *read).await? {
            let username: String = row.try_get(1)?;
            let standing = guard::standing(&mut read, &self.keys.guard(&username)).await?;
            let tokens = sqlx::query("SELECT serial, kind, state FROM token WHERE account = ?1 ORDER BY id");
            let tokens = tokens.bind(row.try_get::<i64, _>(0)?).fetch_all(&mut *read).await?;
            let token = |row: &sqlx::sqlite::SqliteRow| -> Result<ListedToken, sqlx::Error> {
                Ok(ListedToken { serial: row.try_get(0)?, kind: row.try_get(1)?, state: row.try_get(2)? })
            };
            listed.push(Listed {
                username,
                display_name: row.try_get(2)?,
                state: row.try_get(3)?,
                locked: standing.is_some_and(|standing| standing.locked),
                attempts_left: standing.map_or(ATTEMPTS, |standing| standing.attempts_left),
                last_sign_in: row.try_get(4)?,
                tokens: tokens.iter().map(token).collect::<Result<_, _>>()?,
            });
        }
        Ok(listed)
    }
}
