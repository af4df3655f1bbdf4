//! A member reports the token lost, from a running session: every active token of the member is lost, every session ends, and nothing under way opens one.
//! The desk's own way, for one token by its number, is in `acts`.

use flexnet_protocol::{Secret, gateway::EndReason};

use crate::{
    audit::{self, Event, Record},
    db::retry,
    error::Error,
    gateway::Gateway,
    guard, handoff,
    sessions::{self, Which},
    steps::{Step, reached},
    tokens::{self, Owner},
};

/// Reports it; whether a live session has this bearer token.
///
/// # Errors
/// [`Error::Database`], [`Error::Seal`].
pub async fn report(gateway: &Gateway, session: &Secret, network: &str) -> Result<bool, Error> {
    retry(|| try_report(gateway, session, network)).await
}

async fn try_report(gateway: &Gateway, session: &Secret, network: &str) -> Result<bool, Error> {
    let (now, id) = (gateway.clock.now(), &gateway.config.id);
    let mut write = gateway.database.write().await?;
    let Some(member) = sessions::member(&mut write, session, now).await? else { return Ok(false) };
    let (account, username) = (member.id, member.username);
    let serials = tokens::lose_all(&mut write, Owner::Account(account)).await?;
    reached(Step::TokensLost);
    handoff::revoke(&mut write, account).await?;
    reached(Step::TicketsRevoked);
    // Where a foreign server judges the TANs, only a lock keeps the token out.
    let foreign = serials.is_empty() || gateway.verifier.judges_tans();
    let locked = foreign && guard::lock(&mut write, &gateway.keys.guard(&username)).await?;
    let ended = sessions::close(&mut write, Which::Of(account), EndReason::TokenLost, now).await?;
    reached(Step::OlderEnded);
    let note = |event, detail| Record { event, subject: &username, actor: "member", network: Some(network), detail };
    for serial in &serials {
        audit::append(&mut write, id, now, &note(Event::TokenLost, serial)).await?;
    }
    if serials.is_empty() {
        audit::append(&mut write, id, now, &note(Event::TokenLost, "none of ours")).await?;
    }
    if locked {
        audit::append(&mut write, id, now, &note(Event::Lock, "token lost")).await?;
    }
    sessions::note_ended(&mut write, id, &ended, EndReason::TokenLost, "member", now).await?;
    reached(Step::Reporting);
    write.commit().await?;
    reached(Step::Reported);
    Ok(true)
}
