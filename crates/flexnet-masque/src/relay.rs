//! A loopback UDP socket joined to a byte stream of capsules: what the one local sender sends goes out, what comes in goes to him.
//! Queues nothing of its own: a stream that is slow leaves datagrams in the socket, and what the socket cannot hold is dropped, as UDP does.

use std::{
    future::poll_fn,
    io, mem,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf, ReadHalf, WriteHalf, split},
    sync::watch,
    task::JoinHandle,
    time::{Instant, Interval, MissedTickBehavior, interval, timeout},
};

use crate::{
    batch::{Batch, MAX_BATCH},
    capsule::{self, Front, KEEPALIVE, MAX_CAPSULE},
    os::Socket,
};

/// After so long without sending, a capsule without meaning goes out. Proxies and NATs forget a silent line, and a dead one shows only by what
/// is never acknowledged (see [`crate::tune`]). TCP's own keepalive would reach the next proxy and no further.
const KEEPALIVE_PERIOD: Duration = Duration::from_secs(5);
/// An other end that keeps its line alive and was silent for so many periods is gone. Behind a proxy nothing else tells.
const SILENT_PERIODS: u32 = 3;
/// How long the farewell of TLS may take.
const FAREWELL: Duration = Duration::from_secs(1);
/// Bytes that are gathered for one write: four records of TLS.
const GATHERED: usize = 64 * 1024;

/// A write that takes so long shows that the line is the bottleneck, and not this machine.
const SLOW_WRITE: Duration = Duration::from_millis(20);
/// What waits for a slow line longer than this is a queue that stands: its senders learn by loss that they are too fast (as in RFC 8289).
const STANDING: Duration = Duration::from_millis(100);

/// A running relay. Dropping it closes both sides at once; [`Relay::close`] takes leave first.
#[derive(Debug)]
pub struct Relay {
    local: SocketAddr,
    asked_to_close: watch::Sender<bool>,
    end: watch::Receiver<Option<End>>,
    task: JoinHandle<()>,
}

