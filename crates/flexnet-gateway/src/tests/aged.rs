//! What time does to the evidence: names go after their time, rows later, locks never; and a clock that ran ahead is forgiven by word only.

use std::collections::HashMap;

use super::*;
use crate::housekeeping;

const DAY: i64 = 24 * 3600;

async fn sweep(stage: &Stage) {
    housekeeping::look(&stage.gateway, &HashMap::new(), true).await.unwrap();
}

async fn verified(stage: &Stage) -> audit::Sound {
    let mut read = stage.gateway.database.read().acquire().await.unwrap();
    audit::verify(&mut read, stage.gateway.keys.audit(), &[]).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn names_go_after_ninety_days_rows_after_a_year_and_a_lock_never() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.alt").await;
    stage.enter(&mut member).await;
    for _ in 0..5 {
        stage.sign_in("m.alt", "falsch", &member.wrong()).await;
    }
    stage.sign_in("niemand.da", "falsch", "123456").await;
    let before = verified(&stage).await.number;
    stage.gateway.clock.shift(89 * DAY);
    sweep(&stage).await;
    assert!(stage.audited("attempt").await.iter().all(|row| row.subject.is_some()));
    stage.gateway.clock.shift(2 * DAY);
    sweep(&stage).await;
    let attempts = stage.audited("attempt").await;
    assert_eq!(attempts.len(), 7, "{attempts:?}");
    assert!(attempts.iter().all(|row| row.subject.is_none() && row.network.is_none()), "{attempts:?}");
    assert_eq!(verified(&stage).await.cut, 0);
    stage.gateway.clock.shift(300 * DAY);
    sweep(&stage).await;
    let sound = verified(&stage).await;
    assert!(sound.cut >= before, "{sound:?}");
    assert!(stage.audited("attempt").await.is_empty());
    assert_eq!((stage.attempts_left("m.alt").await, stage.attempts_left("niemand.da").await), (0, 4));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_ran_ahead_lets_nobody_in_until_somebody_says_so() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.uhr").await;
    stage.gateway.clock.shift(DAY);
    stage.enter(&mut member).await;
    stage.gateway.clock.shift(-DAY);
    sweep(&stage).await;
    let tan = member.press();
    assert_eq!(stage.sign_in("m.uhr", PASSWORD, &tan).await.status, 503);
    let stage = stage.restart().await;
    sweep(&stage).await;
    assert_eq!(stage.sign_in("m.uhr", PASSWORD, &tan).await.status, 503, "a restart does not forgive it");
    let mut write = stage.gateway.database.write().await.unwrap();
    audit::accept_clock(&mut write, stage.gateway.clock.now()).await.unwrap();
    write.commit().await.unwrap();
    sweep(&stage).await;
    stage.sign_in("m.uhr", PASSWORD, &tan).await.grant();
    let stage = stage.restart().await;
    stage.enter(&mut member).await;
    assert_eq!(stage.sign_in("m.uhr", PASSWORD, &tan).await.fault(), FaultCode::Refused, "spent is spent");
}
