//! The commands against a service that follows a script.

use std::io::Cursor;

use flexnet_ipc::memory;
use flexnet_protocol::{
    desk::{DeskContact, Holidays},
    local::ToClient,
    snapshot::{Carrier, Counted, Portal, Session, Step, Warning},
    text::Language,
};

use super::*;

/// What the service publishes on a request before it accepts it, or how it refuses.
type Script = Vec<(&'static str, Result<Vec<State>, FaultCode>)>;

fn snapshot(revision: u64, state: State) -> Snapshot {
    let desk = DeskContact {
        name: "IT-ServiceDesk".into(),
        phone: "0231 94 32 99 00".into(),
        phone_uri: "+4923194329900".into(),
        time_zone: "Europe/Berlin".into(),
        holidays: Holidays::None,
        hours: Vec::new(),
    };
    Snapshot {
        revision,
        version: "0.1.0".into(),
        organisation: "Muster-KV".into(),
        desk: desk.at(0),
        portal: Portal { url: "http://portal.snk.example/".into(), hosts: vec!["portal.snk.example".into()] },
        state,
    }
}

fn name(request: &Request) -> &'static str {
    match request {
        Request::Hello { .. } => "hello",
        Request::Watch => "watch",
        Request::Prepare => "prepare",
        Request::SignIn(_) => "sign_in",
        Request::Redeem { .. } => "redeem",
        Request::ConfirmIdentity { display_name: Some(name) } if name == "Dr. Martina Muster" => "confirm_identity",
        Request::ConfirmIdentity { .. } => "confirm_another_identity",
        Request::ReportTokenLost => "report_token_lost",
        Request::ResyncToken { .. } => "resync_token",
        Request::Cancel => "cancel",
        Request::Extend => "extend",
        Request::SignOut => "sign_out",
        Request::Acknowledge => "acknowledge",
        Request::Repair => "repair",
        Request::RepairPreview => "repair_preview",
        Request::Health => "health",
        Request::Events => "events",
    }
}

/// The service ends here.
const GONE: &str = "gone";

/// Runs a command against the script; what it came to. Every request must be in the script, in its order.
async fn against(
    script: Script,
    command: impl AsyncFnOnce(&Client, &mut Snapshots, &mut Show) -> anyhow::Result<Outcome>,
) -> Outcome {
    let (end, connection) = memory();
    let service = tokio::spawn(async move {
        let (mut requests, replies) = connection.split();
        let mut revision = 0;
        for (expected, outcome) in script {
            if expected == GONE {
                return;
            }
            let asked = requests.next().await.unwrap().unwrap();
            assert_eq!(name(&asked.request), expected);
            let reply = match outcome {
                Ok(states) => {
                    for state in states {
                        revision += 1;
                        replies.send(ToClient::Snapshot(Box::new(snapshot(revision, state))));
                    }
                    let is_done = matches!(asked.request, Request::ReportTokenLost | Request::ResyncToken { .. });
                    if is_done { Reply::Done } else { Reply::Accepted }
                }
                Err(code) => Reply::Refused(code.into()),
            };
            replies.send(ToClient::Reply { id: asked.id, reply });
        }
        assert!(requests.next().await.is_none(), "it asks for more");
    });
    let (client, mut snapshots) = Client::over(end).await.unwrap();
    let mut show = Show::to(Box::new(std::io::sink()), false, Language::German, jiff::tz::TimeZone::UTC);
    let outcome = match command(&client, &mut snapshots, &mut show).await {
        Ok(outcome) => outcome,
        Err(error) => crate::told(error, &mut show).unwrap(),
    };
    drop((client, snapshots));
    service.await.unwrap();
    outcome
}

async fn connects(script: Script) -> Outcome {
    against(script, async |client, snapshots, show| {
        let lines = Source::Lines(Box::new(Cursor::new("m.muster\ngeheim\n123456\n")));
        run(client, snapshots, None, lines, show).await
    })
    .await
}

async fn disconnects(script: Script) -> Outcome {
    against(script, async |client, snapshots, show| disconnect(client, snapshots, show).await).await
}

