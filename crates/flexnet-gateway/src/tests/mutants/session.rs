//! Sessions: who may ask for what, what ends them and what moves them, and which addresses and peers follow.

use std::net::IpAddr;

use flexnet_protocol::gateway::EndReason;

use super::*;
use crate::{
    leases, resume, seal,
    sessions::{self, Which},
};

pub async fn keep(ground: &Ground) -> Kept {
    answer_to_their_own_token(ground).await?;
    are_used_later_than_before(ground).await?;
    end_once(ground).await?;
    move_once(ground).await?;
    have_addresses_of_their_own(ground).await?;
    are_the_peers_of_their_gateway(ground).await
}

async fn answer_to_their_own_token(ground: &Ground) -> Kept {
    let write = &mut empty(ground).await?;
    for row in [Row::of(1), Row { number: 2, ended: Some(4), ..Row::of(1) }, Row { number: 3, ..Row::of(2) }] {
        row.insert(write, ground).await?;
    }
    for (token, now, whose) in
        [(1, 98, Some("m.eins")), (1, 99, None), (2, 98, None), (3, 98, Some("n.zwei")), (4, 98, None)]
    {
        let member = sessions::member(write, &token_of(token), now).await?;
        ensure!(member.map(|account| account.username).as_deref() == whose);
        let live = resume::live(write, &token_of(token), now).await?;
        ensure!(live.map(|live| live.name).as_deref() == whose.map(|_| name(token)).as_deref());
    }
    for (key, member, taken) in
        [(1, "n.zwei", true), (1, "m.eins", false), (2, "n.zwei", false), (3, "m.eins", true), (4, "m.eins", false)]
    {
        ensure!(sessions::key_taken(write, &Key::new([key; 32]), member).await? == taken);
    }
    sessions::forget_old(write, 4).await?;
    ensure!(names(write, "SELECT name FROM session ORDER BY name").await? == ["s1", "s2", "s3"]);
    sessions::forget_old(write, 5).await?;
    ensure!(names(write, "SELECT name FROM session ORDER BY name").await? == ["s1", "s3"]);
    Ok(())
}

async fn are_used_later_than_before(ground: &Ground) -> Kept {
    let write = &mut empty(ground).await?;
    let one = Row::of(1).insert(write, ground).await?;
    Row { number: 2, ..Row::of(2) }.insert(write, ground).await?;
    let ended = Row { number: 3, ended: Some(4), ..Row::of(1) }.insert(write, ground).await?;
    ensure!(sessions::used(write, one, 20).await?);
    ensure!(!sessions::used(write, one, 20).await? && !sessions::used(write, one, 15).await?);
    ensure!(!sessions::used(write, ended, 20).await?);
    let used: Vec<i64> =
        sqlx::query_scalar("SELECT last_active FROM session ORDER BY name").fetch_all(&mut **write).await?;
    ensure!(used == [20, 10, 10]);
    Ok(())
}

async fn end_once(ground: &Ground) -> Kept {
    for (which, early) in [
        (Which::Named("s1"), None),
        (Which::Of(1), None),
        (Which::AbsoluteEndBefore(99), Some(Which::AbsoluteEndBefore(98))),
        (Which::IdleSince("home", 10), Some(Which::IdleSince("home", 9))),
        (Which::DeadSince(10), Some(Which::DeadSince(9))),
    ] {
        let write = &mut empty(ground).await?;
        let beside = match which {
            Which::AbsoluteEndBefore(_) => Row { absolute_end: 100, ..Row::of(2) },
            Which::IdleSince(..) => Row { gateway: "away", ..Row::of(2) },
            Which::DeadSince(_) => Row { last_active: 11, ..Row::of(2) },
            Which::Named(_) | Which::Of(_) => Row::of(2),
        };
        Row::of(1).insert(write, ground).await?;
        Row { number: 2, ..beside }.insert(write, ground).await?;
        Row { number: 3, ended: Some(4), ..Row::of(1) }.insert(write, ground).await?;
        if let Some(early) = early {
            ensure!(sessions::end(write, "gw", early, EndReason::Idle, "gateway", 50).await?.is_empty());
        }
        ensure!(sessions::end(write, "gw", which, EndReason::Idle, "gateway", 50).await? == ["s1"]);
        ensure!(sessions::end(write, "gw", which, EndReason::Desk, "b.boss", 60).await?.is_empty());
        ensure!(names(write, "SELECT name FROM session WHERE ended IS NULL").await? == ["s2"]);
        ensure!(names(write, "SELECT end_reason FROM session WHERE ended = 4").await? == ["desk"]);
        ensure!(names(write, "SELECT name FROM session WHERE ended = 50 AND end_reason = 'idle'").await? == ["s1"]);
    }
    Ok(())
}

async fn move_once(ground: &Ground) -> Kept {
    let write = &mut empty(ground).await?;
    Row::of(1).insert(write, ground).await?;
    Row { number: 2, ..Row::of(2) }.insert(write, ground).await?;
    let Some(seen) = resume::live(write, &token_of(1), 0).await? else { anyhow::bail!("it does not live") };
    let key = Key::new([8; 32]);
    ensure!(resume::take_over(write, &seen, &key, vec![1], 5, "away").await?);
    resume::give_addresses(write, seen.id, &["10.9.9.9".parse()?]).await?;
    let rows = "SELECT name || ' ' || gateway || ' ' || addresses || ' ' || last_active FROM session ORDER BY name";
    ensure!(names(write, rows).await? == ["s1 away 10.9.9.9 10", "s2 home 10.9.0.2 10"]);
    // It is elsewhere now: whoever saw it where it was looks again.
    ensure!(!resume::take_over(write, &seen, &key, vec![2], 20, "home").await?);
    let Some(seen) = resume::live(write, &token_of(1), 0).await? else { anyhow::bail!("it does not live") };
    ensure!(resume::take_over(write, &seen, &key, vec![2], 20, "away").await?);
    ensure!(names(write, rows).await?[0] == "s1 away 10.9.9.9 20");
    sessions::close(write, Which::Named("s1"), EndReason::Desk, 50).await?;
    ensure!(!resume::take_over(write, &seen, &key, vec![3], 20, "away").await?);
    Ok(())
}

