//! One test a behaviour.

use flexnet_protocol::{
    Fault, FaultCode,
    desk::{Day, DeskStatus, Hours},
    gateway::{EndReason, TrafficPolicy},
    local::Credentials,
    snapshot::{Counted, Ended, State, Step, WrongEntry},
};

use super::{
    OTHER_TAN, SESSION_SECONDS, START, TAN, Told, entry, granted, later, not_signed_in, proven, refused, sign_in,
    to_connected, without_portal,
};
use crate::{Command, FirewallPolicy, Input, Output};

const SIGNED_OUT: State = State::SignedOut { ended: None, refused: None };

fn wrong(told: &Told) -> (FaultCode, Option<u8>) {
    let State::SignedOut { refused: Some(WrongEntry { fault, attempts_left }), .. } = told.state() else {
        panic!("{:?}", told.state())
    };
    (fault.code, attempts_left)
}

fn ended(told: &Told) -> EndReason {
    let State::SignedOut { ended: Some(Ended { reason, .. }), refused: None } = told.state() else {
        panic!("{:?}", told.state())
    };
    reason
}

fn failed(told: &Told) -> (FaultCode, Counted) {
    let State::Failed { fault, counted, .. } = told.state() else { panic!("{:?}", told.state()) };
    (fault.code, counted)
}

#[test]
fn from_the_entry_to_the_portal_and_back() {
    let mut told = Told::new(Vec::new());
    assert_eq!(told.tell(Input::Command(Command::Prepare)), [Output::Prepare]);
    assert_eq!(told.tell(sign_in(" 048 159 ")), [Output::SignIn(entry(TAN))]);
    assert_eq!(told.state(), State::SigningIn { step: Step::Gateway });
    assert_eq!(told.tell(Input::GatewayReached), []);
    assert_eq!(told.state(), State::SigningIn { step: Step::SignIn });
    let todo = told.tell(granted(TrafficPolicy::Exclusive));
    assert!(matches!(&todo[..], [Output::Apply(config)] if config.firewall == FirewallPolicy::Exclusive), "{todo:?}");
    assert_eq!(told.state(), State::Connecting { step: Step::Tunnel });
    assert_eq!(told.tell(Input::Applied), [Output::Probe { whole: false }]);
    assert_eq!(told.state(), State::Connecting { step: Step::Portal });
    told.tell(proven());
    let State::Connected { session } = told.state() else { panic!("{:?}", told.state()) };
    assert_eq!((session.round_trip_ms, session.failures_before), (Some(21), 2));
    assert_eq!(session.absolute_end, START.unix + SESSION_SECONDS);
    assert_eq!(told.tell(Input::Command(Command::SignOut)), [Output::Undo, Output::EndSession]);
    assert_eq!(told.state(), State::Ending);
    assert_eq!(told.tell(Input::Undone), []);
    assert_eq!(ended(&told), EndReason::SignedOut);
    told.tell(Input::Command(Command::Acknowledge));
    assert_eq!(told.state(), SIGNED_OUT);
}

#[test]
fn the_picture_is_published_first_and_only_when_it_changes() {
    let mut told = Told::new(Vec::new());
    let first = told.machine.handle(START, Input::Tick);
    assert!(matches!(&first[..], [Output::Publish(snapshot)] if snapshot.revision == 1), "{first:?}");
    assert_eq!(told.machine.handle(START, Input::Tick), []);
    let todo = told.machine.handle(START, sign_in(TAN));
    assert!(matches!(&todo[..], [Output::Publish(snapshot), Output::SignIn(_)] if snapshot.revision == 2), "{todo:?}");
    assert_eq!(told.machine.handle(START, proven()), []);
}

/// The command line once waited for ever for the outcome of the second.
#[test]
fn the_same_refusal_twice_is_published_twice() {
    let mut told = Told::new(Vec::new());
    for revision in [1, 2] {
        let todo = told.machine.handle(START, sign_in("12345"));
        assert!(matches!(&todo[..], [Output::Publish(snapshot)] if snapshot.revision == revision), "{todo:?}");
    }
}

#[test]
fn a_portal_that_is_silent_from_the_start_is_shown_with_the_connection() {
    let mut told = Told::new(to_connected()[..4].to_vec());
    told.tell(without_portal());
    let State::Connected { session } = told.state() else { panic!("{:?}", told.state()) };
    assert_eq!(session.portal_fault, Some(FaultCode::PortalSilent.into()));
}

