//! The lockout under load, over several gateways, and while they are killed: never more than five judged between two unlocks, and no reservation stuck.
//! `./dev soak gateway` runs the same with large counts.

use std::{
    sync::atomic::AtomicBool,
    time::{Duration, Instant},
};

use tokio::time::sleep;

use super::{
    crashes::{form, hand_off::HandOff},
    fleet::Fleet,
    *,
};

/// Of the environment, or what `./dev test` takes as a sample.
pub(super) fn number(name: &str, sample: u64) -> u64 {
    std::env::var(name).map_or(sample, |text| text.parse().unwrap())
}

/// Sends each body to one of the gateways, all in parallel; the answers. Connections are open before the first is sent.
async fn in_parallel(fleet: &Arc<Fleet>, connections: usize, bodies: Vec<String>) -> Vec<Answer> {
    let barrier = Arc::new(tokio::sync::Barrier::new(connections));
    let mut hands = Vec::new();
    for hand in 0..connections {
        let address = fleet.addresses[hand % fleet.addresses.len()];
        let mut client = fleet.connect(address).await.expect("a connection");
        let bodies: Vec<_> = bodies.iter().skip(hand).step_by(connections).cloned().collect();
        let (barrier, fleet) = (Arc::clone(&barrier), Arc::clone(fleet));
        hands.push(tokio::spawn(async move {
            barrier.wait().await;
            let mut answers = Vec::new();
            for body in bodies {
                // A gateway closes connections when their time is over.
                let answer = loop {
                    match client.try_post(&body).await {
                        Some(answer) => break answer,
                        None => client = fleet.connect(address).await.expect("a connection"),
                    }
                };
                answers.push(answer);
            }
            answers
        }));
    }
    let mut answers = Vec::new();
    for hand in hands {
        answers.extend(hand.await.unwrap());
    }
    answers
}

