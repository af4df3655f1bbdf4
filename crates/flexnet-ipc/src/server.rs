//! The service's side of one connection. `Hello` and bad frames are answered here, so the service only sees requests.
//! No input makes it panic, wait for ever or grow.

use std::{fmt, sync::Arc, time::Duration};

use flexnet_protocol::{
    Fault, FaultCode, VERSION,
    local::{Reply, Request, ToClient, ToService},
};
use futures_util::StreamExt as _;
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadHalf, WriteHalf},
    time::{Instant, timeout, timeout_at},
};

use crate::{
    client::ClientEnd,
    frame::{self, Frames, Stream},
    outbox::Outbox,
    seats::{Seat, Seats},
};

/// Who says nothing is let go after this time.
const HELLO_WITHIN: Duration = Duration::from_secs(5);
/// Who reads nothing is let go after this time.
const READ_WITHIN: Duration = Duration::from_secs(60);

/// Who connected, as the operating system says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
    /// Process id, where the system tells it.
    pub pid: Option<i32>,
}

/// One accepted connection.
pub struct Connection {
    stream: Stream,
    seat: Option<Seat>,
    hello_within: Duration,
}

/// What the client asks, in order.
pub struct Requests {
    frames: Frames<ReadHalf<Stream>>,
    outbox: Arc<Outbox>,
    seat: Option<Arc<Seat>>,
    /// Until when `Hello` must have come; `None` once it has.
    hello_until: Option<Instant>,
}

/// What the client is told. Cheap to clone; sending never waits.
#[derive(Clone)]
pub struct Replies {
    outbox: Arc<Outbox>,
}

impl Connection {
    pub(crate) fn new(stream: Stream, seat: Option<Seat>) -> Self {
        Self { stream, seat, hello_within: HELLO_WITHIN }
    }

    /// One that shares the service with nobody, over any stream, for tests.
    pub fn alone(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Self {
        Self::new(Box::new(stream), Seats::default().take(0))
    }

    /// Both halves. Must be called inside a tokio runtime.
    pub fn split(self) -> (Requests, Replies) {
        let (read, write) = tokio::io::split(self.stream);
        let seat = self.seat.map(Arc::new);
        let leave = seat.as_ref().map(|seat| seat.leave()).unwrap_or_default();
        let outbox = Arc::new(Outbox::new(leave));
        tokio::spawn(drain(outbox.clone(), write, seat.clone()));
        let hello_until = Some(Instant::now() + self.hello_within);
        (Requests { frames: frame::frames(read), outbox: outbox.clone(), seat, hello_until }, Replies { outbox })
    }
}

impl Requests {
    /// The next request; `None` when the client is gone. `Hello` and bad frames are answered here: after `Err` comes only `None`.
    /// Dropping the wait loses nothing.
    pub async fn next(&mut self) -> Option<Result<ToService, Fault>> {
        if let Some(until) = self.hello_until {
            let Ok(Some(first)) = timeout_at(until, self.frame()).await else {
                self.outbox.finish();
                return None;
            };
            if let Err(fault) = self.greet(first) {
                return Some(Err(fault));
            }
        }
        match self.frame().await? {
            Ok(ToService { id, request: Request::Hello { .. } }) => Some(Err(self.refuse(id, again()))),
            Ok(asked) => Some(Ok(asked)),
            Err(fault) => Some(Err(self.refuse(0, fault))),
        }
    }

    fn greet(&mut self, first: Result<ToService, Fault>) -> Result<(), Fault> {
        let ToService { id, request } = first.map_err(|fault| self.refuse(0, fault))?;
        match request {
            Request::Hello { version } if version == VERSION => {
                self.outbox.put(ToClient::Reply { id, reply: Reply::Hello { version } });
                self.hello_until = None;
                self.seat.iter().for_each(|seat| seat.greeted());
                Ok(())
            }
            Request::Hello { version } => Err(self.refuse(id, versions_differ(&version))),
            Request::Watch
            | Request::Prepare
            | Request::SignIn(_)
            | Request::Redeem { .. }
            | Request::ConfirmIdentity { .. }
            | Request::ReportTokenLost
            | Request::ResyncToken { .. }
            | Request::Cancel
            | Request::Extend
            | Request::SignOut
            | Request::Acknowledge
            | Request::Repair
            | Request::RepairPreview
            | Request::Health
            | Request::Events => {
                Err(self.refuse(id, Fault::new(FaultCode::BadRequest, "the first message must be hello")))
            }
        }
    }

