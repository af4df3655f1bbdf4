//! A typed connection to the service: requests and their replies by number, and the snapshots as they come.
//! Never waits without an end, and never trusts a socket before it knows who serves it.

use std::{
    collections::HashMap,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use flexnet_protocol::{
    Fault, FaultCode, VERSION,
    local::{Reply, Request, ToClient, ToService},
    snapshot::Snapshot,
};
use futures_util::StreamExt as _;
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadHalf, WriteHalf},
    sync::{mpsc, oneshot, watch},
    task::AbortHandle,
    time::timeout,
};
use zeroize::Zeroizing;

use crate::{
    frame::{self, Frames, Stream},
    os,
};

/// A service that takes longer hangs. Neither connecting nor `Hello` makes it do anything.
const HELLO_WITHIN: Duration = Duration::from_secs(5);
/// The same for every other request. A repair is the slowest.
const REPLY_WITHIN: Duration = Duration::from_secs(30);

/// A connection that has not said `Hello` yet.
pub struct ClientEnd {
    stream: Stream,
}

/// A typed connection to the service. It ends when this and its [`Snapshots`] are dropped.
pub struct Client {
    link: Arc<Link>,
    requests: mpsc::Sender<Zeroizing<Vec<u8>>>,
    next_id: AtomicU32,
    patience: Patience,
}

/// How long the service may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    pub(crate) hello: Duration,
    pub(crate) reply: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { hello: HELLO_WITHIN, reply: REPLY_WITHIN }
    }
}

/// The snapshots of one connection, after [`Request::Watch`].
pub struct Snapshots {
    latest: watch::Receiver<Option<Box<Snapshot>>>,
    _link: Arc<Link>,
}

/// Replies that are waited for, by number; `None` once none can come.
type Waiting = Mutex<Option<HashMap<u32, oneshot::Sender<Reply>>>>;

/// The two tasks of a connection.
struct Link {
    waiting: Arc<Waiting>,
    tasks: [AbortHandle; 2],
}

impl Client {
    /// Connects, checks who serves, and agrees on the version.
    ///
    /// # Errors
    /// `ServiceDown`, `ServiceHangs`, `ServiceImpostor`, `VersionsDiffer`, `NotPermitted`, `Busy`, `NotOnThisSystem`.
    pub async fn connect(socket: &Path) -> Result<(Self, Snapshots), Fault> {
        let stream = timeout(HELLO_WITHIN, os::connect(socket)).await.map_err(|_| hangs("connecting"))??;
        Self::over(ClientEnd { stream }).await
    }

    /// The same over a connection that stands, such as one of [`crate::memory`].
    ///
    /// # Errors
    /// As [`Client::connect`].
    pub async fn over(end: ClientEnd) -> Result<(Self, Snapshots), Fault> {
        Self::over_within(end, Patience::default()).await
    }

    pub(crate) async fn over_within(end: ClientEnd, patience: Patience) -> Result<(Self, Snapshots), Fault> {
        let (read, mut write) = tokio::io::split(end.stream);
        let mut frames = frame::frames(read);
        timeout(patience.hello, greet(&mut frames, &mut write)).await.map_err(|_| hangs("hello"))??;

        let waiting = Arc::new(Mutex::new(Some(HashMap::new())));
        let (requests, to_write) = mpsc::channel(16);
        let (show, latest) = watch::channel(None);
        let reader = tokio::spawn(read_all(frames, waiting.clone(), show));
        let writer = tokio::spawn(write_all(to_write, write));
        let link = Arc::new(Link { waiting, tasks: [reader.abort_handle(), writer.abort_handle()] });
        let client = Self { link: link.clone(), requests, next_id: AtomicU32::new(1), patience };
        Ok((client, Snapshots { latest, _link: link }))
    }

    /// Asks and waits for the reply. A refusal is a reply, no error.
    ///
    /// # Errors
    /// `ServiceDown` when the connection ends, `ServiceHangs` when no reply comes, `EntryShape` for an entry that no frame can hold.
    pub async fn request(&self, request: Request) -> Result<Reply, Fault> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let asked = ToService { id, request };
        let frame = frame::encode(&asked).ok_or_else(|| Fault::new(FaultCode::EntryShape, "the entry is too long"))?;
        drop(asked);
        let reply = self.link.wait_for(id).ok_or_else(down)?;
        let answer = async {
            self.requests.send(frame).await.map_err(|_| down())?;
            reply.await.map_err(|_| down())
        };
        timeout(self.patience.reply, answer).await.unwrap_or_else(|_| {
            self.link.forget(id);
            Err(hangs("a reply"))
        })
    }
}

