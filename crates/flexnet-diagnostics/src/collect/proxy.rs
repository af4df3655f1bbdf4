//! Proxies: those that are set on this PC, and one that the network announces by its name `wpad`. Their scripts are read as text and never run.
//! No password is sent, and no address is told.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use flexnet_protocol::profile::Profile;
use futures_util::future::{join, join_all};
use ipnet::IpNet;
use tokio::{net::TcpStream, time::timeout};
use url::{Host, Url};

use super::{
    plain::{self, NoPage},
    resolve, tcp,
};
use crate::{
    facts::{Proxy, ProxyAnswer, Reach},
    os,
};

const RESOLVE: Duration = Duration::from_secs(2);
const CONNECT: Duration = Duration::from_secs(2);
const ANSWER: Duration = Duration::from_secs(3);
/// With a script before it.
const ALL: Duration = Duration::from_secs(9);
/// Variables that programs heed for HTTPS, the first one wins.
const VARIABLES: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
const EXCEPTIONS: [&str; 2] = ["no_proxy", "NO_PROXY"];
/// A script that is longer is none.
const SCRIPT: usize = 64 * 1024;
const SEARCHED: usize = 3;

/// Where a proxy is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Setting {
    /// By its address.
    Address {
        /// As in [`Proxy::source`].
        source: &'static str,
        /// `host:port` or `http://host:port`.
        text: String,
    },
    /// By a script at this address.
    Script {
        /// As in [`Proxy::source`].
        source: &'static str,
        /// Its address.
        url: String,
    },
}

/// Both kinds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Proxies {
    /// Set here.
    pub(crate) set: Option<Proxy>,
    /// Announced by the network.
    pub(crate) announced: Option<Proxy>,
}

/// Asks them for a way to the gateway, for at most 9 s. Without a profile there is nowhere to go.
pub(crate) async fn look(profile: Option<&Profile>) -> Proxies {
    let Some(profile) = profile else { return Proxies::default() };
    let Some(target) = profile.gateway_endpoints.first() else { return Proxies::default() };
    let set = async {
        match setting(profile) {
            Some(setting) => timeout(ALL, asked(setting, *target)).await.ok().flatten(),
            None => None,
        }
    };
    let announced = async {
        let found =
            join_all(os::names::search_domains().into_iter().take(SEARCHED).map(|domain| wpad(domain, *target)));
        timeout(ALL, found).await.ok()?.into_iter().flatten().next()
    };
    let (set, announced) = join(set, announced).await;
    Proxies { set, announced }
}

/// A connection through that proxy. `None` where it does not lead there.
pub(crate) async fn through(setting: Setting, target: SocketAddr) -> Option<TcpStream> {
    let (host, port) = match setting {
        Setting::Address { text, .. } => host_and_port(&text)?,
        Setting::Script { url, .. } => scripted(&url).await?,
    };
    opened(&host, port, target).await.ok()
}

/// The proxy that is set here for the gateway: by this person's variables, else in the system.
pub(crate) fn setting(profile: &Profile) -> Option<Setting> {
    let environment = |name: &str| std::env::var(name).ok();
    by_variables("environment", environment, profile).or_else(|| os::proxy::settings(profile).into_iter().next())
}

/// What variables say of a way to the gateway.
pub(crate) fn by_variables(
    source: &'static str,
    value: impl Fn(&str) -> Option<String>,
    profile: &Profile,
) -> Option<Setting> {
    let first = |names: &[&str]| names.iter().find_map(|name| value(name).filter(|text| !text.trim().is_empty()));
    let text = first(&VARIABLES)?;
    let excepted =
        first(&EXCEPTIONS).is_some_and(|list| list.split([',', ' ']).any(|entry| excepts(entry.trim(), profile)));
    (!excepted).then_some(Setting::Address { source, text })
}

fn excepts(entry: &str, profile: &Profile) -> bool {
    let name = &profile.gateway_name;
    let ips = || profile.gateway_endpoints.iter().map(SocketAddr::ip);
    let domain = entry.trim_start_matches("*.").trim_start_matches('.');
    entry == "*"
        || (!domain.is_empty() && (name == domain || name.ends_with(&format!(".{domain}"))))
        || entry.parse::<IpAddr>().is_ok_and(|entry| ips().any(|ip| ip == entry))
        || entry.parse::<IpNet>().is_ok_and(|entry| ips().any(|ip| entry.contains(&ip)))
}

