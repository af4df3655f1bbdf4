//! A failover of a replicated PostgreSQL under attack: the primary is killed in the middle, the standby takes over, the old primary comes back. Gateways go on
//! by themselves, and with a synchronous standby nothing that was acknowledged is lost. `./dev soak gateway` runs more rounds.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use sqlx::Connection as _;
use tokio::time::{sleep, timeout};

use super::{
    fleet::Fleet,
    guesses::{attack, eventually, number},
    operations::Watch,
    postgres::Fresh,
    replicated::{Name, Pair},
    *,
};
use crate::{
    db::{Database, News},
    housekeeping,
};

/// Members who sign in rightly while the primary dies.
const ENTRANTS: usize = 12;

fn at(name: &Name) -> Fresh {
    Fresh::at(format!("postgres://kv@127.0.0.1:{}/postgres", name.port))
}

/// Sends one and the same attempt again and again, until it is told how it ended or, after the failover, that nobody knows before housekeeping.
async fn enter(fleet: Arc<Fleet>, at: SocketAddr, name: String, entry: String, promoted: Arc<AtomicBool>) -> Answer {
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        let late = promoted.load(Ordering::SeqCst);
        let answer = match fleet.connect(at).await {
            Some(mut client) => timeout(Duration::from_secs(40), client.try_post(&entry)).await.expect("an answer"),
            None => None,
        };
        match answer {
            Some(answer) if answer.status < 500 || (answer.status == 504 && late) => return answer,
            // Nobody could say, or this is what was written down: it was right, and could not be opened.
            Some(answer) if late && !fleet.audited("attempt", &name).await.is_empty() => return answer,
            other => assert!(Instant::now() < deadline, "at last {other:?}"),
        }
        sleep(Duration::from_millis(50)).await;
    }
}

async fn started(stage: &Stage, username: &str) -> usize {
    let rows = audit::last(stage.gateway.database.read(), Some(username), 100_000).await.unwrap();
    rows.iter().filter(|row| row.event == "session_started").count()
}

async fn state(stage: &Stage, token: &Secret) -> u16 {
    stage.connect().await.call("GET", "/v1/session", Some(token), "").await.status
}

async fn verified(stage: &Stage) {
    let mut read = stage.gateway.database.read().acquire().await.unwrap();
    audit::verify(&mut read, stage.gateway.keys.audit(), &[]).await.unwrap().unwrap();
}

async fn hears(news: &mut tokio::sync::broadcast::Receiver<News>, what: &News) {
    let heard = async { while news.recv().await.unwrap() != *what {} };
    timeout(Duration::from_secs(30), heard).await.unwrap_or_else(|_| panic!("{what:?} was not heard"));
}

