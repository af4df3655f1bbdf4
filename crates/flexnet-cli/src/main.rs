//! `kv-flexnet`: connect, extend, disconnect, status, diagnose, report, repair, and what can be done about the token, from a terminal.
//! Renders the service's snapshots like the window does; decides nothing. Password, TAN and ticket come from a prompt or standard input, never from arguments.

mod connect;
mod diagnose;
mod entry;
mod os;
mod repair;
mod report;
mod show;
mod status;
mod token;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::{Parser, Subcommand};
use flexnet_events::{AfterPanic, Readers};
use flexnet_ipc::{Client, default_socket};
use flexnet_protocol::{Fault, FaultCode};
use tracing_subscriber::{Layer as _, filter::LevelFilter, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use entry::{BadInput, Source};
use show::Show;

#[derive(Parser)]
#[command(
    name = "kv-flexnet",
    version,
    about = "Gesicherte Verbindung zum Mitgliederportal / secured connection to the member portal",
    after_help = "Exit codes: 0 done, 1 a fault, 2 wrong usage, 3 wrong entry, 4 access locked, 5 the service is not there. diagnose: 10 to 19 a cause, see its help. report verify: 3 the report is whole, its page is of another version."
)]
struct Arguments {
    /// Print JSON, one value a line: the same types that cross the local socket. The last line is the last snapshot, or the fault.
    #[arg(long, global = true)]
    json: bool,

    /// The service's socket.
    #[arg(long, global = true, hide = true)]
    socket: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    #[command(flatten)]
    Session(Session),
    /// „Wo hängt es?“ Look at the whole way to the portal and name what must be mended first. Needs no service and no sign-in.
    #[command(after_help = flexnet_diagnostics::show::EXIT_CODES)]
    Diagnose {
        /// Look again and again until interrupted, and print what has changed.
        #[arg(long)]
        watch: bool,
    },
    /// Undo what an earlier session left on this PC. Needs no sign-in and no network.
    Repair {
        /// Only show what would be done.
        #[arg(long)]
        dry_run: bool,
    },
    /// Write down what a diagnosis sees, as one file without names, addresses or secrets; show, verify and send such a file.
    #[command(subcommand)]
    Report(report::Command),
}

/// What goes by the service.
#[derive(Subcommand)]
enum Session {
    /// Sign in and build the connection. Asks for what is missing.
    Connect {
        /// User name of meine KVid.
        #[arg(long)]
        username: Option<String>,
        /// Read user name (without --username), password and TAN as lines from standard input. So it is done without a terminal, too.
        #[arg(long)]
        stdin: bool,
        /// Go on with a sign-in on the page of the KV. Reads the link kv-flexnet://… that the page shows, or its ticket; then asks whether it is your access:
        /// „ja“ or yes goes on, whatever else gives it up. From standard input the second line is the name by which the KV greets the member, and „ja“ only
        /// where the KV tells no name: who writes a script knows whose access it opens.
        #[arg(long, conflicts_with = "username")]
        from_browser: bool,
    },
    /// Put off the end of a session that is not used. Needs no TAN.
    Extend,
    /// Sign out and take the connection down.
    Disconnect,
    /// Show where the connection stands.
    Status {
        /// Go on showing every change.
        #[arg(long)]
        watch: bool,
    },
    /// Report the token lost: it opens nothing any more, and all sessions end. Cannot be undone.
    ReportTokenLost {
        /// Do not ask again.
        #[arg(long)]
        yes: bool,
    },
    /// Bring a token into step again, with two TANs one after the other. Needs a session; counts as one attempt.
    ResyncToken {
        /// Read the two TANs as lines from standard input.
        #[arg(long)]
        stdin: bool,
    },
}

/// What a command came to; its number is the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Done = 0,
    Fault = 1,
    Usage = 2,
    WrongEntry = 3,
    Locked = 4,
    NoService = 5,
}

impl Outcome {
    /// A report is whole and its page cannot be compared: another version made it.
    const UNVERIFIED: Self = Self::WrongEntry;

    fn of(fault: &Fault) -> Self {
        const ENTRY: [FaultCode; 5] = [
            FaultCode::Refused,
            FaultCode::TanUsed,
            FaultCode::EntryShape,
            FaultCode::LinkBroken,
            FaultCode::TokenOutOfStep,
        ];
        const SERVICE: [FaultCode; 5] = [
            FaultCode::ServiceDown,
            FaultCode::ServiceHangs,
            FaultCode::ServiceImpostor,
            FaultCode::VersionsDiffer,
            FaultCode::NotPermitted,
        ];
        if fault.code == FaultCode::Locked {
            Self::Locked
        } else if ENTRY.contains(&fault.code) {
            Self::WrongEntry
        } else if SERVICE.contains(&fault.code) {
            Self::NoService
        } else {
            Self::Fault
        }
    }
}

