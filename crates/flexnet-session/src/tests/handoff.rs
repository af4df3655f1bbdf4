//! A sign-in that a browser hands over: from the ticket to the tunnel, and every way in which it comes to nothing.

use flexnet_protocol::{
    FaultCode, Secret,
    gateway::TrafficPolicy,
    snapshot::{Counted, State, Step},
};

use super::{
    DIGITS, NAME, OTHER_NAME, START, TICKET, Told, granted, is_own, not_signed_in, proven, redeem, sign_in, to_confirm,
    to_connected,
};
use crate::{Command, Input, Output};

const SIGNED_OUT: State = State::SignedOut { ended: None, refused: None };

fn failed(told: &Told) -> (FaultCode, Counted) {
    let State::Failed { fault, counted, .. } = told.state() else { panic!("{:?}", told.state()) };
    (fault.code, counted)
}

/// The member is asked whose it is.
fn asked() -> Told {
    Told::new(vec![redeem(), Input::GatewayReached, to_confirm()])
}

/// It is the member's own: the digits are shown.
fn confirming() -> Told {
    let mut told = asked();
    assert_eq!(told.tell(is_own(Some(NAME))), [Output::FetchSession]);
    told
}

fn shown(digits: Option<&str>, seconds: i64) -> State {
    let digits = digits.map(str::to_owned);
    State::Confirming { display_name: Some(NAME.into()), digits, expires: START.unix + seconds }
}

#[test]
fn from_the_ticket_to_the_portal() {
    let mut told = Told::new(Vec::new());
    assert_eq!(told.tell(redeem()), [Output::Redeem(Secret::new(TICKET))]);
    assert_eq!(told.state(), State::SigningIn { step: Step::Gateway });
    assert_eq!(told.tell(Input::GatewayReached), []);
    assert_eq!(told.state(), State::SigningIn { step: Step::SignIn });
    assert_eq!(told.tell(to_confirm()), []);
    assert_eq!(told.state(), shown(None, 60));
    assert_eq!(told.tell(is_own(Some(NAME))), [Output::FetchSession]);
    assert_eq!(told.state(), shown(Some(DIGITS), 60));
    assert_eq!(told.tell(is_own(Some(NAME))), [], "a second click changes nothing");
    assert!(matches!(&told.tell(granted(TrafficPolicy::Exclusive))[..], [Output::Apply(_)]));
    told.tell(Input::Applied);
    told.tell(proven());
    assert!(matches!(told.state(), State::Connected { .. }));
}

#[test]
fn the_time_to_confirm_does_not_grow_and_ends() {
    let mut told = confirming();
    told.pass(40_000);
    told.tell(to_confirm());
    assert_eq!(told.state(), shown(Some(DIGITS), 60));
    let seen = told.pass(23_000);
    assert_eq!(seen, [(23_000, Output::AbandonSignIn)]);
    assert_eq!(failed(&told), (FaultCode::HandoffOver, Counted::No));
    // The gateway's own word comes after that, and changes nothing.
    told.tell(not_signed_in(FaultCode::HandoffRefused, Counted::No, None));
    assert_eq!(failed(&told), (FaultCode::HandoffOver, Counted::No));
}

#[test]
fn nobody_is_waited_for_longer_than_five_minutes() {
    let for_ever = Input::ToConfirm { display_name: Some(NAME.into()), digits: DIGITS.into(), seconds: u32::MAX };
    let mut told = Told::new(vec![redeem(), for_ever]);
    assert_eq!(told.state(), shown(None, 300));
    assert_eq!(told.pass(303_000).len(), 1);
}

#[test]
fn what_the_gateway_refuses_is_told_and_counts_nothing() {
    for code in [FaultCode::HandoffOver, FaultCode::HandoffRefused, FaultCode::Refused, FaultCode::AccountDisabled] {
        let mut told = confirming();
        told.tell(not_signed_in(code, Counted::No, None));
        assert_eq!(failed(&told), (code, Counted::No));
    }
    let mut told = confirming();
    told.tell(not_signed_in(FaultCode::Locked, Counted::No, None));
    assert!(matches!(told.state(), State::Locked { username, .. } if username.is_empty()));
}

