//! Gateways that echo, lose, throttle and forbid, each in a network of its own.

use std::net::IpAddr;

use super::*;
use crate::collect::world::{inside, line, profile};

/// Echoes: loses each `loses`th, and what is longer than `most` bytes of IP; waits before each answer.
#[derive(Clone, Copy)]
struct Gateway {
    loses: usize,
    most: u16,
    waits: Duration,
}

const GOOD: Gateway = Gateway { loses: usize::MAX, most: 1500, waits: Duration::ZERO };

impl Gateway {
    async fn serve(self, ip: &str) -> SocketAddr {
        let socket = std::sync::Arc::new(UdpSocket::bind((ip, 0)).await.unwrap());
        let end = socket.local_addr().unwrap();
        let headers = if end.is_ipv4() { 28 } else { 48 };
        tokio::spawn(async move {
            let mut question = [0; 2048];
            for number in 1.. {
                let (length, from) = socket.recv_from(&mut question).await.unwrap();
                assert_eq!(question[0], 0xf5);
                if number % self.loses == 0 || length + headers > self.most.into() {
                    continue;
                }
                let mut answer = question[..length].to_vec();
                answer[0] = 0xf4;
                let socket = socket.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(self.waits).await;
                    socket.send_to(&answer, from).await.unwrap();
                });
            }
        });
        end
    }
}

fn of(udp: &[SocketAddr]) -> Profile {
    let mut profile = profile(&[]);
    profile.gateway_udp = udp.to_vec();
    profile
}

#[tokio::test]
async fn a_good_line_of_either_family() {
    for ip in ["127.0.0.1", "::1"] {
        let end = GOOD.serve(ip).await;
        let began = Instant::now();
        let echo = look(Some(&of(&[end]))).await.echo.unwrap();
        assert_eq!((echo.v4, echo.sent, echo.answered, echo.largest), (end.is_ipv4(), 40, 40, Some(1500)));
        assert!(echo.round_trip_ms.unwrap() < 100 && echo.kbit_s.unwrap() > 10_000, "{echo:?}");
        assert!(!echo.forbidden_here && echo.unreachable.is_none());
        assert!(began.elapsed() < Duration::from_secs(3));
    }
}

#[tokio::test]
async fn loss_delay_and_size_are_measured() {
    let (lossy, late, narrow) = (
        Gateway { loses: 5, ..GOOD }.serve("127.0.0.1").await,
        Gateway { waits: Duration::from_millis(400), ..GOOD }.serve("127.0.0.1").await,
        Gateway { most: 1300, ..GOOD }.serve("::1").await,
    );
    let (lossy, late) = (of(&[lossy]), of(&[late]));
    let narrow = of(&[narrow]);
    let (lossy, late) = join(look(Some(&lossy)), look(Some(&late))).await;
    let (lossy, late) = (lossy.echo.unwrap(), late.echo.unwrap());
    assert_eq!((lossy.answered, lossy.largest), (32, Some(1500)), "lost sizes are asked again");
    assert!((400..600).contains(&late.round_trip_ms.unwrap()), "{late:?}");
    assert_eq!(late.answered, 40);
    let narrow = look(Some(&narrow)).await.echo.unwrap();
    assert_eq!((narrow.v4, narrow.answered, narrow.largest), (false, 40, Some(1280)));
}

#[tokio::test]
async fn the_family_that_the_product_uses_is_told() {
    let lossy = Gateway { loses: 2, ..GOOD };
    let (v4, v6) = (lossy.serve("127.0.0.1").await, GOOD.serve("::1").await);
    let echo = look(Some(&of(&[v6, v4]))).await.echo.unwrap();
    assert_eq!((echo.v4, echo.answered), (true, 20), "loss of one family is seen");
    let dead = Gateway { loses: 1, ..GOOD }.serve("127.0.0.1").await;
    let echo = look(Some(&of(&[dead, v6]))).await.echo.unwrap();
    assert_eq!((echo.v4, echo.answered), (false, 40));
    let echo = look(Some(&of(&[dead]))).await.echo.unwrap();
    assert_eq!((echo.v4, echo.sent, echo.answered, echo.largest, echo.kbit_s), (true, 40, 0, None, None));
}

#[tokio::test]
async fn without_an_endpoint_nothing_is_asked() {
    assert_eq!(look(None).await.echo, None);
    assert_eq!(look(Some(&of(&[]))).await.echo, None);
}

#[tokio::test]
async fn forged_answers_do_not_count() {
    let mut train = Train::open(GOOD.serve("127.0.0.1").await).await.unwrap();
    train.ask(SMALL).await;
    let good = train.bytes(ANSWER, 0, SMALL);
    let mut other_mark = good.clone();
    other_mark[3] ^= 1;
    let longer = [&good[..], &[0]].concat();
    for forged in
        [&train.bytes(QUESTION, 0, SMALL), &train.bytes(ANSWER, 1, SMALL), &other_mark, &longer, &vec![0xf4; 9]]
    {
        train.take(forged);
    }
    assert_eq!(train.back(0..1), 0);
    train.take(&good);
    assert_eq!(train.back(0..1), 1);
}

#[test]
fn who_says_no_is_told() {
    inside(&line("drop 'meta l4proto udp reject with icmpx admin-prohibited'"), async {
        let echo = look(Some(&profile(&[]))).await.echo.unwrap();
        let offender = echo.unreachable.unwrap();
        assert_eq!(offender.who.map(|who| *who.reveal()), Some("192.168.178.1".parse::<IpAddr>().unwrap()));
        assert!(offender.prohibited && !echo.forbidden_here && echo.answered == 0);
    });
}

#[test]
fn nobody_at_the_port_is_told_by_the_gateway() {
    inside(&line(""), async {
        let echo = look(Some(&profile(&[]))).await.echo.unwrap();
        let offender = echo.unreachable.unwrap();
        assert_eq!(offender.who.map(|who| *who.reveal()), Some("203.0.113.10".parse::<IpAddr>().unwrap()));
    });
}

#[test]
fn this_pc_forbids_it() {
    inside(&line("own 'udp dport 51820 drop'"), async {
        let echo = look(Some(&profile(&[]))).await.echo.unwrap();
        assert!(echo.forbidden_here && echo.answered == 0 && echo.unreachable.is_none(), "{echo:?}");
    });
}

#[test]
fn this_pc_forbids_it_by_icmp() {
    inside(&line("own 'udp dport 51820 reject with icmpx admin-prohibited'"), async {
        let echo = look(Some(&profile(&[]))).await.echo.unwrap();
        assert!(echo.forbidden_here && echo.answered == 0 && echo.unreachable.is_none(), "{echo:?}");
    });
}
