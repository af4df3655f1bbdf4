//! What TCP comes to, in a network that opens, refuses, swallows and forbids.

use super::*;
use crate::collect::world::{inside, line};

const LIMIT: Duration = Duration::from_secs(2);
const GATEWAY: [&str; 2] = ["203.0.113.10:443", "[2001:db8:113::10]:443"];

/// Of both families, with the seconds it took.
async fn both() -> [(Reach, f32); 2] {
    let mut seen = Vec::new();
    for end in GATEWAY {
        let began = Instant::now();
        let reach = connect(end.parse().unwrap(), LIMIT).await.0;
        seen.push((reach, began.elapsed().as_secs_f32()));
    }
    seen.try_into().unwrap()
}

fn who(reach: &Reach) -> (Option<String>, bool) {
    let Reach::Unreachable(offender) = reach else { panic!("{reach:?}") };
    (offender.who.map(|who| who.reveal().to_string()), offender.prohibited)
}

#[tokio::test]
async fn who_listens_is_open_and_who_does_not_refuses() {
    for ip in ["127.0.0.1", "::1"] {
        let listener = std::net::TcpListener::bind((ip, 0)).unwrap();
        let end = listener.local_addr().unwrap();
        let (reach, stream) = connect(end, LIMIT).await;
        assert!(matches!(reach, Reach::Open { ms } if ms < 2000), "{reach:?}");
        assert_eq!(stream.unwrap().peer_addr().unwrap(), end);
        drop(listener);
        assert_eq!(connect(end, LIMIT).await.0, Reach::Refused);
    }
}

#[test]
fn nobody_listens_at_the_gateway() {
    inside(&line(""), async {
        for (reach, took) in both().await {
            assert_eq!(reach, Reach::Refused);
            assert!(took < 1.9, "{took}");
        }
    });
}

#[test]
fn a_box_drops() {
    inside(&line("drop 'tcp dport 443 drop'"), async {
        for (reach, took) in both().await {
            assert_eq!(reach, Reach::Silent);
            assert!((1.9..2.5).contains(&took), "{took}");
        }
    });
}

#[test]
fn a_box_answers_with_a_reset() {
    inside(&line("drop 'tcp dport 443 reject with tcp reset'"), async {
        assert!(both().await.iter().all(|(reach, _)| *reach == Reach::Refused));
    });
}

#[test]
fn a_box_prohibits_and_is_named() {
    inside(&line("drop 'tcp dport 443 reject with icmpx admin-prohibited'"), async {
        let [v4, v6] = both().await;
        assert_eq!(who(&v4.0), (Some("192.168.178.1".into()), true));
        assert_eq!(who(&v6.0), (Some("2001:db8:178::1".into()), true));
        assert!(v4.1 < 1.9 && v6.1 < 1.9, "{} {}", v4.1, v6.1);
    });
}

#[test]
fn the_provider_has_no_way_there() {
    let gone = "
        on i ip addr del 203.0.113.10/32 dev lo; on i ip route add unreachable 203.0.113.10/32
        on i ip addr del 2001:db8:113::10/128 dev lo; on i ip -6 route add unreachable 2001:db8:113::10/128";
    inside(&line(gone), async {
        let [v4, v6] = both().await;
        assert_eq!(who(&v4.0), (Some("198.51.100.1".into()), false));
        assert_eq!(who(&v6.0), (Some("2001:db8:100::1".into()), false));
    });
}

#[test]
fn a_box_says_that_nobody_is_there_and_is_not_the_gateway() {
    inside(&line("drop 'tcp dport 443 reject'"), async {
        let [v4, v6] = both().await;
        assert_eq!(who(&v4.0), (Some("192.168.178.1".into()), false));
        assert_eq!(who(&v6.0), (Some("2001:db8:178::1".into()), false));
    });
}

#[test]
fn this_pc_forbids() {
    inside(&line("own 'tcp dport 443 reject with icmpx admin-prohibited'"), async {
        assert_eq!(both().await.map(|(reach, _)| reach), [Reach::ForbiddenHere, Reach::ForbiddenHere]);
    });
}

#[test]
fn this_pc_has_no_route() {
    let gone = "ip route del default; ip -6 route del default; ip route add unreachable 192.0.2.80/32; ip route add blackhole 192.0.2.53/32";
    inside(&line(gone), async {
        assert_eq!(both().await.map(|(reach, _)| reach), [Reach::NoRoute, Reach::NoRoute]);
        for end in ["192.0.2.80:80", "192.0.2.53:53"] {
            assert_eq!(connect(end.parse().unwrap(), LIMIT).await.0, Reach::NoRoute);
        }
    });
}

#[test]
fn a_dead_router_is_silence() {
    inside(&line("on r ip addr flush dev lan; sysctl -qw net.ipv4.neigh.eth0.retrans_time_ms=300"), async {
        assert_eq!(both().await.map(|(reach, _)| reach), [Reach::Silent, Reach::Silent]);
    });
}
