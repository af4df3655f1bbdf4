//! Addresses of members, and the live leases as the network reads them. One address per pool for each session, taken in turn.
//! Each gateway has its own pools and makes peers of its own sessions only.

use std::{collections::HashSet, net::IpAddr, sync::Arc, time::Duration};

use flexnet_protocol::Key;
use ipnet::IpNet;
use sqlx::{AnyConnection, Row as _, any::AnyRow};
use tokio::time::timeout;

use crate::{
    clock::Clock,
    db::{Database, Write, exact},
    error::Error,
    gateways::Own,
    network::{Lease, LeaseSource, Reading, SourceError, own_address},
    seal::Keys,
};

/// Each of these holds an address.
const HELD: &str = "SELECT count(*) FROM session WHERE ended IS NULL AND gateway = $1";
/// Who gives out addresses of a gateway does so alone.
const TURN: &str = "UPDATE gateway SET turn = turn + 1 WHERE name = $1";
/// Addresses that are not free.
const TAKEN: &str = "SELECT addresses FROM session WHERE ended IS NULL AND gateway = $1";
/// Those given out last.
const LAST: &str = "SELECT addresses FROM session WHERE gateway = $1 ORDER BY id DESC LIMIT 1";
/// The sessions whose peers a gateway has.
const LEASES: &str = "SELECT name, public_key, preshared_key, addresses FROM session \
     WHERE ended IS NULL AND gateway = $1 AND absolute_end > $2";
/// How long they may take to be read: a server that is gone says nothing for ever.
const READ_LIMIT: Duration = Duration::from_secs(15);

/// Whether each pool of a gateway has an address left. Takes none: who takes one finds it again.
///
/// # Errors
/// [`Error::PoolExhausted`], [`Error::Database`].
pub async fn room(write: &mut Write, gateway: &str, pools: &[IpNet]) -> Result<(), Error> {
    let count = sqlx::query(exact(HELD)).bind(gateway);
    let live: i64 = count.fetch_one(&mut **write).await?.try_get(0)?;
    let live = usize::try_from(live).unwrap_or(usize::MAX);
    let full = pools.iter().find(|pool| usable(**pool).take(live.saturating_add(1)).count() <= live);
    full.map_or(Ok(()), |pool| Err(Error::PoolExhausted(*pool)))
}

/// A free address of each of a gateway's pools. The search begins behind the address given out last, so a member's old address is not someone
/// else's at once. From here to the commit nobody else takes one of this gateway.
///
/// # Errors
/// [`Error::PoolExhausted`], [`Error::Database`], [`Error::Row`] if the gateway is not in the database.
pub async fn take(write: &mut Write, gateway: &str, pools: &[IpNet]) -> Result<Vec<IpAddr>, Error> {
    let turn = sqlx::query(exact(TURN)).bind(gateway);
    if turn.execute(&mut **write).await?.rows_affected() != 1 {
        return Err(Error::Row("gateway"));
    }
    let mut taken = HashSet::new();
    for row in sqlx::query(exact(TAKEN)).bind(gateway).fetch_all(&mut **write).await? {
        taken.extend(parse(row.try_get(0)?));
    }
    let last = sqlx::query(exact(LAST)).bind(gateway).fetch_optional(&mut **write).await?;
    let last = last.map(|row| row.try_get::<String, _>(0)).transpose()?.map(|text| parse(&text)).unwrap_or_default();
    pools.iter().map(|pool| free(*pool, &taken, &last).ok_or(Error::PoolExhausted(*pool))).collect()
}

/// The addresses that members may get.
fn usable(pool: IpNet) -> impl Iterator<Item = IpAddr> {
    let own = own_address(pool);
    pool.hosts().filter(move |ip| Some(*ip) != own && *ip != pool.network())
}

fn free(pool: IpNet, taken: &HashSet<IpAddr>, last: &[IpAddr]) -> Option<IpAddr> {
    let own = own_address(pool)?;
    let last = last.iter().copied().find(|ip| pool.contains(ip)).unwrap_or(own);
    let free = |ip: &IpAddr| !taken.contains(ip);
    let behind = usable(pool).skip_while(|ip| *ip <= last).find(free);
    behind.or_else(|| usable(pool).take_while(|ip| *ip <= last).find(free))
}

