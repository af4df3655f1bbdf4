//! What a running session asks for: to go on at another gateway, a token lost, a token back in step, its end.

use flexnet_protocol::gateway::EndReason;

use super::{hand_off::HandOff, *};

pub async fn keeps(crashes: &Crashes) {
    let mut member = crashes.member().await;
    let grant = crashes.enter(&mut member).await;
    for step in crashes.steps(resume(crashes, 1, &grant, &keys())).await {
        // After the crash the client may ask either of the two.
        for there in [0, 1] {
            goes_on_elsewhere(crashes, step, there).await;
        }
    }
    for step in crashes.steps(ask(crashes, &grant, "DELETE", "/v1/session", "")).await {
        ends(crashes, step).await;
    }
    let grant = crashes.enter(&mut member).await;
    for wrong in [false, true] {
        let request = if wrong { request_of(&member.wrong(), &member.wrong()) } else { two_tans(&mut member, 50) };
        for step in crashes.steps(resynchronise(crashes, &grant, &request)).await {
            brings_a_token_back(crashes, step, wrong).await;
        }
    }
    for step in crashes.steps(ask(crashes, &grant, "POST", LOST, "")).await {
        loses_a_token(crashes, step).await;
    }
}

const LOST: &str = "/v1/session/report-token-lost";

async fn ask(crashes: &Crashes, grant: &Grant, method: &str, path: &str, body: &str) -> Option<Answer> {
    crashes.fleet.call(0, method, path, Some(&grant.session_token), body).await
}

async fn resume(crashes: &Crashes, number: usize, grant: &Grant, keys: &str) -> Option<Answer> {
    crashes.fleet.call(number, "POST", "/v1/session/resume", Some(&grant.session_token), keys).await
}

async fn resynchronise(crashes: &Crashes, grant: &Grant, request: &str) -> Option<Answer> {
    ask(crashes, grant, "POST", "/v1/session/resync-token", request).await
}

fn keys() -> String {
    let key = || BASE64.encode(&random::<32>().unwrap());
    json!({ "client_public_key": key(), "preshared_key": key() }).to_string()
}

/// Two in a row, so far ahead.
fn two_tans(member: &mut Member, ahead: u64) -> String {
    member.presses += ahead;
    request_of(&member.press(), &member.press())
}

fn request_of(first: &str, second: &str) -> String {
    let attempt = BASE64URL_NOPAD.encode(&random::<16>().unwrap());
    json!({ "attempt_id": attempt, "first": first, "second": second }).to_string()
}

async fn goes_on_elsewhere(crashes: &Crashes, step: Step, there: usize) {
    let case = format!("{step:?}, then at {there}");
    let mut member = crashes.member().await;
    let (grant, keys) = (crashes.enter(&mut member).await, keys());
    crashes.die(1, step, resume(crashes, 1, &grant, &keys)).await;

    let answer = resume(crashes, there, &grant, &keys).await.unwrap();
    assert_eq!(answer.status, 200, "{case}: {answer:?}");
    let resumed: Grant = serde_json::from_value(answer.body.clone()).unwrap();
    assert_eq!((&resumed.session_id, &resumed.session_token), (&grant.session_id, &grant.session_token), "{case}");
    assert_eq!(crashes.live(&member).await, std::slice::from_ref(&grant.session_id), "{case}");
    let place = sqlx::query_as("SELECT gateway, addresses FROM session WHERE name = $1").bind(&grant.session_id);
    let place: (String, String) = place.fetch_one(crashes.fleet.database.read()).await.unwrap();
    let addresses: Vec<_> = resumed.tunnel.addresses.iter().map(|network| network.addr()).collect();
    assert_eq!(place, (format!("gw{there}"), crate::leases::format(&addresses)), "{case}");
    // It moved there, stayed where it was, or came back.
    let written = matches!(step, Step::Resumed | Step::PeersSettled);
    let rows = if written && there == 0 { 2 } else { 1 };
    let again = resume(crashes, there, &grant, &keys).await.unwrap();
    assert_eq!((again.status, &again.body), (200, &answer.body), "{case}: the same keys again");
    assert_eq!(crashes.rows("session_resumed", &member).await, rows, "{case}");
    assert_eq!(crashes.rows("attempt", &member).await, 1, "{case}: no TAN");
}

