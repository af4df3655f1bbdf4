//! `connect`, by an entry or from the browser, `extend` and `disconnect`: one request, then the snapshots tell what became of it.
//! The service publishes before it replies, so what comes after a reply is its consequence.

mod identity;

use std::time::Duration;

use flexnet_ipc::{Client, Snapshots};
use flexnet_protocol::{
    Fault, FaultCode,
    gateway::EndReason,
    local::{Reply, Request},
    snapshot::{Snapshot, State, WrongEntry},
};

use self::identity::Question;
use crate::{
    Outcome,
    entry::{BadInput, Source},
    show::Show,
};

/// How long the gateway may take to put an end off.
const EXTENDED_WITHIN: Duration = Duration::from_secs(5);

pub(crate) async fn run(
    client: &Client,
    snapshots: &mut Snapshots,
    mut username: Option<String>,
    mut source: Source,
    show: &mut Show,
) -> anyhow::Result<Outcome> {
    let now = watch(client, snapshots).await?;
    if let Some(outcome) = make_ready(now, client, snapshots, show).await? {
        return Ok(outcome);
    }
    // The service reaches the gateway while the member types.
    ask(client, Request::Prepare).await?;
    loop {
        let credentials = source.read(username.as_deref(), show)?;
        username = Some(credentials.username.clone());
        ask(client, Request::SignIn(credentials)).await?;
        let last = follow(client, snapshots, show, None).await?;
        show.snapshot(&last)?;
        let State::SignedOut { refused: Some(wrong), .. } = &last.state else { return Ok(outcome(&last.state)) };
        if !source.asks() {
            return Ok(Outcome::WrongEntry);
        }
        if is_last_but_one(wrong) {
            show.note("cli-attempts-halt")?;
            return Ok(Outcome::WrongEntry);
        }
    }
}

/// Goes on with a sign-in on the gateway's page. Its ticket lives for a minute: nothing is asked before it is there. Then it is asked whose it is: another
/// line, from where the ticket came.
pub(crate) async fn from_browser(
    client: &Client,
    snapshots: &mut Snapshots,
    mut source: Source,
    show: &mut Show,
) -> anyhow::Result<Outcome> {
    let ticket = source.ticket(show)?;
    let now = watch(client, snapshots).await?;
    // A ticket is for whoever has no session: one that lives is the service's to refuse.
    if now.state.session().is_none()
        && let Some(outcome) = make_ready(now, client, snapshots, show).await?
    {
        return Ok(outcome);
    }
    ask(client, Request::Redeem { ticket }).await?;
    let last = follow(client, snapshots, show, Some(source)).await?;
    show.snapshot(&last)?;
    Ok(outcome(&last.state))
}

pub(crate) async fn disconnect(client: &Client, snapshots: &mut Snapshots, show: &mut Show) -> anyhow::Result<Outcome> {
    let mut now = watch(client, snapshots).await?;
    let idle = matches!(now.state, State::SignedOut { .. } | State::Locked { .. } | State::Failed { .. });
    if !idle {
        ask(client, Request::SignOut).await?;
        now = next(snapshots).await?;
    }
    loop {
        let ended = match &now.state {
            State::SignedOut { .. } | State::Locked { .. } => Some(Outcome::Done),
            State::Failed { fault, .. } => Some(if idle { Outcome::Done } else { Outcome::of(fault) }),
            State::SigningIn { .. }
            | State::Confirming { .. }
            | State::Connecting { .. }
            | State::Connected { .. }
            | State::Reconnecting { .. }
            | State::Ending => None,
        };
        if let Some(ended) = ended {
            show.snapshot(&now)?;
            return Ok(ended);
        }
        now = next(snapshots).await?;
    }
}

/// Puts off the idle end, and shows until when.
pub(crate) async fn extend(client: &Client, snapshots: &mut Snapshots, show: &mut Show) -> anyhow::Result<Outcome> {
    let now = watch(client, snapshots).await?;
    let Some(before) = now.state.session() else {
        show.snapshot(&now)?;
        show.note("cli-no-session")?;
        return Ok(Outcome::Fault);
    };
    let asked = (before.idle_end, before.warning);
    ask(client, Request::Extend).await?;
    let answered = async {
        loop {
            let now = next(snapshots).await?;
            if now.state.session().is_none_or(|session| (session.idle_end, session.warning) != asked) {
                return anyhow::Ok(now);
            }
        }
    };
    let Ok(now) = tokio::time::timeout(EXTENDED_WITHIN, answered).await else {
        show.note("cli-not-extended")?;
        return Ok(Outcome::Fault);
    };
    let now = now?;
    show.snapshot(&now)?;
    match now.state.session() {
        Some(session) if session.warning.is_none_or(|warning| warning.reason != EndReason::Idle) => {
            show.extended(session)?;
            Ok(Outcome::Done)
        }
        Some(_) => {
            show.note("cli-not-extended")?;
            Ok(Outcome::Fault)
        }
        None => Ok(Outcome::Fault),
    }
}

