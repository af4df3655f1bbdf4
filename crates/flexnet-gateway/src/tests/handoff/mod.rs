//! A sign-in on a page that goes on in the application: one session or none, whatever comes twice, at once, too late, from two sides or over a crash.

mod closed;
mod over_time;
mod twice;

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
