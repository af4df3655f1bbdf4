//! Attempts, accounts, staff, imports and gateways: each beside another that must not change.

use std::sync::atomic::AtomicI64;

use super::*;
use crate::{
    acts::Hand,
    attempts::{self, Attempt, Known, Outcome},
    counted,
    gateways::Own,
    provision::import,
    staff,
};

const KEY: [u8; 32] = [3; 32];

pub async fn keep(ground: &Ground) -> Kept {
    attempts_end_once(ground).await?;
    accounts_are_as_they_were_judged(ground).await?;
    staff_too(ground).await?;
    imports_are_judged_once_by_another(ground).await?;
    gateways_have_their_names(ground).await
}

async fn attempts_end_once(ground: &Ground) -> Kept {
    let keys = &ground.keys;
    let write = &mut ground.database.write().await?;
    for number in [1, 2] {
        attempts::note(write, "gw", &attempt(number), Some(1), 0).await?;
    }
    attempts::end(write, keys, &attempt(1).id, &Outcome::Locked).await?;
    let second = Outcome::Refused { attempts_left: 3 };
    ensure!(attempts::end(write, keys, &attempt(1).id, &second).await.is_err());
    let known = attempts::known(&mut **write, keys, &attempt(2)).await?;
    ensure!(matches!(known, Known::Open));

    let (one, other) = (counted::count(write, "gw", KEY, 0).await?, counted::count(write, "gw", KEY, 0).await?);
    let (Some(one), Some(other)) = (one, other) else { anyhow::bail!("it is locked") };
    one.close(write).await?;
    ensure!(one.close(write).await.is_err());
    // The gateway was taken for dead meanwhile.
    sqlx::query("UPDATE attempt SET outcome = $1").bind(vec![1_u8]).execute(&mut **write).await?;
    ensure!(other.close(write).await.is_err());
    Ok(())
}

fn attempt(number: u8) -> Attempt {
    let id = serde_json::from_value(json!(BASE64URL_NOPAD.encode(&[number; 16]))).unwrap();
    Attempt { id, body: [number; 32], guard: KEY }
}

async fn accounts_are_as_they_were_judged(ground: &Ground) -> Kept {
    let write = &mut ground.database.write().await?;
    let account = accounts::named(write, "m.eins").await?;
    let second = accounts::named(write, "n.zwei").await?;
    // Nothing but the id tells them apart.
    accounts::set_password(write, second.id, &account.password).await?;
    ensure!(accounts::signed_in(write, &account, 7, "192.0.2.0/24").await?);
    ensure!(accounts::named(write, "n.zwei").await?.last_sign_in.is_none());
    ensure!(accounts::hold_unchanged(write, &account).await?);
    accounts::set_password(write, account.id, "another").await?;
    ensure!(!accounts::signed_in(write, &account, 8, "192.0.2.0/24").await?);
    ensure!(!accounts::hold_unchanged(write, &account).await?);
    accounts::set_password(write, account.id, &account.password).await?;
    accounts::set_active(write, second.id, false).await?;
    ensure!(accounts::hold_unchanged(write, &account).await?);
    ensure!(!accounts::named(write, "n.zwei").await?.active);
    accounts::set_active(write, account.id, false).await?;
    ensure!(!accounts::signed_in(write, &account, 8, "192.0.2.0/24").await?);
    ensure!(!accounts::hold_unchanged(write, &account).await?);
    Ok(())
}

async fn staff_too(ground: &Ground) -> Kept {
    let write = &mut ground.database.write().await?;
    let clerk = staff::named(write, "c.clerk").await?;
    ensure!(staff::signed_in(write, &clerk, 7).await?);
    staff::set_password(write, clerk.id, "another").await?;
    ensure!(!staff::signed_in(write, &clerk, 8).await?);
    staff::set_password(write, clerk.id, &clerk.password).await?;
    staff::set_active(write, clerk.id, false).await?;
    ensure!(!staff::signed_in(write, &clerk, 8).await?);
    staff::begin_session(write, ground.clerk, "192.0.2.0/24", 1).await?;
    staff::begin_session(write, ground.boss, "192.0.2.0/24", 1).await?;
    ensure!(staff::end_session(write, ground.clerk, 2).await?);
    ensure!(!staff::end_session(write, ground.clerk, 3).await?);
    ensure!(staff::end_session(write, ground.boss, 4).await?);
    Ok(())
}

async fn imports_are_judged_once_by_another(ground: &Ground) -> Kept {
    let write = &mut ground.database.write().await?;
    let hand = |actor| Hand { gateway: "gw", keys: &ground.keys, actor, network: None, now: 0 };
    let one = import::bring(write, hand("c.clerk"), b"one", &[]).await?.id;
    let other = import::bring(write, hand("c.clerk"), b"other", &[]).await?.id;
    ensure!(matches!(import::refuse(write, hand("c.clerk"), one).await, Err(Error::SamePerson { .. })));
    import::refuse(write, hand("b.boss"), one).await?;
    ensure!(matches!(import::refuse(write, hand("b.boss"), one).await, Err(Error::Unknown(_))));
    import::refuse(write, hand("b.boss"), other).await?;
    Ok(())
}

/// The only rows that stay: each run is later than all before it.
async fn gateways_have_their_names(ground: &Ground) -> Kept {
    static NOW: AtomicI64 = AtomicI64::new(100);
    let now = NOW.fetch_add(100, Ordering::Relaxed);
    let first = Own::appear(&ground.database, "gw1", now).await?;
    let other = Own::appear(&ground.database, "gw2", now).await?;
    ensure!(first.beat(&ground.database, now).await? && other.beat(&ground.database, now).await?);
    let second = Own::appear(&ground.database, "gw1", now).await?;
    ensure!(!first.beat(&ground.database, now).await? && second.beat(&ground.database, now).await?);
    Ok(())
}
