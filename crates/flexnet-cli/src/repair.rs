//! `repair`: by the service where it runs, by its own offline command where it does not.

use std::{
    env,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::Context as _;
use flexnet_ipc::Client;
use flexnet_protocol::{
    Fault, FaultCode,
    local::{Repaired, Reply, Request},
};
use serde::Deserialize;

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
        Reply::Accepted | Reply::Done | Reply::WrongEntry(_) | Reply::Hello { .. } => {
            Err(Fault::new(FaultCode::Internal, "an unexpected reply").into())
        }
    }
}

/// The service's own `repair` lies beside this program. It checks itself whether the caller may.
fn offline(show: &mut Show) -> anyhow::Result<Outcome> {
    show.note("cli-repair-offline")?;
    let own = env::current_exe().context("where this program lies")?;
    let service = own.with_file_name("kv-flexnet-service").with_extension(env::consts::EXE_EXTENSION);
    let mut command = Command::new(&service);
    command.args(["repair", "--json"]).stderr(Stdio::inherit());
    let output = command.output().with_context(|| format!("cannot start {}", service.display()))?;
    match serde_json::from_slice(&output.stdout).context("the answer of the service's repair")? {
        Answer::Repaired(repaired) => {
            show.repaired(&repaired)?;
            Ok(if repaired.failed.is_empty() { Outcome::Done } else { Outcome::Fault })
        }
        Answer::Refused(fault) => Err(fault.into()),
    }
}

/// One line of JSON.
#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Refused(Fault),
    Repaired(Repaired),
}
