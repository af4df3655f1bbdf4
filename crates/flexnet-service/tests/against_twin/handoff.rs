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
    twin::{Answer, Line, MEMBER, Twin},
};

const TICKET: &str = "MDEyMzQ1Njc4OWFiY2RlZg";

fn redeem() -> Request {
    Request::Redeem { ticket: Secret::new(TICKET) }
}

fn is_own(name: Option<&str>) -> Request {
    Request::ConfirmIdentity { display_name: name.map(str::to_owned) }
}

/// The member is asked whose access the link opens.
async fn asked(twin: &Twin, answers: impl IntoIterator<Item = Answer>) -> Bench {
    twin.hand_off([Answer::Digits("47")]);
    twin.hand_off(answers);
    let mut bench = Bench::new(&twin.profile()).await;
    assert_eq!(bench.ask(redeem()).await, Reply::Accepted);
    let asks = |state: &State| matches!(state, State::Confirming { display_name, digits: None, .. } if display_name.as_deref() == Some(MEMBER));
    bench.until("a question", asks).await;
    bench
}

/// It is the member's own.
async fn confirming(twin: &Twin, answers: impl IntoIterator<Item = Answer>) -> Bench {
    let mut bench = asked(twin, answers).await;
    assert_eq!(bench.ask(is_own(Some(MEMBER))).await, Reply::Accepted);
    let digits = |state: &State| matches!(state, State::Confirming { digits, .. } if digits.as_deref() == Some("47"));
    bench.until("digits", digits).await;
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
    let shown = bench.until("a question", |state| matches!(state, State::Confirming { .. })).await;
    let State::Confirming { expires, .. } = shown.state else { unreachable!() };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let left = expires - i64::try_from(now).unwrap();
    assert!((30..=60).contains(&left), "{left}");
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
    twin.until("a ticket that was given up", |seen| seen.refused.len() == 1).await;
    twin.seen(|seen| assert_eq!(seen.refused[0], seen.redeemed[0].0, "the bytes that took it"));
    // It was just being answered.
    confirmed.notify_one();
    twin.until("a sign-out", |seen| seen.sign_outs == 1).await;
    assert_eq!(bench.network.applied(), 0);
    bench.connected().await;
}

/// A link of somebody else's access, who says yes on their own page at once.
#[tokio::test]
async fn before_the_members_word_nothing_is_asked_that_could_begin_a_session() {
    let twin = Twin::start().await;
    let mut bench = asked(&twin, [Answer::Grant]).await;
    for other in [None, Some("Dr. Otto Andermann")] {
        let refused = bench.ask(is_own(other)).await;
        assert!(matches!(&refused, Reply::Refused(fault) if fault.code == FaultCode::HandoffOver), "{refused:?}");
    }
    assert_eq!(bench.ask(Request::Cancel).await, Reply::Accepted);
    bench.signed_out().await;
    twin.until("a ticket that was given up", |seen| seen.refused.len() == 1).await;
    twin.seen(|seen| {
        assert_eq!(seen.redeemed.len(), 1, "it was shown once and then never again");
        assert_eq!((seen.refused[0].clone(), seen.sign_outs), (seen.redeemed[0].0.clone(), 0));
    });
    assert_eq!(bench.network.applied(), 0);
}

/// The first answer is lost, and told again behind the page's yes.
#[tokio::test]
async fn a_session_that_begins_unasked_is_ended_at_once() {
    let twin = Twin::start().await;
    twin.hand_off([Answer::Lost, Answer::Grant]);
    let mut bench = Bench::new(&twin.profile()).await;
    bench.ask(redeem()).await;
    assert_eq!(bench.failed().await, (FaultCode::HandoffRefused, Counted::No));
    twin.until("a sign-out", |seen| seen.sign_outs == 1).await;
    assert_eq!(bench.network.applied(), 0);
}

#[tokio::test]
async fn a_name_that_cannot_be_shown_is_none() {
    for name in [None, Some(""), Some("Dr. Muster\u{202e}"), Some("x\ny")] {
        let twin = Twin::start().await;
        twin.hand_off([Answer::Unnamed(name)]);
        let mut bench = Bench::new(&twin.profile()).await;
        bench.ask(redeem()).await;
        let unnamed = |state: &State| matches!(state, State::Confirming { display_name: None, digits: None, .. });
        bench.until("a question without a name", unnamed).await;
        assert_eq!(bench.ask(is_own(None)).await, Reply::Accepted);
        bench.until("connected", connected).await;
    }
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
