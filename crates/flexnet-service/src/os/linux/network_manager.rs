//! NetworkManager where it writes `/etc/resolv.conf`: under the exclusive policy a file of ours in its folder for the time until the next start
//! of the PC names the tunnel's servers for all names, and its D-Bus call `Reload` makes it look. It keeps that through every change of the line.
//! Never `GlobalDnsConfiguration`: that one it writes down for good, and no connection of the member's is touched.

use std::{fs, io, net::IpAddr, path::Path, time::Duration};

use tokio::time::{interval, timeout};
use zbus::Connection;

use super::plain;

const NAME: &str = "org.freedesktop.NetworkManager";
const PATH: &str = "/org/freedesktop/NetworkManager";
/// Read after most others, so that what it says counts.
const FILE: &str = "/run/NetworkManager/conf.d/zz-kv-flexnet.conf";
/// What is told of it.
const LEFT: &str = "NetworkManager's servers for all names";
/// Its first line.
const EMPTY: &str = "# kv-flexnet: removed when the session ends\n";
/// Only the configuration, `NM_MANAGER_RELOAD_FLAG_CONF`.
const RELOAD: u32 = 1;
/// It is on this PC: whatever takes longer is not coming.
const LIMIT: Duration = Duration::from_secs(5);
/// How often is looked whether it has written.
const LOOK: Duration = Duration::from_millis(20);

/// Whether it runs and keeps this PC's `resolv.conf`.
pub(super) async fn keeps(resolv: &str) -> bool {
    resolv.lines().any(|line| line.starts_with('#') && line.contains("enerated by NetworkManager")) && runs().await
}

async fn runs() -> bool {
    let asked = async {
        let bus = Connection::system().await?;
        let names = zbus::fdo::DBusProxy::new(&bus).await?;
        Ok::<bool, zbus::Error>(names.name_has_owner(NAME.try_into()?).await?)
    };
    matches!(timeout(LIMIT, asked).await, Ok(Ok(true)))
}

/// All names are asked of these servers.
pub(super) async fn set(servers: &[IpAddr]) -> Result<(), String> {
    let before = fs::read(plain::FILE).unwrap_or_default();
    let list: Vec<String> = servers.iter().map(ToString::to_string).collect();
    let text = format!("{EMPTY}[global-dns-domain-*]\nservers={}\n", list.join(","));
    write(&text).map_err(|e| format!("{FILE}: {e}"))?;
    reload().await?;
    // With a name service of its own before them the file stays as it is.
    written(|now| now != before || list.iter().all(|server| names(now, server))).await;
    Ok(())
}

/// What [`remove`] would take back.
pub(super) fn left() -> Option<String> {
    Path::new(FILE).exists().then(|| LEFT.to_owned())
}

/// Takes it back, if it is there.
pub(super) async fn remove() -> Result<Option<String>, String> {
    let Ok(text) = fs::read_to_string(FILE) else { return Ok(None) };
    let failed = |e: io::Error| format!("{FILE}: {e}");
    // Emptied, told, and only then removed: killed in between, it is found once more.
    write(EMPTY).map_err(failed)?;
    if runs().await {
        reload().await?;
        let ours = text.lines().find_map(|line| line.strip_prefix("servers=")).unwrap_or_default();
        written(|now| ours.is_empty() || !ours.split(',').any(|server| names(now, server))).await;
    }
    fs::remove_file(FILE).map_err(failed)?;
    Ok(Some(LEFT.to_owned()))
}

fn write(text: &str) -> io::Result<()> {
    if let Some(folder) = Path::new(FILE).parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(FILE, text)
}

async fn reload() -> Result<(), String> {
    let asked = async {
        let bus = Connection::system().await?;
        bus.call_method(Some(NAME), PATH, Some(NAME), "Reload", &RELOAD).await.map(drop)
    };
    match timeout(LIMIT, asked).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(format!("NetworkManager: {error}")),
        Err(_) => Err("NetworkManager does not answer".into()),
    }
}

/// Waits until it has written the file, but not for long: what it does not write now it writes when it comes to it.
async fn written(enough: impl Fn(&[u8]) -> bool) {
    let looked = timeout(Duration::from_secs(2), async {
        let mut look = interval(LOOK);
        while !enough(&fs::read(plain::FILE).unwrap_or_default()) {
            look.tick().await;
        }
    });
    if looked.await.is_err() {
        tracing::debug!("NetworkManager leaves resolv.conf as it is");
    }
}

fn names(resolv: &[u8], server: &str) -> bool {
    String::from_utf8_lossy(resolv)
        .lines()
        .any(|line| line.strip_prefix("nameserver").is_some_and(|s| s.trim() == server))
}
