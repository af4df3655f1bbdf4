//! The two ends of a session, and the warnings before them, to the second.

use flexnet_protocol::{
    gateway::{EndReason, TrafficPolicy},
    snapshot::{Session, State, Warning},
};

use super::{
    GATEWAY_AHEAD, IDLE_SECONDS, SESSION_SECONDS, START, Told, grant, later, lives, measured, proven, sign_in,
    to_connected,
};
use crate::{Command, Input, Output};

fn session(told: &Told) -> Session {
    let (State::Connected { session } | State::Reconnecting { session, .. }) = told.state() else {
        panic!("{:?}", told.state())
    };
    session
}

fn warning(told: &Told) -> Option<(EndReason, bool)> {
    session(told).warning.map(|Warning { reason, last_minute, .. }| (reason, last_minute))
}

/// Connected, and the gateway has told the times.
fn told() -> Told {
    let mut told = Told::new(to_connected());
    told.tell(lives(0));
    told
}

#[test]
fn the_idle_end_is_warned_of_ten_minutes_and_a_minute_before_and_asked_about_first() {
    let mut told = told();
    told.pass(1_190_000);
    let seen = told.pass(9_999);
    assert!(seen.contains(&(7_000, Output::Poll { stands: false })), "{seen:?}");
    assert_eq!(warning(&told), None);
    told.pass(1);
    assert_eq!(warning(&told), Some((EndReason::Idle, false)));
    assert_eq!(session(&told).warning.unwrap().at, START.unix + IDLE_SECONDS);
    told.pass(539_999);
    assert_eq!(warning(&told), Some((EndReason::Idle, false)));
    told.pass(1);
    assert_eq!(warning(&told), Some((EndReason::Idle, true)));
    // Whether it is over the gateway says: it alone sees use.
    told.pass(70_000);
    assert!(matches!(told.state(), State::Connected { .. }));
    told.tell(Input::SessionOver(EndReason::Idle));
    assert_eq!(told.state(), State::Ending);
}

#[test]
fn use_takes_the_warning_away_as_soon_as_the_gateway_knows() {
    let mut told = told();
    told.pass(1_300_000);
    told.tell(measured(5_000, 5_000));
    let seen = told.pass(2_000);
    assert!(seen.contains(&(2_000, Output::Poll { stands: false })), "{seen:?}");
    assert!(warning(&told).is_some(), "only the gateway knows");
    told.tell(lives(1_300));
    assert_eq!(warning(&told), None);
    assert_eq!(session(&told).idle_end, START.unix + 1_300 + IDLE_SECONDS);
}

#[test]
fn one_click_puts_the_idle_end_off_and_is_repeated_until_it_did() {
    let mut told = told();
    told.pass(1_300_000);
    assert_eq!(told.tell(Input::Command(Command::Extend)), [Output::Extend]);
    assert_eq!(told.tell(Input::Command(Command::Extend)), [], "it is on its way");
    let extends = |seen: Vec<(u64, Output)>| seen.iter().filter(|(_, output)| *output == Output::Extend).count();
    assert_eq!(extends(told.pass(3_000)), 1);
    told.tell(lives(1_300));
    assert_eq!((warning(&told), extends(told.pass(60_000))), (None, 0));
    told.tell(Input::Command(Command::Extend));
    assert_eq!(extends(told.pass(120_000)), 9, "given up after half a minute");
}

#[test]
fn what_cannot_be_put_off_is_not_asked_for() {
    let mut told = told();
    told.tell(lives(SESSION_SECONDS - 60));
    assert_eq!(told.tell(Input::Command(Command::Extend)), []);
    assert_eq!(Told::new(to_connected()[..4].to_vec()).tell(Input::Command(Command::Extend)), []);
}

#[test]
fn the_absolute_end_is_warned_of_and_comes_by_the_gateways_clock() {
    let mut told = told();
    told.tell(lives(SESSION_SECONDS));
    told.now = later(told.now, 35_399_000);
    told.tell(Input::Tick);
    assert_eq!(warning(&told), None);
    told.pass(1_000);
    assert_eq!(warning(&told), Some((EndReason::Absolute, false)));
    told.pass(540_000);
    assert_eq!(warning(&told), Some((EndReason::Absolute, true)));
    assert_eq!(session(&told).absolute_end, START.unix + SESSION_SECONDS, "by this PC's clock");
    told.pass(59_999);
    assert!(matches!(told.state(), State::Connected { .. }));
    told.pass(1);
    assert_eq!(told.state(), State::Ending);
}

#[test]
fn a_clock_that_is_set_moves_what_is_shown_and_not_the_end() {
    let mut told = told();
    told.now.unix += 3_600;
    told.tell(Input::Tick);
    assert_eq!(session(&told).absolute_end, START.unix + SESSION_SECONDS + 3_600);
    assert_eq!(session(&told).idle_end, START.unix + IDLE_SECONDS + 3_600);
    assert_eq!(warning(&told), None);
}

/// Shown times are whole seconds of a clock that is read at any moment: that is no change.
#[test]
fn the_same_times_told_again_and_again_publish_nothing() {
    let mut told = told();
    for _ in 0..500 {
        told.now = later(told.now, 7);
        let todo = told.machine.handle(told.now, lives(0));
        assert!(!todo.iter().any(|output| matches!(output, Output::Publish(_))), "{todo:?}");
    }
}

#[test]
fn short_rules_warn_in_their_last_third_only() {
    let mut short = grant(TrafficPolicy::Exclusive);
    short.idle_seconds = 90;
    let mut told = Told::new(vec![sign_in("111111"), Input::SignedIn(Box::new(short)), Input::Applied, proven()]);
    told.pass(59_999);
    assert_eq!(warning(&told), None);
    told.pass(1);
    assert_eq!(warning(&told), Some((EndReason::Idle, true)));
}

#[test]
fn times_that_cannot_be_right_say_nothing() {
    let mut told = told();
    let started = START.unix + GATEWAY_AHEAD;
    told.tell(Input::SessionLives { started, absolute_end: started - 1, idle_end: started });
    assert!(matches!(told.state(), State::Connected { .. }));
    assert_eq!(session(&told).absolute_end, START.unix + SESSION_SECONDS);
}
