//! `report-token-lost` and `resync-token`: one request each, and its reply is the outcome.

use flexnet_ipc::{Client, Snapshots};
use flexnet_protocol::{
    Fault, FaultCode,
    local::{Reply, Request},
};

use crate::{Outcome, connect, entry::Source, show::Show};

/// Asks again first: it cannot be undone.
pub(crate) async fn report_lost(
    client: &Client,
    snapshots: &mut Snapshots,
    yes: bool,
    mut source: Source,
    show: &mut Show,
) -> anyhow::Result<Outcome> {
    let now = connect::watch(client, snapshots).await?;
    if now.state.session().is_none() {
        show.desk_instead("cli-lost-no-session", &now.desk)?;
        return Ok(Outcome::Fault);
    }
    if !yes && !source.agrees(show)? {
        show.note("cli-lost-not")?;
        return Ok(Outcome::Usage);
    }
    match client.request(Request::ReportTokenLost).await? {
        Reply::Done => {
            show.done()?;
            show.desk_instead("cli-lost-done", &now.desk)?;
            Ok(Outcome::Done)
        }
        Reply::Refused(fault) => {
            show.fault(&fault, Some(&now.desk))?;
            show.desk_instead("cli-lost-failed", &now.desk)?;
            Ok(Outcome::of(&fault))
        }
        Reply::Hello { .. }
        | Reply::Accepted
        | Reply::WrongEntry(_)
        | Reply::Repaired(_)
        | Reply::RepairPlan(_)
        | Reply::Health(_)
        | Reply::Events(_) => unexpected(),
    }
}

pub(crate) async fn resync(
    client: &Client,
    snapshots: &mut Snapshots,
    mut source: Source,
    show: &mut Show,
) -> anyhow::Result<Outcome> {
    let now = connect::watch(client, snapshots).await?;
    if now.state.session().is_none() {
        show.desk_instead("cli-resync-no-session", &now.desk)?;
        return Ok(Outcome::Fault);
    }
    let [first, second] = source.tans(show)?;
    match client.request(Request::ResyncToken { first, second }).await? {
        Reply::Done => {
            show.done()?;
            show.note("cli-resync-done")?;
            Ok(Outcome::Done)
        }
        Reply::WrongEntry(wrong) => {
            show.wrong(&wrong, &now.desk)?;
            Ok(Outcome::of(&wrong.fault))
        }
        Reply::Refused(fault) => {
            show.fault(&fault, Some(&now.desk))?;
            Ok(Outcome::of(&fault))
        }
        Reply::Hello { .. }
        | Reply::Accepted
        | Reply::Repaired(_)
        | Reply::RepairPlan(_)
        | Reply::Health(_)
        | Reply::Events(_) => unexpected(),
    }
}

fn unexpected() -> anyhow::Result<Outcome> {
    Err(Fault::new(FaultCode::Internal, "an unexpected reply").into())
}
