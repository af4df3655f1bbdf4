//! A session that lives although its tunnel is lost: when new keys are wished for, and what follows from them.

use flexnet_protocol::snapshot::State;

use super::{
    liveness::{LOOK, is_connected, looks, lost},
    lives, proven, resumed, silent,
};
use crate::{Input, Output};

/// The gateway was restarted and knows the tunnel no more, or another took its place.
#[test]
fn a_session_that_lives_without_a_tunnel_gets_new_keys() {
    let mut told = lost();
    told.tell(silent());
    told.tell(lives(0));
    let mut seen = Vec::new();
    for _ in 0..2 {
        seen.extend(told.pass(3_000));
        seen.extend(told.tell(silent()).into_iter().map(|output| (0, output)));
    }
    assert_eq!(seen.iter().filter(|(_, output)| *output == Output::Resume).count(), 1, "{seen:?}");
    let todo = told.tell(resumed());
    assert!(matches!(&todo[..], [Output::Apply(_)]), "{todo:?}");
    assert!(matches!(told.state(), State::Reconnecting { .. }));
    told.tell(proven());
    assert!(matches!(told.state(), State::Reconnecting { .. }), "that was seen through the old one");
    assert_eq!(looks(&told.pass(3_000)), [0; 0]);
    assert_eq!(told.tell(Input::Applied), [LOOK]);
    told.tell(proven());
    assert!(is_connected(&told));
}

#[test]
fn new_keys_that_help_nothing_are_wished_for_ever_more_seldom() {
    let mut told = lost();
    told.tell(silent());
    told.tell(lives(0));
    let mut wishes = Vec::new();
    for second in 0..600_u64 {
        let mut todo: Vec<Output> = told.pass(1_000).into_iter().map(|(_, output)| output).collect();
        while let Some(output) = todo.pop() {
            if matches!(output, Output::Probe { .. }) {
                todo.extend(told.tell(silent()));
            } else if matches!(output, Output::Poll { .. }) {
                todo.extend(told.tell(lives(0)));
            } else if output == Output::Resume {
                wishes.push(second);
            }
        }
    }
    let pauses: Vec<u64> = wishes.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(wishes[0] <= 12 && pauses.len() >= 4, "{wishes:?}");
    assert!(pauses.is_sorted() && pauses[0] >= 15 && pauses.iter().all(|pause| *pause <= 130), "{pauses:?}");
}

#[test]
fn without_the_gateways_word_no_new_keys_are_wished_for() {
    let mut told = lost();
    for _ in 0..20 {
        let seen = told.pass(3_000);
        assert!(!seen.iter().any(|(_, output)| *output == Output::Resume), "{seen:?}");
        told.tell(silent());
        told.tell(Input::GatewaySilent);
    }
}

#[test]
fn a_tunnel_that_is_not_exchanged_in_time_ends_the_session() {
    let mut told = lost();
    told.tell(lives(0));
    for _ in 0..3 {
        told.tell(silent());
        told.pass(3_000);
    }
    told.tell(resumed());
    let todo: Vec<_> = told.pass(30_000).into_iter().map(|(_, output)| output).collect();
    assert!(todo.ends_with(&[Output::Undo, Output::EndSession]), "{todo:?}");
}