const SIGNED_OUT: State = State::SignedOut { ended: None, refused: None };
const SIGNING_IN: State = State::SigningIn { step: Step::Gateway };

fn connected() -> State {
    let session = Session {
        display_name: "Dr. Martina Muster".into(),
        started: 0,
        absolute_end: 36_000,
        failures_before: 0,
        last_sign_in: None,
        round_trip_ms: None,
        traffic: Vec::new(),
        portal_fault: None,
        idle_end: 36_000,
        warning: None,
        carrier: Carrier::Udp,
    };
    State::Connected { session }
}

fn failed(code: FaultCode) -> State {
    State::Failed { fault: code.into(), counted: Counted::No, until: None }
}

fn locked() -> State {
    State::Locked { username: "m.muster".into(), fault: FaultCode::Locked.into() }
}

fn refused(attempts_left: u8) -> State {
    let wrong = WrongEntry { fault: FaultCode::Refused.into(), attempts_left: Some(attempts_left) };
    State::SignedOut { ended: None, refused: Some(wrong) }
}

fn from(first: State, after: Vec<State>) -> Script {
    vec![("watch", Ok(vec![first])), ("prepare", Ok(vec![])), ("sign_in", Ok(after))]
}

#[tokio::test]
async fn each_outcome_has_its_exit_code() {
    for (state, outcome) in [
        (connected(), Outcome::Done),
        (refused(4), Outcome::WrongEntry),
        (locked(), Outcome::Locked),
        (failed(FaultCode::TunnelNoHandshake), Outcome::Fault),
        (SIGNED_OUT, Outcome::Fault),
    ] {
        assert_eq!(connects(from(SIGNED_OUT, vec![SIGNING_IN, state.clone()])).await, outcome, "{state:?}");
    }
}

/// A quick answer leaves only the last picture: nothing may wait for the ones before it.
#[tokio::test]
async fn an_answer_without_steps_is_enough() {
    assert_eq!(connects(from(SIGNED_OUT, vec![failed(FaultCode::GatewayRefuses)])).await, Outcome::Fault);
    assert_eq!(connects(from(refused(3), vec![refused(2)])).await, Outcome::WrongEntry);
}

#[tokio::test]
async fn a_lock_or_fault_of_before_is_acknowledged_first() {
    for before in [locked(), failed(FaultCode::GatewaySilent)] {
        let mut script = from(before, vec![connected()]);
        script.insert(1, ("acknowledge", Ok(vec![SIGNED_OUT])));
        assert_eq!(connects(script).await, Outcome::Done);
    }
    // A broken profile stays, and acknowledging it changes nothing.
    let script: Script = vec![
        ("watch", Ok(vec![failed(FaultCode::ProfileBroken)])),
        ("acknowledge", Ok(vec![])),
        ("prepare", Ok(vec![])),
        ("sign_in", Err(FaultCode::ProfileBroken)),
    ];
    assert_eq!(connects(script).await, Outcome::Fault);
}

#[tokio::test]
async fn leftovers_are_tried_once_more() {
    let mut script = from(failed(FaultCode::Leftovers), vec![connected()]);
    script.insert(1, ("acknowledge", Ok(vec![State::Ending, SIGNED_OUT])));
    assert_eq!(connects(script).await, Outcome::Done);
    let script: Script = vec![
        ("watch", Ok(vec![failed(FaultCode::Leftovers)])),
        ("acknowledge", Ok(vec![State::Ending, failed(FaultCode::Leftovers)])),
    ];
    assert_eq!(connects(script).await, Outcome::Fault);
}

#[tokio::test]
async fn a_connection_that_stands_is_enough() {
    assert_eq!(connects(vec![("watch", Ok(vec![connected()]))]).await, Outcome::Done);
}

#[tokio::test]
async fn a_sign_in_of_somebody_else_is_not_disturbed() {
    let script: Script =
        vec![("watch", Ok(vec![SIGNING_IN])), ("prepare", Ok(vec![])), ("sign_in", Err(FaultCode::Busy))];
    assert_eq!(connects(script).await, Outcome::Fault);
}

