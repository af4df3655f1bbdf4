//! Five wrong entries in a row lock, whatever was wrong in them; only the desk unlocks.

use super::*;

#[derive(Debug, Clone, Copy)]
enum Wrong {
    Tan,
    Password,
    Replay,
    Both,
}

async fn enter(stage: &Stage, member: &mut Member, wrong: Wrong) -> Answer {
    let name = member.username.clone();
    match wrong {
        Wrong::Tan => stage.sign_in(&name, PASSWORD, &member.wrong()).await,
        Wrong::Password => stage.sign_in(&name, "falsch", &member.press()).await,
        Wrong::Replay => stage.sign_in(&name, PASSWORD, &member.tans(0, 1)[0]).await,
        Wrong::Both => stage.sign_in(&name, "falsch", &member.wrong()).await,
    }
}

fn expect_lock_after_five(answers: &[Answer]) {
    for (answer, left) in answers[..4].iter().zip((1..=4).rev()) {
        assert_eq!(
            (answer.status, answer.fault(), answer.problem().attempts_left),
            (403, FaultCode::Refused, Some(left))
        );
    }
    assert_eq!(
        (answers[4].status, answers[4].fault(), answers[4].problem().attempts_left),
        (403, FaultCode::Locked, Some(0))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_entries_in_any_mix_lock() {
    use Wrong::{Both, Password, Replay, Tan};
    let stage = Stage::on(STORE).await;
    let mixes = [
        [Tan; 5],
        [Password; 5],
        [Replay; 5],
        [Tan, Password, Replay, Both, Tan],
        [Replay, Both, Password, Tan, Password],
    ];
    for (number, mix) in mixes.into_iter().enumerate() {
        let mut member = stage.member(&format!("m.mix{number}")).await;
        stage.enter(&mut member).await;
        let mut answers = Vec::new();
        for wrong in mix {
            answers.push(enter(&stage, &mut member, wrong).await);
        }
        expect_lock_after_five(&answers);
        let tan = member.press();
        assert_eq!(stage.sign_in(&member.username, PASSWORD, &tan).await.fault(), FaultCode::Locked, "{mix:?}");
        assert_eq!(stage.audited("lock").await.len(), number + 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_text_for_everything_that_can_be_wrong() {
    let stage = Stage::on(STORE).await;
    let mut names = ["m.password", "m.tan", "m.lost", "m.disabled"].into_iter();
    let mut answers = vec![stage.sign_in("niemand", "falsch", "123456").await];
    let mut next = async || stage.member(names.next().unwrap()).await;
    let mut member = next().await;
    answers.push(enter(&stage, &mut member, Wrong::Password).await);
    let mut member = next().await;
    answers.push(enter(&stage, &mut member, Wrong::Tan).await);
    let mut member = next().await;
    let mut write = stage.gateway.database.write().await.unwrap();
    tokens::lose(&mut write, "T-m.lost").await.unwrap();
    write.commit().await.unwrap();
    answers.push(stage.sign_in("m.lost", PASSWORD, &member.press()).await);
    let member = next().await;
    disable(&stage, "m.disabled").await;
    answers.push(stage.sign_in("m.disabled", PASSWORD, &member.wrong()).await);
    for answer in &answers {
        assert_eq!(answer.body, answers[0].body);
        assert_eq!(answer.fault(), FaultCode::Refused);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_account_is_told_only_after_both_factors() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.aus").await;
    disable(&stage, "m.aus").await;
    let tan = member.press();
    let answer = stage.sign_in("m.aus", PASSWORD, &tan).await;
    assert_eq!((answer.fault(), answer.problem().attempts_left), (FaultCode::AccountDisabled, Some(4)));
    let again = stage.sign_in("m.aus", PASSWORD, &tan).await;
    assert_eq!((again.fault(), again.problem().attempts_left), (FaultCode::Refused, Some(3)), "the TAN is spent");
}

async fn disable(stage: &Stage, username: &str) {
    let mut write = stage.gateway.database.write().await.unwrap();
    let account = accounts::named(&mut write, username).await.unwrap();
    accounts::set_active(&mut write, account.id, false).await.unwrap();
    write.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invented_name_locks_in_the_same_way() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.echt").await;
    let (mut known, mut invented) = (Vec::new(), Vec::new());
    for n in 0..6 {
        known.push(enter(&stage, &mut member, Wrong::Both).await);
        invented.push(stage.sign_in("niemand.da", "falsch", &format!("{:06}", 100_000 + n)).await);
    }
    for (known, invented) in known.iter().zip(&invented) {
        assert_eq!((known.status, &known.body), (invented.status, &invented.body));
        let names = |answer: &Answer| answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names(known), names(invented));
    }
    expect_lock_after_five(&invented);
    for spelling in ["NIEMAND.DA", " niemand.da ", "Niemand.Da"] {
        assert_eq!(stage.sign_in(spelling, "falsch", "123456").await.fault(), FaultCode::Locked);
    }
    let subjects: Vec<_> = stage.audited("attempt").await.into_iter().filter_map(|row| row.subject).collect();
    assert_eq!(subjects.len(), 10);
    assert!(
        subjects.iter().all(|subject| !subject.contains("niemand")),
        "people type passwords into the name: {subjects:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_desk_unlocks_and_no_restart_does() {
    let mut stage = Stage::on(STORE).await;
    let mut member = stage.member("m.neustart").await;
    let mut answers = Vec::new();
    for n in 0..5 {
        answers.push(enter(&stage, &mut member, Wrong::Tan).await);
        if n % 2 == 1 {
            stage = stage.restart().await;
        }
    }
    expect_lock_after_five(&answers);
    stage = stage.restart().await;
    let tan = member.press();
    assert_eq!(stage.sign_in(&member.username, PASSWORD, &tan).await.fault(), FaultCode::Locked);
    stage.gateway.clock.shift(10 * 24 * 3600);
    let tan = member.press();
    assert_eq!(stage.sign_in(&member.username, PASSWORD, &tan).await.fault(), FaultCode::Locked, "no timer unlocks");
    stage.unlock(&member.username).await;
    assert_eq!(stage.enter(&mut member).await.failures_before, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_entry_sets_the_count_back() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.zurueck").await;
    for _ in 0..2 {
        for left in (1..5).rev() {
            assert_eq!(enter(&stage, &mut member, Wrong::Tan).await.problem().attempts_left, Some(left));
        }
        assert_eq!(stage.enter(&mut member).await.failures_before, 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_guesses_at_once_evaluate_five() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.angriff").await;
    let guesses = (0..2000_u32).map(|n| body("m.angriff", "falsch", &format!("{:06}", (n * 487 + 11) % 1_000_000)));
    let answers = stage.burst(50, guesses.collect()).await;
    let told = |fault| answers.iter().filter(|answer| answer.fault() == fault).count();
    assert_eq!(told(FaultCode::Refused) + told(FaultCode::Locked), 2000);
    assert!(told(FaultCode::Refused) <= 4, "{} were told that they may go on", told(FaultCode::Refused));
    assert_eq!(stage.audited("attempt").await.len(), 5);
    assert_eq!(stage.audited("lock").await.len(), 1);
    let tan = member.press();
    assert_eq!(stage.sign_in("m.angriff", PASSWORD, &tan).await.fault(), FaultCode::Locked);
}
