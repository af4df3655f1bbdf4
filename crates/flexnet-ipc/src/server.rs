//! The service's side of one connection.

use flexnet_protocol::{
    Fault,
    local::{ToClient, ToService},
};

use crate::ClientEnd;

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
pub struct Connection;

/// What the client asks, in order.
pub struct Requests;

/// What the client is told. Cheap to clone; sending never waits.
#[derive(Clone)]
pub struct Replies;

impl Connection {
    /// Both halves. Must be called inside a tokio runtime.
    pub fn split(self) -> (Requests, Replies) {
        (Requests, Replies)
    }
}

impl Requests {
    /// The next request; `None` when the client is gone. `Hello` and bad frames are answered here: after `Err` comes only `None`.
    pub async fn next(&mut self) -> Option<Result<ToService, Fault>> {
        None
    }
}

impl Replies {
    /// Queues a message and returns at once. Order is kept, but a snapshot replaces one that was not sent yet.
    /// Publish first and reply then: a client that has read the reply has the picture it led to.
    pub fn send(&self, _message: ToClient) {}

    /// Whether the client is gone, so that nothing more need be sent.
    pub fn is_closed(&self) -> bool {
        true
    }
}

/// Both ends of a connection that touches no system, for tests. `Client::over` and `Requests::next` must run at the same time.
pub fn memory() -> (ClientEnd, Connection) {
    (ClientEnd, Connection)
}
