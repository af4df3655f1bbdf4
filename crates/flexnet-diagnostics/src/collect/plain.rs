//! One question in plain HTTP over a connection that stands, and what answers it.

use std::{convert::Infallible, time::Duration};

use http_body_util::{BodyExt as _, Empty};
use hyper::{
    Request,
    body::{Bytes, Incoming},
    client::conn::http1,
    header::{CONNECTION, HOST},
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpStream,
    time::{Instant, timeout, timeout_at},
};

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) status: u16,
    /// Its beginning.
    pub(crate) text: String,
}

/// Why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoPage {
    /// Not HTTP, or the end.
    Cut,
    /// Nothing in time.
    Silent,
}

/// `GET path` of `host`, and at most `longest` bytes of the answer.
pub(crate) async fn get(
    stream: TcpStream,
    host: &str,
    path: &str,
    longest: usize,
    limit: Duration,
) -> Result<Page, NoPage> {
    let until = Instant::now() + limit;
    let request = Request::get(path).header(HOST, host).header(CONNECTION, "close");
    let request = request.body(Empty::<Bytes>::new()).map_err(|_| NoPage::Cut)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|_| NoPage::Cut)?;
    let asked = async {
        match timeout_at(until, sender.send_request(request)).await {
            Ok(Ok(answer)) => {
                let status = answer.status().as_u16();
                Ok(Page { status, text: beginning(answer.into_body(), longest, until).await })
            }
            Ok(Err(_)) => Err(NoPage::Cut),
            Err(_) => Err(NoPage::Silent),
        }
    };
    let carried = async {
        // How it ended is seen by the question.
        let _ = connection.await;
        std::future::pending::<Infallible>().await
    };
    tokio::select! {
        biased;
        page = asked => page,
        never = carried => match never {},
    }
}

/// `CONNECT target` (RFC 9110 §9.3.6): the status, and the connection itself where it leads there now.
pub(crate) async fn connect(
    stream: TcpStream,
    target: &str,
    limit: Duration,
) -> Result<(u16, Option<TcpStream>), NoPage> {
    let request = Request::connect(target).header(HOST, target);
    let request = request.body(Empty::<Bytes>::new()).map_err(|_| NoPage::Cut)?;
    let asked = async {
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|_| NoPage::Cut)?;
        let carried = tokio::spawn(connection.with_upgrades());
        let answer = sender.send_request(request).await.map_err(|_| NoPage::Cut)?;
        let status = answer.status();
        if !status.is_success() {
            carried.abort();
            return Ok((status.as_u16(), None));
        }
        let way = hyper::upgrade::on(answer).await.map_err(|_| NoPage::Cut)?;
        let parts = way.downcast::<TokioIo<TcpStream>>().map_err(|_| NoPage::Cut)?;
        // Who is greeted over it speaks second: whatever came already is of somebody else.
        let clean = parts.read_buf.is_empty();
        Ok((status.as_u16(), clean.then(|| parts.io.into_inner())))
    };
    timeout(limit, asked).await.unwrap_or(Err(NoPage::Silent))
}

/// What came in time, up to `longest` bytes.
async fn beginning(mut body: Incoming, longest: usize, until: Instant) -> String {
    let mut bytes = Vec::new();
    while bytes.len() < longest {
        let Ok(Some(Ok(frame))) = timeout_at(until, body.frame()).await else { break };
        bytes.extend(frame.into_data().unwrap_or_default());
    }
    bytes.truncate(longest);
    String::from_utf8_lossy(&bytes).into_owned()
}
