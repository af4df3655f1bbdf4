//! The token while a session lives: reported lost, and brought into step again by two TANs.

use flexnet_protocol::{FaultCode, Secret, gateway::EndReason, snapshot::State};

use super::{NEXT_TANS, OTHER_TAN, TAN, Told, resync, sign_in, to_connected};
use crate::{Command, Input, Output};

fn pair([first, second]: [&str; 2]) -> [Secret; 2] {
    [Secret::new(first), Secret::new(second)]
}

fn refusal(told: &Told, tans: [&str; 2]) -> FaultCode {
    told.machine.accepts(&Command::ResyncToken(pair(tans))).unwrap_err().code
}

#[test]
fn a_lost_token_is_reported_and_the_gateways_word_ends_the_session() {
    let mut told = Told::new(to_connected());
    assert_eq!(told.tell(Input::Command(Command::ReportTokenLost)), [Output::ReportTokenLost]);
    assert!(matches!(told.state(), State::Connected { .. }), "nothing has ended yet");
    assert_eq!(told.tell(Input::SessionOver(EndReason::TokenLost)), [Output::Undo]);
    told.tell(Input::Undone);
    let State::SignedOut { ended: Some(ended), .. } = told.state() else { panic!("{:?}", told.state()) };
    assert_eq!(ended.reason, EndReason::TokenLost);
}

#[test]
fn two_tans_are_sent_without_their_blanks() {
    let mut told = Told::new(to_connected());
    assert_eq!(told.tell(resync(["555 001", " 555002 "])), [Output::ResyncToken(pair(NEXT_TANS))]);
    assert_eq!(refusal(&told, ["777001", "777002"]), FaultCode::Busy);
    assert_eq!(told.tell(resync(["777001", "777002"])), [], "one pair at a time");
    told.tell(Input::Resynced { sent: true });
    assert_eq!(refusal(&told, NEXT_TANS), FaultCode::TanUsed);
    assert_eq!(told.tell(resync(["777001", "777002"])).len(), 1);
}

#[test]
fn what_cannot_bring_a_token_into_step_is_not_sent() {
    let mut told = Told::new(to_connected());
    for (tans, code) in [
        (["12345", "555002"], FaultCode::EntryShape),
        (["555001", "abcdef"], FaultCode::EntryShape),
        (["555001", "555 001"], FaultCode::EntryShape),
        ([TAN, "555002"], FaultCode::TanUsed),
        (["555001", TAN], FaultCode::TanUsed),
    ] {
        assert_eq!(refusal(&told, tans), code, "{tans:?}");
        assert_eq!(told.tell(resync(tans)), []);
    }
    assert!(told.machine.accepts(&Command::ResyncToken(pair(NEXT_TANS))).is_ok());
}

#[test]
fn tans_that_never_left_this_pc_may_be_typed_again_and_those_that_did_never_sign_in() {
    let mut told = Told::new(to_connected());
    told.tell(resync(NEXT_TANS));
    told.tell(Input::Resynced { sent: false });
    assert_eq!(told.tell(resync(NEXT_TANS)).len(), 1);
    told.tell(Input::Resynced { sent: true });
    told.tell(Input::Command(Command::SignOut));
    told.tell(Input::Undone);
    assert_eq!(told.tell(sign_in(NEXT_TANS[1])), []);
    assert_eq!(told.tell(sign_in(OTHER_TAN)).len(), 1);
}

/// A word that comes after the session has ended must not make the TANs of the next sign-in forgotten.
#[test]
fn a_late_word_about_the_pair_forgets_nothing() {
    let mut told = Told::new(to_connected());
    told.tell(resync(NEXT_TANS));
    told.tell(Input::Command(Command::SignOut));
    told.tell(Input::Undone);
    told.tell(sign_in(OTHER_TAN));
    told.tell(Input::Command(Command::Cancel));
    told.tell(Input::Resynced { sent: false });
    assert_eq!(told.tell(sign_in(OTHER_TAN)), []);
}

#[test]
fn without_a_session_there_is_nothing_to_do() {
    let mut told = Told::new(Vec::new());
    for command in [Command::ReportTokenLost, Command::ResyncToken(pair(NEXT_TANS))] {
        assert_eq!(told.machine.accepts(&command).unwrap_err().code, FaultCode::SessionEnded);
        assert_eq!(told.tell(Input::Command(command)), []);
    }
    told.tell(sign_in(TAN));
    assert_eq!(told.machine.accepts(&Command::ReportTokenLost).unwrap_err().code, FaultCode::Busy);
}
