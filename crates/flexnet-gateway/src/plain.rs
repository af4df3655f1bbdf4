//! Plain HTTP for the diagnosis: `[plain]` answers 200 on port 80 of the gateway, an anchor 204 on any other host. No redirect: a page in front of the
//! internet (RFC 8910) redirects too, and the diagnosis must tell the two apart. Takes no orders, reads no path and no body, knows nothing of members.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpSocket},
    sync::Semaphore,
    task::JoinSet,
    time::timeout,
};

use crate::{error::Error, os};

/// Connections at once on one address; who comes when all are taken is hung up on.
const CONNECTIONS: usize = 128;
/// How long a whole connection may last: a request of a few lines and its answer.
const LIMIT: Duration = Duration::from_secs(3);
/// Connections that may wait to be accepted.
const BACKLOG: u32 = 128;
/// The smallest that hyper takes.
const MAX_HEAD: usize = 8 * 1024;

/// What is answered.
#[derive(Debug, Clone)]
pub enum Greeting {
    /// 200 with two lines: `kv-flexnet` and the name of the gateway.
    Gateway(String),
    /// 204, as hosts that tell a line from a page in front of it do.
    Anchor,
}

/// `kv-flexnet-gateway anchor`.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// Where to listen, as 192.0.2.1:80; may be given several times
    #[arg(long, required = true)]
    listen: Vec<SocketAddr>,
}

/// Addresses that are held and not open yet.
#[derive(Debug)]
pub struct Held(Vec<(SocketAddr, TcpSocket)>);

/// Takes the gateway's addresses, those that can be had: whoever has another program on port 80 has members all the same, so that is said in the log and by `check`.
pub fn hold(addresses: &[SocketAddr]) -> Held {
    let hold = |address: &SocketAddr| match os::hold(*address) {
        Ok(socket) => Some((*address, socket)),
        Err(error) => {
            tracing::error!(%address, %error, "plain.listen: members' diagnosis finds nobody there");
            None
        }
    };
    Held(addresses.iter().filter_map(hold).collect())
}

impl Held {
    /// Answers until dropped.
    pub async fn serve(self, greeting: Greeting) {
        let mut serving = JoinSet::new();
        for (address, socket) in self.0 {
            match socket.listen(BACKLOG) {
                Ok(listener) => drop(serving.spawn(serve(listener, greeting.clone()))),
                Err(error) => tracing::error!(%address, %error, "plain.listen: members' diagnosis finds nobody there"),
            }
        }
        if serving.is_empty() {
            return std::future::pending().await;
        }
        while serving.join_next().await.is_some() {}
    }
}

/// Runs an anchor until `stop`.
///
/// # Errors
/// [`Error::Listen`].
pub async fn anchor(options: Options, stop: impl Future<Output = ()>) -> Result<(), Error> {
    let mut held = Vec::new();
    for address in options.listen {
        held.push((address, os::hold(address).map_err(|e| Error::Listen(address, e))?));
        tracing::info!(%address, "the anchor answers");
    }
    tokio::select! {
        () = Held(held).serve(Greeting::Anchor) => {}
        () = stop => {}
    }
    Ok(())
}

/// Answers on one listener until dropped.
pub async fn serve(listener: TcpListener, greeting: Greeting) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let service = TowerToHyperService::new(router(greeting));
    // Dropped with this: no connection outlives its listener.
    let mut running = JoinSet::new();
    loop {
        while running.try_join_next().is_some() {}
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(LIMIT)
            .keep_alive(false)
            .max_buf_size(MAX_HEAD)
            .max_headers(32)
            .serve_connection(TokioIo::new(stream), service.clone());
        running.spawn(async move {
            // Whoever broke it off asks again.
            let _ = timeout(LIMIT, connection).await;
            drop(place);
        });
    }
}

fn router(greeting: Greeting) -> Router {
    Router::new().fallback(move |method: Method| std::future::ready(answer(&method, &greeting)))
}

