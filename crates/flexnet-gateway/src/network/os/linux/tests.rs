//! The gateway's network for real, in namespaces of its own: what it leaves on the system, and what its members reach.

use std::{
    fs::{self, File},
    net::{SocketAddr, TcpListener, TcpStream},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use flexnet_protocol::Key;
use flexnet_wireguard::PrivateKey;
use nix::sched::{CloneFlags, setns};

use super::*;
use crate::network::Tunnel as _;

fn settings() -> Settings {
    Settings {
        device: "kvgw0".to_owned(),
        private_key: PrivateKey::generate().unwrap(),
        listen_port: 51820,
        mtu: 1420,
        pools: vec!["10.200.0.0/16".parse().unwrap()],
        portal_networks: vec!["10.210.0.0/24".parse().unwrap(), "10.210.0.10/32".parse().unwrap()],
        portal_servers: Vec::new(),
        dns_servers: vec!["10.210.0.53".parse().unwrap(), "10.211.0.53".parse().unwrap()],
    }
}

/// Runs this test again in namespaces of its own; `true` inside. The machine's own network is never touched.
fn in_namespaces(test: &str) -> bool {
    const INSIDE: &str = "KV_FLEXNET_TEST_NAMESPACES";
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let test = format!("{}::{test}", module_path!().split_once("::").unwrap().1);
    // With sudo where the tests run as an ordinary user: not every system lets one make namespaces, or open /dev/net/tun.
    let wrapper: &[&str] = if nix::unistd::geteuid().is_root() { &["env"] } else { &["sudo", "-n", "env"] };
    let mut line = Command::new(wrapper[0]);
    line.args(&wrapper[1..]).arg(format!("{INSIDE}=1"));
    line.args(["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c"]);
    line.arg("mount -t tmpfs tmpfs /run && ip link set lo up && exec \"$@\"").arg("sh");
    line.arg(std::env::current_exe().unwrap()).args([&test, "--exact", "--nocapture"]);
    let output = line.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    false
}

fn sh(line: &str) -> String {
    let output = Command::new("sh").args(["-ec", line]).output().unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn snk() {
    sh("ip link add snk type veth peer name portal; ip addr add 10.210.0.1/24 dev snk; ip link set snk up; ip link set portal up
        echo 0 > /proc/sys/net/ipv4/ip_forward");
}

#[tokio::test]
async fn the_filter_is_set_replaced_and_removed_as_a_whole() {
    if !in_namespaces("the_filter_is_set_replaced_and_removed_as_a_whole") {
        return;
    }
    filter::set(&settings(), &["snk".to_owned()]).await.unwrap();
    let first = sh("nft list table inet kv_flexnet_gateway");
    for line in [
        "elements = { 10.210.0.0/24 }",
        "elements = { 10.210.0.53, 10.211.0.53 }",
        "oifname \"kvgw0\" drop",
        "ip daddr @portal4 accept",
        "ip6 daddr @portal6 accept",
        "ip daddr @names4 meta l4proto { tcp, udp } th dport 53 accept",
        "ct state { established, related } accept",
        "iifname \"kvgw0\" goto from_members",
        "oifname \"kvgw0\" goto into_tunnel",
        "iifname \"snk\" drop",
        "iifname \"kvgw0\" drop",
    ] {
        assert!(first.contains(line), "no `{line}` in\n{first}");
    }
    filter::set(&settings(), &["snk".to_owned()]).await.unwrap();
    assert_eq!(sh("nft list table inet kv_flexnet_gateway"), first, "a second gateway replaces, it does not add");
    filter::remove().await.unwrap();
    filter::remove().await.unwrap();
    assert_eq!(sh("nft list ruleset"), "");
}

#[tokio::test]
async fn what_is_raised_is_lowered_again() {
    if !in_namespaces("what_is_raised_is_lowered_again") {
        return;
    }
    snk();
    let before =
        sh("ip -o link | sed 's/@.*//'; ip route; nft list ruleset; cat /proc/sys/net/ipv4/conf/snk/forwarding");
    let tunnel = Tunnel::raise(&settings()).await.unwrap();
    let address = sh("ip -o -4 addr show dev kvgw0");
    assert!(address.contains("10.200.0.1/16"), "{address}");
    assert!(sh("ip link show kvgw0").contains("mtu 1420"));
    assert!(sh("ip route get 10.200.3.4").contains("dev kvgw0"));
    assert_eq!(sh("cat /proc/sys/net/ipv4/conf/snk/forwarding /proc/sys/net/ipv4/conf/kvgw0/forwarding"), "1\n1\n");
    assert!(sh("nft list ruleset").contains("iifname \"snk\" drop"));
    tunnel.lower().await.unwrap();
    let after =
        sh("ip -o link | sed 's/@.*//'; ip route; nft list ruleset; cat /proc/sys/net/ipv4/conf/snk/forwarding");
    assert_eq!(after, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_somebody_takes_away_is_made_again() {
    if !in_namespaces("a_device_that_somebody_takes_away_is_made_again") {
        return;
    }
    snk();
    let tunnel = Tunnel::raise(&settings()).await.unwrap();
    sh("ip link del kvgw0");
    tunnel.set_peers(&[]).await.unwrap();
    assert!(sh("ip -o -4 addr show dev kvgw0").contains("10.200.0.1/16"));
    assert_eq!(sh("cat /proc/sys/net/ipv4/conf/snk/forwarding /proc/sys/net/ipv4/conf/kvgw0/forwarding"), "1\n1\n");
    tunnel.lower().await.unwrap();
    assert_eq!(sh("nft list ruleset; ip -o link show kvgw0 2>/dev/null || true"), "");
}

#[tokio::test]
async fn a_port_that_is_taken_leaves_nothing() {
    if !in_namespaces("a_port_that_is_taken_leaves_nothing") {
        return;
    }
    snk();
    let _taken = std::net::UdpSocket::bind("0.0.0.0:51820").unwrap();
    assert!(matches!(Tunnel::raise(&settings()).await, Err(Error::Device(_))));
    assert_eq!(sh("nft list ruleset; ip -o link show kvgw0 2>/dev/null || true"), "");
}

#[test]
fn the_gateway_has_the_first_address_of_each_pool() {
    let own = own_addresses(&["10.200.0.0/16".parse().unwrap(), "fd00:200::/64".parse().unwrap()]).unwrap();
    assert_eq!(own, ["10.200.0.1/16".parse::<IpNet>().unwrap(), "fd00:200::1/64".parse().unwrap()]);
}

/// ```text
///  anna 192.0.2.2 ──────┐                ┌── portal 10.210.0.10, 10.211.0.53
///   wga 10.200.0.2      ├── this host ───┤
///  berta 198.51.100.2 ──┘   kvgw0        └── other 10.99.0.2
///   wgb 10.200.0.3
/// ```
/// The members' tunnels are Debian's wireguard-go. Every host listens on the same ports.
#[tokio::test(flavor = "multi_thread")]
async fn a_member_reaches_the_portal_and_nothing_else() {
    if !in_namespaces("a_member_reaches_the_portal_and_nothing_else") {
        return;
    }
    wire("portal", "snk", "10.210.0.1/24", "10.210.0.10/24");
    sh("ip addr add 10.211.0.1/24 dev snk; ip -n portal addr add 10.211.0.53/24 dev eth0");
    wire("other", "lan", "10.99.0.1/24", "10.99.0.2/24");
    wire("anna", "wana", "192.0.2.1/24", "192.0.2.2/24");
    wire("berta", "wanb", "198.51.100.1/24", "198.51.100.2/24");
    sh("echo 1 > /proc/sys/net/ipv4/ip_forward");
    let settings = settings();
    let tunnel = Tunnel::raise(&settings).await.unwrap();
    let anna = member("anna", "wga", "10.200.0.2", "192.0.2.1", &settings.private_key);
    let berta = member("berta", "wgb", "10.200.0.3", "198.51.100.1", &settings.private_key);
    tunnel.set_peers(&[anna.clone(), berta.clone()]).await.unwrap();
    for host in ["portal", "other", "anna", "berta"] {
        on(host, listen);
    }
    listen();

    eventually("the portal", || reaches("anna", "10.210.0.10:80"));
    eventually("the portal for another member", || reaches("berta", "10.210.0.10:80"));
    assert!(reaches("anna", "10.211.0.53:53"), "the inside name server");
    assert!(!reaches("anna", "10.211.0.53:80"), "the name server's other ports");
    assert!(!reaches("anna", "10.200.0.3:80"), "another member");
    assert!(!reaches("anna", "10.200.0.1:80") && !reaches("anna", "10.210.0.1:80"), "the gateway itself");
    assert!(!reaches("anna", "10.99.0.2:80"), "another network of the gateway");
    assert!(!reaches("portal", "10.200.0.2:80"), "nothing new comes into the tunnel");
    assert!(
        !reaches("portal", "10.99.0.2:80") && !reaches("other", "10.210.0.10:80"),
        "the gateway is no router for the portal"
    );
    assert!(tunnel.peers().await.unwrap().iter().all(|peer| peer.received > 148 && peer.last_handshake.is_some()));

    tunnel.set_peers(&[berta]).await.unwrap();
    assert!(!reaches("anna", "10.210.0.10:80"), "a member without a lease");
    assert!(reaches("berta", "10.210.0.10:80"), "and the other one did not notice");

    let servers = vec!["10.210.0.10:80".parse().unwrap(), "[fd00:210::10]:80".parse().unwrap()];
    filter::set(&Settings { portal_servers: servers, ..settings }, &["snk".to_owned()]).await.unwrap();
    assert!(reaches("berta", "10.210.0.10:80"), "a named server");
    assert!(!reaches("berta", "10.210.0.10:53"), "another port of a named server");
    assert!(reaches("berta", "10.211.0.53:53"), "the inside name server is none of them");

    filter::remove().await.unwrap();
    tunnel.set_peers(&[anna]).await.unwrap();
    eventually("other, without the filter", || reaches("anna", "10.99.0.2:80"));
    tunnel.lower().await.unwrap();
}

/// A host on a wire of its own, with this host as its way to everywhere.
fn wire(host: &str, device: &str, here: &str, there: &str) {
    let way = here.split('/').next().unwrap();
    sh(&format!(
        "ip netns add {host}; ip link add {device} type veth peer name eth0 netns {host}
         ip addr add {here} dev {device}; ip link set {device} up
         ip -n {host} link set lo up; ip -n {host} addr add {there} dev eth0; ip -n {host} link set eth0 up
         ip -n {host} route add default via {way}"
    ));
}

/// A member's PC: wireguard-go towards this gateway. What the gateway must know of it.
fn member(host: &str, device: &str, address: &str, gateway: &str, gateway_key: &PrivateKey) -> Peer {
    let key = PrivateKey::generate().unwrap();
    let preshared = PrivateKey::generate().unwrap();
    fs::write(format!("/run/{device}.key"), &*key.to_base64()).unwrap();
    fs::write(format!("/run/{device}.psk"), &*preshared.to_base64()).unwrap();
    let public = gateway_key.public_key().to_base64();
    sh(&format!(
        "ip netns exec {host} wireguard-go {device} >/dev/null 2>&1
         ip netns exec {host} wg set {device} private-key /run/{device}.key \\
            peer {public} preshared-key /run/{device}.psk endpoint {gateway}:51820 allowed-ips 10.0.0.0/8
         ip -n {host} addr add {address}/32 dev {device}; ip -n {host} link set {device} up
         ip -n {host} route add 10.0.0.0/8 dev {device}"
    ));
    Peer {
        public_key: key.public_key(),
        preshared_key: Some(Key::from_base64(&preshared.to_base64()).unwrap()),
        endpoint: None,
        allowed_ips: vec![format!("{address}/32").parse().unwrap()],
        keepalive_seconds: 0,
    }
}

/// Does something on a host: on a thread, for a namespace belongs to one.
fn on<T: Send + 'static>(host: &str, work: impl FnOnce() -> T + Send + 'static) -> T {
    let namespace = File::open(format!("/run/netns/{host}")).unwrap();
    let thread = thread::spawn(move || {
        setns(namespace, CloneFlags::CLONE_NEWNET).unwrap();
        work()
    });
    thread.join().unwrap()
}

/// Takes connections on 53 and 80 for as long as the test runs.
fn listen() {
    for port in [53, 80] {
        let listener = TcpListener::bind(("0.0.0.0", port)).unwrap();
        thread::spawn(move || listener.incoming().for_each(std::mem::drop));
    }
}

fn reaches(host: &str, address: &str) -> bool {
    let address: SocketAddr = address.parse().unwrap();
    on(host, move || TcpStream::connect_timeout(&address, Duration::from_millis(1500)).is_ok())
}

fn eventually(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !condition() {
        assert!(Instant::now() < deadline, "in vain: {what}");
    }
}
