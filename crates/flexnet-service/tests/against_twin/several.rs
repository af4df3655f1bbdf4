//! Several gateways behind one name: one dies, and the session goes on at another without a TAN.

use flexnet_protocol::{FaultCode, profile::Profile, snapshot::State};
use flexnet_service::gateway::Gateway;

use crate::{
    bench::Bench,
    twin::{Line, Twin},
};

async fn two() -> (Twin, Twin, Gateway) {
    let first = Twin::start().await;
    let second = first.beside().await;
    let gateway = Gateway::new(&Profile::parse(&first.profile_with(&second)).unwrap()).unwrap();
    (first, second, gateway)
}

#[tokio::test]
async fn a_session_goes_on_at_another_gateway_when_its_own_dies() {
    for line in [Line::Cut, Line::Silent] {
        let (first, second, _) = two().await;
        let mut bench = Bench::new(&first.profile_with(&second)).await;
        bench.connected().await;
        let (before, _) = bench.network.wanted().unwrap();
        assert_eq!(before.tunnel.endpoints, [first.tunnel_end()]);
        first.until("a question that stands", |seen| seen.waits.len() == 1).await;

        bench.network.be_silent(Some(FaultCode::TunnelNoHandshake.into()));
        first.die(line);
        bench.until("reconnecting", |state| matches!(state, State::Reconnecting { .. })).await;
        second.until("new keys", |seen| seen.resumed.len() == 1).await;
        bench.network.be_silent(None);
        bench.until("connected", |state| matches!(state, State::Connected { .. })).await;

        let (after, reachable) = bench.network.wanted().unwrap();
        assert_eq!(after.tunnel.endpoints, [second.tunnel_end()]);
        assert_ne!(after.tunnel.addresses, before.tunnel.addresses);
        assert_eq!(reachable, [first.address, second.address], "the way back stays open");
        assert_eq!(bench.network.applied(), 2);
        assert_eq!(first.seen(|seen| (seen.sign_ins.len(), seen.resumed.len())), (1, 0));
        assert!(second.seen(|seen| seen.sign_ins.is_empty()), "no TAN was asked for");
        bench.end().await;
        assert_eq!(second.seen(|seen| seen.sign_outs), 1);
    }
}

/// A gateway whose process hangs still takes connections: the kernel does that.
#[tokio::test]
async fn an_end_that_takes_connections_and_says_nothing_is_passed_over() {
    for line in [Line::Cut, Line::Silent] {
        let (first, second, gateway) = two().await;
        first.set_line(line);
        let connection = gateway.connect().await.unwrap();
        assert_eq!(connection.end(), Some(second.address), "{line:?}");
        second.set_line(line);
        let code = gateway.connect().await.err().unwrap().code;
        assert_eq!(code, if line == Line::Cut { FaultCode::ConnectionCut } else { FaultCode::TlsSilent });
    }
}

/// An interceptor sits before all of them: what it is must be told, not gone around.
#[tokio::test]
async fn what_is_no_silence_is_told_at_once() {
    let (first, second, gateway) = two().await;
    first.set_line(Line::NotTls);
    assert_eq!(gateway.connect().await.err().unwrap().code, FaultCode::NotTls);
    assert_eq!(second.seen(|seen| seen.connections), 0);
}

#[tokio::test]
async fn the_tunnel_is_carried_by_the_gateway_that_granted_it() {
    let (first, second, gateway) = two().await;
    let granting = gateway.granting(&[second.tunnel_end()], Some(second.address));
    assert_eq!(granting.connect().await.unwrap().end(), Some(second.address));
    assert_eq!(first.seen(|seen| seen.connections), 0);
    // By the address of its tunnel, where a proxy hides to whom was spoken.
    let by_address = gateway.granting(&[([127, 0, 0, 1], 51820).into()], None);
    assert_eq!(by_address.tcp_ends(), [first.address, second.address]);
    let unknown = gateway.granting(&[second.tunnel_end()], None);
    assert_eq!(unknown.tcp_ends(), [first.address, second.address]);
}

#[tokio::test]
async fn where_nobody_answered_is_tried_last() {
    let (first, second, gateway) = two().await;
    let connection = gateway.avoiding(Some(first.address)).connect().await.unwrap();
    assert_eq!(connection.end(), Some(second.address));
    assert_eq!(gateway.avoiding(Some(first.address)).tcp_ends().len(), 2);
    let connection = gateway.avoiding(None).connect().await.unwrap();
    assert_eq!(connection.end(), Some(first.address));
}
