//! What is not a sign-in: bad bodies, unknown routes, too much at once, a gateway that cannot work. None of it is counted, all of it is a problem.

use std::time::Duration;

use flexnet_protocol::gateway::Info;
use tokio::{io::AsyncWriteExt as _, time::timeout};

use super::*;
use crate::config::{Budget, Maintenance, Version};

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_body_is_refused_and_not_counted() {
    let stage = Stage::new().await;
    stage.member("m.muster").await;
    let good = body("m.muster", "falsch", "123456");
    let mut cases = vec![
        (413, FaultCode::BadRequest, "x".repeat(1 << 20)),
        (413, FaultCode::BadRequest, format!("{good}{}", " ".repeat(8 * 1024))),
        (400, FaultCode::BadRequest, "{".into()),
        (400, FaultCode::BadRequest, String::new()),
        (400, FaultCode::BadRequest, "null".into()),
        (400, FaultCode::BadRequest, "[[[[".repeat(1000)),
        (400, FaultCode::BadRequest, good.replace("\"os\"", "\"so\"")),
        (400, FaultCode::BadRequest, good.replace("\"attempt_id\":\"", "\"attempt_id\":\"AA")),
        (400, FaultCode::EntryShape, body("m.muster", "", "123456")),
        (400, FaultCode::EntryShape, body(" ", "falsch", "123456")),
        (400, FaultCode::EntryShape, body(&"m".repeat(200), "falsch", "123456")),
        (400, FaultCode::EntryShape, body("m.muster", &"p".repeat(300), "123456")),
    ];
    for tan in ["12345", "123456789", "12345a", " 123456", "+12345"] {
        cases.push((400, FaultCode::EntryShape, body("m.muster", "falsch", tan)));
    }
    cases.push((400, FaultCode::EntryShape, body("m.mu\u{0}ster", "falsch", "123456")));
    let mut client = stage.connect().await;
    for (status, fault, body) in cases {
        let answer = client.post(&body).await;
        assert_eq!((answer.status, answer.fault()), (status, fault), "{body:.80}");
        assert!(!answer.body.to_string().contains("m.muster"), "an error repeats what was sent");
    }
    assert_eq!(stage.attempts_left("m.muster").await, 5);
    assert!(stage.audited("attempt").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_web_page_spends_its_visitors_networks_on_entries() {
    let stage = Stage::new().await;
    let mut client = stage.connect().await;
    for (mark, value) in
        [("origin", "https://praxis.example"), ("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-origin")]
    {
        let request = request("POST", "/v1/sessions", None).header(mark, value);
        let answer = client.send(request, &body("m.muster", "falsch", "123456")).await;
        assert_eq!((answer.status, answer.fault()), (403, FaultCode::BadRequest), "{mark}: {value}");
    }
    assert_eq!(stage.attempts_left("m.muster").await, 5);
    let shown = request("GET", "/v1/info", None).header("sec-fetch-site", "none");
    assert_eq!(client.send(shown, "").await.status, 200, "a person may look at it");
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_routes_and_methods_are_problems() {
    let stage = Stage::new().await;
    let mut client = stage.connect().await;
    for (method, path, status) in [
        ("GET", "/v1/", 404),
        ("GET", "/v1/admin/accounts", 404),
        ("POST", "/v1/nothing", 404),
        ("GET", "/.well-known/masque/udp/example.org/443/", 404),
        ("GET", "/v1/sessions", 405),
        ("PUT", "/v1/session", 405),
        ("POST", "/v1/info", 405),
    ] {
        let answer = client.call(method, path, None, "").await;
        assert_eq!((answer.status, answer.fault()), (status, FaultCode::BadRequest), "{method} {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn info_is_told_to_everybody() {
    let stage = Stage::new().await;
    let answer = stage.connect().await.call("GET", "/v1/info", None, "").await;
    let info: Info = serde_json::from_value(answer.body).unwrap();
    assert_eq!((info.policy.attempts, info.policy.idle_seconds, info.policy.absolute_seconds), (5, 1800, 36_000));
    assert_eq!(info.version, flexnet_protocol::VERSION);
    assert_eq!(info.desk.phone, "0231 94 32 99 00");
    assert!((info.server_time - stage.gateway.clock.now()).abs() < 60);
    assert_eq!(info.maintenance, None);
    let hint = info.tunnel.unwrap();
    assert_eq!(hint.public_key, stage.gateway.public_key);
    assert_eq!(hint.endpoints, ["203.0.113.10:51820".parse().unwrap()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn maintenance_is_told_and_nobody_gets_in() {
    let stage = Stage::with(|c| c.maintenance = Maintenance { on: true, until: Some(1_800_000_000) }).await;
    let mut member = stage.member("m.muster").await;
    let answer = stage.sign_in("m.muster", PASSWORD, &member.press()).await;
    assert_eq!(
        (answer.status, answer.fault(), answer.problem().until),
        (503, FaultCode::Maintenance, Some(1_800_000_000))
    );
    assert_eq!(stage.attempts_left("m.muster").await, 5);
    let info = stage.connect().await.call("GET", "/v1/info", None, "").await;
    assert_eq!(info.body["maintenance"]["until"], 1_800_000_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_client_is_asked_to_update() {
    let stage = Stage::with(|c| c.min_client_version = Version::parse("99.0.0").unwrap()).await;
    let answer = stage.sign_in("m.muster", "falsch", "123456").await;
    assert_eq!((answer.status, answer.fault()), (403, FaultCode::ClientTooOld));
    assert_eq!(stage.attempts_left("m.muster").await, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_into_the_queue_is_busy_and_not_counted() {
    let stage = Stage::with(|c| c.limits.waiting = 1).await;
    let mut member = stage.member("m.muster").await;
    let room = stage.gateway.passwords.room().unwrap();
    let answer = stage.sign_in("m.muster", PASSWORD, &member.wrong()).await;
    assert_eq!((answer.status, answer.fault()), (503, FaultCode::GatewayBusy));
    assert!(answer.headers.contains_key("retry-after"));
    assert_eq!(stage.attempts_left("m.muster").await, 5);
    drop(room);
    stage.enter(&mut member).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_over_its_budget_waits_and_is_not_counted() {
    let stage = Stage::with(|c| c.limits.address = Budget { per_minute: 1, burst: 1 }).await;
    assert_eq!(stage.sign_in("m.muster", "falsch", "123456").await.fault(), FaultCode::Refused);
    let answer = stage.sign_in("m.muster", "falsch", "123456").await;
    assert_eq!((answer.status, answer.fault()), (429, FaultCode::GatewayBusy));
    let wait: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(stage.attempts_left("m.muster").await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumped_back_lets_nobody_in_and_no_spent_tan_either() {
    let stage = Stage::new().await;
    let mut member = stage.member("m.muster").await;
    let tan = member.press();
    stage.sign_in("m.muster", PASSWORD, &tan).await.grant();
    stage.gateway.clock.shift(-3600);
    let answer = stage.sign_in("m.muster", PASSWORD, &tan).await;
    assert_eq!((answer.status, answer.fault()), (503, FaultCode::GatewayDatabase));
    stage.gateway.clock.shift(3600);
    assert_eq!(stage.attempts_left("m.muster").await, 5);
    assert_eq!(stage.sign_in("m.muster", PASSWORD, &tan).await.fault(), FaultCode::Refused);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_does_not_answer_is_told() {
    let stage = Stage::new().await;
    let mut client = stage.connect().await;
    stage.gateway.database.close().await;
    let answer = client.post(&body("m.muster", "falsch", "123456")).await;
    assert_eq!((answer.status, answer.fault()), (503, FaultCode::GatewayDatabase));
    let answer = client.call("GET", "/v1/session", Some(&Secret::new("AAAA")), "").await;
    assert_eq!((answer.status, answer.fault()), (503, FaultCode::GatewayDatabase));
    assert_eq!(client.call("GET", "/v1/info", None, "").await.status, 200, "info needs no database");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_pool_is_told_as_busy_to_everybody_and_not_counted() {
    let stage = Stage::with(|c| c.tunnel.pools = vec!["10.9.0.0/30".parse().unwrap()]).await;
    let (mut one, mut other) = (stage.member("m.eins").await, stage.member("n.zwei").await);
    stage.enter(&mut one).await;
    let tan = other.press();
    // Whoever asks: a name with an older session, one without, and one that nobody owns are told the same.
    for (name, tan) in [("n.zwei", &tan), ("m.eins", &one.press()), ("niemand", &tan)] {
        let answer = stage.sign_in(name, PASSWORD, tan).await;
        assert_eq!((answer.status, answer.fault()), (503, FaultCode::GatewayBusy), "{name}");
        assert_eq!(stage.attempts_left(name).await, 5, "{name}");
    }
    assert_eq!(stage.audited("attempt").await.len(), 1);
    let mut write = stage.gateway.database.write().await.unwrap();
    sqlx::query("UPDATE session SET ended = 1, end_reason = 'desk'").execute(&mut *write).await.unwrap();
    write.commit().await.unwrap();
    stage.sign_in("n.zwei", PASSWORD, &tan).await.grant();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hybrid_key_exchange_comes_first_and_tls_1_2_not_at_all() {
    let stage = Stage::new().await;
    let (hybrid, classic) = (aws_lc_rs::kx_group::X25519MLKEM768, aws_lc_rs::kx_group::X25519);
    let stream = stage.tls(&[hybrid, classic]).await.unwrap();
    let group = stream.get_ref().1.negotiated_key_exchange_group().unwrap();
    assert_eq!(group.name(), rustls::NamedGroup::X25519MLKEM768);
    assert!(stage.tls(&[classic]).await.is_ok(), "browsers");
    assert!(stage.tls(&[aws_lc_rs::kx_group::SECP256R1]).await.is_err());
    let output = Command::new("openssl")
        .args(["s_client", "-tls1_2", "-connect", &stage.address.to_string()])
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    assert!(!output.status.success(), "TLS 1.2 is spoken");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_too_many_is_closed_and_the_others_live_on() {
    let stage = Stage::with(|c| c.limits.connections_per_address = 2).await;
    let mut first = stage.connect().await;
    let _second = stage.connect().await;
    let group = aws_lc_rs::kx_group::X25519MLKEM768;
    assert!(stage.tls(&[group]).await.is_err());
    assert_eq!(first.call("GET", "/v1/info", None, "").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_who_hold_connections_keep_no_newcomer_out() {
    // Three of them for networks from which nobody has signed in.
    let stage = Stage::with(|c| c.limits.connections = 4).await;
    let mut held = Vec::new();
    for network in 0..7 {
        let mut newcomer = stage.connect_from(Ipv4Addr::new(127, 0, network, 9)).await.unwrap();
        assert_eq!(newcomer.call("GET", "/v1/info", None, "").await.status, 200);
        held.push(newcomer);
    }
    let first_are_gone = async {
        for client in &mut held[..4] {
            while client.0.ready().await.is_ok() {
                tokio::task::yield_now().await;
            }
        }
    };
    timeout(Duration::from_secs(20), first_are_gone).await.expect("more are open than there are places");
    for client in &mut held[4..] {
        assert_eq!(client.call("GET", "/v1/info", None, "").await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_no_answer_loses_his_place() {
    let stage = Stage::with(|c| (c.limits.connections_per_address, c.limits.connection_seconds) = (1, 1)).await;
    let groups = [aws_lc_rs::kx_group::X25519MLKEM768];
    let mut deaf = stage.tls(&groups).await.unwrap();
    let flood = async {
        let request = b"GET /v1/info HTTP/1.1\r\nhost: flexnet.example\r\n\r\n".repeat(1000);
        while deaf.write_all(&request).await.is_ok() {}
    };
    // Until the gateway cuts it off: before that it stands, with answers that nobody takes.
    timeout(Duration::from_secs(20), flood).await.expect("the gateway waits for who does not read");
    let free = async {
        while stage.tls(&groups).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(20), free).await.expect("the place is not given back");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_connection_ends_between_two_requests() {
    let stage = Stage::with(|c| c.limits.connection_seconds = 1).await;
    let mut client = stage.connect().await;
    assert_eq!(client.call("GET", "/v1/info", None, "").await.status, 200);
    let closed = async {
        while client.0.ready().await.is_ok() && !client.0.is_closed() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(20), closed).await.expect("the connection stays open");
}