fn answer(method: &Method, greeting: &Greeting) -> Response {
    let mut response = match (method, greeting) {
        (&Method::GET | &Method::HEAD, Greeting::Gateway(name)) => {
            let text = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
            (text, format!("kv-flexnet\n{name}\n")).into_response()
        }
        (&Method::GET | &Method::HEAD, Greeting::Anchor) => StatusCode::NO_CONTENT.into_response(),
        (_, Greeting::Gateway(_) | Greeting::Anchor) => {
            ([(header::ALLOW, "GET, HEAD")], StatusCode::METHOD_NOT_ALLOWED).into_response()
        }
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpStream,
        task::JoinHandle,
    };

    use super::*;

    async fn open(greeting: Greeting) -> (SocketAddr, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        (listener.local_addr().unwrap(), tokio::spawn(serve(listener, greeting)))
    }

    /// Everything that comes back until the connection ends.
    async fn ask(address: SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        // A reset is an end as well.
        let _ = stream.read_to_string(&mut answer).await;
        answer.to_lowercase()
    }

    #[tokio::test]
    async fn the_gateway_says_its_name_on_any_path_and_sends_nobody_elsewhere() {
        let (address, _served) = open(Greeting::Gateway("flexnet.example".into())).await;
        for line in ["GET / HTTP/1.1", "GET /generate_204?x=1 HTTP/1.1"] {
            let answer = ask(address, &format!("{line}\r\nhost: elsewhere.example\r\n\r\n")).await;
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            assert!(head.starts_with("http/1.1 200 ok"), "{answer}");
            for header in ["content-type: text/plain; charset=utf-8", "cache-control: no-store", "connection: close"] {
                assert!(head.contains(header), "{header}: {answer}");
            }
            assert!(!head.contains("location") && !head.contains("server:"), "{answer}");
            assert_eq!(body, "kv-flexnet\nflexnet.example\n");
        }
        let answer = ask(address, "HEAD / HTTP/1.1\r\nhost: x\r\n\r\n").await;
        assert!(answer.starts_with("http/1.1 200 ok") && answer.ends_with("\r\n\r\n"), "{answer}");
        for method in ["POST", "PUT", "OPTIONS", "CONNECT"] {
            let answer = ask(address, &format!("{method} x:1 HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n")).await;
            assert!(!answer.contains("kv-flexnet"), "{answer}");
            assert!(answer.starts_with("http/1.1 4"), "{answer}");
        }
    }

    #[tokio::test]
    async fn an_anchor_has_no_content() {
        let (address, _served) = open(Greeting::Anchor).await;
        for method in ["GET", "HEAD"] {
            let answer = ask(address, &format!("{method} / HTTP/1.1\r\nhost: x\r\n\r\n")).await;
            assert!(answer.starts_with("http/1.1 204 no content"), "{answer}");
            assert!(answer.contains("connection: close") && answer.ends_with("\r\n\r\n"), "{answer}");
        }
        assert!(ask(address, "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n").await.contains(" 405 "));
    }

    #[tokio::test]
    async fn who_says_nothing_is_hung_up_on_and_those_beyond_the_places_at_once() {
        let (address, _served) = open(Greeting::Anchor).await;
        let mut silent = Vec::new();
        for _ in 0..CONNECTIONS {
            silent.push(TcpStream::connect(address).await.unwrap());
        }
        // The kernel has accepted them; the listener may not have yet.
        tokio::time::sleep(Duration::from_millis(200)).await;
        let begun = std::time::Instant::now();
        assert_eq!(ask(address, "GET / HTTP/1.1\r\nhost: x\r\n\r\n").await, "");
        assert!(begun.elapsed() < LIMIT, "{:?}", begun.elapsed());
        let mut rest = Vec::new();
        silent[0].read_to_end(&mut rest).await.unwrap();
        let lasted = begun.elapsed();
        assert!(lasted < LIMIT + Duration::from_secs(2), "{lasted:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(ask(address, "GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.contains(" 204 "), "there is room again");
    }

    #[tokio::test]
    async fn an_address_that_is_taken_costs_the_gateway_nothing_and_an_anchor_everything() {
        let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = taken.local_addr().unwrap();
        assert!(hold(&[address]).0.is_empty());
        let options = Options { listen: vec![address] };
        assert!(matches!(anchor(options, std::future::pending()).await, Err(Error::Listen(at, _)) if at == address));
    }
}
