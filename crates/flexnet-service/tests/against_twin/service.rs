//! The event loop from its socket to the gateway: a network in memory, a gateway in this process, a client over a connection in memory.

use std::{fs, sync::Arc};

use flexnet_protocol::{
    Fault, FaultCode,
    gateway::EndReason,
    local::{Reply, Request},
    repair::RepairKind,
    snapshot::{Counted, State},
};
use flexnet_service::{journal::Change, network::Event};
use tokio::sync::Notify;

use crate::{
    bench::{Bench, entry},
    twin::{Answer, Line, Twin},
};

#[tokio::test]
async fn from_the_entry_to_connected_and_out_again() {
    let twin = Twin::start().await;
    let mut bench = Bench::new(&twin.profile()).await;
    bench.connected().await;
    assert_eq!(bench.network.stands(), [Change::PacketFilter, Change::Device, Change::NameService]);
    assert!(matches!(bench.sign_in().await, Reply::Refused(Fault { code: FaultCode::Busy, .. })));
    assert!(matches!(bench.ask(Request::Repair).await, Reply::Refused(Fault { code: FaultCode::Busy, .. })));
    assert_eq!(bench.ask(Request::SignOut).await, Reply::Accepted);
    bench.signed_out().await;
    assert_eq!(bench.network.stands(), []);
    twin.until("a sign-out", |seen| seen.sign_outs == 1).await;
    twin.seen(|seen| {
        assert_eq!(seen.sign_ins.len(), 1);
        assert_eq!(seen.sign_ins[0].client.os, std::env::consts::OS);
    });
    bench.end().await;
}

#[tokio::test]
async fn the_connection_is_opened_while_the_member_types() {
    let twin = Twin::start().await;
    let mut bench = Bench::new(&twin.profile()).await;
    assert_eq!(bench.ask(Request::Prepare).await, Reply::Accepted);
    twin.until("a connection", |seen| seen.connections == 1).await;
    bench.ask(Request::Prepare).await;
    bench.connected().await;
    assert_eq!(twin.seen(|seen| seen.connections), 1, "the opened one is used");
}

#[tokio::test]
async fn a_wrong_entry_is_told_with_the_attempts_left() {
    let twin = Twin::start().await;
    twin.answer([Answer::Problem(401, FaultCode::Refused, Some(3)), Answer::Problem(423, FaultCode::Locked, None)]);
    let mut bench = Bench::new(&twin.profile()).await;
    bench.sign_in().await;
    let refused = |state: &State| matches!(state, State::SignedOut { refused: Some(entry), .. } if entry.attempts_left == Some(3));
    bench.until("refused", refused).await;
    bench.sign_in().await;
    bench.until("locked", |state| matches!(state, State::Locked { username, .. } if username == "muster")).await;
    assert_eq!(bench.network.applied(), 0);
    // The same TAN again is not sent at all.
    bench.ask(Request::Acknowledge).await;
    bench.ask(entry("000002")).await;
    let used = |state: &State| matches!(state, State::SignedOut { refused: Some(entry), .. } if entry.fault.code == FaultCode::TanUsed);
    bench.until("used", used).await;
    assert_eq!(twin.seen(|seen| seen.sign_ins.len()), 2);
}

#[tokio::test]
async fn the_same_mistake_twice_is_told_twice() {
    let twin = Twin::start().await;
    let mut bench = Bench::new(&twin.profile()).await;
    let shape = |state: &State| matches!(state, State::SignedOut { refused: Some(entry), .. } if entry.fault.code == FaultCode::EntryShape);
    bench.ask(entry("12345")).await;
    let first = bench.until("refused", shape).await;
    bench.ask(entry("12345")).await;
    let second = bench.until("refused again", shape).await;
    assert!(second.revision > first.revision);
    assert_eq!(twin.seen(|seen| seen.connections), 0);
}

