//! The gateway dies at every step of a sign-in, is started again, and the client sends the same attempt once more. What is promised holds:
//! counted once or not at all, one row, one session or none, never a verdict that was not written down.

use super::{fleet::Fleet, *};
use crate::steps::Step;

/// What the same attempt is told after the crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// Nothing was counted, or the session was written down: it opens, once.
    Session,
    /// It was counted, and whether it was right will never be known.
    Wrong,
}

/// For an entry that is right in full; nothing if it does not come by there.
fn right(step: Step) -> Option<Told> {
    match step {
        Step::Admitted | Step::Counting | Step::Opened | Step::PeerInstalled => Some(Told::Session),
        Step::Counted
        | Step::Judged
        | Step::GuardMoved
        | Step::TanSpent
        | Step::OlderEnded
        | Step::AddressTaken
        | Step::SessionBegun
        | Step::OutcomeNoted
        | Step::Opening => Some(Told::Wrong),
        Step::Failing | Step::Failed => None,
    }
}

/// For one with a wrong password.
fn wrong(step: Step) -> Option<Told> {
    match step {
        Step::Admitted | Step::Counting | Step::Counted | Step::Judged | Step::Failing | Step::Failed => {
            Some(Told::Wrong)
        }
        Step::GuardMoved
        | Step::TanSpent
        | Step::OlderEnded
        | Step::AddressTaken
        | Step::SessionBegun
        | Step::OutcomeNoted
        | Step::Opening
        | Step::Opened
        | Step::PeerInstalled => None,
    }
}

async fn at_every_step(store: Store) {
    let fleet = Fleet::new(store, 1).await;
    let right_ones = Step::ALL.into_iter().filter_map(|step| Some((step, PASSWORD, right(step)?)));
    let wrong_ones = Step::ALL.into_iter().filter_map(|step| Some((step, "falsch", wrong(step)?)));
    for (number, (step, password, expected)) in right_ones.chain(wrong_ones).enumerate() {
        let case = format!("{step:?}, {password}");
        let mut member = fleet.member(&format!("m.fall{number}")).await;
        let (before, tan, after) = (member.press(), member.press(), member.press());
        let older = post(&fleet, &body(&member.username, PASSWORD, &before)).await.unwrap().grant();
        let entry = body(&member.username, password, &tan);

        fleet.kill(0);
        fleet.restart(0, Some(step));
        assert!(post(&fleet, &entry).await.is_none(), "{case}: it did not die there");
        fleet.wait(0);
        fleet.restart(0, None);

        let answer = post(&fleet, &entry).await.unwrap();
        let live = live(&fleet, &member.username).await;
        match expected {
            Told::Session => {
                let grant = answer.grant();
                assert_eq!(live, [grant.session_id], "{case}");
                assert_eq!(left(&fleet, &member).await, 5, "{case}");
            }
            Told::Wrong => {
                assert_eq!((answer.fault(), answer.problem().attempts_left), (FaultCode::Refused, Some(4)), "{case}");
                assert_eq!(live, [older.session_id], "{case}: the older session lives");
                assert_eq!(left(&fleet, &member).await, 4, "{case}");
            }
        }
        assert_eq!(fleet.audited("attempt", &member.username).await.len(), 2, "{case}: one row each");
        assert_eq!(fleet.open().await, 0, "{case}");
        let again = post(&fleet, &entry).await.unwrap();
        assert_eq!((again.status, &again.body), (answer.status, &answer.body), "{case}: the same attempt");

        // Whatever the crash was, the next entry opens, and what opened or was shown in a verdict opens nothing again.
        let fresh = post(&fleet, &body(&member.username, PASSWORD, &after)).await.unwrap().grant();
        assert_eq!(fresh.failures_before, u32::from(expected == Told::Wrong), "{case}");
        let used = post(&fleet, &body(&member.username, PASSWORD, &tan)).await.unwrap();
        assert_eq!(used.fault(), FaultCode::Refused, "{case}: the TAN is behind the one that opened");
    }
}

async fn post(fleet: &Fleet, body: &str) -> Option<Answer> {
    fleet.connect(fleet.addresses[0]).await?.try_post(body).await
}

async fn left(fleet: &Fleet, member: &Member) -> u8 {
    fleet.standing(&member.username).await.map_or(5, |standing| standing.attempts_left)
}

/// Live sessions of a member.
async fn live(fleet: &Fleet, username: &str) -> Vec<String> {
    let select =
        "SELECT name FROM session JOIN account ON account.id = session.account WHERE ended IS NULL AND username = $1";
    sqlx::query_scalar(select).bind(username).fetch_all(fleet.database.read()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_at_any_step_keeps_what_is_promised_on_sqlite() {
    at_every_step(Store::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_at_any_step_keeps_what_is_promised_on_postgresql() {
    at_every_step(Store::Postgres).await;
}
