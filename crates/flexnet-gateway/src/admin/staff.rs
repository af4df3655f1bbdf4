//! `admin staff`: who works at the console. Only from here is anybody of the staff added, unlocked or given a token: the console cannot make itself staff.

use clap::Subcommand;
use serde::Serialize;
use sqlx::Row as _;

use super::{Desk, account::new_password, token};
use crate::{
    acts::Reason,
    audit::Event,
    db::Write,
    error::Error,
    guard,
    staff::{self, Role, Staff},
    tokens::{self, Owner},
};

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a member of staff; the password is read from standard input or a prompt
    Add {
        /// User name
        username: String,
        /// Name on the pages
        #[arg(long)]
        display_name: String,
        /// What the console lets them do
        #[arg(long, value_enum)]
        role: Role,
    },
    /// Show all staff
    List,
    /// Give another password, read from standard input or a prompt, and end the session; a lock stays
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
    /// Open a locked access
    Unlock {
        /// User name
        username: String,
        /// Why, for the audit: at most 200 characters, never a password or a TAN
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Give a token: a new one, whose seed is printed once, or one from stock
    Token {
        /// User name
        username: String,
        /// Serial number of a token in stock
        #[arg(long, value_name = "SERIAL", conflicts_with_all = ["kind", "digits", "algorithm", "period", "serial", "seed_stdin"])]
        from_stock: Option<String>,
        #[command(flatten)]
        device: token::Device,
    },
}

/// One of the staff as an administrator sees them.
#[derive(Debug, Serialize)]
pub(super) struct Listed {
    pub username: String,
    pub display_name: String,
    pub role: Role,
    pub state: &'static str,
    pub locked: bool,
    pub attempts_left: u8,
    /// Seconds since 1970 UTC.
    pub last_sign_in: Option<i64>,
    /// Serial numbers of the tokens in use.
    pub tokens: Vec<String>,
}

impl Desk {
    pub(super) async fn staff(&self, command: Command) -> Result<(), Error> {
        match command {
            Command::Add { username, display_name, role } => self.add_staff(&username, &display_name, role).await,
            Command::List => self.show.staff(&self.list_staff().await?),
            Command::Password { username } => self.change_staff_password(&username).await,
            Command::Disable { username } => self.switch_staff(&username, false).await,
            Command::Enable { username } => self.switch_staff(&username, true).await,
            Command::Unlock { username, reason } => self.unlock_staff(&username, reason.as_deref()).await,
            Command::Token { username, from_stock: Some(serial), .. } => self.staff_token(&username, &serial).await,
            Command::Token { username, from_stock: None, device } => self.new_staff_token(&username, device).await,
        }
    }

    async fn add_staff(&self, username: &str, display_name: &str, role: Role) -> Result<(), Error> {
        let hash = new_password("Password: ")?;
        let add = async |write: &mut Write| {
            let name = staff::add(write, username, display_name, &hash, role, self.now).await?;
            self.note(write, Event::StaffAdded, &name, role.name()).await?;
            Ok(name)
        };
        self.show.done(&self.act(add).await?, "staff added")
    }

    async fn change_staff_password(&self, username: &str) -> Result<(), Error> {
        let hash = new_password("New password: ")?;
        let change = async |write: &mut Write| {
            let person = staff::named(write, username).await?;
            staff::set_password(write, person.id, &hash).await?;
            staff::end_session(write, person.id, self.now).await?;
            self.note(write, Event::StaffPasswordChanged, &person.username, "").await?;
            Ok(person.username)
        };
        self.show.done(&self.act(change).await?, "password changed")
    }

    async fn switch_staff(&self, username: &str, active: bool) -> Result<(), Error> {
        let switch = async |write: &mut Write| {
            let person = staff::named(write, username).await?;
            staff::set_active(write, person.id, active).await?;
            if !active {
                staff::end_session(write, person.id, self.now).await?;
            }
            let event = if active { Event::StaffEnabled } else { Event::StaffDisabled };
            self.note(write, event, &person.username, "").await?;
            Ok(person.username)
        };
        self.show.done(&self.act(switch).await?, if active { "account enabled" } else { "account disabled" })
    }

    async fn unlock_staff(&self, username: &str, reason: Option<&str>) -> Result<(), Error> {
        let reason = reason.map(Reason::parse).transpose()?;
        let unlock = async |write: &mut Write| {
            let person = staff::named(write, username).await?;
            let was_locked = self.hand().unlock_staff(write, &person, reason.as_ref()).await?;
            Ok((person.username, was_locked))
        };
        let (name, was_locked) = self.act(unlock).await?;
        self.show.done(&name, if was_locked { "unlocked" } else { "was not locked" })
    }

    async fn staff_token(&self, username: &str, serial: &str) -> Result<(), Error> {
        let assign = async |write: &mut Write| {
            let person = staff::named(write, username).await?;
            self.hand().assign_token(write, Owner::Staff(person.id), &person.username, serial).await?;
            Ok(person.username)
        };
        self.show.done(&self.act(assign).await?, "token given out")
    }

    async fn new_staff_token(&self, username: &str, device: token::Device) -> Result<(), Error> {
        let (token, made_here) = device.token()?;
        let add = async |write: &mut Write| {
            let person = staff::named(write, username).await?;
            tokens::add(write, &self.keys, Some(Owner::Staff(person.id)), &token, self.now).await?;
            let detail = format!("{} {}", token.kind.name(), token.serial);
            self.note(write, Event::TokenAdded, &person.username, &detail).await?;
            Ok(person.username)
        };
        self.show.token(&self.act(add).await?, &token, made_here)
    }

    async fn list_staff(&self) -> Result<Vec<Listed>, Error> {
        let people = staff::all(&self.database).await?;
        let read = self.database.read();
        let keys: Vec<_> = people.iter().map(|person| self.keys.guard(&staff::guard_name(&person.username))).collect();
        let standings = guard::standings(read, &keys).await?;
        let mut listed = Vec::new();
        for (person, key) in people.into_iter().zip(&keys) {
            let standing = standings.get(key).copied().unwrap_or(guard::Standing::FRESH);
            let select = "SELECT serial FROM token WHERE staff = $1 AND state = 'active' ORDER BY id";
            let rows = sqlx::query(select).bind(person.id).fetch_all(read).await?;
            let Staff { username, display_name, role, active, last_sign_in, .. } = person;
            listed.push(Listed {
                username,
                display_name,
                role,
                state: if active { "active" } else { "disabled" },
                locked: standing.locked,
                attempts_left: standing.attempts_left,
                last_sign_in,
                tokens: rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?,
            });
        }
        Ok(listed)
    }
}
