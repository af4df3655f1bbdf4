//! What stands in a member's way: lying name services, log-in pages, boxes that look into TLS or cannot take it, slow lines.
//! Each is `kv-flexnet-faults stand-in` on a host of the world and does one thing until it is killed.

mod delay;
mod intercept;
mod middlebox;
mod names;
mod web;

use std::{net::SocketAddr, path::PathBuf};

use anyhow::Result;
use clap::Subcommand;

/// The real gateway, for whoever passes something on to it.
const GATEWAY: &str = "203.0.113.10:443";

/// Which, and how it behaves.
#[derive(Debug, Clone, Subcommand)]
pub enum StandIn {
    /// A name service on UDP.
    Names {
        /// Where it listens.
        #[arg(long)]
        listen: SocketAddr,
        /// `nxdomain`, `servfail`, `refused`, `silent`, `garbage`, `truncated`, `slow:MILLISECONDS` or `hijack:ADDRESS`.
        #[arg(long)]
        how: names::How,
    },
    /// A web server on TCP without TLS that says the same to everybody.
    Web {
        /// Where it listens.
        #[arg(long)]
        listen: SocketAddr,
        /// Its status: 302 comes with a place to go, 0 is silence.
        #[arg(long)]
        status: u16,
        /// Takes TLS first: a PEM file of a certificate.
        #[arg(long, requires = "key")]
        certificate: Option<PathBuf>,
        /// PEM file of its key.
        #[arg(long, requires = "certificate")]
        key: Option<PathBuf>,
    },
    /// A box on TCP 443 that looks at the first bytes, and passes them on to the gateway or not.
    Middlebox {
        /// Where it listens.
        #[arg(long)]
        listen: SocketAddr,
        /// `cut`, `alert`, `http`, `reset:BYTES` or `drop:BYTES` for a first flight that is longer.
        #[arg(long)]
        how: middlebox::How,
    },
    /// A box that ends TLS with a certificate of its own, and reads what is said to the gateway.
    Intercept {
        /// Where it listens.
        #[arg(long)]
        listen: SocketAddr,
        /// PEM file of its certificate.
        #[arg(long)]
        certificate: PathBuf,
        /// PEM file of its key.
        #[arg(long)]
        key: PathBuf,
        /// PEM file of the authority that the gateway is judged by.
        #[arg(long)]
        authority: PathBuf,
    },
    /// A long way for UDP.
    Delay {
        /// Where it listens.
        #[arg(long)]
        listen: SocketAddr,
        /// Where it passes on to.
        #[arg(long)]
        to: SocketAddr,
        /// Milliseconds each way.
        #[arg(long)]
        ms: u64,
    },
}

impl StandIn {
    /// Runs until it is killed.
    ///
    /// # Errors
    /// It cannot listen, or a certificate cannot be read.
    pub async fn run(self) -> Result<()> {
        match self {
            Self::Names { listen, how } => names::serve(listen, how).await,
            Self::Web { listen, status, certificate, key } => {
                web::serve(listen, status, certificate.as_deref().zip(key.as_deref())).await
            }
            Self::Middlebox { listen, how } => middlebox::serve(listen, how).await,
            Self::Intercept { listen, certificate, key, authority } => {
                intercept::serve(listen, (&certificate, &key), &authority).await
            }
            Self::Delay { listen, to, ms } => delay::serve(listen, to, std::time::Duration::from_millis(ms)).await,
        }
    }
}
