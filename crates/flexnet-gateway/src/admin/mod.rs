//! `admin`: accounts, tokens, sessions, audit, directly in the database, while the gateway runs or not. The running gateway follows within a second.
//! Every act is a row of the audit under the administrator's login name. Passwords and seeds come by standard input, seeds are shown once.

mod account;
mod show;
mod token;

use std::{
    io::{self, BufRead as _, IsTerminal as _},
    path::PathBuf,
};

use clap::{Args, Subcommand};
use flexnet_protocol::{Secret, gateway::EndReason};

use crate::{
    accounts,
    audit::{self, Event, Record},
    clock::Clock,
    config::Config,
    db::{Database, Write},
    error::Error,
    seal::Keys,
    sessions::{self, Which},
};
use show::Show;

/// What an administrator asks.
#[derive(Debug, Args)]
pub struct Options {
    /// The gateway's configuration
    #[arg(long, default_value = "/var/lib/kv-flexnet-gateway/gateway.toml")]
    config: PathBuf,
    /// Answer in JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Members' accounts
    #[command(subcommand)]
    Account(account::Command),
    /// Members' TAN generators
    #[command(subcommand)]
    Token(token::Command),
    /// Live sessions
    Sessions {
        #[command(subcommand)]
        command: Option<Sessions>,
    },
    /// The audit, oldest row first
    Audit {
        /// Rows of one account only
        #[arg(long)]
        username: Option<String>,
        /// At most so many rows, the last ones
        #[arg(long, default_value_t = 1000)]
        limit: u32,
    },
}

#[derive(Debug, Subcommand)]
enum Sessions {
    /// Show them
    List,
    /// End an account's session, or the one of this id
    End {
        /// User name
        #[arg(required_unless_present = "session")]
        username: Option<String>,
        /// Id of the session, as `list` shows it
        #[arg(long, conflicts_with = "username", allow_hyphen_values = true)]
        session: Option<String>,
    },
}

/// Does what an administrator asks.
///
/// # Errors
/// [`Error::Unknown`], [`Error::Taken`], [`Error::Value`], [`Error::Database`] and what reading the gateway's folder brings.
pub async fn run(options: Options) -> Result<(), Error> {
    let config = Config::load(&options.config)?;
    let keys = Keys::load(&config.files.keys)?;
    let database = Database::open(&config.database).await?;
    let show = Show { json: options.json };
    let desk = Desk { config, keys, database, actor: actor(), now: Clock::new(0).now(), show };
    let done = desk.run(options.command).await;
    desk.database.close().await;
    done
}

/// One administrator at work.
struct Desk {
    config: Config,
    keys: Keys,
    database: Database,
    actor: String,
    now: i64,
    show: Show,
}

impl Desk {
    async fn run(&self, command: Command) -> Result<(), Error> {
        match command {
            Command::Account(command) => self.account(command).await,
            Command::Token(command) => self.token(command).await,
            Command::Sessions { command: None | Some(Sessions::List) } => {
                self.show.sessions(&sessions::live(self.database.read(), self.now).await?)
            }
            Command::Sessions { command: Some(Sessions::End { username, session }) } => match (username, session) {
                (Some(username), _) => self.end_session_of(&username).await,
                (None, session) => self.end_session(&session.unwrap_or_default()).await,
            },
            Command::Audit { username, limit } => {
                let subject = username.map(|name| accounts::normalise(&name));
                self.show.audit(&audit::last(self.database.read(), subject.as_deref(), limit).await?)
            }
        }
    }

    async fn end_session(&self, session: &str) -> Result<(), Error> {
        let live = sessions::live(self.database.read(), self.now).await?;
        let found = live.into_iter().find(|listed| listed.session_id == session);
        let listed = found.ok_or_else(|| Error::Unknown(format!("live session {session}")))?;
        let mut write = self.database.write().await?;
        let which = Which::Named(&listed.session_id);
        let ended = sessions::end(&mut write, &self.config.id, which, EndReason::Desk, &self.actor, self.now).await?;
        write.commit().await?;
        self.show.done(&listed.username, if !ended.is_empty() { "session ended" } else { "no session" })
    }

    async fn end_session_of(&self, username: &str) -> Result<(), Error> {
        let mut write = self.database.write().await?;
        let account = accounts::named(&mut write, username).await?;
        let ended = self.end_sessions(&mut write, account.id, EndReason::Desk).await?;
        write.commit().await?;
        self.show.done(&account.username, if ended > 0 { "session ended" } else { "no session" })
    }

    async fn end_sessions(&self, write: &mut Write, account: i64, reason: EndReason) -> Result<usize, Error> {
        Ok(sessions::end(write, &self.config.id, Which::Of(account), reason, &self.actor, self.now).await?.len())
    }

    async fn note(&self, write: &mut Write, event: Event, subject: &str, detail: &str) -> Result<(), Error> {
        let record = Record { event, subject, actor: &self.actor, network: None, detail };
        audit::append(write, &self.config.id, self.now, &record).await
    }
}

/// Who is at work, by the login that the system names.
fn actor() -> String {
    let login = ["SUDO_USER", "USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
    login.filter(|name| !name.is_empty()).unwrap_or_else(|| "admin".into())
}

/// One line of standard input, or of a prompt that does not show what is typed.
fn secret(prompt: &str) -> Result<Secret, Error> {
    if io::stdin().is_terminal() {
        return rpassword::prompt_password(prompt).map(Secret::new).map_err(Error::Terminal);
    }
    let mut line = zeroize::Zeroizing::new(String::new());
    io::stdin().lock().read_line(&mut line).map_err(Error::Terminal)?;
    Ok(Secret::new(line.trim_end_matches(['\r', '\n'])))
}