#[tokio::test]
async fn a_service_that_goes_away_is_told() {
    let mut script = from(SIGNED_OUT, vec![SIGNING_IN]);
    script.push((GONE, Ok(vec![])));
    assert_eq!(connects(script).await, Outcome::NoService);
}

#[tokio::test]
async fn disconnecting_waits_until_everything_is_taken_back() {
    let script = |after| vec![("watch", Ok(vec![connected()])), ("sign_out", Ok(vec![State::Ending, after]))];
    assert_eq!(disconnects(script(SIGNED_OUT)).await, Outcome::Done);
    assert_eq!(disconnects(script(failed(FaultCode::Leftovers))).await, Outcome::Fault);
}

#[tokio::test]
async fn extending_waits_for_the_gateway() {
    let warned = |last_minute| {
        let State::Connected { session } = connected() else { unreachable!() };
        let warning = Some(Warning { reason: EndReason::Idle, at: 600, last_minute });
        State::Connected { session: Session { idle_end: 600, warning, ..session } }
    };
    let extend = |script| against(script, async |client, snapshots, show| extend(client, snapshots, show).await);
    let script = |after| vec![("watch", Ok(vec![warned(false)])), ("extend", Ok(after))];
    assert_eq!(extend(script(vec![connected()])).await, Outcome::Done);
    // Still the same end, only nearer: that is no answer to rely on.
    assert_eq!(extend(script(vec![warned(true)])).await, Outcome::Fault);
    assert_eq!(extend(script(vec![SIGNED_OUT])).await, Outcome::Fault);
    assert_eq!(extend(vec![("watch", Ok(vec![SIGNED_OUT]))]).await, Outcome::Fault);
}

#[tokio::test]
async fn disconnecting_nothing_is_done_at_once() {
    for state in [SIGNED_OUT, locked(), failed(FaultCode::GatewaySilent)] {
        assert_eq!(disconnects(vec![("watch", Ok(vec![state]))]).await, Outcome::Done);
    }
}

const TICKET: &str = "MDEyMzQ1Njc4OWFiY2RlZg";

async fn hands_over(input: &'static str, script: Script) -> Outcome {
    against(script, async |client, snapshots, show| {
        from_browser(client, snapshots, Source::Lines(Box::new(Cursor::new(input))), show).await
    })
    .await
}

fn asked() -> State {
    State::Confirming { display_name: Some("Dr. Martina Muster".into()), digits: None, expires: 60 }
}

fn to_compare() -> State {
    State::Confirming { display_name: Some("Dr. Martina Muster".into()), digits: Some("47".into()), expires: 60 }
}

#[tokio::test]
async fn a_link_or_its_ticket_hands_a_sign_in_over_to_whom_it_belongs() {
    let script = |after| {
        vec![
            ("watch", Ok(vec![SIGNED_OUT])),
            ("redeem", Ok(vec![asked()])),
            ("confirm_identity", Ok([vec![to_compare()], after].concat())),
        ]
    };
    for input in [
        "MDEyMzQ1Njc4OWFiY2RlZg\nDr. Martina Muster\n",
        "kv-flexnet://connect?ticket=MDEyMzQ1Njc4OWFiY2RlZg\ndr. martina muster\n",
        " MDEyMzQ1Njc4OWFiY2RlZg \n Dr. Martina Muster \n",
    ] {
        assert_eq!(hands_over(input, script(vec![connected()])).await, Outcome::Done);
    }
    let over = script(vec![failed(FaultCode::HandoffRefused)]);
    assert_eq!(hands_over("MDEyMzQ1Njc4OWFiY2RlZg\nDr. Martina Muster\n", over).await, Outcome::Fault);
}

