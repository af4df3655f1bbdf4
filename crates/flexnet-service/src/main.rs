//! `kv-flexnet-service`: the privileged side of the PC.
//! `run` serves windows and command lines; `repair` takes back what a session left, without a service, a sign-in or a network.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use flexnet_events::{AfterPanic, Readers};
use flexnet_ipc::{Access, Listener};
use flexnet_protocol::{
    Fault, FaultCode,
    repair::{Foreign, RepairPlan, Repaired},
};
use flexnet_service::{
    clients, lock::StateLock, network::Network as _, os, profile::Installed, service, watchdog::Watchdog,
};
use tokio::sync::mpsc;
use tracing_subscriber::{EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// The privileged service of KV-FlexNet.
#[derive(Parser)]
#[command(version, propagate_version = true)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve until SIGTERM, then end the session and take everything back.
    Run {
        /// The installed profile; only root may be able to write it.
        #[arg(long, default_value = "/etc/kv-flexnet/profile.toml")]
        profile: PathBuf,
        /// Folder of the journal.
        #[arg(long, default_value = "/var/lib/kv-flexnet")]
        state: PathBuf,
        /// Folder of the log and of the ring of the last events.
        #[arg(long, default_value_os_t = flexnet_events::service_folder())]
        log: PathBuf,
        /// The local socket.
        #[arg(long, default_value_os_t = flexnet_ipc::default_socket())]
        socket: PathBuf,
    },
    /// Take back everything of ours in the system. Only as root, and only while no service runs.
    Repair {
        /// Folder of the journal.
        #[arg(long, default_value = "/var/lib/kv-flexnet")]
        state: PathBuf,
        /// The installed profile, to tell what others have written about the portal's hosts.
        #[arg(long, default_value = "/etc/kv-flexnet/profile.toml")]
        profile: PathBuf,
        /// Only tell what would be done.
        #[arg(long)]
        dry_run: bool,
        /// Print the result, or the fault, as one line of JSON.
        #[arg(long)]
        json: bool,
    },
}

/// What is logged unless `RUST_LOG` says otherwise. Newer kernels tell more of a link than the netlink library knows, on every look.
const LOG: &str = "info,netlink_packet_route=error";
/// Requests of all clients that wait for the loop.
const QUEUE: usize = 64;

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let command = Line::parse().command;
    let log = match &command {
        Command::Run { log, .. } => Some(log.as_path()),
        // It ends at once, and a service may be writing there.
        Command::Repair { .. } => None,
    };
    let _written = keep_events(log);
    match command {
        Command::Run { profile, state, socket, .. } => run(profile, state, socket).await.map(|()| ExitCode::SUCCESS),
        Command::Repair { state, profile, dry_run, json } => repair(&state, &profile, dry_run, json).await,
    }
}

/// Tells what happens on standard error, and keeps it in `folder`, redacted. A panic anywhere is told as well, and ends the service: the service manager
/// starts it afresh, and what it had changed is taken back.
fn keep_events(folder: Option<&Path>) -> Option<flexnet_events::Written> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(LOG));
    let shown = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false).with_filter(filter);
    let begun = folder.map(|folder| flexnet_events::begin(folder, "service", Readers::Everybody));
    let (kept, written, failed) = match begun {
        Some(Ok((kept, written))) => (Some(kept.with_filter(EnvFilter::new(LOG))), Some(written), None),
        Some(Err(error)) => (None, None, Some(error)),
        None => (None, None, None),
    };
    tracing_subscriber::registry().with(kept).with(shown).init();
    flexnet_events::catch_panics(AfterPanic::Abort);
    if let Some(error) = failed {
        tracing::warn!(%error, "no folder for the log");
    }
    written
}

async fn run(profile: PathBuf, state: PathBuf, socket: PathBuf) -> Result<()> {
    os::leave_no_core();
    let lock = match StateLock::wait(&state).await {
        Ok(lock) => Some(lock),
        Err(fault) if fault.code == FaultCode::Busy => return Err(fault).context("another service runs"),
        // Every sign-in will be refused with the same fault, and somebody must be there to say so.
        Err(fault) => {
            tracing::error!(%fault, "no state folder");
            None
        }
    };
    let watchdog = Watchdog::start().context("the watchdog")?;
    let network = os::System::new(&state);
    let listener = Listener::bind(&socket, Access::installed()).context("the local socket")?;
    let (asks, asked) = mpsc::channel(QUEUE);
    let clients = tokio::spawn(clients::accept(listener, asks));
    tracing::info!(version = flexnet_protocol::VERSION, "serving");
    // With the socket everything ends in an orderly way, so that the service manager can start it afresh.
    let stop = async move {
        tokio::select! {
            () = os::stopped() => tracing::info!("stopping"),
            ended = clients => tracing::error!(?ended, "no client can come any more"),
        }
    };
    let served = service::run(&profile, network, asked, watchdog.beside(stop)).await;
    drop(lock);
    served.context("the service")
}

async fn repair(state: &Path, profile: &Path, dry_run: bool, json: bool) -> Result<ExitCode> {
    if !os::is_administrator() {
        return refused(&Fault::new(FaultCode::NotPermitted, "only root may repair"), json);
    }
    let lock = match StateLock::take(state) {
        Ok(lock) => Some(lock),
        Err(fault) if fault.code == FaultCode::Busy => return refused(&fault, json),
        // Nothing needs to be written to take things back.
        Err(fault) => {
            tracing::warn!(%fault, "no state folder");
            None
        }
    };
    let hosts = Installed::read(profile).profile().as_ref().map(|p| p.portal.hosts.clone()).unwrap_or_default();
    let mut system = os::System::new(state);
    let told = if dry_run {
        planned(&system.plan(&hosts).await, json)?
    } else {
        repaired(&system.repair(&hosts).await, json)?
    };
    drop(lock);
    Ok(told)
}

fn planned(plan: &RepairPlan, json: bool) -> Result<ExitCode> {
    if json {
        println!("{}", serde_json::to_string(plan)?);
    } else {
        plan.steps.iter().for_each(|step| println!("would be taken back: {}", step.detail));
        foreign(&plan.foreign);
        if plan.steps.is_empty() {
            println!("nothing of KV-FlexNet is left");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn repaired(repaired: &Repaired, json: bool) -> Result<ExitCode> {
    if json {
        println!("{}", serde_json::to_string(repaired)?);
    } else {
        repaired.undone.iter().for_each(|step| println!("taken back: {}", step.detail));
        repaired.failed.iter().for_each(|step| println!("NOT taken back: {}", step.detail));
        foreign(&repaired.foreign);
        if repaired.undone.is_empty() && repaired.failed.is_empty() {
            println!("nothing of KV-FlexNet was left");
        }
    }
    Ok(if repaired.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn foreign(foreign: &[Foreign]) {
    for Foreign { name, owner, .. } in foreign {
        let owner = if owner.is_empty() { "another program" } else { owner };
        println!("left alone: {name} of {owner}");
    }
}

fn refused(fault: &Fault, json: bool) -> Result<ExitCode> {
    if json {
        println!("{}", serde_json::to_string(fault)?);
    } else {
        eprintln!("{fault}");
    }
    Ok(ExitCode::FAILURE)
}