/// As in the database: addresses with blanks between them.
pub fn format(addresses: &[IpAddr]) -> String {
    addresses.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(" ")
}

/// Reads what [`format()`] writes.
pub fn parse(text: &str) -> Vec<IpAddr> {
    text.split(' ').filter_map(|ip| ip.parse().ok()).collect()
}

/// The database as the network sees it.
#[derive(Debug)]
pub struct Leases {
    /// Where the sessions are.
    pub database: Database,
    /// Whose.
    pub own: Own,
    /// Opens preshared keys.
    pub keys: Arc<Keys>,
    /// Ends sessions on time, even if nobody has written it down yet.
    pub clock: Arc<Clock>,
}

impl LeaseSource for Leases {
    async fn leases(&self) -> Result<Reading, SourceError> {
        timeout(READ_LIMIT, self.read()).await?
    }
}

impl Leases {
    async fn read(&self) -> Result<Reading, SourceError> {
        let mut read = self.database.read().acquire().await?;
        let leases = live(&mut read, self.own.name(), &self.keys, self.clock.now()).await?;
        let is_current = !self.database.can_fail_over() || self.own.is_known_to(&mut read).await?;
        Ok(Reading { leases, is_current })
    }
}

/// The leases of a gateway's sessions that live at a time, in seconds since 1970 UTC.
///
/// # Errors
/// The database's.
pub async fn live(read: &mut AnyConnection, gateway: &str, keys: &Keys, now: i64) -> Result<Vec<Lease>, SourceError> {
    let query = sqlx::query(exact(LEASES)).bind(gateway).bind(now);
    let rows = query.fetch_all(read).await?;
    let mut leases = Vec::with_capacity(rows.len());
    for row in &rows {
        // One damaged row costs its own session, never everybody's.
        match lease(row, keys) {
            Ok(lease) => leases.push(lease),
            Err(error) => {
                let session: &str = row.try_get(0)?;
                tracing::error!(session, %error, "the keys of a session cannot be read: it has no peer");
            }
        }
    }
    Ok(leases)
}

fn lease(row: &AnyRow, keys: &Keys) -> Result<Lease, SourceError> {
    let preshared = keys.open(&preshared_place(row.try_get(0)?), row.try_get(2)?)?;
    Ok(Lease {
        public_key: Key::new(row.try_get::<&[u8], _>(1)?.try_into()?),
        preshared_key: Key::new(preshared.as_slice().try_into()?),
        addresses: parse(row.try_get(3)?),
    })
}

/// Where a session's preshared key is sealed for.
pub fn preshared_place(session: &str) -> String {
    format!("preshared {session}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ips(texts: &[&str]) -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn addresses_are_taken_in_turn_and_never_the_gateways_own() {
        let pool: IpNet = "10.9.0.0/29".parse().unwrap();
        let next = |taken: &[&str], last: &[&str]| {
            free(pool, &ips(taken).into_iter().collect(), &ips(last)).map(|ip| ip.to_string())
        };
        assert_eq!(next(&[], &[]).as_deref(), Some("10.9.0.2"));
        assert_eq!(next(&[], &["10.9.0.2"]).as_deref(), Some("10.9.0.3"));
        assert_eq!(next(&["10.9.0.2"], &["10.9.0.6"]).as_deref(), Some("10.9.0.3"));
        assert_eq!(next(&["10.9.0.2", "10.9.0.3", "10.9.0.4", "10.9.0.5", "10.9.0.6"], &["10.9.0.4"]), None);
    }

    #[test]
    fn a_wide_pool_is_not_walked_through() {
        let pool: IpNet = "fd00:9::/64".parse().unwrap();
        assert_eq!(free(pool, &HashSet::new(), &[]).map(|ip| ip.to_string()).as_deref(), Some("fd00:9::2"));
    }

    #[test]
    fn addresses_survive_the_database() {
        let both = ips(&["10.9.0.2", "fd00:9::2"]);
        assert_eq!(parse(&format(&both)), both);
    }
}
