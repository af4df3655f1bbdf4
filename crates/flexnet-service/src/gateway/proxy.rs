//! HTTP proxies between this PC and the gateway: found in the system's settings, asked with CONNECT (RFC 9110 §9.3.6).
//! TLS to the gateway runs inside, so a proxy learns where to and nothing else. Never runs a PAC script: ARCHITECTURE.md says why.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flexnet_protocol::{Fault, FaultCode, Secret};
use http_body_util::Empty;
use hyper::{
    Request, StatusCode,
    body::Bytes,
    client::conn::http1,
    header::{HOST, HeaderValue, PROXY_AUTHORIZATION, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use ipnet::IpNet;
use percent_encoding::percent_decode_str;
use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};
use url::{Host, Url};

use super::TCP_LIMIT;
use crate::os;

/// A proxy of this system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Proxy {
    host: Host<String>,
    port: u16,
    /// Its sign-in, if the settings hold one: base64, as in the header.
    authorization: Option<Secret>,
}

/// How many addresses of proxies are remembered.
const REMEMBERED: usize = 8;

/// Where proxies were found, the newest first. What was once true is kept: an answer from inside the tunnel may be another one,
/// and an address that is out of date costs one connection in vain.
#[derive(Debug, Clone, Default)]
pub(super) struct Known(Arc<Mutex<Vec<(Proxy, SocketAddr)>>>);

/// Proxies for the gateway of that name and those endpoints: first the service's environment, then the machine's.
pub(super) fn of_this_system(name: &str, endpoints: &[SocketAddr]) -> Vec<Proxy> {
    let machine = os::machine_environment();
    let found = |key: &str| {
        let own = || std::env::var(key).ok().or_else(|| std::env::var(key.to_ascii_uppercase()).ok());
        own().or_else(|| setting(&machine, key)).filter(|value| !value.is_empty())
    };
    if found("no_proxy").is_some_and(|list| is_excepted(&list, name, endpoints)) {
        return Vec::new();
    }
    let wanted = found("https_proxy").or_else(|| found("all_proxy"));
    let proxy = wanted.and_then(|text| {
        let proxy = Proxy::parse(&text);
        if proxy.is_none() {
            tracing::warn!("the system's proxy is none that speaks plain HTTP: it is left out");
        }
        proxy
    });
    proxy.into_iter().collect()
}

