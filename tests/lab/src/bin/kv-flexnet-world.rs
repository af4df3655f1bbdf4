//! The world as a program: for the demo, for the desktop's tests, and for the burst of sign-ins on a host of the lab.
//! Must be started in private namespaces (dev.d/demo.sh does); it changes nothing outside them.

use std::{
    io::{Read as _, Write as _},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
};

use anyhow::Result;
use clap::{Parser, Subcommand};
use flexnet_lab::{
    burst::{Target, burst},
    demo::{Owner, Stage},
    fake::{self, Failing, Identity},
};

#[derive(Debug, Parser)]
#[command(name = "kv-flexnet-world", about = "Client, router, gateway and portal on one machine")]
struct Arguments {
    #[command(subcommand)]
    word: Word,
}

#[derive(Debug, Subcommand)]
enum Word {
    /// The demo without a display.
    Headless,
    /// The demo with the real application.
    Desktop {
        /// Whose desktop it is: nested:UID:GID, account:UID:GID or root.
        #[arg(long)]
        owner: String,
    },
    /// Runs a command on the member's PC.
    Run {
        /// The command and its arguments.
        #[arg(last = true, required = true)]
        command: Vec<String>,
    },
    /// A server that stands where the gateway should, and fails.
    Fake {
        /// Where it listens.
        #[arg(long)]
        listen: SocketAddr,
        /// How it fails.
        #[arg(long)]
        failing: Failing,
        /// PEM file of its certificate chain.
        #[arg(long, requires = "key")]
        certificate: Option<PathBuf>,
        /// PEM file of its key.
        #[arg(long, requires = "certificate")]
        key: Option<PathBuf>,
    },
    /// Sends sign-ins from standard input, one JSON body a line, and prints the answers.
    Burst {
        /// Address of the sign-in API.
        #[arg(long)]
        address: SocketAddr,
        /// Name in its certificate.
        #[arg(long)]
        name: String,
        /// PEM file of its authority.
        #[arg(long)]
        ca: PathBuf,
        /// Connections at the same time.
        #[arg(long, default_value_t = 50)]
        connections: usize,
    },
}

fn main() -> Result<ExitCode> {
    match Arguments::parse().word {
        Word::Headless => Stage::build()?.headless().map(|()| ExitCode::SUCCESS),
        Word::Desktop { owner } => Stage::build()?.desktop(&Owner::parse(&owner)?).map(|()| ExitCode::SUCCESS),
        Word::Run { command } => {
            let status = Stage::build()?.run(&command)?;
            Ok(ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)))
        }
        Word::Fake { listen, failing, certificate, key } => {
            let identity = certificate.as_deref().zip(key.as_deref());
            let identity = identity.map(|(certificate, key)| Identity { certificate, key });
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(fake::serve(listen, failing, identity)).map(|()| ExitCode::SUCCESS)
        }
        Word::Burst { address, name, ca, connections } => {
            let mut bodies = String::new();
            std::io::stdin().read_to_string(&mut bodies)?;
            let bodies = bodies.lines().map(String::from).collect();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let answers = runtime.block_on(burst(&Target { address, name, connections }, &ca, bodies))?;
            let mut out = std::io::stdout().lock();
            for answer in answers {
                writeln!(out, "{}", serde_json::to_string(&answer)?)?;
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}
