//! Inside the tunnel: the name service of the KV's network and the portal. Looked at only while a session lives.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use flexnet_protocol::profile::Profile;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::{
    Method, Request,
    body::Bytes,
    client::conn::http1,
    header::{HOST, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use simple_dns::{CLASS, Name, Packet, QTYPE, Question, RCODE, TYPE, rdata::RData};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, UdpSocket, lookup_host},
    task::spawn_blocking,
    time::timeout,
};
use tokio_rustls::TlsConnector;
use url::Url;

use super::tcp;
use crate::facts::{Answer, Inside, Page, Reach};

/// A name service is asked twice.
const TRIES: u32 = 2;
/// Each time for so long.
const TRY_WITHIN: Duration = Duration::from_millis(1500);
/// Until TCP stands, and until a page is there.
const PAGE_WITHIN: Duration = Duration::from_secs(4);
/// As much of a page as is read.
const PAGE: usize = 4 * 1024 * 1024;

/// Looks inside. The session's own facts are left for who asked the service.
pub(super) async fn look(profile: &Profile) -> Inside {
    let host = profile.portal_host.as_str();
    let ((names, told), by_system) = tokio::join!(names(profile), timeout(TRY_WITHIN * TRIES, by_system(host)));
    let system = by_system.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
    let names = names.unwrap_or_else(|| match &system {
        Ok(addresses) => fits(addresses, profile),
        Err(error) if error.kind() == io::ErrorKind::TimedOut => Answer::Silent,
        Err(_) => Answer::Failure,
    });
    let inside = |ip: &&IpAddr| profile.portal_networks.iter().any(|net| net.contains(*ip));
    let system = system.unwrap_or_default();
    let Some(ip) = told.iter().chain(&system).find(inside) else {
        return Inside { names: Some(names), ..Inside::default() };
    };
    let end = SocketAddr::new(*ip, profile.portal_port);
    Inside { names: Some(names), ..portal(end, &profile.portal.url).await }
}

/// What the name services inside say; `None` if the profile names none.
async fn names(profile: &Profile) -> (Option<Answer>, Vec<IpAddr>) {
    let mut last = None;
    for server in &profile.portal_name_servers {
        match ask(SocketAddr::new(*server, 53), &profile.portal_host).await {
            Ok(addresses) => return (Some(fits(&addresses, profile)), addresses),
            Err(answer) => last = Some(answer),
        }
    }
    (last, Vec::new())
}

fn fits(addresses: &[IpAddr], profile: &Profile) -> Answer {
    if addresses.is_empty() {
        Answer::NoSuchName
    } else if addresses.iter().any(|ip| profile.portal_networks.iter().any(|net| net.contains(ip))) {
        Answer::Right
    } else {
        Answer::Wrong
    }
}

async fn by_system(host: &str) -> io::Result<Vec<IpAddr>> {
    Ok(lookup_host((host, 0)).await?.map(|end| end.ip()).collect())
}

/// Both families of a name, by one name service: the addresses, or what came instead.
async fn ask(server: SocketAddr, host: &str) -> Result<Vec<IpAddr>, Answer> {
    let (v4, v6) = tokio::join!(ask_for(server, host, TYPE::A), ask_for(server, host, TYPE::AAAA));
    match (v4, v6) {
        (Ok(v4), Ok(v6)) => Ok(v4.into_iter().chain(v6).collect()),
        // Who serves one family only may be silent, or say no, about the other.
        (Ok(addresses), Err(_)) | (Err(_), Ok(addresses)) if !addresses.is_empty() => Ok(addresses),
        (Err(answer), _) | (_, Err(answer)) => Err(answer),
    }
}

async fn ask_for(server: SocketAddr, host: &str, kind: TYPE) -> Result<Vec<IpAddr>, Answer> {
    let any: SocketAddr = if server.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0_u16; 8], 0).into() };
    let failed = |error: &io::Error| {
        if error.kind() == io::ErrorKind::ConnectionRefused { Answer::Refused } else { Answer::Silent }
    };
    for _ in 0..TRIES {
        let mut id = [0; 2];
        getrandom::fill(&mut id).map_err(|_| Answer::Silent)?;
        let id = u16::from_be_bytes(id);
        let question = question(id, host, kind).ok_or(Answer::Garbage)?;
        let socket = UdpSocket::bind(any).await.map_err(|e| failed(&e))?;
        socket.connect(server).await.map_err(|e| failed(&e))?;
        socket.send(&question).await.map_err(|e| failed(&e))?;
        let mut buffer = vec![0; 4096];
        match timeout(TRY_WITHIN, socket.recv(&mut buffer)).await {
            Err(_) => {}
            Ok(Err(error)) => return Err(failed(&error)),
            Ok(Ok(length)) => return read(buffer.get(..length).unwrap_or_default(), id),
        }
    }
    Err(Answer::Silent)
}