#[test]
fn wrong_entries_tell_how_many_are_left_and_the_fifth_locks() {
    let mut told = Told::new(Vec::new());
    for left in (1..=4).rev() {
        told.tell(sign_in(&format!("00000{left}")));
        told.tell(Input::GatewayReached);
        told.tell(refused(left));
        assert_eq!(wrong(&told), (FaultCode::Refused, Some(left)));
    }
    told.tell(sign_in("000009"));
    assert_eq!(told.state(), State::SigningIn { step: Step::Gateway }, "the last refusal is gone");
    told.tell(refused(0));
    let State::Locked { username, fault } = told.state() else { panic!("{:?}", told.state()) };
    assert_eq!((username.as_str(), fault.code), ("m.muster", FaultCode::Locked));
    assert!(told.machine.accepts(&Command::SignIn(entry(TAN))).is_ok(), "the desk may have unlocked it");
}

#[test]
fn a_locked_access_is_locked_whoever_counted() {
    let mut told = Told::new(vec![sign_in(TAN)]);
    told.tell(not_signed_in(FaultCode::Locked, Counted::No, None));
    assert!(matches!(told.state(), State::Locked { .. }));
    told.tell(Input::Command(Command::Acknowledge));
    assert_eq!(told.state(), SIGNED_OUT);
}

#[test]
fn entries_without_shape_and_used_tans_are_not_sent() {
    let mut told = Told::new(Vec::new());
    assert_eq!(told.tell(sign_in("12345")), []);
    assert_eq!(wrong(&told), (FaultCode::EntryShape, None));
    let empty = Credentials { username: " ".into(), ..entry(TAN) };
    assert_eq!(told.tell(Input::Command(Command::SignIn(empty))), []);
    assert_eq!(wrong(&told), (FaultCode::EntryShape, None));
    told.tell(sign_in(TAN));
    told.tell(Input::GatewayReached);
    told.tell(refused(3));
    assert_eq!(told.tell(sign_in("04 81 59")), []);
    assert_eq!(wrong(&told), (FaultCode::TanUsed, None));
    assert_eq!(told.tell(sign_in(OTHER_TAN)).len(), 1);
}

#[test]
fn a_tan_that_never_left_this_pc_may_be_typed_again() {
    let mut told = Told::new(vec![sign_in(TAN)]);
    told.tell(not_signed_in(FaultCode::GatewayUnreachable, Counted::No, None));
    assert_eq!(failed(&told), (FaultCode::GatewayUnreachable, Counted::No));
    assert_eq!(told.tell(sign_in(TAN)).len(), 1);
    told.tell(Input::GatewayReached);
    told.tell(not_signed_in(FaultCode::GatewayHangs, Counted::Unknown, None));
    assert_eq!(told.tell(sign_in(TAN)), []);
    assert_eq!(wrong(&told).0, FaultCode::TanUsed);
}

#[test]
fn maintenance_tells_until_when() {
    let mut told = Told::new(vec![sign_in(TAN)]);
    let fault = Fault::from(FaultCode::Maintenance);
    let until = Some(START.unix + 600);
    told.tell(Input::NotSignedIn { fault: fault.clone(), counted: Counted::No, attempts_left: None, until });
    assert_eq!(told.state(), State::Failed { fault, counted: Counted::No, until });
}

#[test]
fn cancelling_gives_up_whatever_is_being_built() {
    let cancel = Input::Command(Command::Cancel);
    let mut told = Told::new(to_connected()[..2].to_vec());
    assert_eq!(told.tell(cancel.clone()), [Output::AbandonSignIn]);
    assert_eq!(told.state(), SIGNED_OUT);
    for length in [3, 4] {
        let mut told = Told::new(to_connected()[..length].to_vec());
        assert_eq!(told.tell(cancel.clone()), [Output::Undo, Output::EndSession]);
        assert_eq!(told.tell(Input::Applied), [], "an answer that comes too late");
        assert_eq!(told.tell(proven()), []);
        assert_eq!(told.state(), State::Ending);
        told.tell(Input::Undone);
        assert_eq!(told.state(), SIGNED_OUT);
    }
    let mut told = Told::new(to_connected());
    assert_eq!(told.tell(cancel), [Output::Undo, Output::EndSession], "it stood a moment too early");
}

#[test]
fn a_grant_that_comes_too_late_is_ended() {
    let mut told = Told::new(vec![sign_in(TAN), Input::Command(Command::Cancel)]);
    assert_eq!(told.tell(granted(TrafficPolicy::PortalOnlyRoutes)), [Output::EndSession]);
    assert_eq!(told.state(), SIGNED_OUT);
}

