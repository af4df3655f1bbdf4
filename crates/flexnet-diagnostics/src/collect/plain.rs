//! One question in plain HTTP over a connection that stands, and what answers it.

use std::{convert::Infallible, time::Duration};

use http_body_util::{BodyExt as _, Empty};
use hyper::{
    Method, Request,
    body::{Bytes, Incoming},
    header::{CONNECTION, HOST},
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpStream,
    time::{Instant, timeout_at},
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
    exchange(stream, Method::GET, path, host, longest, limit).await
}

/// `CONNECT target`; the way is not used.
pub(crate) async fn connect(stream: TcpStream, target: &str, limit: Duration) -> Result<u16, NoPage> {
    exchange(stream, Method::CONNECT, target, target, 0, limit).await.map(|page| page.status)
}

async fn exchange(
    stream: TcpStream,
    method: Method,
    uri: &str,
    host: &str,
    longest: usize,
    limit: Duration,
) -> Result<Page, NoPage> {
    let until = Instant::now() + limit;
    let mut request = Request::builder().method(&method).uri(uri).header(HOST, host);
    if method == Method::GET {
        request = request.header(CONNECTION, "close");
    }
    let request = request.body(Empty::<Bytes>::new()).map_err(|_| NoPage::Cut)?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|_| NoPage::Cut)?;
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