async fn wrong_guesses(store: Store, gateways: usize) {
    let count = number("KV_GUESSES", 600);
    let fleet = Arc::new(Fleet::new(store, gateways).await);
    let mut member = fleet.member("m.angriff").await;
    let guess = |n: u64| body("m.angriff", "falsch", &format!("{:06}", (n * 487 + 11) % 1_000_000));
    let answers = in_parallel(&fleet, 40 * gateways, (0..count).map(guess).collect()).await;
    let told = Fleet::told(&answers);
    println!("{count} guesses over {gateways} gateways: {told:?}, {} judged", fleet.judged());
    assert!(answers.iter().all(|a| [403, 503].contains(&a.status)), "{told:?}");
    assert_eq!((fleet.judged(), fleet.judged_of("m.angriff")), (5, 5));
    assert_eq!(fleet.audited("attempt", "m.angriff").await.len(), 5);
    assert_eq!(fleet.audited("lock", "m.angriff").await.len(), 1);
    assert!(told.get(&(403, Some(FaultCode::Refused))).is_none_or(|may_go_on| *may_go_on <= 4), "{told:?}");
    assert_eq!(fleet.open().await, 0);
    let tan = member.press();
    let mut client = fleet.connect(fleet.addresses[0]).await.unwrap();
    assert_eq!(client.post(&body("m.angriff", PASSWORD, &tan)).await.fault(), FaultCode::Locked);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_wrong_guesses_five_are_judged_on_sqlite() {
    wrong_guesses(Store::Sqlite, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_wrong_guesses_five_are_judged_by_three_gateways_over_one_postgresql() {
    wrong_guesses(Store::Postgres, 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_right_tan_opens_one_session_whatever_the_crowd_at_three_gateways() {
    let count = number("KV_GUESSES", 600);
    let fleet = Arc::new(Fleet::new(Store::Postgres, 3).await);
    let mut member = fleet.member("m.frisch").await;
    let tan = member.press();
    let answers = in_parallel(&fleet, 120, (0..count).map(|_| body("m.frisch", PASSWORD, &tan)).collect()).await;
    println!("one TAN {count} times over 3 gateways: {:?}", Fleet::told(&answers));
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert_eq!(fleet.audited("session_started", "m.frisch").await.len(), 1);
    let live: i64 = sqlx::query_scalar("SELECT count(*) FROM session WHERE ended IS NULL")
        .fetch_one(fleet.database.read())
        .await
        .unwrap();
    assert_eq!((live, fleet.open().await), (1, 0));
}

/// Guesses at one name until the flag is down, at a gateway that comes and goes; how often it was told what a session is, which is never.
pub(super) async fn attack(fleet: Arc<Fleet>, address: SocketAddr, username: String, go: Arc<AtomicBool>) -> usize {
    let mut opened = 0;
    let mut client = None;
    while go.load(Ordering::SeqCst) {
        let Some(open) = &mut client else {
            client = fleet.connect(address).await;
            tokio::task::yield_now().await;
            continue;
        };
        match Client::try_post(open, &body(&username, "falsch", "123456")).await {
            Some(answer) => opened += usize::from(answer.status == 201),
            None => client = None,
        }
    }
    opened
}

async fn while_gateways_are_killed(store: Store, gateways: usize) {
    let seed = number("KV_SEED", fastrand::u64(..));
    let mut random = fastrand::Rng::with_seed(seed);
    let rounds = number("KV_ROUNDS", 5);
    // What the soak asks for: 500 to 2000.
    let (pause, most) = (number("KV_PAUSE", 100), number("KV_PAUSE_MOST", 300));
    println!("{rounds} rounds over {gateways} gateways, seed {seed}");
    let fleet = Arc::new(Fleet::new(store, gateways).await);
    let mut judged = 0;
    for round in 0..rounds {
        let at = format!("round {round}, seed {seed}");
        let name = format!("m.runde{round}");
        fleet.member(&name).await;
        sleep(Duration::from_millis(random.u64(pause..=most))).await;
        let go = Arc::new(AtomicBool::new(true));
        let addresses = fleet.addresses.iter().cycle().take(4 * gateways);
        let attackers: Vec<_> = addresses
            .map(|address| tokio::spawn(attack(Arc::clone(&fleet), *address, name.clone(), Arc::clone(&go))))
            .collect();
        // In the middle of the first guesses, most of the time.
        sleep(Duration::from_millis(random.u64(0..=200))).await;
        let victim = random.usize(0..gateways);
        fleet.kill(victim);
        fleet.restart(victim);
        let locked = async || fleet.standing(&name).await.is_some_and(|standing| standing.locked);
        eventually(&format!("{at}: the lock"), locked).await;
        go.store(false, Ordering::SeqCst);
        for attacker in attackers {
            assert_eq!(attacker.await.unwrap(), 0, "{at}");
        }
        eventually(&format!("{at}: no reservation without an end"), async || fleet.open().await == 0).await;
        let now = fleet.judged();
        assert!(now - judged <= 5, "{at}: {} judged", now - judged);
        judged = now;
        assert_eq!(fleet.audited("attempt", &name).await.len(), 5, "{at}: one row for each attempt");
        assert_eq!(fleet.audited("lock", &name).await.len(), 1, "{at}");
    }
    println!("{judged} judged of {} counted", 5 * rounds);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_kill_of_a_gateway_gives_a_sixth_guess_or_leaves_a_reservation_on_sqlite() {
    while_gateways_are_killed(Store::Sqlite, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_kill_of_three_gateways_gives_a_sixth_guess_or_leaves_a_reservation_on_postgresql() {
    while_gateways_are_killed(Store::Postgres, 3).await;
}

/// Until there is an answer: a gateway that was killed comes back, and hears the same once more.
async fn answered<T, F: Future<Output = Option<T>>>(mut ask: impl FnMut() -> F) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "no answer within a minute");
        sleep(Duration::from_millis(10)).await;
    }
}

/// Signs in on the page and hands off to an application, each step until it has its answer. The session, or nothing if the gateway died over the entry.
async fn hand_off(fleet: Arc<Fleet>, at: usize, mut member: Member) -> (Member, Option<Grant>) {
    let (fleet, tan) = (&*fleet, member.press());
    let entry = form(&member, PASSWORD, &tan);
    let page = answered(|| fleet.submit(at, "/anmelden", "", &entry)).await;
    if page.cookie.is_none() {
        return (member, None);
    }
    let hand_off = HandOff::of(at, &page);
    assert_eq!(answered(|| hand_off.redeem(fleet)).await.status, 202);
    answered(|| hand_off.confirm(fleet)).await;
    let grant = answered(|| hand_off.redeem(fleet)).await.grant();
    let again = answered(|| hand_off.redeem(fleet)).await.grant();
    assert_eq!(again, grant, "what got lost is told again");
    (member, Some(grant))
}

async fn hand_offs_while_gateways_are_killed(store: Store, gateways: usize) {
    let seed = number("KV_SEED", fastrand::u64(..));
    let mut random = fastrand::Rng::with_seed(seed);
    let rounds = number("KV_ROUNDS", 5);
    println!("{rounds} rounds of hand-offs over {gateways} gateways, seed {seed}");
    let fleet = Arc::new(Fleet::new(store, gateways).await);
    let (mut opened, mut died) = (0, 0);
    for round in 0..rounds {
        let mut hands = Vec::new();
        for hand in 0..4 * gateways {
            let member = fleet.member(&format!("m.runde{round}.{hand}")).await;
            hands.push(tokio::spawn(hand_off(Arc::clone(&fleet), hand % gateways, member)));
        }
        sleep(Duration::from_millis(random.u64(0..=600))).await;
        let victim = random.usize(0..gateways);
        fleet.kill(victim);
        fleet.restart(victim);
        for hand in hands {
            let (member, grant) = hand.await.unwrap();
            let at = format!("round {round}, seed {seed}, {}", member.username);
            let started = fleet.audited("session_started", &member.username).await.len();
            assert_eq!(started, usize::from(grant.is_some()), "{at}: one session, or none");
            assert_eq!(fleet.audited("attempt", &member.username).await.len(), 1, "{at}: counted once");
            let left = fleet.standing(&member.username).await.unwrap().attempts_left;
            assert_eq!(left, if grant.is_some() { 5 } else { 4 }, "{at}");
            if grant.is_some() { opened += 1 } else { died += 1 }
        }
        assert_eq!(fleet.open().await, 0, "round {round}, seed {seed}");
    }
    println!("{opened} hand-offs opened a session, {died} gateways died over an entry");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_kill_of_a_gateway_costs_a_hand_off_or_gives_a_second_session_on_sqlite() {
    hand_offs_while_gateways_are_killed(Store::Sqlite, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_kill_of_three_gateways_costs_a_hand_off_or_gives_a_second_session_on_postgresql() {
    hand_offs_while_gateways_are_killed(Store::Postgres, 3).await;
}

pub(super) async fn eventually(what: &str, mut is: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is().await {
        assert!(Instant::now() < deadline, "{what}: not within a minute");
        sleep(Duration::from_millis(10)).await;
    }
}