/// Cancelled while the gateway checked: the entry is gone all the same, and whoever typed it is told so.
#[test]
fn what_a_cancelled_sign_in_cost_is_told_when_it_is_known() {
    let cancelled = || Told::new(vec![sign_in(TAN), Input::GatewayReached, Input::Command(Command::Cancel)]);
    let mut told = cancelled();
    told.tell(refused(2));
    assert_eq!(wrong(&told), (FaultCode::Refused, Some(2)));
    told.tell(refused(1));
    assert_eq!(wrong(&told), (FaultCode::Refused, Some(2)), "told once");

    let mut told = cancelled();
    told.tell(refused(0));
    assert!(matches!(told.state(), State::Locked { username, .. } if username == "m.muster"));

    let mut told = cancelled();
    told.tell(not_signed_in(FaultCode::GatewayHangs, Counted::Unknown, None));
    assert_eq!(failed(&told), (FaultCode::GatewayHangs, Counted::Unknown));

    let mut told = cancelled();
    told.tell(not_signed_in(FaultCode::GatewayBusy, Counted::No, None));
    assert_eq!(told.state(), SIGNED_OUT, "it cost nothing");

    let mut told = cancelled();
    told.tell(sign_in("12"));
    told.tell(refused(3));
    assert_eq!(wrong(&told), (FaultCode::Refused, Some(3)), "nothing else was sent");

    let mut told = cancelled();
    told.tell(sign_in(OTHER_TAN));
    told.tell(Input::Command(Command::Acknowledge));
    told.tell(granted(TrafficPolicy::PortalOnlyRoutes));
    told.tell(refused(3));
    assert_eq!(told.state(), State::Connecting { step: Step::Tunnel });
}

#[test]
fn a_network_that_is_not_set_up_in_time_is_taken_back_and_told() {
    let mut told = Told::new(to_connected()[..3].to_vec());
    assert_eq!(told.pass(29_999), []);
    assert_eq!(told.state(), State::Connecting { step: Step::Tunnel });
    assert_eq!(told.pass(1), [(1, Output::Undo), (1, Output::EndSession)]);
    assert_eq!(told.state(), State::Ending);
    assert_eq!(told.tell(Input::Applied), [], "too late");
    assert_eq!(told.tell(Input::ApplyFailed(FaultCode::DiskFull.into())), []);
    told.tell(Input::Undone);
    assert_eq!(failed(&told), (FaultCode::NetworkSettings, Counted::No));
}

#[test]
fn a_network_that_is_not_taken_back_in_time_is_left_over_until_it_is() {
    let late = || {
        let mut told = Told::new(to_connected());
        told.tell(Input::Command(Command::SignOut));
        assert_eq!(told.pass(29_999), []);
        assert_eq!(told.state(), State::Ending);
        assert_eq!(told.pass(1), []);
        assert_eq!(failed(&told).0, FaultCode::Leftovers);
        assert!(told.machine.at_rest());
        told
    };
    let mut told = late();
    told.tell(Input::Undone);
    assert_eq!(told.state(), SIGNED_OUT);

    let mut told = late();
    told.tell(Input::UndoFailed(Fault::new(FaultCode::NetworkSettings, "nft: busy")));
    assert_eq!(told.tell(Input::Command(Command::Acknowledge)), [Output::Undo]);

    let mut told = late();
    assert_eq!(told.tell(Input::Command(Command::Acknowledge)), [], "it is still being taken back");
    assert_eq!(told.state(), State::Ending);
    told.tell(Input::Undone);
    assert_eq!(told.state(), SIGNED_OUT);
}

#[test]
fn a_network_that_cannot_be_set_up_is_taken_back_and_told() {
    for length in [3, 4, 5] {
        let mut told = Told::new(to_connected()[..length].to_vec());
        assert_eq!(told.tell(Input::ApplyFailed(FaultCode::DiskFull.into())), [Output::Undo, Output::EndSession]);
        assert_eq!(told.state(), State::Ending);
        told.tell(Input::Undone);
        assert_eq!(failed(&told), (FaultCode::DiskFull, Counted::No));
    }
}

#[test]
fn leftovers_stand_in_the_way_until_they_are_taken_back() {
    let mut told = Told::new(to_connected());
    told.tell(Input::Command(Command::SignOut));
    told.tell(Input::UndoFailed(Fault::new(FaultCode::NetworkSettings, "nft: busy")));
    assert_eq!(failed(&told).0, FaultCode::Leftovers);
    assert_eq!(told.machine.accepts(&Command::SignIn(entry(OTHER_TAN))).unwrap_err().code, FaultCode::Leftovers);
    assert_eq!(told.tell(sign_in(OTHER_TAN)), []);
    assert_eq!(told.tell(Input::Command(Command::Acknowledge)), [Output::Undo]);
    assert_eq!(told.state(), State::Ending);
    told.tell(Input::Undone);
    assert_eq!(told.state(), SIGNED_OUT);
}

#[test]
fn a_repair_by_hand_clears_leftovers_of_an_earlier_run() {
    let mut told = Told::new(vec![Input::UndoFailed(FaultCode::Leftovers.into())]);
    assert_eq!(failed(&told).0, FaultCode::Leftovers);
    told.tell(Input::Undone);
    assert_eq!(told.state(), SIGNED_OUT);
}

