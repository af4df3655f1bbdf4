//! Packets that end on the way, and the routers that say so: how far a packet gets, without a privilege.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use socket2::SockRef;
use tokio::time::{Instant, timeout_at};

use super::icmp::{self, What};
use crate::os;

/// How many hops are looked at: the router, the provider's side of the line, and two beyond.
const FARTHEST: u8 = 4;
/// Between two packets to the same hop: routers ration ICMP.
const GAP: Duration = Duration::from_millis(300);

/// The farthest hop that told of a packet's end on the way to `end`; 0 if none did in `limit`. `None` where the system keeps ICMP to itself.
pub(crate) async fn farthest(end: SocketAddr, limit: Duration) -> Option<u8> {
    if !os::icmp::TELLS {
        return None;
    }
    let one = |hop: u8| async move { ends_at(end, hop, limit).await.map(|who| (who, hop)) };
    let hops: FuturesUnordered<_> = (1..=FARTHEST).map(one).collect();
    // A router with no way on says so of packets that would have got farther: it stands where it was heard first.
    let mut first: BTreeMap<IpAddr, u8> = BTreeMap::new();
    for (who, hop) in hops.collect::<Vec<_>>().await.into_iter().flatten() {
        first.entry(who).and_modify(|known| *known = hop.min(*known)).or_insert(hop);
    }
    Some(first.into_values().max().unwrap_or(0))
}

/// Who told, within `limit`, that a packet to `end` ended after `hop` hops. Arriving at `end` itself counts as well.
pub(crate) async fn ends_at(end: SocketAddr, hop: u8, limit: Duration) -> Option<IpAddr> {
    let socket = icmp::socket(end).await.ok()?;
    let limited = SockRef::from(&socket);
    if end.is_ipv4() {
        limited.set_ttl_v4(hop.into()).ok()?;
    } else {
        limited.set_unicast_hops_v6(hop.into()).ok()?;
    }
    let until = Instant::now() + limit;
    let mut answer = [0; 64];
    while Instant::now() < until {
        // An error of an earlier packet may come out here.
        let _ = socket.send(&[0xf5]).await;
        let next = (Instant::now() + GAP).min(until);
        while let Ok(came) = timeout_at(next, socket.recv(&mut answer)).await {
            if came.is_ok() {
                return Some(end.ip());
            }
            while let Some(told) = os::icmp::take(&SockRef::from(&socket)) {
                let from = told.from.filter(|from| !icmp::is_own(*from));
                if from.is_some() && told.what != What::TooBig {
                    return from;
                }
            }
        }
    }
    None
}