fn question(id: u16, host: &str, kind: TYPE) -> Option<Vec<u8>> {
    let mut packet = Packet::new_query(id);
    packet.set_flags(simple_dns::PacketFlag::RECURSION_DESIRED);
    let name = Name::new(host).ok()?;
    packet.questions.push(Question::new(name, QTYPE::TYPE(kind), CLASS::IN.into(), false));
    packet.build_bytes_vec().ok()
}

#[expect(clippy::wildcard_enum_match_arm, reason = "of all kinds of records and codes these are read")]
fn read(bytes: &[u8], id: u16) -> Result<Vec<IpAddr>, Answer> {
    let packet = Packet::parse(bytes).map_err(|_| Answer::Garbage)?;
    if packet.id() != id {
        return Err(Answer::Garbage);
    }
    match packet.rcode() {
        RCODE::NoError => {}
        RCODE::NameError => return Err(Answer::NoSuchName),
        RCODE::ServerFailure => return Err(Answer::Failure),
        RCODE::Refused | RCODE::NotImplemented => return Err(Answer::Refused),
        _ => return Err(Answer::Garbage),
    }
    let address = |record: &simple_dns::ResourceRecord<'_>| match &record.rdata {
        RData::A(a) => Some(IpAddr::V4(a.address.into())),
        RData::AAAA(aaaa) => Some(IpAddr::V6(aaaa.address.into())),
        _ => None,
    };
    Ok(packet.answers.iter().filter_map(address).collect())
}

/// TCP to the portal, its first page without and with its body.
async fn portal(end: SocketAddr, url: &str) -> Inside {
    let (reach, stream) = tcp::connect(end, PAGE_WITHIN).await;
    let Ok(url) = Url::parse(url) else { return Inside { portal: Some(reach), ..Inside::default() } };
    let Some(stream) = stream else { return Inside { portal: Some(reach), ..Inside::default() } };
    let secured = url.scheme() == "https";
    let head = match page(stream, &url, secured, Method::HEAD).await {
        Ok(page) => page,
        Err(Untrusted) => return Inside { portal: Some(reach), portal_untrusted: true, ..Inside::default() },
    };
    let mut whole = None;
    if matches!(head, Page::Status(_))
        && let (Reach::Open { .. }, Some(stream)) = tcp::connect(end, PAGE_WITHIN).await
    {
        whole = page(stream, &url, secured, Method::GET).await.ok();
    }
    Inside { portal: Some(reach), head: Some(head), whole, ..Inside::default() }
}

/// The portal's certificate is not one that this system trusts: nothing is sent then.
struct Untrusted;

async fn page(stream: TcpStream, url: &Url, secured: bool, method: Method) -> Result<Page, Untrusted> {
    if !secured {
        return Ok(timeout_page(stream, url, method).await);
    }
    let Some(stream) = tls(stream, url.host_str().unwrap_or_default()).await? else { return Ok(Page::Silent) };
    Ok(timeout_page(stream, url, method).await)
}

/// By this system's own roots. `None` if the handshake does not come to an end.
async fn tls(stream: TcpStream, host: &str) -> Result<Option<tokio_rustls::client::TlsStream<TcpStream>>, Untrusted> {
    let roots = spawn_blocking(|| {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        roots
    });
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(|_| Untrusted)?.with_root_certificates(roots.await.map_err(|_| Untrusted)?);
    let connector = TlsConnector::from(Arc::new(config.with_no_client_auth()));
    let name = ServerName::try_from(host.to_owned()).map_err(|_| Untrusted)?;
    match timeout(PAGE_WITHIN, connector.connect(name, stream)).await {
        Err(_) => Ok(None),
        Ok(Ok(stream)) => Ok(Some(stream)),
        Ok(Err(_)) => Err(Untrusted),
    }
}

async fn timeout_page(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, url: &Url, method: Method) -> Page {
    let Ok((mut sender, connection)) = http1::handshake(TokioIo::new(stream)).await else { return Page::Cut };
    // It ends with the page's last byte, and its error is told by the call.
    let driver = tokio::spawn(connection);
    let request = Request::builder()
        .method(method)
        .uri(url.path())
        .header(HOST, url.host_str().unwrap_or_default())
        .header(USER_AGENT, concat!("kv-flexnet/", env!("CARGO_PKG_VERSION")))
        .body(Empty::<Bytes>::new());
    let Ok(request) = request else { return Page::Cut };
    let response = match timeout(PAGE_WITHIN, sender.send_request(request)).await {
        Err(_) => return Page::Silent,
        Ok(Err(_)) => return Page::Cut,
        Ok(Ok(response)) => response,
    };
    let status = response.status().as_u16();
    let body = timeout(PAGE_WITHIN, Limited::new(response.into_body(), PAGE).collect()).await;
    driver.abort();
    match body {
        Err(_) => Page::Stalled,
        // A page that is longer than what is read has come through, too.
        Ok(Ok(_)) => Page::Status(status),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Page::Status(status),
        Ok(Err(_)) => Page::Cut,
    }
}

#[cfg(test)]
mod tests;