#[test]
fn every_end_the_gateway_tells_is_shown() {
    for reason in [EndReason::Idle, EndReason::NewerSignIn, EndReason::Desk, EndReason::TokenLost, EndReason::Absolute]
    {
        for length in [3, 4, 5] {
            let mut told = Told::new(to_connected()[..length].to_vec());
            assert_eq!(told.tell(Input::SessionOver(reason)), [Output::Undo]);
            told.tell(Input::Undone);
            assert_eq!(ended(&told), reason);
        }
    }
}

#[test]
fn the_absolute_end_ends_here_as_well() {
    let mut told = Told::new(to_connected());
    let length = u64::try_from(SESSION_SECONDS).unwrap() * 1000;
    told.pass(length - 1);
    assert!(matches!(told.state(), State::Connected { .. }));
    let todo: Vec<_> = told.pass(1).into_iter().map(|(_, output)| output).collect();
    assert_eq!(todo, [Output::Undo, Output::EndSession]);
    told.tell(Input::Undone);
    assert_eq!(ended(&told), EndReason::Absolute);
}

#[test]
fn sleeping_through_the_absolute_end_ends_it_on_waking() {
    let mut told = Told::new(to_connected());
    told.now = later(told.now, 50_000_000);
    assert_eq!(told.tell(Input::Woke), [Output::Undo, Output::EndSession]);
}

#[test]
fn a_clock_far_ahead_does_not_end_the_session_at_once() {
    let mut told = Told::new(Vec::new());
    told.now.unix += 10 * SESSION_SECONDS;
    for input in to_connected() {
        told.tell(input);
    }
    assert!(matches!(told.state(), State::Connected { .. }));
}

#[test]
fn one_sign_in_at_a_time() {
    let mut told = Told::new(Vec::new());
    for input in to_connected() {
        told.tell(input);
        assert_eq!(told.machine.accepts(&Command::SignIn(entry(OTHER_TAN))).unwrap_err().code, FaultCode::Busy);
        assert_eq!(told.tell(sign_in(OTHER_TAN)), []);
    }
    told.tell(Input::Command(Command::SignOut));
    assert_eq!(told.tell(sign_in(OTHER_TAN)), []);
}

#[test]
fn a_service_that_stops_takes_everything_back_and_begins_nothing() {
    let mut told = Told::new(to_connected());
    assert_eq!(told.tell(Input::Shutdown), [Output::Undo, Output::EndSession]);
    assert!(!told.machine.at_rest());
    told.tell(Input::Undone);
    assert!(told.machine.at_rest());
    assert_eq!(told.tell(sign_in(OTHER_TAN)), []);
    assert_eq!(told.tell(Input::Command(Command::Prepare)), []);

    let mut told = Told::new(vec![sign_in(TAN)]);
    assert_eq!(told.tell(Input::Shutdown), [Output::AbandonSignIn]);
    assert!(told.machine.at_rest());
}

#[test]
fn a_sign_in_that_nobody_answers_ends() {
    let mut told = Told::new(vec![sign_in(TAN)]);
    told.pass(120_000);
    assert_eq!(failed(&told), (FaultCode::GatewaySilent, Counted::No));
    told.tell(sign_in(OTHER_TAN));
    told.tell(Input::GatewayReached);
    told.pass(120_000);
    assert_eq!(failed(&told), (FaultCode::GatewayHangs, Counted::Unknown));
}

#[test]
fn the_desk_opens_and_closes_by_itself() {
    let mut told = Told::new(Vec::new());
    let mut contact = told.snapshot().desk.contact;
    let time = |text: &str| text.parse().unwrap();
    contact.hours = vec![Hours { days: vec![Day::Tue], from: time("08:00"), to: time("17:00") }];
    let facts = crate::Facts {
        version: "0.1.0".into(),
        organisation: "Muster-KV".into(),
        desk: contact,
        portal: told.snapshot().portal,
    };
    told.machine = crate::Machine::new(facts, [0; 16]);
    // 2026-11-18, a Wednesday.
    let mut changes = Vec::new();
    for _ in 0..4 {
        let at = told.machine.wakes_at().unwrap().max(told.now.mono_ms);
        told.now = later(told.now, at - told.now.mono_ms);
        for output in told.machine.handle(told.now, Input::Tick) {
            let Output::Publish(snapshot) = output else { panic!("{output:?}") };
            changes.push((told.now.unix, snapshot.desk.status));
        }
    }
    let open = |status: &DeskStatus| matches!(status, DeskStatus::Open { .. });
    assert_eq!(changes.iter().map(|(_, status)| open(status)).collect::<Vec<_>>(), [false, true, false, true]);
    for pair in changes.windows(2) {
        let (DeskStatus::Open { until: told } | DeskStatus::Closed { opens: Some(told) }) = pair[0].1 else {
            panic!("{pair:?}")
        };
        assert_eq!(pair[1].0, told, "it changed when it said it would");
    }
}