async fn have_addresses_of_their_own(ground: &Ground) -> Kept {
    let write = &mut empty(ground).await?;
    sqlx::query("DELETE FROM gateway").execute(&mut **write).await?;
    for gateway in ["home", "away"] {
        let insert = sqlx::query("INSERT INTO gateway (name, started, seen) VALUES ($1, 0, 0)");
        insert.bind(gateway).execute(&mut **write).await?;
    }
    // Nobody holds the one address: its session has ended, and another gateway's member has his own network.
    let one = ["10.9.0.0/30".parse()?];
    let address = |text: &str| text.parse::<IpAddr>();
    Row { ended: Some(4), ..Row::of(1) }.insert(write, ground).await?;
    Row { number: 2, gateway: "away", ..Row::of(2) }.insert(write, ground).await?;
    leases::room(write, "home", &one).await?;
    ensure!(leases::take(write, "home", &one).await? == [address("10.9.0.2")?]);
    ensure!(names(write, "SELECT name || turn FROM gateway ORDER BY name").await? == ["away0", "home1"]);
    ensure!(leases::take(write, "nowhere", &one).await.is_err());
    Row { number: 3, ..Row::of(1) }.insert(write, ground).await?;
    ensure!(leases::room(write, "home", &one).await.is_err() && leases::take(write, "home", &one).await.is_err());
    // Behind the one that this gateway gave out last.
    let more = ["10.9.0.0/29".parse()?];
    let name = accounts::add(write, "o.drei", "Drei", "hash", 0).await?;
    let third = accounts::named(write, &name).await?.id;
    Row { number: 4, gateway: "away", addresses: "10.9.0.3", ..Row::of(third) }.insert(write, ground).await?;
    leases::room(write, "home", &more).await?;
    ensure!(leases::take(write, "home", &more).await? == [address("10.9.0.3")?]);
    Ok(())
}

async fn are_the_peers_of_their_gateway(ground: &Ground) -> Kept {
    let mut read = ground.database.read().acquire().await?;
    let mut peers = async |now| {
        let live = leases::live(&mut read, "standing", &ground.keys, now).await;
        live.map(|leases| leases.into_iter().map(|lease| lease.public_key)).map_err(|error| anyhow::anyhow!(error))
    };
    ensure!(peers(98).await?.eq([Key::new([21; 32])]));
    ensure!(peers(99).await?.eq([]));
    Ok(())
}

/// Without those that stay.
async fn empty(ground: &Ground) -> anyhow::Result<Write> {
    let mut write = ground.database.write().await?;
    sqlx::query("DELETE FROM session").execute(&mut *write).await?;
    Ok(write)
}

/// Sessions that stay, of members of their own: peers are read from what is committed.
pub async fn stand(write: &mut Write, ground: &Ground) -> Kept {
    for (number, ended, gateway) in [(21, None, "standing"), (22, Some(4), "standing"), (23, None, "elsewhere")] {
        let member = accounts::add(write, &format!("s.{number}"), "S", "hash", 0).await?;
        let account = accounts::named(write, &member).await?.id;
        Row { number, ended, gateway, ..Row::of(account) }.insert(write, ground).await?;
    }
    Ok(())
}

/// A session as a scenario needs it.
struct Row {
    account: i64,
    number: u8,
    gateway: &'static str,
    addresses: &'static str,
    last_active: i64,
    absolute_end: i64,
    ended: Option<i64>,
}

impl Row {
    const fn of(account: i64) -> Self {
        let (number, last_active, absolute_end, ended) = (1, 10, 99, None);
        Self { account, number, gateway: "home", addresses: "10.9.0.2", last_active, absolute_end, ended }
    }

    /// Inserts it; its row.
    async fn insert(self, write: &mut Write, ground: &Ground) -> anyhow::Result<i64> {
        let insert = "INSERT INTO session (name, account, token_hash, public_key, preshared_key, addresses, network, gateway, started, \
                      last_active, absolute_end, failures_before, ended, end_reason) \
                      VALUES ($1, $2, $3, $4, $5, $6, '', $7, 0, $8, $9, 0, $10, $11) RETURNING id";
        let name = name(self.number);
        let query = sqlx::query_scalar(insert)
            .bind(&name)
            .bind(self.account)
            .bind(seal::sha256(&[token_of(self.number).expose().as_bytes()]).to_vec())
            .bind(vec![self.number; 32])
            .bind(ground.keys.seal(&leases::preshared_place(&name), &[9; 32])?)
            .bind(self.addresses)
            .bind(self.gateway)
            .bind(self.last_active)
            .bind(self.absolute_end)
            .bind(self.ended)
            .bind(self.ended.map(|_| "desk"));
        Ok(query.fetch_one(&mut **write).await?)
    }
}

fn name(number: u8) -> String {
    format!("s{number}")
}

fn token_of(number: u8) -> Secret {
    Secret::new(format!("token {number}"))
}

/// One column.
async fn names(write: &mut Write, select: &'static str) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(select).fetch_all(&mut **write).await
}
