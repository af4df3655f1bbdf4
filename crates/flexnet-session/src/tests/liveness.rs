//! When the machine looks, asks and gives up, to the millisecond.

use flexnet_protocol::{
    FaultCode,
    gateway::EndReason,
    snapshot::{Ended, State},
};

use super::{
    START, Told, granted, lives, measured, only_tunnel, proven, sign_in, silent, to_connected, without_portal,
};
use crate::{Counters, Input, Output};

pub(super) const LOOK: Output = Output::Probe { whole: true };
const ASK: Output = Output::Poll { stands: false };
const STAND: Output = Output::Poll { stands: true };

pub(super) fn looks(seen: &[(u64, Output)]) -> Vec<u64> {
    seen.iter().filter(|(_, output)| matches!(output, Output::Probe { .. })).map(|(at, _)| *at).collect()
}

fn asks(seen: &[(u64, Output)]) -> Vec<u64> {
    seen.iter().filter(|(_, output)| matches!(output, Output::Poll { .. })).map(|(at, _)| *at).collect()
}

pub(super) fn is_connected(told: &Told) -> bool {
    matches!(told.state(), State::Connected { .. })
}

/// Connected, and the portal has spoken as well.
fn connected() -> Told {
    let mut told = Told::new(to_connected());
    assert_eq!(looks(&told.pass(500)), [500], "that it takes a connection is not that it speaks");
    told.tell(proven());
    told.tell(measured(0, 0));
    told
}

pub(super) fn lost() -> Told {
    let mut told = Told::new(to_connected());
    told.tell(measured(0, 1000));
    told.pass(15_000);
    assert!(matches!(told.state(), State::Reconnecting { .. }));
    told
}

#[test]
fn an_idle_tunnel_is_not_looked_through_and_its_end_is_asked_for_an_echo() {
    let mut told = connected();
    told.echoes = false;
    let mut sent = 0;
    for _ in 0..20 {
        let seen = told.pass(9_000);
        assert_eq!(looks(&seen), [0; 0], "a look would keep the session from going idle");
        assert_eq!(
            seen.iter().filter(|(_, output)| *output == Output::Echo).map(|(at, _)| *at).collect::<Vec<_>>(),
            [9_000]
        );
        told.tell(Input::Echoed(true));
        // A keepalive.
        sent += 32;
        told.tell(measured(0, sent));
    }
    assert!(is_connected(&told));
}

#[test]
fn echoes_that_stay_away_are_looked_into_but_not_for_ever() {
    let mut told = Told::new(to_connected());
    told.echoes = false;
    for _ in 0..3 {
        told.pass(9_000);
        assert_eq!(told.tell(Input::Echoed(false)), [LOOK]);
        told.tell(proven());
    }
    for _ in 0..10 {
        assert_eq!(looks(&told.pass(9_000)), [0; 0], "a gateway that gives none is no reason to look for ever");
        assert_eq!(told.tell(Input::Echoed(false)), []);
    }
    assert!(is_connected(&told));
    told.pass(9_000);
    told.tell(Input::Echoed(true));
    told.pass(9_000);
    assert_eq!(told.tell(Input::Echoed(false)), [LOOK]);
}

/// Nothing is sent, nothing can come back, and still the truth is told.
#[test]
fn an_idle_tunnel_that_died_is_lost_within_15_seconds() {
    let mut told = Told::new(to_connected());
    told.echoes = false;
    told.pass(15_000);
    assert!(matches!(told.state(), State::Reconnecting { .. }));
}

#[test]
fn a_question_stands_at_the_gateway_and_is_asked_again_when_it_is_answered() {
    let mut told = Told::new(to_connected()[..4].to_vec());
    assert!(told.tell(proven()).contains(&ASK), "the first is answered at once, with the times");
    assert_eq!(told.tell(lives(0)), []);
    assert_eq!(told.pass(500).last(), Some(&(500, STAND)));
    for _ in 0..5 {
        assert_eq!(asks(&told.pass(9_000)), [0; 0]);
        assert_eq!(told.tell(lives(0)), [STAND]);
    }
}

#[test]
fn a_gateway_that_falls_silent_is_asked_again_and_the_tunnel_is_looked_through_once() {
    let mut told = Told::new(to_connected());
    told.tell(lives(0));
    told.pass(12_000);
    assert_eq!(told.tell(Input::GatewaySilent), [LOOK]);
    told.tell(proven());
    assert_eq!(told.pass(1_000), [(1_000, ASK)]);
    told.tell(Input::GatewaySilent);
    assert_eq!(asks(&told.pass(2_000)), [2_000]);
    for _ in 0..5 {
        told.tell(Input::GatewaySilent);
        let seen = told.pass(5_000);
        assert_eq!((asks(&seen), looks(&seen)), (vec![5_000], vec![]));
    }
    assert_eq!(told.tell(lives(0)), [LOOK], "it may have been started afresh");
    told.tell(proven());
    assert!(is_connected(&told));
}

