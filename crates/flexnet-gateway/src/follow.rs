//! Acts on the database's news: peers, requests that wait, attempts that are repeated. Each of these also looks by itself, so lost news only cost a moment.

use tokio::sync::broadcast::error::RecvError;

use crate::{db::News, gateway::Gateway};

/// Runs until dropped.
pub async fn follow(gateway: &Gateway) {
    let mut news = gateway.database.news();
    loop {
        match news.recv().await {
            Ok(News::Sessions) => gateway.network.wake(),
            Ok(News::Session(name)) => gateway.waits.wake(&name),
            Ok(News::Guard) => gateway.attempt_ended.notify_waiters(),
            // The pages wait for their tickets themselves.
            Ok(News::Tickets) => {}
            Err(RecvError::Lagged(_)) => {
                gateway.network.wake();
                gateway.waits.wake_all();
                gateway.attempt_ended.notify_waiters();
            }
            // Not before the gateway is gone.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
