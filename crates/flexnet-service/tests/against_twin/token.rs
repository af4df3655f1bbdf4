//! What a member does about the token while a session lives, from the local socket to the gateway and back to whoever asked.

use flexnet_protocol::{
    FaultCode, Secret,
    gateway::EndReason,
    local::{Reply, Request},
    snapshot::State,
};

use crate::{
    bench::Bench,
    twin::{Answer, Line, Twin},
};

fn resync(first: &str, second: &str) -> Request {
    Request::ResyncToken { first: Secret::new(first), second: Secret::new(second) }
}

async fn connected() -> (Twin, Bench) {
    let twin = Twin::start().await;
    let mut bench = Bench::new(&twin.profile()).await;
    bench.connected().await;
    (twin, bench)
}

fn refused(reply: Reply) -> FaultCode {
    match reply {
        Reply::Refused(fault) => fault.code,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_lost_token_is_told_and_the_session_ends_with_that_reason() {
    let (twin, mut bench) = connected().await;
    assert_eq!(bench.ask(Request::ReportTokenLost).await, Reply::Done);
    let lost = |state: &State| matches!(state, State::SignedOut { ended: Some(ended), .. } if ended.reason == EndReason::TokenLost);
    bench.until("the end", lost).await;
    assert_eq!(bench.network.stands(), []);
    assert_eq!(twin.seen(|seen| seen.reported_lost), 1);
    assert_eq!(refused(bench.ask(Request::ReportTokenLost).await), FaultCode::SessionEnded);
}

#[tokio::test]
async fn a_lost_answer_to_the_report_is_asked_for_once_more() {
    let (twin, bench) = connected().await;
    twin.until("a question that stands", |seen| seen.waits.len() == 1).await;
    twin.lose(1);
    assert_eq!(bench.ask(Request::ReportTokenLost).await, Reply::Done);
    assert_eq!(twin.seen(|seen| seen.reported_lost), 2);
}

#[tokio::test]
async fn a_report_that_does_not_arrive_is_no_success_and_the_session_lives_on() {
    let (twin, mut bench) = connected().await;
    twin.set_line(Line::NotTls);
    assert_eq!(refused(bench.ask(Request::ReportTokenLost).await), FaultCode::NotTls);
    twin.set_line(Line::Good);
    assert_eq!(bench.ask(Request::SignOut).await, Reply::Accepted);
    bench.signed_out().await;
}

#[tokio::test]
async fn two_tans_bring_a_token_into_step() {
    let (twin, bench) = connected().await;
    assert_eq!(bench.ask(resync("555 001", "555 002")).await, Reply::Done);
    twin.seen(|seen| {
        assert_eq!(seen.resyncs.len(), 1);
        assert_eq!((seen.resyncs[0].first.expose(), seen.resyncs[0].second.expose()), ("555001", "555002"));
    });
    // What was sent is never sent again, and what cannot be right is not sent at all.
    assert_eq!(refused(bench.ask(resync("555002", "555003")).await), FaultCode::TanUsed);
    assert_eq!(refused(bench.ask(resync("000001", "555003")).await), FaultCode::TanUsed);
    assert_eq!(refused(bench.ask(resync("777001", "777001")).await), FaultCode::EntryShape);
    assert_eq!(twin.seen(|seen| seen.resyncs.len()), 1);
}

#[tokio::test]
async fn what_the_gateway_makes_of_them_comes_back_with_the_attempts_left() {
    let (twin, bench) = connected().await;
    twin.judge([
        Answer::Problem(403, FaultCode::TokenOutOfStep, Some(3)),
        Answer::Problem(403, FaultCode::Locked, None),
        Answer::Lost,
    ]);
    let wrong = |reply: Reply| match reply {
        Reply::WrongEntry(wrong) => (wrong.fault.code, wrong.attempts_left),
        other => panic!("{other:?}"),
    };
    assert_eq!(wrong(bench.ask(resync("555001", "555002")).await), (FaultCode::TokenOutOfStep, Some(3)));
    assert_eq!(wrong(bench.ask(resync("555003", "555004")).await), (FaultCode::Locked, None));
    // Lost, and asked for once more as the same attempt.
    assert_eq!(bench.ask(resync("555005", "555006")).await, Reply::Done);
    twin.seen(|seen| {
        assert_eq!(seen.resyncs.len(), 4);
        assert_eq!(seen.resyncs[2], seen.resyncs[3]);
        assert_ne!(seen.resyncs[0].attempt_id, seen.resyncs[1].attempt_id);
    });
}

#[tokio::test]
async fn tans_that_were_never_sent_may_be_sent_later() {
    let (twin, bench) = connected().await;
    twin.set_line(Line::NotTls);
    assert_eq!(refused(bench.ask(resync("555001", "555002")).await), FaultCode::NotTls);
    twin.set_line(Line::Good);
    assert_eq!(bench.ask(resync("555001", "555002")).await, Reply::Done);
}

#[tokio::test]
async fn without_a_session_nobody_is_asked() {
    let twin = Twin::start().await;
    let bench = Bench::new(&twin.profile()).await;
    assert_eq!(refused(bench.ask(Request::ReportTokenLost).await), FaultCode::SessionEnded);
    assert_eq!(refused(bench.ask(resync("555001", "555002")).await), FaultCode::SessionEnded);
    assert_eq!(twin.seen(|seen| seen.connections), 0);
}