async fn ends(crashes: &Crashes, step: Step) {
    let mut member = crashes.member().await;
    let grant = crashes.enter(&mut member).await;
    crashes.die(0, step, ask(crashes, &grant, "DELETE", "/v1/session", "")).await;
    let answer = ask(crashes, &grant, "DELETE", "/v1/session", "").await.unwrap();
    is_over(crashes, &member, &grant, &answer, (step, Step::Ending), EndReason::SignedOut).await;
    crashes.enter(&mut member).await;
}

async fn loses_a_token(crashes: &Crashes, step: Step) {
    let mut member = crashes.member().await;
    let grant = crashes.enter(&mut member).await;
    let tan = member.press();
    let hand_off = HandOff::of(0, &crashes.page(&form(&member, PASSWORD, &tan)).await.unwrap());
    crashes.die(0, step, ask(crashes, &grant, "POST", LOST, "")).await;

    let answer = ask(crashes, &grant, "POST", LOST, "").await.unwrap();
    is_over(crashes, &member, &grant, &answer, (step, Step::Reporting), EndReason::TokenLost).await;
    hand_off.opens_nothing(crashes, &format!("{step:?}")).await;
    assert_eq!(crashes.rows("token_lost", &member).await, 1, "{step:?}");
    let tan = member.press();
    let entry = crashes.post(&body(&member.username, PASSWORD, &tan)).await.unwrap();
    assert_eq!(entry.fault(), FaultCode::Refused, "{step:?}");
}

/// Whoever asks again, after a crash at a step, is told that it is done now, or that it was done: behind the last step before its commit.
async fn is_over(
    crashes: &Crashes,
    member: &Member,
    grant: &Grant,
    answer: &Answer,
    (step, last): (Step, Step),
    reason: EndReason,
) {
    if step > last || step == Step::PeersSettled {
        assert_eq!((answer.status, answer.problem().end_reason), (410, Some(reason)), "{step:?}");
    } else {
        assert_eq!(answer.status, 204, "{step:?}: {answer:?}");
    }
    assert_eq!(crashes.live(member).await, Vec::<String>::new(), "{step:?}");
    assert_eq!(crashes.rows("session_ended", member).await, 1, "{step:?}");
    let state = ask(crashes, grant, "GET", "/v1/session", "").await.unwrap();
    assert_eq!((state.status, state.problem().end_reason), (410, Some(reason)), "{step:?}");
}

async fn brings_a_token_back(crashes: &Crashes, step: Step, wrong: bool) {
    let case = format!("{step:?}, wrong: {wrong}");
    let mut member = crashes.member().await;
    let grant = crashes.enter(&mut member).await;
    let request = if wrong { request_of(&member.wrong(), &member.wrong()) } else { two_tans(&mut member, 50) };
    crashes.die(0, step, resynchronise(crashes, &grant, &request)).await;

    let answer = resynchronise(crashes, &grant, &request).await.unwrap();
    // Counted, and whether it was right will never be known.
    let undecided = matches!(step, Step::Counted | Step::TanSpent | Step::Resynchronising);
    let left = if wrong || undecided {
        assert_eq!((answer.fault(), answer.problem().attempts_left), (FaultCode::TokenOutOfStep, Some(4)), "{case}");
        4
    } else {
        assert_eq!(answer.status, 204, "{case}: {answer:?}");
        5
    };
    assert_eq!(crashes.left(&member).await, left, "{case}");
    // Nothing of it was done, or all of it.
    let select = sqlx::query_scalar("SELECT last FROM token WHERE serial = $1").bind(format!("T-{}", member.username));
    let last: i64 = select.fetch_one(crashes.fleet.database.read()).await.unwrap();
    let done = usize::from(left == 5);
    assert_eq!((last, crashes.rows("token_resynchronised", &member).await), ([0, 52][done], done), "{case}");
    assert_eq!(crashes.rows("attempt", &member).await, 2, "{case}: one row each");
    assert_eq!(crashes.fleet.open().await, 0, "{case}");
    let again = resynchronise(crashes, &grant, &request).await.unwrap();
    assert_eq!((again.status, &again.body), (answer.status, &answer.body), "{case}: the same attempt");
    assert_eq!(
        crashes.live(&member).await,
        std::slice::from_ref(&grant.session_id),
        "{case}: who is inside stays inside"
    );
    // The next two bring it back, and then it opens.
    let next = two_tans(&mut member, 0);
    assert_eq!(resynchronise(crashes, &grant, &next).await.unwrap().status, 204, "{case}");
    let entered = crashes.enter(&mut member).await;
    assert_eq!(entered.failures_before, u32::from(left == 4), "{case}");
}
