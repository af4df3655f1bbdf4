//! The local socket's clients: each has a task that hands its requests to the event loop, one at a time.
//! Never interprets a request; who may come at all, and how many, is `flexnet_ipc`'s.

use flexnet_ipc::{Connection, Error, Listener, Replies};
use flexnet_protocol::{
    FaultCode,
    local::{Reply, Request, ToClient},
};
use tokio::sync::mpsc;

/// A request and where its reply goes.
pub struct Ask {
    /// What is asked.
    pub request: Request,
    /// The number that the reply repeats.
    pub id: u32,
    /// To whoever asks.
    pub replies: Replies,
}

impl Ask {
    /// Answers it.
    pub fn reply(&self, reply: Reply) {
        self.replies.send(ToClient::Reply { id: self.id, reply });
    }
}

/// Takes clients until none can come any more.
///
/// # Errors
/// The socket is gone.
pub async fn accept(listener: Listener, asks: mpsc::Sender<Ask>) -> Result<(), Error> {
    loop {
        let (_peer, connection) = listener.accept().await?;
        tokio::spawn(attend(connection, asks.clone()));
    }
}

/// Serves one client until it goes.
pub async fn attend(connection: Connection, asks: mpsc::Sender<Ask>) {
    let (mut requests, replies) = connection.split();
    let mut watches = false;
    while let Some(Ok(message)) = requests.next().await {
        let ask = Ask { request: message.request, id: message.id, replies: replies.clone() };
        if matches!(ask.request, Request::Watch) && std::mem::replace(&mut watches, true) {
            ask.reply(Reply::Refused(FaultCode::BadRequest.into()));
            continue;
        }
        if asks.send(ask).await.is_err() {
            return;
        }
    }
}