async fn asked(setting: Setting, target: SocketAddr) -> Option<Proxy> {
    match setting {
        Setting::Address { source, text } => {
            let answer = match host_and_port(&text) {
                Some((host, port)) => way(&host, port, target).await,
                None => ProxyAnswer::BadAddress,
            };
            Some(Proxy { source: source.into(), answer })
        }
        Setting::Script { source, url } => by_script(source, &url, target).await,
    }
}

/// A proxy that a script of the network names (the name `wpad` of the search domain, draft-ietf-wrec-wpad-01 §4.4).
async fn wpad(domain: String, target: SocketAddr) -> Option<Proxy> {
    let domain = domain.trim_matches('.');
    by_script("wpad", &format!("http://wpad.{domain}/wpad.dat"), target).await
}

/// `None` where there is no script, or it names no proxy.
async fn by_script(source: &'static str, url: &str, target: SocketAddr) -> Option<Proxy> {
    let (host, port) = scripted(url).await?;
    Some(Proxy { source: source.into(), answer: way(&host, port, target).await })
}

/// The proxy that the script at this address names.
async fn scripted(url: &str) -> Option<(Host, u16)> {
    let url = Url::parse(url).ok().filter(|url| url.scheme() == "http")?;
    let host = url.host()?.to_owned();
    let stream = connect(&host, url.port().unwrap_or(80)).await.ok()?;
    let page = plain::get(stream, &host.to_string(), url.path(), SCRIPT, ANSWER).await.ok()?;
    let text = (page.status == 200).then(|| named(&page.text)).flatten()?;
    host_and_port(&text)
}

/// The first `PROXY host:port` of a script.
fn named(script: &str) -> Option<String> {
    let mut words = script.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | '`'));
    words.find(|word| *word == "PROXY")?;
    let address = words.find(|word| !word.is_empty())?;
    let (host, port) = address.rsplit_once(':')?;
    let plain = host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'[' | b']' | b':'));
    (plain && !host.is_empty() && port.parse::<u16>().is_ok()).then(|| address.to_owned())
}

/// Of `host:port` or an `http` address. A proxy of another kind is none for us.
fn host_and_port(text: &str) -> Option<(Host, u16)> {
    let text = text.trim();
    let url = if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("http://{text}")) };
    let url = url.ok().filter(|url| url.scheme() == "http")?;
    Some((url.host()?.to_owned(), url.port().unwrap_or(80)))
}

async fn connect(host: &Host, port: u16) -> Result<TcpStream, Reach> {
    let ips = match host {
        Host::Ipv4(ip) => vec![IpAddr::V4(*ip)],
        Host::Ipv6(ip) => vec![IpAddr::V6(*ip)],
        Host::Domain(name) => resolve::addresses(name, RESOLVE)
            .await
            .map_err(|why| Reach::Other(format!("its name: {}", format!("{why:?}").to_lowercase())))?,
    };
    let mut last = Reach::Other("its name has no address".into());
    for ip in ips.into_iter().take(2) {
        match tcp::connect((ip, port).into(), CONNECT).await {
            (_, Some(stream)) => return Ok(stream),
            (reach, None) => last = reach,
        }
    }
    Err(last)
}

/// Asks a proxy for a way to the gateway.
async fn way(host: &Host, port: u16, target: SocketAddr) -> ProxyAnswer {
    opened(host, port, target).await.map_or_else(|no| no, |_| ProxyAnswer::Open)
}

async fn opened(host: &Host, port: u16, target: SocketAddr) -> Result<TcpStream, ProxyAnswer> {
    let stream = connect(host, port).await.map_err(ProxyAnswer::Unreached)?;
    match plain::connect(stream, &target.to_string(), ANSWER).await {
        Ok((_, Some(stream))) => Ok(stream),
        Ok((407, None)) => Err(ProxyAnswer::WantsPassword),
        Ok((status, None)) => Err(ProxyAnswer::Refuses { status }),
        Err(NoPage::Cut) => Err(ProxyAnswer::Refuses { status: 0 }),
        Err(NoPage::Silent) => Err(ProxyAnswer::Silent),
    }
}

#[cfg(test)]
mod tests;