    /// The next message, or why what came is none. `None` at the end, which also ends the other half.
    async fn frame(&mut self) -> Option<Result<ToService, Fault>> {
        if self.outbox.is_over() {
            return None;
        }
        let frame = tokio::select! {
            frame = self.frames.next() => frame,
            () = self.outbox.closed() => None,
        };
        let bad = |detail: String| Fault::new(FaultCode::BadRequest, detail);
        match frame {
            Some(Ok(frame)) => Some(frame::decode(frame).map_err(bad)),
            Some(Err(error)) => Some(Err(bad(format!("no frame: {error}")))),
            None => {
                self.outbox.finish();
                None
            }
        }
    }

    /// Says why and ends the connection once that is written.
    fn refuse(&self, id: u32, fault: Fault) -> Fault {
        self.outbox.put(ToClient::Reply { id, reply: Reply::Refused(fault.clone()) });
        self.outbox.finish();
        fault
    }
}

impl Drop for Requests {
    fn drop(&mut self) {
        self.outbox.finish();
    }
}

impl Replies {
    /// Queues a message and returns at once. Order is kept, but a snapshot replaces one that was not sent yet.
    /// Publish first and reply then: a client that has read the reply has the picture it led to.
    pub fn send(&self, message: ToClient) {
        self.outbox.put(message);
    }

    /// Whether the client is gone, so that nothing more need be sent.
    pub fn is_closed(&self) -> bool {
        self.outbox.is_over()
    }
}

/// Both ends of a connection that touches no system, for tests. `Client::over` and `Requests::next` must run at the same time.
pub fn memory() -> (ClientEnd, Connection) {
    let (client, service) = tokio::io::duplex(64 * 1024);
    (ClientEnd::over(client), Connection::alone(service))
}

/// Writes until the outbox is over or the client takes nothing any more.
async fn drain(outbox: Arc<Outbox>, mut write: WriteHalf<Stream>, _seat: Option<Arc<Seat>>) {
    while let Some(message) = outbox.next().await {
        let Some(frame) = frame::encode(&message).or_else(|| frame::encode(&too_large(&message)?)) else { continue };
        let written = tokio::select! {
            written = timeout(READ_WITHIN, write.write_all(&frame)) => matches!(written, Ok(Ok(()))),
            () = outbox.closed() => false,
        };
        if !written {
            break;
        }
    }
    outbox.close();
    // The client may be gone already.
    let _ = write.shutdown().await;
}

/// What is sent instead of a message that no client would read.
fn too_large(message: &ToClient) -> Option<ToClient> {
    match message {
        ToClient::Reply { id, .. } => Some(ToClient::Reply {
            id: *id,
            reply: Reply::Refused(Fault::new(FaultCode::Internal, "the reply is too large")),
        }),
        ToClient::Snapshot(_) => {
            tracing::error!("a snapshot is too large to be sent");
            None
        }
    }
}

fn versions_differ(client: &str) -> Fault {
    let short: String = client.chars().filter(|c| !c.is_control()).take(32).collect();
    Fault::new(FaultCode::VersionsDiffer, format!("client {short}, service {VERSION}"))
}

fn again() -> Fault {
    Fault::new(FaultCode::BadRequest, "hello is the first message and no other")
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}

#[cfg(test)]
impl Connection {
    pub(crate) fn hello_within(self, hello_within: Duration) -> Self {
        Self { hello_within, ..self }
    }
}
