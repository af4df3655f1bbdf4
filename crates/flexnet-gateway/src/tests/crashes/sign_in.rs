//! A sign-in by the application, and one on the page that gets a ticket.

use super::{hand_off::HandOff, *};

/// What the same attempt is told after the crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// Nothing was counted, or the success was written down: it opens, once.
    Opened,
    /// It was counted, and whether it was right will never be known.
    Wrong,
}

fn told(password: &str, step: Step) -> Told {
    let undecided = (Step::Counted..Step::Opened).contains(&step);
    if password == PASSWORD && !undecided { Told::Opened } else { Told::Wrong }
}

pub async fn keeps(crashes: &Crashes) {
    for password in [PASSWORD, "falsch"] {
        let mut member = crashes.member().await;
        crashes.enter(&mut member).await;
        let tan = member.press();
        let entry = body(&member.username, password, &tan);
        for step in crashes.steps(crashes.post(&entry)).await {
            by_the_application(crashes, password, step).await;
        }
        let tan = member.press();
        let entry = form(&member, password, &tan);
        for step in crashes.steps(crashes.page(&entry)).await {
            on_the_page(crashes, password, step).await;
        }
    }
}

async fn by_the_application(crashes: &Crashes, password: &str, step: Step) {
    let case = format!("{step:?}, {password}");
    let mut member = crashes.member().await;
    let older = crashes.enter(&mut member).await;
    let tan = member.press();
    let entry = body(&member.username, password, &tan);
    crashes.die(0, step, crashes.post(&entry)).await;

    let answer = crashes.post(&entry).await.unwrap();
    let expected = told(password, step);
    match expected {
        Told::Opened => assert_eq!(crashes.live(&member).await, [answer.grant().session_id], "{case}"),
        Told::Wrong => {
            assert_eq!((answer.fault(), answer.problem().attempts_left), (FaultCode::Refused, Some(4)), "{case}");
            assert_eq!(crashes.live(&member).await, [older.session_id], "{case}: the older session lives");
        }
    }
    is_counted_once(crashes, &member, expected, &case).await;
    let again = crashes.post(&entry).await.unwrap();
    assert_eq!((again.status, &again.body), (answer.status, &answer.body), "{case}: the same attempt");
    goes_on(crashes, &mut member, &tan, expected, &case).await;
}

async fn on_the_page(crashes: &Crashes, password: &str, step: Step) {
    let case = format!("{step:?}, {password}, on the page");
    let mut member = crashes.member().await;
    let older = crashes.enter(&mut member).await;
    let tan = member.press();
    let entry = form(&member, password, &tan);
    crashes.die(0, step, crashes.page(&entry)).await;

    let page = crashes.page(&entry).await.unwrap();
    let expected = told(password, step);
    assert_eq!(crashes.live(&member).await, [older.session_id], "{case}: the older session lives");
    is_counted_once(crashes, &member, expected, &case).await;
    let again = crashes.page(&entry).await.unwrap();
    match expected {
        Told::Opened => {
            assert_eq!(again, page, "{case}: the same attempt has the same ticket");
            let grant = HandOff::of(0, &page).to_the_end(&crashes.fleet, &case).await;
            assert_eq!(crashes.live(&member).await, [grant.session_id], "{case}");
        }
        Told::Wrong => {
            assert_eq!((page.location.as_str(), page.cookie), ("/anmelden", None), "{case}");
            assert_eq!((again.location.as_str(), again.cookie), ("/anmelden", None), "{case}");
        }
    }
    goes_on(crashes, &mut member, &tan, expected, &case).await;
}

async fn is_counted_once(crashes: &Crashes, member: &Member, expected: Told, case: &str) {
    assert_eq!(crashes.left(member).await, if expected == Told::Opened { 5 } else { 4 }, "{case}");
    assert_eq!(crashes.rows("attempt", member).await, 2, "{case}: one row each");
    assert_eq!(crashes.fleet.open().await, 0, "{case}");
}

/// Whatever the crash was, the next entry opens, and what opened or was shown in a verdict opens nothing again.
async fn goes_on(crashes: &Crashes, member: &mut Member, tan: &str, expected: Told, case: &str) {
    let fresh = crashes.enter(member).await;
    assert_eq!(fresh.failures_before, u32::from(expected == Told::Wrong), "{case}");
    let used = crashes.post(&body(&member.username, PASSWORD, tan)).await.unwrap();
    assert_eq!(used.fault(), FaultCode::Refused, "{case}: the TAN is behind the one that opened");
}
