//! Folders as systems have them, and who listens.

use super::*;

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn a_unit_without_its_program_is_no_installation() {
    let root = tempfile::tempdir().unwrap();
    let installed = || is_installed_below(root.path(), None);
    assert!(!installed());
    write(
        root.path(),
        "usr/lib/systemd/system/kv-flexnet-service.service",
        "[Service]\nExecStart=-/opt/kv/service run\n",
    );
    assert!(!installed());
    write(root.path(), "opt/kv/service", "");
    assert!(installed());
    let beside = root.path().join("kv-flexnet-service");
    fs::remove_file(root.path().join("opt/kv/service")).unwrap();
    assert!(!is_installed_below(root.path(), Some(&beside)));
    fs::write(&beside, "").unwrap();
    assert!(is_installed_below(root.path(), Some(&beside)));
}

#[test]
fn what_a_session_left_is_found_by_its_names() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "etc/hosts", "127.0.0.1 localhost\n");
    write(root.path(), "etc/resolv.conf", "nameserver 192.168.178.1\n");
    write(root.path(), "run/NetworkManager/conf.d/zz-kv-flexnet.conf", "# kv-flexnet: removed when the session ends\n");
    write(root.path(), "var/lib/kv-flexnet/journal", "");
    assert_eq!(left_below(root.path()), Left::default());
    write(root.path(), "var/lib/kv-flexnet/journal", "{\"version\":1,\"change\":\"device\"}\n");
    assert_eq!(left_below(root.path()).changes, ["entries in the journal"]);
    write(root.path(), "etc/hosts", "# kv-flexnet: removed when the session ends\n10.210.0.10 portal.snk.example\n");
    write(
        root.path(),
        "etc/resolv.conf",
        "# kv-flexnet: the next line goes when the session ends\nnameserver 10.210.0.53\n",
    );
    write(root.path(), "run/NetworkManager/conf.d/zz-kv-flexnet.conf", "# kv-flexnet: x\n[global-dns-domain-*]\n");
    write(root.path(), "run/resolvconf/interfaces/kvflex0", "nameserver 10.210.0.53\n");
    write(root.path(), "sys/class/net/kvflex0/uevent", "");
    let left = left_below(root.path()).changes;
    let all = ["device", "/etc/hosts", "/etc/resolv.conf", "NetworkManager", "resolvconf"];
    assert!(left.len() == 5 && all.iter().zip(&left).all(|(what, line)| line.contains(what)), "{left:?}");
}

#[test]
fn tunnels_of_others_are_named_with_their_owner() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "sys/class/net/eth0/uevent", "INTERFACE=eth0\n");
    write(root.path(), "sys/class/net/wg7/uevent", "DEVTYPE=wireguard\nINTERFACE=wg7\n");
    write(root.path(), "sys/class/net/tailscale0/tun_flags", "0x1001\n");
    write(root.path(), "sys/class/net/vnet3/tun_flags", "0x1002\n");
    write(root.path(), "sys/class/net/vnet3/master", "");
    write(root.path(), "sys/class/net/kvflex0/tun_flags", "0x1001\n");
    assert_eq!(left_below(root.path()).foreign, ["Tailscale (tailscale0)", "wg7"]);
}

#[test]
fn only_root_and_this_person_may_serve_and_only_by_our_program() {
    let own = rustix::process::geteuid().as_raw();
    assert_eq!(door(own, own, Some(process::id().cast_signed())), Door::Open);
    assert_eq!(door(own, own, None), Door::Open);
    assert!(matches!(door(own + 1, own + 2, Some(process::id().cast_signed())), Door::Impostor(_)));
    let mut other = process::Command::new("sleep").arg("30").spawn().unwrap();
    let exec = std::time::Instant::now();
    let met = loop {
        let met = door(own, own, Some(other.id().cast_signed()));
        // Until it has become `sleep` it is still this program.
        if matches!(&met, Door::Impostor(who) if ["sleep", "coreutils", "busybox"].contains(&who.as_str()))
            || exec.elapsed().as_secs() > 5
        {
            break met;
        }
    };
    other.kill().unwrap();
    other.wait().unwrap();
    assert!(matches!(met, Door::Impostor(who) if who != PROGRAM), "another program listens");
}

#[test]
fn each_way_of_not_coming_in_is_told_apart() {
    for (kind, expected) in [
        (ErrorKind::NotFound, Door::NoSocket),
        (ErrorKind::ConnectionRefused, Door::Refused),
        (ErrorKind::PermissionDenied, Door::NotPermitted),
        (ErrorKind::WouldBlock, Door::Full),
        (ErrorKind::OutOfMemory, Door::Strange),
    ] {
        assert_eq!(shut(&kind.into()), expected);
    }
}