#[tokio::test]
async fn every_failure_of_the_gateway_ends_in_its_fault() {
    for (answer, code, counted) in [
        (Answer::Problem(503, FaultCode::GatewayBusy, None), FaultCode::GatewayBusy, Counted::No),
        (Answer::Problem(503, FaultCode::GatewayDatabase, None), FaultCode::GatewayDatabase, Counted::No),
        (Answer::Problem(503, FaultCode::Maintenance, None), FaultCode::Maintenance, Counted::No),
        (Answer::Problem(400, FaultCode::ClientTooOld, None), FaultCode::ClientTooOld, Counted::No),
        (Answer::Problem(403, FaultCode::AccountDisabled, None), FaultCode::AccountDisabled, Counted::Yes),
        (Answer::WideGrant, FaultCode::GrantOutsideProfile, Counted::No),
    ] {
        let twin = Twin::start().await;
        twin.answer([answer]);
        let mut bench = Bench::new(&twin.profile()).await;
        bench.sign_in().await;
        assert_eq!(bench.failed().await, (code, counted));
        assert_eq!(bench.network.applied(), 0);
        if code == FaultCode::GrantOutsideProfile {
            twin.until("a sign-out", |seen| seen.sign_outs == 1).await;
        }
        bench.ask(Request::Acknowledge).await;
        bench.connected().await;
    }
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_once_more_with_the_same_attempt() {
    let twin = Twin::start().await;
    twin.answer([Answer::Lost]);
    let mut bench = Bench::new(&twin.profile()).await;
    bench.connected().await;
    twin.seen(|seen| {
        assert_eq!(seen.sign_ins.len(), 2);
        assert_eq!(seen.sign_ins[0], seen.sign_ins[1]);
    });
}

#[tokio::test]
async fn garbage_and_silence_leave_open_whether_it_counted() {
    let twin = Twin::start().await;
    twin.answer([Answer::Garbage, Answer::Garbage]);
    let mut bench = Bench::new(&twin.profile()).await;
    bench.sign_in().await;
    assert_eq!(bench.failed().await, (FaultCode::GatewayAnswer, Counted::Unknown));
    assert_eq!(twin.seen(|seen| seen.sign_ins.len()), 2, "twice, and no more");
    // What is turned away before it is looked up says nothing about the first one.
    twin.answer([Answer::Lost, Answer::Problem(503, FaultCode::GatewayBusy, None)]);
    bench.sign_in().await;
    bench.until("signing in", |state| matches!(state, State::SigningIn { .. })).await;
    assert_eq!(bench.failed().await, (FaultCode::GatewayBusy, Counted::Unknown));
    twin.answer([Answer::Hang, Answer::Hang]);
    bench.sign_in().await;
    bench.until("signing in", |state| matches!(state, State::SigningIn { .. })).await;
    assert_eq!(bench.failed().await, (FaultCode::GatewayHangs, Counted::Unknown));
}

#[tokio::test]
async fn an_unreachable_gateway_gets_nothing() {
    let twin = Twin::start().await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut bench = Bench::new(&twin.profile().replace(&twin.address.to_string(), &free.to_string())).await;
    bench.sign_in().await;
    assert_eq!(bench.failed().await, (FaultCode::GatewayRefuses, Counted::No));
}

#[tokio::test]
async fn a_sign_in_that_is_given_up_opens_nothing() {
    let twin = Twin::start().await;
    let told = Arc::new(Notify::new());
    twin.answer([Answer::Wait(told.clone())]);
    let mut bench = Bench::new(&twin.profile()).await;
    bench.sign_in().await;
    twin.until("the entry", |seen| seen.sign_ins.len() == 1).await;
    bench.ask(Request::Cancel).await;
    bench.signed_out().await;
    // The gateway grants it all the same: the session is ended there at once.
    told.notify_one();
    twin.until("a sign-out", |seen| seen.sign_outs == 1).await;
    assert_eq!(bench.network.applied(), 0);
    bench.connected().await;
}

#[tokio::test]
async fn a_wrong_entry_that_was_given_up_is_told_all_the_same() {
    let twin = Twin::start().await;
    let told = Arc::new(Notify::new());
    twin.answer([Answer::WaitAndRefuse(told.clone(), 3)]);
    let mut bench = Bench::new(&twin.profile()).await;
    bench.sign_in().await;
    twin.until("the entry", |seen| seen.sign_ins.len() == 1).await;
    bench.ask(Request::Cancel).await;
    told.notify_one();
    let left = |state: &State| matches!(state, State::SignedOut { refused: Some(entry), .. } if entry.attempts_left == Some(3));
    bench.until("the wrong entry", left).await;
    bench.connected().await;
}

#[tokio::test]
async fn given_up_before_the_gateway_is_proven_nothing_is_sent() {
    let twin = Twin::start().await;
    twin.set_line(Line::Silent);
    let mut bench = Bench::new(&twin.profile()).await;
    bench.sign_in().await;
    twin.until("a connection", |seen| seen.connections == 1).await;
    bench.ask(Request::Cancel).await;
    bench.signed_out().await;
    twin.set_line(Line::Good);
    bench.connected().await;
    assert_eq!(twin.seen(|seen| seen.sign_ins.len()), 1);
}

#[tokio::test]
async fn a_network_that_fails_at_any_step_is_taken_back() {
    for change in [Change::PacketFilter, Change::Device, Change::NameService] {
        let twin = Twin::start().await;
        let mut bench = Bench::new(&twin.profile()).await;
        bench.network.fail_at(change, Fault::new(FaultCode::NetworkSettings, "made to fail"));
        bench.sign_in().await;
        assert_eq!(bench.failed().await.0, FaultCode::NetworkSettings, "{change:?}");
        assert_eq!(bench.network.stands(), [], "{change:?}");
        twin.until("a sign-out", |seen| seen.sign_outs == 1).await;
    }
}

#[tokio::test]
async fn a_pc_that_cannot_carry_a_session_costs_no_tan() {
    for code in [FaultCode::DiskFull, FaultCode::StateReadOnly, FaultCode::NetworksOverlap, FaultCode::Leftovers] {
        let twin = Twin::start().await;
        let mut bench = Bench::new(&twin.profile()).await;
        bench.network.be_unready(code.into());
        bench.sign_in().await;
        assert_eq!(bench.failed().await, (code, Counted::No));
        assert_eq!(twin.seen(|seen| seen.sign_ins.len()), 0);
    }
}

#[tokio::test]
async fn what_cannot_be_taken_back_is_told_and_can_be_repaired() {
    let twin = Twin::start().await;
    let mut bench = Bench::new(&twin.profile()).await;
    bench.connected().await;
    assert!(matches!(bench.ask(Request::RepairPreview).await, Reply::Refused(Fault { code: FaultCode::Busy, .. })));
    assert!(matches!(bench.ask(Request::Health).await, Reply::Health(health) if health.leftovers.is_empty()));
    bench.network.stick(Some(Change::NameService));
    bench.ask(Request::SignOut).await;
    assert_eq!(bench.failed().await.0, FaultCode::Leftovers);
    let Reply::RepairPlan(plan) = bench.ask(Request::RepairPreview).await else { panic!("no plan") };
    assert_eq!(plan.steps.iter().map(|step| step.kind).collect::<Vec<_>>(), [RepairKind::NameService]);
    let Reply::Health(health) = bench.ask(Request::Health).await else { panic!("no health") };
    assert_eq!((health.leftovers.len(), health.handshake_age), (1, None));
    assert_eq!(bench.network.stands(), [Change::NameService], "looking changes nothing");
    assert!(matches!(bench.sign_in().await, Reply::Refused(Fault { code: FaultCode::Leftovers, .. })));
    assert!(matches!(bench.ask(Request::Repair).await, Reply::Repaired(repaired) if repaired.failed.len() == 1));
    bench.network.stick(None);
    assert!(matches!(bench.ask(Request::Repair).await, Reply::Repaired(repaired) if repaired.undone == plan.steps));
    assert!(matches!(bench.ask(Request::RepairPreview).await, Reply::RepairPlan(plan) if plan.steps.is_empty()));
    bench.connected().await;
}

#[tokio::test]
async fn the_age_of_the_handshake_is_told_while_a_session_lives() {
    let twin = Twin::start().await;
    let mut bench = Bench::new(&twin.profile()).await;
    assert!(matches!(bench.ask(Request::Health).await, Reply::Health(health) if health.handshake_age.is_none()));
    bench.connected().await;
    let told = async {
        // Measured about once a second.
        loop {
            let Reply::Health(health) = bench.ask(Request::Health).await else { panic!("no health") };
            if let Some(age) = health.handshake_age {
                return age;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    let age = tokio::time::timeout(std::time::Duration::from_secs(30), told).await.unwrap();
    assert!((1..30).contains(&age), "{age}");
}

#[tokio::test]
async fn the_filter_stays_until_the_device_is_gone() {
    let twin = Twin::start().await;
    let mut bench = Bench::new(&twin.profile()).await;
    bench.connected().await;
    bench.network.stick(Some(Change::Device));
    bench.ask(Request::SignOut).await;
    assert_eq!(bench.failed().await.0, FaultCode::Leftovers);
    assert_eq!(bench.network.stands(), [Change::PacketFilter, Change::Device]);
    bench.network.stick(None);
    assert!(matches!(bench.ask(Request::Repair).await, Reply::Repaired(repaired) if repaired.failed.is_empty()));
    assert_eq!(bench.network.stands(), []);
}

#[tokio::test]
async fn a_system_that_hangs_is_a_fault_and_keeps_nobody() {
    let twin = Twin::start().await;
    let mut bench = Bench::new(&twin.profile()).await;
    bench.connected().await;
    bench.network.hang(true);
    bench.ask(Request::SignOut).await;
    assert_eq!(bench.failed().await.0, FaultCode::Leftovers);
    bench.network.hang(false);
    assert!(matches!(bench.ask(Request::Repair).await, Reply::Repaired(repaired) if repaired.failed.is_empty()));
    bench.network.hang(true);
    bench.sign_in().await;
    assert_eq!(bench.failed().await, (FaultCode::NetworkSettings, Counted::No));
    assert_eq!(twin.seen(|seen| seen.sign_ins.len()), 1, "no TAN is spent on it");
    bench.end().await;
}

#[tokio::test]
async fn a_silent_tunnel_comes_back_without_a_tan() {
    let twin = Twin::start().await;
    let mut bench = Bench::new(&twin.profile()).await;
    bench.connected().await;
    bench.network.be_silent(Some(FaultCode::TunnelNoHandshake.into()));
    bench.network.happen(Event::Woke);
    bench.until("reconnecting", |state| matches!(state, State::Reconnecting { .. })).await;
    assert!(bench.network.probes().contains(&true), "a sleep asks for a whole look");
    bench.network.be_silent(None);
    bench.until("connected", |state| matches!(state, State::Connected { .. })).await;
    assert_eq!(twin.seen(|seen| seen.sign_ins.len()), 1);
    assert_eq!(bench.network.applied(), 1, "it was never taken down");
}

#[tokio::test]
async fn a_session_that_ended_at_the_gateway_is_told_with_its_reason() {
    let twin = Twin::start().await;
    let mut bench = Bench::new(&twin.profile()).await;
    bench.connected().await;
    twin.end(EndReason::TokenLost);
    bench.network.happen(Event::Changed);
    let ended = |state: &State| matches!(state, State::SignedOut { ended: Some(ended), .. } if ended.reason == EndReason::TokenLost);
    bench.until("ended", ended).await;
    assert_eq!(bench.network.stands(), []);
}

#[tokio::test]
async fn the_word_to_stop_ends_the_session_first() {
    let twin = Twin::start().await;
    let mut bench = Bench::new(&twin.profile()).await;
    bench.connected().await;
    let network = bench.network.clone();
    bench.end().await;
    assert_eq!(network.stands(), []);
    assert_eq!(twin.seen(|seen| seen.sign_outs), 1);
}

#[tokio::test]
async fn another_profile_does_not_let_a_tan_be_sent_twice() {
    let twin = Twin::start().await;
    twin.answer([Answer::Problem(401, FaultCode::Refused, Some(3))]);
    let mut bench = Bench::new(&twin.profile()).await;
    bench.ask(entry("000001")).await;
    let refused = |state: &State| matches!(state, State::SignedOut { refused: Some(_), .. });
    bench.until("refused", refused).await;
    let other = twin.profile().replace("Muster-KV", "Andere KV in Muster");
    fs::write(bench.folder.path().join("profile.toml"), other).unwrap();
    bench.ask(entry("000001")).await;
    let used = |state: &State| matches!(state, State::SignedOut { refused: Some(entry), .. } if entry.fault.code == FaultCode::TanUsed);
    assert_eq!(bench.until("used", used).await.organisation, "Andere KV in Muster");
    assert_eq!(twin.seen(|seen| seen.sign_ins.len()), 1);
}

#[tokio::test]
async fn a_broken_profile_is_told_and_mended_without_a_restart() {
    let twin = Twin::start().await;
    let mut bench = Bench::new("organisation == 7\n").await;
    assert_eq!(bench.failed().await, (FaultCode::ProfileBroken, Counted::No));
    assert!(matches!(bench.sign_in().await, Reply::Refused(Fault { code: FaultCode::ProfileBroken, .. })));
    fs::write(bench.folder.path().join("profile.toml"), twin.profile()).unwrap();
    let mended = bench.until("mended", |state| matches!(state, State::SignedOut { .. })).await;
    assert_eq!(mended.organisation, "Muster-KV");
    bench.connected().await;
}
