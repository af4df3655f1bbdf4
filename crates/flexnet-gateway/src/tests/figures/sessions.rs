//! 10,000 live sessions on one gateway with its real device: what they cost at rest, and how long one more and one less take.
//! Needs root in namespaces of its own, as `./dev bench gateway` gives them.

use super::*;
use crate::{
    db::Database,
    network::Network,
    sessions::{self, Beginning, Which},
};

const SESSIONS: usize = 10_000;
const REPEATS: usize = 10;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a figure: ./dev bench gateway"]
async fn ten_thousand_sessions() {
    let stage = Stage::with_device().await;
    let mut ready = members(&stage, 1, 100).await.remove(0);
    let mut client = stage.connect().await;
    let empty = sign_ins(&mut client, &mut ready).await;
    let (bytes, rest) = (memory(), at_rest().await);

    let filled = Instant::now();
    fill(&stage).await;
    let (written, begun) = (filled.elapsed(), Instant::now());
    while stage.gateway.network.activity().len() < SESSIONS {
        stage.gateway.network.settled().await.unwrap();
    }
    println!(
        "rows of {SESSIONS} sessions written in {:.1} s, their peers in the device {:.2} s later",
        written.as_secs_f64(),
        begun.elapsed().as_secs_f64()
    );
    let full_rest = at_rest().await;
    println!("memory for each session, bytes: {}", memory().saturating_sub(bytes) / SESSIONS as u64);
    println!("processor time at rest, ms/s: {:.0} with none, {:.0} with all", rest, full_rest);

    let mut client = stage.connect().await;
    let full = sign_ins(&mut client, &mut ready).await;
    println!("a sign-in until its peer is in the device, ms: {empty:.0} with none, {full:.0} with all");

    let (mut signed_out, mut ended) = (Vec::new(), Vec::new());
    let elsewhere = Database::open(&stage.gateway.config.database).await.unwrap();
    let elsewhere = elsewhere.sealed_by(stage.gateway.keys.audit()).await.unwrap();
    for _ in 0..REPEATS {
        let (grant, key) = enter(&mut client, &mut ready).await;
        let asked = Instant::now();
        assert_eq!(client.call("DELETE", "/v1/session", Some(&grant.session_token), "").await.status, 204);
        signed_out.push(gone(&stage, &key, asked).await);

        let (grant, key) = enter(&mut client, &mut ready).await;
        let asked = Instant::now();
        let mut write = elsewhere.write().await.unwrap();
        let which = Which::Named(&grant.session_id);
        sessions::end(&mut write, "desk", which, flexnet_protocol::gateway::EndReason::Desk, "desk", 1).await.unwrap();
        write.commit().await.unwrap();
        ended.push(gone(&stage, &key, asked).await);
    }
    for (what, its) in [("after a sign-out", signed_out), ("after an end by another process", ended)] {
        let part = |hundredths| 1000.0 * statistics::percentile(&its, hundredths);
        println!("a peer is gone {what}, ms: p50 {:.0}, most {:.0}", part(50.0), part(100.0));
    }
}

/// Median milliseconds of a sign-in, whose answer comes when its peer is in the device.
async fn sign_ins(client: &mut Client, ready: &mut Ready) -> f64 {
    let mut times = Vec::new();
    for _ in 0..REPEATS {
        let asked = Instant::now();
        enter(client, ready).await;
        times.push(1000.0 * asked.elapsed().as_secs_f64());
    }
    statistics::percentile(&times, 50.0)
}

async fn enter(client: &mut Client, ready: &mut Ready) -> (Grant, [u8; 32]) {
    let body = ready.body().unwrap();
    let key: Value = serde_json::from_str(&body).unwrap();
    let key = BASE64.decode(key["client_public_key"].as_str().unwrap().as_bytes()).unwrap();
    (client.post(&body).await.grant(), key.try_into().unwrap())
}

/// Seconds until a peer is no longer in the device.
async fn gone(stage: &Stage, key: &[u8; 32], asked: Instant) -> f64 {
    while stage.gateway.network.activity().contains_key(key) {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    asked.elapsed().as_secs_f64()
}

/// Milliseconds of processor time a second while nothing happens.
async fn at_rest() -> f64 {
    let (before, begun) = (processor_time(), Instant::now());
    tokio::time::sleep(Duration::from_secs(10)).await;
    1000.0 * (processor_time() - before).as_secs_f64() / begun.elapsed().as_secs_f64()
}

/// Rows as 10,000 sign-ins would have left them.
async fn fill(stage: &Stage) {
    let gateway = &stage.gateway;
    let hash = passwords::hash(&Secret::new(PASSWORD)).unwrap();
    let now = gateway.clock.now();
    for chunk in (0..SESSIONS).collect::<Vec<_>>().chunks(500) {
        let mut write = gateway.database.write().await.unwrap();
        for number in chunk {
            let username = format!("s{number:05}");
            accounts::add(&mut write, &username, "Dr. Martina Muster", &hash, now).await.unwrap();
            let account = accounts::named(&mut write, &username).await.unwrap();
            let mut key = [9; 32];
            key[..8].copy_from_slice(&(*number as u64).to_be_bytes());
            let beginning = Beginning {
                account: &account,
                gateway: &gateway.config.id,
                public_key: &Key::new(key),
                preshared_key: None,
                addresses: vec![Ipv4Addr::from([10, 200, 128 + (number >> 8) as u8, *number as u8]).into()],
                network: "192.0.2.0/24",
                failures_before: 0,
                now,
                policy: gateway.config.policy,
            };
            sessions::begin(&mut write, &gateway.keys, beginning).await.unwrap();
        }
        write.commit().await.unwrap();
    }
}

impl Stage {
    /// A stage whose gateway makes a real device, in this network namespace.
    async fn with_device() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("gateway");
        init::run(&init::tests::options(&folder, "127.0.0.1:0")).await.unwrap();
        let config = Config::load(&folder.join("gateway.toml")).unwrap();
        let tls = tls::config(&config.files.certificate, &config.files.certificate_key).unwrap();
        let private_key = gateway::wireguard_key(&config.files.wireguard).unwrap();
        let public_key = private_key.public_key();
        let settings = serve::settings(&config, private_key);
        let listener = TcpListener::bind(config.listen).await.unwrap();
        let address = listener.local_addr().unwrap();
        let start = async |leases| Network::start(settings, leases).await.map_err(crate::error::Error::Network);
        let gateway = Gateway::start(config, public_key, start).await.unwrap();
        let (stop, stopped) = oneshot::channel();
        let served = serve::run(Arc::clone(&gateway), listener, tls, async { drop(stopped.await) });
        let served = tokio::spawn(served);
        Self { folder, _dir: dir, fresh: None, gateway, tunnel: Tunnel::default(), address, stop, served }
    }
}
