//! `admin`: accounts, tokens, sessions, audit, directly in the database, while the gateway runs or not. The running gateway follows within a second.
//! Every act is a row of the audit under the administrator's login name. Passwords and seeds come by standard input, seeds are shown once.

mod account;
mod audit;
mod import;
mod keys;
mod maintenance;
mod recovery;
mod reports;
mod show;
mod staff;
mod token;

use std::{
    io::{self, BufRead as _, IsTerminal as _},
    path::PathBuf,
};

use clap::{Args, Subcommand};
use flexnet_protocol::{Secret, gateway::EndReason};

use crate::{
    accounts,
    acts::Hand,
    audit::Event,
    clock::Clock,
    config::Config,
    db::{Database, Write, retry},
    error::Error,
    seal::{Keys, rotate},
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
    /// Members' accounts: add, list, unlock, switch off, erase
    #[command(subcommand)]
    Account(account::Command),
    /// TAN generators: bring them in by two people, give them out, report them lost
    #[command(subcommand)]
    Token(token::Command),
    /// Who works at the service desk's console, by role
    #[command(subcommand)]
    Staff(staff::Command),
    /// Close every gateway over this database to new sign-ins, and open them again
    #[command(subcommand)]
    Maintenance(maintenance::Command),
    /// Live sessions: show them, or end one
    Sessions {
        #[command(subcommand)]
        command: Option<Sessions>,
    },
    /// Reports of diagnoses that members have sent in: list them, open one, delete one
    #[command(subcommand)]
    Reports(reports::Command),
    /// The audit: show it, oldest row first, and verify it
    Audit(audit::Options),
    /// The keys under which seeds are sealed: show, change, drop them
    #[command(subcommand)]
    Keys(keys::Command),
    /// After a restore from an older copy, before the gateways start: no TAN spent since then opens anything, and all sessions end
    AfterRestore(recovery::Restore),
    /// Let members in again after a clock ran ahead
    #[command(subcommand)]
    Clock(recovery::Clock),
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
    let database = Database::open(&config.database).await?.sealed_by(keys.audit()).await?;
    rotate::follow(&database, &keys, None).await?;
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
            Command::Staff(command) => self.staff(command).await,
            Command::Maintenance(command) => self.maintenance(command).await,
            Command::Sessions { command: None | Some(Sessions::List) } => {
                self.show.sessions(&sessions::live(self.database.read(), self.now).await?)
            }
            Command::Sessions { command: Some(Sessions::End { username, session }) } => match (username, session) {
                (Some(username), _) => self.end_session_of(&username).await,
                (None, session) => self.end_session(&session.unwrap_or_default()).await,
            },
            Command::Reports(command) => self.reports(command).await,
            Command::Audit(options) => self.audit(options).await,
            Command::Keys(command) => self.keys(command).await,
            Command::AfterRestore(restore) => self.after_restore(restore).await,
            Command::Clock(command) => self.clock(command).await,
        }
    }

    async fn end_session(&self, session: &str) -> Result<(), Error> {
        let live = sessions::live(self.database.read(), self.now).await?;
        let found = live.into_iter().find(|listed| listed.session_id == session);
        let listed = found.ok_or_else(|| Error::Unknown(format!("live session {session}")))?;
        let which = || Which::Named(&listed.session_id);
        let end =
            async |write: &mut Write| self.hand().end_sessions(write, &listed.username, which(), EndReason::Desk).await;
        let ended = self.act(end).await?;
        self.show.done(&listed.username, if ended.is_empty() { "no session" } else { "session ended" })
    }

    async fn end_session_of(&self, username: &str) -> Result<(), Error> {
        let end = async |write: &mut Write| {
            let account = accounts::named(write, username).await?;
            let which = Which::Of(account.id);
            let ended = self.hand().end_sessions(write, &account.username, which, EndReason::Desk).await?;
            Ok((account.username, ended))
        };
        let (name, ended) = self.act(end).await?;
        self.show.done(&name, if ended.is_empty() { "no session" } else { "session ended" })
    }

    /// The administrator's hand; from no network.
    fn hand(&self) -> Hand<'_> {
        Hand { gateway: &self.config.id, keys: &self.keys, actor: &self.actor, network: None, now: self.now }
    }

    /// One act: a transaction, done again as a whole if the database took it back for another's sake.
    async fn act<T>(&self, work: impl AsyncFn(&mut Write) -> Result<T, Error>) -> Result<T, Error> {
        retry(async || {
            let mut write = self.database.write().await?;
            let done = work(&mut write).await?;
            write.commit().await?;
            Ok(done)
        })
        .await
    }

    async fn note(&self, write: &mut Write, event: Event, subject: &str, detail: &str) -> Result<(), Error> {
        self.hand().note(write, event, subject, detail).await
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