impl Snapshots {
    /// The latest snapshot that was not seen yet, waiting for one; `None` when the connection has ended.
    pub async fn next(&mut self) -> Option<Snapshot> {
        self.latest.changed().await.ok()?;
        self.latest.borrow_and_update().as_deref().cloned()
    }
}

impl ClientEnd {
    /// Over any stream, for tests.
    pub fn over(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Self {
        Self { stream: Box::new(stream) }
    }
}

impl Link {
    fn wait_for(&self, id: u32) -> Option<oneshot::Receiver<Reply>> {
        let (tell, reply) = oneshot::channel();
        lock(&self.waiting).as_mut()?.insert(id, tell);
        Some(reply)
    }

    fn forget(&self, id: u32) {
        if let Some(waiting) = lock(&self.waiting).as_mut() {
            waiting.remove(&id);
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

async fn greet(frames: &mut Frames<ReadHalf<Stream>>, write: &mut WriteHalf<Stream>) -> Result<(), Fault> {
    let hello = ToService { id: 0, request: Request::Hello { version: VERSION.to_owned() } };
    let frame = frame::encode(&hello).ok_or(FaultCode::Internal)?;
    // A service that refuses has closed its end already, and its reason can still be read.
    let _ = write.write_all(&frame).await;
    let impostor = |detail: String| Fault::new(FaultCode::ServiceImpostor, format!("no service's answer: {detail}"));
    let answer = match frames.next().await {
        Some(Ok(frame)) => frame::decode(frame).map_err(impostor)?,
        Some(Err(error)) if error.kind() == std::io::ErrorKind::InvalidData => {
            return Err(impostor(error.to_string()));
        }
        Some(Err(_)) | None => return Err(down()),
    };
    match answer {
        ToClient::Reply { reply: Reply::Hello { version }, .. } if version == VERSION => Ok(()),
        ToClient::Reply { reply: Reply::Hello { version }, .. } => {
            Err(Fault::new(FaultCode::VersionsDiffer, format!("client {VERSION}, service {version}")))
        }
        ToClient::Reply { reply: Reply::Refused(fault), .. } => Err(fault),
        ToClient::Reply {
            reply:
                Reply::Accepted
                | Reply::Done
                | Reply::WrongEntry(_)
                | Reply::Repaired(_)
                | Reply::RepairPlan(_)
                | Reply::Health(_)
                | Reply::Events(_),
            ..
        }
        | ToClient::Snapshot(_) => Err(impostor("hello was not answered".into())),
    }
}

/// Hands out what arrives, until the connection ends or makes no sense.
async fn read_all(
    mut frames: Frames<ReadHalf<Stream>>,
    waiting: Arc<Waiting>,
    show: watch::Sender<Option<Box<Snapshot>>>,
) {
    while let Some(Ok(frame)) = frames.next().await {
        match frame::decode(frame) {
            Ok(ToClient::Snapshot(snapshot)) => drop(show.send_replace(Some(snapshot))),
            Ok(ToClient::Reply { id, reply }) => {
                let tell = lock(&waiting).as_mut().and_then(|waiting| waiting.remove(&id));
                // Who asked may have given up; a reply to nobody is dropped.
                let _ = tell.map(|tell| tell.send(reply));
            }
            Err(error) => {
                tracing::warn!("the service sent what makes no sense: {error}");
                break;
            }
        }
    }
    lock(&waiting).take();
}

/// A task of its own, so that a request that is given up never leaves half a frame.
async fn write_all(mut requests: mpsc::Receiver<Zeroizing<Vec<u8>>>, mut write: WriteHalf<Stream>) {
    while let Some(frame) = requests.recv().await {
        if write.write_all(&frame).await.is_err() {
            return;
        }
    }
    // The snapshots go on without the client: keep the connection open for them.
    std::future::pending::<()>().await;
}

fn lock(waiting: &Waiting) -> std::sync::MutexGuard<'_, Option<HashMap<u32, oneshot::Sender<Reply>>>> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

fn down() -> Fault {
    Fault::new(FaultCode::ServiceDown, "the service closed the connection")
}

fn hangs(at: &str) -> Fault {
    Fault::new(FaultCode::ServiceHangs, format!("waited for {at}"))
}
