//! Connections of the sign-in API: how many at once, how long a handshake and a request's head may take, and their graceful end.
//! Who sends or reads slowly, or not at all, holds one of his own few places and loses it. Next: `places` says how many there are for whom.

mod places;

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{Extension, Router};
use http_body_util::BodyExt as _;
use hyper::{
    body::Incoming,
    server::conn::http1,
    service::{Service as _, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use rustls::ServerConfig;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

pub use self::places::{Guest, Seat};
use self::places::{Place, Places};
use crate::{api::From, config::Limits};

const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
/// Also how long a connection may idle: clients open one while the member types.
const HEAD_LIMIT: Duration = Duration::from_secs(60);
const MAX_HEAD: usize = 16 * 1024;
/// How long running requests may take when the gateway stops.
const FAREWELL: Duration = Duration::from_secs(10);
/// Which part of its time a connection gets on top for the request that runs at its end.
const GRACE: u32 = 4;
/// How long a connection whose place somebody else gets may take to hand its last bytes on.
const LEAVE_LIMIT: Duration = Duration::from_secs(3);
/// Bytes a second of a file on its way, a tenth of the slowest line that is supported: as long as so many go, it may take longer than a connection lives.
const FILE_PACE: u64 = 12 * 1024;
/// How often that is looked at.
const FILE_LOOK: Duration = Duration::from_secs(60);

/// Accepts connections until `stop`, then lets the running requests end. A `guest` who is known has places that nobody else gets; of the others a newcomer gets
/// the place of one on whose request nobody works.
pub async fn serve(
    listener: TcpListener,
    tls: Arc<ServerConfig>,
    router: Router,
    limits: Limits,
    guest: impl Fn(IpAddr) -> Guest,
    stop: impl Future<Output = ()>,
) {
    let acceptor = TlsAcceptor::from(tls);
    let places = Arc::new(Places::new(limits));
    let (stopping, stopped) = watch::channel(());
    let mut running = JoinSet::new();
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = running.join_next() => continue,
            () = &mut stop => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, or a client that was gone at once: both pass.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let from = peer.ip().to_canonical();
        let Some(place) = places.take(from, guest(from)) else { continue };
        let lifetime = Duration::from_secs(u64::from(limits.connection_seconds));
        let router = router.clone().layer(Extension(From(from))).layer(Extension(Seat::of(&place)));
        let connection = connection(stream, acceptor.clone(), router, Arc::clone(&place), lifetime, stopped.clone());
        running.spawn(async move {
            connection.await;
            drop(place);
        });
    }
    drop(listener);
    drop(stopping);
    let ended = timeout(FAREWELL, async { while running.join_next().await.is_some() {} });
    if ended.await.is_err() {
        tracing::warn!("some requests did not end in time and are cut");
        running.shutdown().await;
    }
}

async fn connection(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    router: Router,
    place: Arc<Place>,
    lifetime: Duration,
    mut stopped: watch::Receiver<()>,
) {
    // No delay: the answers are single small writes. The rest is for those that become carriers.
    flexnet_masque::tune(&stream);
    let handshake = timeout(HANDSHAKE_LIMIT, acceptor.accept(stream));
    let stream = tokio::select! {
        done = handshake => match done {
            Ok(Ok(stream)) => stream,
            // Port scanners, foreign clients, members behind an interceptor: nothing that the gateway could mend.
            Ok(Err(error)) => return tracing::debug!(%error, "no TLS"),
            Err(_) => return tracing::debug!("no TLS in time"),
        },
        _ = stopped.changed() => return,
        () = place.wanted() => return,
    };
    let asked = Arc::new(AtomicBool::new(false));
    let service = service_fn({
        let (asked, place, inner) = (Arc::clone(&asked), Arc::clone(&place), TowerToHyperService::new(router));
        move |request: hyper::Request<Incoming>| {
            asked.store(true, Ordering::Relaxed);
            let (answer, busy) = (inner.call(request), place.busy());
            // Until the answer's last byte is handed on.
            async move {
                let keep = move |frame| {
                    let _ = &busy;
                    frame
                };
                answer.await.map(|answer| answer.map(|body| body.map_frame(keep)))
            }
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_LIMIT)
        .max_buf_size(MAX_HEAD)
        .max_headers(64)
        .serve_connection(TokioIo::new(stream), service)
        // A carrier leaves its place here and this time limit behind; `carriers` has its own.
        .with_upgrades();
    // hyper has no time-out for writing: who reads nothing would keep the connection for ever.
    let (old, too_old, gone) = (sleep(lifetime), sleep(lifetime + grace(lifetime)), sleep(LEAVE_LIMIT));
    tokio::pin!(connection, old, too_old, gone);
    let (mut stopping, mut wanted, mut looked) = (false, false, Instant::now());
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended early");
                }
                return;
            }
            () = &mut too_old => {
                if place.take_moved() < FILE_PACE * looked.elapsed().as_secs() {
                    return tracing::debug!("a connection did not end in its time and is cut");
                }
                looked = Instant::now();
                too_old.as_mut().reset(looked + FILE_LOOK);
            }
            () = async { tokio::select! { _ = stopped.changed() => {}, () = &mut old => {} } }, if !stopping => {
                // hyper would wait for the first request of a connection that has none yet.
                if !asked.load(Ordering::Relaxed) {
                    return;
                }
                stopping = true;
                connection.as_mut().graceful_shutdown();
            }
            () = place.wanted(), if !wanted => {
                if !asked.load(Ordering::Relaxed) {
                    return;
                }
                wanted = true;
                connection.as_mut().graceful_shutdown();
                gone.as_mut().reset(Instant::now() + LEAVE_LIMIT);
            }
            () = &mut gone, if wanted => return tracing::debug!("a connection whose place is wanted is cut"),
        }
    }
}

/// How long the last answer of a connection that is too old may still take.
pub fn grace(lifetime: Duration) -> Duration {
    lifetime / GRACE
}
