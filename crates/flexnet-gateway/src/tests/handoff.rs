//! A sign-in on a page that goes on in the application: one session or none, whatever comes twice, at once, too late, from two sides or over a crash.

use flexnet_protocol::gateway::{AttemptId, Handoff};

use super::*;
use crate::{
    attempts::Outcome,
    handoff::{self, Issued, PageState},
    seal::random,
    sign_in::Entries,
};

const PATH: &str = "/v1/sessions/redeem";
const NETWORK: &str = "127.0.0.0/24";

/// A sign-in on a page.
async fn page(stage: &Stage, username: &str, password: &str, tan: &str) -> Outcome {
    let attempt_id = AttemptId(random().unwrap());
    let entries =
        Entries { attempt_id, username: username.into(), password: Secret::new(password), tan: Secret::new(tan) };
    let from = "127.0.0.1".parse().unwrap();
    handoff::sign_in(&stage.gateway, from, format!("{attempt_id:?}").as_bytes(), entries).await.unwrap()
}

async fn issued(stage: &Stage, member: &mut Member) -> Issued {
    let tan = member.press();
    let outcome = page(stage, &member.username.clone(), PASSWORD, &tan).await;
    let Outcome::HandedOff(issued) = outcome else { panic!("{outcome:?}") };
    *issued
}

/// What an application sends, with keys of its own.
fn request_for(ticket: &Secret) -> String {
    json!({
        "ticket": ticket.expose(),
        "client_public_key": BASE64.encode(&random::<32>().unwrap()),
        "preshared_key": BASE64.encode(&random::<32>().unwrap()),
        "client": { "version": flexnet_protocol::VERSION, "os": "linux" },
    })
    .to_string()
}

async fn redeem(stage: &Stage, request: &str) -> Answer {
    stage.connect().await.call("POST", PATH, None, request).await
}

/// Waits at the gateway until the member has said something.
async fn waiting(stage: &Stage, request: &str) -> JoinHandle<Answer> {
    let mut client = stage.connect().await;
    let request = request.to_owned();
    let head = super::request("POST", PATH, None).header("prefer", "wait=30");
    tokio::spawn(async move { client.send(head, &request).await })
}

async fn state(stage: &Stage, issued: &Issued) -> PageState {
    handoff::page_state(&stage.gateway, &issued.page_cookie).await.unwrap()
}

async fn confirm(stage: &Stage, issued: &Issued) -> PageState {
    handoff::confirm(&stage.gateway, &issued.page_cookie, NETWORK).await.unwrap()
}

fn digits(answer: &Answer) -> String {
    assert_eq!(answer.status, 202, "{answer:?}");
    serde_json::from_value::<Handoff>(answer.body.clone()).unwrap().digits
}