/// A look that hangs in the system, such as at a dead network drive, does not keep the program.
const LAST: Duration = Duration::from_millis(100);

fn main() -> anyhow::Result<ExitCode> {
    let _written = keep_panics();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let exit = runtime.block_on(begin(Arguments::parse()));
    runtime.shutdown_timeout(LAST);
    exit
}

/// A panic is told without anything personal, on standard error and in the person's folder, where there is one.
fn keep_panics() -> Option<flexnet_events::Written> {
    flexnet_events::catch_panics(AfterPanic::Unwind);
    let folder = flexnet_events::person_folder()?.join("cli");
    let (layer, written) = flexnet_events::begin(&folder, "cli", Readers::Person).ok()?;
    tracing_subscriber::registry().with(layer.with_filter(LevelFilter::WARN)).init();
    Some(written)
}

async fn begin(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let mut show = Show::new(arguments.json);
    let socket = arguments.socket.unwrap_or_else(default_socket);
    let outcome = match arguments.command {
        Command::Diagnose { watch } => return Ok(ExitCode::from(diagnose::run(socket, watch, &mut show).await?)),
        Command::Repair { dry_run } => repair::run(&socket, dry_run, &mut show).await,
        Command::Report(command) => report::run(&socket, command, &mut show).await,
        Command::Session(command) => by_the_service(&socket, command, &mut show).await,
    };
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(error) => told(error, &mut show)?,
    };
    Ok(ExitCode::from(outcome as u8))
}

async fn by_the_service(socket: &std::path::Path, command: Session, show: &mut Show) -> anyhow::Result<Outcome> {
    let (client, mut snapshots) = Client::connect(socket).await?;
    match command {
        Session::Connect { stdin, from_browser: true, .. } => {
            connect::from_browser(&client, &mut snapshots, Source::new(stdin), show).await
        }
        Session::Connect { username, stdin, from_browser: false } => {
            connect::run(&client, &mut snapshots, username, Source::new(stdin), show).await
        }
        Session::Extend => connect::extend(&client, &mut snapshots, show).await,
        Session::Disconnect => connect::disconnect(&client, &mut snapshots, show).await,
        Session::Status { watch } => status::run(&client, &mut snapshots, watch, show).await,
        Session::ReportTokenLost { yes } => {
            token::report_lost(&client, &mut snapshots, yes, Source::new(false), show).await
        }
        Session::ResyncToken { stdin } => token::resync(&client, &mut snapshots, Source::new(stdin), show).await,
    }
}

/// What a person can be told in words has its words; the rest goes up.
fn told(error: anyhow::Error, show: &mut Show) -> anyhow::Result<Outcome> {
    if let Some(fault) = error.downcast_ref::<Fault>() {
        show.fault(fault, None)?;
        return Ok(Outcome::of(fault));
    }
    let bad: BadInput = error.downcast()?;
    eprintln!("{}", show.text(bad.key()));
    Ok(Outcome::Usage)
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
    fn no_argument_takes_a_secret() {
        let mut arguments: Vec<String> = Vec::new();
        for command in Arguments::command().get_subcommands() {
            arguments.extend(command.get_arguments().map(|argument| argument.get_id().to_string()));
        }
        arguments.sort();
        arguments.dedup();
        assert_eq!(arguments, ["dry_run", "from_browser", "stdin", "username", "watch", "yes"]);
    }

    #[test]
    fn each_fault_has_its_exit_code() {
        for (code, exit) in [
            (FaultCode::ServiceDown, 5),
            (FaultCode::NotPermitted, 5),
            (FaultCode::Locked, 4),
            (FaultCode::Refused, 3),
            (FaultCode::TanUsed, 3),
            (FaultCode::EntryShape, 3),
            (FaultCode::DiskFull, 1),
            (FaultCode::Busy, 1),
        ] {
            assert_eq!(Outcome::of(&code.into()) as u8, exit, "{code}");
        }
    }

    #[test]
    fn bad_input_is_wrong_usage_and_a_defect_is_neither() {
        let mut show = Show::new(true);
        assert_eq!(told(BadInput::Short.into(), &mut show).unwrap(), Outcome::Usage);
        assert!(told(anyhow::anyhow!("a defect"), &mut show).is_err());
    }
}
