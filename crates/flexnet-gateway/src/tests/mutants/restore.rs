//! After a restore: floors go up, each kind of token by its own rule, and what had ended keeps its end.

use super::*;
use crate::{
    acts::Hand,
    restore::{self, Since},
    tokens,
};

const NOW: i64 = 30_000;

pub async fn keeps(ground: &Ground) -> Kept {
    let write = &mut ground.database.write().await?;
    // Steps of half a minute: the floor of all that was spent until now is a thousand, and four for what was learned.
    for (serial, last) in [("low", 3), ("at", 1004), ("high", 2000)] {
        tokens::add(write, &ground.keys, None, &clock_token(serial), 0).await?;
        let update = sqlx::query("UPDATE token SET last = $2 WHERE serial = $1").bind(serial).bind(last);
        update.execute(&mut **write).await?;
    }
    for staff in [ground.clerk, ground.boss] {
        staff::begin_session(write, staff, "192.0.2.0/24", 1).await?;
    }
    staff::end_session(write, ground.clerk, 7).await?;

    let hand = Hand { gateway: "gw", keys: &ground.keys, actor: "root", network: None, now: NOW };
    let since = Since { hotp_jump: Some(20), no_resync: true, another: false };
    let done = restore::done(write, hand, since).await?;
    ensure!((done.totp, done.hotp) == (1, 2));
    for (serial, last) in [("low", 1004), ("at", 1004), ("high", 2000), ("T-m.eins", 19), ("T-n.zwei", 19)] {
        let select = sqlx::query_scalar::<_, i64>("SELECT last FROM token WHERE serial = $1").bind(serial);
        ensure!(select.fetch_one(&mut **write).await? == last, "{serial}");
    }
    let select = sqlx::query_scalar::<_, i64>("SELECT ended FROM staff_session ORDER BY ended");
    ensure!(select.fetch_all(&mut **write).await? == [7, NOW]);

    ensure!(matches!(restore::done(write, hand, since).await, Err(Error::Value { .. })));
    restore::done(write, hand, Since { another: true, ..since }).await?;
    Ok(())
}

fn clock_token(serial: &str) -> NewToken {
    NewToken {
        serial: serial.into(),
        kind: Kind::Totp,
        hash: Hash::Sha1,
        digits: 6,
        period: 30,
        seed: Zeroizing::new(vec![9; 20]),
    }
}