impl Proxy {
    /// `http://[user:password@]host[:port]`, the scheme left out or not.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let url = if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("http://{text}")) };
        let url = url.ok().filter(|url| url.scheme() == "http")?;
        let decoded = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
        let authorization = (!url.username().is_empty()).then(|| {
            let (user, password) = (decoded(url.username()), decoded(url.password().unwrap_or_default()));
            Secret::new(STANDARD.encode(format!("{user}:{password}")))
        });
        Some(Self { host: url.host()?.to_owned(), port: url.port_or_known_default()?, authorization })
    }

    /// Where it is; asks the system's name service if it has a name.
    async fn ends(&self) -> io::Result<Vec<SocketAddr>> {
        match &self.host {
            Host::Ipv4(ip) => Ok(vec![(*ip, self.port).into()]),
            Host::Ipv6(ip) => Ok(vec![(*ip, self.port).into()]),
            Host::Domain(name) => Ok(lookup_host((name.as_str(), self.port)).await?.collect()),
        }
    }

    /// A connection to the gateway by the proxy at `ends`: by the gateway's name, and where the proxy does not find that, by its endpoints.
    ///
    /// # Errors
    /// What kept it from coming about: the proxy, or the gateway behind it.
    pub(super) async fn connect(
        &self,
        ends: &[SocketAddr],
        name: &str,
        endpoints: &[SocketAddr],
    ) -> Result<TcpStream, Fault> {
        let dead = |what: String| Fault::new(FaultCode::ProxyFails, format!("proxy {}: {what}", self.name()));
        let port = endpoints.first().map_or(443, SocketAddr::port);
        let targets = std::iter::once(format!("{name}:{port}")).chain(endpoints.iter().map(ToString::to_string));
        let mut last = dead("it has no address".to_owned());
        for target in targets {
            match timeout(TCP_LIMIT, self.ask(ends, &target)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(fault)) if fault.code == FaultCode::ProxyWantsPassword => return Err(fault),
                Ok(Err(fault)) => last = fault,
                // It may be looking for the name.
                Err(_) => last = dead("no answer".to_owned()),
            }
        }
        Err(last)
    }

    async fn ask(&self, ends: &[SocketAddr], target: &str) -> Result<TcpStream, Fault> {
        let failed = |code, what: &dyn std::fmt::Display| Fault::new(code, format!("proxy {}: {what}", self.name()));
        let stream = super::dial::connect_any(ends).await.map_err(|error| {
            let no_way = matches!(error.kind(), io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable);
            failed(if no_way { FaultCode::GatewayUnreachable } else { FaultCode::ProxyFails }, &error)
        })?;
        let cut = |error: hyper::Error| failed(FaultCode::ProxyFails, &error);
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(cut)?;
        let driver = tokio::spawn(connection.with_upgrades());
        let response = sender.send_request(self.request(target)?).await.map_err(cut)?;
        let status = response.status();
        if !status.is_success() {
            driver.abort();
            let code = match status {
                StatusCode::PROXY_AUTHENTICATION_REQUIRED => FaultCode::ProxyWantsPassword,
                // It is willing and finds no gateway.
                status if status.is_server_error() || status == StatusCode::NOT_FOUND => FaultCode::GatewaySilent,
                _ => FaultCode::ProxyFails,
            };
            return Err(failed(code, &format!("{status} for {target}")));
        }
        let upgraded = hyper::upgrade::on(response).await.map_err(cut)?;
        match upgraded.downcast::<TokioIo<TcpStream>>() {
            // A server of TLS says nothing before it was asked.
            Ok(parts) if parts.read_buf.is_empty() => Ok(parts.io.into_inner()),
            Ok(_) | Err(_) => Err(failed(FaultCode::ProxyFails, &"it speaks for the gateway")),
        }
    }

    fn request(&self, target: &str) -> Result<Request<Empty<Bytes>>, Fault> {
        let internal = |e: &dyn std::fmt::Display| Fault::new(FaultCode::Internal, format!("proxy: {e}"));
        let mut request = Request::connect(target)
            .header(HOST, target)
            .header(USER_AGENT, concat!("kv-flexnet/", env!("CARGO_PKG_VERSION")));
        if let Some(secret) = &self.authorization {
            let value = HeaderValue::try_from(format!("Basic {}", secret.expose()));
            let mut value = value.map_err(|_| internal(&"its sign-in is no header value"))?;
            value.set_sensitive(true);
            request = request.header(PROXY_AUTHORIZATION, value);
        }
        request.body(Empty::new()).map_err(|e| internal(&e))
    }

    /// For people: without its sign-in.
    fn name(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

impl Known {
    #[cfg(test)]
    pub(super) fn of(known: Vec<(Proxy, SocketAddr)>) -> Self {
        Self(Arc::new(Mutex::new(known)))
    }

    /// Where this one was found.
    pub(super) fn ends(&self, proxy: &Proxy) -> Vec<SocketAddr> {
        self.lock().iter().filter(|(of, _)| of == proxy).map(|(_, end)| *end).collect()
    }

    /// Where any was found.
    pub(super) fn all(&self) -> Vec<SocketAddr> {
        self.lock().iter().map(|(_, end)| *end).collect()
    }

    /// Asks where it is, and remembers that.
    ///
    /// # Errors
    /// Its name cannot be asked for.
    pub(super) async fn ask(&self, proxy: &Proxy) -> io::Result<Vec<SocketAddr>> {
        let asked = timeout(TCP_LIMIT, proxy.ends()).await;
        let found = asked.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))?;
        let mut known = self.lock();
        known.retain(|(of, end)| of != proxy || !found.contains(end));
        known.splice(0..0, found.iter().map(|end| (proxy.clone(), *end)));
        known.truncate(REMEMBERED);
        Ok(found)
    }

    /// The ends of a proxy that are not among these.
    ///
    /// # Errors
    /// There is none. That says nothing where others are known.
    pub(super) async fn others(&self, proxy: &Proxy, known: &[SocketAddr]) -> Result<Vec<SocketAddr>, Fault> {
        let code = if known.is_empty() { FaultCode::ProxyFails } else { FaultCode::GatewayUnreachable };
        let failed = |what: &dyn std::fmt::Display| Fault::new(code, format!("proxy {}: {what}", proxy.name()));
        let mut found = self.ask(proxy).await.map_err(|e| failed(&e))?;
        found.retain(|end| !known.contains(end));
        if found.is_empty() {
            return Err(failed(&"it has no other address"));
        }
        Ok(found)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Proxy, SocketAddr)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A line `key=value` of a file such as `/etc/environment` (pam_env(8)), in either case, quoted or not.
