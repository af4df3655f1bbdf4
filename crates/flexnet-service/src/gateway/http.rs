//! HTTP/1.1 over the proven connection: small requests, bounded answers, problem details (RFC 9457).

use std::{net::SocketAddr, time::Duration};

use flexnet_protocol::{
    Fault, FaultCode, Secret,
    gateway::{MAX_BODY, Problem},
};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{
    Request, Response, StatusCode,
    body::{Bytes, Incoming},
    client::conn::http1::{self, SendRequest},
    header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use serde::{Serialize, de::DeserializeOwned};
use tokio::{net::TcpStream, task::AbortHandle, time::timeout};
use tokio_rustls::client::TlsStream;
use zeroize::Zeroizing;

use super::ANSWER_LIMIT;

/// A proven connection to the gateway. Dropping it closes it.
pub struct Connection {
    pub(super) sender: SendRequest<Full<Bytes>>,
    driver: AbortHandle,
    pub(super) host: String,
    end: Option<SocketAddr>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// One request.
#[derive(Default)]
pub(super) struct Call<'a> {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    /// Bearer token of the session.
    pub(super) token: Option<&'a Secret>,
    /// JSON.
    pub(super) body: Option<Zeroizing<Vec<u8>>>,
    /// How long the gateway may wait for something to tell.
    pub(super) wait_seconds: u16,
}

/// A whole answer, at most [`MAX_BODY`] bytes.
pub(super) struct Answer {
    status: StatusCode,
    problem: bool,
    body: Bytes,
}

impl Connection {
    pub(super) async fn open(stream: TlsStream<TcpStream>, host: &str, end: Option<SocketAddr>) -> Result<Self, Fault> {
        flexnet_masque::tune(stream.get_ref().0);
        let (sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|e| Fault::new(FaultCode::ConnectionCut, e.to_string()))?;
        // It ends with an error when the gateway closes; the next call tells.
        let driver = tokio::spawn(async move { drop(connection.with_upgrades().await) }).abort_handle();
        Ok(Self { sender, driver, host: host.to_owned(), end })
    }

    /// Whether a proxy stands in between.
    pub fn by_proxy(&self) -> bool {
        self.end.is_none()
    }

    /// The gateway's end, if no proxy stands in between.
    pub fn end(&self) -> Option<SocketAddr> {
        self.end
    }

    /// `true` while a call has a chance.
    pub fn usable(&self) -> bool {
        !self.sender.is_closed()
    }

    pub(super) async fn call(&mut self, call: Call<'_>) -> Result<Answer, Fault> {
        let Call { method, path, token, body, wait_seconds } = call;
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, &self.host)
            .header(USER_AGENT, concat!("kv-flexnet/", env!("CARGO_PKG_VERSION")));
        if let Some(token) = token {
            let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose()))
                .map_err(|_| Fault::new(FaultCode::GatewayAnswer, "the session token is no header value"))?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        if wait_seconds > 0 {
            // RFC 7240 §4.3.
            request = request.header("prefer", format!("wait={wait_seconds}"));
        }
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let request = request
            .body(Full::new(body.map(Bytes::from_owner).unwrap_or_default()))
            .map_err(|e| Fault::new(FaultCode::Internal, e.to_string()))?;
        let limit = ANSWER_LIMIT + Duration::from_secs(u64::from(wait_seconds));
        match timeout(limit, self.exchange(request)).await {
            Ok(answer) => answer,
            Err(_) => Err(Fault::new(FaultCode::GatewayHangs, format!("no answer to {method} {path}"))),
        }
    }

    async fn exchange(&mut self, request: Request<Full<Bytes>>) -> Result<Answer, Fault> {
        self.sender.ready().await.map_err(lost)?;
        let response = self.sender.send_request(request).await.map_err(lost)?;
        Answer::read(response).await
    }
}

/// A body that holds secrets.
pub(super) fn json<T: Serialize>(value: &T) -> Result<Zeroizing<Vec<u8>>, Fault> {
    // Room for the whole of it, so that growing leaves no copy of an entry behind.
    let mut body = Zeroizing::new(Vec::with_capacity(MAX_BODY));
    serde_json::to_writer(&mut *body, value).map_err(|e| Fault::new(FaultCode::Internal, e.to_string()))?;
    Ok(body)
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
pub(super) fn lost(error: hyper::Error) -> Fault {
    let code = if error.is_parse() { FaultCode::GatewayAnswer } else { FaultCode::ConnectionCut };
    Fault::new(code, error.to_string())
}

impl Answer {
    pub(super) async fn read(response: Response<Incoming>) -> Result<Self, Fault> {
        let status = response.status();
        let problem = response
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.starts_with("application/problem+json"));
        let body = Limited::new(response.into_body(), MAX_BODY)
            .collect()
            .await
            .map_err(|e| Fault::new(FaultCode::GatewayAnswer, format!("answer cut or too long: {e}")))?
            .to_bytes();
        Ok(Self { status, problem, body })
    }

    /// 202: it goes on, and the answer says how.
    pub(super) fn is_accepted(&self) -> bool {
        self.status == StatusCode::ACCEPTED
    }

    /// The value of a success, or the problem of an error.
    pub(super) fn into_result<T: DeserializeOwned>(self) -> Result<Result<T, Problem>, Fault> {
        if let Some(problem) = self.problem()? {
            return Ok(Err(problem));
        }
        serde_json::from_slice(&self.body)
            .map(Ok)
            .map_err(|e| Fault::new(FaultCode::GatewayAnswer, format!("status {}: {e}", self.status)))
    }

    /// The problem of an error, nothing for a success.
    pub(super) fn problem(&self) -> Result<Option<Problem>, Fault> {
        if self.status.is_success() {
            return Ok(None);
        }
        if !self.problem {
            return Err(Fault::new(
                FaultCode::GatewayAnswer,
                format!("status {} without problem details", self.status),
            ));
        }
        serde_json::from_slice(&self.body)
            .map(Some)
            .map_err(|e| Fault::new(FaultCode::GatewayAnswer, format!("status {}: {e}", self.status)))
    }
}