async fn round(seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let pair = Pair::new("*").await;
    let name = Name::of(pair.primary).await;
    let fleet = Arc::new(Fleet::over(Some(at(&name)), 2).await);
    // A third one in this process, so that its peers can be looked at.
    let place = Config::load(&fleet.folder.join("gateway-0.toml")).unwrap().database;
    let change = |config: &mut Config| (config.database, config.id) = (place, "gw9".into());
    let stage = Stage::start(tempfile::tempdir().unwrap(), fleet.folder.clone(), None, change).await;
    let watch = Watch::of(&stage).await;
    let ready = async || watch.get("/readyz").await.0 == 200;
    let unready = async || {
        let (status, why) = watch.get("/readyz").await;
        status == 503 && why.lines().any(|line| line == "database")
    };
    eventually("ready before", ready).await;

    // What was acknowledged before: a session, a lock.
    let mut dweller = fleet.member("m.wohnt").await;
    let grant = stage.enter(&mut dweller).await;
    let mut shut = fleet.member("m.gesperrt").await;
    while !fleet.standing("m.gesperrt").await.is_some_and(|standing| standing.locked) {
        stage.sign_in("m.gesperrt", "falsch", &shut.wrong()).await;
    }

    // In the middle of it all the primary dies, and the name leads to a standby that is none yet.
    fleet.member("m.angriff").await;
    let (go, promoted) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicBool::new(false)));
    let mut entrants = Vec::new();
    for number in 0..ENTRANTS {
        let mut member = fleet.member(&format!("m.kommt{number}")).await;
        let tan = member.press();
        let entry = body(&member.username, PASSWORD, &tan);
        entrants.push((member, tan, entry));
    }
    let addresses = fleet.addresses.iter().cycle();
    let attackers: Vec<_> = addresses
        .take(8)
        .map(|address| tokio::spawn(attack(Arc::clone(&fleet), *address, "m.angriff".into(), Arc::clone(&go))))
        .collect();
    let entering: Vec<_> = entrants
        .iter()
        .zip(fleet.addresses.iter().cycle())
        .map(|((member, _, entry), address)| {
            let (name, entry, promoted) = (member.username.clone(), entry.clone(), Arc::clone(&promoted));
            tokio::spawn(enter(Arc::clone(&fleet), *address, name, entry, promoted))
        })
        .collect();
    let mut news = stage.gateway.database.news();
    sleep(Duration::from_millis(random.u64(0..=600))).await;
    let died = Instant::now();
    pair.kill_primary();
    name.move_to(Some(pair.standby));
    eventually("not ready", unready).await;
    let noticed = died.elapsed();
    let (signed_in, looked) =
        tokio::join!(stage.sign_in("m.zaun", PASSWORD, "123456"), state(&stage, &grant.session_token));
    assert_eq!((signed_in.status, looked), (503, 503), "a standby decides nothing and tells nothing");
    assert_eq!(stage.tunnel.installed().len(), 1, "sessions go on");

    let takes_over = Instant::now();
    pair.promote();
    promoted.store(true, Ordering::SeqCst);
    let promotion = takes_over.elapsed();
    eventually("ready again", ready).await;
    let recovered = takes_over.elapsed();
    hears(&mut news, &News::Tickets).await;
    let listening = takes_over.elapsed();

    let mut told = HashMap::new();
    let mut opened = 0;
    let mut unknown = Vec::new();
    for ((member, tan, entry), task) in entrants.iter().zip(entering) {
        let answer = task.await.unwrap();
        *told.entry(answer.status).or_insert(0) += 1;
        match answer.status {
            201 => {
                opened += 1;
                let grant = answer.grant();
                assert_eq!(state(&stage, &grant.session_token).await, 200, "{}: seed {seed}", member.username);
                // Its TAN is spent, and a repeat is told the same.
                assert_eq!(stage.sign_in(&member.username, PASSWORD, tan).await.status, 403, "seed {seed}");
                assert_eq!(started(&stage, &member.username).await, 1);
            }
            503 => {
                let rows = fleet.audited("attempt", &member.username).await;
                assert_eq!(
                    (rows.len(), rows[0].detail.as_str()),
                    (1, "not decided: the gateway failed"),
                    "seed {seed}"
                );
                assert_eq!(started(&stage, &member.username).await, 0, "seed {seed}");
                assert_eq!(
                    fleet.standing(&member.username).await.unwrap().attempts_left,
                    5,
                    "not counted, seed {seed}"
                );
                assert_eq!(stage.sign_in(&member.username, PASSWORD, tan).await.status, 403, "spent, seed {seed}");
            }
            504 => unknown.push((member, entry)),
            other => panic!("{other}: {answer:?}, seed {seed}"),
        }
    }
    let locked = async || fleet.standing("m.angriff").await.is_some_and(|standing| standing.locked);
    eventually("the lock", locked).await;
    go.store(false, Ordering::SeqCst);
    for attacker in attackers {
        assert_eq!(attacker.await.unwrap(), 0, "seed {seed}");
    }
    let judged = fleet.judged();
    let guesses = fleet.judged_of("m.angriff");
    assert!((1..=5).contains(&guesses), "{guesses} guesses judged, seed {seed}");
    for (member, ..) in &entrants {
        assert!(fleet.judged_of(&member.username) <= 1, "{}: seed {seed}", member.username);
    }

    // Five minutes later nothing is open, and each attempt has its row.
    let open = fleet.open().await;
    stage.gateway.clock.shift(301);
    housekeeping::look(&stage.gateway, &HashMap::new(), true).await.unwrap();
    assert_eq!(fleet.open().await, 0, "seed {seed}");
    assert_eq!(fleet.audited("attempt", "m.angriff").await.len(), 5, "seed {seed}");
    assert_eq!(fleet.audited("lock", "m.angriff").await.len(), 1, "seed {seed}");
    for (member, entry) in &unknown {
        assert_eq!(stage.connect().await.post(entry).await.status, 403, "closed as wrong, seed {seed}");
        assert_eq!(started(&stage, &member.username).await, 0, "seed {seed}");
    }

    // What was before still is.
    assert_eq!(state(&stage, &grant.session_token).await, 200);
    assert_eq!(stage.tunnel.installed().len(), 1);
    let tan = shut.press();
    assert_eq!(stage.sign_in("m.gesperrt", PASSWORD, &tan).await.fault(), FaultCode::Locked);
    verified(&stage).await;

    // The old primary comes back and takes itself for one: it has nobody to wait for, so nothing is ever acknowledged there.
    let mut lost = fleet.member("m.irrt").await;
    let entry = body("m.irrt", PASSWORD, &lost.press());
    pair.revive();
    let strayed = Instant::now();
    name.move_to(Some(pair.primary));
    let stray = async { stage.connect().await.try_post(&entry).await };
    if let Ok(Some(answer)) = timeout(Duration::from_secs(3), stray).await {
        assert!(answer.status >= 400, "{answer:?}");
    }
    eventually("no commit, not ready", unready).await;
    let stuck = strayed.elapsed();
    // What it tells of sessions renews no peer.
    let current = async || {
        let mut read = stage.gateway.database.read().acquire().await.unwrap();
        stage.gateway.own.is_known_to(&mut read).await.unwrap()
    };
    assert!(!current().await, "what is of now is not known here");
    // What the listener told when it came to the old one is no word of the new one.
    news = news.resubscribe();
    name.move_to(Some(pair.standby));
    let back = Instant::now();
    eventually("ready once more", ready).await;
    let returned = back.elapsed();
    eventually("known again", current).await;
    assert_eq!(state(&stage, &grant.session_token).await, 200);
    hears(&mut news, &News::Tickets).await;
    let tan = lost.press();
    stage.sign_in("m.irrt", PASSWORD, &tan).await.grant();
    // Another gateway's word is heard again.
    let answer = fleet.call(0, "DELETE", "/v1/session", Some(&grant.session_token), "").await.unwrap();
    assert_eq!(answer.status, 204);
    hears(&mut news, &News::Session(grant.session_id.to_string())).await;
    eventually("the peer goes", async || stage.tunnel.installed().len() == 1).await;
    verified(&stage).await;
    println!(
        "seed {seed}: not ready after {noticed:?}; promotion {promotion:?}, ready {recovered:?} and listening {listening:?} after its order; \
         {judged} judged, {open} open; entrants {told:?}, {opened} opened; at the old primary not ready after {stuck:?}, ready {returned:?} after the way back"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failover_to_a_synchronous_standby_loses_nothing_and_gateways_go_on_by_themselves() {
    let seed = number("KV_SEED", fastrand::u64(..));
    for round_number in 0..number("KV_FAILOVERS", 1) {
        round(seed.wrapping_add(round_number)).await;
    }
}

/// Why the standby must be synchronous, as docs/database.md says: this is what the loss of a commit does, and no gateway can know of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_failover_to_an_asynchronous_standby_opens_a_spent_tan_once_more() {
    let pair = Pair::new("").await;
    let name = Name::of(pair.primary).await;
    let fresh = at(&name);
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("gateway");
    init::run(&init::tests::options(&folder, "127.0.0.1:0")).await.unwrap();
    let stage = Stage::start(dir, folder, Some(fresh), |_| {}).await;
    let mut member = stage.member("m.muster").await;
    let tan = member.press();
    // The standby has the member.
    pair.caught_up();
    pair.lag();
    let lost = stage.sign_in("m.muster", PASSWORD, &tan).await.grant();
    pair.kill_primary();
    pair.promote();
    name.move_to(Some(pair.standby));
    eventually("the same TAN", async || stage.sign_in("m.muster", PASSWORD, &tan).await.status == 201).await;
    assert_eq!(state(&stage, &lost.session_token).await, 401, "the session that was acknowledged is none");
    verified(&stage).await;
}

