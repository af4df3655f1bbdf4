//! Adapters, routes and routers of each kind, in a network of its own.

use super::*;
use crate::collect::world::{LINE, inside, line as with, profile};

fn only(network: &Network) -> &Adapter {
    let [adapter] = network.adapters.as_deref().unwrap() else { panic!("{network:?}") };
    adapter
}

#[test]
fn nothing_but_the_loopback() {
    inside("", async {
        let network = look(Some(&profile(&[]))).await;
        assert_eq!(network.adapters, Some(Vec::new()));
        assert_eq!(network.routes, Some(Routes::default()));
        assert_eq!((network.router, network.to_gateway), (None, Some(Leads::Nowhere)));
        assert_eq!((network.overlaps_portal, network.safenet_route), (Some(false), Some(false)));
    });
}

#[test]
fn a_whole_line() {
    inside(LINE, async {
        let network = look(Some(&profile(&[]))).await;
        let adapter = only(&network);
        assert_eq!(
            (adapter.name.as_str(), adapter.kind, adapter.up, adapter.carrier),
            ("eth0", AdapterKind::Cable, true, true)
        );
        assert!(!adapter.duplicate && adapter.signal.is_none());
        let addresses: Vec<String> = adapter.addresses.iter().map(|network| network.reveal().to_string()).collect();
        assert!(addresses.contains(&"192.168.178.20/24".into()) && addresses.contains(&"2001:db8:178::20/64".into()));
        let routes = network.routes.as_ref().unwrap();
        assert!(routes.default_v4 && routes.default_v6);
        assert_eq!(routes.v4.map(|ip| ip.reveal().to_string()), Some("192.168.178.1".into()));
        assert_eq!(routes.v6.map(|ip| ip.reveal().to_string()), Some("fe80::1".into()));
        assert_eq!((network.router, network.to_gateway), (Some(Router::Alive), Some(Leads::Right)));
        assert_eq!((network.to_portal, network.overlaps_portal), (Some(Leads::Right), Some(false)));
    });
}

#[test]
fn without_a_profile_only_what_needs_it_is_missing() {
    inside(LINE, async {
        let network = look(None).await;
        assert_eq!((network.router, network.to_gateway, network.to_portal), (Some(Router::Alive), None, None));
        assert_eq!((network.overlaps_portal, network.safenet_route), (None, Some(false)));
    });
}

#[test]
fn a_pulled_cable_and_a_switched_off_adapter() {
    inside(&with("ip -n r link set lan down"), async {
        let network = look(None).await;
        assert_eq!((only(&network).up, only(&network).carrier), (true, false));
    });
}

#[test]
fn a_switched_off_adapter() {
    inside(&with("ip link set eth0 down"), async {
        let network = look(None).await;
        assert_eq!((only(&network).up, only(&network).carrier), (false, false));
        assert_eq!(network.routes, Some(Routes::default()));
    });
}

#[test]
fn a_silent_router() {
    inside(&with("ip -n r addr flush dev lan"), async {
        let began = std::time::Instant::now();
        let network = look(Some(&profile(&[]))).await;
        assert_eq!(network.router, Some(Router::Silent));
        assert!(began.elapsed() < Duration::from_secs(3));
    });
}

#[test]
fn a_router_that_only_lets_packets_die() {
    let rules = "ip netns exec r nft 'add table inet f; add chain inet f in { type filter hook input priority 0; }; add rule inet f in meta l4proto tcp drop'";
    inside(&with(rules), async {
        assert_eq!(look(Some(&profile(&[]))).await.router, Some(Router::Alive));
        assert_eq!(look(None).await.router, Some(Router::Silent));
    });
}

#[test]
fn own_rules_make_no_dead_router() {
    let rules = "nft 'add table inet f; add chain inet f out { type filter hook output priority 0; }; add rule inet f out oifname eth0 drop'";
    inside(&with(rules), async {
        let router = look(None).await.router;
        assert_eq!(router, None);
    });
}

