//! Files as systems have them, and a Secret Service on a bus of its own.

use std::process::Stdio;

use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::Command,
};
use zbus::{connection, interface, zvariant::OwnedObjectPath};

use super::*;

#[test]
fn an_os_release_tells_name_version_and_whether_it_is_mended() {
    let system = described(
        "NAME=\"Debian GNU/Linux\"\nPRETTY_NAME=\"Debian GNU/Linux 10 (buster)\"\nVERSION_ID=\"10\"\nID=debian\n",
        "6.1.0",
    );
    assert_eq!((system.name.as_str(), system.version.as_str()), ("Debian GNU/Linux 10 (buster)", "10 (6.1.0)"));
    assert_eq!(system.supported, Some(false));
    let unknown = described("NAME=Gentoo\nID=gentoo\n", "6.18.1");
    assert_eq!((unknown.name.as_str(), unknown.version.as_str(), unknown.supported), ("Gentoo", "6.18.1", None));
}

#[test]
fn a_wanted_restart_is_seen_where_somebody_would_tell() {
    let root = tempfile::tempdir().unwrap();
    assert_eq!(updates(root.path()), None);
    fs::create_dir_all(root.path().join("usr/share/unattended-upgrades")).unwrap();
    assert_eq!(updates(root.path()), Some(false));
    fs::create_dir(root.path().join("run")).unwrap();
    fs::write(root.path().join("run/reboot-required"), "").unwrap();
    assert_eq!(updates(root.path()), Some(true));
}

#[test]
fn a_member_of_a_domain_is_told_by_its_files() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("etc/samba")).unwrap();
    let samba = root.path().join("etc/samba/smb.conf");
    fs::write(&samba, "[global]\n  server role = standalone server\n").unwrap();
    assert!(!is_member(root.path()));
    fs::write(&samba, "[global]\n  Security = ADS\n").unwrap();
    assert!(is_member(root.path()));
    fs::remove_file(samba).unwrap();
    fs::write(root.path().join("etc/krb5.keytab"), "").unwrap();
    assert!(is_member(root.path()));
}

#[test]
fn shares_of_a_private_network_are_told_by_kind_only() {
    let line = |kind: &str, source: &str, options: &str| {
        format!("36 35 0:45 / /mnt/praxis rw,relatime shared:1 - {kind} {source} {options}\n")
    };
    let private = line("cifs", "//praxis-server/daten", "rw,username=mueller,addr=192.168.178.5")
        + &line("nfs4", "server:/export", "rw,clientaddr=10.0.0.2,addr=10.0.0.1")
        + &line("cifs", "//10.1.1.1/x", "rw")
        + &line("ext4", "/dev/sda1", "rw");
    assert_eq!(mounted(&private), ["cifs", "nfs"]);
    let public = line("nfs", "files.example:/x", "rw,addr=203.0.113.7") + &line("cifs", "//files.example/x", "rw");
    assert!(mounted(&public).is_empty());
}

/// A Secret Service with one collection.
struct Secrets {
    default: &'static str,
}

#[interface(name = "org.freedesktop.Secret.Service")]
impl Secrets {
    fn read_alias(&self, _name: &str) -> OwnedObjectPath {
        OwnedObjectPath::try_from(self.default).unwrap()
    }
}

struct Collection {
    locked: bool,
}

#[interface(name = "org.freedesktop.Secret.Collection")]
impl Collection {
    #[zbus(property)]
    fn locked(&self) -> bool {
        self.locked
    }
}

const COLLECTION: &str = "/org/freedesktop/secrets/collection/login";

/// What is seen on a bus of its own where the service is served so; `None` serves nothing.
async fn seen(served: Option<(&'static str, bool)>) -> Option<Keyring> {
    let mut bus = Command::new("dbus-daemon")
        .args(["--session", "--nofork", "--print-address=1"])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("dbus-daemon is needed for this test (package dbus-daemon)");
    let address = BufReader::new(bus.stdout.take().unwrap()).lines().next_line().await.unwrap().unwrap();
    let builder = || connection::Builder::address(address.as_str()).unwrap();
    let _service = match served {
        Some((default, locked)) => Some(
            builder()
                .serve_at("/org/freedesktop/secrets", Secrets { default })
                .unwrap()
                .serve_at(COLLECTION, Collection { locked })
                .unwrap()
                .name("org.freedesktop.secrets")
                .unwrap()
                .build()
                .await
                .unwrap(),
        ),
        None => None,
    };
    keyring_on(&builder().build().await.unwrap()).await
}

#[tokio::test]
async fn a_key_store_is_open_locked_or_absent() {
    assert_eq!(seen(Some((COLLECTION, true))).await, Some(Keyring::Locked));
    assert_eq!(seen(Some((COLLECTION, false))).await, Some(Keyring::Open));
    assert_eq!(seen(Some(("/", false))).await, Some(Keyring::Absent));
}
