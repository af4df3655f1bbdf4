//! `admin account`: add, list, unlock, password, disable, enable. Unlocking only unlocks, a new password unlocks nothing.

use clap::Subcommand;
use flexnet_protocol::gateway::EndReason;
use serde::Serialize;
use sqlx::Row as _;

use super::{Desk, secret};
use crate::{
    accounts,
    acts::Reason,
    audit::{self, Event},
    db::Write,
    erase,
    error::Error,
    guard::{self, Standing},
    handoff, passwords,
    sessions::Which,
};

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add an account; its password is read from standard input or a prompt
    Add {
        /// User name of meine KVid; upper and lower case are the same
        username: String,
        /// How the member is greeted, and whose access a link is said to open: at most 128 bytes
        #[arg(long)]
        display_name: String,
    },
    /// Show all accounts
    List,
    /// Open a locked access
    Unlock {
        /// User name, as the member types it
        username: String,
        /// Why, for the audit: at most 200 characters, never a password or a TAN
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// You have made sure who is calling; goes into the audit
        #[arg(long, required = true)]
        caller_verified: bool,
    },
    /// Give an account a new password, read from standard input or a prompt, and end its session; a lock stays
    Password {
        /// User name
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
    /// Erase an account that is switched off, and what is known of its member; the audit's rows about it lose name, network and reason
    Erase {
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
            Command::Unlock { username, reason, caller_verified } => {
                self.unlock(&username, &reason, caller_verified).await
            }
            Command::Password { username } => self.change_password(&username).await,
            Command::Disable { username } => self.switch(&username, false).await,
            Command::Enable { username } => self.switch(&username, true).await,
            Command::Erase { username } => self.erase(&username).await,
        }
    }

    async fn add_account(&self, username: &str, display_name: &str) -> Result<(), Error> {
        let hash = new_password("Password: ")?;
        let add = async |write: &mut Write| {
            let name = accounts::add(write, username, display_name, &hash, self.now).await?;
            self.note(write, Event::AccountAdded, &name, "").await?;
            Ok(name)
        };
        self.show.done(&self.act(add).await?, "account added")
    }

    /// Also for a name without an account: what the desk is asked about is the name that somebody typed.
    async fn unlock(&self, username: &str, reason: &str, verified: bool) -> Result<(), Error> {
        let reason = Reason::parse(reason)?;
        let name = accounts::normalise(username);
        let key = self.keys.guard(&name);
        let unlock = async |write: &mut Write| {
            let owned = accounts::find(write, &name).await?.is_some();
            if !owned && guard::standing(write, &key).await?.is_none() {
                return Err(Error::Unknown(format!("account {name}")));
            }
            // People type passwords into the field for the name: what nobody owns is never written in the open.
            let subject = if owned { name.clone() } else { audit::nobody(&key) };
            self.hand().unlock(write, &key, &subject, verified, Some(&reason)).await
        };
        let was_locked = self.act(unlock).await?;
        self.show.done(&name, if was_locked { "unlocked" } else { "was not locked" })
    }

    async fn erase(&self, username: &str) -> Result<(), Error> {
        let erased = self.act(async |write| erase::account(write, self.hand(), username).await).await?;
        self.show.say(&erased, || format!("erased; {} rows of the audit have lost their personal fields", erased.rows))
    }

    async fn change_password(&self, username: &str) -> Result<(), Error> {
        let hash = new_password("New password: ")?;
        let change = async |write: &mut Write| {
            let account = accounts::named(write, username).await?;
            accounts::set_password(write, account.id, &hash).await?;
            // Whoever signed in with the old one may be why there is a new one.
            handoff::revoke(write, account.id).await?;
            self.hand().end_sessions(write, &account.username, Which::Of(account.id), EndReason::Desk).await?;
            self.note(write, Event::PasswordChanged, &account.username, "").await?;
            Ok(account.username)
        };
        self.show.done(&self.act(change).await?, "password changed")
    }

    async fn switch(&self, username: &str, active: bool) -> Result<(), Error> {
        let switch = async |write: &mut Write| {
            let account = accounts::named(write, username).await?;
            accounts::set_active(write, account.id, active).await?;
            if !active {
                handoff::revoke(write, account.id).await?;
                self.hand().end_sessions(write, &account.username, Which::Of(account.id), EndReason::Desk).await?;
            }
            let event = if active { Event::AccountEnabled } else { Event::AccountDisabled };
            self.note(write, event, &account.username, "").await?;
            Ok(account.username)
        };
        self.show.done(&self.act(switch).await?, if active { "account enabled" } else { "account disabled" })
    }

    async fn list_accounts(&self) -> Result<Vec<Listed>, Error> {
        let read = self.database.read();
        let select = "SELECT id, username, display_name, state, last_sign_in FROM account ORDER BY username";
        let mut listed = Vec::new();
        for row in sqlx::query(select).fetch_all(read).await? {
            let username: String = row.try_get(1)?;
            let key = self.keys.guard(&username);
            let standing = guard::standings(read, &[key]).await?.get(&key).copied().unwrap_or(Standing::FRESH);
            let tokens = sqlx::query("SELECT serial, kind, state FROM token WHERE account = $1 ORDER BY id");
            let tokens = tokens.bind(row.try_get::<i64, _>(0)?).fetch_all(read).await?;
            let token = |row: &sqlx::any::AnyRow| -> Result<ListedToken, sqlx::Error> {
                Ok(ListedToken { serial: row.try_get(0)?, kind: row.try_get(1)?, state: row.try_get(2)? })
            };
            listed.push(Listed {
                username,
                display_name: row.try_get(2)?,
                state: row.try_get(3)?,
                locked: standing.locked,
                attempts_left: standing.attempts_left,
                last_sign_in: row.try_get(4)?,
                tokens: tokens.iter().map(token).collect::<Result<_, _>>()?,
            });
        }
        Ok(listed)
    }
}

/// Asks for a password; its hash.
pub(super) fn new_password(prompt: &str) -> Result<String, Error> {
    let password = secret(prompt)?;
    // NIST SP 800-63B-4 §3.1.1.2: fifteen where the password stands alone, eight as one of two factors.
    if password.expose().chars().count() < 8 || password.expose().len() > 256 {
        return Err(Error::Value {
            field: "password",
            reason: "must have at least 8 characters and at most 256 bytes".into(),
        });
    }
    passwords::hash(&password)
}
