//! A sign-in that a browser hands over, from the local socket to the gateway and back.

use std::sync::Arc;

use flexnet_protocol::{
    FaultCode, Secret,
    local::{Reply, Request},
    snapshot::{Counted, State},
};
use tokio::sync::Notify;

use crate::{
    bench::Bench,
    twin::{Answer, Line, Twin},
};

const TICKET: &str = "MDEyMzQ1Njc4OWFiY2RlZg";

fn redeem() -> Request {
    Request::Redeem { ticket: Secret::new(TICKET) }
}

async fn confirming(twin: &Twin, answers: impl IntoIterator<Item = Answer>) -> Bench {
    twin.hand_off([Answer::Digits("47")]);
    twin.hand_off(answers);
    let mut bench = Bench::new(&twin.profile()).await;
    assert_eq!(bench.ask(redeem()).await, Reply::Accepted);
    bench.until("digits", |state| matches!(state, State::Confirming { digits, .. } if digits == "47")).await;
    bench
}

fn connected(state: &State) -> bool {
    matches!(state, State::Connected { .. })
}

#[tokio::test]
async fn from_the_ticket_to_connected_once_the_page_has_confirmed() {
    let twin = Twin::start().await;
    let confirmed = Arc::new(Notify::new());
    let mut bench = confirming(&twin, [Answer::Digits("47"), Answer::Wait(confirmed.clone())]).await;
    assert_eq!(bench.network.applied(), 0, "nothing is built before that");
    twin.until("a question that waits", |seen| seen.redeemed.len() == 3).await;
    confirmed.notify_one();
    bench.until("connected", connected).await;
    twin.seen(|seen| {
        let waits: Vec<bool> = seen.redeemed.iter().map(|(_, waits)| *waits).collect();
        assert_eq!(waits, [false, true, true]);
        assert!(seen.redeemed.iter().all(|(body, _)| *body == seen.redeemed[0].0), "any other byte ends the hand-off");
        assert!(seen.sign_ins.is_empty());
    });
    bench.end().await;
    assert_eq!(twin.seen(|seen| seen.sign_outs), 1);
}

#[tokio::test]
async fn the_time_to_confirm_is_the_gateways_whatever_this_pcs_clock_says() {
    let twin = Twin::start().await;
    twin.set_server_time(4_000_000_000);
    twin.hand_off([Answer::Digits("07"), Answer::Hang]);
    let mut bench = Bench::new(&twin.profile()).await;
    bench.ask(redeem()).await;
    let shown = bench.until("digits", |state| matches!(state, State::Confirming { .. })).await;
    let State::Confirming { digits, expires } = shown.state else { unreachable!() };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let left = expires - i64::try_from(now).unwrap();
    assert!(digits == "07" && (30..=60).contains(&left), "{left}");
    assert_eq!(bench.ask(Request::Cancel).await, Reply::Accepted);
    bench.signed_out().await;
}

#[tokio::test]
async fn lost_lines_and_answers_are_made_good_with_the_same_bytes() {
    let twin = Twin::start().await;
    twin.hand_off([Answer::Lost]);
    let mut bench = confirming(&twin, [Answer::Lost, Answer::Garbage, Answer::Grant]).await;
    bench.until("connected", connected).await;
    twin.seen(|seen| {
        assert_eq!(seen.redeemed.len(), 5);
        assert!(seen.redeemed.iter().all(|(body, _)| *body == seen.redeemed[0].0));
    });
}

#[tokio::test]
async fn every_refusal_ends_in_its_fault_and_counts_nothing() {
    for (status, code) in [
        (410, FaultCode::HandoffOver),
        (403, FaultCode::HandoffRefused),
        (403, FaultCode::AccountDisabled),
        (503, FaultCode::Maintenance),
    ] {
        let twin = Twin::start().await;
        let mut bench = confirming(&twin, [Answer::Problem(status, code, None)]).await;
        assert_eq!(bench.failed().await, (code, Counted::No));
        assert_eq!(bench.network.applied(), 0);
    }
    let twin = Twin::start().await;
    twin.hand_off([Answer::Problem(410, FaultCode::HandoffOver, None)]);
    let mut bench = Bench::new(&twin.profile()).await;
    bench.ask(redeem()).await;
    assert_eq!(bench.failed().await, (FaultCode::HandoffOver, Counted::No));
    let twin = Twin::start().await;
    let mut bench = confirming(&twin, [Answer::Problem(403, FaultCode::Locked, None)]).await;
    bench.until("locked", |state| matches!(state, State::Locked { .. })).await;
}

#[tokio::test]
async fn a_gateway_that_cannot_be_reached_gets_no_ticket() {
    let twin = Twin::start().await;
    twin.set_line(Line::NotTls);
    let mut bench = Bench::new(&twin.profile()).await;
    bench.ask(redeem()).await;
    assert_eq!(bench.failed().await, (FaultCode::NotTls, Counted::No));
    assert!(twin.seen(|seen| seen.redeemed.is_empty()));
}

#[tokio::test]
async fn given_up_it_opens_nothing_even_if_the_page_confirms_later() {
    let twin = Twin::start().await;
    let confirmed = Arc::new(Notify::new());
    let mut bench = confirming(&twin, [Answer::Wait(confirmed.clone())]).await;
    assert_eq!(bench.ask(Request::Cancel).await, Reply::Accepted);
    bench.signed_out().await;
    confirmed.notify_one();
    twin.until("a sign-out", |seen| seen.sign_outs == 1).await;
    assert_eq!(bench.network.applied(), 0);
    bench.connected().await;
}

#[tokio::test]
async fn a_session_is_not_disturbed_and_a_broken_ticket_goes_nowhere() {
    let twin = Twin::start().await;
    let mut bench = Bench::new(&twin.profile()).await;
    let broken = Request::Redeem { ticket: Secret::new("zu kurz") };
    assert!(matches!(bench.ask(broken).await, Reply::Refused(fault) if fault.code == FaultCode::LinkBroken));
    bench.connected().await;
    assert!(matches!(bench.ask(redeem()).await, Reply::Refused(fault) if fault.code == FaultCode::AlreadySignedIn));
    assert!(twin.seen(|seen| seen.redeemed.is_empty()));
}
