//! When the machine looks, asks and gives up, to the millisecond.

use flexnet_protocol::{
    FaultCode,
    gateway::EndReason,
    snapshot::{Ended, State},
};

use super::{START, Told, granted, measured, only_tunnel, proven, sign_in, silent, to_connected, without_portal};
use crate::{Input, Output};

const LOOK: Output = Output::Probe { fresh: true };

fn looks(seen: &[(u64, Output)]) -> Vec<u64> {
    seen.iter().filter(|(_, output)| *output == LOOK).map(|(at, _)| *at).collect()
}

fn asks(seen: &[(u64, Output)]) -> Vec<u64> {
    seen.iter().filter(|(_, output)| *output == Output::Poll).map(|(at, _)| *at).collect()
}

fn is_connected(told: &Told) -> bool {
    matches!(told.state(), State::Connected { .. })
}

fn lost() -> Told {
    let mut told = Told::new(to_connected());
    told.tell(measured(0, 1000));
    told.pass(15_000);
    assert!(matches!(told.state(), State::Reconnecting { .. }));
    told
}

#[test]
fn an_idle_tunnel_is_not_looked_through_and_the_gateway_is_asked_every_five_seconds() {
    let mut told = Told::new(to_connected());
    let mut sent = 0;
    for _ in 0..20 {
        let seen = told.pass(25_000);
        assert_eq!(looks(&seen), [0; 0], "a look would keep the session from going idle");
        assert_eq!(asks(&seen), [5_000, 10_000, 15_000, 20_000, 25_000]);
        // A keepalive.
        sent += 32;
        told.tell(measured(0, sent));
    }
    assert!(is_connected(&told));
}

#[test]
fn silence_is_looked_into_after_5_every_3_and_lost_after_15_seconds() {
    let mut told = Told::new(to_connected());
    told.tell(measured(0, 1000));
    assert_eq!(looks(&told.pass(5_000)), [5_000]);
    assert_eq!(told.tell(silent()), []);
    assert_eq!(looks(&told.pass(3_000)), [3_000]);
    told.tell(silent());
    assert_eq!(looks(&told.pass(3_000)), [3_000]);
    told.tell(silent());
    assert!(is_connected(&told), "11 seconds");
    assert_eq!(looks(&told.pass(3_999)), [3_000]);
    assert!(is_connected(&told), "14.999 seconds");
    let seen = told.pass(1);
    assert!(seen.contains(&(1, LOOK)), "{seen:?}");
    let State::Reconnecting { since, .. } = told.state() else { panic!("{:?}", told.state()) };
    assert_eq!(since, START.unix + 15);
}

#[test]
fn a_look_that_is_never_answered_does_not_stop_the_clock() {
    let mut told = Told::new(to_connected());
    told.tell(measured(0, 1000));
    told.pass(15_000);
    assert!(matches!(told.state(), State::Reconnecting { .. }));
    assert_eq!(looks(&told.pass(40_000)).len(), 2, "asked again every 20 seconds");
}

#[test]
fn anything_heard_ends_the_silence() {
    let mut told = Told::new(to_connected());
    told.tell(measured(0, 1000));
    told.pass(4_000);
    told.tell(measured(100, 1000));
    assert_eq!(looks(&told.pass(60_000)), [0; 0]);
    assert!(is_connected(&told));
}

#[test]
fn a_lost_tunnel_is_tried_every_three_seconds_and_comes_back_without_a_tan() {
    let mut told = lost();
    let begun = told.now.unix;
    for _ in 0..3 {
        told.tell(silent());
        assert_eq!(looks(&told.pass(3_000)), [3_000]);
    }
    told.tell(silent());
    let State::Reconnecting { since, next_try, .. } = told.state() else { panic!("{:?}", told.state()) };
    assert_eq!((since, next_try), (begun, told.now.unix + 3));
    told.tell(only_tunnel());
    assert!(matches!(told.state(), State::Reconnecting { .. }), "a handshake alone is no proof");
    assert_eq!(told.tell(proven()), []);
    assert!(is_connected(&told));
    assert_eq!(looks(&told.pass(30_000)), [0; 0]);
}

