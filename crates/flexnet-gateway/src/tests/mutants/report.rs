//! Reports: as many as there is room for, none before its time and none after it, and each by its own number.

use flexnet_protocol::report::Kept as Place;

use super::*;
use crate::{
    acts::Hand,
    reports::{self, Keeping, Opened, Room, samples},
};

const NOW: i64 = 1_000;

pub async fn keeps(ground: &Ground) -> Kept {
    let write = &mut ground.database.write().await?;
    let report = |n: u8| -> Opened {
        reports::open(&samples::seal(1, samples::text("KVF-102-9", &json!({ "n": n })).to_string())).unwrap()
    };
    let size = i64::try_from(serde_json::to_vec(&report(1).envelope)?.len())?;
    let hand = Hand { gateway: "gw", keys: &ground.keys, actor: "root", network: None, now: NOW };
    let two = Room { reports: 2, bytes: 100 * size };
    let three = Room { reports: 100, bytes: 3 * size };

    let first = kept(reports::keep_in(write, &ground.keys, two, &report(1), NOW).await?)?;
    kept(reports::keep_in(write, &ground.keys, two, &report(2), NOW).await?)?;
    ensure!(reports::keep_in(write, &ground.keys, two, &report(3), NOW).await? == Keeping::Full);
    ensure!(count(write).await? == (2, 2, 2 * size));
    let again = reports::keep_in(write, &ground.keys, two, &report(1), NOW).await?;
    ensure!(again == Keeping::Kept(first.clone()), "the same again takes no place");

    reports::delete(write, hand, first.number.parse()?).await?;
    ensure!(count(write).await? == (1, 1, size));
    kept(reports::keep_in(write, &ground.keys, three, &report(3), NOW).await?)?;
    let last = kept(reports::keep_in(write, &ground.keys, three, &report(4), NOW + 1).await?)?;
    ensure!(reports::keep_in(write, &ground.keys, three, &report(5), NOW).await? == Keeping::Full);
    ensure!(count(write).await? == (3, 3, 3 * size));

    reports::forget_old(write, last.until - 2).await?;
    ensure!(count(write).await? == (3, 3, 3 * size), "none before its time");
    reports::forget_old(write, last.until - 1).await?;
    ensure!(count(write).await? == (1, 1, size));
    reports::forget_old(write, last.until).await?;
    ensure!(count(write).await? == (0, 0, 0));
    Ok(())
}

fn kept(keeping: Keeping) -> anyhow::Result<Place> {
    match keeping {
        Keeping::Kept(place) => Ok(place),
        Keeping::Full | Keeping::OtherKey => anyhow::bail!("{keeping:?}"),
    }
}

/// Rows, and what the room says of them.
async fn count(write: &mut Write) -> anyhow::Result<(i64, i64, i64)> {
    let rows = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM report").fetch_one(&mut **write).await?;
    let select = "SELECT reports, bytes FROM report_room";
    let (reports, bytes) = sqlx::query_as::<_, (i64, i64)>(select).fetch_one(&mut **write).await?;
    Ok((rows, reports, bytes))
}
