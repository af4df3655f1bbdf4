//! Beyond the router: anchors and the gateway in plain HTTP, how far packets get, and proxies.

use std::{collections::BTreeSet, net::SocketAddr, time::Duration};

use flexnet_protocol::profile::Profile;
use futures_util::future::{join, join_all, join3};

use super::{
    hops,
    plain::{self, NoPage},
    proxy, tcp,
};
use crate::facts::{Anchor, Outside, Plain, Reach};

const CONNECT: Duration = Duration::from_secs(3);
const ANSWER: Duration = Duration::from_secs(3);
const HOPS: Duration = Duration::from_millis(1200);
/// More than a profile may name.
const MOST: usize = 16;
/// What the gateway's port 80 says first.
const OURS: &str = "kv-flexnet";

/// Looks, for at most 9 s; at `more` anchors beside the profile's.
pub(crate) async fn look(profile: Option<&Profile>, more: &[SocketAddr]) -> Outside {
    let mut seen = BTreeSet::new();
    let known = profile.map(|profile| profile.anchors.as_slice()).unwrap_or_default();
    let ends: Vec<SocketAddr> = known.iter().chain(more).copied().filter(|end| seen.insert(*end)).take(MOST).collect();
    let gateway = profile.map(|profile| profile.gateway_endpoints.as_slice()).unwrap_or_default();
    let anchors = join_all(ends.into_iter().map(anchor));
    let (anchors, (gateway_plain, last_hop), proxies) =
        join3(anchors, join(gateway_plain(gateway), last_hop(gateway)), proxy::look(profile)).await;
    Outside { anchors, gateway_plain, last_hop, proxy: proxies.set, announced_proxy: proxies.announced }
}

async fn anchor(end: SocketAddr) -> Anchor {
    let (reach, plain) = ask(end, |status, _| status == 204).await;
    Anchor { v4: end.is_ipv4(), reach, plain }
}

/// The best that any of its addresses says.
async fn gateway_plain(gateway: &[SocketAddr]) -> Option<Plain> {
    let ends: BTreeSet<SocketAddr> = gateway.iter().map(|end| SocketAddr::new(end.ip(), 80)).collect();
    let asked = ends.into_iter().map(|end| async move {
        let (reach, plain) = ask(end, |status, text| status == 200 && text.starts_with(OURS)).await;
        plain.unwrap_or(Plain::Unreached(reach))
    });
    join_all(asked).await.into_iter().min_by_key(rank)
}

const fn rank(plain: &Plain) -> u8 {
    match plain {
        Plain::Expected => 0,
        Plain::LogIn { .. } => 1,
        Plain::Page { .. } => 2,
        Plain::Cut => 3,
        Plain::Silent => 4,
        Plain::Unreached(Reach::Refused) => 5,
        Plain::Unreached(
            Reach::Open { .. }
            | Reach::Silent
            | Reach::Unreachable(_)
            | Reach::ForbiddenHere
            | Reach::NoRoute
            | Reach::Other(_),
        ) => 6,
    }
}

async fn ask(end: SocketAddr, expected: impl Fn(u16, &str) -> bool) -> (Reach, Option<Plain>) {
    let (reach, stream) = tcp::connect(end, CONNECT).await;
    let Some(stream) = stream else { return (reach, None) };
    let answer = plain::get(stream, &end.to_string(), "/", 256, ANSWER).await;
    let plain = match answer {
        Ok(page) if expected(page.status, &page.text) => Plain::Expected,
        // 301 is none of RFC 6585's, and boxes send it all the same.
        Ok(page) if matches!(page.status, 301 | 302 | 303 | 307 | 308 | 511) => Plain::LogIn { status: page.status },
        Ok(page) => Plain::Page { status: page.status },
        Err(NoPage::Cut) => Plain::Cut,
        Err(NoPage::Silent) => Plain::Silent,
    };
    (reach, Some(plain))
}

/// The farthest of both families.
async fn last_hop(gateway: &[SocketAddr]) -> Option<u8> {
    let first = |v4: bool| gateway.iter().find(|end| end.is_ipv4() == v4).copied();
    let towards = |end: Option<SocketAddr>| async move {
        match end {
            Some(end) => hops::farthest(end, HOPS).await,
            None => None,
        }
    };
    let (v4, v6) = join(towards(first(true)), towards(first(false))).await;
    v4.max(v6)
}

#[cfg(test)]
mod tests;
