//! `kv-flexnet-diagnose`: the diagnosis by itself. Needs no installation, no service, no network and no home directory.
//! What it prints and how it exits stands in [`flexnet_diagnostics::show`].

use std::{
    env,
    io::{self, IsTerminal as _, Write as _},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use clap::{Parser, ValueEnum};
use flexnet_diagnostics::{
    collect::{Input, Progress},
    show::{self, Diagnosis},
};
use flexnet_protocol::{diagnosis::Check, text::Language};
use tokio::sync::mpsc::{self, UnboundedReceiver};

/// A look that hangs in the system, such as at a dead network drive, does not keep the program.
const LAST: Duration = Duration::from_millis(100);

#[derive(Parser)]
#[command(
    name = "kv-flexnet-diagnose",
    version,
    about = "Wo hängt es? Prüft den Weg zum Mitgliederportal / checks the way to the member portal",
    after_help = show::EXIT_CODES
)]
struct Arguments {
    /// Print one line of JSON instead of words: {"facts": …, "verdict": …}.
    #[arg(long)]
    json: bool,

    /// The KV's profile, where it is not the installed one.
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,

    /// The service's socket.
    #[arg(long, hide = true)]
    socket: Option<PathBuf>,

    /// A host of the KV besides the gateway that answers 204 to plain HTTP, more than the profile names. May be given several times.
    #[arg(long = "anchor", value_name = "IP:PORT")]
    anchors: Vec<SocketAddr>,

    /// Language of the words, where it is not the system's.
    #[arg(long)]
    lang: Option<Lang>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Lang {
    De,
    En,
}

fn main() -> io::Result<ExitCode> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let outcome = runtime.block_on(run(arguments));
    runtime.shutdown_timeout(LAST);
    outcome
}

async fn run(arguments: Arguments) -> io::Result<ExitCode> {
    let language = arguments.lang.map_or_else(of_the_system, |lang| match lang {
        Lang::De => Language::German,
        Lang::En => Language::English,
    });
    let installed = Input::installed();
    let input = Input {
        profile: arguments.profile.unwrap_or(installed.profile),
        socket: arguments.socket.unwrap_or(installed.socket),
        anchors: arguments.anchors,
        ring: installed.ring,
        version: installed.version,
    };
    let (progress, told) = mpsc::unbounded_channel();
    let (diagnosis, ()) = tokio::join!(Diagnosis::run(&input, progress), watch(told, language));
    let words = if arguments.json { serde_json::to_string(&diagnosis)? } else { show::text(&diagnosis, language) };
    // A closed pipe (`| head`) is no reason to complain.
    match writeln!(io::stdout(), "{words}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(error),
        Ok(()) | Err(_) => {}
    }
    Ok(ExitCode::from(show::exit_code(&diagnosis.verdict)))
}

/// Shows on a terminal how far it is, on one line that goes at the end.
async fn watch(mut told: UnboundedReceiver<Progress>, language: Language) {
    let shown = io::stderr().is_terminal();
    let mut done = 0;
    while let Some(Progress { check }) = told.recv().await {
        done += 1;
        if shown {
            eprint!("\r\x1b[K{}", show::progress(check, done, language));
        }
    }
    if shown && done == Check::ALL.len() {
        eprint!("\r\x1b[K");
    }
}

fn of_the_system() -> Language {
    // POSIX: the first that is set and not empty decides.
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|v| env::var(v).ok().filter(|l| !l.is_empty()));
    Language::from_locale(&locale.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn anchors_are_addresses_with_a_port() {
        let parsed = |anchor: &str| Arguments::try_parse_from(["kv-flexnet-diagnose", "--anchor", anchor]);
        assert_eq!(parsed("192.0.2.80:80").unwrap().anchors, ["192.0.2.80:80".parse().unwrap()]);
        assert!(parsed("anker.example:80").is_err() && parsed("192.0.2.80").is_err());
    }
}