/// Subscribes and returns the first snapshot.
pub(crate) async fn watch(client: &Client, snapshots: &mut Snapshots) -> anyhow::Result<Snapshot> {
    ask(client, Request::Watch).await?;
    next(snapshots).await
}

pub(crate) async fn next(snapshots: &mut Snapshots) -> anyhow::Result<Snapshot> {
    let gone = || Fault::new(FaultCode::ServiceDown, "the service closed the connection");
    Ok(snapshots.next().await.ok_or_else(gone)?)
}

/// Asks for something that is begun or refused.
async fn ask(client: &Client, request: Request) -> anyhow::Result<()> {
    match client.request(request).await? {
        Reply::Accepted => Ok(()),
        Reply::Refused(fault) => Err(fault.into()),
        Reply::Hello { .. }
        | Reply::Done
        | Reply::WrongEntry(_)
        | Reply::Repaired(_)
        | Reply::RepairPlan(_)
        | Reply::Health(_)
        | Reply::Events(_) => Err(Fault::new(FaultCode::Internal, "an unexpected reply").into()),
    }
}

/// Clears what stands in the way of a sign-in. An outcome if there is nothing to sign in to.
async fn make_ready(
    mut now: Snapshot,
    client: &Client,
    snapshots: &mut Snapshots,
    show: &mut Show,
) -> anyhow::Result<Option<Outcome>> {
    while now.state == State::Ending {
        now = next(snapshots).await?;
    }
    match &now.state {
        State::Connected { .. } | State::Reconnecting { .. } => {
            show.snapshot(&now)?;
            return Ok(Some(Outcome::Done));
        }
        State::Failed { fault, .. } if fault.code == FaultCode::Leftovers => {
            // Acknowledged, the service tries once more to take them back.
            ask(client, Request::Acknowledge).await?;
            now = next(snapshots).await?;
            while now.state == State::Ending {
                now = next(snapshots).await?;
            }
            if let State::Failed { fault, .. } = &now.state {
                show.snapshot(&now)?;
                return Ok(Some(Outcome::of(fault)));
            }
        }
        State::Failed { .. } | State::Locked { .. } => ask(client, Request::Acknowledge).await?,
        // A sign-in that runs already is the service's to refuse.
        State::SignedOut { .. }
        | State::SigningIn { .. }
        | State::Confirming { .. }
        | State::Connecting { .. }
        | State::Ending => {}
    }
    Ok(None)
}

/// Shows each step until the attempt is decided. Ctrl-C gives it up, in the service as well, and so does whoever says that a link is not theirs.
async fn follow(
    client: &Client,
    snapshots: &mut Snapshots,
    show: &mut Show,
    mut source: Option<Source>,
) -> anyhow::Result<Snapshot> {
    let (mut question, mut given_up) = (None, false);
    loop {
        let snapshot = tokio::select! {
            biased;
            snapshot = next(snapshots) => snapshot?,
            interrupted = tokio::signal::ctrl_c(), if !given_up => {
                interrupted?;
                given_up = true;
                ask(client, Request::Cancel).await?;
                continue;
            }
            (display_name, own) = answered(&mut question), if !given_up => {
                if matches!(own, Ok(true)) {
                    ask(client, Request::ConfirmIdentity { display_name }).await?;
                } else {
                    given_up = true;
                    ask(client, Request::Cancel).await?;
                    own?;
                    show.note("cli-identity-not")?;
                }
                continue;
            }
        };
        match &snapshot.state {
            State::SigningIn { .. } | State::Connecting { .. } => show.step(&snapshot)?,
            State::Confirming { display_name, digits, .. } => {
                show.snapshot(&snapshot)?;
                if digits.is_none()
                    && let Some(source) = source.take()
                {
                    question = Some(Question::ask(display_name.clone(), source, show));
                }
            }
            State::Ending => {}
            State::SignedOut { .. }
            | State::Connected { .. }
            | State::Reconnecting { .. }
            | State::Locked { .. }
            | State::Failed { .. } => return Ok(snapshot),
        }
    }
}

/// What was said to the question, and about whom; for ever without one. It is answered once.
async fn answered(question: &mut Option<Question>) -> (Option<String>, Result<bool, BadInput>) {
    let own = match question {
        Some(question) => question.answer().await,
        None => std::future::pending().await,
    };
    (question.take().and_then(|question| question.display_name), own)
}

/// What a decided attempt came to.
fn outcome(state: &State) -> Outcome {
    match state {
        State::Connected { .. } | State::Reconnecting { .. } => Outcome::Done,
        State::SignedOut { refused: Some(_), .. } => Outcome::WrongEntry,
        State::Locked { .. } => Outcome::Locked,
        State::Failed { fault, .. } => Outcome::of(fault),
        // Given up, here or elsewhere.
        State::SignedOut { refused: None, .. }
        | State::SigningIn { .. }
        | State::Confirming { .. }
        | State::Connecting { .. }
        | State::Ending => Outcome::Fault,
    }
}

/// Nobody is asked for the entry that could lock the access without thinking about it first.
const fn is_last_but_one(wrong: &WrongEntry) -> bool {
    matches!(wrong.attempts_left, Some(0 | 1))
}

#[cfg(test)]
mod tests;
