//! News: what has changed, told to everybody over the database when it is committed. PostgreSQL carries it by NOTIFY; on SQLite it stays in the process.
//! A hint only, never a fact: it holds no secret, may be lost with a connection, and whoever acts on it reads the database.

use std::{convert::Infallible, io, time::Duration};

use sqlx::{AnyConnection, postgres::PgListener};
use tokio::{
    sync::broadcast,
    time::{sleep, timeout},
};
use zeroize::Zeroizing;

use super::connect::{SIGN_OF_LIFE, silent};
use crate::error::Error;

/// News that one who is slow may have unread. Who misses some is told so, and looks at everything.
pub(super) const BACKLOG: usize = 1024;

const CHANNEL: &str = "kv_flexnet";
/// Between two tries to reach a database that does not answer.
const AGAIN: Duration = Duration::from_secs(1);
/// Without a word the server is asked whether it is there: who only listens never learns that its host is gone.
const QUIET: Duration = Duration::from_secs(5);

/// What has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// Sessions began, ended, moved or got other keys: peers may have changed.
    Sessions,
    /// The session of this public name changed: who waits for it looks.
    Session(String),
    /// Names were locked or unlocked, attempts ended.
    Guard,
    /// Tickets were redeemed, confirmed or refused.
    Tickets,
}

impl News {
    fn to_word(&self) -> String {
        match self {
            Self::Sessions => "sessions".into(),
            Self::Session(name) => format!("session {name}"),
            Self::Guard => "guard".into(),
            Self::Tickets => "tickets".into(),
        }
    }

    /// Nothing for a word of a newer version.
    fn of_word(word: &str) -> Option<Self> {
        match word.split_once(' ') {
            Some(("session", name)) => Some(Self::Session(name.into())),
            None if word == "sessions" => Some(Self::Sessions),
            None if word == "guard" => Some(Self::Guard),
            None if word == "tickets" => Some(Self::Tickets),
            Some(_) | None => None,
        }
    }
}

/// Tells other gateways at the commit of this connection's transaction.
pub(super) async fn send(connection: &mut AnyConnection, origin: i64, news: &News) -> Result<(), Error> {
    let notify = "SELECT 1 FROM (SELECT pg_notify($1, $2)) AS told";
    sqlx::query(notify).bind(CHANNEL).bind(format!("{origin} {}", news.to_word())).execute(connection).await?;
    Ok(())
}

/// Hears other gateways' news, for ever; `origin` is this one, which tells itself without a detour.
pub(super) async fn listen(url: Zeroizing<String>, origin: i64, told: broadcast::Sender<News>) {
    loop {
        let Err(error) = hear(&url, origin, &told).await;
        tracing::warn!(%error, "other gateways' news are not heard; looked at once a second meanwhile");
        sleep(AGAIN).await;
    }
}

/// Until the connection is lost.
async fn hear(url: &str, origin: i64, told: &broadcast::Sender<News>) -> Result<Infallible, sqlx::Error> {
    let origin = origin.to_string();
    let mut listener = PgListener::connect(url).await?;
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    // What was told before this connection stood is lost.
    for news in [News::Sessions, News::Guard, News::Tickets] {
        let _ = told.send(news);
    }
    loop {
        let Ok(received) = timeout(QUIET, listener.try_recv()).await else {
            let ask = sqlx::query("SELECT 1").execute(&mut listener);
            timeout(SIGN_OF_LIFE, ask).await.map_err(|_| silent())??;
            continue;
        };
        let Some(notification) = received? else {
            return Err(io::Error::from(io::ErrorKind::ConnectionAborted).into());
        };
        let Some((from, word)) = notification.payload().split_once(' ') else { continue };
        if from != origin
            && let Some(news) = News::of_word(word)
        {
            let _ = told.send(news);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_survive_the_way() {
        for news in [News::Sessions, News::Session("Ab-_9".into()), News::Guard, News::Tickets] {
            assert_eq!(News::of_word(&news.to_word()), Some(news));
        }
        assert_eq!(News::of_word("weather"), None);
        assert_eq!(News::of_word("weather fine"), None);
    }
}
