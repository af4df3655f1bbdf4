//! The tunnel's first packet travels beside the entry: it is taken over by what is granted, and leaves nothing where nothing is.

use std::sync::Arc;

use flexnet_protocol::{
    FaultCode, Key,
    gateway::TunnelHint,
    local::Request,
    snapshot::{Counted, State},
};
use tokio::sync::Notify;

use crate::{
    bench::Bench,
    twin::{Answer, Twin},
};

/// As the twin grants it.
fn hint() -> TunnelHint {
    TunnelHint { public_key: Key::new([1; 32]), endpoints: vec!["203.0.113.10:51820".parse().unwrap()] }
}

/// A service that has heard this hint while somebody typed.
async fn knowing(hint: TunnelHint) -> (Twin, Bench) {
    let twin = Twin::start().await;
    twin.set_hint(Some(hint));
    let mut bench = Bench::new(&twin.profile()).await;
    bench.ask(Request::Prepare).await;
    twin.until("a question", |seen| seen.infos == 1).await;
    // A refusal, because after it the answer has been read for certain.
    twin.answer([Answer::Problem(503, FaultCode::GatewayBusy, None)]);
    bench.sign_in().await;
    assert_eq!(bench.failed().await, (FaultCode::GatewayBusy, Counted::No));
    bench.ask(Request::Acknowledge).await;
    (twin, bench)
}

#[tokio::test]
async fn what_is_granted_takes_the_first_packet_over() {
    let (twin, mut bench) = knowing(hint()).await;
    let told = Arc::new(Notify::new());
    twin.answer([Answer::Wait(told.clone())]);
    bench.sign_in().await;
    twin.until("the entry", |seen| seen.sign_ins.len() == 2).await;
    let early = bench.network.ahead().expect("nothing was sent before the answer");
    twin.seen(|seen| {
        let entry = seen.sign_ins.last().unwrap();
        assert_eq!(entry.preshared_key.as_ref(), Some(&early.keys.preshared_key));
        assert_eq!(entry.client_public_key, early.keys.private_key.public_key());
        assert_ne!(seen.sign_ins[0].client_public_key, entry.client_public_key, "every attempt has keys of its own");
    });
    told.notify_one();
    bench.until("connected", |state| matches!(state, State::Connected { .. })).await;
    assert_eq!((bench.network.applied(), bench.network.taken_over()), (1, 1));
    assert!(bench.network.ahead().is_none());
    bench.ask(Request::SignOut).await;
    bench.signed_out().await;
    assert_eq!(bench.network.stands(), []);
}

#[tokio::test]
async fn a_hint_that_is_wrong_costs_nothing() {
    let other = TunnelHint { public_key: Key::new([9; 32]), ..hint() };
    let inside = TunnelHint { endpoints: vec!["10.210.0.5:51820".parse().unwrap()], ..hint() };
    for hint in [other, inside] {
        let (_twin, mut bench) = knowing(hint).await;
        bench.connected().await;
        assert_eq!((bench.network.applied(), bench.network.taken_over()), (1, 0));
    }
    // Nor does a gateway that makes the preshared key itself.
    let (twin, mut bench) = knowing(hint()).await;
    twin.answer([Answer::OwnKey]);
    bench.connected().await;
    assert_eq!((bench.network.applied(), bench.network.taken_over()), (1, 0));
}

#[tokio::test]
async fn a_sign_in_that_opens_nothing_leaves_nothing() {
    let (twin, mut bench) = knowing(hint()).await;
    for answer in [Answer::Problem(403, FaultCode::Refused, Some(4)), Answer::Problem(403, FaultCode::Locked, None)] {
        twin.answer([answer]);
        bench.sign_in().await;
        let over = |state: &State| matches!(state, State::SignedOut { refused: Some(_), .. } | State::Locked { .. });
        bench.until("told", over).await;
        // The word goes out with the picture; the next job is done after it.
        bench.ask(Request::Repair).await;
        assert_eq!(bench.network.stands(), []);
        assert!(bench.network.ahead().is_none());
        bench.ask(Request::Acknowledge).await;
    }
    twin.answer([Answer::WideGrant]);
    bench.sign_in().await;
    assert_eq!(bench.failed().await, (FaultCode::GrantOutsideProfile, Counted::No));
    bench.ask(Request::Repair).await;
    assert_eq!(bench.network.stands(), []);
    bench.ask(Request::Acknowledge).await;

    let told = Arc::new(Notify::new());
    let entries = twin.seen(|seen| seen.sign_ins.len());
    twin.answer([Answer::Wait(told.clone())]);
    bench.sign_in().await;
    twin.until("the entry", |seen| seen.sign_ins.len() > entries).await;
    assert!(bench.network.ahead().is_some());
    bench.ask(Request::Cancel).await;
    bench.signed_out().await;
    bench.ask(Request::Repair).await;
    assert_eq!(bench.network.stands(), []);
    assert_eq!(bench.network.applied(), 0);
    told.notify_one();
    let network = bench.network.clone();
    bench.end().await;
    assert_eq!(network.stands(), []);
}
