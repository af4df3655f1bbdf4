//! `repair`: by the service where it runs, by its own offline command where it does not.

use std::{env, path::Path, process::Command};

use anyhow::Context as _;
use flexnet_ipc::Client;
use flexnet_protocol::{
    Fault, FaultCode,
    local::{Reply, Request},
};

use crate::{Outcome, show::Show};

pub(crate) async fn run(socket: &Path, show: &mut Show) -> anyhow::Result<Outcome> {
    let client = match Client::connect(socket).await {
        Ok((client, _snapshots)) => client,
        Err(fault) if fault.code == FaultCode::ServiceDown => return offline(show),
        Err(fault) => return Err(fault.into()),
    };
    match client.request(Request::Repair).await? {
        Reply::Repaired(repaired) => {
            show.repaired(&repaired)?;
            Ok(if repaired.failed.is_empty() { Outcome::Done } else { Outcome::Fault })
        }
        Reply::Refused(fault) => {
            if fault.code == FaultCode::Busy {
                show.note("cli-repair-session")?;
            }
            Err(fault.into())
        }
        Reply::Accepted | Reply::Hello { .. } => Err(Fault::new(FaultCode::Internal, "an unexpected reply").into()),
    }
}

/// The service's own `repair` lies beside this program. It checks itself whether the caller may.
fn offline(show: &mut Show) -> anyhow::Result<Outcome> {
    show.note("cli-repair-offline")?;
    let own = env::current_exe().context("where this program lies")?;
    let service = own.with_file_name("kv-flexnet-service").with_extension(env::consts::EXE_EXTENSION);
    let mut command = Command::new(&service);
    command.arg("repair");
    if show.json() {
        command.arg("--json");
    }
    let status = command.status().with_context(|| format!("cannot start {}", service.display()))?;
    Ok(if status.success() { Outcome::Done } else { Outcome::Fault })
}