#[test]
fn given_up_it_is_over_and_a_late_outcome_is_not_told() {
    for (end, mut told) in [Command::Cancel, Command::SignOut].into_iter().zip([asked(), confirming()]) {
        assert_eq!(told.tell(Input::Command(end)), [Output::AbandonSignIn]);
        assert_eq!(told.state(), SIGNED_OUT);
        told.tell(not_signed_in(FaultCode::HandoffOver, Counted::Unknown, None));
        assert_eq!(told.state(), SIGNED_OUT);
        assert_eq!(told.tell(granted(TrafficPolicy::Exclusive)), [Output::EndSession]);
    }
}

/// Somebody made a link of their own access, and says yes on their own page at once.
#[test]
fn the_page_alone_opens_nothing() {
    let early = Told::new(vec![redeem(), Input::GatewayReached]);
    for mut told in [early, asked()] {
        assert_eq!(told.tell(granted(TrafficPolicy::PortalOnlyRoutes)), [Output::EndSession]);
        assert_eq!(failed(&told), (FaultCode::HandoffRefused, Counted::No));
        assert_eq!(told.tell(is_own(Some(NAME))), [], "and it is too late for a yes");
    }
}

#[test]
fn a_yes_is_a_yes_to_what_is_shown() {
    let mut told = asked();
    for other in [Some(OTHER_NAME), None, Some("")] {
        let command = Command::ConfirmIdentity(other.map(str::to_owned));
        assert_eq!(told.machine.accepts(&command).unwrap_err().code, FaultCode::HandoffOver, "{other:?}");
        assert_eq!(told.tell(Input::Command(command)), []);
        assert_eq!(told.state(), shown(None, 60));
    }
    // Nor does another name take the place of the one that is being read.
    told.tell(Input::ToConfirm { display_name: Some(OTHER_NAME.into()), digits: DIGITS.into(), seconds: 60 });
    assert_eq!(told.state(), shown(None, 60));
    for mut told in [Told::new(Vec::new()), Told::new(vec![sign_in("111111")]), Told::new(to_connected())] {
        let before = told.state();
        assert!(told.machine.accepts(&Command::ConfirmIdentity(Some(NAME.into()))).is_err());
        assert_eq!((told.tell(is_own(Some(NAME))), told.state()), (Vec::new(), before));
    }
}

#[test]
fn where_the_gateway_tells_no_name_the_member_is_asked_all_the_same() {
    let unnamed = Input::ToConfirm { display_name: None, digits: DIGITS.into(), seconds: 60 };
    let mut told = Told::new(vec![redeem(), unnamed]);
    assert!(matches!(told.state(), State::Confirming { display_name: None, digits: None, .. }));
    assert_eq!(told.tell(is_own(None)), [Output::FetchSession]);
    assert!(matches!(told.state(), State::Confirming { digits: Some(_), .. }));
}

#[test]
fn a_ticket_disturbs_neither_a_session_nor_a_sign_in() {
    let ticket = || Command::Redeem(Secret::new(TICKET));
    let mut told = Told::new(to_connected());
    assert_eq!(told.machine.accepts(&ticket()).unwrap_err().code, FaultCode::AlreadySignedIn);
    assert_eq!(told.tell(redeem()), []);
    assert!(matches!(told.state(), State::Connected { .. }));
    let mut told = Told::new(vec![sign_in("111111")]);
    assert_eq!(told.machine.accepts(&ticket()).unwrap_err().code, FaultCode::Busy);
    assert_eq!(told.tell(redeem()), []);
    let told = confirming();
    assert_eq!(told.machine.accepts(&ticket()).unwrap_err().code, FaultCode::Busy);
}

#[test]
fn what_is_no_ticket_goes_nowhere() {
    let mut told = Told::new(Vec::new());
    for text in ["", "MDEyMzQ1Njc4OWFiY2RlZh", "kv-flexnet://connect?ticket=MDEyMzQ1Njc4OWFiY2RlZg"] {
        let command = Command::Redeem(Secret::new(text));
        assert_eq!(told.machine.accepts(&command).unwrap_err().code, FaultCode::LinkBroken);
        assert_eq!(told.tell(Input::Command(command)), []);
    }
}

#[test]
fn digits_without_a_ticket_are_not_shown() {
    let mut told = Told::new(vec![sign_in("111111"), to_confirm()]);
    assert_eq!(told.state(), State::SigningIn { step: Step::Gateway });
    told.tell(Input::Command(Command::Cancel));
    told.tell(to_confirm());
    assert_eq!(told.state(), SIGNED_OUT);
}
