//! `repair`: by the service where it runs; where it does not, by its own offline command, after which the service is started.
//! `--dry-run` only shows what it would do.

use std::{
    env,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::Context as _;
use flexnet_ipc::Client;
use flexnet_protocol::{
    Fault, FaultCode,
    local::{Reply, Request},
    repair::{RepairKind, RepairPlan, RepairStep, Repaired},
};
use serde::Deserialize;

use crate::{Outcome, os, show::Show};

pub(crate) async fn run(socket: &Path, dry_run: bool, show: &mut Show) -> anyhow::Result<Outcome> {
    let client = match Client::connect(socket).await {
        Ok((client, _snapshots)) => client,
        Err(fault) if fault.code == FaultCode::ServiceDown => return offline(dry_run, show),
        Err(fault) => return Err(fault.into()),
    };
    let request = if dry_run { Request::RepairPreview } else { Request::Repair };
    match client.request(request).await? {
        Reply::Repaired(repaired) => did(&repaired, show),
        Reply::RepairPlan(plan) => would(&plan, show),
        Reply::Refused(fault) => {
            if fault.code == FaultCode::Busy {
                show.note("cli-repair-session")?;
            }
            Err(fault.into())
        }
        Reply::Accepted
        | Reply::Done
        | Reply::WrongEntry(_)
        | Reply::Hello { .. }
        | Reply::Health(_)
        | Reply::Events(_) => Err(Fault::new(FaultCode::Internal, "an unexpected reply").into()),
    }
}

fn did(repaired: &Repaired, show: &mut Show) -> anyhow::Result<Outcome> {
    show.repaired(repaired)?;
    Ok(if repaired.failed.is_empty() { Outcome::Done } else { Outcome::Fault })
}

fn would(plan: &RepairPlan, show: &mut Show) -> anyhow::Result<Outcome> {
    show.plan(plan)?;
    Ok(Outcome::Done)
}

/// The service's own `repair` lies beside this program. It checks itself whether the caller may. The service goes on after it, where one is installed.
fn offline(dry_run: bool, show: &mut Show) -> anyhow::Result<Outcome> {
    show.note("cli-repair-offline")?;
    let own = env::current_exe().context("where this program lies")?;
    let service = own.with_file_name("kv-flexnet-service").with_extension(env::consts::EXE_EXTENSION);
    let mut command = Command::new(&service);
    command.args(["repair", "--json"]).args(dry_run.then_some("--dry-run")).stderr(Stdio::inherit());
    let output = command.output().with_context(|| format!("cannot start {}", service.display()))?;
    match serde_json::from_slice(&output.stdout).context("the answer of the service's repair")? {
        Answer::Planned(mut plan) => {
            plan.steps.extend(os::is_installed().then(|| RepairStep::new(RepairKind::Service, os::SERVICE)));
            would(&plan, show)
        }
        Answer::Repaired(mut repaired) => {
            match os::is_installed().then(os::start_service) {
                Some(Ok(())) => repaired.undone.push(RepairStep::new(RepairKind::Service, os::SERVICE)),
                Some(Err(error)) => repaired.failed.push(RepairStep::new(RepairKind::Service, error.to_string())),
                None => {}
            }
            did(&repaired, show)
        }
        Answer::Refused(fault) => {
            if fault.code == FaultCode::NotPermitted {
                show.note("cli-repair-administrator")?;
            }
            Err(fault.into())
        }
    }
}

/// One line of JSON.
#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Refused(Fault),
    Planned(RepairPlan),
    Repaired(Repaired),
}
