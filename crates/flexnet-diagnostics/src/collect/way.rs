//! The way to the gateway: TCP and TLS to each endpoint of the profile side by side, then what the gateway says of itself.
//! Nothing is sent over a connection whose other end is not proven by the profile's authority; the small hello is a probe and never used.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use flexnet_protocol::profile::Profile;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, timeout, timeout_at},
};

use super::{
    info::{self, Told},
    proxy::{self, Setting},
    tcp,
    tls::{Hello, Proven, Trust},
};
use crate::facts::{End, Gateway, InfoAnswer, Reach, Tls, Way};

/// Until TCP stands.
const TCP_WITHIN: Duration = Duration::from_secs(3);
/// The same for the probe behind it: TCP stood a moment ago.
const AGAIN_WITHIN: Duration = Duration::from_secs(2);
/// Until a handshake is done.
const TLS_WITHIN: Duration = Duration::from_secs(3);
/// A large hello that is silent for so long gets the small one beside it.
const DOUBT: Duration = Duration::from_millis(1200);
/// Head start of IPv4, so that a PC that has both does not do everything twice at the same moment.
const HEAD_START: Duration = Duration::from_millis(250);

/// With the way through a proxy, if there is one. Nothing that was seen without it waits for longer.
const ALL: Duration = Duration::from_secs(12);

/// What the lane brings.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) way: Way,
    pub(super) gateway: Gateway,
    /// Seconds that the PC's clock is ahead of the gateway's.
    pub(super) clock_ahead: Option<i64>,
    /// The gateway offers an echo over UDP.
    pub(super) offered: Option<bool>,
}

/// Looks at all endpoints, and asks the gateway over each that is proven; the best answer counts, because any of them serves a member.
/// Where none is, it is asked through `proxy`, as the service would.
pub(super) async fn look(profile: &Profile, version: &str, proxy: Option<Setting>) -> Seen {
    let until = Instant::now() + ALL;
    let Ok(trust) = Trust::new(&profile.gateway_name, &profile.gateway_ca) else { return Seen::default() };
    let (trust, version) = (Arc::new(trust), Arc::new(version.to_owned()));
    let mut looking = JoinSet::new();
    for (place, end) in profile.gateway_endpoints.iter().copied().enumerate() {
        let (trust, version) = (Arc::clone(&trust), Arc::clone(&version));
        looking.spawn(async move { (place, one(end, &trust, &version).await) });
    }
    let mut ends: Vec<_> = looking.join_all().await;
    ends.sort_by_key(|(place, _)| *place);
    let mut seen = Seen::default();
    let mut best: Option<Told> = None;
    for (_, (end, told)) in ends {
        seen.way.ends.push(end);
        best = better(best, told);
    }
    if best.is_none()
        && let (Some(proxy), Some(first)) = (proxy, profile.gateway_endpoints.first())
        && let Ok(Some((tls, told))) = timeout_at(until, through(proxy, *first, &trust, &version)).await
    {
        seen.way.through_proxy = Some(tls);
        best = told;
    }
    seen.take(best);
    seen
}

async fn through(proxy: Setting, end: SocketAddr, trust: &Trust, version: &str) -> Option<(Tls, Option<Told>)> {
    let stream = proxy::through(proxy, end).await?;
    let (tls, proven) = trust.shake(Hello::Product, stream, TLS_WITHIN).await;
    Some((tls, asked(proven, trust, version).await))
}

async fn asked(proven: Option<Proven>, trust: &Trust, version: &str) -> Option<Told> {
    let Proven { stream, certificate } = proven?;
    Some(info::ask(stream, trust.name(), &certificate, version).await)
}

impl Seen {
    /// What the gateway said, over whichever connection.
    pub(super) fn take(&mut self, told: Option<Told>) {
        if let Some(Told { answer, clock_ahead, offered }) = told {
            self.gateway.answer = Some(answer);
            self.clock_ahead = clock_ahead;
            self.offered = offered;
        }
    }
}

async fn one(end: SocketAddr, trust: &Trust, version: &str) -> (End, Option<Told>) {
    let v4 = end.is_ipv4();
    if !v4 {
        sleep(HEAD_START).await;
    }
    let (reach, stream) = tcp::connect(end, TCP_WITHIN).await;
    let Some(stream) = stream else { return (End { v4, reach, tls: None, small_hello: None }, None) };
    let large = trust.shake(Hello::Product, stream, TLS_WITHIN);
    tokio::pin!(large);
    let (tls, proven, small_hello) = match timeout(DOUBT, &mut large).await {
        Ok((tls @ Tls::Certificate(_), proven)) => (tls, proven, None),
        Ok((tls, _)) => (tls, None, small(end, trust).await),
        Err(_) => {
            let ((tls, proven), small) = tokio::join!(large, small(end, trust));
            let failed = !matches!(tls, Tls::Certificate(_));
            (tls, proven, small.filter(|_| failed))
        }
    };
    (End { v4, reach, tls: Some(tls), small_hello }, asked(proven, trust, version).await)
}

/// The small hello over a connection of its own. `None` if TCP does not stand a second time.
async fn small(end: SocketAddr, trust: &Trust) -> Option<Tls> {
    let (reach, stream) = tcp::connect(end, AGAIN_WITHIN).await;
    match (reach, stream) {
        (Reach::Open { .. }, Some(stream)) => Some(trust.shake(Hello::Small, stream, TLS_WITHIN).await.0),
        _ => None,
    }
}

/// Ready before anything else, any answer before silence; of equals the first.
fn better(best: Option<Told>, told: Option<Told>) -> Option<Told> {
    let rank = |told: &Told| match told.answer {
        InfoAnswer::Ready { .. } => 3,
        InfoAnswer::Maintenance { .. } | InfoAnswer::Draining | InfoAnswer::Database | InfoAnswer::Busy => 2,
        InfoAnswer::Strange { .. } => 1,
        InfoAnswer::Silent => 0,
    };
    match (best, told) {
        (Some(best), Some(told)) => Some(if rank(&told) > rank(&best) { told } else { best }),
        (best, told) => best.or(told),
    }
}

#[cfg(test)]
mod tests;