#[tokio::test]
async fn whatever_is_not_a_yes_gives_a_link_up() {
    for (input, outcome) in [
        ("MDEyMzQ1Njc4OWFiY2RlZg\nnein\n", Outcome::Fault),
        // In advance, before anybody knew whose it is.
        ("MDEyMzQ1Njc4OWFiY2RlZg\nja\n", Outcome::Fault),
        ("MDEyMzQ1Njc4OWFiY2RlZg\nDr. Martin Muster\n", Outcome::Fault),
        ("MDEyMzQ1Njc4OWFiY2RlZg\n\n", Outcome::Fault),
        (TICKET, Outcome::Usage),
    ] {
        let script =
            vec![("watch", Ok(vec![SIGNED_OUT])), ("redeem", Ok(vec![asked()])), ("cancel", Ok(vec![SIGNED_OUT]))];
        assert_eq!(hands_over(input, script).await, outcome, "{input:?}");
    }
}

#[tokio::test]
async fn where_the_gateway_tells_no_name_a_yes_is_enough() {
    let unnamed =
        |digits: Option<&str>| State::Confirming { display_name: None, digits: digits.map(str::to_owned), expires: 60 };
    let script = vec![
        ("watch", Ok(vec![SIGNED_OUT])),
        ("redeem", Ok(vec![unnamed(None)])),
        ("confirm_another_identity", Ok(vec![unnamed(Some("47")), connected()])),
    ];
    assert_eq!(hands_over("MDEyMzQ1Njc4OWFiY2RlZg\nja\n", script).await, Outcome::Done);
}

#[tokio::test]
async fn what_is_no_link_is_not_sent_and_a_session_refuses_one() {
    for input in ["", "https://flexnet.example/\n", "kv-flexnet://connect?ticket=zu-kurz\n"] {
        assert_ne!(hands_over(input, Vec::new()).await, Outcome::Done);
    }
    let script: Script = vec![("watch", Ok(vec![connected()])), ("redeem", Err(FaultCode::AlreadySignedIn))];
    assert_eq!(hands_over(TICKET, script).await, Outcome::Fault);
}

async fn loses(yes: bool, said: &'static str, script: Script) -> Outcome {
    against(script, async |client, snapshots, show| {
        let source = Source::Lines(Box::new(Cursor::new(said)));
        crate::token::report_lost(client, snapshots, yes, source, show).await
    })
    .await
}

#[tokio::test]
async fn a_lost_token_is_reported_only_after_the_word_or_yes() {
    let watch = || vec![("watch", Ok(vec![connected()]))];
    let asks = |outcome| watch().into_iter().chain([("report_token_lost", outcome)]).collect::<Script>();
    assert_eq!(loses(false, "ja\n", watch()).await, Outcome::Usage);
    assert_eq!(loses(true, "", vec![("watch", Ok(vec![SIGNED_OUT]))]).await, Outcome::Fault);
    assert_eq!(loses(true, "", asks(Err(FaultCode::GatewaySilent))).await, Outcome::Fault);
    assert_eq!(loses(false, "Sperren\n", asks(Err(FaultCode::GatewaySilent))).await, Outcome::Fault);
    assert_eq!(loses(true, "", asks(Ok(vec![SIGNED_OUT]))).await, Outcome::Done);
}

#[tokio::test]
async fn two_tans_are_two_lines() {
    let resync = |lines: &'static str, script| {
        against(script, async move |client: &Client, snapshots: &mut Snapshots, show: &mut Show| {
            crate::token::resync(client, snapshots, Source::Lines(Box::new(Cursor::new(lines))), show).await
        })
    };
    let script = |outcome| -> Script { vec![("watch", Ok(vec![connected()])), ("resync_token", outcome)] };
    assert_eq!(resync("123456\n234567\n", script(Ok(vec![]))).await, Outcome::Done);
    assert_eq!(resync("123456\n123456\n", script(Err(FaultCode::EntryShape))).await, Outcome::WrongEntry);
    assert_eq!(resync("123456\n", vec![("watch", Ok(vec![connected()]))]).await, Outcome::Usage);
    assert_eq!(resync("123456\n234567\n", vec![("watch", Ok(vec![SIGNED_OUT]))]).await, Outcome::Fault);
}