/// Why a relay ended.
#[derive(Debug, Clone, thiserror::Error)]
pub enum End {
    /// By [`Relay::close`], or by the other end in good order.
    #[error("closed")]
    Closed,
    /// The other end has fallen silent.
    #[error("the line is silent")]
    Silent,
    /// The stream broke.
    #[error("the line broke")]
    Broken(#[source] Arc<io::Error>),
    /// The other end speaks no capsules.
    #[error("not a stream of capsules")]
    NotCapsules(#[source] capsule::Error),
    /// The loopback socket broke.
    #[error("the local socket")]
    Local(#[source] Arc<io::Error>),
}

impl Relay {
    /// Joins `stream` to a new UDP socket on loopback that hears and answers `from` alone. Needs a runtime of tokio.
    ///
    /// # Errors
    /// `from` is not on loopback, or there is no socket.
    pub fn start<S>(stream: S, from: SocketAddr) -> io::Result<Self>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        if !from.ip().is_loopback() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a relay serves this machine only"));
        }
        let socket = Socket::connected(from)?;
        let local = socket.local()?;
        let (asked_to_close, closing) = watch::channel(false);
        let (told, end) = watch::channel(None);
        let task = tokio::spawn(async move {
            let end = run(stream, socket, closing).await;
            told.send_replace(Some(end));
        });
        Ok(Self { local, asked_to_close, end, task })
    }

    /// Where its datagrams come from and go to: the endpoint of the WireGuard peer.
    pub const fn local(&self) -> SocketAddr {
        self.local
    }

    /// Waits until it has ended, and why.
    pub async fn ended(&self) -> End {
        let mut end = self.end.clone();
        match end.wait_for(Option::is_some).await.map(|end| end.clone()) {
            Ok(Some(end)) => end,
            Ok(None) | Err(_) => End::Closed,
        }
    }

    /// Closes in good order, so that the other end knows at once. Takes at most a second.
    pub async fn close(self) {
        self.asked_to_close.send_replace(true);
        self.ended().await;
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run<S>(stream: S, socket: Socket, mut closing: watch::Receiver<bool>) -> End
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (reader, mut writer) = split(stream);
    let end = {
        // One task for both ways: they share the keys of one TLS connection, so two would only wait for each other.
        let (out, back) = (outbound(&socket, &mut writer), inbound(reader, &socket));
        tokio::select! {
            end = out => end,
            end = back => end,
            _ = closing.wait_for(|asked| *asked) => End::Closed,
        }
    };
    if matches!(end, End::Closed) {
        let _ = timeout(FAREWELL, writer.shutdown()).await;
    }
    end
}

/// From the socket to the stream: everything that waits in the socket in one write.
async fn outbound<S: AsyncRead + AsyncWrite + Unpin>(socket: &Socket, stream: &mut WriteHalf<S>) -> End {
    let mut received = vec![0; MAX_BATCH].into_boxed_slice();
    let mut capsules = Vec::with_capacity(GATHERED + 2 * MAX_BATCH);
    let mut period = periods();
    let mut silent = false;
    let mut empty = Instant::now();
    loop {
        tokio::select! {
            biased;
            ready = socket.readable() => match ready {
                Ok(()) => {}
                Err(error) => return End::Local(Arc::new(error)),
            },
            _ = period.tick() => {
                if mem::replace(&mut silent, true) {
                    capsules.extend_from_slice(&KEEPALIVE);
                }
            }
        }
        while capsules.len() < GATHERED {
            match socket.receive(&mut received) {
                Ok(datagrams) => datagrams.for_each(|datagram| capsule::put_datagram(&mut capsules, datagram)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    empty = Instant::now();
                    break;
                }
                // WireGuard's port is closed for now. Whether it comes back is not ours to judge.
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => continue,
                Err(error) => return End::Local(Arc::new(error)),
            }
            silent = false;
        }
        if capsules.is_empty() {
            continue;
        }
        let written = async {
            stream.write_all(&capsules).await?;
            stream.flush().await
        };
        let begun = Instant::now();
        if let Err(error) = written.await {
            return End::Broken(Arc::new(error));
        }
        capsules.clear();
        if begun.elapsed() >= SLOW_WRITE && empty.elapsed() >= STANDING {
            drop(socket.receive(&mut received));
            empty = Instant::now();
        }
    }
}

/// From the stream to the socket: datagrams of one length that follow each other in one call to the system.
async fn inbound<S: AsyncRead>(mut stream: ReadHalf<S>, socket: &Socket) -> End {
    let mut buffer = vec![0; 2 * MAX_CAPSULE].into_boxed_slice();
    let mut held = 0;
    let mut period = periods();
    let (mut kept_alive, mut silent) = (false, 0);
    loop {
        let read = tokio::select! {
            biased;
            read = poll_fn(|context| poll_fill(&mut stream, &mut buffer, &mut held, context)) => read,
            _ = period.tick() => {
                silent += 1;
                if kept_alive && silent > SILENT_PERIODS {
                    return End::Silent;
                }
                continue;
            }
        };
        match read {
            Ok(true) => silent = 0,
            Ok(false) => return End::Closed,
            Err(error) => return End::Broken(Arc::new(error)),
        }
        let filled = buffer.get(..held).unwrap_or_default();
        let mut batch = Batch::default();
        let mut used = 0;
        loop {
            let rest = filled.get(used..).unwrap_or_default();
            match capsule::front(rest) {
                Ok(Front::Part) => break,
                Ok(Front::Datagram { used: length, payload }) => {
                    let datagram = rest.get(payload).unwrap_or_default();
                    if !batch.push(datagram) {
                        send(socket, &mut batch).await;
                        batch.push(datagram);
                    }
                    used += length;
                }
                Ok(Front::Other { used: length }) => {
                    kept_alive |= rest.starts_with(&KEEPALIVE);
                    used += length;
                }
                Err(error) => return End::NotCapsules(error),
            }
        }
        send(socket, &mut batch).await;
        buffer.copy_within(used..held, 0);
        held -= used;
    }
}

/// Reads what there is, at least something: `false` at the end of the stream. One record of TLS comes at a time, so it is asked again.
fn poll_fill<S: AsyncRead>(
    stream: &mut ReadHalf<S>,
    buffer: &mut [u8],
    held: &mut usize,
    context: &mut Context<'_>,
) -> Poll<io::Result<bool>> {
    let before = *held;
    loop {
        let mut room = ReadBuf::new(buffer.get_mut(*held..).unwrap_or_default());
        let polled = Pin::new(&mut *stream).poll_read(context, &mut room);
        let read = room.filled().len();
        *held += read;
        let something = *held > before;
        match polled {
            // What came before an end or an error is still delivered; the next call meets it again.
            Poll::Pending | Poll::Ready(Err(_)) if something => return Poll::Ready(Ok(true)),
            Poll::Ready(Ok(())) if read == 0 => return Poll::Ready(Ok(something)),
            Poll::Ready(Ok(())) if buffer.len() - *held < MAX_CAPSULE => return Poll::Ready(Ok(true)),
            Poll::Ready(Ok(())) => {}
            Poll::Pending | Poll::Ready(Err(_)) => {
                ready!(polled)?;
            }
        }
    }
}

/// Gives a batch to the system and empties it. What the system does not take is lost, as it would be on a wire.
async fn send(socket: &Socket, batch: &mut Batch<'_>) {
    if let Err(error) = socket.send(batch).await {
        tracing::trace!(%error, "datagrams are dropped");
    }
    *batch = Batch::default();
}

fn periods() -> Interval {
    let mut period = interval(KEEPALIVE_PERIOD);
    period.set_missed_tick_behavior(MissedTickBehavior::Delay);
    period
}