#[test]
fn another_tunnel_takes_all() {
    let tunnel = "
        ip tuntap add tun7 mode tun; ip addr add 10.99.0.2/24 dev tun7; ip link set tun7 up
        ip route add 0.0.0.0/1 dev tun7; ip route add 128.0.0.0/1 dev tun7";
    inside(&with(tunnel), async {
        let network = look(Some(&profile(&[]))).await;
        assert_eq!(network.to_gateway, Some(Leads::Foreign("tun7".into())));
        assert_eq!(network.to_portal, Some(Leads::Foreign("tun7".into())));
        assert_eq!(network.router, Some(Router::Alive));
        let kinds: Vec<AdapterKind> = network.adapters.unwrap().iter().map(|adapter| adapter.kind).collect();
        assert_eq!(kinds, [AdapterKind::Cable, AdapterKind::ForeignVpn]);
    });
}

#[test]
fn our_tunnel_leads_to_the_portal_until_somebody_takes_a_part() {
    const OURS: &str =
        "ip tuntap add kvflex0 mode tun; ip addr add 10.200.0.2/32 dev kvflex0; ip link set kvflex0 up\n";
    inside(&with(&format!("{OURS} ip route add 10.210.0.0/24 dev kvflex0")), async {
        let network = look(Some(&profile(&[]))).await;
        assert_eq!((network.to_gateway, network.to_portal), (Some(Leads::Right), Some(Leads::Right)));
        let run = |line: &str| assert!(std::process::Command::new("sh").args(["-c", line]).status().unwrap().success());
        run("ip tuntap add tun7 mode tun; ip link set tun7 up; ip route add 10.210.0.64/27 dev tun7");
        assert_eq!(look(Some(&profile(&[]))).await.to_portal, Some(Leads::Foreign("tun7".into())));
        run("ip link del tun7; ip route del 10.210.0.0/24 dev kvflex0");
        assert_eq!(look(Some(&profile(&[]))).await.to_portal, Some(Leads::Beside));
    });
}

#[test]
fn a_network_that_overlaps_and_a_route_into_safenet() {
    let more = "
        ip link add e1 type veth peer name e1p; ip link set e1 up; ip link set e1p up; ip addr add 10.210.0.77/25 dev e1
        ip route add 188.144.0.0/15 via 192.168.178.1";
    inside(&with(more), async {
        let network = look(Some(&profile(&[]))).await;
        assert_eq!((network.overlaps_portal, network.safenet_route), (Some(true), Some(true)));
        assert_eq!(network.to_portal, Some(Leads::Right), "without a session that is no fault of the route");
    });
}

#[test]
fn a_twin_with_the_same_address() {
    let twin = "
        ip -n r addr add 2001:db8:178::99/64 dev lan nodad
        sysctl -qw net.ipv6.conf.eth0.accept_dad=1 net.ipv6.conf.all.accept_dad=1
        ip addr add 2001:db8:178::99/64 dev eth0
        i=0; until ip addr | grep -q dadfailed; do i=$((i+1)); [ $i -lt 100 ]; sleep 0.05; done";
    inside(&with(twin), async {
        assert!(only(&look(None).await).duplicate);
    });
}

#[test]
fn telephone_lines_are_a_way_out_only_where_nothing_else_is() {
    let adapter = |kind, network: &str| Adapter {
        name: "x".into(),
        kind,
        up: true,
        carrier: true,
        addresses: vec![Private::new(network.parse().unwrap())],
        duplicate: false,
        signal: None,
    };
    let mut seen = Seen { adapters: vec![(1, adapter(AdapterKind::Ppp, "84.1.2.3/32"))], routes: Vec::new() };
    let leads = [("203.0.113.10".parse().unwrap(), Lead::By(1))];
    assert_eq!(towards_gateway(&seen, &leads), Leads::Right);
    seen.adapters.push((2, adapter(AdapterKind::Cable, "fe80::7/64")));
    assert_eq!(towards_gateway(&seen, &leads), Leads::Right);
    seen.adapters.push((3, adapter(AdapterKind::Wifi, "192.168.7.7/24")));
    assert_eq!(towards_gateway(&seen, &leads), Leads::Foreign("x".into()));
}