fn setting(file: &str, key: &str) -> Option<String> {
    let lines = file.lines().rev().filter_map(|line| line.trim().trim_start_matches("export ").split_once('='));
    let mut named = lines.filter(|(name, _)| name.trim().eq_ignore_ascii_case(key));
    named.next().map(|(_, value)| value.trim().trim_matches(['"', '\'']).to_owned())
}

/// Whether the list of exceptions names the gateway: `*`, a name or the end of one, an address or a network.
fn is_excepted(list: &str, name: &str, endpoints: &[SocketAddr]) -> bool {
    list.split([',', ' ']).map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| {
        let suffix = entry.trim_start_matches('*').trim_start_matches('.').to_ascii_lowercase();
        let named = !suffix.is_empty() && (name == suffix || name.ends_with(&format!(".{suffix}")));
        let network = entry.parse::<IpNet>().or_else(|_| entry.parse::<IpAddr>().map(IpNet::from));
        entry == "*" || named || network.is_ok_and(|network| endpoints.iter().any(|end| network.contains(&end.ip())))
    })
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::*;

    #[test]
    fn settings_are_read_as_people_write_them() {
        let file = "# proxy\nhttps_proxy=\"http://proxy.praxis.example:3128/\"\nexport NO_PROXY='localhost,.lan'\n";
        assert_eq!(setting(file, "https_proxy").unwrap(), "http://proxy.praxis.example:3128/");
        assert_eq!(setting(file, "no_proxy").unwrap(), "localhost,.lan");
        let named = Proxy::parse("http://proxy.praxis.example:3128/").unwrap();
        assert_eq!((named.name().as_str(), &named.authorization), ("proxy.praxis.example:3128", &None));
        assert_eq!(Proxy::parse("192.168.178.1:8888").unwrap().name(), "192.168.178.1:8888");
        assert_eq!(Proxy::parse("http://[2001:db8::1]:8888").unwrap().name(), "[2001:db8::1]:8888");
        for other in ["socks5://127.0.0.1:1080", "https://proxy.example", "", "http://"] {
            assert_eq!(Proxy::parse(other), None, "{other}");
        }
    }

    #[test]
    fn a_sign_in_of_the_settings_is_sent_and_never_shown() {
        let proxy = Proxy::parse("http://praxis:ge%40heim@192.168.178.1:8888").unwrap();
        assert_eq!(proxy.authorization.as_ref().unwrap().expose(), STANDARD.encode("praxis:ge@heim"));
        let request = proxy.request("flexnet.example:443").unwrap();
        assert!(request.headers()[PROXY_AUTHORIZATION].is_sensitive());
        let shown = format!("{proxy:?} {} {request:?}", proxy.name());
        assert!(!shown.contains("heim") && !shown.contains(&STANDARD.encode("praxis:ge@heim")), "{shown}");
    }

    #[test]
    fn exceptions_are_names_ends_of_names_addresses_and_networks() {
        let endpoints = ["203.0.113.10:443".parse().unwrap()];
        for list in ["*", "flexnet.example", ".example", "*.example", "x, 203.0.113.10", "203.0.113.0/24"] {
            assert!(is_excepted(list, "flexnet.example", &endpoints), "{list}");
        }
        for list in ["", "net.example", "xflexnet.example", "203.0.112.0/24", "localhost,127.0.0.1"] {
            assert!(!is_excepted(list, "flexnet.example", &endpoints), "{list}");
        }
    }

    #[tokio::test]
    async fn what_was_found_once_is_kept_for_that_proxy_alone() {
        let proxy = |text: &str| Proxy::parse(text).unwrap();
        let (here, there, named) = (proxy("127.0.0.1:1"), proxy("127.0.0.1:2"), proxy("http://proxy.invalid:3"));
        let end = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let known = Known::of(vec![(named.clone(), end(3))]);
        for _ in 0..2 {
            known.ask(&here).await.unwrap();
            known.ask(&there).await.unwrap();
            known.ask(&named).await.unwrap_err();
        }
        assert_eq!(known.all(), [end(2), end(1), end(3)]);
        assert_eq!(known.ends(&named), [end(3)]);
        assert_eq!(known.others(&here, &[]).await.unwrap(), [end(1)]);
        assert_eq!(known.others(&here, &[end(1)]).await.unwrap_err().code, FaultCode::GatewayUnreachable);
        for port in 10..30 {
            known.ask(&proxy(&format!("127.0.0.1:{port}"))).await.unwrap();
        }
        assert_eq!(known.all().len(), REMEMBERED);
    }

    /// A proxy that answers with `answer`, and what it was asked.
    async fn answering(answer: &'static str) -> (Result<TcpStream, Fault>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let end = listener.local_addr().unwrap();
        let proxy = Proxy::parse(&end.to_string()).unwrap();
        let asked = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            stream.write_all(answer.as_bytes()).await.unwrap();
            (String::from_utf8(head).unwrap(), stream)
        });
        let connected = proxy.connect(&[end], "flexnet.example", &[]).await;
        let (head, mut inside) = asked.await.unwrap();
        if let Ok(mut stream) = connected {
            stream.write_all(b"hello").await.unwrap();
            let mut heard = [0; 5];
            inside.read_exact(&mut heard).await.unwrap();
            assert_eq!(&heard, b"hello");
            return (Ok(stream), head);
        }
        (connected, head)
    }

    #[tokio::test]
    async fn a_willing_proxy_gives_the_bare_connection() {
        let (connected, head) = answering("HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n").await;
        connected.unwrap();
        assert!(head.starts_with("CONNECT flexnet.example:443 HTTP/1.1\r\n"), "{head}");
    }

    #[tokio::test]
    async fn each_refusal_has_its_fault() {
        for (answer, code) in [
            ("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", FaultCode::ProxyWantsPassword),
            ("HTTP/1.1 403 Filtered\r\nContent-Length: 0\r\n\r\n", FaultCode::ProxyFails),
            ("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", FaultCode::GatewaySilent),
            ("HTTP/1.1 200 OK\r\n\r\n\x16\x03\x03 not asked yet", FaultCode::ProxyFails),
            ("SSH-2.0-OpenSSH\r\n", FaultCode::ProxyFails),
        ] {
            let (connected, _) = answering(answer).await;
            assert_eq!(connected.unwrap_err().code, code, "{answer}");
        }
    }

    #[tokio::test]
    async fn a_dead_proxy_has_its_fault() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let fault =
            Proxy::parse(&free.to_string()).unwrap().connect(&[free], "flexnet.example", &[]).await.unwrap_err();
        assert_eq!(fault.code, FaultCode::ProxyFails);
    }
}
