//! The command line: what there is, and how failures are said. Secrets come from standard input or a prompt, never from arguments.

use std::{error::Error as _, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::{
    admin,
    config::{Config, LogFormat},
    error::Error,
    init, operations, os, plain, portal, serve,
};

#[derive(Debug, Parser)]
#[command(name = "kv-flexnet-gateway", version, about = "The gateway of KV-FlexNet")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a new gateway's folder: configuration, authority, certificate, keys, database, and the profile for members' PCs
    Init(Box<init::Options>),
    /// Run the gateway
    Serve {
        /// The gateway's configuration
        #[arg(long, default_value = "/var/lib/kv-flexnet-gateway/gateway.toml")]
        config: PathBuf,
    },
    /// Look at everything that `serve` needs, without starting it
    Check {
        /// The gateway's configuration
        #[arg(long, default_value = "/var/lib/kv-flexnet-gateway/gateway.toml")]
        config: PathBuf,
    },
    /// Copy the SQLite database as it is at this moment; works while the gateway runs
    Backup {
        /// The gateway's configuration
        #[arg(long, default_value = "/var/lib/kv-flexnet-gateway/gateway.toml")]
        config: PathBuf,
        /// New file for the copy
        #[arg(long)]
        to: PathBuf,
    },
    /// Answer 204 to plain HTTP on a host elsewhere: by it a dead gateway is told from a dead line. Needs no configuration
    Anchor(plain::Options),
    /// Run the example portal
    Portal(portal::Options),
    /// Accounts, tokens, sessions and the audit; works while the gateway runs
    Admin(admin::Options),
}

/// Runs the program: 0 if all went well, 1 if not, 2 for a wrong command line.
pub async fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to standard output and are no error.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    match run(cli.command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kv-flexnet-gateway: {}", chain(&error));
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<(), Error> {
    // `serve` logs as its configuration says.
    if !matches!(command, Command::Serve { .. }) {
        operations::begin_log(LogFormat::Text);
    }
    match command {
        Command::Init(options) => init::run(&options).await,
        Command::Serve { config } => {
            operations::begin_log(Config::load(&config)?.log.format);
            serve::serve(&config).await
        }
        Command::Check { config } => operations::check(&config).await,
        Command::Backup { config, to } => operations::backup(&config, &to).await,
        Command::Anchor(options) => plain::anchor(options, os::asked_to_stop()).await,
        Command::Portal(options) => {
            portal::serve(options, os::asked_to_stop()).await.map_err(|e| Error::Portal(Box::new(e)))
        }
        Command::Admin(options) => admin::run(options).await,
    }
}

/// An error and its causes on one line. Errors of others repeat their causes: those stand there once.
pub(crate) fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.ends_with(said.trim_end()) {
            text.push_str(": ");
            text.push_str(said.trim_end());
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn failures_are_said_with_their_causes() {
        let error = Error::Read("/a".into(), std::io::Error::other("broken"));
        assert_eq!(chain(&error), "cannot read /a: broken");
        let repeats = Error::Database(sqlx::Error::Io(std::io::Error::other("broken")));
        assert_eq!(chain(&repeats), "the database: error communicating with database: broken");
    }
}