async fn sessions(stage: &Stage) -> usize {
    stage.audited("session_started").await.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_page_began_the_application_ends() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    stage.sign_in("m.muster", "falsch", &member.wrong()).await;
    let issued = issued(&stage, &mut member).await;
    assert!(matches!(state(&stage, &issued).await, PageState::Waiting { .. }));
    assert!(matches!(confirm(&stage, &issued).await, PageState::Waiting { .. }), "there is nothing to confirm yet");
    assert_eq!(sessions(&stage).await, 0, "no session before the member has confirmed");

    let request = request_for(&issued.ticket);
    let taken = redeem(&stage, &request).await;
    assert_eq!(taken.body["display_name"], "Dr. Martina Muster", "whose it is, before anything is open");
    let shown = digits(&taken);
    assert!(shown.len() == 2 && shown.bytes().all(|b| b.is_ascii_digit()), "{shown}");
    assert_eq!(digits(&redeem(&stage, &request).await), shown, "the same again is the same answer");
    assert!(matches!(state(&stage, &issued).await, PageState::Redeemed { display_name, digits, .. }
        if digits == shown && display_name == "Dr. Martina Muster"));
    assert_eq!(sessions(&stage).await, 0);
    assert!(stage.tunnel.installed().is_empty());

    let waiting = waiting(&stage, &request).await;
    assert_eq!(confirm(&stage, &issued).await, PageState::Done);
    let answer = waiting.await.unwrap();
    let grant = answer.grant();
    assert_eq!((grant.failures_before, grant.last_sign_in.clone()), (1, None));
    let peers = stage.tunnel.installed();
    assert_eq!(peers.len(), 1, "the peer stands before the answer");
    assert_eq!(peers[0].preshared_key.as_ref(), Some(&grant.tunnel.preshared_key));
    let live = stage.connect().await.call("GET", "/v1/session", Some(&grant.session_token), "").await;
    assert_eq!((live.status, live.body["open_sessions"][0]["own"].as_bool()), (200, Some(true)));

    assert_eq!(redeem(&stage, &request).await.grant(), grant, "a lost answer is told again");
    assert_eq!(confirm(&stage, &issued).await, PageState::Done);
    assert_eq!(state(&stage, &issued).await, PageState::Done);
    assert_eq!(sessions(&stage).await, 1);
    for event in ["handoff_redeemed", "handoff_confirmed"] {
        assert_eq!(stage.audited(event).await.len(), 1, "{event}");
    }
    let details: Vec<_> = stage.audited("attempt").await.into_iter().map(|row| row.detail).collect();
    assert_eq!(details, ["refused: password and TAN", "accepted: on the page"]);
    assert_eq!(stage.attempts_left("m.muster").await, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_counts_like_the_application() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    for left in [4, 3] {
        let outcome = page(&stage, "M.Muster ", PASSWORD, &member.wrong()).await;
        assert!(matches!(outcome, Outcome::Refused { attempts_left } if attempts_left == left), "{outcome:?}");
    }
    for left in [2, 1] {
        assert_eq!(
            stage.sign_in("m.muster", "falsch", &member.wrong()).await.problem().attempts_left,
            Some(left),
            "one count for both ways"
        );
    }
    let tan = member.press();
    assert!(matches!(page(&stage, "m.muster", "falsch", &tan).await, Outcome::Locked));
    assert!(matches!(page(&stage, "m.muster", PASSWORD, &member.press()).await, Outcome::Locked));
    assert!(matches!(page(&stage, "nobody", PASSWORD, "123456").await, Outcome::Refused { attempts_left: 4 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_sent_twice_has_one_ticket_and_a_tan_opens_one_way_only() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let tan = member.press();
    let entries = Entries {
        attempt_id: AttemptId(random().unwrap()),
        username: "m.muster".into(),
        password: Secret::new(PASSWORD),
        tan: Secret::new(tan.as_str()),
    };
    let from = "127.0.0.1".parse().unwrap();
    let sent = async || handoff::sign_in(&stage.gateway, from, b"form", entries.clone()).await.unwrap();
    let (first, second) = tokio::join!(sent(), sent());
    assert!(matches!(first, Outcome::HandedOff(_)));
    assert_eq!(first, second);
    assert_eq!(stage.sign_in("m.muster", PASSWORD, &tan).await.fault(), FaultCode::Refused, "its TAN is spent");
    assert!(matches!(page(&stage, "m.muster", PASSWORD, &tan).await, Outcome::Refused { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_application_ends_it_for_both() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    for confirmed in [false, true] {
        let issued = issued(&stage, &mut member).await;
        let (own, other) = (request_for(&issued.ticket), request_for(&issued.ticket));
        digits(&redeem(&stage, &own).await);
        if confirmed {
            assert_eq!(confirm(&stage, &issued).await, PageState::Done);
        }
        assert_eq!(redeem(&stage, &other).await.fault(), FaultCode::HandoffRefused);
        let answer = redeem(&stage, &own).await;
        assert_eq!((answer.status, answer.fault()), (403, FaultCode::HandoffRefused));
        assert_eq!(state(&stage, &issued).await, PageState::Refused);
        assert_eq!(confirm(&stage, &issued).await, PageState::Refused);
    }
    assert_eq!(sessions(&stage).await, 0);
    let details: Vec<_> = stage.audited("handoff_refused").await.into_iter().map(|row| row.detail).collect();
    assert_eq!(details, ["a second application", "a second application"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_the_ticket_has_no_session_of_somebody_elses_keys() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let issued = issued(&stage, &mut member).await;
    let own = request_for(&issued.ticket);
    redeem(&stage, &own).await;
    confirm(&stage, &issued).await;
    let grant = redeem(&stage, &own).await.grant();
    // The session has begun with the keys whose digits the member has seen; the ticket is worth nothing any more.
    let other = redeem(&stage, &request_for(&issued.ticket)).await;
    assert_eq!((other.status, other.fault()), (410, FaultCode::HandoffOver));
    let key = serde_json::from_str::<Value>(&own).unwrap()["client_public_key"].clone();
    let without = json!({ "ticket": issued.ticket.expose(), "client_public_key": key,
        "client": { "version": flexnet_protocol::VERSION, "os": "linux" } });
    assert_eq!(
        redeem(&stage, &without.to_string()).await.fault(),
        FaultCode::HandoffOver,
        "not by the public key alone"
    );
    let live = stage.connect().await.call("GET", "/v1/session", Some(&grant.session_token), "").await;
    assert_eq!(live.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_applications_at_once_get_nothing() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let issued = issued(&stage, &mut member).await;
    let bodies: Vec<_> = (0..30).map(|_| request_for(&issued.ticket)).collect();
    let answers = at_once(&stage, bodies).await;
    let shown = answers.iter().filter(|answer| answer.status == 202).count();
    assert!(shown <= 1, "{shown} applications show digits");
    assert!(answers.iter().filter(|answer| answer.status != 202).all(|a| a.fault() == FaultCode::HandoffRefused));
    assert_eq!(confirm(&stage, &issued).await, PageState::Refused);
    assert_eq!(sessions(&stage).await, 0);
    assert_eq!(stage.audited("handoff_refused").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_twice_and_at_once_is_one_session() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let issued = issued(&stage, &mut member).await;
    let request = request_for(&issued.ticket);
    let shown: Vec<_> = at_once(&stage, vec![request.clone(); 20]).await.iter().map(digits).collect();
    assert!(shown.iter().all(|digits| *digits == shown[0]), "{shown:?}");
    let yes = futures_util::future::join_all((0..20).map(|_| confirm(&stage, &issued))).await;
    assert!(yes.iter().all(|state| *state == PageState::Done));
    let grants: Vec<_> = at_once(&stage, vec![request; 20]).await.iter().map(Answer::grant).collect();
    assert!(grants.iter().all(|grant| *grant == grants[0]));
    assert_eq!(sessions(&stage).await, 1);
    assert_eq!(stage.tunnel.installed().len(), 1);
    for event in ["handoff_redeemed", "handoff_confirmed", "session_started"] {
        assert_eq!(stage.audited(event).await.len(), 1, "{event}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn yes_and_no_at_once_is_one_of_them() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    for _ in 0..5 {
        let issued = issued(&stage, &mut member).await;
        let request = request_for(&issued.ticket);
        digits(&redeem(&stage, &request).await);
        let before = sessions(&stage).await;
        let no = handoff::refuse(&stage.gateway, &issued.page_cookie, NETWORK);
        let (yes, no, answer) = tokio::join!(confirm(&stage, &issued), no, redeem(&stage, &request));
        let (last, shown) = (redeem(&stage, &request).await, state(&stage, &issued).await);
        let begun = sessions(&stage).await - before;
        match last.status {
            201 => assert_eq!((begun, &shown), (1, &PageState::Done), "{yes:?} {no:?} {answer:?}"),
            403 => assert_eq!((begun, &shown), (0, &PageState::Refused), "{yes:?} {no:?} {answer:?}"),
            _ => panic!("{last:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_is_told_to_the_application() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let issued = issued(&stage, &mut member).await;
    let request = request_for(&issued.ticket);
    digits(&redeem(&stage, &request).await);
    let waiting = waiting(&stage, &request).await;
    let no = handoff::refuse(&stage.gateway, &issued.page_cookie, NETWORK).await.unwrap();
    assert_eq!(no, PageState::Refused);
    assert_eq!(waiting.await.unwrap().fault(), FaultCode::HandoffRefused);
    assert_eq!(stage.audited("handoff_refused").await[0].detail, "by the member");
}

async fn give_up(stage: &Stage, request: &str) {
    let answer = stage.connect().await.call("POST", "/v1/sessions/redeem/refuse", None, request).await;
    assert_eq!(answer.status, 204, "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn given_up_in_the_application_it_opens_nothing_any_more() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    for confirmed in [false, true] {
        let issued = issued(&stage, &mut member).await;
        let request = request_for(&issued.ticket);
        digits(&redeem(&stage, &request).await);
        if confirmed {
            assert_eq!(confirm(&stage, &issued).await, PageState::Done);
        }
        give_up(&stage, &request).await;
        assert_eq!(state(&stage, &issued).await, PageState::Refused);
        assert_eq!(confirm(&stage, &issued).await, PageState::Refused);
        assert_eq!(redeem(&stage, &request).await.fault(), FaultCode::HandoffRefused);
        give_up(&stage, &request).await;
    }
    let details: Vec<_> = stage.audited("handoff_refused").await.into_iter().map(|row| row.detail).collect();
    assert_eq!(details, ["in the application"; 2]);
    assert_eq!(sessions(&stage).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_has_taken_a_ticket_gives_it_up_and_no_session_ends_by_that() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let issued = issued(&stage, &mut member).await;
    let request = request_for(&issued.ticket);
    for before in ["issued", "redeemed"] {
        if before == "redeemed" {
            digits(&redeem(&stage, &request).await);
        }
        give_up(&stage, &request_for(&issued.ticket)).await;
        give_up(&stage, &request_for(&Secret::new(BASE64URL_NOPAD.encode(&[7; 16])))).await;
        assert!(!matches!(state(&stage, &issued).await, PageState::Refused), "{before}");
    }
    assert_eq!(confirm(&stage, &issued).await, PageState::Done);
    let grant = redeem(&stage, &request).await.grant();
    give_up(&stage, &request).await;
    let live = stage.connect().await.call("GET", "/v1/session", Some(&grant.session_token), "").await;
    assert_eq!(live.status, 200);
    assert!(stage.audited("handoff_refused").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_has_a_minute() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let over = async |request: &str| {
        let answer = redeem(&stage, request).await;
        assert_eq!((answer.status, answer.fault()), (410, FaultCode::HandoffOver));
    };
    let late = issued(&stage, &mut member).await;
    stage.gateway.clock.shift(61);
    over(&request_for(&late.ticket)).await;
    assert_eq!(state(&stage, &late).await, PageState::Expired);

    let unconfirmed = issued(&stage, &mut member).await;
    let request = request_for(&unconfirmed.ticket);
    stage.gateway.clock.shift(50);
    digits(&redeem(&stage, &request).await);
    stage.gateway.clock.shift(50);
    digits(&redeem(&stage, &request).await);
    stage.gateway.clock.shift(11);
    over(&request).await;
    assert_eq!(confirm(&stage, &unconfirmed).await, PageState::Expired);

    let unfetched = issued(&stage, &mut member).await;
    let request = request_for(&unfetched.ticket);
    digits(&redeem(&stage, &request).await);
    assert_eq!(confirm(&stage, &unfetched).await, PageState::Done);
    stage.gateway.clock.shift(61);
    over(&request).await;
    assert_eq!(state(&stage, &unfetched).await, PageState::Expired);
    assert_eq!(sessions(&stage).await, 0);

    let answered = issued(&stage, &mut member).await;
    let request = request_for(&answered.ticket);
    digits(&redeem(&stage, &request).await);
    confirm(&stage, &answered).await;
    redeem(&stage, &request).await.grant();
    stage.gateway.clock.shift(61);
    over(&request).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_that_is_locked_meanwhile_loses_at_every_step() {
    let stage = Stage::on(STORE).await;
    for step in ["issued", "redeemed", "confirmed"] {
        let mut member = stage.member(&format!("m.{step}")).await;
        let issued = issued(&stage, &mut member).await;
        let request = request_for(&issued.ticket);
        if step != "issued" {
            digits(&redeem(&stage, &request).await);
        }
        if step == "confirmed" {
            assert_eq!(confirm(&stage, &issued).await, PageState::Done);
        }
        for _ in 0..5 {
            stage.sign_in(&member.username, "falsch", &member.wrong()).await;
        }
        if step == "redeemed" {
            assert_eq!(confirm(&stage, &issued).await, PageState::Refused);
        }
        for _ in 0..2 {
            assert_eq!(redeem(&stage, &request).await.fault(), FaultCode::Locked, "{step}");
        }
        assert_eq!(state(&stage, &issued).await, PageState::Refused, "{step}");
        // What was dead stays dead.
        stage.unlock(&member.username).await;
        assert_eq!(redeem(&stage, &request).await.fault(), FaultCode::HandoffRefused, "{step}");
    }
    assert_eq!(sessions(&stage).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_switched_off_meanwhile_loses_at_every_step() {
    let stage = Stage::on(STORE).await;
    for step in ["issued", "redeemed", "confirmed"] {
        let mut member = stage.member(&format!("m.{step}")).await;
        let issued = issued(&stage, &mut member).await;
        let request = request_for(&issued.ticket);
        if step != "issued" {
            digits(&redeem(&stage, &request).await);
        }
        if step == "confirmed" {
            assert_eq!(confirm(&stage, &issued).await, PageState::Done);
        }
        let mut write = stage.gateway.database.write().await.unwrap();
        let account = accounts::named(&mut write, &member.username).await.unwrap();
        accounts::set_active(&mut write, account.id, false).await.unwrap();
        write.commit().await.unwrap();
        if step == "redeemed" {
            assert_eq!(confirm(&stage, &issued).await, PageState::Refused);
        }
        assert_eq!(redeem(&stage, &request).await.fault(), FaultCode::AccountDisabled, "{step}");
        assert_eq!(state(&stage, &issued).await, PageState::Refused, "{step}");
    }
    assert_eq!(sessions(&stage).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_page_ends_the_older_one() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let older = issued(&stage, &mut member).await;
    let request = request_for(&older.ticket);
    digits(&redeem(&stage, &request).await);
    let newer = issued(&stage, &mut member).await;
    assert_eq!(state(&stage, &older).await, PageState::Refused);
    assert_eq!(redeem(&stage, &request).await.fault(), FaultCode::HandoffRefused);
    digits(&redeem(&stage, &request_for(&newer.ticket)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_dies_between_two_steps_goes_on_where_it_was() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let issued = issued(&stage, &mut member).await;
    let stage = stage.restart().await;
    let request = request_for(&issued.ticket);
    let shown = digits(&redeem(&stage, &request).await);
    let stage = stage.restart().await;
    assert!(matches!(state(&stage, &issued).await, PageState::Redeemed { digits, .. } if digits == shown));
    assert_eq!(confirm(&stage, &issued).await, PageState::Done);
    let stage = stage.restart().await;
    let grant = redeem(&stage, &request).await.grant();
    let stage = stage.restart().await;
    assert_eq!(redeem(&stage, &request).await.grant(), grant);
    assert_eq!(sessions(&stage).await, 1);
}

/// On PostgreSQL the one hears of the other by its news; on SQLite news do not leave the process, and the look once a second finds it.
#[tokio::test(flavor = "multi_thread")]
async fn page_and_application_may_stand_at_two_gateways() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let mut config = Config::load(&stage.folder.join("gateway.toml")).unwrap();
    config.database = stage.gateway.config.database.clone();
    config.id = "beside".into();
    let tunnel = Tunnel::default();
    let fake = tunnel.clone();
    let network = async |leases| Ok(Network::over(fake, leases).await);
    let beside = Gateway::start(config, stage.gateway.public_key.clone(), network).await.unwrap();
    let issued = issued(&stage, &mut member).await;
    let request = request_for(&issued.ticket);
    digits(&redeem(&stage, &request).await);
    let waiting = waiting(&stage, &request).await;
    let yes = handoff::confirm(&beside, &issued.page_cookie, NETWORK).await.unwrap();
    assert_eq!(yes, PageState::Done);
    waiting.await.unwrap().grant();
    assert_eq!(
        (stage.tunnel.installed().len(), tunnel.installed().len()),
        (1, 0),
        "it begins where the application stands"
    );
    beside.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_ticket_costs_nobody_anything() {
    let stage = Stage::on(STORE).await;
    let unknown = Secret::new(BASE64URL_NOPAD.encode(&[7; 16]));
    let answers = at_once(&stage, (0..200).map(|_| request_for(&unknown)).collect()).await;
    assert!(answers.iter().all(|answer| (answer.status, answer.fault()) == (410, FaultCode::HandoffOver)));
    for (request, fault) in [
        (request_for(&Secret::new("short")), FaultCode::EntryShape),
        (request_for(&unknown).replace("\"ticket\"", "\"token\""), FaultCode::BadRequest),
        (request_for(&unknown).replace(flexnet_protocol::VERSION, "0.0.0"), FaultCode::ClientTooOld),
        ("{".to_owned(), FaultCode::BadRequest),
    ] {
        assert_eq!(redeem(&stage, &request).await.fault(), fault, "{request}");
    }
    let cookie = Secret::new(BASE64URL_NOPAD.encode(&[8; 16]));
    assert_eq!(handoff::page_state(&stage.gateway, &cookie).await.unwrap(), PageState::Expired);
    assert_eq!(handoff::confirm(&stage.gateway, &cookie, NETWORK).await.unwrap(), PageState::Expired);
    assert_eq!(handoff::refuse(&stage.gateway, &cookie, NETWORK).await.unwrap(), PageState::Expired);
    assert!(stage.audited("handoff_refused").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_members_key_is_refused_and_the_ticket_lives() {
    let stage = Stage::on(STORE).await;
    let (mut member, mut other) = (stage.member("m.muster").await, stage.member("m.other").await);
    let tan = other.press();
    let taken = body("m.other", PASSWORD, &tan);
    stage.connect().await.post(&taken).await.grant();
    let key = serde_json::from_str::<Value>(&taken).unwrap()["client_public_key"].as_str().unwrap().to_owned();
    let issued = issued(&stage, &mut member).await;
    let request = request_for(&issued.ticket);
    let mut with_taken: Value = serde_json::from_str(&request).unwrap();
    with_taken["client_public_key"] = key.into();
    assert_eq!(redeem(&stage, &with_taken.to_string()).await.status, 422);
    digits(&redeem(&stage, &request).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_ticket_nor_cookie_nor_grant_is_readable_in_the_database() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let issued = issued(&stage, &mut member).await;
    let request = request_for(&issued.ticket);
    digits(&redeem(&stage, &request).await);
    confirm(&stage, &issued).await;
    let grant = redeem(&stage, &request).await.grant();
    for secret in [&issued.ticket, &issued.page_cookie, &grant.session_token] {
        assert_eq!(stage.holds(secret.expose().as_bytes()).await, Vec::<String>::new());
    }
    assert_eq!(stage.holds(grant.tunnel.preshared_key.bytes()).await, Vec::<String>::new());
    assert_eq!(format!("{issued:?}"), "Issued(***)");
}

/// Sends all at once, each over a connection of its own.
async fn at_once(stage: &Stage, bodies: Vec<String>) -> Vec<Answer> {
    let connections = bodies.len().min(40);
    let barrier = Arc::new(tokio::sync::Barrier::new(connections));
    let mut hands = Vec::new();
    for hand in 0..connections {
        let mut client = stage.connect().await;
        let bodies: Vec<_> = bodies.iter().skip(hand).step_by(connections).cloned().collect();
        let barrier = Arc::clone(&barrier);
        hands.push(tokio::spawn(async move {
            barrier.wait().await;
            let mut answers = Vec::new();
            for body in bodies {
                answers.push(client.call("POST", PATH, None, &body).await);
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