/// The connections to it stay open and silent: who only listens has to ask.
#[tokio::test(flavor = "multi_thread")]
async fn a_primary_without_power_leaves_nobody_deaf() {
    let pair = Pair::new("").await;
    let name = Name::of(pair.primary).await;
    let fresh = at(&name);
    let database = Database::open(&fresh.place).await.unwrap();
    let other = Database::open(&fresh.place).await.unwrap();
    let mut news = database.news();
    let mut tells = async |what: &str| {
        let what = News::Session(what.into());
        let mut write = other.write().await.unwrap();
        write.announce(what.clone());
        write.commit().await.unwrap();
        let heard = async { while news.recv().await.unwrap() != what {} };
        timeout(Duration::from_millis(500), heard).await.is_ok()
    };
    eventually("heard", async || tells("before").await).await;
    pair.caught_up();
    pair.promote();
    name.lose_power(pair.standby);
    eventually("heard again", async || tells("after").await).await;
}

/// No answer comes to what was asked before, and the gateway asks the next server all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_primary_that_loses_power_over_a_question_holds_up_nothing() {
    let pair = Pair::new("").await;
    let name = Name::of(pair.primary).await;
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("gateway");
    init::run(&init::tests::options(&folder, "127.0.0.1:0")).await.unwrap();
    let stage = Stage::start(dir, folder, Some(at(&name)), |_| {}).await;
    let watch = Watch::of(&stage).await;
    eventually("ready", async || watch.get("/readyz").await.0 == 200).await;
    pair.caught_up();
    let url = format!("postgres://kv@127.0.0.1:{}/postgres", pair.primary);
    let mut holder = sqlx::PgConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("BEGIN; LOCK TABLE gateway, audit_head IN ACCESS EXCLUSIVE MODE").execute(&mut holder).await.unwrap();
    // The look at itself, the sign of life, the keeper of the peers.
    let asked = "SELECT count(DISTINCT (relation, mode)) FROM pg_locks WHERE NOT granted \
                 AND relation IN ('gateway'::regclass, 'audit_head'::regclass)";
    let mut asking = async || sqlx::query_scalar::<_, i64>(asked).fetch_one(&mut holder).await.unwrap() >= 3;
    eventually("questions on their way", async || asking().await).await;
    name.lose_power(pair.standby);
    pair.promote();
    let known = async || {
        let mut read = stage.gateway.database.read().acquire().await.unwrap();
        stage.gateway.own.is_known_to(&mut read).await.unwrap()
    };
    eventually("a sign of life at the next one", known).await;
    eventually("ready again", async || watch.get("/readyz").await.0 == 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_set_to_read_only_takes_nothing_over_the_connections_it_has() {
    let fresh = postgres().await;
    let database = Database::open(&fresh.place).await.unwrap();
    // As `ALTER SYSTEM` and a reload do for every connection.
    let mut write = database.write().await.unwrap();
    sqlx::raw_sql("SET default_transaction_read_only = on").execute(&mut *write).await.unwrap();
    write.commit().await.unwrap();
    let refused = async || {
        let mut write = database.write().await.unwrap();
        let setting = "SELECT current_setting('default_transaction_read_only')";
        if sqlx::query_scalar::<_, String>(setting).fetch_one(&mut *write).await.unwrap() == "off" {
            // A connection of its own: the other one is on its way back.
            return false;
        }
        let error = sqlx::query("DELETE FROM guard").execute(&mut *write).await.unwrap_err();
        error.as_database_error().and_then(|error| error.code()).as_deref() == Some("25006")
    };
    eventually("refused", refused).await;
}
