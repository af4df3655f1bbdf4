//! systemd-resolved by its D-Bus interface `org.freedesktop.resolve1.Manager`: what the tunnel device's name service is, and for which names.

use std::{net::IpAddr, time::Duration};

use flexnet_protocol::{Fault, FaultCode, gateway::TunnelGrant};
use tokio::time::timeout;
use zbus::{
    Connection, Proxy,
    zvariant::{DynamicType, OwnedObjectPath},
};

use super::settings;

const NAME: &str = "org.freedesktop.resolve1";
const PATH: &str = "/org/freedesktop/resolve1";
const MANAGER: &str = "org.freedesktop.resolve1.Manager";
const LINK: &str = "org.freedesktop.resolve1.Link";
/// It is on this PC: whatever takes longer is not coming.
const LIMIT: Duration = Duration::from_secs(5);
/// Address families as the kernel numbers them.
const AF_INET: i32 = 2;
const AF_INET6: i32 = 10;

/// Whether it runs. A system bus that does not answer counts as no.
pub(super) async fn runs() -> bool {
    let asked = async {
        let bus = Connection::system().await?;
        let names = zbus::fdo::DBusProxy::new(&bus).await?;
        Ok::<bool, zbus::Error>(names.name_has_owner(NAME.try_into()?).await?)
    };
    matches!(timeout(LIMIT, asked).await, Ok(Ok(true)))
}

/// The portal's names, and only these, are asked of the grant's servers through the device; with `all` every name.
pub(super) async fn set(index: u32, grant: &TunnelGrant, all: bool) -> Result<(), Fault> {
    let index = i32::try_from(index).map_err(|e| settings("name service", &e))?;
    let servers: Vec<(i32, Vec<u8>)> = grant.dns_servers.iter().map(family_and_bytes).collect();
    // `true`: for routing only, never appended to a name that somebody types.
    let mut domains: Vec<(&str, bool)> = grant.dns_domains.iter().map(|domain| (domain.as_str(), true)).collect();
    if all {
        // It outranks every other link that has no better domain; the packet filter holds back what is asked of those.
        domains.push((".", true));
    }
    let set = async {
        let bus = Connection::system().await?;
        call(&bus, "SetLinkDNS", &(index, servers)).await?;
        call(&bus, "SetLinkDomains", &(index, domains)).await?;
        call(&bus, "SetLinkDefaultRoute", &(index, all)).await?;
        call(&bus, "FlushCaches", &()).await
    };
    match timeout(LIMIT, set).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(settings("systemd-resolved", &error)),
        Err(_) => Err(Fault::new(FaultCode::NetworkSettings, "systemd-resolved does not answer")),
    }
}

/// Takes it back. With the device the settings are gone as well, so a device that is gone has nothing to take back.
pub(super) async fn revert(device: &str) -> Result<Option<String>, String> {
    let Some(left) = left(device).await? else { return Ok(None) };
    let Some(index) = index(device) else { return Ok(None) };
    let reverted = async {
        let bus = Connection::system().await?;
        call(&bus, "RevertLink", &(index,)).await?;
        call(&bus, "FlushCaches", &()).await
    };
    match timeout(LIMIT, reverted).await {
        Ok(Ok(())) => Ok(Some(left)),
        Ok(Err(error)) => Err(format!("systemd-resolved: {error}")),
        Err(_) => Err("systemd-resolved does not answer".into()),
    }
}

/// What [`revert`] would take back.
pub(super) async fn left(device: &str) -> Result<Option<String>, String> {
    let Some(index) = index(device) else { return Ok(None) };
    if !runs().await {
        return Ok(None);
    }
    let asked = async {
        let bus = Connection::system().await?;
        let answer = bus.call_method(Some(NAME), PATH, Some(MANAGER), "GetLink", &(index,)).await?;
        let path: OwnedObjectPath = answer.body().deserialize()?;
        let link = Proxy::new(&bus, NAME, path, LINK).await?;
        let servers: Vec<(i32, Vec<u8>)> = link.get_property("DNS").await?;
        let domains: Vec<(String, bool)> = link.get_property("Domains").await?;
        Ok::<bool, zbus::Error>(!(servers.is_empty() && domains.is_empty()))
    };
    match timeout(LIMIT, asked).await {
        Ok(Ok(set)) => Ok(set.then(|| format!("systemd-resolved's settings of {device}"))),
        Ok(Err(error)) => Err(format!("systemd-resolved: {error}")),
        Err(_) => Err("systemd-resolved does not answer".into()),
    }
}

/// Forgets what it remembers of names.
pub(super) async fn flush() -> Result<(), String> {
    let asked = async { call(&Connection::system().await?, "FlushCaches", &()).await };
    match timeout(LIMIT, asked).await {
        Ok(flushed) => flushed.map_err(|error| format!("systemd-resolved: {error}")),
        Err(_) => Err("systemd-resolved does not answer".into()),
    }
}

fn index(device: &str) -> Option<i32> {
    i32::try_from(nix::net::if_::if_nametoindex(device).ok()?).ok()
}

async fn call<B: serde::Serialize + DynamicType>(bus: &Connection, method: &str, body: &B) -> Result<(), zbus::Error> {
    bus.call_method(Some(NAME), PATH, Some(MANAGER), method, body).await.map(drop)
}

fn family_and_bytes(server: &IpAddr) -> (i32, Vec<u8>) {
    match server {
        IpAddr::V4(v4) => (AF_INET, v4.octets().to_vec()),
        IpAddr::V6(v6) => (AF_INET6, v6.octets().to_vec()),
    }
}