#[test]
fn a_handshake_is_no_use_and_no_answer_of_the_portal() {
    let mut told = Told::new(to_connected());
    let shaken = |received, sent| Input::Measured(Counters { received, sent, handshake_age: Some(1) });
    let before = |received, sent| Input::Measured(Counters { received, sent, handshake_age: Some(120) });
    // WireGuard renews its keys every two minutes; question and answer may be counted in two seconds.
    told.pass(1_000);
    told.tell(before(0, 148));
    told.pass(1_000);
    told.tell(shaken(92, 180));
    assert_eq!(looks(&told.pass(7_000)), [0; 0]);
    // A handshake is answered, what was sent through the tunnel is not.
    told.tell(before(92, 2_000));
    told.pass(1_000);
    told.tell(shaken(184, 2_148));
    assert_eq!(looks(&told.pass(5_000)).len(), 1);
}

#[test]
fn silence_is_looked_into_after_5_every_3_and_lost_after_15_seconds() {
    let mut told = connected();
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
    let mut told = connected();
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
    assert_eq!(told.tell(proven()), [ASK], "a question stands again from now on");
    assert!(is_connected(&told));
    assert_eq!(looks(&told.pass(30_000)), [0; 0]);
}

#[test]
fn the_gateway_is_asked_at_once_when_the_tunnel_is_lost_and_often_while_it_is() {
    let mut told = Told::new(to_connected());
    told.tell(lives(0));
    told.pass(1_000);
    told.tell(measured(0, 1000));
    let seen = told.pass(15_000);
    assert!(seen.contains(&(14_000, ASK)), "{seen:?}");
    for _ in 0..3 {
        told.tell(lives(0));
        let seen = told.pass(5_000);
        assert!(asks(&seen).len() == 1 && !seen.iter().any(|(_, output)| *output == STAND), "{seen:?}");
    }
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
        assert_eq!(told.tell(event), [LOOK, ASK]);
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
    assert!(todo.contains(&ASK), "{todo:?}");
    told.tell(proven());
    assert!(is_connected(&told));
}

#[test]
fn a_doubt_that_no_look_answers_is_lost_within_three_seconds() {
    let mut told = Told::new(to_connected());
    told.pass(7_000);
    told.tell(Input::NetworkChanged);
    told.pass(2_499);
    assert!(is_connected(&told));
    told.pass(1);
    assert!(matches!(told.state(), State::Reconnecting { .. }));
    // The look that was made after the change still counts.
    told.tell(proven());
    assert!(is_connected(&told));
}

#[test]
fn changes_that_go_on_do_not_put_the_truth_off() {
    let mut told = Told::new(to_connected());
    told.pass(7_000);
    for _ in 0..9 {
        told.tell(Input::NetworkChanged);
        told.pass(300);
    }
    assert!(matches!(told.state(), State::Reconnecting { .. }));
}

#[test]
fn a_tunnel_that_carries_nothing_although_its_end_answers_is_lost_as_well() {
    let mut told = Told::new(to_connected());
    told.tell(measured(0, 1000));
    told.pass(5_000);
    for _ in 0..3 {
        told.tell(only_tunnel());
        told.pass(3_000);
    }
    told.pass(1_000);
    let State::Reconnecting { session, .. } = told.state() else { panic!("{:?}", told.state()) };
    assert_eq!(session.portal_fault.unwrap().code, FaultCode::PortalNameService, "it is told what is silent");
}

#[test]
fn a_burst_of_changes_is_one_look() {
    let mut told = Told::new(to_connected());
    told.pass(7_000);
    let mut seen = Vec::new();
    for _ in 0..40 {
        seen.extend(told.tell(Input::NetworkChanged).into_iter().map(|output| (0, output)));
        seen.extend(told.pass(10));
    }
    assert_eq!(looks(&seen).len(), 1);
    // The answer to the first says nothing about the last change: that is looked at after the burst.
    told.tell(proven());
    assert_eq!(looks(&told.pass(2_000)), [100]);
}

#[test]
fn a_portal_that_does_not_answer_is_looked_after_ever_more_seldom() {
    let mut told = Told::new(to_connected());
    told.tell(measured(0, 1000));
    told.pass(5_000);
    told.tell(without_portal());
    let fault = |told: &Told| {
        let State::Connected { session } = told.state() else { panic!("{:?}", told.state()) };
        session.portal_fault.map(|fault| fault.code)
    };
    assert_eq!(fault(&told), Some(FaultCode::PortalSilent));
    for every in [15_000, 30_000, 60_000, 120_000, 240_000] {
        assert_eq!(looks(&told.pass(every)), [every]);
        told.tell(without_portal());
    }
    assert_eq!(looks(&told.pass(3_600_000)), [0; 0], "a look is use of the session, and nobody uses it");
    told.tell(measured(0, 2000));
    told.pass(5_000);
    told.tell(proven());
    assert_eq!(fault(&told), None);
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
        assert_eq!(told.tell(Input::Applied), [Output::Probe { whole: false }]);
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
