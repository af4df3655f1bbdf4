//! `kv-flexnet-gateway`: the KV's side.
//! `init` founds a gateway, `check` looks at it, `serve` runs it, `backup` copies its database, `admin` is the administrator's and the desk's hand;
//! `portal` runs the example portal. All of it is in `cli`.

use std::process::ExitCode;

use flexnet_gateway::cli;

#[tokio::main]
async fn main() -> ExitCode {
    cli::main().await
}