#[test]
fn the_gateway_is_asked_at_once_when_the_tunnel_is_lost() {
    let mut told = Told::new(to_connected());
    told.pass(6_000);
    told.tell(measured(0, 1000));
    let seen = told.pass(15_000);
    assert_eq!(asks(&seen), [4_000, 9_000, 14_000, 15_000]);
    told.tell(Input::SessionOver(EndReason::Desk));
    told.tell(Input::Undone);
    let ended = Some(Ended { at: told.now.unix, reason: EndReason::Desk });
    assert_eq!(told.state(), State::SignedOut { ended, refused: None });
}

#[test]
fn a_change_of_network_and_waking_are_proven_at_once() {
    for event in [Input::NetworkChanged, Input::Woke] {
        let mut told = Told::new(to_connected());
        told.pass(7_000);
        assert_eq!(told.tell(event), [LOOK, Output::Poll]);
        assert!(is_connected(&told));
        told.tell(proven());
        assert_eq!(looks(&told.pass(30_000)), [0; 0]);
    }
}

#[test]
fn after_a_change_one_failed_look_is_enough() {
    let mut told = Told::new(to_connected());
    told.pass(7_000);
    told.tell(Input::Woke);
    told.pass(2_000);
    let todo = told.tell(silent());
    assert!(matches!(told.state(), State::Reconnecting { .. }));
    assert!(todo.contains(&Output::Poll), "{todo:?}");
    told.tell(proven());
    assert!(is_connected(&told));
}

#[test]
fn a_burst_of_changes_is_one_look() {
    let mut told = Told::new(to_connected());
    told.pass(7_000);
    let mut seen = Vec::new();
    for _ in 0..50 {
        seen.extend(told.tell(Input::NetworkChanged).into_iter().map(|output| (0, output)));
        seen.extend(told.pass(10));
    }
    assert_eq!(looks(&seen).len(), 1);
    // The answer to the first says nothing about the last change: that is looked at after the burst.
    told.tell(proven());
    assert_eq!(looks(&told.pass(2_000)), [500]);
}

#[test]
fn a_portal_that_does_not_answer_is_looked_after() {
    let mut told = Told::new(to_connected());
    told.tell(measured(0, 1000));
    told.pass(5_000);
    told.tell(without_portal());
    let fault = |told: &Told| {
        let State::Connected { session } = told.state() else { panic!("{:?}", told.state()) };
        session.portal_fault.map(|fault| fault.code)
    };
    assert_eq!(fault(&told), Some(FaultCode::PortalSilent));
    assert_eq!(looks(&told.pass(15_000)), [15_000]);
    told.tell(only_tunnel());
    assert_eq!(fault(&told), Some(FaultCode::PortalNameService), "the tunnel stands, so this is not silence");
    told.pass(15_000);
    told.tell(proven());
    assert_eq!(fault(&told), None);
    assert_eq!(looks(&told.pass(60_000)), [0; 0]);
}

#[test]
fn before_the_proof_it_looks_every_second_for_half_a_minute() {
    for (answer, code) in [
        (Some(silent()), FaultCode::TunnelNoHandshake),
        (Some(only_tunnel()), FaultCode::PortalNameService),
        (None, FaultCode::TunnelNoHandshake),
    ] {
        let first = vec![sign_in("111111"), granted(flexnet_protocol::gateway::TrafficPolicy::Exclusive)];
        let mut told = Told::new(first);
        assert_eq!(told.tell(Input::Applied), [LOOK]);
        for _ in 0..29 {
            if let Some(answer) = answer.clone() {
                told.tell(answer);
                assert_eq!(looks(&told.pass(1_000)), [1_000]);
            } else {
                told.pass(1_000);
            }
        }
        assert!(matches!(told.state(), State::Connecting { .. }));
        let todo: Vec<_> = told.pass(1_000).into_iter().map(|(_, output)| output).collect();
        assert!(todo.ends_with(&[Output::Undo, Output::EndSession]), "{todo:?}");
        told.tell(Input::Undone);
        assert!(matches!(told.state(), State::Failed { fault, .. } if fault.code == code), "{:?}", told.state());
    }
}

#[test]
fn traffic_is_shown_every_five_seconds() {
    let mut told = Told::new(to_connected());
    told.tell(measured(1000, 500));
    told.pass(5_000);
    told.tell(measured(1200, 500));
    told.pass(5_000);
    let State::Connected { session } = told.state() else { panic!("{:?}", told.state()) };
    assert_eq!(session.traffic, [1500, 200]);
}
