//! A member's client, no code of ours: hyper over rustls, JSON by hand.

use super::*;

/// One connection to a gateway.
pub(super) struct Client(pub(super) http1::SendRequest<Full<Bytes>>);

impl Client {
    pub(super) async fn call(&mut self, method: &str, path: &str, token: Option<&Secret>, body: &str) -> Answer {
        self.send(request(method, path, token), body).await
    }

    /// Asks for the session, with time to wait for a change of it.
    pub(super) async fn wait(&mut self, token: &Secret, seconds: u32) -> Answer {
        let request = request("GET", "/v1/session", Some(token)).header("prefer", format!("wait={seconds}"));
        self.send(request, "").await
    }

    pub(super) async fn send(&mut self, request: Builder, body: &str) -> Answer {
        let (status, headers, bytes) = self.raw(request, body).await.expect("an answer");
        Answer { status, headers, body: serde_json::from_slice(&bytes).unwrap_or_default() }
    }

    /// An answer as it came; nothing if the connection broke.
    pub(super) async fn raw(&mut self, request: Builder, body: &str) -> Option<(u16, HeaderMap, Bytes)> {
        self.0.ready().await.ok()?;
        let response = self.0.send_request(request.body(Full::from(body.to_owned())).unwrap()).await.ok()?;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.ok()?.to_bytes();
        Some((parts.status.as_u16(), parts.headers, bytes))
    }

    pub(super) async fn post(&mut self, body: &str) -> Answer {
        self.call("POST", "/v1/sessions", None, body).await
    }

    /// The same; nothing if the connection broke.
    pub(super) async fn try_post(&mut self, body: &str) -> Option<Answer> {
        let (status, headers, bytes) = self.raw(request("POST", "/v1/sessions", None), body).await?;
        Some(Answer { status, headers, body: serde_json::from_slice(&bytes).unwrap_or_default() })
    }
}

pub(super) fn request(method: &str, path: &str, token: Option<&Secret>) -> Builder {
    let request = Request::builder().method(method).uri(path).header("host", "flexnet.example");
    match token {
        Some(token) => request.header("authorization", format!("Bearer {}", token.expose())),
        None => request,
    }
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

impl Answer {
    pub(super) fn grant(&self) -> Grant {
        assert_eq!(self.status, 201, "{self:?}");
        serde_json::from_value(self.body.clone()).unwrap()
    }

    pub(super) fn problem(&self) -> Problem {
        assert!(self.status >= 400, "{self:?}");
        assert_eq!(self.headers["content-type"], "application/problem+json", "{self:?}");
        let problem: Problem = serde_json::from_value(self.body.clone()).unwrap();
        assert_eq!((problem.status, problem.kind.as_str()), (self.status, "about:blank"));
        problem
    }

    pub(super) fn fault(&self) -> FaultCode {
        self.problem().fault
    }
}

/// The body of a sign-in with an id and a WireGuard key of its own.
pub(super) fn body(username: &str, password: &str, tan: &str) -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let mut key = [7; 32];
    key[..8].copy_from_slice(&number.to_be_bytes());
    json!({
        "attempt_id": BASE64URL_NOPAD.encode(&[number.to_be_bytes(), [0x5a; 8]].concat()),
        "username": username,
        "password": password,
        "tan": tan,
        "client_public_key": BASE64.encode(&key),
        "client": { "version": flexnet_protocol::VERSION, "os": "linux" },
    })
    .to_string()
}

/// TLS 1.3 with the gateway of this folder.
pub(super) async fn secure(
    folder: &std::path::Path,
    stream: TcpStream,
    groups: &[&'static dyn rustls::crypto::SupportedKxGroup],
) -> std::io::Result<TlsStream<TcpStream>> {
    let provider = CryptoProvider { kx_groups: groups.to_vec(), ..aws_lc_rs::default_provider() };
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(folder.join("ca.pem")).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("flexnet.example").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}
