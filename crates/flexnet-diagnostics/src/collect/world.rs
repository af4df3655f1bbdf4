//! Network namespaces for tests: a test starts itself again inside `unshare`, after a few lines of shell. It fails where `unshare` is missing.

use std::process::Command;

/// Says inside which test the process is.
const WORLD: &str = "KV_FLEXNET_TEST_WORLD";

/// Runs `look` in a fresh network namespace that `setup` (shell, `lo` is up) has furnished. Everything dies with the test.
pub(crate) fn inside(setup: &str, look: impl Future<Output = ()>) {
    let thread = std::thread::current();
    let test = thread.name().expect("a test has a name");
    if std::env::var(WORLD).is_ok_and(|inside| inside == test) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        return runtime.block_on(look);
    }
    let own = std::env::current_exe().unwrap();
    let line = "set -eu; mount -t tmpfs -o mode=755 tmpfs /run; mkdir -p /run/netns; ip link set lo up; eval \"$0\"; exec \"$@\"";
    let output = Command::new("unshare")
        .args([
            "--user",
            "--map-root-user",
            "--net",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "sh",
            "-c",
            line,
            setup,
        ])
        .arg(own)
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(WORLD, test)
        .output()
        .expect("unshare");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out.contains("1 passed"), "{out}\n{err}");
}

/// A client with `eth0`, a router `r`, and behind it an internet `i` with the addresses of the profile below.
pub(crate) const LINE: &str = "
    sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0
    ip netns add r; ip netns add i
    for n in r i; do ip netns exec $n sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1; ip -n $n link set lo up; done
    ip link add eth0 type veth peer name lan netns r
    ip addr add 192.168.178.20/24 dev eth0; ip addr add 2001:db8:178::20/64 dev eth0 nodad; ip link set eth0 up
    ip -n r addr add 192.168.178.1/24 dev lan; ip -n r addr add 2001:db8:178::1/64 dev lan nodad; ip -n r addr add fe80::1/64 dev lan nodad; ip -n r link set lan up
    ip -n r link add wan type veth peer name cpe netns i
    ip -n r addr add 198.51.100.2/30 dev wan; ip -n r addr add 2001:db8:100::2/64 dev wan nodad; ip -n r link set wan up
    ip -n i addr add 198.51.100.1/30 dev cpe; ip -n i addr add 2001:db8:100::1/64 dev cpe nodad; ip -n i link set cpe up
    for a in 203.0.113.10 192.0.2.80 192.0.2.53 2001:db8:113::10 2001:db8:80::80; do ip -n i addr add $a dev lo; done
    ip route add default via 192.168.178.1; ip route add default via fe80::1 dev eth0
    ip -n r route add default via 198.51.100.1; ip -n r route add default via 2001:db8:100::1
    ip -n i route add 192.168.178.0/24 via 198.51.100.2; ip -n i route add 2001:db8:178::/64 via 2001:db8:100::2
    on() { n=$1; shift; ip netns exec $n \"$@\"; }
    drop() { on r nft \"add table inet f; add chain inet f forw { type filter hook forward priority 0; }; add rule inet f forw $1\"; }
    own() { nft \"add table inet f; add chain inet f out { type filter hook output priority 0; }; add rule inet f out $1\"; }
";

/// [`LINE`] and then these lines.
pub(crate) fn line(more: &str) -> String {
    format!("{LINE}{more}")
}

/// A profile with these lines instead of the usual ones: `(from, to)`.
pub(crate) fn profile(changes: &[(&str, &str)]) -> flexnet_protocol::profile::Profile {
    let mut text = PROFILE.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    flexnet_protocol::profile::Profile::parse(&text).unwrap()
}

const PROFILE: &str = r#"
organisation = "Muster-KV"
[gateway]
name = "flexnet.example"
endpoints = ["203.0.113.10:443", "[2001:db8:113::10]:443"]
udp = ["203.0.113.10:51820", "[2001:db8:113::10]:51820"]
anchors = ["192.0.2.80:80", "[2001:db8:80::80]:80"]
ca = """
-----BEGIN CERTIFICATE-----
-----END CERTIFICATE-----
"""
[portal]
url = "http://portal.snk.example/"
hosts = ["portal.snk.example"]
networks = ["10.210.0.0/24"]
name_servers = ["10.210.0.53"]
[desk]
name = "IT-ServiceDesk"
phone = "0231 94 32 99 00"
phone_uri = "+4923194329900"
time_zone = "Europe/Berlin"
holidays = "nordrhein-westfalen"
hours = [{ days = ["mon"], from = "08:00", to = "17:00" }]
"#;
