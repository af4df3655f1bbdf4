//! A session that lives, from the socket to the gateway: the question that stands, the idle end put off, new keys, and every end that comes by itself.

use flexnet_protocol::{
    FaultCode,
    gateway::EndReason,
    local::{Reply, Request},
    snapshot::State,
};
use flexnet_service::network::Event;

use crate::{bench::Bench, twin::Twin};

fn ended(state: &State, reason: EndReason) -> bool {
    matches!(state, State::SignedOut { ended: Some(ended), .. } if ended.reason == reason)
}

async fn standing() -> (Twin, Bench) {
    let twin = Twin::start().await;
    let mut bench = Bench::new(&twin.profile()).await;
    bench.connected().await;
    twin.until("a question that stands", |seen| seen.waits.len() == 1).await;
    (twin, bench)
}

#[tokio::test]
async fn an_end_is_told_by_the_question_that_stands() {
    for reason in [EndReason::Desk, EndReason::NewerSignIn, EndReason::Idle] {
        let (twin, mut bench) = standing().await;
        let asked = twin.seen(|seen| seen.polls);
        assert_eq!(asked, 2, "one for the times, and the one that stands");
        twin.end(reason);
        bench.until("the end", |state| ended(state, reason)).await;
        assert_eq!(twin.seen(|seen| seen.polls), asked, "nothing more had to be asked");
        assert_eq!(bench.network.stands(), []);
        bench.end().await;
    }
}

#[tokio::test]
async fn one_word_puts_the_idle_end_off() {
    let (twin, bench) = standing().await;
    assert_eq!(bench.ask(Request::Extend).await, Reply::Accepted);
    twin.until("an extension", |seen| seen.extended == 1).await;
    bench.end().await;
}

#[tokio::test]
async fn without_a_session_nothing_is_put_off() {
    let twin = Twin::start().await;
    let bench = Bench::new(&twin.profile()).await;
    assert_eq!(bench.ask(Request::Extend).await, Reply::Accepted);
    bench.end().await;
    assert_eq!(twin.seen(|seen| (seen.extended, seen.connections)), (0, 0));
}

#[tokio::test]
async fn a_tunnel_that_the_gateway_knows_no_more_gets_new_keys_and_no_tan_is_asked_for() {
    let (twin, mut bench) = standing().await;
    bench.network.be_silent(Some(FaultCode::TunnelNoHandshake.into()));
    bench.network.happen(Event::Changed);
    bench.until("reconnecting", |state| matches!(state, State::Reconnecting { .. })).await;
    twin.until("new keys", |seen| seen.resumed.len() == 1).await;
    bench.network.be_silent(None);
    bench.until("connected", |state| matches!(state, State::Connected { .. })).await;
    assert_eq!(bench.network.applied(), 2, "exchanged once");
    twin.seen(|seen| {
        assert_eq!(seen.sign_ins.len(), 1);
        assert_ne!(seen.resumed[0].client_public_key, seen.sign_ins[0].client_public_key);
        assert!(seen.resumed[0].preshared_key.is_some());
    });
    bench.end().await;
    assert_eq!(twin.seen(|seen| seen.sign_outs), 1);
}

#[tokio::test]
async fn the_word_to_stop_is_followed_in_time_even_if_the_system_hangs() {
    let (twin, bench) = standing().await;
    bench.network.hang(true);
    bench.end().await;
    assert_eq!(twin.seen(|seen| seen.sign_outs), 1, "the gateway is told all the same");
}
