//! What waits to be written to one client: in order, bounded, and never more than one snapshot, the latest.
//! Putting in never waits, so a client that does not read cannot hold the service up.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use flexnet_protocol::local::ToClient;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Replies that may wait. Who asks more and reads none of the answers is no client.
const MAX_REPLIES: usize = 64;

#[derive(Debug)]
pub(crate) struct Outbox {
    queue: Mutex<Queue>,
    /// One reader waits for it.
    ready: Notify,
    /// Nothing will be written any more.
    closed: CancellationToken,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<ToClient>,
    finishing: bool,
}

impl Outbox {
    /// `closed` ends it from outside as well.
    pub(crate) fn new(closed: CancellationToken) -> Self {
        Self { queue: Mutex::default(), ready: Notify::new(), closed }
    }

    pub(crate) fn put(&self, message: ToClient) {
        let mut queue = self.lock();
        if queue.finishing || self.is_closed() {
            return;
        }
        match message {
            ToClient::Snapshot(_) => queue.waiting.retain(|m| matches!(m, ToClient::Reply { .. })),
            ToClient::Reply { .. } if queue.waiting.len() > MAX_REPLIES => {
                drop(queue);
                return self.close();
            }
            ToClient::Reply { .. } => {}
        }
        queue.waiting.push_back(message);
        drop(queue);
        self.ready.notify_one();
    }

    /// The next message to write; `None` when it is over.
    pub(crate) async fn next(&self) -> Option<ToClient> {
        loop {
            {
                let mut queue = self.lock();
                if self.is_closed() {
                    return None;
                }
                if let Some(message) = queue.waiting.pop_front() {
                    return Some(message);
                }
                if queue.finishing {
                    return None;
                }
            }
            tokio::select! {
                () = self.ready.notified() => {}
                () = self.closed() => {}
            }
        }
    }

    /// Takes nothing more; what waits is still written.
    pub(crate) fn finish(&self) {
        self.lock().finishing = true;
        self.ready.notify_one();
    }

    /// Drops everything.
    pub(crate) fn close(&self) {
        self.closed.cancel();
        self.lock().waiting.clear();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.is_cancelled()
    }

    pub(crate) fn is_over(&self) -> bool {
        self.is_closed() || self.lock().finishing
    }

    pub(crate) async fn closed(&self) {
        self.closed.cancelled().await;
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use flexnet_protocol::local::Reply;

    use super::*;
    use crate::tests::snapshot;

    fn reply(id: u32) -> ToClient {
        ToClient::Reply { id, reply: Reply::Accepted }
    }

    #[tokio::test]
    async fn order_is_kept_and_only_the_latest_snapshot_waits() {
        let outbox = Outbox::new(CancellationToken::new());
        for message in [snapshot(1), reply(1), snapshot(2), reply(2), snapshot(3)] {
            outbox.put(message);
        }
        outbox.finish();
        outbox.put(reply(3));
        let mut seen = Vec::new();
        while let Some(message) = outbox.next().await {
            seen.push(message);
        }
        assert_eq!(seen, [reply(1), reply(2), snapshot(3)]);
    }

    #[tokio::test]
    async fn who_reads_no_reply_is_closed() {
        let outbox = Outbox::new(CancellationToken::new());
        for id in 0..1000 {
            outbox.put(reply(id));
        }
        assert!(outbox.is_closed());
        assert_eq!(outbox.next().await, None);
    }
}
