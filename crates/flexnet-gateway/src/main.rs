//! `kv-flexnet-gateway`: the KV's side.
//! `init` founds a gateway, `serve` runs it, `portal` runs the example portal, `admin` is the service desk's and the administrator's hand.

use std::process::ExitCode;

use flexnet_gateway::cli;

#[tokio::main]
async fn main() -> ExitCode {
    cli::main().await
}
