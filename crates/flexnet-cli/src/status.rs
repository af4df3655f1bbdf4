//! `status`: the present snapshot, or every one as it comes.

use flexnet_ipc::{Client, Snapshots};
use flexnet_protocol::{Fault, FaultCode, snapshot::State};

use crate::{Outcome, connect, show::Show};

pub(crate) async fn run(
    client: &Client,
    snapshots: &mut Snapshots,
    watch: bool,
    show: &mut Show,
) -> anyhow::Result<Outcome> {
    let mut snapshot = connect::watch(client, snapshots).await?;
    loop {
        show.news(&snapshot)?;
        if !watch {
            return Ok(outcome(&snapshot.state));
        }
        snapshot = snapshots.next().await.ok_or_else(|| Fault::from(FaultCode::ServiceDown))?;
    }
}

/// What a script wants to know without reading.
fn outcome(state: &State) -> Outcome {
    match state {
        State::Locked { .. } => Outcome::Locked,
        State::Failed { fault, .. } => Outcome::of(fault),
        State::SignedOut { .. }
        | State::SigningIn { .. }
        | State::Confirming { .. }
        | State::Connecting { .. }
        | State::Connected { .. }
        | State::Reconnecting { .. }
        | State::Ending => Outcome::Done,
    }
}
