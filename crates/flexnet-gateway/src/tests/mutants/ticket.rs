//! The hand-off: each step once, in time, by whom it belongs to; and what is dead stays dead.

use super::*;
use crate::{
    accounts::Account,
    handoff::{
        self, Issued,
        ticket::{self, By, State, Ticket},
    },
};

const NOW: i64 = 100;
const BODY: [u8; 32] = [7; 32];

/// Beside each ticket there is somebody else's in the same state, redeemed by a request that looks the same.
pub async fn keeps(ground: &Ground) -> Kept {
    let write = &mut ground.database.write().await?;
    let (member, other) = (accounts::named(write, "m.eins").await?, accounts::named(write, "n.zwei").await?);
    let (issued, beside) = (issue(write, &member).await?, issue(write, &other).await?);
    let (hash, theirs) = (look(write, &issued).await?.hash, look(write, &beside).await?.hash);

    ensure!(!ticket::confirm(write, &hash, NOW).await? && !ticket::begin(write, &hash, &BODY, NOW).await?);
    ensure!(!ticket::redeem(write, &hash, &BODY, 42, NOW + 60).await?);
    ensure!(ticket::redeem(write, &hash, &BODY, 42, NOW + 59).await?);
    ensure!(!ticket::redeem(write, &hash, &[8; 32], 43, NOW + 59).await?);
    ensure!(states(write, [&issued, &beside]).await? == [State::Redeemed, State::Issued]);
    ensure!(look(write, &issued).await?.shown_digits() == "42");

    ensure!(ticket::redeem(write, &theirs, &BODY, 7, NOW + 59).await?);
    ensure!(!ticket::begin(write, &hash, &BODY, NOW + 60).await?);
    ensure!(!ticket::confirm(write, &hash, NOW + 119).await?);
    ensure!(ticket::confirm(write, &hash, NOW + 118).await?);
    ensure!(!ticket::confirm(write, &hash, NOW + 118).await?);
    ensure!(states(write, [&issued, &beside]).await? == [State::Confirmed, State::Redeemed]);

    ensure!(ticket::confirm(write, &theirs, NOW + 118).await?);
    ensure!(!ticket::redeem(write, &hash, &BODY, 42, NOW).await?);
    ensure!(!ticket::begin(write, &hash, &BODY, NOW + 178).await?);
    ensure!(!ticket::begin(write, &hash, &[8; 32], NOW + 177).await?);
    ensure!(ticket::begin(write, &hash, &BODY, NOW + 177).await?);
    ensure!(!ticket::begin(write, &hash, &BODY, NOW + 177).await?);
    ticket::answer(write, &hash, vec![1]).await?;
    ensure!(look(write, &beside).await?.answer.is_none());

    // It has begun a session, and dies no more.
    ensure!(!ticket::kill(write, &hash).await?);
    ticket::revoke(write, member.id).await?;
    ensure!(states(write, [&issued, &beside]).await? == [State::Used, State::Confirmed]);
    for steps in 0..3 {
        for by_account in [false, true] {
            let dead = issue(write, &member).await?;
            let hash = look(write, &dead).await?.hash;
            ensure!(steps < 1 || ticket::redeem(write, &hash, &BODY, 42, NOW).await?);
            ensure!(steps < 2 || ticket::confirm(write, &hash, NOW).await?);
            if by_account {
                ticket::revoke(write, member.id).await?;
            } else {
                ensure!(ticket::kill(write, &hash).await?);
            }
            ensure!(!ticket::kill(write, &hash).await?);
            ensure!(!ticket::redeem(write, &hash, &BODY, 42, NOW).await?);
            ensure!(!ticket::confirm(write, &hash, NOW).await? && !ticket::begin(write, &hash, &BODY, NOW).await?);
            ensure!(states(write, [&dead, &beside]).await? == [State::Refused, State::Confirmed]);
        }
    }

    // It says for an hour what became of it.
    let expires = look(write, &issued).await?.expires;
    ticket::forget_old(write, expires + 3600).await?;
    ensure!(states(write, [&issued]).await? == [State::Used]);
    ticket::forget_old(write, expires + 3601).await?;
    ensure!(ticket::find(&mut **write, By::Ticket(&issued.ticket)).await?.is_none());
    Ok(())
}

async fn issue(write: &mut Write, account: &Account) -> Result<Issued, Error> {
    handoff::issue(write, account, &[3; 32], "192.0.2.0/24", 0, NOW).await
}

async fn look(write: &mut Write, issued: &Issued) -> anyhow::Result<Ticket> {
    let found = ticket::find(&mut **write, By::Ticket(&issued.ticket)).await?;
    found.ok_or_else(|| anyhow::anyhow!("the ticket is gone"))
}

async fn states<const N: usize>(write: &mut Write, tickets: [&Issued; N]) -> anyhow::Result<Vec<State>> {
    let mut states = Vec::new();
    for issued in tickets {
        states.push(look(write, issued).await?.state);
    }
    Ok(states)
}
